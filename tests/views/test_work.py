"""Lists of work on the screen: tabs, what a deadline says, ticked rows and their acts, following and chasing."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app import clock
from app.extensions import db
from app.models import Assignment, Post
from app.operations import incoming, parties
from app.queries.choices import choices
from app.queries.history import last_event
from app.vocabulary import AssignmentKind, AssignmentState, PostKind
from tests.fixtures.office import SYSTEM, SignedIn, actor_of, registration, text_of
from tests.fixtures.settling import TODAY, Desk, unit

Clients = Callable[[PostKind | None], SignedIn]
SPECIALIST, HEAD, LEADER, CLERK = (
    PostKind.SPECIALIST,
    PostKind.HEAD_OF_DEPARTMENT,
    PostKind.OFFICE_LEADER,
    PostKind.CLERK,
)


@pytest.fixture
def late(app: Flask) -> int:
    """Two documents with the specialist, one of them five days late; one with the unit. Gives the late part's id."""
    with app.app_context():
        desk = Desk(db.session())
        part = desk.part(desk.assigned(), SPECIALIST)
        part.due_on = TODAY - timedelta(days=5)
        desk.assigned()
        desk.assigned(unit(AssignmentKind.LEAD))
        desk.presented()
        db.session.commit()
        return part.id


def rows(page: Any) -> list[str]:
    """What each row says."""
    return re.findall(r"<tr data-row.*?</tr>", page.text, re.DOTALL)


def test_what_is_late_says_so_in_a_word_and_a_colour_and_stands_first(client_for: Clients, late: int) -> None:
    page = client_for(SPECIALIST).get("/work/")
    first = rows(page)[0]
    assert f"work={late}" in first
    assert 'class="due late"' in first
    assert re.search(r"[0-9] ngày làm việc|[0-9] working days", first)
    assert 'class="due late"' not in rows(page)[1]


@pytest.mark.clause("212/16.1.h")
@pytest.mark.parametrize("kind", list(PostKind), ids=str)
def test_only_whoever_follows_the_work_of_others_opens_the_overview(
    client_for: Clients, late: int, kind: PostKind
) -> None:
    assert late
    follows = {CLERK, PostKind.ADMIN_HEAD, LEADER, HEAD, PostKind.STANDING_COMMITTEE, PostKind.MANAGER}
    answer = client_for(kind).get("/work/follow/")
    assert (answer.status_code == 200) == (kind in follows)
    entry = '<a href="/work/follow/"'
    assert (entry in client_for(kind).get("/").text) == (kind in follows)


@pytest.mark.clause("212/16.1.h", "212/16.1.i")
@pytest.mark.usefixtures("late")
def test_each_figure_of_the_overview_is_the_number_of_the_list_it_opens(client_for: Clients) -> None:
    leader = client_for(LEADER)
    found = re.findall(r'<td class="num[^"]*"[^>]*><a href="([^"]+)">([0-9.]+)</a>', leader.get("/work/follow/").text)
    assert len(found) >= 4
    for address, number in found:
        page = leader.get(address.replace("&amp;", "&"))
        assert len(rows(page)) == int(number), address


@pytest.mark.clause("212/16.1.h", "212/16.1.i")
def test_one_press_chases_and_comes_back_to_the_list(app: Flask, client_for: Clients, late: int) -> None:
    leader = client_for(LEADER)
    page = leader.get("/work/follow/?stand=late")
    version = re.search(rf'/work/follow/{late}/chase".*?name="version" value="(\d+)"', page.text, re.DOTALL)
    assert version
    answer = leader.send(
        f"/work/follow/{late}/chase", version=version[1], message="Gấp", back="/work/follow/?stand=late"
    )
    assert answer.location == "/work/follow/?stand=late"
    with app.app_context():
        assert db.session.get_one(Assignment, late).chase_count == 1
    again = leader.send(f"/work/follow/{late}/chase", version=version[1], back="//elsewhere.example/")
    assert again.location.startswith("/work/"), "no other place is followed"
    with app.app_context():
        assert db.session.get_one(Assignment, late).chase_count == 1, "a press on an old page chases nobody twice"


