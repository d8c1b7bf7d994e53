"""The technical console: for the IT centre alone, to look at only, without secrets and without counting."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import Engine, Text, cast, event, func, select, update

from app import accesses, clock
from app.admin import tables
from app.admin.views import EventTable
from app.extensions import db
from app.models import Access, Account, Event, Outbox, PasswordHistory
from app.operations import accounts, files, jobs, roles
from app.operations.unit_of_work import unit_of_work
from app.rules import permissions
from app.vocabulary import AccessKind, PostKind
from tests.fixtures.office import PASSWORD, SYSTEM, SignedIn, actor_of, pdf, text_of

ClientFor = Callable[[PostKind | None], SignedIn]
ROOT = "/quan-tri"
TABLES = (
    *("events", "accesses", "job-runs", "outbox", "accounts", "register-entries", "counters"),
    *("document-versions", "transactions", "files", "uploads"),
)
LISTS = [f"{ROOT}/{table}/" for table in TABLES]
EXPORTS = [f"{address}export/csv/" for address in LISTS]
NOT_IT = [kind for kind in PostKind if kind != PostKind.IT_CENTRE]


@pytest.fixture
def filled(app: Flask, registered: Callable[..., int]) -> int:
    """Something in every table; gives the id of a registered document."""
    with app.app_context():
        upload = files.receive(actor_of(PostKind.CLERK), pdf(), "công văn.pdf", 10**6).id
        files.receive(actor_of(PostKind.CLERK), pdf("other"), "=1+1.pdf", 10**6)
    document = registered(files=[upload])
    with app.app_context():
        jobs.run("access_partitions")
        accesses.record(actor_of(PostKind.CLERK), AccessKind.DOWNLOAD, document_id=document, what="công văn.pdf")
        with unit_of_work() as uow:
            uow.outbox("tests.letter", {"password": "Mat-Khau-Trong-Thu"})
        jobs.run("outbox")
    return document


@pytest.fixture
def it_centre(client_for: ClientFor, filled: int) -> SignedIn:
    return client_for(PostKind.IT_CENTRE)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """SQL that is run meanwhile."""
    found: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def table_rows(response: Any) -> list[str]:
    """Rows of the list on a page."""
    body = re.search(r"<tbody>(.*?)</tbody>", response.text, re.DOTALL)
    return re.findall(r"<tr>", body.group(1)) if body else []


def detail_pages(client: SignedIn) -> list[str]:
    """Addresses of single rows that the lists link to, one for each table that has such pages."""
    found = []
    for address in LISTS:
        link = re.search(r'href="([^"]*/details/[^"]*)"', client.get(address).text)
        if link:
            found.append(link.group(1).replace("&amp;", "&"))
    return found


def csv_of(response: Any) -> list[list[str]]:
    """Lines of an export as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


# ── who may enter ────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_address_of_the_console_is_known_to_these_tests(app: Flask) -> None:
    rules = {str(rule) for rule in app.url_map.iter_rules() if str(rule).startswith(ROOT)}
    expected = {f"{ROOT}/", f"{ROOT}/static/<path:filename>", *LISTS}
    expected |= {f"{address}{more}" for address in LISTS for more in ("details/", "export/<export_type>/")}
    assert rules == expected


@pytest.mark.parametrize("address", [f"{ROOT}/", *LISTS, *EXPORTS])
def test_whoever_is_not_signed_in_is_sent_to_sign_in(client_for: ClientFor, address: str) -> None:
    answer = client_for(None).get(address)
    assert answer.status_code == 302
    assert answer.location == f"/login/?next={address}"


@pytest.mark.clause("212/16.2.a")
@pytest.mark.parametrize("kind", NOT_IT)
def test_nobody_but_the_it_centre_enters(client_for: ClientFor, kind: PostKind) -> None:
    client = client_for(kind)
    addresses = [f"{ROOT}/", *LISTS, *EXPORTS, *(f"{address}details/?id=1" for address in LISTS)]
    assert {client.get(address).status_code for address in addresses} == {403}


