"""Bell, notices and choices on the screen and for programs; asking for news keeps nobody signed in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.errors import Forbidden
from app.extensions import db
from app.models import Document, Notice, NoticeChoice
from app.operations.notices import read, tell
from app.operations.unit_of_work import unit_of_work
from app.vocabulary import NoticeKind, PostKind
from tests.fixtures.mail import MailServer
from tests.fixtures.office import SignedIn, actor_of, text_of
from tests.fixtures.settling import Desk

Clients = Callable[[PostKind | None], SignedIn]
HEAD, CLERK = PostKind.HEAD_OF_DEPARTMENT, PostKind.CLERK


@pytest.fixture
def told(app: Flask, registered: Callable[..., int]) -> list[int]:
    """Three notices of the head of department, the oldest first; gives their ids."""
    document_id = registered()
    with app.app_context():
        person_id = actor_of(HEAD).person_id
        for kind in (NoticeKind.ASSIGNED, NoticeKind.CHASED, NoticeKind.DEADLINE):
            with unit_of_work() as uow:
                document = uow.session.get_one(Document, document_id)
                tell(uow, actor_of(CLERK), kind, [person_id], document=document, reason="việc gấp")
        return list(db.session.scalars(select(Notice.id).order_by(Notice.id)))


def badge(page: Any) -> str:
    """The number on the bell; empty when it is hidden."""
    found = re.search(r"<b class=\"badge-n\" data-bell-count( hidden)?>([^<]*)</b>", page.text)
    assert found
    return "" if found[1] else found[2]


@pytest.mark.clause("212/16.1.l")
def test_the_bell_of_every_page_says_how_many_are_unread(client_for: Clients, told: list[int]) -> None:
    head = client_for(HEAD)
    for address in ("/", "/incoming/", "/notices/", "/password/"):
        assert badge(head.get(address)) == "3", address
    assert badge(client_for(CLERK).get("/")) == ""


def test_who_may_see_no_notices_has_no_bell(client_for: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.views.notices.may", lambda *_: False)
    assert "data-bell" not in client_for(HEAD).get("/").text


def test_all_notices_stand_in_one_list_the_newest_first(client_for: Clients, told: list[int]) -> None:
    page = client_for(HEAD).get("/notices/")
    assert [int(each) for each in re.findall(r'<a href="/notices/(\d+)">', page.text)] == told[::-1]
    assert page.text.count('<li class="unread">') == 3
    assert "việc gấp" in text_of(page)
    assert "/notices/1" not in client_for(CLERK).get("/notices/").text


def test_opening_a_notice_marks_it_read_and_leads_to_the_document(
    app: Flask, client_for: Clients, told: list[int]
) -> None:
    head = client_for(HEAD)
    answer = head.get(f"/notices/{told[0]}")
    assert answer.status_code == 302
    assert re.fullmatch(r"/incoming/\d+", answer.location)
    assert badge(head.get("/")) == "2"
    assert head.get(answer.location).status_code == 200
    assert client_for(CLERK).get(f"/notices/{told[0]}").status_code == 404


def test_who_may_only_look_at_notices_opens_them_too(
    app: Flask, client_for: Clients, told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_looks(noun: str, verb: str) -> bool:
        return (noun, verb) != ("notice", "edit")

    def refused(*_: Any) -> None:
        raise Forbidden

    monkeypatch.setattr("app.views.notices.may", only_looks)
    monkeypatch.setattr("app.views.notices.operations.read", refused)
    answer = client_for(HEAD).get(f"/notices/{told[0]}")
    assert answer.status_code == 302
    assert re.fullmatch(r"/incoming/\d+", answer.location)
    assert client_for(CLERK).get(f"/notices/{told[0]}").status_code == 404
    with app.app_context():
        assert db.session.get_one(Notice, told[0]).read_at is None


@pytest.mark.clause("212/16.1.l")
def test_opening_a_document_by_whatever_way_settles_its_reader_s_notices_about_it(
    app: Flask, client_for: Clients, told: list[int], registered: Callable[..., int]
) -> None:
    other = registered()
    with app.app_context():
        document_id = db.session.get_one(Notice, told[0]).document_id
        with unit_of_work() as uow:
            document = uow.session.get_one(Document, other)
            tell(uow, actor_of(CLERK), NoticeKind.CHASED, [actor_of(HEAD).person_id], document=document)
    assert client_for(CLERK).get(f"/incoming/{document_id}").status_code == 200
    head = client_for(HEAD)
    assert badge(head.get("/")) == "4"
    assert badge(head.get(f"/incoming/{document_id}")) == "1"
    head.get(f"/incoming/{other}")
    assert badge(head.get("/")) == ""


def test_opening_a_document_asks_once_for_notices_and_writes_only_where_there_are_some(
    app: Flask, client_for: Clients, told: list[int]
) -> None:
    with app.app_context():
        address = f"/incoming/{db.session.get_one(Notice, told[0]).document_id}"
    head = client_for(HEAD)
    seen: list[list[str]] = []

    def count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if re.search(r"\bnotice\.document_id = ", statement):
            seen[-1].append(statement.split(maxsplit=1)[0])

    with app.app_context():
        engine = db.engine.engine if hasattr(db.engine, "engine") else db.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        for _ in range(2):
            seen.append([])
            head.get(address)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert seen == [["SELECT", "UPDATE"], ["SELECT"]]


def test_marking_all_read_leaves_what_came_after(client_for: Clients, told: list[int]) -> None:
    head = client_for(HEAD)
    assert head.send("/notices/read", until=str(told[1])).status_code == 302
    assert badge(head.get("/")) == "1"
    head.send("/notices/read")
    assert badge(head.get("/")) == ""


def test_a_page_learns_what_is_new(client_for: Clients, told: list[int]) -> None:
    head = client_for(HEAD)
    news = head.get(f"/notices/unread?after={told[1]}").json
    assert (news["unread"], news["shown"], news["newest"]) == (3, "3", told[2])
    assert "Lê Thị Hạnh" in news["said"]
    assert head.get(f"/notices/unread?after={told[2]}").json["said"] == ""
    assert head.get("/notices/unread?after=quatsch").status_code == 200
    nothing = client_for(CLERK).get("/notices/unread").json
    assert {name: nothing[name] for name in ("unread", "shown", "newest", "said")} == {
        "unread": 0,
        "shown": "",
        "newest": 0,
        "said": "",
    }


def test_the_panel_gets_the_newest_with_their_addresses(client_for: Clients, told: list[int]) -> None:
    lines = client_for(HEAD).get("/notices/latest").json["lines"]
    assert [each["id"] for each in lines] == told[::-1]
    assert lines[0]["url"] == f"/notices/{told[2]}"
    assert lines[0]["unread"]
    assert lines[0]["when"] == "30/12/2026 09:30"


def test_asking_for_news_keeps_nobody_signed_in(client_for: Clients, told: list[int]) -> None:
    head = client_for(HEAD)
    assert "records_session" in (head.get("/notices/latest").headers.get("Set-Cookie") or "")
    answer = head.get("/notices/unread?after=0")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_nobody_who_is_signed_out_is_answered(client_for: Clients) -> None:
    assert client_for(None).get("/notices/unread").status_code == 302


def test_asking_for_news_costs_few_statements(app: Flask, client_for: Clients, told: list[int]) -> None:
    head = client_for(HEAD)
    seen: list[str] = []
    with app.app_context():
        engine = db.engine.engine if hasattr(db.engine, "engine") else db.engine

    def count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if re.search(r"\bFROM notice\b", statement) or "notice." in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        head.get(f"/notices/unread?after={told[0]}")
        assert len(seen) == 2
        seen.clear()
        head.get(f"/notices/unread?after={told[2]}")
        assert len(seen) == 1
    finally:
        event.remove(engine, "before_cursor_execute", count)


def counters(page: Any) -> dict[str, str]:
    """What menu and cards of a page say, by name."""
    menu = re.findall(r'<span class="n[^"]*" data-menu-count="(\w+)"[^>]*>([^<]*)</span>', page.text)
    cards = re.findall(r'data-basket="(\w+)".*?<strong>([^<]*)</strong>', page.text, re.DOTALL)
    return {**{f"menu {name}": text for name, text in menu}, **{f"card {name}": text for name, text in cards}}


def counted(answer: Any) -> dict[str, str]:
    """The same as an open page learns it."""
    kinds = {"menu": answer.json["menu"], "card": answer.json["cards"]}
    return {f"{kind} {name}": each[1] for kind, found in kinds.items() for name, each in found.items()}


@pytest.mark.parametrize(
    "kind", [PostKind.SPECIALIST, HEAD, PostKind.OFFICE_LEADER, CLERK, PostKind.IT_CENTRE], ids=str
)
def test_an_open_page_learns_what_the_menu_and_the_cards_of_a_fresh_one_say(
    app: Flask, client_for: Clients, kind: PostKind
) -> None:
    client = client_for(kind)
    before = counters(client.get("/"))
    with app.app_context():
        desk = Desk(db.session())
        desk.assigned()
        desk.presented()
        desk.registered()
        db.session.commit()
    told = counted(client.get("/notices/unread?desk"))
    assert told == counters(client.get("/"))
    assert (told != before) == (kind != PostKind.IT_CENTRE)
    elsewhere = client.get("/notices/unread").json
    assert elsewhere["cards"] == {}
    assert elsewhere["menu"] == client.get("/notices/unread?desk").json["menu"]


@pytest.mark.parametrize("kind", [HEAD, PostKind.OFFICE_LEADER, CLERK], ids=str)
def test_keeping_the_counters_of_the_desk_fresh_costs_few_statements(
    app: Flask, client_for: Clients, told: list[int], kind: PostKind
) -> None:
    client = client_for(kind)
    client.get("/")
    cost = []
    for address in ("/notices/latest", f"/notices/unread?after={told[0]}&desk"):
        found = statements(app, lambda address=address: client.get(address))  # type: ignore[misc]
        cost.append(len(found))
    # what any answer costs, with one for what is new; then all counters in one, and three that deadlines go by
    assert cost[1] <= cost[0] + 4, found


def statements(app: Flask, work: Callable[[], Any]) -> list[str]:
    """The statements that a request makes."""
    seen: list[str] = []
    with app.app_context():
        engine = db.engine.engine if hasattr(db.engine, "engine") else db.engine

    def count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return [each for each in seen if not each.upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


# ── choices ──────────────────────────────────────────────────────────────────────────────────────────────────────


def ticked(page: Any) -> set[str]:
    """What is ticked: ``kind:way``."""
    return set(re.findall(r'name="way" value="([a-z_:]+)" checked', page.text))


def test_choices_begin_as_by_default_and_are_kept(app: Flask, client_for: Clients) -> None:
    head = client_for(HEAD)
    page = head.get("/notices/choices")
    assert {"assigned:bell", "assigned:mail", "settled:digest"} <= ticked(page)
    answer = head.send(
        "/notices/choices", way=["assigned:bell", "nothing:known"], quiet_from="18:00", quiet_to="06:30", version="0"
    )
    assert answer.status_code == 302
    page = head.get("/notices/choices")
    assert ticked(page) == {"assigned:bell"}
    assert 'name="quiet_from" value="18:00"' in page.text
    again = head.send("/notices/choices", way=["settled:bell"], version="0")
    assert again.status_code == 409
    assert ticked(again) == {"settled:bell"}, "the own input is kept"


def test_an_hour_that_is_none_is_said_beside_it_and_nothing_is_lost(app: Flask, client_for: Clients) -> None:
    page = client_for(HEAD).send("/notices/choices", way=["settled:bell"], quiet_from="18:00", version="0")
    assert page.status_code == 422
    assert 'id="quiet_to-error"' in page.text
    assert ticked(page) == {"settled:bell"}
    with app.app_context():
        assert db.session.scalars(select(NoticeChoice)).all() == []


def test_the_page_says_whether_mail_is_set_up_and_where_it_goes(client_for: Clients, mail_server: MailServer) -> None:
    assert "Trung tâm Tin học" in text_of(client_for(HEAD).get("/notices/choices"))


# ── for programs ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_programs_read_the_notices_of_their_caller(client_for: Clients, told: list[int]) -> None:
    head = client_for(HEAD)
    first = head.get("/api/v1/notices/?page_size=2").json
    assert [each["id"] for each in first["result"]] == told[:0:-1]
    assert (first["unread"], first["previous"]) == (3, None)
    second = head.get(first["next"]).json
    assert [each["id"] for each in second["result"]] == told[:1]
    assert second["result"][0]["path"].startswith("/incoming/")
    assert second["result"][0]["kind"] == "assigned"


def test_programs_mark_them_read(client_for: Clients, told: list[int]) -> None:
    head = client_for(HEAD)
    token = {"X-CSRFToken": head.token()}
    answer = head.post(f"/api/v1/notices/{told[0]}/read", headers=token)
    assert answer.status_code == 200
    assert answer.json["result"]["read_at"] is not None
    assert head.post(f"/api/v1/notices/{told[1]}/read").status_code == 400, "without the token"
    assert client_for(CLERK).post(f"/api/v1/notices/{told[0]}/read", headers=token).status_code == 404
    assert head.post("/api/v1/notices/read", json={"until": told[1]}, headers=token).json == {"read": 1}
    assert head.post("/api/v1/notices/read", json={}, headers=token).json == {"read": 1}
    assert head.post("/api/v1/notices/read", json=[], headers=token).status_code == 400


def test_a_notice_already_read_stays_in_the_list(app: Flask, client_for: Clients, told: list[int]) -> None:
    with app.app_context():
        read(actor_of(HEAD), told[0])
    page = client_for(HEAD).get("/notices/")
    assert page.text.count('<li class="unread">') == 2
    assert f"/notices/{told[0]}" in page.text
