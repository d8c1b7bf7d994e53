"""Baskets of the desk: each counts what its list shows to the same person, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text, update

from app import clock
from app.actor import Actor
from app.models import Account, Document, JobRun
from app.operations import arrivals, assignments, files, handling, incoming, settling, terms
from app.queries import assignments as work
from app.queries import desk as baskets
from app.queries import incoming as queries
from app.queries import people, to_settle
from app.queries.choices import choices
from app.queries.deadlines import soon_until
from app.queries.desk import Counted, Opens
from app.queries.incoming_export import extent_of
from app.queries.jobs import overview
from app.queries.listing import ListQuery
from app.queries.parties import own_units
from app.views.dues import dues_of, dues_of_work
from app.vocabulary import AssignmentKind, IncomingState, PostKind
from tests.fixtures.office import OUTSIDE, REGISTRY, actor_of, pdf, registration
from tests.fixtures.settling import DUE, TODAY, Desk, person, person_id, unit, unit_id

Actors = Callable[[PostKind], Actor]


@pytest.fixture
def office(session: Any, actor_for_kind: Actors, desk: Desk) -> Actors:
    """An office with something in every basket."""
    clerk = actor_for_kind(PostKind.CLERK)
    theirs = {"id": None, "name": OUTSIDE}

    def upload(name: str) -> int:
        return files.receive(clerk, pdf(name), f"{name}.pdf", 10_000_000).id

    for number, urgency in enumerate(("normal", "urgent", "very_urgent", "flash", "normal")):
        issuer = theirs if number % 2 else {"id": None, "name": "A"}
        incoming.register(clerk, registration(urgency=urgency, issuer=issuer))
    leader = choices(session, "leaders")[0][0]
    permitted = {"permitted_by_id": leader, "permitted_note": "Qua điện thoại", "urgency": "flash"}
    for issuer in (theirs, {"id": None, "name": "B"}):
        incoming.advance(clerk, registration(issuer=issuer, **permitted))
    arrivals.receive(clerk, {"files": [upload("một")], "channel": "paper"})
    arrivals.receive(clerk, {"files": [upload("hai")], "channel": "email"})
    arrivals.receive(clerk, {"files": [upload("hai")], "channel": "email"})
    back = incoming.register(clerk, registration(issuer=theirs))
    arrivals.send_back(clerk, back.id, {"refusal_code": "competence", "reason": "Không thuộc thẩm quyền"})
    arrivals.refuse(
        clerk, {"refusal_code": "form", "reason": "Sai", "issuer": theirs, "subject": "Đề nghị", "channel": "email"}
    )
    first = session.scalar(queries.register_query(clerk).with_only_columns(Document.id).limit(1))
    verdict = text("UPDATE document SET signature_verdict = :verdict WHERE id = :id OR subject = :subject")
    session.execute(verdict, {"verdict": "indeterminate", "id": first, "subject": ""})
    session.execute(verdict, {"verdict": "invalid", "id": 0, "subject": "một"})
    session.execute(
        update(Account)
        .where(Account.user_id == actor_for_kind(PostKind.ARCHIVIST).user_id)
        .values(locked_until=clock.now() + timedelta(hours=1))
    )
    for job, outcome in (("verify_files", "findings"), ("outbox", "failed"), ("clear_uploads", "done")):
        session.add(JobRun(job=job, started_at=clock.now(), outcome=outcome))
    session.add(JobRun(job="clear_uploads", started_at=clock.now() - timedelta(days=1), outcome="failed"))
    _settling(desk)
    session.flush()
    return actor_for_kind


def _settling(desk: Desk) -> None:
    """Something in every basket of those who assign, pass on and settle."""
    lead, helps, knows = AssignmentKind.LEAD, AssignmentKind.COORDINATE, AssignmentKind.INFORM
    specialist, head, leader = PostKind.SPECIALIST, PostKind.HEAD_OF_DEPARTMENT, PostKind.OFFICE_LEADER
    desk.presented()
    desk.assigned(unit(lead))
    desk.assigned(unit(lead, due_on=TODAY), person(specialist, helps, TODAY))
    desk.assigned(person(head), person(specialist, helps), person(PostKind.CLERK, knows))
    desk.assigned(person(specialist), person(leader, helps), person(PostKind.ASSISTANT, knows), unit(knows))
    asked = desk.part(desk.assigned(person(specialist)), specialist)
    terms.ask_extension(actor_of(specialist), asked.id, {"due_on": DUE + timedelta(days=7), "reason": "Chờ số liệu"})
    waits = desk.part(desk.assigned(person(specialist)), specialist)
    terms.suspend(actor_of(specialist), waits.id, {"waiting_for": "Sở Tài chính"})
    answered = desk.assigned(person(specialist))
    letter = choices(desk.session, "document_types")[0][0]
    draft = {"case_title": "Hồ sơ", "draft_type_id": letter, "draft_subject": "Trả lời"}
    settling.process(actor_of(specialist), answered.id, draft)
    passed = desk.parts(desk.assigned(unit(lead)))[0]
    assignments.pass_on(actor_of(head), passed.id, {"assignees": [person(specialist)]})
    overdue = [desk.assigned(unit(lead)), desk.assigned(person(specialist)), desk.assigned(person(leader))]
    for each in overdue:
        for part in desk.parts(each):
            part.due_on = TODAY - timedelta(days=5)


def in_the_list(session: Any, actor: Actor, counted: Counted) -> int:
    """How many rows the list shows to the same person that the basket's address leads to."""
    if counted.basket.opens == Opens.REGISTER:
        return queries.page(session, actor, ListQuery(facets=counted.facets)).total
    if counted.basket.opens == Opens.WAITING:
        return queries.waiting_page(session, actor, ListQuery(facets=counted.facets)).total
    if counted.basket.opens == Opens.WORK:
        return work.page(session, actor, work.query_of(counted.facets)).total
    if counted.basket.opens == Opens.SETTLING:
        return to_settle.page(session, actor, to_settle.query_of(counted.facets, actor)).total
    if counted.basket.opens == Opens.ACCOUNTS:
        return people.accounts(session, "", state=counted.facets["state"]).total
    ended = {"failed_jobs": ("failed", "interrupted"), "findings": ("findings",)}[counted.basket.name]
    return sum(1 for state in overview(session, clock.now()) if state.last and state.last.outcome in ended)


