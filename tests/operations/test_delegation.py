"""Delegations: they hold between their dates, end at once when revoked, and cover what they say."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.actor import Actor, Principal
from app.errors import Forbidden, NotFound, Refused
from app.models import Delegation, Document, DocumentType, Event, Person
from app.operations import delegation, files, incoming, leavers, parties
from app.operations.registry import subject_of
from app.queries import people as people_queries
from app.queries.absences import Absence, substitutes
from app.queries.actors import acting_by, delegations_for
from app.queries.delegations import papers_of
from app.queries.people import delegation_state
from app.rules.incoming import CANCEL_NUMBER
from app.rules.lifecycle import obstacles
from app.vocabulary import DelegationKind, PostKind, Power
from tests.fixtures.clock import NOW
from tests.fixtures.office import PEOPLE, SYSTEM, actor_of, pdf, registration

Actors = Callable[[PostKind], Actor]
TODAY = NOW.date()
GROUND = "Giấy ủy quyền số 12/GUQ-VP"


@pytest.fixture
def it(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


def person_id(session: Any, kind: PostKind) -> int:
    return session.scalars(select(Person.id).where(Person.full_name == PEOPLE[kind][0])).one()


def give(session: Any, it: Actor, **terms: Any) -> Delegation:
    """From the clerk to the assistant, unless the terms say otherwise."""
    return delegation.grant(
        it,
        terms.pop("kind", DelegationKind.ENTRY),
        person_id(session, terms.pop("grantor", PostKind.CLERK)),
        person_id(session, terms.pop("grantee", PostKind.ASSISTANT)),
        terms.pop("authority", GROUND),
        **terms,
    )


def assistant_by(session: Any, row: Delegation) -> Actor | None:
    return acting_by(session, actor_of(PostKind.ASSISTANT), row.id)


@pytest.mark.clause("212/17.2")
def test_what_is_done_by_a_delegation_names_both_people_on_record(session: Any, it: Actor) -> None:
    row = give(session, it)
    acting = assistant_by(session, row)
    assert acting is not None
    document = incoming.register(acting, registration())
    event = session.scalars(select(Event).where(Event.document_id == document.id)).one()
    assert (event.actor_name, event.on_behalf_of_name, event.power, event.delegation_id) == (
        PEOPLE[PostKind.ASSISTANT][0],
        PEOPLE[PostKind.CLERK][0],
        "entry",
        row.id,
    )


@pytest.mark.clause("212/17.2")
def test_a_delegation_holds_from_its_first_day_to_its_last_and_not_a_day_longer(
    session: Any, it: Actor, clock_at: Callable[[datetime], None]
) -> None:
    row = give(session, it, valid_from=TODAY + timedelta(days=2), valid_to=TODAY + timedelta(days=4))
    for days in range(7):
        clock_at(NOW + timedelta(days=days))
        assert (assistant_by(session, row) is not None) is (2 <= days <= 4), days


@pytest.mark.clause("212/17.2")
def test_the_last_day_ends_at_midnight_in_vietnam(
    session: Any, it: Actor, clock_at: Callable[[datetime], None]
) -> None:
    row = give(session, it, valid_to=TODAY)
    clock_at(datetime(2026, 12, 30, 23, 59, tzinfo=clock.VIETNAM))
    acting = assistant_by(session, row)
    assert acting is not None
    clock_at(datetime(2026, 12, 31, 0, 0, tzinfo=clock.VIETNAM))
    with pytest.raises(Forbidden, match="no longer holds"):
        incoming.register(acting, registration())


@pytest.mark.clause("212/17.2")
def test_a_revoked_delegation_ends_at_once_for_pages_that_are_open_too(session: Any, it: Actor) -> None:
    row = give(session, it)
    acting = assistant_by(session, row)
    assert acting is not None
    delegation.revoke(it, row.id)
    with pytest.raises(Forbidden, match="no longer holds"):
        incoming.register(acting, registration())
    assert session.scalars(select(Document)).all() == []
    assert assistant_by(session, row) is None
    assert delegations_for(session, person_id(session, PostKind.ASSISTANT)) == []


def test_a_delegation_is_revoked_once(session: Any, it: Actor) -> None:
    row = give(session, it)
    delegation.revoke(it, row.id)
    with pytest.raises(Refused, match="already revoked"):
        delegation.revoke(it, row.id)
    with pytest.raises(NotFound):
        delegation.revoke(it, 99_999)


@pytest.mark.clause("212/17.2")
def test_a_delegation_covers_only_the_acts_it_names(session: Any, it: Actor) -> None:
    row = give(session, it, moves=["incoming.correct"])
    acting = assistant_by(session, row)
    assert acting is not None
    with pytest.raises(Forbidden, match="does not cover"):
        incoming.register(acting, registration())


def test_nobody_gets_more_by_a_delegation_than_its_giver_has(session: Any, it: Actor) -> None:
    row = give(session, it, grantor=PostKind.SPECIALIST)
    acting = assistant_by(session, row)
    assert acting is not None
    with pytest.raises(Forbidden):
        incoming.register(acting, registration())


@pytest.mark.clause("212/17.2")
def test_a_delegation_ends_with_the_post_of_its_giver(
    session: Any, it: Actor, clock_at: Callable[[datetime], None]
) -> None:
    parties.end_post(SYSTEM, actor_of(PostKind.CLERK).posts[0].post_id, TODAY)
    row = give(session, it)
    assert assistant_by(session, row).effective_permissions  # type: ignore[union-attr]
    clock_at(NOW + timedelta(days=1))
    acting = assistant_by(session, row)
    assert acting is not None
    assert acting.effective_permissions == frozenset()
    with pytest.raises(Forbidden):
        incoming.register(acting, registration())


@pytest.mark.clause("212/17.2")
def test_nobody_acts_for_somebody_whose_account_is_closed_not_even_from_an_open_page(session: Any, it: Actor) -> None:
    row = give(session, it)
    acting = assistant_by(session, row)
    assert acting is not None
    leavers.let_go(actor_of(PostKind.OFFICE_LEADER), person_id(session, PostKind.CLERK), "Nghỉ việc ngay")
    with pytest.raises(Forbidden, match="no longer holds"):
        incoming.register(acting, registration())
    assert session.scalars(select(Document)).all() == []
    assert assistant_by(session, row) is None
    assert delegations_for(session, person_id(session, PostKind.ASSISTANT)) == []


@pytest.mark.clause("212/17.2")
def test_others_enter_for_somebody_who_never_had_an_account(session: Any, it: Actor) -> None:
    leader = parties.add_person(SYSTEM, "Nguyễn Không Máy")
    unit = actor_of(PostKind.CLERK).posts[0].unit_id
    parties.appoint(SYSTEM, leader.id, unit, PostKind.CLERK, "Văn thư", valid_from=date(2019, 7, 11))
    row = delegation.grant(
        it, DelegationKind.ENTRY, leader.id, person_id(session, PostKind.ASSISTANT), GROUND, moves=["incoming.register"]
    )
    acting = assistant_by(session, row)
    assert acting is not None
    assert incoming.register(acting, registration()).arrival_number is not None


@pytest.mark.clause("212/17.2")
def test_a_delegation_that_has_not_begun_does_nothing_yet(session: Any, it: Actor) -> None:
    row = give(session, it, valid_from=TODAY + timedelta(days=1))
    assert assistant_by(session, row) is None
    assert delegations_for(session, person_id(session, PostKind.ASSISTANT)) == []
    assistant = actor_of(PostKind.ASSISTANT)
    clerk = actor_of(PostKind.CLERK)
    forged = assistant.acting_for(
        Principal(clerk.person_id or 0, clerk.name, clerk.posts, clerk.permissions, row.id), Power.ENTRY
    )
    with pytest.raises(Forbidden, match="no longer holds"):
        incoming.register(forged, registration())


def test_authority_to_sign_is_no_entry_for_another(session: Any, it: Actor) -> None:
    row = give(session, it, kind=DelegationKind.SIGNING)
    assert assistant_by(session, row) is None


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({"authority": "  "}, ["authority"]),
        ({"authority": "x" * 501}, ["authority"]),
        ({"valid_from": date(2026, 12, 31), "valid_to": date(2026, 12, 30)}, ["valid_to"]),
        ({"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 29)}, ["valid_to"]),
        ({"moves": []}, ["moves"]),
        ({"moves": ["incoming.fly"]}, ["moves"]),
        ({"type_ids": []}, ["type_ids"]),
        ({"type_ids": [99_999]}, ["type_ids"]),
        ({"grantee": PostKind.CLERK}, ["grantee_id"]),
        ({"grantee": PostKind.CLERK, "authority": "", "moves": []}, ["grantee_id", "authority", "moves"]),
    ],
)
def test_bad_terms_are_refused_all_at_once(session: Any, it: Actor, terms: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        give(session, it, **terms)
    assert [o.field for o in caught.value.obstacles] == fields
    assert session.scalars(select(Delegation)).all() == []


def test_the_list_tells_how_each_delegation_stands(session: Any, it: Actor) -> None:
    running, later = give(session, it), give(session, it, valid_from=TODAY + timedelta(days=1))
    short = give(session, it, valid_to=TODAY)
    taken = give(session, it)
    delegation.revoke(it, taken.id)
    tomorrow = TODAY + timedelta(days=1)
    assert [delegation_state(row, TODAY) for row in (running, later, short, taken)] == [
        "in_force",
        "to_come",
        "in_force",
        "revoked",
    ]
    assert [delegation_state(row, tomorrow) for row in (later, short)] == ["in_force", "ended"]


# ── kinds of document ────────────────────────────────────────────────────────────────────────────────────────────


def type_named(session: Any, name: str) -> int:
    query = select(DocumentType.id).where(DocumentType.name == name, DocumentType.valid_to.is_(None))
    return session.scalars(query).one()


@pytest.mark.clause("212/17.2")
def test_a_delegation_for_certain_kinds_of_document_covers_no_other(session: Any, it: Actor) -> None:
    letters, decisions = type_named(session, "Công văn"), type_named(session, "Quyết định")
    acting = assistant_by(session, give(session, it, type_ids=[letters]))
    assert acting is not None
    document = incoming.register(acting, registration(type_id=str(letters)))
    with pytest.raises(Forbidden, match="does not cover this kind of document"):
        incoming.register(acting, registration(type_id=str(decisions)))
    other = incoming.register(actor_of(PostKind.CLERK), registration(type_id=str(decisions)))
    for paper, covered in ((document, True), (other, False)):
        able = not obstacles(CANCEL_NUMBER, acting, subject_of(session, acting, paper))
        assert able is covered
    with pytest.raises(Forbidden, match="does not cover this kind of document"):
        incoming.cancel_number(acting, other.id, {"reason": "Nhầm"}, expected_version=other.version)


# ── the written authority ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/17.2")
def test_the_written_authority_is_kept_with_the_delegation_or_follows_it(session: Any, it: Actor) -> None:
    upload = files.receive(it, pdf("Giay uy quyen"), "giay-uy-quyen.pdf", 10**7)
    row = give(session, it, paper=[upload.id])
    later = give(session, it)
    waiting = people_queries.delegations(session, "", state=people_queries.WITHOUT_PAPER).rows
    assert [each.id for each in waiting] == [later.id]
    for name in ("quyet-dinh.pdf", "phu-luc.pdf"):
        delegation.add_paper(it, later.id, [files.receive(it, pdf(name), name, 10**7).id])
    papers = papers_of(session, [row.id, later.id])
    assert [each.title for each in papers[row.id]] == ["giay-uy-quyen.pdf"]
    assert [each.title for each in papers[later.id]] == ["quyet-dinh.pdf", "phu-luc.pdf"]
    kept = session.get_one(Document, later.paper_id)
    assert (kept.kind, kept.state, kept.subject) == ("working_paper", "kept", GROUND)
    assert people_queries.delegations(session, "", state=people_queries.WITHOUT_PAPER).rows == []
    told = session.scalars(select(Event.params).where(Event.tag == "delegation.paper_added").order_by(Event.id)).all()
    assert [each["titles"] for each in told] == [["quyet-dinh.pdf"], ["phu-luc.pdf"]]


def test_attaching_no_paper_and_a_file_of_somebody_else_is_refused(session: Any, it: Actor) -> None:
    row = give(session, it)
    foreign = files.receive(actor_of(PostKind.CLERK), pdf(), "cua-nguoi-khac.pdf", 10**7)
    with pytest.raises(Refused, match="missing"):
        delegation.add_paper(it, row.id, [])
    with pytest.raises(Refused, match="no longer there"):
        delegation.add_paper(it, row.id, [foreign.id])
    with pytest.raises(NotFound):
        delegation.add_paper(it, 99_999, [foreign.id])


# ── who may give ─────────────────────────────────────────────────────────────────────────────────────────────────

LENDERS = (
    PostKind.ADMIN_HEAD,
    PostKind.OFFICE_LEADER,
    PostKind.HEAD_OF_DEPARTMENT,
    PostKind.SPECIALIST,
    PostKind.STANDING_COMMITTEE,
)


@pytest.mark.clause("212/7.1", "212/17.2")
@pytest.mark.parametrize("kind", LENDERS)
@pytest.mark.parametrize("what", [DelegationKind.ENTRY, DelegationKind.SUBSTITUTION])
def test_leaders_heads_and_specialists_give_and_revoke_their_own(
    session: Any, kind: PostKind, what: DelegationKind
) -> None:
    actor = actor_of(kind)
    row = give(session, actor, grantor=kind, kind=what, valid_to=TODAY + timedelta(days=3))
    assert assistant_by(session, row) is not None
    delegation.revoke(actor, row.id)
    assert assistant_by(session, row) is None


@pytest.mark.clause("212/17.2")
@pytest.mark.parametrize("kind", LENDERS)
def test_nobody_gives_or_revokes_for_another_nor_authority_to_sign_for_themselves(
    session: Any, it: Actor, kind: PostKind
) -> None:
    actor = actor_of(kind)
    row = give(session, it)
    with pytest.raises(Forbidden):
        give(session, actor)
    with pytest.raises(Forbidden):
        delegation.revoke(actor, row.id)
    with pytest.raises(Forbidden):
        delegation.add_paper(actor, row.id, [])
    with pytest.raises(Forbidden):
        give(session, actor, grantor=kind, kind=DelegationKind.SIGNING)


@pytest.mark.clause("212/17.2")
def test_what_was_delegated_is_not_delegated_on(session: Any, it: Actor) -> None:
    row = give(session, it, grantor=PostKind.OFFICE_LEADER, kind=DelegationKind.SUBSTITUTION)
    acting = assistant_by(session, row)
    assert acting is not None
    with pytest.raises(Forbidden, match="cannot be delegated on"):
        give(session, acting, grantor=PostKind.OFFICE_LEADER, grantee=PostKind.CLERK)


def test_somebody_from_outside_never_stands_in(session: Any, it: Actor) -> None:
    with pytest.raises(Refused, match="holds no post in the Office") as caught:
        give(session, it, grantee=PostKind.OUTSIDE)
    assert [o.field for o in caught.value.obstacles] == ["grantee_id"]


# ── who is away ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/17.2")
def test_who_is_away_today_is_told_with_who_stands_in(session: Any, it: Actor) -> None:
    leader, specialist = (person_id(session, kind) for kind in (PostKind.OFFICE_LEADER, PostKind.SPECIALIST))
    away = {"kind": DelegationKind.SUBSTITUTION, "grantor": PostKind.OFFICE_LEADER}
    until = TODAY + timedelta(days=5)
    give(session, it, **away, grantee=PostKind.HEAD_OF_DEPARTMENT, valid_to=until)
    give(session, it, **away, valid_from=TODAY + timedelta(days=1))
    delegation.revoke(it, give(session, it, **away).id)
    give(session, it, grantor=PostKind.SPECIALIST)  # entry for another is no absence
    head = person_id(session, PostKind.HEAD_OF_DEPARTMENT)
    assert substitutes(session, [leader, specialist]) == {
        leader: Absence(TODAY, until, PEOPLE[PostKind.HEAD_OF_DEPARTMENT][0], head)
    }
    assert substitutes(session, []) == {}


@pytest.mark.clause("212/17.1", "212/17.2")
@pytest.mark.parametrize("kind", [kind for kind in PostKind if kind != PostKind.IT_CENTRE])
def test_only_the_it_centre_gives_and_revokes_for_others(
    session: Any, it: Actor, actor_for_kind: Actors, kind: PostKind
) -> None:
    row = give(session, it)
    with pytest.raises(Forbidden):
        give(session, actor_for_kind(kind))
    with pytest.raises(Forbidden):
        delegation.revoke(actor_for_kind(kind), row.id)
