"""What leaves the register: stamp, notice, export; only for whom it may, never unrecorded, never a half file."""

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import openpyxl
import pypdf
import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app import accesses
from app.actor import Actor
from app.backends import store
from app.clock import VIETNAM
from app.extensions import db
from app.models import Access, Document, DocumentFile
from app.operations import arrivals, incoming
from app.operations.files import receive
from app.views.incoming_output import MOST_ROWS
from app.vocabulary import AccessKind, PostKind
from tests.fixtures.office import SENDER, SignedIn, actor_of, pdf, registration, text_of

Clients = Callable[[PostKind | None], SignedIn]
Registered = Callable[..., int]
MAY_PRINT = {PostKind.CLERK, PostKind.ADMIN_HEAD}
MAY_EXPORT = MAY_PRINT | {
    PostKind.OFFICE_LEADER, PostKind.HEAD_OF_DEPARTMENT, PostKind.ARCHIVIST, PostKind.MANAGER
}  # fmt: skip


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def read(content: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages))


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    """Rows of an exported workbook below the head."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    found = list(sheet.iter_rows(values_only=True))
    return found[next(at for at, row in enumerate(found) if row[0] == "(1)") + 1 :]


def numbers_of(content: bytes) -> list[int]:
    return [row[1] for row in rows_of(content)]


@dataclass(frozen=True)
class Look:
    """What a screen put on record."""

    kind: AccessKind
    actor_name: str
    what: str
    document_id: int | None
    file_id: int | None


Looks = Callable[[AccessKind], list[Look]]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Accesses of one kind, in the order in which they were put on record."""
    written: list[Look] = []
    real = accesses.record

    def record(actor: Actor, kind: AccessKind, **more: Any) -> None:
        real(actor, kind, **more)
        written.append(Look(kind, actor.name, more.get("what", ""), more.get("document_id"), more.get("file_id")))

    monkeypatch.setattr(accesses, "record", record)
    return lambda kind: [look for look in written if look.kind == kind]


@pytest.fixture
def with_pdf(app: Flask) -> Callable[..., int]:
    """Registers a document with one file; gives its id."""

    def make(content: io.BytesIO | None = None, name: str = "công văn.pdf", **changes: Any) -> int:
        with app.app_context():
            clerk = actor_of(PostKind.CLERK)
            upload = receive(clerk, content or pdf(pages=2), name, 10**7)
            return incoming.register(clerk, registration(files=[upload.id], **changes)).id

    return make


def send_back(app: Flask, document_id: int, code: str = "competence", reason: str = "đề nghị gửi Sở Xây dựng") -> None:
    with app.app_context():
        document = db.session.get_one(Document, document_id)
        arrivals.send_back(
            actor_of(PostKind.CLERK),
            document_id,
            {"refusal_code": code, "reason": reason},
            expected_version=document.version,
        )


def cancel(app: Flask, document_id: int, reason: str) -> None:
    with app.app_context():
        document = db.session.get_one(Document, document_id)
        incoming.cancel_number(
            actor_of(PostKind.CLERK), document_id, {"reason": reason}, expected_version=document.version
        )


# ── the stamp ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.2.a")
def test_the_clerk_prints_the_stamp_onto_the_paper_and_it_is_on_record(
    app: Flask, client_for: Clients, registered: Registered, looks: Looks
) -> None:
    document_id = registered()
    clerk = client_for(PostKind.CLERK)
    page = clerk.get(f"/incoming/{document_id}/stamp")
    assert page.status_code == 200
    assert 'name="position"' in page.text
    assert 'value="copy"' not in page.text  # it has no file
    sheet = clerk.get(f"/incoming/{document_id}/stamp.pdf?what=sheet&position=top_right")
    assert sheet.mimetype == "application/pdf"
    with app.app_context():
        number = db.session.get_one(Document, document_id).arrival_number
    text = read(sheet.data)
    assert squeezed(f"Số: {number:02d}") in text
    assert "30/12/2026" in text
    (look,) = looks(AccessKind.PRINT)
    assert (look.document_id, look.actor_name) == (document_id, "Lê Thị Hạnh")
    assert look.what


