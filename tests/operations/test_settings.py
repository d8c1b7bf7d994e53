"""Settings: checked together, saved together, on record; a lost race is noticed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.errors import Forbidden, Refused, Stale
from app.models import Event
from app.operations import accounts, parties, settings
from app.queries.settings import setting
from app.queries.settings import settings as current
from app.vocabulary import PostKind

Actors = Callable[[PostKind], Actor]


@pytest.fixture
def it(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


def as_typed(session: Any, **changes: str) -> dict[str, str]:
    return {**{name: str(value) for name, value in current(session).items()}, **changes}


@pytest.mark.clause("212/17.1")
def test_only_what_changed_is_saved_and_on_record(session: Any, it: Actor) -> None:
    changed = settings.change(it, as_typed(session, default_working_days="10"))
    assert changed == {"default_working_days": 10}
    assert setting(session, "default_working_days") == 10
    event = session.scalars(select(Event).where(Event.tag == "setting.changed")).one()
    assert (event.subject_id, event.params) == ("default_working_days", {"before": 7, "after": 10})
    assert settings.change(it, as_typed(session)) == {}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("default_working_days", "bảy"),
        ("default_working_days", ""),
        ("default_working_days", "0"),
        ("default_working_days", "91"),
        ("password_profile", "NONE"),
        ("office_name", "   "),
        ("organisation_code", "0" * 14),
    ],
)
def test_a_bad_value_is_refused_beside_its_field_and_nothing_is_saved(
    session: Any, it: Actor, name: str, typed: str
) -> None:
    before = current(session)
    with pytest.raises(Refused) as caught:
        settings.change(it, as_typed(session, parent_name="Cơ quan khác", **{name: typed}))
    assert [o.field for o in caught.value.obstacles] == [name]
    assert current(session) == before


def test_a_setting_that_changed_meanwhile_is_not_overwritten(session: Any, it: Actor) -> None:
    seen = as_typed(session)
    settings.change(it, as_typed(session, default_working_days="9"), seen=seen)
    with pytest.raises(Stale):
        settings.change(it, as_typed(session, default_working_days="12"), seen=seen)
    assert setting(session, "default_working_days") == 9


def test_the_password_profile_decides_at_the_next_password(session: Any, it: Actor) -> None:
    settings.change(it, as_typed(session, password_profile="ASVS"))
    person = parties.add_person(it, "Phạm Thị Mới")
    with pytest.raises(Refused, match="at least 15"):
        accounts.open_account(it, person.id, "moipt", "Abcdef1!")
    accounts.open_account(it, person.id, "moipt", "một câu dài dễ nhớ")


@pytest.mark.clause("212/17.1")
@pytest.mark.parametrize("kind", [kind for kind in PostKind if kind != PostKind.IT_CENTRE])
def test_only_the_it_centre_changes_settings(session: Any, actor_for_kind: Actors, kind: PostKind) -> None:
    with pytest.raises(Forbidden):
        settings.change(actor_for_kind(kind), as_typed(session, default_working_days="10"))