@pytest.mark.clause("212/16.2.a")
@pytest.mark.parametrize("kind", list(PostKind), ids=str)
def test_every_counter_equals_the_list_it_opens(session: Any, office: Actors, kind: PostKind) -> None:
    actor = office(kind)
    shown = baskets.baskets_of(actor)
    counted = baskets.count(session, actor, shown)
    assert [each.basket for each in counted] == shown
    assert {each.basket.name: each.count for each in counted} == {
        each.basket.name: in_the_list(session, actor, each) for each in counted
    }


def test_every_basket_is_somebodys_and_counts_something_here(session: Any, office: Actors) -> None:
    """Else the equality above would prove nothing of it."""
    filled = set()
    for kind in PostKind:
        actor = office(kind)
        filled |= {each.basket.name for each in baskets.count(session, actor, baskets.baskets_of(actor)) if each.count}
    assert {each.name for each in baskets.BASKETS} == filled


def test_all_counters_are_one_statement(session: Any, office: Actors) -> None:
    actor = office(PostKind.HEAD_OF_DEPARTMENT)
    soon_until(session)  # the calendar and the units are read once in a transaction
    own_units(session)
    seen: list[str] = []
    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))
    baskets.count(session, actor, baskets.baskets_of(actor))
    assert len(seen) == 1


def test_a_list_that_does_not_open_has_no_basket(actor_for_kind: Actors) -> None:
    bare = replace(actor_for_kind(PostKind.CLERK), permissions=frozenset())
    assert baskets.baskets_of(bare) == []


@pytest.mark.clause("212/16.2.a")
def test_an_outside_unit_counts_its_own_documents_alone(session: Any, office: Actors) -> None:
    actor = office(PostKind.OUTSIDE)
    counts = {each.basket.name: each.count for each in baskets.count(session, actor, baskets.baskets_of(actor))}
    assert counts == {"own_registered": 2, "own_urgent": 1, "own_returned": 1, "own_refused": 1}