def test_the_last_place_chosen_is_offered_again(client_for: Clients, registered: Registered) -> None:
    document_id, clerk = registered(), client_for(PostKind.CLERK)
    assert re.search(r'value="below_abstract" checked', clerk.get(f"/incoming/{document_id}/stamp").text)
    clerk.get(f"/incoming/{document_id}/stamp.pdf?what=sheet&position=lower_left")
    assert re.search(r'value="lower_left" checked', clerk.get(f"/incoming/{document_id}/stamp").text)
    clerk.get(f"/incoming/{document_id}/stamp.pdf?what=sheet&position=nonsense")
    assert re.search(r'value="lower_left" checked', clerk.get(f"/incoming/{document_id}/stamp").text)


@pytest.mark.clause("212/16.4.d")
def test_a_stamped_copy_carries_the_original_unchanged_and_is_kept_nowhere(
    app: Flask, client_for: Clients, with_pdf: Callable[..., int], looks: Looks
) -> None:
    document_id = with_pdf()
    original = pdf(pages=2).read()
    with app.app_context():
        before = {entry.sha256 for entry in store().iter_blobs()}
    copy = client_for(PostKind.CLERK).get(f"/incoming/{document_id}/stamp.pdf?what=copy&position=below_date")
    assert copy.status_code == 200
    assert copy.headers["Content-Disposition"].startswith("attachment")
    assert int(copy.headers["Content-Length"]) == len(copy.data)
    assert copy.data.startswith(original)
    assert squeezed("Bản sao có dấu đến") in read(copy.data)
    with app.app_context():
        assert {entry.sha256 for entry in store().iter_blobs()} == before
        (file,) = db.session.scalars(select(DocumentFile).where(DocumentFile.document_id == document_id))
        with store().open(file.sha256) as kept:
            assert kept.read() == original
    (look,) = looks(AccessKind.PRINT)
    assert (look.document_id, look.file_id) == (document_id, file.id)
    assert "công văn.pdf" in look.what


def test_a_locked_pdf_is_refused_in_words_and_the_stamp_alone_is_still_printed(
    client_for: Clients, with_pdf: Callable[..., int], looks: Looks
) -> None:
    writer = pypdf.PdfWriter(clone_from=pdf())
    writer.encrypt("", "owner", algorithm="AES-128")
    locked = io.BytesIO()
    writer.write(locked)
    locked.seek(0)
    document_id, clerk = with_pdf(locked, "bản khóa.pdf"), client_for(PostKind.CLERK)
    refused = clerk.get(f"/incoming/{document_id}/stamp.pdf?what=copy")
    assert refused.status_code == 422
    assert refused.mimetype == "text/html"
    assert "bản khóa.pdf" in text_of(refused)
    assert looks(AccessKind.PRINT) == []
    assert clerk.get(f"/incoming/{document_id}/stamp.pdf?what=sheet").mimetype == "application/pdf"


def test_there_is_no_stamp_without_a_number_nor_for_a_cancelled_one_nor_a_copy_of_another_documents_file(
    app: Flask, client_for: Clients, registered: Registered, with_pdf: Callable[..., int]
) -> None:
    clerk = client_for(PostKind.CLERK)
    cancelled = registered()
    cancel(app, cancelled, "vào sổ hai lần")
    with app.app_context():
        refused = arrivals.refuse(
            actor_of(PostKind.CLERK),
            {
                "refusal_code": "form",
                "issuer": {"id": None, "name": SENDER},
                "subject": "Về việc chống ngập",
                "channel": "paper",
            },
        ).id
    for document_id in (cancelled, refused):
        for address in ("stamp", "stamp.pdf?what=sheet", "stamp.pdf?what=copy"):
            assert clerk.get(f"/incoming/{document_id}/{address}").status_code == 422
    mine, other = with_pdf(), with_pdf(pdf("Khac"))
    with app.app_context():
        foreign = db.session.scalars(select(DocumentFile.id).where(DocumentFile.document_id == other)).one()
    assert clerk.get(f"/incoming/{mine}/stamp.pdf?what=copy&file={foreign}").status_code == 422


