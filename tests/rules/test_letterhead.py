"""What a letter says about itself: proposals from text as extraction gives it. Every name here is made up."""

import time
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.reference.document_types import types_on
from app.rules.letter_case import body_name, position_name
from app.rules.letterhead import Proposals, Proposed, TypeFacts, propose, type_of_notation
from app.rules.text import fold

TODAY = date(2026, 8, 10)
TYPES = [
    TypeFacts(i, row.code, row.name, row.abbreviation or "") for i, row in enumerate(types_on(TODAY).values(), start=1)
]
CODES = {kind.id: kind.code for kind in TYPES}

LAID_OUT = """\
         ỦY BAN NHÂN DÂN                    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
     THÀNH PHỐ HỒ CHÍ MINH                            Độc lập - Tự do - Hạnh phúc
            SỞ TÀI CHÍNH

            Số: 1482/STC-NS                 Thành phố Hồ Chí Minh, ngày 03 tháng 8 năm 2026
    V/v bổ sung kinh phí thực hiện
     nhiệm vụ chuyển đổi số năm 2026

                KHẨN

                          Kính gửi: Ủy ban nhân dân Thành phố

       Thực hiện Công văn số 77/UBND-TH ngày 01 tháng 7 năm 2026, Sở Tài chính có ý kiến như sau:
       1. Thống nhất.

Nơi nhận:                                                     KT. GIÁM ĐỐC
- Như trên;                                                   PHÓ GIÁM ĐỐC
- Lưu: VT, NS.



                                                             Nguyễn Thử Nghiệm
"""
RUN_TOGETHER = """\
ỦY BAN NHÂN DÂN CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
THÀNH PHỐ HỒ CHÍ MINH Độc lập - Tự do - Hạnh phúc
SỞ TÀI CHÍNH
Số: 1482/STC-NS Thành phố Hồ Chí Minh, ngày 03 tháng 8 năm 2026
V/v bổ sung kinh phí thực hiện
nhiệm vụ chuyển đổi số năm 2026
KHẨN
Kính gửi: Ủy ban nhân dân Thành phố
Thực hiện Công văn số 77/UBND-TH ngày 01 tháng 7 năm 2026, Sở Tài chính có ý kiến như sau:
1. Thống nhất.
Nơi nhận:
- Như trên;
- Lưu: VT, NS.
KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC
Nguyễn Thử Nghiệm
"""
CELL_BY_CELL = """\
ỦY BAN NHÂN DÂN
THÀNH PHỐ HỒ CHÍ MINH
SỞ TÀI CHÍNH
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 1482/STC-NS
V/v bổ sung kinh phí thực hiện
nhiệm vụ chuyển đổi số năm 2026
Thành phố Hồ Chí Minh, ngày 03 tháng 8 năm 2026
KHẨN
Kính gửi: Ủy ban nhân dân Thành phố
Thực hiện Công văn số 77/UBND-TH ngày 01 tháng 7 năm 2026, Sở Tài chính có ý kiến như sau:
1. Thống nhất.
KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC
Nguyễn Thử Nghiệm
Nơi nhận:
- Như trên;
- Lưu: VT, NS.
"""
DECISION = """\
  BỘ THỬ NGHIỆM              CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
                                Độc lập - Tự do - Hạnh phúc

 Số: 212/QĐ-BTN              Hà Nội, ngày 05 tháng 02 năm 2026

                    QUYẾT ĐỊNH
       V/v ban hành Quy chế làm việc của
            Hội đồng thử nghiệm

              BỘ TRƯỞNG BỘ THỬ NGHIỆM

     Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ;
                    QUYẾT ĐỊNH:
     Điều 1. Ban hành kèm theo Quyết định này Quy chế.
"""


def read(text: str) -> Proposals:
    return propose(text, TODAY, TYPES)


def values(text: str) -> dict[str, Any]:
    found = {name: proposed.value for name, proposed in vars(read(text)).items() if proposed is not None}
    if "type_id" in found:
        found["type_id"] = CODES[found["type_id"]]
    return found


def head(number: str = "Số: 15/BC-STN", dated: str = "Hà Nội, ngày 05 tháng 02 năm 2026", rest: str = "") -> str:
    return f"SỞ THỬ NGHIỆM\n{number}\n{dated}\n{rest}\nKính gửi: Bộ Thử nghiệm\n"


