"""Registering on screen, as the server answers it: files at once, duplicates, the tray, state secrets."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.backends import store
from app.extensions import db
from app.models import Blob, Document, DocumentFile, RegisterBook, Upload
from app.operations import arrivals, files
from app.vocabulary import IncomingState, PostKind
from tests.fixtures.office import SENDER, SignedIn, actor_of, pdf, registration, text_of

Clients = Callable[[PostKind | None], SignedIn]
FORM = "/incoming/new/register"
TRAY = "/incoming/waiting/"


@pytest.fixture
def clerk(client_for: Clients) -> SignedIn:
    return client_for(PostKind.CLERK)


@pytest.fixture
def typed(app: Flask) -> dict[str, Any]:
    """What a clerk types into the form of a registration."""
    with app.app_context():
        values = registration(number_notation="1482/STC-NS")
    return {**values, "issuer": SENDER, "issued_on": "28/12"}


@pytest.fixture
def waiting(app: Flask) -> Callable[..., int]:
    """Puts a file into the tray, as the clerk; gives the id of the paper."""

    def make(name: str = "Scan_1.pdf", text: str = "Kinh gui", **changes: Any) -> int:
        with app.app_context():
            actor = actor_of(PostKind.CLERK)
            upload = files.receive(actor, pdf(text), name, 10**7)
            values = {"files": [upload.id], "channel": "paper", **changes}
            return arrivals.receive(actor, values).id

    return make


def send(clerk: SignedIn, *sent: tuple[io.BytesIO, str]) -> Any:
    return clerk.send("/uploads/", files=list(sent))


def stored(app: Flask, state: IncomingState) -> list[Document]:
    with app.app_context():
        return list(db.session.scalars(select(Document).where(Document.state == state)))


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_files_sent_at_once_the_good_one_is_taken_in_and_the_bad_one_is_named(clerk: SignedIn) -> None:
    answer = send(clerk, (pdf(pages=2), "tốt.pdf"), (io.BytesIO(b"MZ\x90\x00" + b"\0" * 200), "xấu.exe"))
    assert answer.status_code == 201
    (upload,), (fault,) = answer.json["uploads"], answer.json["faults"]
    assert (upload["name"], upload["pages"]) == ("tốt.pdf", 2)
    assert fault["name"] == "xấu.exe"
    assert "xấu.exe" not in fault["message"]


def test_a_sent_file_is_shown_to_its_sender_alone_and_nothing_in_it_may_run(
    clerk: SignedIn, client_for: Clients
) -> None:
    (upload,) = send(clerk, (pdf(), "công văn.pdf")).json["uploads"]
    shown = clerk.get(upload["src"])
    assert shown.data == pdf().read()
    assert shown.headers["Content-Type"] == "application/pdf"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "private, no-store"
    head = client_for(PostKind.ADMIN_HEAD)
    assert head.get(upload["src"]).status_code == 404
    assert head.get(f"/incoming/reading?upload={upload['id']}").status_code == 404
    assert client_for(PostKind.OUTSIDE).get(upload["src"]).status_code == 403
    assert client_for(None).get(upload["src"]).status_code == 401


def test_who_may_take_no_files_in_sends_none(app: Flask, client_for: Clients) -> None:
    assert send(client_for(PostKind.OUTSIDE), (pdf(), "a.pdf")).status_code == 403
    with app.app_context():
        assert db.session.scalars(select(Upload)).all() == []


def test_a_file_taken_back_is_gone_with_its_bytes_at_once_and_nobody_takes_back_another_s(
    app: Flask, clerk: SignedIn, client_for: Clients
) -> None:
    (mine,) = send(clerk, (pdf("nhầm"), "nhầm.pdf")).json["uploads"]
    with app.app_context():
        sha256 = db.session.get_one(Upload, mine["id"]).sha256
    assert client_for(PostKind.ADMIN_HEAD).send("/uploads/forget", ids=str(mine["id"])).json == {"forgotten": 0}
    assert clerk.send("/uploads/forget", ids=str(mine["id"])).json == {"forgotten": 1}
    with app.app_context():
        assert db.session.get(Blob, sha256) is None
        assert not store().exists(sha256)


def test_bytes_that_a_document_holds_stay_when_the_same_file_is_taken_back(
    app: Flask, clerk: SignedIn, typed: dict[str, Any]
) -> None:
    clerk.send(FORM, **typed, files=(pdf("giữ"), "giữ.pdf"))
    (again,) = send(clerk, (pdf("giữ"), "giữ.pdf")).json["uploads"]
    clerk.send("/uploads/forget", ids=str(again["id"]))
    with app.app_context():
        assert store().exists(db.session.scalars(select(DocumentFile)).one().sha256)


# ── the form ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_enter_registers_and_opens_the_next_with_the_last_values(clerk: SignedIn, typed: dict[str, Any]) -> None:
    page = clerk.get(FORM, follow_redirects=True).text
    form = page[page.index('<form class="registering') :]
    default = re.search(r"<button[^>]*>", form)[0]  # type: ignore[index]
    assert 'name="then" value="next"' in default
    made = clerk.send(FORM, **typed, then="next")
    assert made.location == FORM
    following = clerk.get(made.location, follow_redirects=True)
    assert "/stamp" in following.text
    assert SENDER in following.text
    assert 'value="1482/STC-NS"' not in following.text
    assert typed["subject"] not in following.text


def test_the_next_number_is_nowhere_to_be_typed(clerk: SignedIn) -> None:
    page = clerk.get(FORM, follow_redirects=True).text
    assert not re.search(r'name="arrival_(number|year|date)"', page)


def test_a_sentence_beside_its_field_does_not_repeat_the_field_s_name(clerk: SignedIn, typed: dict[str, Any]) -> None:
    page = clerk.send(FORM, **{**typed, "subject": ""}).text
    beside = re.search(r'id="subject-error">.*?<span>(.*?)</span>', page, re.DOTALL)[1]  # type: ignore[index]
    label = re.search(r'<label for="subject">(.*?)<', page)[1].strip()  # type: ignore[index]
    assert not beside.startswith(label)
    assert f"{label}: " in text_of(clerk.send(FORM, **{**typed, "subject": ""}))


def test_going_over_to_a_refusal_takes_everything_typed_and_every_file_along(
    app: Flask, clerk: SignedIn, typed: dict[str, Any]
) -> None:
    (upload,) = send(clerk, (pdf(), "sai.pdf")).json["uploads"]
    page = clerk.send("/incoming/new/refuse", **typed, then="open", files_kept=str(upload["id"]))
    assert page.status_code == 200
    assert 'role="alert" tabindex' not in page.text  # nothing is wrong yet
    for expected in ("1482/STC-NS", SENDER, typed["subject"], f'value="{upload["id"]}"'):
        assert expected in page.text
    assert stored(app, IncomingState.REFUSED) == []
    done = clerk.send("/incoming/new/refuse", **typed, refusal_code="wrong_address", files_kept=str(upload["id"]))
    assert "return-notice.pdf" in clerk.get(done.location).text
    assert len(stored(app, IncomingState.REFUSED)) == 1


# ── duplicates ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.1.g")
@pytest.mark.parametrize("number", ["1482/STC-NS", "1482 / stc–ns", "01482/STC-NS"])
def test_what_is_registered_already_is_found_while_typing(
    clerk: SignedIn, registered: Callable[..., int], number: str
) -> None:
    pk = registered(number_notation="1482/STC-NS")
    piece = clerk.get("/incoming/similar", query_string={"number_notation": number, "issuer": SENDER}).text
    assert 'data-count="1"' in piece
    assert f'href="/incoming/{pk}"' in piece
    assert "add_paper_copy:" in piece
    assert "<html" not in piece


def test_another_body_s_document_of_the_same_number_is_no_duplicate(
    clerk: SignedIn, registered: Callable[..., int]
) -> None:
    registered(number_notation="1482/STC-NS")
    asked = {"number_notation": "1482/STC-NS", "issuer": "Sở Xây dựng"}
    assert 'data-count="0"' in clerk.get("/incoming/similar", query_string=asked).text


def test_the_same_file_is_found_before_anything_is_typed(
    clerk: SignedIn, waiting: Callable[..., int], typed: dict[str, Any]
) -> None:
    clerk.send(FORM, **typed, files=(pdf("hai lần"), "a.pdf"))
    (upload,) = send(clerk, (pdf("hai lần"), "b.pdf")).json["uploads"]
    assert 'data-count="1"' in clerk.get(f"/incoming/similar?uploads={upload['id']}").text
    paper = waiting("c.pdf", "hai lần")
    assert "add_paper_copy:" in clerk.get(f"/incoming/{paper}/register").text


@pytest.mark.clause("212/16.1.g")
def test_on_saving_the_same_panel_is_shown_and_nothing_typed_is_lost(
    clerk: SignedIn, registered: Callable[..., int], typed: dict[str, Any]
) -> None:
    pk = registered(number_notation="1482/STC-NS")
    refused = clerk.send(FORM, **typed, files=(pdf(), "lần hai.pdf"))
    assert refused.status_code == 422
    for expected in (f'href="/incoming/{pk}"', "add_paper_copy:", 'name="duplicate_reason"', "lần hai.pdf"):
        assert expected in refused.text
    assert re.search(r"data-anyway-field(?! hidden)", refused.text)
    kept = re.findall(r'name="files_kept" value="(\d+)"', refused.text)
    made = clerk.send(FORM, **typed, files_kept=kept, duplicate_reason="Gửi lại bản đã ký")
    assert made.status_code == 302
    assert "lần hai.pdf" in clerk.get(made.location).text


@pytest.mark.clause("212/7.3", "212/16.1.g")
def test_the_paper_copy_of_what_is_found_goes_there_with_its_files_and_gets_no_number(
    app: Flask, clerk: SignedIn, registered: Callable[..., int], typed: dict[str, Any]
) -> None:
    pk = registered(number_notation="1482/STC-NS")
    (upload,) = send(clerk, (pdf("bản giấy"), "bản giấy.pdf")).json["uploads"]
    sent = {**typed, "subject": "", "then": "next", "files_kept": str(upload["id"])}
    done = clerk.send(FORM, **sent, instead=f"add_paper_copy:{pk}:1")
    assert done.location == FORM
    with app.app_context():
        document = db.session.get_one(Document, pk)
        assert document.paper_received_at is not None
        assert [file.title for file in document.files] == ["bản giấy.pdf"]
        assert len(db.session.scalars(select(Document)).all()) == 1


def test_a_paper_copy_that_came_too_late_keeps_the_form_as_it_was(
    clerk: SignedIn, registered: Callable[..., int], typed: dict[str, Any]
) -> None:
    pk = registered(number_notation="1482/STC-NS")
    stale = clerk.send(FORM, **{**typed, "subject": "Việc khác"}, instead=f"add_paper_copy:{pk}:0")
    assert stale.status_code == 409
    assert "Việc khác" in stale.text


# ── the tray ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/6.2", "212/16.1.a")
def test_files_put_into_the_tray_are_a_paper_each_or_one_together(app: Flask, clerk: SignedIn) -> None:
    three = [(pdf(str(n)), f"{n}.pdf") for n in range(3)]
    clerk.send(f"{TRAY}receive", files=three, channel="email")
    assert sorted(each.subject for each in stored(app, IncomingState.RECEIVED)) == ["0", "1", "2"]
    clerk.send(f"{TRAY}receive", files=[(pdf("x"), "x.pdf"), (pdf("y"), "y.pdf")], channel="email", together="1")
    listed = text_of(clerk.get(TRAY))
    assert len(stored(app, IncomingState.RECEIVED)) == 4
    assert "x.pdf" in listed
    assert "y.pdf" in listed


def test_in_the_tray_too_one_bad_file_costs_no_other(app: Flask, clerk: SignedIn) -> None:
    sent = [(pdf(), "tốt.pdf"), (io.BytesIO(b"MZ\x90\x00" + b"\0" * 200), "xấu.exe")]
    page = clerk.post(
        f"{TRAY}receive",
        data={"csrf_token": clerk.csrf, "files": sent, "channel": "paper"},
        content_type="multipart/form-data",
        follow_redirects=True,
    )
    assert "xấu.exe" in text_of(page)
    assert [each.subject for each in stored(app, IncomingState.RECEIVED)] == ["tốt"]


def test_registering_from_the_tray_goes_on_to_the_next_until_it_is_empty(
    app: Flask, clerk: SignedIn, waiting: Callable[..., int], typed: dict[str, Any]
) -> None:
    first, second, third = (waiting(f"{n}.pdf", str(n)) for n in range(3))
    assert f'href="/incoming/{first}/register"' in clerk.get(TRAY).text
    place = f"/incoming/{first}/register"
    for number, following in ((1, second), (2, third), (3, None)):
        page = clerk.get(place).text
        version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
        sent = {**typed, "number_notation": f"{number}/STC-NS", "version": version, "then": "next"}
        place = clerk.send(place, **sent).location
        assert place == (f"/incoming/{following}/register" if following else TRAY)
    assert stored(app, IncomingState.RECEIVED) == []
    assert len(stored(app, IncomingState.REGISTERED)) == 3


def test_a_skipped_paper_comes_again_after_the_last(clerk: SignedIn, waiting: Callable[..., int]) -> None:
    first, second = waiting("1.pdf", "1"), waiting("2.pdf", "2")
    assert f'href="/incoming/{second}/register"' in clerk.get(f"/incoming/{first}/register").text
    assert f'href="/incoming/{first}/register"' in clerk.get(f"/incoming/{second}/register").text


def test_ticked_papers_become_one_document(
    app: Flask, clerk: SignedIn, waiting: Callable[..., int], typed: dict[str, Any]
) -> None:
    lead, other = waiting("chính.pdf", "1"), waiting("phụ lục.pdf", "2")
    form = clerk.get(f"{TRAY}together?id={lead}&id={other}").location
    page = clerk.get(form).text
    assert f'name="waiting_ids" value="{other}"' in page
    assert "phụ lục.pdf" in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
    made = clerk.send(f"/incoming/{lead}/register", **typed, version=version, waiting_ids=str(other))
    shown = text_of(clerk.get(made.location))
    assert "chính.pdf" in shown
    assert "phụ lục.pdf" in shown
    assert [each.id for each in stored(app, IncomingState.JOINED)] == [other]


@pytest.mark.clause("212/4.1")
def test_what_was_presented_urgently_stands_first_with_the_number_it_owes(
    app: Flask, clerk: SignedIn, waiting: Callable[..., int], typed: dict[str, Any]
) -> None:
    waiting("thường.pdf")
    page = clerk.get("/incoming/new/advance", follow_redirects=True).text
    leader = re.search(r'id="permitted_by_id".*?<option value="(\d+)"', page, re.DOTALL)[1]  # type: ignore[index]
    sent = {**typed, "urgency": "flash", "permitted_by_id": leader, "permitted_note": "Qua điện thoại lúc 07:40"}
    clerk.send("/incoming/new/advance", **sent)
    (urgent,) = stored(app, IncomingState.URGENT)
    tray = clerk.get(TRAY).text
    assert tray.index(f"/incoming/{urgent.id}/give_number") < tray.index(">thường</a>")
    assert "Qua điện thoại lúc 07:40" in tray


def test_leaving_the_tray_without_a_number_leads_back_to_it(
    clerk: SignedIn, waiting: Callable[..., int], registered: Callable[..., int]
) -> None:
    registered()
    join, discard = waiting("a.pdf", "a"), waiting("b.pdf", "b")
    joined = clerk.send(f"/incoming/{join}/join", into="1", version=1)
    assert joined.location == TRAY
    assert "1/2026" in text_of(clerk.get(TRAY))
    assert clerk.send(f"/incoming/{discard}/discard", reason="Trang trắng", version=1).location == TRAY


def test_the_tray_is_in_the_menu_of_those_who_keep_the_register(client_for: Clients) -> None:
    assert f'href="{TRAY}"' in client_for(PostKind.CLERK).get(TRAY).text
    assert f'<a href="{TRAY}"' not in client_for(PostKind.SPECIALIST).get("/").text


# ── state secrets ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_state_secret_is_stopped_and_its_files_are_gone_with_their_bytes(
    app: Flask, clerk: SignedIn, typed: dict[str, Any]
) -> None:
    (upload,) = send(clerk, (pdf("mật"), "mật.pdf")).json["uploads"]
    with app.app_context():
        sha256 = db.session.get_one(Upload, upload["id"]).sha256
        path = Path(store().path(sha256))
    sent = {**typed, "secrecy": "secret", "issued_on": "32/13", "files_kept": str(upload["id"])}
    stopped = clerk.send(FORM, **sent, files=(pdf("mật nữa"), "mật nữa.pdf"))
    assert stopped.status_code == 422
    assert "files_kept" not in re.sub(r'data-name="files_kept"', "", stopped.text)
    with app.app_context():
        assert db.session.scalars(select(Upload)).all() == []
        assert db.session.scalars(select(Blob)).all() == []
        assert db.session.scalars(select(Document)).all() == []
    assert not path.exists()


def test_refusing_a_state_secret_keeps_the_refusal_and_not_the_files(
    app: Flask, clerk: SignedIn, typed: dict[str, Any]
) -> None:
    (upload,) = send(clerk, (pdf("mật"), "mật.pdf")).json["uploads"]
    clerk.send("/incoming/new/refuse", **typed, refusal_code="secret", files_kept=str(upload["id"]))
    (refused,) = stored(app, IncomingState.REFUSED)
    assert refused.withheld
    with app.app_context():
        assert db.session.scalars(select(Blob)).all() == []


# ── what a file says ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_type_follows_from_the_notation_while_one_types(app: Flask, clerk: SignedIn) -> None:
    piece = clerk.get("/incoming/similar", query_string={"number_notation": "212/QĐ-VP"}).text
    (type_id,) = re.findall(r'data-type-id="(\d+)"', piece)
    page = clerk.get(FORM, follow_redirects=True).text
    assert re.search(rf'<option value="{type_id}"[^>]*>Quyết định</option>', page)


def test_a_waiting_paper_says_how_and_when_it_came(app: Flask, clerk: SignedIn, waiting: Callable[..., int]) -> None:
    pk = waiting(channel="email")
    page = clerk.get(f"/incoming/{pk}/register").text
    assert re.search(r'<option value="email" selected', page)
    with app.app_context():
        book = db.session.scalars(select(RegisterBook).where(RegisterBook.code == "den")).one()
    assert re.search(rf'<option value="{book.id}" selected', page)
    assert re.search(r'name="received_at" value="\d\d/\d\d/\d{4} \d\d:\d\d"', page)


def test_the_document_that_a_scan_is_joined_to_is_found_by_number_or_words(client_for: Any, registered: Any) -> None:
    registered(number_notation="77/BC-STC", subject="Về kinh phí chống ngập")
    clerk = client_for(PostKind.CLERK)
    for typed in ("1", "77 bc", "chong ngap"):
        (found,) = clerk.get("/lookup/documents", query_string={"q": typed}).json
        assert found["label"] == "01/2026"
        assert "77/BC-STC" in found["hint"]
    assert clerk.get("/lookup/documents", query_string={"q": "không có"}).json == []
    assert client_for(None).get("/lookup/documents?q=1").status_code == 403
    assert 'data-lookup="/lookup/documents"' in clerk.get(f"/incoming/{waiting_paper(clerk)}/join").text


def waiting_paper(clerk: Any) -> int:
    """The id of a paper that was just put into the tray."""
    sent = {"files": (pdf("khay"), "khay.pdf"), "channel": "paper"}
    clerk.send("/incoming/waiting/receive", **sent)
    return int(re.findall(r"/incoming/(\d+)/register", clerk.get("/incoming/waiting/").text)[0])


def test_who_refuses_a_paper_of_the_tray_goes_on_with_the_next(
    app: Flask, clerk: SignedIn, waiting: Callable[..., int]
) -> None:
    first, second = waiting("a.pdf", "a"), waiting("b.pdf", "b")
    values = {"refusal_code": "wrong_address", "issuer": "Sở Tài chính", "subject": "Gửi nhầm", "channel": "paper"}
    done = clerk.send(f"/incoming/{first}/refuse", **values, version=1)
    assert done.location == f"/incoming/{second}/register"
    assert f"/incoming/{first}/return-notice.pdf" in clerk.get(done.location).text
