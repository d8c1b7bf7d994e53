"""Fields of work and prescribed terms, as the IT centre and the archivist keep them (212/4.4)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Refused
from app.models import DeadlineRule, Document, DocumentType, Event, WorkField
from app.operations import catalogue, incoming
from app.queries.catalogues import values_of
from app.queries.choices import choices
from app.reference.work_fields import WORK_FIELDS
from app.vocabulary import PostKind
from tests.fixtures.office import actor_of, registration

pytestmark = pytest.mark.clause("212/4.4")

START = date(2026, 1, 1)
Actors = Callable[[PostKind], Actor]


@pytest.fixture
def it(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


def term(**changes: Any) -> dict[str, Any]:
    given = {"name": "Trả lời kiến nghị", "days": 15, "counting": "working", "basis": "Luật 1", "valid_from": START}
    return {**given, "type_id": "", "field_id": "", "valid_to": None, **changes}


def refusal(action: Callable[[], Any]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        action()
    return [(each.field, each.code) for each in caught.value.obstacles]


def test_an_office_starts_with_fields_of_work_and_without_prescribed_terms(session: Any) -> None:
    fields = session.scalars(select(WorkField).order_by(WorkField.ordinal)).all()
    assert [each.name for each in fields] == [row.name for row in WORK_FIELDS]
    assert session.scalars(select(DeadlineRule)).all() == []


@pytest.mark.parametrize("kind", [PostKind.IT_CENTRE, PostKind.ARCHIVIST])
def test_a_term_is_kept_with_what_it_is_about_and_told_by_names(session: Any, it: Actor, kind: PostKind) -> None:
    kind_of = session.scalars(select(DocumentType).limit(1)).one()
    field = session.scalars(select(WorkField).limit(1)).one()
    made = catalogue.save(
        actor_of(kind), "deadline_rule", None, term(type_id=str(kind_of.id), field_id=str(field.id), days=10)
    )
    assert (made.type, made.field, made.days) == (kind_of, field, 10)
    changes = session.scalars(select(Event).where(Event.subject_type == "deadline_rule")).one().params["changes"]
    assert changes["type_id"] == [None, kind_of.name]
    assert changes["field_id"] == [None, field.name]
    assert values_of(session, "deadline_rule", made)["type_id"] == str(kind_of.id)


def test_a_term_is_about_a_type_or_a_field(session: Any, it: Actor) -> None:
    assert refusal(lambda: catalogue.save(it, "deadline_rule", None, term())) == [("type_id", "missing")]


@pytest.mark.parametrize("chosen", ["0", "999999", "x", "9" * 30])
def test_a_type_that_is_not_there_is_refused(session: Any, it: Actor, chosen: str) -> None:
    refused = refusal(lambda: catalogue.save(it, "deadline_rule", None, term(type_id=chosen)))
    assert refused == [("type_id", "no_choice")]


@pytest.mark.parametrize("days", [0, 366])
def test_a_term_has_from_one_to_365_days(session: Any, it: Actor, days: int) -> None:
    field = session.scalars(select(WorkField).limit(1)).one()
    refused = refusal(lambda: catalogue.save(it, "deadline_rule", None, term(field_id=str(field.id), days=days)))
    assert refused == [("days", "no_number")]


def test_what_a_term_is_about_can_be_taken_back_while_the_other_stays(session: Any, it: Actor) -> None:
    kind_of = session.scalars(select(DocumentType).limit(1)).one()
    field = session.scalars(select(WorkField).limit(1)).one()
    given = term(type_id=str(kind_of.id), field_id=str(field.id))
    made = catalogue.save(it, "deadline_rule", None, given)
    catalogue.save(it, "deadline_rule", made.id, {**given, "field_id": ""})
    assert made.field_id is None


def test_two_fields_of_one_name_never_hold_at_once_and_one_after_the_other_is_the_same_field(
    session: Any, it: Actor
) -> None:
    first = catalogue.save(it, "work_field", None, {"name": "Biển đảo", "valid_from": START})
    again = {"name": "biển đảo", "valid_from": date(2026, 7, 1)}
    assert refusal(lambda: catalogue.save(it, "work_field", None, again)) == [("name", "refused")]
    catalogue.save(it, "work_field", first.id, {"name": "Biển đảo", "ordinal": 17, "valid_from": START,
                                                "valid_to": date(2026, 6, 30)})  # fmt: skip
    assert catalogue.save(it, "work_field", None, again).code == first.code == "bien_dao"


def test_another_field_whose_name_gives_a_taken_code_gets_its_own(session: Any, it: Actor) -> None:
    first = catalogue.save(it, "work_field", None, {"name": "Biển đảo", "valid_from": START})
    other = catalogue.save(it, "work_field", None, {"name": "Biên, đảo", "valid_from": START})
    assert (first.code, other.code) == ("bien_dao", "bien_dao-2")


def test_a_closed_field_is_offered_no_longer_and_stays_with_its_documents(
    session: Any, it: Actor, actor_for_kind: Actors
) -> None:
    value, name = choices(session, "work_fields")[0]
    document = incoming.register(actor_for_kind(PostKind.CLERK), registration(field_id=value))
    row = session.get_one(WorkField, int(value))
    closing = {**values_of(session, "work_field", row), "valid_to": date(2026, 12, 29)}
    catalogue.save(it, "work_field", row.id, closing)
    assert value not in dict(choices(session, "work_fields"))
    assert session.get_one(Document, document.id).field.name == name


def test_a_field_is_optional_at_registration_and_must_be_one_of_the_list(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    assert incoming.register(clerk, registration()).field_id is None
    assert refusal(lambda: incoming.register(clerk, registration(field_id="999999"))) == [("field_id", "no_choice")]