def without_marks(text: str) -> str:
    return "".join(
        letter.upper() if upper else letter
        for letter, upper in zip(fold(text), (each.isupper() for each in text), strict=True)
    )


# ── whole letters ──


@pytest.mark.parametrize(
    "text",
    [
        LAID_OUT,
        RUN_TOGETHER,
        CELL_BY_CELL,
        unicodedata.normalize("NFD", LAID_OUT),
        unicodedata.normalize("NFD", RUN_TOGETHER),
        RUN_TOGETHER.replace("\n", "\r\n"),
        RUN_TOGETHER.replace(" ", "\u00a0"),
    ],
    ids=["laid out", "run together", "cell by cell", "NFD laid out", "NFD run together", "CRLF", "no-break spaces"],
)
def test_a_letter_is_read_however_extraction_gives_its_two_columns(text: str) -> None:
    assert values(text) == {
        "number_notation": "1482/STC-NS",
        "issued_on": date(2026, 8, 3),
        "issuer_name": "Sở Tài chính",
        "type_id": "cong_van",
        "subject": "Về việc bổ sung kinh phí thực hiện nhiệm vụ chuyển đổi số năm 2026",
        "signer_position": "Phó Giám đốc",
        "signer_name": "Nguyễn Thử Nghiệm",
        "urgency": "urgent",
    }


def test_a_proposal_names_the_line_it_comes_from() -> None:
    found = read(RUN_TOGETHER)
    assert found.number_notation == Proposed("1482/STC-NS", 4)
    assert {name: proposed.line for name, proposed in vars(found).items() if proposed} == {
        "number_notation": 4,
        "issued_on": 4,
        "issuer_name": 3,
        "type_id": 4,
        "subject": 5,
        "signer_position": 15,
        "signer_name": 16,
        "urgency": 7,
    }


def test_a_decision_takes_its_type_from_the_heading_and_its_abstract_from_below() -> None:
    assert values(DECISION) == {
        "number_notation": "212/QĐ-BTN",
        "issued_on": date(2026, 2, 5),
        "issuer_name": "Bộ Thử nghiệm",
        "type_id": "quyet_dinh",
        "subject": "Về việc ban hành Quy chế làm việc của Hội đồng thử nghiệm",
    }


def test_text_without_marks_still_gives_what_cannot_have_changed() -> None:
    found = values(without_marks(RUN_TOGETHER))
    assert found["number_notation"] == "1482/STC-NS"
    assert found["issued_on"] == date(2026, 8, 3)
    assert found["type_id"] == "cong_van"


@pytest.mark.parametrize("notation", ["212/QĐ-BTN", "15/HĐ-STN", "8/NQ-HĐND"])
def test_a_notation_that_may_have_lost_a_mark_is_not_proposed(notation: str) -> None:
    assert "number_notation" not in values(without_marks(head(f"Số: {notation}")))
    assert values(head(f"Số: {notation}"))["number_notation"] == notation


def test_a_letter_of_a_citizen_has_a_writer_and_no_number() -> None:
    text = """\
        CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
           Độc lập - Tự do - Hạnh phúc

                       Thành phố Hồ Chí Minh, ngày 09 tháng 3 năm 2026

                  ĐƠN KIẾN NGHỊ
         Về việc sửa chữa hẻm

  Kính gửi: Chủ tịch Ủy ban nhân dân phường Thử Nghiệm
  Tôi kiến nghị theo Công văn số 15/UBND-TH.
                                           NGƯỜI LÀM ĐƠN


                                          Trần Thị Giả Định
"""
    assert values(text) == {
        "issued_on": date(2026, 3, 9),
        "issuer_name": "Trần Thị Giả Định",
        "type_id": "don",
        "subject": "Về việc sửa chữa hẻm",
        "signer_name": "Trần Thị Giả Định",
    }


def test_a_letter_of_a_party_body_is_read() -> None:
    text = """\
ĐẢNG BỘ THÀNH PHỐ THỬ NGHIỆM        ĐẢNG CỘNG SẢN VIỆT NAM
    ĐẢNG ỦY PHƯỜNG GIẢ ĐỊNH
             *                      Giả Định, ngày 12 tháng 5 năm 2026
      Số 12-CV/ĐU
   V/v báo cáo kết quả

       Kính gửi: Ban Thử nghiệm
"""
    assert values(text) == {
        "number_notation": "12-CV/ĐU",
        "issued_on": date(2026, 5, 12),
        "issuer_name": "Đảng ủy phường Giả Định",
        "type_id": "cong_van",
        "subject": "Về việc báo cáo kết quả",
    }


