"""What slips say: the document, where it goes, why, who is to sign, in the words of an office and for the day."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.rules.slips import (
    RETURN,
    TRANSFER,
    Signatory,
    Slip,
    SlipFacts,
    SlipKind,
    TypeRow,
    signatory,
    slips,
    transfer_obstacles,
)
from app.vocabulary import PostKind, RefusalReason

OFFICE = "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh"
TYPES = {
    "phieu_chuyen": TypeRow(1, "Phiếu chuyển", "PC"),
    "phieu_bao": TypeRow(2, "Phiếu báo", "PB"),
    "cong_van": TypeRow(3, "Công văn", ""),
}
FACTS = SlipFacts(
    office=OFFICE,
    superior="ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH",
    agency="VĂN PHÒNG",
    place="Thành phố Hồ Chí Minh",
    abbreviation="VP",
    unit="KT",
    unit_code="KT",
    types=TYPES,
    on=date(2026, 12, 30),
    type_name="Công văn",
    number_notation="1482/STC-NS",
    issued_on=date(2026, 2, 5),
    subject="Về việc bổ sung kinh phí chống ngập.",
    issuer="Sở Tài chính",
    arrival_number="298",
    arrival_date=date(2026, 12, 29),
    signatory=Signatory("Phan Gia Lộc", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"),
)
TO = {"recipient": {"id": None, "name": "Sở Xây dựng"}}


def transferred(facts: SlipFacts = FACTS, **values: Any) -> tuple[Slip, ...]:
    return slips(TRANSFER, facts, {**TO, **values})


def returned(facts: SlipFacts = FACTS, code: str = "incomplete", reason: str | None = None) -> Slip:
    (letter,) = slips(RETURN, facts, {"refusal_code": code, "reason": reason})
    return letter


@pytest.mark.clause("212/8.2.2", "212/S.3")
def test_a_transfer_makes_a_slip_to_the_competent_body_and_a_notice_to_the_sender() -> None:
    slip, notice = transferred()
    assert (slip.kind, slip.addressee, slip.notation) == (SlipKind.TRANSFER, "Sở Xây dựng", "PC-VP")
    assert slip.subject == "chuyển Công văn số 1482/STC-NS của Sở Tài chính"
    received, passed = slip.body
    assert received == (
        f"{OFFICE} nhận được Công văn số 1482/STC-NS ngày 05 tháng 02 năm 2026 của Sở Tài chính "
        "(số đến 298 ngày 29/12/2026), nội dung: “Về việc bổ sung kinh phí chống ngập”."
    )
    assert passed == (
        f"{OFFICE} chuyển Công văn nêu trên (gửi kèm) đến Sở Xây dựng để xem xét, giải quyết theo thẩm quyền "
        "và trả lời Sở Tài chính theo quy định./."
    )
    assert slip.recipients == ("Như trên;", "Sở Tài chính (để biết);", "Lưu: VT, KT.")
    assert (notice.kind, notice.addressee, notice.notation) == (SlipKind.NOTICE, "Sở Tài chính", "PB-VP")
    assert "thuộc thẩm quyền giải quyết của Sở Xây dựng" in notice.body[1]
    assert "/PC-VP" in notice.body[1]
    assert notice.body[-1].endswith("./.")
    assert notice.recipients == ("Như trên;", "Sở Xây dựng (để biết);", "Lưu: VT, KT.")


@pytest.mark.clause("212/8.2.2")
def test_what_the_body_is_asked_to_do_and_by_when_stands_in_the_slip() -> None:
    slip, _ = transferred(reply_by=date(2027, 1, 15))
    assert slip.body[-1].endswith("và trả lời Sở Tài chính trước ngày 15 tháng 01 năm 2027./.")
    slip, _ = transferred(content="Kiểm tra hiện trường, xử lý dứt điểm.")
    assert slip.body[-1].endswith(
        "đến Sở Xây dựng để kiểm tra hiện trường, xử lý dứt điểm; kết quả giải quyết đề nghị trả lời Sở Tài chính "
        "theo quy định./."
    )
    slip, _ = transferred(content="Kiểm tra hiện trường.\nBáo cáo Ủy ban nhân dân Thành phố.")
    assert slip.body[-3:-1] == ("Kiểm tra hiện trường.", "Báo cáo Ủy ban nhân dân Thành phố.")
    assert [part for part in slip.body if part.endswith("./.")] == [slip.body[-1]]
    slip, _ = transferred(content="UBND phường Bến Thành giải quyết")
    assert "để UBND phường Bến Thành giải quyết;" in slip.body[-1]


@pytest.mark.clause("212/8.2.2")
def test_the_notice_tells_the_sender_what_the_slip_asks_and_by_when_it_is_answered() -> None:
    _, notice = transferred(reply_by=date(2027, 1, 15))
    assert notice.body[1].endswith(
        "để xem xét, giải quyết theo thẩm quyền và trả lời Quý cơ quan, đơn vị trước ngày 15 tháng 01 năm 2027."
    )
    _, notice = transferred(content="Kiểm tra hiện trường, xử lý dứt điểm.", reply_by=date(2027, 1, 15))
    assert "để kiểm tra hiện trường, xử lý dứt điểm;" in notice.body[1]
    assert notice.body[1].endswith("trả lời Quý cơ quan, đơn vị trước ngày 15 tháng 01 năm 2027.")
    slip, notice = transferred(content="Kiểm tra hiện trường.\nBáo cáo Ủy ban nhân dân Thành phố.")
    assert notice.body[2:4] == slip.body[2:4] == ("Kiểm tra hiện trường.", "Báo cáo Ủy ban nhân dân Thành phố.")
    assert notice.body[4].endswith("trả lời Quý cơ quan, đơn vị theo quy định.")
    assert [part for part in notice.body if part.endswith("./.")] == [notice.body[-1]]


@pytest.mark.clause("212/8.2.3", "212/S.3")
def test_the_return_letter_names_ground_and_reason_and_what_to_do_with_what_came_back() -> None:
    letter = returned(reason="thiếu dự toán chi tiết.")
    assert (letter.kind, letter.type_name, letter.notation) == (SlipKind.RETURN, "", "VP-KT")
    assert letter.type_id == TYPES["cong_van"].id
    assert letter.subject == "trả lại Công văn số 1482/STC-NS của Sở Tài chính"
    assert "của Quý cơ quan, đơn vị (số đến 298" in letter.body[0]
    assert letter.body[1] == (
        "Căn cứ điểm 2.3 khoản 2 Điều 8 Quy định ban hành kèm theo Quyết định số 212/QĐ-VP ngày 11 tháng 7 năm 2019, "
        f"{OFFICE} trả lại Công văn nêu trên. Lý do: thiếu tài liệu kèm theo. Thiếu dự toán chi tiết."
    )
    assert "hoàn chỉnh và gửi lại văn bản" in letter.body[-1]
    assert "gửi văn bản đến cơ quan có thẩm quyền" in returned(code="competence").body[-1]
    assert "gửi lại" not in returned(code="duplicate").body[-1]
    assert returned(code="other", reason="đã có văn bản thay thế").body[1].endswith("Lý do: đã có văn bản thay thế.")


@pytest.mark.parametrize("code", list(RefusalReason))
def test_every_reason_is_said_in_words(code: RefusalReason) -> None:
    why = returned(code=code, reason="nêu rõ").body[1].split("Lý do: ")[1].lower()
    assert "nêu rõ" in why
    assert why.endswith(".")
    assert ".." not in why


def test_of_a_state_secret_nothing_is_told_but_that_it_goes_back() -> None:
    letter = returned(code="secret")
    said = " ".join((letter.subject, *letter.body))
    assert "chống ngập" not in said
    assert "không gửi văn bản có nội dung bí mật nhà nước qua hệ thống này" in said


def test_before_decree_30_there_is_no_notice_by_that_name_but_a_letter() -> None:
    then = replace(FACTS, types={code: row for code, row in TYPES.items() if code != "phieu_bao"}, on=date(2019, 8, 1))
    slip, notice = transferred(then)
    assert slip.notation == "PC-VP"
    assert (notice.type_name, notice.type_id, notice.notation) == ("", TYPES["cong_van"].id, "VP-KT")
    assert notice.recorded_subject == "Về việc thông báo chuyển Công văn số 1482/STC-NS của Sở Tài chính"


def test_a_citizen_is_spoken_to_as_one() -> None:
    facts = replace(FACTS, issuer="Nguyễn Văn An", issuer_is_person=True, type_name="Đơn", number_notation="")
    slip, notice = transferred(facts)
    assert "trả lời ông (bà) Nguyễn Văn An" in slip.body[-1]
    assert notice.addressee == "ông (bà) Nguyễn Văn An"
    assert "để Ông (Bà) biết" in notice.body[-1]
    assert "Đề nghị Ông (Bà) kiểm tra" in returned(facts).body[-1]
    assert "Quý cơ quan" not in " ".join((*slip.body, *notice.body, *returned(facts).body))


def test_what_is_not_known_leaves_no_gap_and_nobody_unknown_is_told() -> None:
    bare = replace(
        FACTS, type_name="", number_notation="", issued_on=None, issuer="", arrival_number="", unit="", unit_code=""
    )
    (slip,) = transferred(bare)
    said = " ".join((slip.subject, *slip.body, *slip.recipients))
    assert "  " not in said
    assert "None" not in said
    assert "()" not in said
    assert slip.recipients == ("Như trên;", "Lưu: VT.")
    assert returned(bare).notation == "VP"


def test_a_preview_has_dots_where_nothing_is_typed_yet() -> None:
    slip, _ = slips(TRANSFER, FACTS, {"recipient": None, "content": "", "reply_by": None})
    assert set(slip.addressee) == {"…"}
    (letter,) = slips(RETURN, FACTS, {"refusal_code": "", "reason": ""})
    assert "Lý do: …" in letter.body[1]
    (letter,) = slips(RETURN, FACTS, {"refusal_code": "no such reason", "reason": None})
    assert "Lý do: …" in letter.body[1]


def test_an_abstract_on_record_is_never_longer_than_registers_take() -> None:
    slip, _ = transferred(replace(FACTS, issuer="Công ty " * 80))
    assert len(slip.recorded_subject) <= 500


@pytest.mark.parametrize(
    ("kind", "title", "unit", "power", "position"),
    [
        (PostKind.OFFICE_LEADER, "Chánh Văn phòng", "Văn phòng", "", "CHÁNH VĂN PHÒNG"),
        (PostKind.OFFICE_LEADER, "Phó Chánh Văn phòng", "Văn phòng", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"),
        (PostKind.HEAD_OF_DEPARTMENT, "Trưởng phòng", "Phòng Kinh tế", "TL. CHÁNH VĂN PHÒNG", "TRƯỞNG PHÒNG KINH TẾ"),
        (
            PostKind.HEAD_OF_DEPARTMENT,
            "Trưởng phòng Kinh tế",
            "Phòng Kinh tế",
            "TL. CHÁNH VĂN PHÒNG",
            "TRƯỞNG PHÒNG KINH TẾ",
        ),
        (
            PostKind.HEAD_OF_DEPARTMENT,
            "Phó Trưởng phòng",
            "Phòng Kinh tế",
            "TL. CHÁNH VĂN PHÒNG\nKT. TRƯỞNG PHÒNG KINH TẾ",
            "PHÓ TRƯỞNG PHÒNG",
        ),
    ],
)
def test_the_authority_above_a_signature_follows_the_post(
    kind: PostKind, title: str, unit: str, power: str, position: str
) -> None:
    assert signatory(kind, title, unit, "Võ Thị Mai") == Signatory("Võ Thị Mai", power, position)


def test_nothing_is_transferred_to_the_very_body_that_sent_it() -> None:
    to_sender = {"recipient": {"id": 7, "name": "Sở Tài chính"}}
    assert [each.field for each in transfer_obstacles(to_sender, 7, "Sở Tài chính TP")] == ["recipient"]
    assert transfer_obstacles({"recipient": {"id": None, "name": "sở tài chính"}}, None, "Sở Tài chính")
    assert transfer_obstacles({"recipient": {"id": 8, "name": "Sở Xây dựng"}}, 7, "Sở Tài chính") == []
    assert transfer_obstacles({"recipient": None}, None, "") == []