@pytest.mark.clause("212/16.1.i")
def test_whoever_was_chased_within_the_hour_is_not_chased_again_unasked(
    app: Flask, client_for: Clients, late: int
) -> None:
    leader = client_for(LEADER)

    def chased() -> int:
        with app.app_context():
            return db.session.get_one(Assignment, late).chase_count

    def press(**more: str) -> Any:
        with app.app_context():
            version = str(db.session.get_one(Assignment, late).version)
        return leader.send(f"/work/follow/{late}/chase", version=version, back="/work/follow/", **more)

    assert press().status_code == 302
    asked = press(message="Gấp")
    assert (asked.status_code, chased()) == (200, 1)
    assert 'name="again" value="1"' in asked.text
    assert 'name="message" value="Gấp"' in asked.text
    assert leader.send("/work/follow/chase", id=str(late), back="/work/follow/").status_code == 200
    assert chased() == 1
    leader.send("/work/follow/chase", id=str(late), message="Gấp", again="1", back="/work/follow/")
    assert chased() == 2
    with app.app_context():
        db.session.get_one(Assignment, late).chased_at = clock.now() - timedelta(minutes=61)
        db.session.commit()
    assert press().status_code == 302
    assert chased() == 3


@pytest.mark.clause("212/16.1.h", "212/16.1.i")
def test_what_is_ticked_is_chased_at_once_and_told_one_by_one(app: Flask, client_for: Clients, late: int) -> None:
    leader = client_for(LEADER)
    page = leader.get("/work/follow/").text
    assert 'formaction="/work/follow/chase" formmethod="post"' in page
    ids = leader.get("/work/follow/ids").json["ids"]
    assert len(ids) == 3
    with app.app_context():
        closed = db.session.get_one(Assignment, ids[-1])
        closed.state, closed.finished_at = AssignmentState.DONE, clock.now()
        db.session.commit()
    answer = leader.send(
        "/work/follow/chase", id=[str(each) for each in ids], message=["", "Gấp"], back="/work/follow/"
    )
    assert answer.text.count('<li class="done">') == 2
    assert answer.text.count('<li class="not-done">') == 1
    with app.app_context():
        assert [db.session.get_one(Assignment, each).chase_count for each in ids] == [1, 1, 0]
        event = last_event(db.session(), "assignment.chase", "assignment", late)
        assert event is not None
        assert event.params["note"] == "Gấp"
    assert client_for(PostKind.MANAGER).send("/work/follow/chase", id=str(late)).text.count('<li class="done">') == 0
    assert leader.send("/work/follow/chase", back="/work/follow/").location == "/work/follow/"


@pytest.mark.clause("212/16.1.i")
def test_whoever_may_not_chase_sees_no_button_for_it(client_for: Clients, late: int) -> None:
    manager = client_for(PostKind.MANAGER)
    page = manager.get("/work/follow/")
    assert page.status_code == 200
    assert f"/work/follow/{late}/chase" not in page.text
    assert "data-bulk-tick" not in page.text


@pytest.mark.clause("212/16.1.h")
def test_the_overview_begins_with_all_and_then_with_who_is_late_longest(
    app: Flask, client_for: Clients, late: int
) -> None:
    with app.app_context():
        desk = Desk(db.session())
        part = desk.parts(desk.assigned(unit(AssignmentKind.LEAD)))[0]
        part.due_on = TODAY - timedelta(days=20)
        db.session.commit()
    page = client_for(LEADER).get("/work/follow/").text
    lines = re.findall(r'<tr class="(total|unit|one)[^"]*">.*?</tr>', page, re.DOTALL)
    assert lines[:2] == ["total", "unit"]
    late_days = [
        int(each)
        for each in re.findall(r'<tr class="unit[^"]*">.*?<span class="in-figures num">(\d+)<', page, re.DOTALL)
    ]
    assert late_days == sorted(late_days, reverse=True)
    counts = re.findall(r'<tr class="(total|unit)[^"]*">.*?<td class="num[^>]*><a[^>]*>(\d+)<', page, re.DOTALL)
    assert int(counts[0][1]) == sum(int(number) for _, number in counts[1:])


def test_ticked_rows_lead_to_the_forms_of_many(client_for: Clients, late: int) -> None:
    page = client_for(LEADER).get("/work/?scope=given").text
    assert f'name="id" value="{late}" form="bulk-form"' in page
    assert 'formaction="/assignment/bulk/chase"' in page
    assert 'name="back" value="/work/?scope=given"' in page
    own = client_for(SPECIALIST).get("/work/").text
    assert 'formaction="/assignment/bulk/acknowledge"' in own
    assert 'formaction="/assignment/bulk/chase"' not in own