# ── number and date ──


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Số: 1482/STC-NS", "1482/STC-NS"),
        ("Số : 05 /BC-UBND", "05/BC-UBND"),
        ("Số: 05/ BC - UBND", "05/BC-UBND"),
        ("SỐ: 12/TB-VP", "12/TB-VP"),
        ("Số: 4729/VPCP-V.I", "4729/VPCP-V.I"),
        ("Số: 63/2016/QĐ-UBND", "63/2016/QĐ-UBND"),
        ("Số: 77/CĐ-TTg", "77/CĐ-TTg"),
        ("Số: 42/TTr-SNV", "42/TTr-SNV"),
        ("Số: 12a/QyĐ-STN", "12a/QyĐ-STN"),
        ("Số: 31/STC-QLG&CS", "31/STC-QLG&CS"),
        ("Số: 4521/UBND-VX1", "4521/UBND-VX1"),
        ("Số:    1482    /STC-NS", "1482/STC-NS"),
        ("S ố : 1 4 8 2 / S T C - N S", "1482/STC-NS"),
    ],
)
def test_a_number_is_read_in_its_usual_spellings(printed: str, number: str) -> None:
    assert values(head(printed))["number_notation"] == number


@pytest.mark.parametrize(
    "printed",
    [
        "Số:        /STC-NS",
        "Số: ....../STC-NS",
        "Số: ...1482.../STC-NS",
        "Số: 1482",
        "Số: l482/STC-NS",
        "Số: 14 82/STC-NS",
        "Số: 1482/STC NS",
        "Số: 1482/STC-",
        "Số: 1482/STC\n-NS",
        "Số: 1482/ST C-NS",
        "Số: 1482/STC-NS Kính chuyển",
        "Số: 1482/STC-NSThành phố Hồ Chí Minh, ngày 03 tháng 8 năm 2026",
        "Số: 15/BC-STN\nSố: 16/BC-STN",
        "Công văn số 1482/STC-NS",
        "Căn cứ Quyết định\nSố: 1482/STC-NS",
    ],
)
def test_a_number_that_is_missing_torn_or_not_alone_is_not_proposed(printed: str) -> None:
    assert "number_notation" not in values(head(printed))


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("Hà Nội, ngày 05 tháng 02 năm 2026", date(2026, 2, 5)),
        ("Hà Nội, ngày 5 tháng 2 năm 2026.", date(2026, 2, 5)),
        ("TP. Hồ Chí Minh, ngày 05 tháng 12 năm 2025", date(2025, 12, 5)),
        ("Thành phố Hồ Chí Minh, ngày 0 5 tháng 1 2 năm 20 25", date(2025, 12, 5)),
        ("Tp.HCM, ngày 05/12/2025", date(2025, 12, 5)),
        ("Bà Rịa - Vũng Tàu, ngày 05 tháng 12 năm 2025", date(2025, 12, 5)),
        ("Ha Noi, ngay 05 thang 02 nam 2026", date(2026, 2, 5)),
    ],
)
def test_a_date_is_read_in_its_usual_spellings(printed: str, day: date) -> None:
    assert values(head(dated=printed))["issued_on"] == day


@pytest.mark.parametrize(
    "printed",
    [
        "Hà Nội, ngày      tháng 8 năm 2026",
        "Hà Nội, ngày ... tháng ... năm 2026",
        "Hà Nội, ngày   tháng   năm 2026\nHà Nội, ngày 05 tháng 02 năm 2026",
        "Hà Nội, ngày 31 tháng 02 năm 2026",
        "Hà Nội, ngày 11 tháng 8 năm 2026",
        "Hà Nội, ngày 05 tháng 02 năm 1906",
        "Hà Nội, ngày 05 tháng 02 năm 2026\nHà Nội, ngày 06 tháng 02 năm 2026",
        "trả lời Công văn số 5/STN-TH ngày 05 tháng 02 năm 2026",
        "Ngày ký: 05/02/2026",
        "Ngày: 05/02/2026",
        "",
    ],
)
def test_a_date_left_blank_impossible_to_come_or_doubtful_is_not_proposed(printed: str) -> None:
    assert "issued_on" not in values(head(dated=printed))


