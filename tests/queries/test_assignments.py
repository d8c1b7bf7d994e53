"""Lists of work: whose they are, their order and filters, and the overview of who holds what."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.actor import Actor, HeldPost, Principal
from app.models import Assignment
from app.operations import assignments, handling, terms
from app.queries import assignments as work
from app.queries.assignments import NO, TO_DO, WHOLE_UNIT, YES, Scope
from app.queries.holdings import assignment_subject
from app.queries.listing import ListQuery
from app.rules.lifecycle import Relation
from app.vocabulary import AssignmentKind, PostKind, Power
from tests.fixtures.office import REGISTRY, actor_of
from tests.fixtures.settling import DUE, ECONOMY, TODAY, Desk, colleague, person, person_id, unit, unit_id

Actors = Callable[[PostKind], Actor]
SPECIALIST, HEAD, LEADER, CLERK = (
    PostKind.SPECIALIST,
    PostKind.HEAD_OF_DEPARTMENT,
    PostKind.OFFICE_LEADER,
    PostKind.CLERK,
)
HELPS, KNOWS = AssignmentKind.COORDINATE, AssignmentKind.INFORM


def listed(session: Session, actor: Actor, **given: str) -> list[int]:
    """Ids of the assignments that an address shows."""
    return [row.id for row in work.page(session, actor, work.query_of(given)).rows]


def test_ones_own_work_is_what_one_was_given_and_what_a_unit_that_one_heads_was_given(desk: Desk) -> None:
    document = desk.assigned(person(SPECIALIST), unit(HELPS))
    session = desk.session
    whole = next(each for each in desk.parts(document) if each.person_id is None)
    assert listed(session, actor_of(SPECIALIST)) == [desk.part(document, SPECIALIST).id]
    assert listed(session, actor_of(HEAD)) == [whole.id]
    assert listed(session, actor_of(PostKind.ASSISTANT)) == []


@pytest.mark.clause("212/7.2")
def test_a_head_sees_the_work_of_everybody_in_the_unit_and_of_nobody_elsewhere(desk: Desk) -> None:
    inside = desk.parts(desk.assigned(person(SPECIALIST)))[0]
    desk.assigned(person(PostKind.ASSISTANT))
    assert listed(desk.session, actor_of(HEAD), scope="unit") == [inside.id]
    assert work.scope_meant(actor_of(SPECIALIST), "unit") == Scope.MINE


def test_what_was_given_stands_with_who_gave_it_until_it_is_done(desk: Desk) -> None:
    document = desk.assigned(person(SPECIALIST), person(PostKind.ASSISTANT, KNOWS))
    lead, known = desk.part(document, SPECIALIST), desk.part(document, PostKind.ASSISTANT)
    assert set(listed(desk.session, actor_of(LEADER), scope="given")) == {lead.id, known.id}
    assignments.acknowledge(actor_of(PostKind.ASSISTANT), known.id, {})
    assert listed(desk.session, actor_of(LEADER), scope="given") == [lead.id]
    assert listed(desk.session, actor_of(PostKind.ASSISTANT), scope="finished") == [known.id]


@pytest.mark.clause("212/16.1.h")
@pytest.mark.parametrize("kind", list(PostKind), ids=str)
def test_the_work_of_the_whole_office_is_seen_by_registry_leaders_and_managers_alone(
    desk: Desk, kind: PostKind
) -> None:
    desk.assigned(person(SPECIALIST), person(PostKind.ASSISTANT, HELPS))
    every = kind in {CLERK, PostKind.ADMIN_HEAD, LEADER, PostKind.STANDING_COMMITTEE, PostKind.MANAGER}
    assert (Scope.ALL in work.scopes_of(actor_of(kind))) == every
    rows = desk.session.scalars(work.work_query(desk.session, actor_of(kind), Scope.ALL)).all()
    assert len(rows) == (2 if every else 0)


@pytest.mark.clause("212/16.2.a")
def test_somebody_outside_the_office_has_no_list_of_work(desk: Desk) -> None:
    desk.assigned()
    for scope in Scope:
        assert not desk.session.scalars(work.work_query(desk.session, actor_of(PostKind.OUTSIDE), scope)).all()


@pytest.mark.clause("212/17.2")
def test_whoever_acts_for_another_has_the_work_of_the_other(desk: Desk) -> None:
    part = desk.part(desk.assigned(), SPECIALIST)
    owner = actor_of(SPECIALIST)
    lent = Principal(person_id(SPECIALIST), owner.name, owner.posts, owner.permissions, 1)
    acting = actor_of(PostKind.ASSISTANT).acting_for(lent, Power.ENTRY)
    assert listed(desk.session, acting) == [part.id]


@pytest.mark.clause("212/17.2")
def test_a_delegation_for_one_unit_shows_the_work_of_that_unit_alone(desk: Desk) -> None:
    part = desk.part(desk.assigned(), SPECIALIST)
    desk.assigned(unit())
    owner, leader = actor_of(SPECIALIST), actor_of(LEADER)
    here = replace(owner.posts[0], unit_id=part.unit_id)
    elsewhere = replace(here, unit_id=unit_id(REGISTRY))
    assistant = actor_of(PostKind.ASSISTANT)

    def acting(who: Actor, *posts: HeldPost) -> Actor:
        lent = Principal(who.person_id or 0, who.name, posts, who.permissions, 1, one_unit=True)
        return assistant.acting_for(lent, Power.ENTRY)

    assert listed(desk.session, acting(owner, here)) == [part.id]
    assert listed(desk.session, acting(owner, elsewhere)) == []
    whole_office = replace(leader.posts[0], unit_id=unit_id("Văn phòng"))
    assert len(listed(desk.session, acting(leader, whole_office), scope="given")) == 2
    for posts, decides in (((whole_office,), True), ((here,), True), ((elsewhere,), False)):
        given = listed(desk.session, acting(leader, *posts), scope="given")
        assert (part.id in given) == decides
        relations = assignment_subject(desk.session, acting(leader, *posts), part).relations
        assert (Relation.ASSIGNER in relations) == decides


@pytest.mark.clause("212/17.2")
def test_a_delegation_for_certain_kinds_of_document_shows_the_work_on_these_alone(desk: Desk) -> None:
    part = desk.part(desk.assigned(), SPECIALIST)
    owner, kind = actor_of(SPECIALIST), part.document.type_id
    for types, expected in (({kind}, [part.id]), ({kind + 10_000}, [])):
        lent = Principal(owner.person_id or 0, owner.name, owner.posts, owner.permissions, 1, None, frozenset(types))
        acting = actor_of(PostKind.ASSISTANT).acting_for(lent, Power.ENTRY)
        assert listed(desk.session, acting) == expected
        assert listed(desk.session, acting, q=part.document.subject) == expected


def test_the_earliest_deadline_comes_first_and_none_comes_last_on_every_page(desk: Desk) -> None:
    made = []
    for days in (9, 2, None, 5, 2):
        document = desk.assigned(person(PostKind.ASSISTANT), person(SPECIALIST, KNOWS))
        part = desk.part(document, SPECIALIST)
        part.due_on = TODAY + timedelta(days=days) if days is not None else None
        made.append(part)
    desk.session.flush()
    expected = [made[at].id for at in (1, 4, 3, 0, 2)]
    assert listed(desk.session, actor_of(SPECIALIST)) == expected
    found, after = [], ""
    while True:
        query = ListQuery(descending=False, size=2, after=after)
        page = work.page(desk.session, actor_of(SPECIALIST), query)
        assert page.total == 5
        found += [row.id for row in page.rows]
        if page.next is None:
            break
        after = page.next
    assert found == expected


@pytest.fixture
def standings(desk: Desk) -> Mapping[str, int]:
    """The specialist's parts by how their deadline stands."""
    found = {}
    for name, days in (("late", -1), ("today", 0), ("soon", 1), ("in_time", 60)):
        found[name] = desk.part(desk.assigned(), SPECIALIST)
        found[name].due_on = TODAY + timedelta(days=days)
    found["suspended"] = desk.part(desk.assigned(), SPECIALIST)
    terms.suspend(actor_of(SPECIALIST), found["suspended"].id, {"waiting_for": "Sở Tài chính"})
    found["suspended"].due_on = TODAY - timedelta(days=3)
    found["known"] = desk.part(desk.assigned(unit(), person(SPECIALIST, KNOWS)), SPECIALIST)
    found["known"].due_on = TODAY - timedelta(days=3)
    desk.session.flush()
    return {name: part.id for name, part in found.items()}