def test_all_rows_of_the_filter_are_named_at_once(client_for: Clients, late: int) -> None:
    leader = client_for(LEADER)
    every = leader.get("/work/ids?scope=given").json
    assert late in every["ids"]
    assert every["more"] is False
    assert leader.get("/work/ids?scope=given&stand=late").json == {"ids": [late], "more": False}


@pytest.mark.clause("212/7.1", "212/4.1")
def test_what_waits_is_listed_urgent_first_even_without_a_number(
    app: Flask, client_for: Clients, registered: Callable[..., int]
) -> None:
    registered(subject="Việc thường")
    with app.app_context():
        leader = choices(db.session(), "leaders")[0][0]
        permitted = {"permitted_by_id": leader, "permitted_note": "Qua điện thoại", "urgency": "flash"}
        incoming.advance(actor_of(CLERK), registration(subject="Việc hỏa tốc", **permitted))
    page = client_for(CLERK).get("/handling/")
    subjects = re.findall(r'class="subj"[^>]*>([^<]+)<', page.text)
    assert subjects[0] == "Việc hỏa tốc"
    assert "Việc thường" in subjects
    assert 'formaction="/handling/bulk/present"' in page.text


@pytest.mark.usefixtures("late")
def test_a_leader_begins_with_what_waits_for_the_own_assignment(client_for: Clients) -> None:
    page = client_for(LEADER).get("/handling/")
    assert len(rows(page)) == 1
    assert 'formaction="/handling/bulk/assign"' in page.text
    assert 'name="presented_to_id" value="me"' in page.text


@pytest.mark.clause("212/7.2")
@pytest.mark.usefixtures("late")
def test_the_register_shows_who_settles_it_and_how_the_deadline_stands(client_for: Clients) -> None:
    page = client_for(CLERK).get("/incoming/?handling=assigned")
    assert len(rows(page)) == 3
    assert "Trần Minh Khôi" in page.text
    outside = client_for(PostKind.OUTSIDE).get("/incoming/")
    assert "Trần Minh Khôi" not in outside.text
    assert 'class="due' not in outside.text


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("kind", [CLERK, LEADER, HEAD, SPECIALIST], ids=str)
@pytest.mark.parametrize("address", ["/work/", "/work/?scope=given&stand=late", "/work/follow/", "/handling/"])
def test_lists_of_work_cost_few_statements(app: Flask, client_for: Clients, kind: PostKind, address: str) -> None:
    client = client_for(kind)
    if client.get(address).status_code == 403:
        return
    seen: list[str] = []
    with app.app_context():
        engine = db.engine.engine if hasattr(db.engine, "engine") else db.engine

    def count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(seen) <= 12, "\n".join(each.split("\n")[0][:90] for each in seen)


def test_a_new_piece_of_work_is_marked_until_its_holder_opened_it(app: Flask, client_for: Clients, late: int) -> None:
    specialist = client_for(SPECIALIST)
    assert "unread" in rows(specialist.get("/work/"))[0]
    with app.app_context():
        document = db.session.scalar(select(Assignment.document_id).where(Assignment.id == late))
    specialist.get(f"/incoming/{document}?work={late}")
    assert "unread" not in rows(specialist.get("/work/"))[0]


def test_a_made_up_address_shows_the_own_work(client_for: Clients, late: int) -> None:
    assert late
    for address in (
        "/work/?scope=all&stand=x&unit_id=x",
        "/work/?for=99999999",
        "/work/?after=zzz",
        "/handling/?handling=x",
    ):
        assert client_for(SPECIALIST if address.startswith("/work") else CLERK).get(address).status_code == 200
    assert "Trần Minh Khôi" in text_of(client_for(SPECIALIST).get("/work/?for=7"))


def test_units_of_a_filter_stand_in_vietnamese_order(app: Flask, client_for: Clients) -> None:
    with app.app_context():
        office_id = db.session.scalars(select(Post.unit_id).where(Post.kind == LEADER)).first()
        for name in ("Đội xe", "Xưởng in", "Dân nguyện"):
            parties.add_organisation(SYSTEM, name, kind="unit", ours=True, parent_id=office_id)
    page = client_for(LEADER).get("/work/follow/").text
    places = [page.index(f">{name}<") for name in ("Dân nguyện", "Đội xe", "Xưởng in")]
    assert places == sorted(places)