@pytest.mark.clause("212/4.1")
def test_an_owed_number_is_the_registrys_matter_and_of_the_leader_who_permitted_it(
    session: Any, office: Actors, desk: Desk
) -> None:
    def owed(kind: PostKind) -> dict[str, int]:
        actor = office(kind)
        found = [each for each in baskets.baskets_of(actor) if each.name.startswith("urgent_")]
        return {each.basket.name: each.count for each in baskets.count(session, actor, found)}

    urgent = session.scalars(select(Document).where(Document.state == IncomingState.URGENT)).all()
    assert owed(PostKind.CLERK) == {"urgent_owed": len(urgent)}
    assert owed(PostKind.SPECIALIST) == owed(PostKind.ARCHIVIST) == {}
    for each in urgent:
        each.permitted_by_id, each.presented_to_id = person_id(PostKind.OFFICE_LEADER), None
    session.flush()
    assert owed(PostKind.OFFICE_LEADER) == {"urgent_mine": len(urgent)}
    assert owed(PostKind.STANDING_COMMITTEE) == owed(PostKind.HEAD_OF_DEPARTMENT) == {"urgent_mine": 0}
    urgent[0].presented_to_id = person_id(PostKind.HEAD_OF_DEPARTMENT)
    session.flush()
    assert owed(PostKind.HEAD_OF_DEPARTMENT) == {"urgent_mine": 1}


@pytest.mark.clause("212/8.1")
def test_what_waits_for_another_body_is_late_nowhere(session: Any, desk: Desk, actor_for_kind: Actors) -> None:
    """Neither with who waits, nor with the unit above, nor as a document: its deadline stands still."""
    head, leader = actor_for_kind(PostKind.HEAD_OF_DEPARTMENT), actor_for_kind(PostKind.OFFICE_LEADER)
    whole = desk.parts(desk.assigned(unit()))[0]
    assignments.pass_on(head, whole.id, {"assignees": [person(PostKind.SPECIALIST)]})
    own = desk.part(whole.document, PostKind.SPECIALIST)
    whole.due_on = own.due_on = whole.document.due_on = TODAY - timedelta(days=3)
    session.flush()

    def late(actor: Actor, opens: dict[str, str]) -> list[int]:
        found = work.page(session, actor, work.query_of({**opens, "stand": "late"}))
        return [row.id for row in found.rows]

    def documents(stand: str) -> list[int]:
        query = to_settle.query_of({"handling": "assigned", "stand": stand}, leader)
        return [row.id for row in to_settle.page(session, leader, query).rows]

    def counted(actor: Actor) -> dict[str, int]:
        return {each.basket.name: each.count for each in baskets.count(session, actor, baskets.baskets_of(actor))}

    assert (late(leader, {"scope": "given"}), documents("late")) == ([whole.id], [whole.document_id])
    assert (counted(leader)["given_late"], counted(head)["mine_late"]) == (1, 1)
    terms.suspend(actor_for_kind(PostKind.SPECIALIST), own.id, {"waiting_for": "Sở Tài chính"})
    assert late(leader, {"scope": "given"}) == late(head, {}) == late(leader, {"scope": "all"}) == []
    assert (documents("late"), documents("none")) == ([], [whole.document_id])
    assert (counted(leader)["given_late"], counted(head)["mine_late"], counted(head)["given_late"]) == (0, 0, 0)
    assert {due.tone for due in dues_of([whole.document]).values()} == {""}
    assert {due.tone for due in dues_of_work([whole, own]).values()} == {""}


@pytest.mark.clause("212/16.1.m", "212/16.2.a")
@pytest.mark.parametrize("facet", ["lead_unit_id", "lead_person_id"])
def test_a_body_outside_learns_by_no_filter_who_settles_its_document(
    session: Any, desk: Desk, actor_for_kind: Actors, facet: str
) -> None:
    """The address of the list, the export and the desk pass the filter over; how far it is, they do learn."""
    outside, clerk = actor_for_kind(PostKind.OUTSIDE), actor_for_kind(PostKind.CLERK)
    document = desk.presented(desk.registered(issuer={"id": None, "name": OUTSIDE}))
    handling.assign(actor_for_kind(PostKind.OFFICE_LEADER), document.id, {"assignees": [unit()], "due_on": DUE})
    elsewhere, pending = {facet: str(unit_id(REGISTRY))}, {"handling": "pending"}

    def found(actor: Actor, facets: dict[str, str]) -> list[int]:
        return [row.id for row in queries.page(session, actor, ListQuery(facets=facets)).rows]

    assert (found(clerk, elsewhere), found(clerk, pending)) == ([], [])
    assert found(outside, elsewhere) == found(outside, {}) == [document.id]
    assert found(outside, pending) == []
    assert extent_of(session, outside, ListQuery(facets=elsewhere), 10).count == 1
    assert [each.name for each in queries.facets_of(outside)] == [
        each.name for each in queries.facets_of(clerk) if each.name not in ("lead_unit_id", "lead_person_id")
    ]
