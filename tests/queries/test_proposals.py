"""What a dropped file proposes for the registration form; every letter and person here is made up."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.extraction.pool import FailureReason, WorkerFailed
from app.models import DocumentType, Organisation
from app.operations import files, incoming, parties
from app.queries import proposals
from app.queries.proposals import proposals_for
from app.reports.letter import LetterContent, build
from app.rules.dates import parse_day
from app.rules.incoming import DESCRIPTION
from app.vocabulary import OrganisationKind, PostKind
from tests.fixtures.office import SENDER, SYSTEM, registration

Actors = Callable[[PostKind], Actor]
LETTER = LetterContent(
    superior="ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH",
    agency="SỞ TÀI CHÍNH",
    number="1482",
    notation="STC-NS",
    place="Thành phố Hồ Chí Minh",
    issued_on=date(2026, 2, 5),
    subject="bổ sung kinh phí chuyển đổi số",
    urgency="KHẨN",
    addressees=("Ủy ban nhân dân Thành phố",),
    body=("Sở đề nghị Ủy ban nhân dân Thành phố xem xét./.",),
    recipients=("Như trên;", "Lưu: VT, NS."),
    power="KT. GIÁM ĐỐC",
    position="PHÓ GIÁM ĐỐC",
    signer="Trần Văn Giả",
)


@pytest.fixture
def clerk(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.CLERK)


def dropped(clerk: Actor, content: bytes, name: str = "a.pdf") -> str:
    """SHA-256 of the bytes after they were received."""
    return files.receive(clerk, io.BytesIO(content), name, 4 * 1024**2).sha256


def letter(**changes: Any) -> bytes:
    return build(LetterContent(**{**vars(LETTER), **changes}))


def scan() -> bytes:
    out = io.BytesIO()
    Image.new("L", (600, 800), 255).save(out, "PDF", save_all=True, append_images=[Image.new("L", (600, 800), 200)])
    return out.getvalue()


def test_a_letter_fills_the_form_with_what_its_fields_hold(session: Any, clerk: Actor) -> None:
    organisation = session.scalars(select(Organisation).where(Organisation.name == SENDER)).one()
    kind = session.scalars(select(DocumentType).where(DocumentType.code == "cong_van", DocumentType.valid_to.is_(None)))
    found = proposals_for(session, dropped(clerk, letter()))
    assert found == {
        "issuer": {"value": {"id": organisation.id, "name": SENDER}, "label": SENDER},
        "number_notation": {"value": "1482/STC-NS", "label": "1482/STC-NS"},
        "issued_on": {"value": "05/02/2026", "label": "05/02/2026"},
        "type_id": {"value": str(kind.one().id), "label": "Công văn"},
        "urgency": {"value": "urgent", "label": "Khẩn"},
        "subject": {
            "value": "Về việc bổ sung kinh phí chuyển đổi số",
            "label": "Về việc bổ sung kinh phí chuyển đổi số",
        },
        "signer_name": {"value": "Trần Văn Giả", "label": "Trần Văn Giả"},
        "signer_position": {"value": "Phó Giám đốc", "label": "Phó Giám đốc"},
        "page_count": {"value": 1, "label": "1"},
        "warnings": [],
    }
    assert json.loads(json.dumps(found)) == found


def test_every_proposal_belongs_to_a_field_of_the_form_and_can_be_registered(session: Any, clerk: Actor) -> None:
    sha256 = dropped(clerk, letter())
    found = {name: each["value"] for name, each in proposals_for(session, sha256).items() if name != "warnings"}
    assert set(found) <= {each.name for each in DESCRIPTION}
    found["issued_on"] = parse_day(found["issued_on"], clock.today())
    document = incoming.register(clerk, registration(**found))
    assert (document.number_notation, document.issued_on) == ("1482/STC-NS", date(2026, 2, 5))
    assert (document.issuer.name, document.subject) == (SENDER, "Về việc bổ sung kinh phí chuyển đổi số")


def test_without_an_urgency_stamp_the_level_of_the_form_stays(session: Any, clerk: Actor) -> None:
    assert "urgency" not in proposals_for(session, dropped(clerk, letter(urgency="")))


def test_a_body_in_no_catalogue_is_proposed_by_name(session: Any, clerk: Actor) -> None:
    found = proposals_for(session, dropped(clerk, letter(agency="SỞ THỬ NGHIỆM")))
    assert found["issuer"] == {"value": {"id": None, "name": "Sở Thử nghiệm"}, "label": "Sở Thử nghiệm"}


@pytest.mark.parametrize(
    ("catalogued", "printed"),
    [
        ("Tổng Công ty Giả Định - TNHH Một thành viên", "TỔNG CÔNG TY GIẢ ĐỊNH\nTNHH MỘT THÀNH VIÊN"),
        ("Sở Hòa giải", "SỞ HOÀ GIẢI"),
        ("Sở Hòa giải", "SO HOA GIAI"),
        ("Kho bạc Nhà nước Khu vực II", "KHO BẠC NHÀ NƯỚC\nKHU VỰC II"),
    ],
)
def test_a_body_is_found_whatever_its_capitals_marks_and_hyphens(
    session: Any, clerk: Actor, catalogued: str, printed: str
) -> None:
    row = parties.add_organisation(SYSTEM, catalogued, kind=OrganisationKind.BODY)
    found = proposals_for(session, dropped(clerk, letter(agency=printed, body=("Kính trình./.",))))
    assert found["issuer"]["value"] == {"id": row.id, "name": catalogued}


def test_the_city_of_the_office_may_be_left_out_of_a_name_and_no_other(session: Any, clerk: Actor) -> None:
    office = session.scalars(select(Organisation).where(Organisation.ours)).first()
    parties.add_organisation(
        SYSTEM, "Tổ công tác Ủy ban nhân dân Thành phố Hồ Chí Minh", kind=OrganisationKind.UNIT, parent_id=office.id,
        ours=True,
    )  # fmt: skip
    row = parties.add_organisation(SYSTEM, "Công an Thành phố", kind=OrganisationKind.BODY)
    own = proposals_for(session, dropped(clerk, letter(agency="CÔNG AN\nTHÀNH PHỐ HỒ CHÍ MINH", superior="BỘ CÔNG AN")))
    other = proposals_for(session, dropped(clerk, letter(agency="CÔNG AN\nTHÀNH PHỐ GIẢ ĐỊNH", superior="BỘ CÔNG AN")))
    assert own["issuer"]["value"]["id"] == row.id
    assert other["issuer"]["value"]["id"] is None


def test_two_bodies_that_differ_by_marks_alone_are_not_guessed_between(session: Any, clerk: Actor) -> None:
    for name in ("Sở Thử Nghiêm", "Sở Thú Nghiệm"):
        parties.add_organisation(SYSTEM, name, kind=OrganisationKind.BODY)
    found = proposals_for(session, dropped(clerk, letter(agency="SỞ THỬ NGHIỆM")))
    assert found["issuer"]["value"]["id"] is None


def test_types_are_those_of_the_day(session: Any, clerk: Actor) -> None:
    sha256 = dropped(clerk, letter(type_name="Phiếu báo", notation="PB-STC"))
    assert proposals_for(session, sha256)["type_id"]["label"] == "Phiếu báo"
    before = proposals_for(session, sha256, today=date(2020, 3, 1))  # decree 30 brought this type four days later
    assert "type_id" not in before
    assert "issued_on" not in before


def test_a_secrecy_stamp_is_a_warning(session: Any, clerk: Actor) -> None:
    assert proposals_for(session, dropped(clerk, letter(urgency="MẬT")))["warnings"] == ["secret"]


def test_a_scan_gives_its_number_of_pages_alone(session: Any, clerk: Actor) -> None:
    assert proposals_for(session, dropped(clerk, scan())) == {"page_count": {"value": 2, "label": "2"}, "warnings": []}


def test_a_word_file_gives_proposals_too(session: Any, clerk: Actor) -> None:
    found = proposals_for(session, dropped(clerk, word_file("Số: 1482/STC-NS", "V/v thử", "Kính gửi: Sở"), "a.docx"))
    assert found["number_notation"]["value"] == "1482/STC-NS"
    assert found["subject"]["value"] == "Về việc thử"
    assert "page_count" not in found


def test_unknown_other_and_unreadable_files_propose_nothing(
    session: Any, clerk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (20, 20)).save(picture, "PNG")
    assert proposals_for(session, "0" * 64) == {"warnings": []}
    assert proposals_for(session, dropped(clerk, picture.getvalue(), "a.png")) == {"warnings": []}

    def fails(*_: Any) -> None:
        raise WorkerFailed(FailureReason.TIMEOUT)

    sha256 = dropped(clerk, letter())
    monkeypatch.setattr(proposals, "letter_text", fails)
    assert proposals_for(session, sha256) == {"page_count": {"value": 1, "label": "1"}, "warnings": []}


def test_a_locked_pdf_is_not_opened(session: Any, clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(letter())))
    writer.encrypt("a password", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    sha256 = dropped(clerk, out.getvalue())
    monkeypatch.delattr(proposals, "letter_text")
    assert proposals_for(session, sha256)["warnings"] == []


def test_a_date_after_today_is_left_to_the_clerk(session: Any, clerk: Actor) -> None:
    sha256 = dropped(clerk, letter(issued_on=clock.today().replace(year=clock.today().year + 1)))
    assert "issued_on" not in proposals_for(session, sha256)


def word_file(*paragraphs: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Override PartName="/word/document.xml" '
        f'ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return out.getvalue()