# ── the return notice ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/4.3", "212/5.3")
def test_the_notice_of_a_returned_document_names_reason_ground_person_and_time(
    app: Flask, client_for: Clients, registered: Registered, looks: Looks
) -> None:
    document_id, clerk = registered(number_notation="1482/STC-NS"), client_for(PostKind.CLERK)
    assert clerk.get(f"/incoming/{document_id}/return-notice.pdf").status_code == 422
    send_back(app, document_id)
    notice = clerk.get(f"/incoming/{document_id}/return-notice.pdf")
    assert notice.mimetype == "application/pdf"
    text = read(notice.data)
    for words in ("Kính gửi: Sở Tài chính", "1482/STC-NS", "khoản 3 Điều 4", "Đề nghị gửi Sở Xây dựng", "Lê Thị Hạnh",
                  "09 giờ 30 ngày 30/12/2026", "PHIẾU TRẢ LẠI VĂN BẢN"):  # fmt: skip
        assert squeezed(words) in text
    (look,) = looks(AccessKind.PRINT)
    assert look.document_id == document_id


# ── the register as a file ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/4.2", "212/16.2.a")
def test_the_export_holds_what_the_list_shows_by_number_upwards_and_is_on_record(
    app: Flask, client_for: Clients, registered: Registered, looks: Looks
) -> None:
    for subject in ("chống ngập", "biên chế", "chống ngập đợt hai"):
        registered(subject=f"Về việc {subject}", urgency="urgent" if "hai" in subject else "normal")
    client = client_for(PostKind.MANAGER)
    book = client.get("/incoming/export.xlsx")
    assert book.mimetype.endswith("spreadsheetml.sheet")
    assert int(book.headers["Content-Length"]) == len(book.data)
    numbers = numbers_of(book.data)
    assert len(numbers) == 3
    assert numbers == sorted(numbers)
    assert rows_of(book.data)[2][9] == "Khẩn"
    assert len(rows_of(client.get("/incoming/export.xlsx?q=chong+ngap").data)) == 2
    assert len(rows_of(client.get("/incoming/export.xlsx?urgency=urgent").data)) == 1
    paper = read(client.get("/incoming/export.pdf?q=bien+che").data)
    assert squeezed("SỔ ĐĂNG KÝ VĂN BẢN ĐẾN Năm: 2026") in paper
    assert squeezed("biên chế") in paper
    assert squeezed("chống ngập") not in paper
    found = looks(AccessKind.EXPORT)
    assert [re.findall(r"\d+", look.what)[0] for look in found] == ["3", "2", "1", "1"]
    assert "XLSX" in found[0].what
    assert "PDF" in found[-1].what
    assert {look.actor_name for look in found} == {"Hồ Ngọc Lan"}


def test_a_number_in_the_search_stays_in_its_turn_and_another_order_is_kept(
    client_for: Clients, registered: Registered
) -> None:
    for day in (3, 1, 2):
        registered(issued_on=datetime(2026, 12, day, tzinfo=VIETNAM).date(), subject=f"Về 298 hộ dân, đợt {day}")
    clerk = client_for(PostKind.CLERK)
    first, *_ = numbers_of(clerk.get("/incoming/export.xlsx").data)
    assert numbers_of(clerk.get("/incoming/export.xlsx?q=298").data) == [first, first + 1, first + 2]
    newest = numbers_of(clerk.get("/incoming/export.xlsx?sort=issued").data)
    assert newest == [first, first + 2, first + 1]
    assert numbers_of(clerk.get("/incoming/export.xlsx?sort=issued&dir=asc").data) == newest[::-1]


@pytest.mark.clause("212/4.2", "212/4.3")
def test_cancelled_numbers_and_returned_documents_stand_in_the_register_with_their_reason(
    app: Flask, client_for: Clients, registered: Registered
) -> None:
    cancelled, returned, plain = registered(), registered(), registered(note="kèm 2 đĩa CD")
    cancel(app, cancelled, "vào sổ hai lần")
    send_back(app, returned)
    notes = [row[9] for row in rows_of(client_for(PostKind.CLERK).get("/incoming/export.xlsx").data)]
    assert plain
    assert "vào sổ hai lần" in notes[0]
    assert "đề nghị gửi Sở Xây dựng" in notes[1]
    assert notes[2] == "kèm 2 đĩa CD"


