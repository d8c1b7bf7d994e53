"""Who leaves hands over first: work, what was presented, who decides, delegations; or the head answers for it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy_continuum import version_class

from app.actor import Actor
from app.errors import Forbidden, NotFound, Refused
from app.models import Assignment, Delegation, Document, Event, Notice
from app.operations import accounts, assignments, delegation, leavers, parties, terms
from app.operations.leavers import HandedOver
from app.queries import leavers as queries
from app.vocabulary import AssignmentKind, AssignmentState, DelegationKind, NoticeKind, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import PEOPLE, SYSTEM, actor_of
from tests.fixtures.settling import DUE, Desk, colleague, person, person_id, unit, unit_id

TODAY = NOW.date()
K = AssignmentKind
REASON = "Quyết định nghỉ hưu số 45/QĐ-VP"


@pytest.fixture
def head(session: Any) -> Actor:
    return actor_of(PostKind.ADMIN_HEAD)


@pytest.fixture
def it(session: Any) -> Actor:
    return actor_of(PostKind.IT_CENTRE)


@pytest.fixture
def leaver(session: Any) -> int:
    """The specialist of the small office, who leaves."""
    return person_id(PostKind.SPECIALIST)


def leader() -> Actor:
    return actor_of(PostKind.OFFICE_LEADER)


def heir(name: str = "Phạm Thu Hà", **where: Any) -> int:
    """A colleague with an account, to whom work goes."""
    made = colleague(name, **where).person_id
    assert made is not None
    accounts.open_account(SYSTEM, made, f"nguoi.{made}", "Kiem-Thu@2026", origin="own")
    return made


def lend(**between: PostKind) -> Delegation:
    ids = {f"{role}_id": person_id(kind) for role, kind in between.items()}
    return delegation.grant(SYSTEM, DelegationKind.ENTRY, authority="Giấy ủy quyền số 12", **ids)


def codes(refused: pytest.ExceptionInfo[Refused]) -> dict[str, Any]:
    return {each.code: each.params.get("count") for each in refused.value.obstacles}


def busy(desk: Desk) -> Document:
    """The specialist leads, was asked for an extension by a colleague, and lends and uses powers."""
    document = desk.assigned()
    lend(grantor=PostKind.SPECIALIST, grantee=PostKind.ASSISTANT)
    return document


# ── nobody goes while things are open ────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/17.2", "212/16.2.a")
def test_an_account_with_open_things_is_not_closed_and_all_of_them_are_named_at_once(
    desk: Desk, it: Actor, leaver: int
) -> None:
    busy(desk)
    desk.assigned()
    with pytest.raises(Refused) as refused:
        accounts.disable(it, actor_of(PostKind.SPECIALIST).user_id)
    assert codes(refused) == {"open_assignments": 2, "open_delegations": 1, "who_hands_over": None}
    assert queries.open_things(desk.session, leaver) == {"assignments": 2, "delegations": 1}


@pytest.mark.clause("212/7.1", "212/8.1")
def test_a_leader_goes_neither_with_documents_presented_nor_with_extensions_to_decide(desk: Desk, it: Actor) -> None:
    desk.presented()
    document = desk.assigned()
    part = desk.part(document, PostKind.SPECIALIST)
    asked = {"due_on": DUE + timedelta(days=10), "reason": "Chờ số liệu"}
    terms.ask_extension(actor_of(PostKind.SPECIALIST), part.id, asked)
    with pytest.raises(Refused) as refused:
        accounts.disable(it, actor_of(PostKind.OFFICE_LEADER).user_id)
    assert codes(refused) == {
        **dict.fromkeys(("open_presented", "open_extensions", "open_given"), 1),
        "who_hands_over": None,
    }


@pytest.mark.clause("212/17.2")
def test_the_last_post_in_the_office_does_not_end_while_things_are_open_but_another_does(
    desk: Desk, it: Actor, leaver: int
) -> None:
    busy(desk)
    (post,) = actor_of(PostKind.SPECIALIST).posts
    with pytest.raises(Refused) as refused:
        parties.end_post(it, post.post_id, TODAY)
    assert set(codes(refused)) == {"open_assignments", "open_delegations", "who_hands_over"}
    parties.appoint(it, leaver, unit_id("Văn phòng"), PostKind.MANAGER, "Quản lý")
    assert parties.end_post(it, post.post_id, TODAY).valid_to == TODAY


def test_who_holds_nothing_goes_at_once(desk: Desk, it: Actor) -> None:
    actor = actor_of(PostKind.SPECIALIST)
    parties.end_post(it, actor.posts[0].post_id, TODAY)
    accounts.disable(it, actor.user_id)


def test_what_is_finished_or_over_holds_nobody_back(desk: Desk, it: Actor, leaver: int) -> None:
    document = desk.assigned(person(PostKind.HEAD_OF_DEPARTMENT), person(PostKind.SPECIALIST, K.INFORM))
    assignments.acknowledge(actor_of(PostKind.SPECIALIST), desk.part(document, PostKind.SPECIALIST).id, {})
    delegation.revoke(SYSTEM, lend(grantor=PostKind.SPECIALIST, grantee=PostKind.ASSISTANT).id)
    assert queries.open_things(desk.session, leaver) == {}


# ── handing over ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/7.2", "212/16.2.a")
def test_everything_goes_over_in_one_act_and_then_the_account_can_be_closed(
    desk: Desk, head: Actor, it: Actor, leaver: int
) -> None:
    document, other = busy(desk), desk.assigned(unit(), person(PostKind.SPECIALIST, K.COORDINATE))
    new = heir()
    done = leavers.hand_over(head, leaver, new, REASON)
    assert done == HandedOver("Phạm Thu Hà", 2, 0, 0, 1)
    held = {each.document_id: each for each in desk.parts(document) + desk.parts(other) if each.person_id == new}
    assert {each.kind for each in held.values()} == {K.LEAD, K.COORDINATE}
    assert (document.lead_person_id, document.lead_unit_id) == (new, unit_id())
    assert (other.lead_person_id, other.lead_unit_id) == (None, unit_id())
    assert queries.open_things(desk.session, leaver) == {}
    accounts.disable(it, actor_of(PostKind.SPECIALIST).user_id)


@pytest.mark.clause("212/16.2.a", "212/16.4.a")
def test_each_part_has_its_own_version_and_its_line_in_the_story_of_its_document(
    desk: Desk, head: Actor, leaver: int
) -> None:
    document = desk.assigned()
    part = desk.part(document, PostKind.SPECIALIST)
    before = part.version
    leavers.hand_over(head, leaver, heir(), REASON)
    assert part.version == before + 1
    versions = version_class(Assignment)
    holders = desk.session.scalars(
        select(versions.person_id).where(versions.id == part.id).order_by(versions.transaction_id)
    ).all()
    assert holders[-1] == part.person_id != leaver
    (event,) = desk.session.scalars(select(Event).where(Event.tag == "assignment.handed_over")).all()
    assert (event.subject_type, event.subject_id, event.document_id) == ("assignment", str(part.id), document.id)
    assert event.params == {"before": PEOPLE[PostKind.SPECIALIST][0], "name": "Phạm Thu Hà", "reason": REASON}
    (whole,) = desk.session.scalars(select(Event).where(Event.tag == "person.handed_over")).all()
    assert (whole.subject_id, whole.params["count"]) == (str(leaver), 1)


@pytest.mark.clause("212/16.1.l")
def test_the_new_holder_is_told_of_each_document_once(desk: Desk, head: Actor, leaver: int) -> None:
    documents = [desk.assigned(), desk.assigned(unit(), person(PostKind.SPECIALIST, K.COORDINATE))]
    new = heir()
    leavers.hand_over(head, leaver, new, REASON)
    told = desk.session.execute(select(Notice.document_id, Notice.kind).where(Notice.person_id == new)).all()
    assert sorted(tuple(each) for each in told) == [(each.id, NoticeKind.ASSIGNED) for each in documents]


@pytest.mark.clause("212/7.2")
def test_chosen_parts_go_to_one_and_the_rest_to_another(desk: Desk, head: Actor, leaver: int) -> None:
    first, second = desk.assigned(), desk.assigned()
    lend(grantor=PostKind.SPECIALIST, grantee=PostKind.ASSISTANT)
    one, two = heir(), heir("Ngô Văn Tám")
    done = leavers.hand_over(head, leaver, one, REASON, [desk.part(first, PostKind.SPECIALIST).id])
    assert done == HandedOver("Phạm Thu Hà", 1, 0, 0, 0)
    assert queries.open_things(desk.session, leaver) == {"assignments": 1, "delegations": 1}
    leavers.hand_over(head, leaver, two, REASON)
    assert (first.lead_person_id, second.lead_person_id) == (one, two)


@pytest.mark.clause("212/7.1", "212/8.1")
def test_the_heir_of_a_leader_directs_what_was_presented_and_decides_on_what_was_given(desk: Desk, head: Actor) -> None:
    waiting, given = desk.presented(), desk.assigned()
    old, new = person_id(PostKind.OFFICE_LEADER), heir("Mai Văn Út", kind=PostKind.OFFICE_LEADER, unit_name="Văn phòng")
    part = desk.part(given, PostKind.SPECIALIST)
    done = leavers.hand_over(head, old, new, REASON)
    assert done == HandedOver("Mai Văn Út", 0, 1, 1, 0)
    assert (waiting.presented_to_id, given.presented_to_id, part.assigned_by_id) == (new, new, new)
    told = desk.session.execute(select(Notice.document_id, Notice.kind).where(Notice.person_id == new)).all()
    assert [tuple(each) for each in told] == [(waiting.id, NoticeKind.PRESENTED)]
    tags = select(Event.tag).where(Event.tag.like("%.handed_over") | Event.tag.like("%.giver_changed"))
    assert sorted(desk.session.scalars(tags)) == [
        "assignment.giver_changed",
        "document.handed_over",
        "person.handed_over",
    ]


@pytest.mark.clause("212/8.1")
def test_nobody_gets_to_decide_on_their_own_work(desk: Desk, head: Actor) -> None:
    document = desk.assigned(person(PostKind.HEAD_OF_DEPARTMENT))
    part = desk.part(document, PostKind.HEAD_OF_DEPARTMENT)
    leavers.hand_over(head, person_id(PostKind.OFFICE_LEADER), person_id(PostKind.HEAD_OF_DEPARTMENT), REASON)
    assert part.assigned_by_id == head.person_id


@pytest.mark.clause("212/7.1")
def test_what_is_presented_goes_only_to_who_can_be_presented_documents(desk: Desk, head: Actor) -> None:
    document = desk.presented()
    with pytest.raises(Refused, match="office leader or an authorised head") as refused:
        leavers.hand_over(head, person_id(PostKind.OFFICE_LEADER), person_id(PostKind.SPECIALIST), REASON)
    assert [each.field for each in refused.value.obstacles] == ["to"]
    assert document.presented_to_id == person_id(PostKind.OFFICE_LEADER)


@pytest.mark.clause("212/7.2")
@pytest.mark.parametrize(
    ("leaver_has", "heir_has", "left"), [(K.LEAD, K.COORDINATE, K.LEAD), (K.INFORM, K.LEAD, K.LEAD)]
)
def test_who_has_a_part_already_keeps_the_weightier_of_the_two(
    desk: Desk, head: Actor, leaver: int, leaver_has: K, heir_has: K, left: K
) -> None:
    who = PostKind.HEAD_OF_DEPARTMENT
    document = desk.assigned(person(PostKind.SPECIALIST, leaver_has), person(who, heir_has))
    leavers.hand_over(head, leaver, person_id(who), REASON)
    assert [(each.person_id, each.kind) for each in desk.parts(document)] == [(person_id(who), left)]
    ended = [each.state for each in desk.parts(document, ended=True) if each.finished_at is not None]
    assert ended == [AssignmentState.WITHDRAWN]
    assert document.lead_person_id == person_id(who)


def test_the_unit_is_that_of_the_new_holder_unless_they_serve_in_the_same(desk: Desk, head: Actor, leaver: int) -> None:
    document = desk.assigned()
    elsewhere = heir(unit_name="Phòng Hành chính - Tổ chức")
    leavers.hand_over(head, leaver, elsewhere, REASON)
    (part,) = desk.parts(document)
    assert (part.unit_id, document.lead_unit_id) == (unit_id("Phòng Hành chính - Tổ chức"),) * 2


@pytest.mark.clause("212/17.2")
def test_delegations_end_and_do_not_go_over(desk: Desk, head: Actor, leaver: int) -> None:
    rows = [
        lend(grantor=PostKind.SPECIALIST, grantee=PostKind.ASSISTANT),
        lend(grantor=PostKind.OFFICE_LEADER, grantee=PostKind.SPECIALIST),
    ]
    leavers.hand_over(head, leaver, heir(), REASON)
    assert all(each.revoked_at is not None for each in rows)
    told = desk.session.scalars(select(Event.params).where(Event.tag == "delegation.revoked")).all()
    assert [each["reason"] for each in told] == [REASON, REASON]


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_bad_hand_over_is_refused_all_at_once_and_changes_nothing(desk: Desk, head: Actor, leaver: int) -> None:
    document = desk.assigned()
    with pytest.raises(Refused) as refused:
        leavers.hand_over(head, leaver, leaver, "  ")
    assert [each.field for each in refused.value.obstacles] == ["reason", "to"]
    without_account = colleague("Trần Không Tài Khoản").person_id
    outside = person_id(PostKind.OUTSIDE)
    for to_id in (without_account, outside):
        with pytest.raises(Refused, match="without a post or an account"):
            leavers.hand_over(head, leaver, to_id, REASON)
    with pytest.raises(Refused, match="at most 500"):
        leavers.hand_over(head, leaver, heir(), "x" * 501)
    assert document.lead_person_id == leaver


def test_what_was_handed_over_already_is_not_handed_over_again(desk: Desk, head: Actor, leaver: int) -> None:
    document = desk.assigned()
    chosen = [desk.part(document, PostKind.SPECIALIST).id]
    one, two = heir(), heir("Ngô Văn Tám")
    leavers.hand_over(head, leaver, one, REASON, chosen)
    with pytest.raises(Refused, match="Nothing is left"):
        leavers.hand_over(head, leaver, two, REASON, chosen)
    assert document.lead_person_id == one


@pytest.mark.clause("212/16.2.a")
@pytest.mark.parametrize(
    "kind", [each for each in PostKind if each not in (PostKind.ADMIN_HEAD, PostKind.OFFICE_LEADER)]
)
def test_only_the_head_of_the_section_and_office_leaders_hand_over(desk: Desk, leaver: int, kind: PostKind) -> None:
    busy(desk)
    with pytest.raises(Forbidden):
        leavers.hand_over(actor_of(kind), leaver, person_id(PostKind.HEAD_OF_DEPARTMENT), REASON)


@pytest.mark.clause("212/16.2.a")
@pytest.mark.parametrize("kind", [each for each in PostKind if each != PostKind.OFFICE_LEADER])
def test_only_office_leaders_let_somebody_go(desk: Desk, leaver: int, kind: PostKind) -> None:
    busy(desk)
    with pytest.raises(Forbidden):
        leavers.let_go(actor_of(kind), leaver, REASON)


def test_who_may_not_close_an_account_is_told_who_hands_its_work_over(desk: Desk, it: Actor, leaver: int) -> None:
    busy(desk)
    user_id = actor_of(PostKind.SPECIALIST).user_id
    with pytest.raises(Refused) as refused:
        accounts.disable(it, user_id)
    assert refused.value.obstacles[-1].params == {
        "names": "Trần Văn Bình (Trưởng phòng Hành chính); Phan Gia Lộc (Phó Chánh Văn phòng)"
    }


def test_people_who_do_not_exist_are_not_found(desk: Desk, head: Actor, leaver: int) -> None:
    for act in (
        lambda: leavers.hand_over(head, 99_999, leaver, REASON),
        lambda: leavers.hand_over(head, leaver, 99_999, REASON),
        lambda: leavers.let_go(leader(), 99_999, REASON),
    ):
        with pytest.raises(NotFound):
            act()


# ── the head lets somebody go although things are open ───────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.2.a", "212/16.4.a")
def test_the_head_lets_somebody_go_on_record_and_the_rest_is_followed_up(
    desk: Desk, head: Actor, it: Actor, leaver: int
) -> None:
    document = busy(desk)
    actor = actor_of(PostKind.SPECIALIST)
    leavers.let_go(leader(), leaver, "Mất đột ngột")
    (event,) = desk.session.scalars(select(Event).where(Event.tag == "person.released")).all()
    assert event.params == {"count": 2, "things": {"assignments": 1, "delegations": 1}, "reason": "Mất đột ngột"}
    (closed,) = desk.session.scalars(select(Event).where(Event.tag == "account.disabled")).all()
    assert closed.params["reason"] == "Mất đột ngột"
    parties.end_post(it, actor.posts[0].post_id, TODAY)
    assert [each.document_id for each in desk.session.scalars(queries.orphaned())] == [document.id]
    assert [(each.person.id, each.assignments) for each in queries.leavers(desk.session)] == [(leaver, 1)]
    leavers.hand_over(head, leaver, heir(), REASON)
    assert queries.leavers(desk.session) == []


def test_the_decision_is_void_once_the_person_is_back(desk: Desk, head: Actor, it: Actor, leaver: int) -> None:
    busy(desk)
    user_id = actor_of(PostKind.SPECIALIST).user_id
    leavers.let_go(leader(), leaver, "Nghỉ không lương")
    accounts.enable(it, user_id)
    with pytest.raises(Refused):
        accounts.disable(it, user_id)
    leavers.let_go(leader(), leaver, "Nghỉ không lương")
    parties.appoint(it, leaver, unit_id("Văn phòng"), PostKind.MANAGER, "Quản lý")
    assert not queries.released(desk.session, leaver)


def test_nobody_is_let_go_without_reason_or_need_nor_lets_themselves_go(desk: Desk, head: Actor, leaver: int) -> None:
    with pytest.raises(Refused) as refused:
        leavers.let_go(leader(), leaver, "")
    assert [each.message[:20] for each in refused.value.obstacles] == ["%(label)s: missing. ", "Nothing is open any "]
    lend(grantor=PostKind.OFFICE_LEADER, grantee=PostKind.ASSISTANT)
    with pytest.raises(Refused, match="themselves"):
        leavers.let_go(leader(), person_id(PostKind.OFFICE_LEADER), REASON)


# ── what lies with nobody ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.1.i")
def test_work_lies_with_nobody_when_the_post_has_run_out_or_the_account_is_closed(
    desk: Desk, clock_at: Callable[[Any], None]
) -> None:
    clerk = colleague("Lê Hết Nhiệm Kỳ")
    assert clerk.person_id is not None
    accounts.open_account(SYSTEM, clerk.person_id, "het.nhiemky", "Kiem-Thu@2026", origin="own")
    parties.end_post(SYSTEM, clerk.posts[0].post_id, date(2027, 1, 20))
    row = {"unit_id": None, "person_id": clerk.person_id, "kind": str(K.LEAD), "due_on": None}
    document = desk.assigned(row)
    unit_wide = desk.assigned(unit())
    waiting = desk.presented()
    assert desk.session.scalars(queries.orphaned()).all() == []
    clock_at(NOW + timedelta(days=30))
    assert [each.document_id for each in desk.session.scalars(queries.orphaned())] == [document.id]
    assert desk.session.scalars(queries.orphaned_documents()).all() == []
    another = colleague("Ngô Thị Hai", PostKind.OFFICE_LEADER, "Văn phòng")
    leavers.let_go(another, person_id(PostKind.OFFICE_LEADER), REASON)
    assert [each.id for each in desk.session.scalars(queries.orphaned_documents())] == [waiting.id]
    assert unit_wide.lead_person_id is None


# ── units whose head has left ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/7.2", "212/16.2.a")
def test_what_a_unit_holds_whose_head_left_later_is_found_and_handed_over(desk: Desk, head: Actor, it: Actor) -> None:
    document = desk.assigned(unit())
    whole = desk.parts(document)[0]
    assert queries.headless_units(desk.session) == []
    with pytest.raises(Refused) as refused:
        leavers.hand_over_unit(head, whole.unit_id, heir(), REASON)
    assert codes(refused) == {"nothing": None}
    (post,) = actor_of(PostKind.HEAD_OF_DEPARTMENT).posts
    accounts.disable(it, actor_of(PostKind.HEAD_OF_DEPARTMENT).user_id)
    assert [each.assignments for each in queries.headless_units(desk.session)] == [1], "nobody who can sign in"
    parties.end_post(it, post.post_id, TODAY - timedelta(days=1))
    assert [(each.unit.id, each.assignments) for each in queries.headless_units(desk.session)] == [(whole.unit_id, 1)]
    with pytest.raises(Forbidden):
        leavers.hand_over_unit(it, whole.unit_id, heir("Bùi Văn An"), REASON)
    to = heir("Đỗ Thị Bích")
    assert leavers.hand_over_unit(head, whole.unit_id, to, REASON).assignments == 1
    desk.session.expire_all()
    assert (whole.person_id, document.lead_person_id) == (to, to)
    (event,) = desk.session.scalars(select(Event).where(Event.tag == "assignment.handed_over")).all()
    assert event.params["reason"] == REASON
    assert queries.headless_units(desk.session) == []