def test_a_date_inside_the_abstract_is_not_the_date_of_the_letter() -> None:
    about = "V/v dự họp tại Thành phố\nHồ Chí Minh, ngày 07 tháng 02 năm 2026"
    assert values(head(rest=about))["issued_on"] == date(2026, 2, 5)
    assert "issued_on" not in values(head(dated="Hà Nội, ngày    tháng 02 năm 2026", rest=about))


# ── issuing body ──


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("SỞ NỘI VỤ", "Sở Nội vụ"),
        ("ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH\nSỞ NÔNG NGHIỆP\nVÀ MÔI TRƯỜNG", "Sở Nông nghiệp và môi trường"),
        ("ỦY BAN NHÂN DÂN\nPHƯỜNG TÂN THỬ", "Ủy ban nhân dân phường Tân Thử"),
        ("UBND TỈNH THỬ NGHIỆM\nSỞ Y TẾ", "Sở Y tế"),
        ("UBND\nXÃ GIẢ ĐỊNH", "Ủy ban nhân dân xã Giả Định"),
        ("BỘ NỘI VỤ\nCỤC THỬ NGHIỆM", "Cục Thử nghiệm"),
        ("KHO BẠC NHÀ NƯỚC\nKHO BẠC NHÀ NƯỚC\nKHU VỰC II", "Kho bạc nhà nước Khu vực II"),
        ("VĂN PHÒNG\nỦY BAN NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH", "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh"),
        ("CÔNG TY CỔ PHẦN\nTHỰC PHẨM GIẢ ĐỊNH", "Công ty Cổ Phần Thực Phẩm Giả Định"),
        ("ĐẾN\nKHẨN\nSỞ NỘI VỤ", "Sở Nội vụ"),
    ],
)
def test_the_issuing_body_is_the_last_name_in_the_head_and_not_the_one_above_it(printed: str, name: str) -> None:
    text = f"{printed}\nSố: 15/ABC-TH\nHà Nội, ngày 05 tháng 02 năm 2026\nKính gửi: Bộ Thử nghiệm\n"
    assert values(text)["issuer_name"].casefold() == name.casefold()


@pytest.mark.parametrize("printed", ["", "ABC", "SỞ NỘI VỤ\nVĂN PHÒNG", "Người ký: Sở Nội vụ"])
def test_what_names_no_body_for_certain_is_not_proposed_as_one(printed: str) -> None:
    assert "issuer_name" not in values(f"{printed}\nSố: 15/ABC-TH\nKính gửi: Bộ Thử nghiệm\n")


def test_the_name_of_a_body_is_written_as_the_letter_itself_writes_it() -> None:
    assert body_name("SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG", "để Sở Nông nghiệp\nvà Môi trường xem") == (
        "Sở Nông nghiệp và Môi trường"
    )
    assert body_name("SỞ TÀI CHÍNH") == "Sở Tài chính"
    assert body_name("Sở Tài chính") == "Sở Tài chính"


# ── type ──


@pytest.mark.parametrize(
    ("notation", "code"),
    [
        ("212/QĐ-VP", "quyet_dinh"),
        ("212/qđ-vp", "quyet_dinh"),
        ("05/BC-UBND", "bao_cao"),
        ("42/TTr-SNV", "to_trinh"),
        ("7/CTr-UBND", "chuong_trinh"),
        ("30/2020/NĐ-CP", "nghi_dinh"),
        ("1482/STC-NS", "cong_van"),
        ("1482/stc-ns", "cong_van"),
        ("4521/UBND-VX1", "cong_van"),
        ("101/CV-ABC", "cong_van"),
        ("12-BC/ĐU", "bao_cao"),
        ("212/Q", None),
        ("212/QĐ", None),
        ("212/QD-VP", None),
        ("15/SY-VP", None),
        ("15/2023/QH15", None),
        ("15/2023/ABC-X", None),
        ("STC-NS", None),
        ("không số", None),
        ("", None),
    ],
)
def test_a_notation_names_its_type_once_its_first_group_is_complete(notation: str, code: str | None) -> None:
    found = type_of_notation(notation, TYPES)
    assert (CODES[found] if found else None) == code