@pytest.mark.clause("212/16.1.h")
@pytest.mark.parametrize(
    ("stand", "expected"),
    [
        ("late", {"late"}),
        ("soon", {"today", "soon"}),
        ("in_time", {"in_time"}),
        ("none", {"suspended", "known"}),
        ("never", set()),
    ],
)
def test_a_deadline_is_late_or_soon_while_it_runs_and_only_then(
    desk: Desk, standings: Mapping[str, int], stand: str, expected: set[str]
) -> None:
    found = listed(desk.session, actor_of(SPECIALIST), stand=stand)
    assert set(found) == {standings[name] for name in expected}


def test_filters_say_what_is_suspended_new_asked_for_passed_on_and_of_which_part(desk: Desk) -> None:
    session, specialist = desk.session, actor_of(SPECIALIST)
    whole = desk.parts(desk.assigned(unit()))[0]
    assignments.pass_on(actor_of(HEAD), whole.id, {"assignees": [person(SPECIALIST)]})
    below = desk.part(whole.document, SPECIALIST)
    other = desk.part(desk.assigned(), SPECIALIST)
    terms.ask_extension(specialist, other.id, {"due_on": DUE + timedelta(days=3), "reason": "Chờ"})
    known = desk.part(desk.assigned(unit(), person(SPECIALIST, KNOWS)), SPECIALIST)
    assert set(listed(session, specialist, asked=YES)) == {other.id}
    assert set(listed(session, specialist, asked=NO)) == {below.id, known.id}
    assert set(listed(session, specialist, part="inform")) == {known.id}
    assert set(listed(session, specialist, part=TO_DO)) == {below.id, other.id}
    assert whole.id in listed(session, actor_of(HEAD), passed_on=YES)
    assert whole.id not in listed(session, actor_of(HEAD), passed_on=NO)
    everybody = actor_of(LEADER)
    assert set(listed(session, everybody, scope="all", person_id=str(person_id(SPECIALIST)))) == {
        *(below.id, other.id, known.id)
    }
    whole_units = listed(session, everybody, scope="all", person_id=WHOLE_UNIT, unit_id=str(unit_id(ECONOMY)))
    assert whole.id in whole_units
    assert below.id not in whole_units
    assert set(listed(session, specialist, new=YES)) == {below.id, other.id, known.id}
    assert listed(session, specialist, passed_on="perhaps") == []


