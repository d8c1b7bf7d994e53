"""The demo office is loaded once, whole, by the operations that people use; its register reads like a real one."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdf
import pytest
from cryptography import x509
from flask import Flask
from flask_appbuilder import Model
from sqlalchemy import Engine, func, or_, select
from werkzeug.security import generate_password_hash

from app import accesses, clock
from app.backends import inspector, store
from app.clock import VIETNAM
from app.demo import loader
from app.demo.address_book import CONTACTS
from app.demo.loader import load
from app.demo.office import PEOPLE, UNITS
from app.demo.plan import make_plan
from app.demo.settling_plan import make_settling
from app.demo.settling_steps import Deed
from app.demo.signing import NAME
from app.demo.steps import Act
from app.extensions import db
from app.models import (
    Access,
    Account,
    Blob,
    Document,
    DocumentFile,
    DocumentLink,
    DocumentType,
    Event,
    Organisation,
    Person,
    RegisterBook,
    RegisterEntry,
    SignatureCheck,
    User,
)
from app.operations import accounts, arrivals, delegation, files, incoming, parties, readings
from app.queries.actors import actor_for
from app.queries.visibility import visible
from app.rules.incoming import FILES
from app.storage.sniff import examine
from app.vocabulary import (
    AccessKind,
    Channel,
    DocumentKind,
    FileRole,
    IncomingState,
    LinkKind,
    Power,
    RefusalReason,
    Verdict,
    Via,
)
from tests.fixtures.application import Databases, engine_in_use, office_without_people

PASSWORD = "VanThu@2026"
COUNT = 25
NOW = datetime(2026, 2, 10, 8, 20, tzinfo=VIETNAM)
"""Early in the morning, and less than five months after a New Year's Day."""
ACCOUNTS = (
    "vanthu1", "vanthu2", "hanhchinh", "chanhvp", "phovp1", "phovp2", "truongphong1", "chuyenvien1", "chutich",
    "phochutich1", "troly", "luutru", "quanly", "quantri", "soxaydung",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def trust_dir(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A trust folder of these tests' own: what the demo brings must not be trusted by others."""
    found = app.extensions["inspector"]
    usual, found.trust_dir = found.trust_dir, str(tmp_path_factory.mktemp("trust"))
    yield Path(found.trust_dir)
    found.trust_dir = usual


@pytest.fixture(scope="module")
def loaded_database(app: Flask, databases: Databases, template: str, trust_dir: Path) -> Iterator[Engine]:
    """A database with the demo office, made once; tests that use it only read, or sign in."""
    with office_without_people(app, databases, template) as engine:
        with app.app_context(), clock.set_to(NOW):
            told = load(PASSWORD, count=COUNT)
        assert told.startswith("Đã nạp cơ quan mẫu: 25 tài khoản")
        for part in (
            "25 văn bản đến đã vào sổ", "8 đang chờ trong khay", "1 trình khẩn còn nợ số", "6 từ chối nhận",
            "1 trình khẩn rồi cấp số", "1 gửi trả", "2 đã ghép", "1 bỏ khỏi khay",
        ):  # fmt: skip
            assert part in told
        yield engine


@contextmanager
def at_work(app: Flask) -> Iterator[Any]:
    with app.app_context(), clock.set_to(NOW):
        yield db.session()


@pytest.fixture
def session(app: Flask, loaded_database: Engine) -> Iterator[Any]:
    """A session on the loaded office; shadows the one on the small office of other tests."""
    with engine_in_use(app, loaded_database), at_work(app) as opened:
        yield opened


@pytest.fixture
def quick_hashes() -> Iterator[None]:
    """Passwords hashed at no cost, where nobody is going to sign in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "generate_password_hash", partial(generate_password_hash, method="pbkdf2:sha256:1"))
        yield


def numbered() -> Any:
    """What is in the register."""
    return select(Document).where(Document.arrival_number.is_not(None))


def in_state(session: Any, state: IncomingState) -> list[Document]:
    """Documents in a state, in order of arrival."""
    return list(session.scalars(select(Document).where(Document.state == state).order_by(Document.received_at)))


def contents(session: Any) -> dict[str, int]:
    """Rows in every table."""
    tables = Model.metadata.sorted_tables
    return {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables}


# ── the register ──


def test_numbers_run_from_one_without_gap_every_year_in_order_of_time(session: Any) -> None:
    entries = session.scalars(select(RegisterEntry).order_by(RegisterEntry.registered_at)).all()
    by_year: dict[int, list[int]] = {}
    for entry in entries:
        by_year.setdefault(clock.in_vietnam(entry.registered_at).year, []).append(entry.number)
        assert entry.year == entry.entry_date.year == clock.in_vietnam(entry.registered_at).year
    assert set(by_year) == {2025, 2026}
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_year.values())
    assert len(entries) == COUNT


def test_every_document_came_before_it_was_entered_and_nothing_lies_in_the_future(session: Any) -> None:
    documents = session.scalars(numbered().order_by(Document.registered_at)).all()
    assert len(documents) == COUNT
    for document in documents:
        assert document.issued_on <= clock.in_vietnam(document.received_at).date()
        assert document.received_at < document.registered_at <= NOW
        assert time(7, 30) <= clock.in_vietnam(document.registered_at).time() <= time(17, 15)
    assert all(a.registered_at < b.registered_at for a, b in pairwise(documents))
    assert session.scalar(select(func.max(Event.at)).where(Event.document_id.is_not(None))) <= NOW
    assert session.scalar(select(func.max(Access.at))) <= NOW


def test_senders_types_and_books_are_those_of_the_catalogues(session: Any) -> None:
    for document in session.scalars(numbered()):
        assert document.subject
        assert document.type.name
        assert document.book is not None
        assert (document.issuer_id is None) == (document.book.code == "den-don-thu")
        assert bool(document.number_notation) == (document.issuer_id is not None)
        assert document.type.valid_from <= document.issued_on


def test_every_state_of_an_incoming_document_is_there(session: Any) -> None:
    states = set(session.scalars(select(Document.state).where(Document.kind == DocumentKind.INCOMING).distinct()))
    assert states == {str(state) for state in IncomingState}
    cancelled = session.execute(
        select(RegisterEntry.reason).join(Document).where(Document.state == IncomingState.CANCELLED)
    ).scalars()
    assert all(reason.endswith(".") and "{" not in reason for reason in cancelled)


@pytest.mark.clause("212/6.2")
def test_the_tray_holds_scans_dropped_files_and_two_that_came_before(session: Any) -> None:
    waiting = in_state(session, IncomingState.RECEIVED)
    assert len(waiting) == 8
    assert all(document.arrival_number is None and document.files for document in waiting)
    assert all(document.received_at > NOW - timedelta(days=5) for document in waiting)  # a weekend among them
    received = select(Event).where(Event.tag == Act.RECEIVE.value)
    by = {event.document_id: event.actor_name for event in session.scalars(received)}
    assert Counter(by[document.id] == "system:scan_folder" for document in waiting) == {True: 3, False: 5}
    assert {document.channel for document in waiting} == set(Channel)
    [again] = [document for document in waiting if document.duplicate_of_id]
    first = session.get_one(Document, again.duplicate_of_id)
    assert first.arrival_number
    assert first.files[0].sha256 == again.files[0].sha256
    assert again.channel != first.channel
    scans = [document for document in waiting if document.channel == Channel.PAPER]
    assert any(_on_page(first, document) for document in scans for first in session.scalars(numbered()))


def _on_page(first: Document, scan: Document) -> bool:
    """Whether the page of a scan bears number and notation of a registered document."""
    page = pypdf.PdfReader(store().path(scan.files[0].sha256)).pages[0].extract_text()
    return bool(first.number_notation) and f"Số: {first.number_notation}" in page


@pytest.mark.clause("212/4.1")
def test_an_urgent_one_owes_its_number_and_another_got_it_later(session: Any) -> None:
    [owing] = in_state(session, IncomingState.URGENT)
    assert owing.permitted_by_id
    assert owing.permitted_note.startswith("Qua điện thoại lúc ")
    assert owing.urgency != "normal"
    presented = session.scalars(select(Event.document_id).where(Event.tag == Act.ADVANCE.value)).all()
    later = session.scalars(select(Event).where(Event.tag == Act.GIVE_NUMBER.value)).all()
    assert {owing.id, *(event.document_id for event in later)} == set(presented)
    for event in later:
        assert session.get_one(Document, event.document_id).arrival_number == event.params["number"]


@pytest.mark.clause("212/5.3")
def test_refusals_have_several_reasons_one_in_words_and_some_left_no_file(session: Any) -> None:
    refused = in_state(session, IncomingState.REFUSED)
    codes = {document.refusal_code for document in refused}
    assert len(codes) == len(refused) == 6
    assert {RefusalReason.SIGNATURE, RefusalReason.OTHER, RefusalReason.SECRET} <= codes
    said = dict(session.execute(select(Event.document_id, Event.params).where(Event.tag == Act.REFUSE.value)).all())
    other = next(document for document in refused if document.refusal_code == RefusalReason.OTHER)
    assert said[other.id]["reason"].endswith(".")
    assert {document.refusal_code for document in refused if not document.files} == {
        RefusalReason.SECRET,
        RefusalReason.WRONG_ADDRESS,
    }
    assert [document.refusal_code for document in refused if document.withheld] == [RefusalReason.SECRET]


@pytest.mark.clause("212/7.3")
def test_paper_copies_came_later_once_scanned_and_once_not(session: Any) -> None:
    copied = session.scalars(select(Document).where(Document.paper_received_at.is_not(None))).all()
    assert sorted(len(document.files) for document in copied) == [1, 2]
    assert all(document.received_at < document.paper_received_at for document in copied)
    joined = in_state(session, IncomingState.JOINED)
    links = session.scalars(select(DocumentLink).where(DocumentLink.from_id.in_([each.id for each in joined]))).all()
    assert Counter(link.kind for link in links) == {LinkKind.PAPER_COPY_OF: 1, LinkKind.PART_OF: 1}


@pytest.mark.clause("212/5.1")
def test_signatures_are_valid_broken_or_of_an_authority_nobody_knows(session: Any, trust_dir: Path) -> None:
    verdicts = select(Document.state, Document.signature_verdict).where(Document.signature_verdict != "")
    found = Counter(tuple(row) for row in session.execute(verdicts))
    assert found.pop((IncomingState.REGISTERED, Verdict.VALID)) >= 3
    assert found == {
        (IncomingState.RECEIVED, Verdict.VALID): 1,
        (IncomingState.RECEIVED, Verdict.INVALID): 1,
        (IncomingState.RECEIVED, Verdict.INDETERMINATE): 1,
        (IncomingState.URGENT, Verdict.VALID): 1,
        (IncomingState.REFUSED, Verdict.INVALID): 1,
    }
    checks = session.scalars(select(SignatureCheck)).all()
    assert {(check.verdict, check.code) for check in checks} == {
        ("valid", "trusted"), ("invalid", "changed_after_signing"), ("indeterminate", "no_chain"),
    }  # fmt: skip
    by_file = Counter(check.sha256 for check in checks)
    assert set(by_file.values()) == {2}  # the leader and the body
    root = x509.load_pem_x509_certificate((trust_dir / f"{NAME}.pem").read_bytes())
    assert "chỉ dùng thử" in root.subject.rfc4514_string()
    assert inspector().trust().roots == 1
    assert not any("PRIVATE" in path.read_text() for path in trust_dir.rglob("*.*") if path.is_file())


def test_what_came_over_the_axis_bears_an_identifier_and_nothing_else_does(session: Any) -> None:
    for document in session.scalars(numbered()):
        from_body = document.channel == Channel.AXIS
        assert bool(document.identifier) == from_body
        assert document.identifier.endswith(document.number_notation if from_body else "")


def test_some_were_corrected_with_a_reason_and_some_got_files_later(session: Any) -> None:
    corrections = session.scalars(select(Event).where(Event.tag == "incoming.correct")).all()
    assert corrections
    assert all(event.params["reason"] and event.transaction_id for event in corrections)
    attached = session.scalars(select(Event).where(Event.tag == "incoming.attach")).all()
    assert attached
    for event in attached:
        kept = session.scalars(select(DocumentFile).where(DocumentFile.document_id == event.document_id)).all()
        assert {file.role for file in kept} == {FileRole.MAIN, FileRole.ATTACHMENT}


def test_the_page_count_survives_a_correction(session: Any) -> None:
    for document in session.scalars(numbered()):
        assert document.page_count == document.files[0].blob.page_count


def test_clerks_enter_and_the_assistant_enters_for_the_head_of_section(session: Any) -> None:
    entering = (Act.REGISTER.value, Act.ADVANCE.value)
    registrations = session.scalars(select(Event).where(Event.tag.in_(entering))).all()
    names = {person.user_name: person.full_name for person in PEOPLE}
    assert {event.actor_name for event in registrations} == {names[who] for who in ("vanthu1", "vanthu2", "troly")}
    for event in registrations:
        lent = event.actor_name == names["troly"]
        assert event.power == (Power.ENTRY if lent else Power.OWN_POST)
        assert event.on_behalf_of_name == (names["hanhchinh"] if lent else "")


def test_leaders_and_specialists_have_looked(session: Any) -> None:
    kinds = set(session.scalars(select(Access.kind).distinct()))
    assert {AccessKind.VIEW, AccessKind.DOWNLOAD} <= kinds
    assert session.scalar(select(func.count()).select_from(Access).where(Access.document_id.is_(None))) == 0


def test_every_file_can_be_read_and_is_what_it_says(session: Any) -> None:
    read = 0
    for blob in session.scalars(select(Blob)):
        path = store().path(blob.sha256)
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == blob.sha256
        name = session.scalars(select(DocumentFile.received_name).where(DocumentFile.sha256 == blob.sha256)).first()
        seen = examine(path, name)
        assert seen.acceptable
        assert not seen.problems
        assert seen.type.media_type == blob.media_type
        if blob.media_type == "application/pdf":
            pages = pypdf.PdfReader(path).pages
            assert len(pages) == blob.page_count
            assert "CỘNG HÒA" in pages[0].extract_text() or "DANH MỤC" in pages[0].extract_text()
        read += 1
    assert read > COUNT


# ── the people ──


def test_everybody_signs_in_with_the_one_password(session: Any) -> None:
    for name in ACCOUNTS:
        user = accounts.sign_in(name, PASSWORD)
        actor = actor_for(session, user, Via.WEB)
        assert actor.posts, name
        assert actor.permissions, name
    assert set(session.scalars(select(Account.password_origin).distinct())) == {"demo"}


def test_the_department_outside_sees_only_what_it_sent(session: Any) -> None:
    user = session.scalars(select(User).where(User.username == "soxaydung")).one()
    seen = session.scalars(select(Document).where(visible(actor_for(session, user, Via.WEB)))).all()
    sent = session.scalar(select(func.count()).select_from(Document).where(Document.issuer_name == "Sở Xây dựng"))
    assert {document.issuer_name for document in seen} == {"Sở Xây dựng"}
    assert len(seen) == sent < COUNT


def test_units_stand_in_one_tree_under_the_committee(session: Any) -> None:
    own = {row.name: row for row in session.scalars(select(Organisation).where(Organisation.ours))}
    assert set(own) == {unit.name for unit in UNITS}
    names = {unit.key: unit.name for unit in UNITS}
    for unit in UNITS:
        above = own[unit.name].parent
        assert (above.name if above else None) == (names[unit.parent] if unit.parent else None)
        assert own[unit.name].abbreviation == unit.abbreviation
    outside = session.scalar(select(func.count()).select_from(Organisation).where(~Organisation.ours))
    assert outside == len(CONTACTS)


# ── once, and whole ──


def test_loading_again_changes_nothing(session: Any) -> None:
    before = contents(session)
    assert load(PASSWORD, count=COUNT) == ""
    assert contents(session) == before


def test_a_load_that_was_cut_off_is_completed_by_the_next(
    app: Flask, empty_office: Engine, quick_hashes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off_after(calls: int, module: Any, name: str) -> None:
        """Let the process die, as far as the database can tell, at the call after so many."""
        usual, left = getattr(module, name), iter(range(calls))

        def dying(*args: Any, **kwargs: Any) -> Any:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return usual(*args, **kwargs)

        monkeypatch.setattr(module, name, dying)
        with at_work(app), pytest.raises(KeyboardInterrupt):
            load(PASSWORD, count=14)
        monkeypatch.undo()

    cut_off_after(0, delegation, "grant")
    with at_work(app) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0
        assert session.scalar(select(func.count()).select_from(User)) == 0
    cut_off_after(3, files, "receive")
    cut_off_after(1, readings, "seen")
    # in the order of the plan's days
    cut_off_after(0, arrivals, "add_paper_copy")
    cut_off_after(1, accesses, "record")
    cut_off_after(0, incoming, "correct")
    cut_off_after(0, arrivals, "join")
    with at_work(app) as session:
        plan = make_plan(212, 14, NOW)
        came = select(func.count()).select_from(Document).where(Document.kind == DocumentKind.INCOMING)
        assert 0 < session.scalar(came) < len(plan.items)
        with clock.set_to(NOW + timedelta(days=2, hours=7)):  # the next start comes days after, with other wishes
            assert load("Khac@Hoan2026", count=7, seed=1).startswith("Đã nạp cơ quan mẫu")
        documents = session.scalars(numbered().order_by(Document.registered_at)).all()
        found = [(d.registered_at, d.received_at, d.number_notation, d.subject) for d in documents]
        assert found == [
            (a.registered_at, a.received_at, a.letter.number_notation, a.letter.subject) for a in plan.arrivals
        ]
        done = session.execute(select(Event.tag, Event.at).where(Event.tag.startswith("incoming.")))
        looks = session.execute(select(Access.kind, Access.at))
        made = Counter((tag, at) for tag, at in [*done, *looks])
        steps = Counter((step.act.value, step.at) for step in plan.steps)
        scans = [step.at for step in plan.steps if step.act is Act.PAPER_COPY and step.other is not None]
        assert made == steps + Counter((Act.JOIN.value, at) for at in scans)  # a scan that comes along is joined
        assert session.scalar(came) == len(plan.items)
        acts = select(Event.tag, Event.at).where(
            or_(Event.tag.startswith("handling."), Event.tag.startswith("assignment."))
        )
        works = [work for work in make_settling(212, plan, NOW) if work.deed not in (Deed.SEE, Deed.READ)]
        assert Counter(tuple(row) for row in session.execute(acts)) == Counter((w.deed.value, w.at) for w in works)


def test_a_database_in_which_somebody_has_an_account_gets_no_demo(app: Flask, empty_office: Engine) -> None:
    with at_work(app) as session:
        person = parties.add_person(loader.SYSTEM, "Phạm Minh Tuấn")
        accounts.open_account(loader.SYSTEM, person.id, "tuan.pm", PASSWORD, origin="own")
        before = contents(session)
        assert load(PASSWORD, count=3) == ""
        assert contents(session) == before


def test_a_load_that_was_cut_off_does_not_go_on_after_people_went_to_work(
    app: Flask, empty_office: Engine, quick_hashes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(incoming, "register", dying)
    with at_work(app), pytest.raises(KeyboardInterrupt):
        load(PASSWORD, count=3)
    monkeypatch.undo()
    with at_work(app) as session:
        user = session.scalars(select(User).where(User.username == "vanthu1")).one()
        kind = session.scalars(
            select(DocumentType).where(DocumentType.code == "cong_van", DocumentType.valid_to.is_(None))
        ).one()
        book = session.scalars(select(RegisterBook).where(RegisterBook.code == "den")).one()
        values = {
            "issuer": {"id": None, "name": "Sở Tài chính"}, "type_id": str(kind.id), "urgency": "normal",
            "subject": "Về việc bổ sung kinh phí", "book_id": str(book.id), "channel": "paper", FILES.name: [],
        }  # fmt: skip
        incoming.register(actor_for(session, user, Via.WEB), values)
        before = contents(session)
        assert load(PASSWORD, count=3) == ""
        assert contents(session) == before


def test_a_load_that_was_cut_off_does_not_go_on_after_somebody_emptied_its_tray(
    app: Flask, empty_office: Engine, quick_hashes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(incoming, "advance", dying)
    with at_work(app), pytest.raises(KeyboardInterrupt):
        load(PASSWORD, count=3)
    monkeypatch.undo()
    with at_work(app) as session, clock.set_to(NOW + timedelta(hours=1)):
        [waiting] = in_state(session, IncomingState.RECEIVED)[:1]
        user = session.scalars(select(User).where(User.username == "vanthu1")).one()
        arrivals.discard(actor_for(session, user, Via.WEB), waiting.id, {"reason": "Trang quét thử."})
        before = contents(session)
        assert load(PASSWORD, count=3) == ""
        assert contents(session) == before


def test_where_the_trust_folder_cannot_be_written_the_office_is_loaded_and_the_line_says_so(
    app: Flask, empty_office: Engine, quick_hashes: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "trust"
    in_the_way.write_text("not a folder")
    monkeypatch.setattr(app.extensions["inspector"], "trust_dir", str(in_the_way))
    with at_work(app) as session:
        assert load(PASSWORD, count=1).endswith("nên chữ ký số mẫu chưa xác định được.")
        verdicts = set(session.scalars(select(Document.signature_verdict)))
    assert verdicts == {"", Verdict.INVALID, Verdict.INDETERMINATE}  # what was changed is so whoever signed it