@pytest.mark.parametrize(
    ("number", "rest", "code"),
    [
        ("Số: 15/BC-STN", "BÁO CÁO\nKết quả thử nghiệm", "bao_cao"),
        ("Số: 15/STN-TH", "BÁO CÁO\nKết quả thử nghiệm", "bao_cao"),
        ("Số: 15/STN-TH", "V/v thử nghiệm", "cong_van"),
        ("Số: 15/TB-STN", "", "thong_bao"),
        ("Số: 15/BTT-STN", "BẢN THOẢ THUẬN\nThử nghiệm", "ban_thoa_thuan"),
        ("Số: 15/QĐ-STN", "BÁO CÁO\nKết quả thử nghiệm", None),
        ("Số: 15/CT-TTHT", "V/v thử nghiệm", None),
        ("Số: 15/GXN-STN", "GIẤY XÁC NHẬN\nThử nghiệm", None),
        ("Số: 15/TM-STN", "THƯ MỜI\nV/v thử nghiệm", None),
        ("Số: 15/STN-TH", "KHẨN", "cong_van"),
        ("không số", "", None),
    ],
)
def test_heading_and_notation_must_not_contradict_each_other(number: str, rest: str, code: str | None) -> None:
    assert values(head(number, rest=rest)).get("type_id") == code


def test_a_body_whose_name_resembles_a_type_is_no_heading() -> None:
    text = "ỦY BAN NHÂN DÂN\nPHƯỜNG AN GIẢ\nSố: 5/KH-UBND\nAn Giả, ngày 05 tháng 02 năm 2026\nKẾ HOẠCH\nRa quân\n\n"
    assert values(text)["type_id"] == "ke_hoach"
    assert values(text)["issuer_name"] == "Ủy ban nhân dân phường An Giả"


# ── abstract ──


@pytest.mark.parametrize(
    ("rest", "subject"),
    [
        ("V/v góp ý dự thảo", "Về việc góp ý dự thảo"),
        ("v/v: góp ý\ndự thảo.", "Về việc góp ý dự thảo"),
        ("Về việc góp ý\n\nkhông liên quan", "Về việc góp ý"),
        ("BÁO CÁO\nKết quả kiểm tra\ntháng 01 năm 2026", "Kết quả kiểm tra tháng 01 năm 2026"),
        ("BÁO CÁO\n\nKết quả đến ngày 02/02/2026\n_____", "Kết quả đến ngày 02/02/2026"),
        ("BÁO CÁO V/v kiểm tra\n", "Về việc kiểm tra"),
        ("BÁO CÁO", None),
        ("BÁO CÁO\nKết quả kiểm tra. Sở đã kiểm tra", None),
        ("BÁO CÁO\nKết quả\n1. Tình hình", None),
        ("BÁO CÁO\n" + "dòng rất dài\n" * 12, None),
        ("BÁO CÁO\n" + "x" * 399 + "\n" + "x" * 200, None),
    ],
)
def test_an_abstract_is_joined_up_to_where_it_surely_ends(rest: str, subject: str | None) -> None:
    assert values(head(number="", rest=rest)).get("subject") == subject


def test_the_first_paragraph_is_never_taken_for_the_abstract() -> None:
    flowing = "SỞ THỬ NGHIỆM\nSố: 5/KH-STN\nKẾ HOẠCH\nRa quân làm sạch\nThực hiện chỉ đạo của cấp trên,\nSở ban hành\n"
    assert "subject" not in values(flowing)


# ── signer ──


@pytest.mark.parametrize(
    ("block", "position", "name"),
    [
        ("GIÁM ĐỐC\nTrần Văn Giả", "Giám đốc", "Trần Văn Giả"),
        ("TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\nTrần Văn Giả", "Phó Chủ tịch", "Trần Văn Giả"),
        ("TM. THƯỜNG TRỰC\nHỘI ĐỒNG NHÂN DÂN\nCHỦ TỊCH\nTrần Văn Giả", "Chủ tịch", "Trần Văn Giả"),
        ("KT. CHÁNH VĂN PHÒNG\nPHÓ VĂN PHÒNG\n(Đã ký)\nTrương Văn Giả", "Phó Văn phòng", "Trương Văn Giả"),
        ("TRƯỞNG CÔNG AN\nĐại tá Trần Văn Giả", "Trưởng Công an", "Trần Văn Giả"),
        ("Q. GIÁM ĐỐC\nTS. Trần Văn Giả", "Q. Giám đốc", "Trần Văn Giả"),
        ("GIÁM ĐỐC\nTRẦN VĂN GIẢ", "Giám đốc", "Trần Văn Giả"),
        ("TL. CHỦ TỊCH\nTrần Văn Giả", None, "Trần Văn Giả"),
        ("GIÁM ĐỐC\n", None, None),
        ("Trần Văn Giả", None, None),
        ("GIÁM ĐỐC\nĐã nhận ngày 5/8\nGIÁM ĐỐC\nTrần Văn Giả", None, None),
    ],
)
def test_the_signer_is_read_from_below_the_recipients(block: str, position: str | None, name: str | None) -> None:
    found = values(f"{head()}Nội dung.\nNơi nhận:\n- Như trên;\n- Lưu: VT,\nTH.\n{block}\n")
    assert (found.get("signer_position"), found.get("signer_name")) == (position, name)