@pytest.mark.clause("212/16.2.a")
@pytest.mark.concurrency
def test_who_is_refused_looks_and_exports_is_on_record(
    app: Flask, client_for: ClientFor, real_database: Engine
) -> None:
    """On real commits: a line of the access trail has a transaction of its own."""
    client_for(PostKind.CLERK).get(f"{ROOT}/accounts/")
    it_centre = client_for(PostKind.IT_CENTRE)
    for address in LISTS:
        it_centre.get(address)
    it_centre.get(f"{ROOT}/events/export/csv/?search=Hạnh&x=%00")
    with app.app_context():
        query = select(Access.kind, Access.actor_name, Access.what).order_by(Access.id)
        lines = [tuple(line) for line in db.session.execute(query)]
    administrator = "Đặng Quốc Huy"
    assert lines == [
        ("denied", "Lê Thị Hạnh", f"GET {ROOT}/accounts/"),
        *(("view", administrator, address) for address in LISTS),
        ("export", administrator, f"{ROOT}/events/export/csv/ search=Hạnh&x="),
    ]


def test_only_the_it_centre_finds_the_console_in_its_menu(client_for: ClientFor) -> None:
    assert f'href="{ROOT}/"' in client_for(PostKind.IT_CENTRE).get("/").text
    assert f'href="{ROOT}/"' not in client_for(PostKind.CLERK).get("/").text


@pytest.mark.parametrize("address", [f"{ROOT}/", *LISTS, *EXPORTS])
def test_the_it_centre_opens_every_page(it_centre: SignedIn, address: str) -> None:
    assert it_centre.get(address).status_code == 200


def test_every_list_leads_to_the_pages_of_its_rows(it_centre: SignedIn) -> None:
    pages = detail_pages(it_centre)
    assert len(pages) == len(LISTS) - 3, "accesses, counters and transactions have nothing more to show"
    assert [it_centre.get(address).status_code for address in pages] == [200] * len(pages)


def test_whoever_may_only_look_may_not_take_tables_away(app: Flask, it_centre: SignedIn) -> None:
    with app.app_context():
        role = db.session.scalars(select(Role).where(Role.name == permissions.IT_CENTRE)).one()
        roles.set_grants(SYSTEM, role.id, permissions.STARTING_ROLES[permissions.IT_CENTRE] - {("console", "show")})
    page = it_centre.get(f"{ROOT}/events/")
    assert page.status_code == 200
    assert "/export/csv/" not in page.text
    assert it_centre.get(f"{ROOT}/events/export/csv/").status_code == 403


# ── to look at only ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.4.a")
@pytest.mark.parametrize("path", ["new/", "edit/?id=1", "delete/", "action/", "ajax/update/", "ajax/lookup/"])
def test_nothing_can_be_added_changed_or_deleted(it_centre: SignedIn, path: str) -> None:
    for address in LISTS:
        assert it_centre.get(address + path).status_code == 404
        assert it_centre.send(address + path, id="1").status_code in (404, 405)


def test_the_console_answers_to_no_method_that_changes(app: Flask) -> None:
    methods = {
        method for rule in app.url_map.iter_rules() if str(rule).startswith(ROOT) for method in rule.methods or ()
    }
    assert methods == {"GET", "HEAD", "OPTIONS"}


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_page_and_no_export_shows_a_password_hash_or_another_secret(app: Flask, it_centre: SignedIn) -> None:
    with app.app_context():
        db.session.execute(update(Account).values(session_mark="mark-of-an-open-session"))
        db.session.execute(update(User).values(password="scrypt:hash-of-a-password"))
        user_id = db.session.scalar(select(func.max(User.id)))
        db.session.add(PasswordHistory(user_id=user_id, password_hash="scrypt:older", at=clock.now()))
        db.session.commit()
    with it_centre.session_transaction() as opened:
        opened["mark"] = "mark-of-an-open-session"
    for address in [f"{ROOT}/", *LISTS, *EXPORTS, *detail_pages(it_centre)]:
        answer = it_centre.get(address)
        assert answer.status_code == 200
        for secret in ("scrypt:", "mark-of-an-open-session", "Mat-Khau-Trong-Thu", app.config["SECRET_KEY"]):
            assert secret not in answer.text, f"{secret} on {address}"