def test_rows_are_read_in_batches_without_loss(
    client_for: Clients, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.incoming_export.BATCH", 3)
    for _ in range(10):
        registered()
    numbers = numbers_of(client_for(PostKind.CLERK).get("/incoming/export.xlsx").data)
    assert numbers == list(range(numbers[0], numbers[0] + 10))


def test_too_long_and_empty_lists_and_senseless_days_are_refused_in_words_with_the_way_out(
    client_for: Clients, registered: Registered, monkeypatch: pytest.MonkeyPatch, looks: Any
) -> None:
    for _ in range(3):
        registered()
    clerk = client_for(PostKind.CLERK)
    monkeypatch.setattr("app.views.incoming_output.MOST_ROWS", dict.fromkeys(MOST_ROWS, 2))
    for address in ("export.xlsx", "export.pdf", "export.xlsx?q=khongcogi", "export.pdf?arrival_date_from=32/13"):
        refused = clerk.get(f"/incoming/{address}")
        assert refused.status_code == 422
        assert refused.mimetype == "text/html"
        assert 'role="alert"' in refused.text
    back = clerk.get("/incoming/export.xlsx?q=khongcogi&x=%22%3E%3Cb%3E").text
    assert "/incoming/?q=khongcogi" in back
    assert '"><b>' not in back
    assert looks(AccessKind.EXPORT) == []


@pytest.mark.clause("212/16.2.a", "212/16.6.d")
def test_each_output_is_in_the_trail_before_it_is_read(
    app: Flask, real_database: Engine, client_for: Clients, registered: Registered
) -> None:
    """On real commits: the record has a transaction of its own."""
    document_id, clerk = registered(), client_for(PostKind.CLERK)
    clerk.get(f"/incoming/{document_id}/stamp.pdf?what=sheet")
    clerk.get("/incoming/export.pdf")
    with app.app_context():
        lines = select(Access.kind, Access.actor_name, Access.document_id, Access.what).order_by(Access.id)
        found = db.session.execute(lines).all()
    assert [(line.kind, line.actor_name, line.document_id) for line in found] == [
        ("print", "Lê Thị Hạnh", document_id),
        ("export", "Lê Thị Hạnh", None),
    ]
    assert all(line.what for line in found)


# ── rights, and the trail ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.2.a")
@pytest.mark.parametrize("kind", list(PostKind))
def test_who_may_print_and_export_is_what_the_role_says(
    app: Flask, client_for: Clients, with_pdf: Callable[..., int], looks: Any, kind: PostKind
) -> None:
    document_id, client = with_pdf(), client_for(kind)
    for address, may in (
        (f"/incoming/{document_id}/stamp", MAY_PRINT),
        (f"/incoming/{document_id}/stamp.pdf?what=copy", MAY_PRINT),
        (f"/incoming/{document_id}/stamp.pdf?what=sheet", MAY_PRINT),
        ("/incoming/export.xlsx", MAY_EXPORT),
        ("/incoming/export.pdf", MAY_EXPORT),
    ):
        answer = client.get(address)
        assert (answer.status_code == 200) == (kind in may), address
        if kind not in may:
            assert answer.mimetype == "text/html"
    written = len(looks(AccessKind.PRINT)), len(looks(AccessKind.EXPORT))
    assert written == (2 if kind in MAY_PRINT else 0, 2 if kind in MAY_EXPORT else 0)


def test_nothing_leaves_when_it_cannot_be_put_on_record(
    client_for: Clients, with_pdf: Callable[..., int], monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    document_id, clerk = with_pdf(), client_for(PostKind.CLERK)

    def failing(_actor: Actor, kind: AccessKind, **_: Any) -> None:
        if kind in (AccessKind.PRINT, AccessKind.EXPORT):
            raise OSError("the trail is gone")

    monkeypatch.setattr(accesses, "record", failing)
    for address in (
        f"/incoming/{document_id}/stamp.pdf?what=sheet",
        f"/incoming/{document_id}/stamp.pdf?what=copy",
        "/incoming/export.xlsx",
        "/incoming/export.pdf",
    ):
        with pytest.raises(OSError, match="the trail is gone"):
            clerk.get(address)


def test_addresses_of_output_are_no_verbs_of_moves(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    for address in ("/incoming/7/stamp", "/incoming/7/stamp.pdf", "/incoming/7/return-notice.pdf"):
        endpoint, values = adapter.match(address)
        assert endpoint.startswith("IncomingOutputView.")
        assert values == {"pk": 7}
    assert adapter.match("/incoming/7/correct")[0] == "IncomingView.act_form"
