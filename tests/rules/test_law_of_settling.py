"""Settling: who may do what in which state, written down by hand from articles 7, 8, 16 and 17 of the Decision."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from app.actor import Actor, HeldPost, Principal
from app.rules import assignments, handling
from app.rules.handling import Assignee, Holding, assignee_obstacles, document_relations
from app.rules.lifecycle import Lifecycle, Relation, Subject, obstacles, permission_key
from app.rules.permissions import ROLES_OF_POSTS, STARTING_ROLES
from app.vocabulary import AssignmentKind, AssignmentState, HandlingState, PostKind, Power

H, A, R = HandlingState, AssignmentState, Relation
REGISTRY = {R.REGISTRY_CLERK, R.REGISTRY_HEAD}

LAW_OF_HANDLING: dict[str, tuple[set[Relation], set[HandlingState]]] = {
    "handling.present": (REGISTRY, {H.PENDING, H.PRESENTED}),
    "handling.decline": ({R.IN_CHARGE}, {H.PRESENTED}),
    "handling.assign": ({R.IN_CHARGE}, {H.PRESENTED}),
    "handling.route": (REGISTRY, {H.PENDING, H.PRESENTED, H.ASSIGNED}),
    "handling.reassign": ({R.IN_CHARGE}, {H.ASSIGNED}),
    "handling.withdraw": ({R.IN_CHARGE}, {H.ASSIGNED}),
    "handling.file": ({R.LEAD}, {H.ASSIGNED}),
    "handling.transfer": ({R.LEAD}, {H.ASSIGNED}),
    "handling.return_to_sender": ({R.LEAD}, {H.ASSIGNED}),
    "handling.process": ({R.LEAD}, {H.ASSIGNED}),
    "handling.complete": ({R.LEAD}, {H.ANSWERING}),
    "handling.revise": ({R.LEAD}, {H.ANSWERING}),
    "handling.reopen": ({R.IN_CHARGE, R.REGISTRY_HEAD}, {H.ANSWERING, H.SETTLED}),
}
"""Act on the document → (who may, where it begins)."""

DOES = {R.LEAD, R.COORDINATOR}
GIVES = {R.ASSIGNER, R.IN_CHARGE}
HOLDS = {R.LEAD, R.COORDINATOR, R.INFORMED, R.HEAD}
LAW_OF_ASSIGNMENTS: dict[str, tuple[set[Relation], set[AssignmentState]]] = {
    "assignment.pass_on": ({R.HEAD}, {A.OPEN}),
    "assignment.ask": ({*DOES, R.HEAD}, {A.OPEN}),
    "assignment.opine": ({*HOLDS, *GIVES}, {A.OPEN, A.SUSPENDED}),
    "assignment.contribute": ({R.COORDINATOR}, {A.OPEN}),
    "assignment.acknowledge": ({R.INFORMED}, {A.OPEN}),
    "assignment.give_back": (DOES, {A.OPEN}),
    "assignment.take_back": (GIVES, {A.OPEN, A.SUSPENDED}),
    "assignment.ask_extension": ({*DOES, R.HEAD}, {A.OPEN}),
    "assignment.grant_extension": ({R.DECIDER}, {A.OPEN, A.SUSPENDED}),
    "assignment.refuse_extension": ({R.DECIDER}, {A.OPEN, A.SUSPENDED}),
    "assignment.change_deadline": (GIVES, {A.OPEN}),
    "assignment.suspend": ({R.LEAD}, {A.OPEN}),
    "assignment.resume": ({R.LEAD}, {A.SUSPENDED}),
    "assignment.chase": ({*GIVES, *REGISTRY}, {A.OPEN, A.SUSPENDED}),
    "assignment.restore": ({*HOLDS, *GIVES}, {A.DONE, A.GIVEN_BACK}),
}

LAW_OF_SETTLING: list[tuple[Relation, str, str, bool]] = [
    (relation, str(state), move, relation in who and state in where)
    for law, states in ((LAW_OF_HANDLING, HandlingState), (LAW_OF_ASSIGNMENTS, AssignmentState))
    for move, (who, where) in law.items()
    for relation in Relation
    for state in states
]
"""(relation, state, move, may): every relation × state × move."""

LIFECYCLES: dict[str, Lifecycle] = {each.noun: each for each in (handling.LIFECYCLE, assignments.LIFECYCLE)}
EVERYTHING = frozenset(
    permission_key(each.noun, move.verb) for each in LIFECYCLES.values() for move in each.moves.values()
)
OFFICE, ECONOMY, LAW = 1, 4, 5


@pytest.mark.clause(
    "212/7.1", "212/7.2", "212/8.2.1", "212/8.2.2", "212/8.2.3", "212/8.2.4", "212/16.1.i", "212/16.2.b"
)
@pytest.mark.parametrize(("relation", "state", "move", "ok"), LAW_OF_SETTLING)
def test_a_relation_may_make_a_move_in_a_state_just_as_the_law_says(
    relation: Relation, state: str, move: str, ok: bool
) -> None:
    noun, _, verb = move.partition(".")
    who = Actor(1, 1, "Người", permissions=EVERYTHING)
    assert (not obstacles(LIFECYCLES[noun][verb], who, Subject(state, frozenset({relation})))) is ok


def test_the_tables_leave_no_case_of_settling_out() -> None:
    expected = [
        (relation, str(state), move.name)
        for each in LIFECYCLES.values()
        for relation, state, move in product(Relation, each.states, each.moves.values())
    ]
    assert sorted((r, s, m) for r, s, m, _ in LAW_OF_SETTLING) == sorted(expected)


# ── who is what ──────────────────────────────────────────────────────────────────────────────────────────────────


def somebody(kind: PostKind, person: int, unit: int = ECONOMY) -> Actor:
    """A person in one post, with the role it brings from the first day."""
    post = HeldPost(person, kind, "Chức danh", unit, "Đơn vị", (unit, OFFICE), ours=kind != PostKind.OUTSIDE)
    grants = STARTING_ROLES[ROLES_OF_POSTS[kind]]
    return Actor(person, person, "Người", (post,), frozenset(permission_key(*each) for each in grants))


def for_another(helper: Actor, principal: Actor, *moves: str) -> Actor:
    """The helper, using a delegation of the principal."""
    assert principal.person_id is not None
    behalf = Principal(
        principal.person_id, principal.name, principal.posts, principal.permissions, 7, frozenset(moves) or None
    )
    return helper.acting_for(behalf, Power.ENTRY)


LEADER = somebody(PostKind.OFFICE_LEADER, 10, OFFICE)
HEAD = somebody(PostKind.HEAD_OF_DEPARTMENT, 20)
SPECIALIST = somebody(PostKind.SPECIALIST, 30)
ASSISTANT = somebody(PostKind.ASSISTANT, 40)
UNIT_LEADS = Holding(1, None, AssignmentKind.LEAD, ECONOMY, None, 10)
PERSON_LEADS = Holding(2, 1, AssignmentKind.LEAD, ECONOMY, 30, 20)


def on_document(who: Actor, presented_to: int | None, held: Iterable[Holding] = ()) -> frozenset[Relation]:
    return document_relations(who, (OFFICE,), presented_to, held)


def on_part(who: Actor, each: Holding, presented_to: int | None = 10) -> frozenset[Relation]:
    return assignments.relations(who, each, (OFFICE,), presented_to)


@pytest.mark.clause("212/7.1", "212/16.2.a")
def test_the_leader_to_whom_it_was_presented_is_in_charge_and_no_other() -> None:
    assert on_document(LEADER, 10) == {R.IN_CHARGE}
    assert not on_document(somebody(PostKind.OFFICE_LEADER, 11, OFFICE), 10)
    assert not on_document(LEADER, None)


@pytest.mark.clause("212/7.1", "212/17.2")
def test_whoever_is_authorised_stands_in_the_leaders_place_and_not_outside_the_authority() -> None:
    assert on_document(for_another(ASSISTANT, LEADER), 10) == {R.IN_CHARGE}
    entering = for_another(ASSISTANT, LEADER, "handling.present")
    assert obstacles(handling.ASSIGN, entering, Subject(H.PRESENTED, on_document(entering, 10)))
    entering = for_another(ASSISTANT, LEADER, "handling.assign")
    assert not obstacles(handling.ASSIGN, entering, Subject(H.PRESENTED, on_document(entering, 10)))


@pytest.mark.clause("212/7.1")
def test_an_authorised_head_to_whom_it_was_presented_assigns_by_the_leaders_authority_only() -> None:
    alone = Subject(H.PRESENTED, on_document(HEAD, 20))
    assert alone.relations == {R.IN_CHARGE}
    assert obstacles(handling.ASSIGN, HEAD, alone)
    acting = for_another(HEAD, LEADER)
    assert not obstacles(handling.ASSIGN, acting, Subject(H.PRESENTED, on_document(acting, 20)))


@pytest.mark.clause("212/7.2", "212/8.1")
def test_a_units_part_is_its_heads_until_it_is_passed_on_and_then_its_persons() -> None:
    assert on_document(HEAD, 10, [UNIT_LEADS]) == {R.LEAD}
    assert not on_document(SPECIALIST, 10, [UNIT_LEADS])
    passed = replace(UNIT_LEADS, passed_on=True)
    assert not on_document(HEAD, 10, [passed, PERSON_LEADS])
    assert on_document(SPECIALIST, 10, [passed, PERSON_LEADS]) == {R.LEAD}
    assert on_part(HEAD, passed) == {R.HEAD}
    assert on_part(HEAD, UNIT_LEADS) == {R.HEAD, R.LEAD}
    assert on_part(HEAD, PERSON_LEADS) == {R.ASSIGNER, R.HEAD} - {R.HEAD}


def test_the_head_of_another_unit_has_no_part_in_it() -> None:
    other = somebody(PostKind.HEAD_OF_DEPARTMENT, 21, LAW)
    assert not on_document(other, 10, [UNIT_LEADS])
    assert not on_part(other, UNIT_LEADS)


@pytest.mark.clause("212/17.2")
def test_who_acts_for_another_has_the_others_part_and_not_the_own() -> None:
    own = replace(PERSON_LEADS, person_id=40)
    assert on_part(ASSISTANT, own) == {R.LEAD}
    assert R.LEAD not in on_part(for_another(ASSISTANT, SPECIALIST), own)
    assert R.LEAD in on_part(for_another(ASSISTANT, SPECIALIST), PERSON_LEADS)


@pytest.mark.clause("212/17.2")
def test_a_delegation_for_one_unit_lends_no_work_of_another() -> None:
    acting = for_another(ASSISTANT, SPECIALIST)
    assert acting.on_behalf_of is not None
    scoped = replace(acting, on_behalf_of=replace(acting.on_behalf_of, one_unit=True))
    assert R.LEAD in on_part(scoped, PERSON_LEADS)
    assert R.LEAD not in on_part(scoped, replace(PERSON_LEADS, unit_id=LAW))
    assert R.LEAD in on_part(acting, replace(PERSON_LEADS, unit_id=LAW))


@pytest.mark.clause("212/8.1")
def test_an_extension_is_decided_by_who_assigned_it_and_never_by_who_asks() -> None:
    asked = replace(PERSON_LEADS, extension_asked=True)
    assert R.DECIDER in on_part(HEAD, asked)
    assert R.DECIDER in on_part(LEADER, asked)
    assert R.DECIDER not in on_part(SPECIALIST, asked)
    assert R.DECIDER not in on_part(HEAD, PERSON_LEADS)
    oneself = replace(asked, assigned_by_id=30)
    assert R.DECIDER not in on_part(SPECIALIST, oneself, None)
    head_of_section = somebody(PostKind.ADMIN_HEAD, 50, OFFICE)
    assert R.DECIDER in on_part(head_of_section, oneself, None)
    assert R.DECIDER not in on_part(head_of_section, oneself)


def test_an_outside_unit_has_no_part_in_anything() -> None:
    outside = somebody(PostKind.OUTSIDE, 60)
    assert not on_document(outside, 10, [UNIT_LEADS])
    assert not on_part(outside, UNIT_LEADS)


# ── what a dialog must say ───────────────────────────────────────────────────────────────────────────────────────

TODAY = date(2026, 8, 3)
DUE = date(2026, 8, 12)


def row(name: str, kind: AssignmentKind, due_on: date | None = None, person: int | None = None) -> Assignee:
    return Assignee(len(name), person, kind, due_on, name)


def codes(*rows: Assignee, due_on: date = DUE, lead: bool = True, latest: date | None = None) -> list[str]:
    return [each.code for each in assignee_obstacles(rows, due_on, TODAY, lead=lead, latest=latest)]


@pytest.mark.clause("212/7.2")
def test_exactly_one_leads() -> None:
    one, other = row("Phòng A", AssignmentKind.LEAD), row("Phòng BB", AssignmentKind.LEAD)
    helps = row("Phòng CCC", AssignmentKind.COORDINATE)
    assert codes(one, helps) == []
    assert codes(helps) == ["no_lead"]
    assert codes(one, other) == ["many_leads"]
    assert codes(one, lead=False) == ["no_leading_below"]
    assert codes(helps, lead=False) == []


def test_nobody_is_given_two_parts() -> None:
    lead = row("A", AssignmentKind.LEAD, person=3)
    assert codes(lead, row("A", AssignmentKind.INFORM, person=3)) == ["twice"]
    assert codes(lead, row("A", AssignmentKind.INFORM)) == []


@pytest.mark.clause("212/7.2", "212/8.1")
@pytest.mark.parametrize(
    ("due", "latest", "code"),
    [(TODAY, None, []), (date(2026, 8, 2), None, ["past"]), (DUE, date(2026, 8, 11), ["too_late"]), (DUE, DUE, [])],
)
def test_a_deadline_lies_between_today_and_that_of_who_passes_it_on(
    due: date, latest: date | None, code: list[str]
) -> None:
    lead = row("A", AssignmentKind.LEAD)
    assert codes(lead, due_on=due, latest=latest) == code
    others = row("BB", AssignmentKind.COORDINATE, due)
    assert codes(lead, others, due_on=TODAY, latest=latest) == code