# ── lists, filters, export ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", LISTS)
def test_no_list_counts_its_table_or_reads_more_than_a_page(app: Flask, it_centre: SignedIn, address: str) -> None:
    with statements(app) as found:
        it_centre.get(address)
    counting = [sql for sql in found if "count(" in sql.lower()]
    assert not [sql for sql in counting if " LIMIT " not in sql]  # the menu's counters stop at their cap
    lists = [sql for sql in found if " LIMIT " in sql and sql not in counting]
    assert lists
    assert all("ORDER BY" in sql for sql in lists)


def test_the_newest_stands_first(it_centre: SignedIn) -> None:
    ids = [int(line[0]) for line in csv_of(it_centre.get(f"{ROOT}/events/export/csv/"))[1:]]
    assert ids == sorted(ids, reverse=True)


def test_a_period_is_one_of_days_in_vietnam(app: Flask, it_centre: SignedIn) -> None:
    with app.app_context():
        midnight = clock.in_vietnam(clock.now()).replace(hour=0, minute=0) - timedelta(days=10)
        for minutes in (-1, 0, 24 * 60 - 1, 24 * 60):
            with clock.set_to(midnight + timedelta(minutes=minutes)), unit_of_work() as uow:
                uow.events.append(
                    Event(
                        at=clock.now(),
                        tag="tests.at",
                        subject_type="t",
                        subject_id=str(minutes),
                        actor_name="x",
                        power="system",
                        via="job",
                    )
                )
    page = it_centre.get(f"{ROOT}/events/?flt0_0=20/12/2026&flt1_1=20/12/2026")
    assert len(table_rows(page)) == 2
    assert "20/12/2026 00:00" in page.text
    assert "20/12/2026 23:59" in page.text


def test_a_document_s_acts_and_looks_are_found_by_its_id(it_centre: SignedIn, filled: int) -> None:
    assert len(table_rows(it_centre.get(f"{ROOT}/events/?flt0_3={filled}"))) == 1
    assert len(table_rows(it_centre.get(f"{ROOT}/accesses/?flt0_3={filled}"))) == 1
    assert table_rows(it_centre.get(f"{ROOT}/events/?flt0_3={filled + 1}")) == []


def test_failed_deliveries_are_found_among_the_delivered(app: Flask, it_centre: SignedIn) -> None:
    with app.app_context():
        db.session.add(
            Outbox(kind="gone", payload={}, created_at=clock.now(), available_at=clock.now(), done_at=clock.now())
        )
        db.session.commit()
    waiting = it_centre.get(f"{ROOT}/outbox/?flt0_1=0")
    assert len(table_rows(waiting)) == 1
    assert "no handler for tests.letter" in waiting.text


def test_a_word_finds_rows_by_a_part(it_centre: SignedIn) -> None:
    assert "Lê Thị Hạnh" in it_centre.get(f"{ROOT}/events/?search=Hạnh").text
    assert table_rows(it_centre.get(f"{ROOT}/events/?search=nobody-of-this-name")) == []


@pytest.mark.parametrize(
    "query",
    [
        "search=%00",
        "search=%25%5C'%22",
        "flt0_0=32/13",
        "flt0_0=%00",
        "flt0_3=99999999999999999999",
        "flt0_3=x",
        "flt0_2=%00",
        "flt0_99=1",
        "page=99999999999999999999",
        "page=-1",
        "sort=99",
        "sort=0&desc=1",
    ],
)
def test_made_up_addresses_do_no_harm(it_centre: SignedIn, query: str) -> None:
    for address in LISTS:
        assert it_centre.get(f"{address}?{query}").status_code == 200


