"""Phiếu trả lại văn bản: what goes back, why, on which ground, by whom and when, on one page."""

import dataclasses
import io
import re
import unicodedata
from datetime import date, datetime

import pypdf
import pytest

from app.clock import VIETNAM
from app.reports.masthead import heading_lines, place_of
from app.reports.return_notice import ReturnNotice, return_notice
from app.rules.return_grounds import COMPETENCE_AND_FORM, EXCHANGE, GROUNDS, ground_of
from app.vocabulary import Channel, IncomingState, RefusalReason
from tests.reports.test_letter import ACCENTED

NOTICE = ReturnNotice(
    superior="ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH",
    agency="VĂN PHÒNG",
    office_name="Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh",
    place="Thành phố Hồ Chí Minh",
    addressee="Sở Tài chính",
    type_name="Công văn",
    number_notation="1482/STC-NS",
    issued_on=date(2026, 12, 28),
    subject="Về việc bổ sung kinh phí chống ngập",
    reason="Không thuộc thẩm quyền giải quyết của Văn phòng",
    words="đề nghị gửi Sở Xây dựng",
    ground=COMPETENCE_AND_FORM,
    returned_by="Lê Thị Hạnh",
    post="Văn thư",
    returned_at=datetime(2026, 12, 30, 9, 30, tzinfo=VIETNAM),
    arrival="số đến 298 ngày 30/12/2026",
    received_on=date(2026, 12, 30),
)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def pages(notice: ReturnNotice) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(return_notice(notice)))
    return [squeezed(page.extract_text()) for page in reader.pages]


@pytest.mark.clause("212/4.3", "212/5.3")
def test_the_notice_says_what_goes_back_why_on_which_ground_by_whom_and_when() -> None:
    (text,) = pages(NOTICE)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "VĂN PHÒNG",
        "Thành phố Hồ Chí Minh, ngày 30 tháng 12 năm 2026",
        "PHIẾU TRẢ LẠI VĂN BẢN",
        "Kính gửi: Sở Tài chính",
        "khoản 3 Điều 4 Quy định ban hành kèm theo Quyết định số 212/QĐ-VP",
        "Công văn số 1482/STC-NS ngày 28/12/2026",
        "Về việc bổ sung kinh phí chống ngập",
        "Không thuộc thẩm quyền giải quyết của Văn phòng. Đề nghị gửi Sở Xây dựng",
        "số đến 298 ngày 30/12/2026",
        "Lê Thị Hạnh, Văn thư",
        "09 giờ 30 ngày 30/12/2026",
    ):
        assert squeezed(words) in text
    assert squeezed("khoản 3 Điều 5 Quy định") in pages(dataclasses.replace(NOTICE, ground=EXCHANGE))[0]


def test_the_longest_abstract_and_reason_leave_it_on_one_page_and_the_reason_whole() -> None:
    words = "thiếu phụ lục kèm theo văn bản, " * 15 + "hết."
    long = dataclasses.replace(
        NOTICE,
        subject="Về việc bổ sung kinh phí thực hiện nhiệm vụ chống ngập " * 9,
        words=words[-500:],
        addressee="Công ty trách nhiệm hữu hạn một thành viên Thoát nước đô thị Thành phố Hồ Chí Minh " * 2,
    )
    (text,) = pages(long)
    assert squeezed(words[-480:]).rstrip(".") in text
    assert "…" in text


def test_every_vietnamese_letter_comes_out_and_what_is_unknown_has_no_line() -> None:
    (text,) = pages(dataclasses.replace(NOTICE, subject=ACCENTED, words=ACCENTED.upper()))
    assert ACCENTED in text
    assert ACCENTED.upper() in text
    (bare,) = pages(
        dataclasses.replace(NOTICE, type_name="", number_notation="", issued_on=None, arrival="", received_on=None)
    )
    assert squeezed("Ngày nhận") not in bare
    assert "None" not in bare


def test_a_notice_carries_no_drawn_signature() -> None:
    drawn = pypdf.PdfReader(io.BytesIO(return_notice(NOTICE))).pages[0].get_contents()
    assert drawn is not None
    curves = [operator for _, operator in drawn.operations if operator == b"c"]
    assert not curves


@pytest.mark.clause("212/4.3", "212/5.3")
@pytest.mark.parametrize(
    ("state", "channel", "reason", "ground"),
    [
        (IncomingState.REFUSED, Channel.AXIS, RefusalReason.SIGNATURE, EXCHANGE),
        (IncomingState.REFUSED, Channel.EMAIL, RefusalReason.METADATA, EXCHANGE),
        (IncomingState.REFUSED, Channel.AXIS, RefusalReason.COMPETENCE, COMPETENCE_AND_FORM),
        (IncomingState.REFUSED, Channel.PAPER, RefusalReason.WRONG_ADDRESS, COMPETENCE_AND_FORM),
        (IncomingState.REFUSED, None, RefusalReason.OTHER, COMPETENCE_AND_FORM),
        (IncomingState.RETURNED, Channel.AXIS, RefusalReason.SIGNATURE, COMPETENCE_AND_FORM),
    ],
)
def test_the_ground_follows_what_arrived_how_and_why_it_goes_back(
    state: IncomingState, channel: Channel | None, reason: RefusalReason, ground: str
) -> None:
    assert ground_of(state, channel, reason) == ground
    assert ground in GROUNDS


def test_the_head_names_the_office_once_and_the_place_of_its_committee() -> None:
    city = "Ủy ban nhân dân Thành phố Hồ Chí Minh"
    assert heading_lines(city, f"Văn phòng {city}") == ("ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH", "VĂN PHÒNG")
    assert heading_lines(city, "Sở Tài chính") == ("ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH", "SỞ TÀI CHÍNH")
    assert heading_lines("", "Sở Tài chính") == ("", "SỞ TÀI CHÍNH")
    assert heading_lines(city, city) == ("ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH",) * 2
    assert place_of(city) == "Thành phố Hồ Chí Minh"
    assert place_of("Ủy ban nhân dân tỉnh An Giang") == "An Giang"