def test_words_find_work_by_its_document(desk: Desk) -> None:
    desk.assigned()
    found = desk.presented(desk.registered(subject="Về việc nạo vét rạch Xuyên Tâm"))

    handling.assign(actor_of(LEADER), found.id, {"assignees": [person(SPECIALIST)], "due_on": DUE})
    assert listed(desk.session, actor_of(SPECIALIST), q="rach xuyen tam") == [desk.part(found, SPECIALIST).id]


def test_from_a_row_one_goes_to_its_neighbours_and_on_when_it_has_left_the_list(desk: Desk) -> None:
    session, specialist = desk.session, actor_of(SPECIALIST)
    parts: list[Assignment] = []
    for days in (1, 2, 3):
        parts.append(desk.part(desk.assigned(), SPECIALIST))
        parts[-1].due_on = TODAY + timedelta(days=days)
    session.flush()
    place = work.neighbours_of(session, specialist, "/work/", parts[1].id)
    assert place is not None
    assert (place.previous, place.next) == (parts[0].id, parts[2].id)
    assert (place.position, place.total) == (2, 3)
    assert work.neighbours_of(session, specialist, "/work/?part=inform", parts[1].id) is None
    assignments.give_back(specialist, parts[1].id, {"reason": "Không thuộc phòng"})
    assert work.neighbours_of(session, specialist, "/work/", parts[1].id) is None
    assert work.next_of(session, specialist, "/work/", parts[1].id) == parts[2].id
    assert work.next_of(session, specialist, "/work/", parts[2].id) == parts[0].id
    assert work.next_of(session, specialist, "/work/?part=inform", parts[1].id) is None


def test_the_way_on_is_found_in_the_order_of_an_index_and_nothing_is_sorted(desk: Desk) -> None:
    session, leader = desk.session, actor_of(LEADER)
    part = desk.part(desk.assigned(), SPECIALIST)
    desk.assigned()
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, given: Any, *_: Any) -> None:
        seen.append((statement, given))

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert work.next_of(session, leader, "/work/?scope=all", part.id) is not None
        assert work.next_of(session, leader, "/work/?scope=all&dir=desc", part.id) is not None
    finally:
        event.remove(engine, "before_cursor_execute", note)
    ordered = [(statement, given) for statement, given in seen if "ORDER BY" in statement]
    assert ordered
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    for statement, given in ordered:
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", given).scalars())
        assert "Sort" not in plan, plan


@pytest.mark.clause("212/16.1.h", "212/16.1.i")
def test_each_figure_of_who_holds_what_equals_the_list_it_opens(desk: Desk, standings: Mapping[str, int]) -> None:
    session, leader = desk.session, actor_of(LEADER)
    assert standings
    other = colleague("Ngô Hải Yến")
    row: dict[str, Any] = {"unit_id": None, "person_id": other.person_id, "kind": "lead", "due_on": None}
    whole = desk.parts(desk.assigned(unit()))[0]
    assignments.pass_on(actor_of(HEAD), whole.id, {"assignees": [row]})
    desk.assigned(unit())
    found = work.loads(session, leader, work.follow_scope(leader))
    assert sum(each.in_hand for each in found) == len(listed(session, leader, scope="all", **work.FOLLOWED))
    for each in found:
        whose = {"unit_id": str(each.unit_id), "person_id": str(each.person_id) if each.person_id else WHOLE_UNIT}
        given = {"scope": "all", **work.FOLLOWED, **whose}
        assert each.in_hand == len(listed(session, leader, **given))
        assert each.late == len(listed(session, leader, **given, stand="late"))
        assert each.soon == len(listed(session, leader, **given, stand="soon"))
        assert each.suspended == len(listed(session, leader, **given, state="suspended"))
    assert {each.person_id for each in found} >= {person_id(SPECIALIST), other.person_id, None}
    held = next(each for each in found if each.person_id == person_id(SPECIALIST))
    assert held.earliest == TODAY - timedelta(days=1)


def test_a_head_follows_the_own_units(desk: Desk) -> None:
    desk.assigned(person(PostKind.ASSISTANT))
    part = desk.part(desk.assigned(), SPECIALIST)
    head = actor_of(HEAD)
    found = work.loads(desk.session, head, work.follow_scope(head))
    assert [(each.unit_id, each.person_id) for each in found] == [(part.unit_id, part.person_id)]