@pytest.mark.parametrize("key", ["0", "-1", "x", "1,2", "99999999999999999999", "%00", "1,,2", ""])
def test_a_row_that_does_not_exist_leads_back_to_the_list(it_centre: SignedIn, key: str) -> None:
    for address in LISTS:
        assert it_centre.get(f"{address}details/?id={key}").status_code == 302


def test_a_search_that_takes_too_long_is_given_up_with_advice(
    it_centre: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = select(Event.id).where(cast(func.pg_sleep(5), Text) == "")
    monkeypatch.setattr(tables, "SLOWEST_MILLISECONDS", 50)
    monkeypatch.setattr(EventTable, "get_query", lambda _self: db.session.query(Event).where(Event.id.in_(slow)))
    page = it_centre.get(f"{ROOT}/events/")
    assert page.status_code == 200
    assert "Tìm quá lâu nên đã dừng" in page.text
    assert table_rows(page) == []


def test_an_export_is_read_as_vietnamese_by_a_spreadsheet(it_centre: SignedIn) -> None:
    answer = it_centre.get(f"{ROOT}/accesses/export/csv/")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "console_accesses_20261230_093000.csv" in answer.headers["Content-Disposition"]
    lines = csv_of(answer)
    assert lines[0][:4] == ["Mã", "Thời điểm", "Thao tác", "Ai"]
    (line,) = [line for line in lines if "công văn.pdf" in line]
    assert line[1:4] == ["30/12/2026 09:30", "tải xuống", "Lê Thị Hạnh"]


def test_a_spreadsheet_never_computes_what_a_stranger_wrote(it_centre: SignedIn) -> None:
    names = [line[2] for line in csv_of(it_centre.get(f"{ROOT}/uploads/export/csv/"))]
    assert "'=1+1.pdf" in names
    assert "=1+1.pdf" not in names


# ── overview, language, policy ───────────────────────────────────────────────────────────────────────────────────


def test_the_overview_says_how_things_stand(it_centre: SignedIn) -> None:
    words = text_of(it_centre.get(f"{ROOT}/"))
    for expected in (
        "Cấu trúc cơ sở dữ liệu đã cập nhật",
        "Tách tài khoản cơ sở dữ liệu có hiệu lực",
        "1 việc đang chờ, trong đó 1 việc đã gửi lỗi",
        "Chuẩn bị bảng theo tháng cho nhật ký truy cập access_partitions 30/12/2026 09:30 xong 31/12/2026 00:05",
        "Flask-AppBuilder 5.3.0",
    ):
        assert expected in words


def test_the_overview_warns_when_program_and_owner_are_one_account(
    it_centre: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.admin import overview
    from app.queries.health import DatabaseHealth

    monkeypatch.setattr(overview, "database_health", lambda _session: DatabaseHealth("18.4", "0000", 1, False))
    monkeypatch.setattr(overview, "free_space", lambda: None)
    monkeypatch.setattr(overview, "missing_programs", lambda _folder: {"pg_dump": "back up the database"})
    words = text_of(it_centre.get(f"{ROOT}/"))
    assert "không có hiệu lực" in words
    assert "chưa cập nhật" in words
    assert "Kho tệp không trả lời" in words
    assert "thiếu pg_dump : sao lưu cơ sở dữ liệu" in words


def test_the_pages_keep_to_the_content_security_policy(it_centre: SignedIn) -> None:
    for address in [f"{ROOT}/", *LISTS, *detail_pages(it_centre)]:
        answer = it_centre.get(address)
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert nonce is not None
        assert not re.findall(r"<[^>]+\s(?:style|on[a-z]+)=", answer.text)
        assert "javascript:" not in answer.text
        inline = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", answer.text)
        assert all(nonce.group(1) in tag or 'type="application/json"' in tag for tag in inline)


def test_no_label_is_left_in_english(it_centre: SignedIn) -> None:
    for address in [*LISTS, *detail_pages(it_centre)]:
        page = it_centre.get(address).text
        labels = re.findall(r"<th[^>]*>([^<]+)</th>|<dt>([^<]+)</dt>|data-label=\"([^\"]+)\"", page)
        for label in {next(filter(None, found)) for found in labels}:
            assert label not in {"Time", "Who", "Job", "Kind", "Row id", "Transaction", "Address", "Error"}, address
            assert "_" not in label, f"{label} on {address}"


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_acts_states_and_parameters_are_shown_in_words(it_centre: SignedIn, filled: int) -> None:
    listed = it_centre.get(f"{ROOT}/events/?flt0_3={filled}")
    words = text_of(listed)
    for expected in ("Vào sổ văn bản đến", "Văn bản", "Đã vào sổ"):
        assert expected in words
    for code in ("incoming.register", ">registered<", ">None<"):
        assert code not in listed.text[listed.text.index("<tbody>") : listed.text.index("</tbody>")]
    link = re.search(r'href="([^"]*/details/[^"]*)"', listed.text)[1].replace("&amp;", "&")  # type: ignore[index]
    page = it_centre.get(link)
    assert re.search(r"<details><summary>\d+ giá trị</summary><ul><li>", page.text)
    assert "Tệp: công văn.pdf" in text_of(page)
    assert "{" not in text_of(page)


def test_a_sign_in_names_the_person_and_a_failure_the_user_name_that_was_typed(app: Flask, it_centre: SignedIn) -> None:
    with app.app_context():
        accounts.sign_in("clerk", PASSWORD)
        with pytest.raises(accounts.SignInRefused):
            accounts.sign_in("specialist", "sai mật khẩu")
        query = select(Event).where(Event.tag == "account.signed_in")
        signed_in = db.session.scalars(query.order_by(Event.id.desc()).limit(1)).one()
        assert (signed_in.actor_name, signed_in.actor_post) == ("Lê Thị Hạnh", "Văn thư")
        assert signed_in.actor_user_id == int(signed_in.subject_id)
        assert signed_in.power == "own_post"
    failed = it_centre.get(f"{ROOT}/events/?flt0_2=account.sign_in_failed")
    assert "tên đăng nhập đã gõ: specialist" in text_of(failed)
    assert "system:" not in it_centre.get(f"{ROOT}/events/").text


@pytest.mark.parametrize("typed", ["hanh", "Lê+Hạnh", "clerk"])
def test_an_account_is_found_by_its_person_s_name_without_marks(it_centre: SignedIn, typed: str) -> None:
    found = it_centre.get(f"{ROOT}/accounts/?search={typed}")
    assert len(table_rows(found)) == 1
    assert "Lê Thị Hạnh" in found.text


def test_a_search_without_result_is_told_from_an_empty_table(it_centre: SignedIn) -> None:
    for address in (f"{ROOT}/events/?search=nobody-of-this-name", f"{ROOT}/events/?flt0_3=999999"):
        words = text_of(it_centre.get(address))
        assert "Không có kết quả phù hợp" in words
        assert "chưa có bản ghi" not in words


def test_a_hash_is_short_in_lists_and_whole_beside_and_in_exports(it_centre: SignedIn) -> None:
    for table in ("files", "uploads"):
        page = it_centre.get(f"{ROOT}/{table}/").text
        whole, shown = re.search(r'<code title="([0-9a-f]{64})">([0-9a-f]+)…</code>', page).groups()  # type: ignore[union-attr]
        assert shown == whole[:12]
        assert whole in it_centre.get(f"{ROOT}/{table}/export/csv/").data.decode()