def test_the_block_may_stand_on_the_last_page() -> None:
    found = values(f"{head()}\f2\nTiếp theo\f9\nNơi nhận:\n- Như trên.\nGIÁM ĐỐC\nTrần Văn Giả\n")
    assert found["signer_name"] == "Trần Văn Giả"


def test_positions_are_written_in_ordinary_letters() -> None:
    assert position_name("PHÓ TỔNG GIÁM ĐỐC") == "Phó Tổng Giám đốc"
    assert position_name("BỘ TRƯỞNG, CHỦ NHIỆM") == "Bộ trưởng, Chủ nhiệm"
    assert position_name("TRƯỞNG BAN TIẾP CÔNG DÂN", "Ban Tiếp công dân nhận") == "Trưởng Ban Tiếp công dân"


# ── stamps ──


@pytest.mark.parametrize(
    ("stamp", "code"),
    [("KHẨN", "urgent"), ("THƯỢNG KHẨN", "very_urgent"), ("HỎA TỐC", "flash"), ("HOẢ TỐC", "flash"),
     ("HỎA TỐC HẸN GIỜ 10 giờ", None), ("HỎA TỐC HẸN GIỜ", "flash"), ("Khẩn", None), ("TRÌNH KHẨN", None)],
)  # fmt: skip
def test_urgency_is_a_stamp_on_a_line_of_its_own(stamp: str, code: str | None) -> None:
    assert values(head(rest=stamp)).get("urgency") == code


@pytest.mark.parametrize(
    ("stamp", "secret"),
    [("MẬT", True), ("TỐI MẬT", True), ("TUYỆT MẬT", True), ("ĐỘ MẬT: MẬT", True), ("Mật", False),
     ("ỦY BAN\nMẶT TRẬN TỔ QUỐC", False), ("V/v bảo vệ bí mật nhà nước", False)],
)  # fmt: skip
def test_a_secrecy_stamp_gives_a_warning(stamp: str, secret: bool) -> None:
    assert ("secret" in values(head(rest=stamp))) is secret


# ── whatever comes ──

PIECES = st.sampled_from(
    [*LAID_OUT.split("\n"), *RUN_TOGETHER.split("\n"), *DECISION.split("\n"), "\f", "\n", "   ", "Số:", "V/v", "/", "-",
     "ngày", "tháng", "năm", "MẬT", "İ", "ß", "\u0000", "\ud800", "Nơi nhận:", "KT. GIÁM ĐỐC", "x" * 700]
)  # fmt: skip


@given(
    st.text(max_size=600) | st.lists(PIECES, max_size=40).map("\n".join) | st.lists(PIECES, max_size=40).map("".join)
)
@example("")
@example("İ" * 300 + " Số: 1/İ-B")
@example("Số: " + "1/" * 5000)
@example("SỞ " + "A" * 300 + "\nSố: 1/A-B")
@example(" " * 100_000)
def test_no_text_makes_reading_fail_and_everything_proposed_fits_its_field(text: str) -> None:
    found = read(text)
    for name, most in (("issuer_name", 200), ("number_notation", 50), ("subject", 500)):
        proposed = getattr(found, name)
        assert proposed is None or 0 < len(proposed.value) <= most
    for proposed in (found.signer_name, found.signer_position):
        assert proposed is None or 0 < len(proposed.value) <= 100
    assert found.issued_on is None or found.issued_on.value <= TODAY
    assert type_of_notation(text, TYPES) is None or text


@pytest.mark.parametrize(
    "piece",
    ["Nơi nhận:\t", "NGƯỜI LÀM ĐƠN\t", "Số: 1/A - A", "ngày   ", "TS. ", "KT. GIÁM ĐỐC   ", "SỞ A - "],
)
def test_a_text_made_to_be_slow_is_read_in_bounded_time(piece: str) -> None:
    text = "\n".join([piece * 60] * 2000)
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 2
