"""Notices as rules: hours, choices, and what the sentences and mails of each kind say in Vietnamese."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.clock import VIETNAM
from app.rules.notices import (
    DEFAULT_WAYS,
    KINDS,
    MOST_LINES,
    SUBJECT_LENGTH,
    Digest,
    Told,
    Way,
    Work,
    details,
    digest_letter,
    hour,
    letter,
    loud_at,
    path_of,
    sentence,
    stored,
    wants_digest,
    ways_of,
)
from app.translation import vietnamese
from app.vocabulary import NoticeKind

SUBJECT = "Về việc bổ sung kinh phí chống ngập"
WHAT = f"văn bản đến số 298/2026 “{SUBJECT}”"


def told(kind: NoticeKind, **params: Any) -> Told:
    """A notice of somebody's act on document 298."""
    return Told(kind, "Phan Gia Lộc", stored(params), 298, 2026, SUBJECT)


def at(hours: int, minutes: int = 0, day: int = 30) -> datetime:
    """An instant of December 2026."""
    return datetime(2026, 12, day, hours, minutes, tzinfo=VIETNAM)


# ── choices and hours ────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_is_told_in_the_program_and_by_one_mail_unless_somebody_chooses_otherwise() -> None:
    assert set(DEFAULT_WAYS) == set(KINDS) == set(NoticeKind)
    for ways in DEFAULT_WAYS.values():
        assert Way.BELL in ways
        assert len(ways & {Way.MAIL, Way.DIGEST}) == 1
    at_once = {kind for kind, ways in DEFAULT_WAYS.items() if Way.MAIL in ways}
    assert at_once == {
        NoticeKind.ASSIGNED,
        NoticeKind.PRESENTED,
        NoticeKind.CHASED,
        NoticeKind.OVERDUE,
        NoticeKind.EXTENSION_ASKED,
    }


def test_a_choice_counts_for_its_kind_alone() -> None:
    chosen = {"assigned": ["digest"], "settled": []}
    assert ways_of(chosen, NoticeKind.ASSIGNED) == {Way.DIGEST}
    assert ways_of(chosen, NoticeKind.SETTLED) == frozenset()
    assert ways_of(chosen, NoticeKind.CHASED) == DEFAULT_WAYS[NoticeKind.CHASED]
    assert ways_of(None, NoticeKind.SETTLED) == DEFAULT_WAYS[NoticeKind.SETTLED]
    assert ways_of({"settled": ["pigeon", "bell"]}, NoticeKind.SETTLED) == {Way.BELL}


def test_no_summary_goes_to_who_chose_it_for_nothing() -> None:
    assert wants_digest(None)
    assert not wants_digest({str(kind): ["bell"] for kind in NoticeKind})


@pytest.mark.parametrize(
    ("now", "quiet", "expected"),
    [
        (at(9, 30), ("", ""), at(9, 30)),
        (at(9, 30), ("18:00", ""), at(9, 30)),
        (at(9, 30), ("18:00", "18:00"), at(9, 30)),
        (at(9, 30), ("12:00", "13:30"), at(9, 30)),
        (at(12, 0), ("12:00", "13:30"), at(13, 30)),
        (at(13, 29), ("12:00", "13:30"), at(13, 30)),
        (at(13, 30), ("12:00", "13:30"), at(13, 30)),
        (at(17, 59), ("18:00", "06:30"), at(17, 59)),
        (at(18, 0), ("18:00", "06:30"), at(6, 30, day=31)),
        (at(23, 59), ("18:00", "06:30"), at(6, 30, day=31)),
        (at(0, 0), ("18:00", "06:30"), at(6, 30)),
        (at(6, 30), ("18:00", "06:30"), at(6, 30)),
    ],
)
def test_quiet_hours_end_by_the_clock_of_vietnam_and_may_cross_midnight(
    now: datetime, quiet: tuple[str, str], expected: datetime
) -> None:
    assert loud_at(now, *quiet) == expected
    assert loud_at(now.astimezone(UTC), *quiet) == expected


@pytest.mark.parametrize("text", ["24:00", "7", "7:5", "ab:cd", "12:60", "-1:00", "1٢:00:"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|hour|minute"):
        hour(text)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────

SENTENCES = [
    (NoticeKind.PRESENTED, "", f"Phan Gia Lộc trình {WHAT} để xin ý kiến chỉ đạo."),
    (NoticeKind.ASSIGNED, "lead", f"Phan Gia Lộc giao chủ trì {WHAT}."),
    (NoticeKind.ASSIGNED, "coordinate", f"Phan Gia Lộc giao phối hợp {WHAT}."),
    (NoticeKind.ASSIGNED, "inform", f"Phan Gia Lộc chuyển {WHAT} để biết."),
    (NoticeKind.OPINION, "asked", f"Phan Gia Lộc xin ý kiến về {WHAT}."),
    (NoticeKind.OPINION, "contributed", f"Phan Gia Lộc đã hoàn thành phần phối hợp đối với {WHAT}."),
    (NoticeKind.OPINION, "", f"Phan Gia Lộc cho ý kiến về {WHAT}."),
    (NoticeKind.GIVEN_BACK, "", f"Phan Gia Lộc trả lại {WHAT}."),
    (NoticeKind.GIVEN_BACK, "declined", f"Phan Gia Lộc trả lại {WHAT}, chưa cho ý kiến chỉ đạo."),
    (NoticeKind.WITHDRAWN, "lead", f"Phan Gia Lộc thu hồi {WHAT} đã giao."),
    (NoticeKind.DEADLINE, "", f"Phan Gia Lộc đổi thời hạn giải quyết {WHAT}."),
    (NoticeKind.DEADLINE, "granted", f"Phan Gia Lộc đồng ý gia hạn {WHAT}."),
    (NoticeKind.DEADLINE, "refused", f"Phan Gia Lộc không đồng ý gia hạn {WHAT}."),
    (NoticeKind.DEADLINE, "suspended", f"Phan Gia Lộc tạm dừng giải quyết {WHAT}."),
    (NoticeKind.DEADLINE, "resumed", f"Phan Gia Lộc tiếp tục giải quyết {WHAT}."),
    (NoticeKind.EXTENSION_ASKED, "", f"Phan Gia Lộc xin gia hạn {WHAT}."),
    (NoticeKind.CHASED, "lead", f"Phan Gia Lộc đôn đốc giải quyết {WHAT}."),
    (NoticeKind.SETTLED, "", f"Phan Gia Lộc đã giải quyết xong {WHAT}."),
    (NoticeKind.REOPENED, "", f"Phan Gia Lộc mở lại {WHAT}."),
    (NoticeKind.DUE_SOON, "", f"V{WHAT[1:]} sắp đến hạn."),
    (NoticeKind.OVERDUE, "", f"V{WHAT[1:]} đã quá hạn."),
    (NoticeKind.OVERDUE, "assigned", f"V{WHAT[1:]} giao đi đã quá hạn."),
]


@pytest.mark.clause("212/16.1.l")
@pytest.mark.parametrize(("kind", "variant", "expected"), SENTENCES, ids=lambda each: str(each)[:20])
def test_a_notice_says_who_did_what_with_which_document(kind: NoticeKind, variant: str, expected: str) -> None:
    assert sentence(told(kind, variant=variant), vietnamese) == expected


def test_every_kind_has_its_sentence() -> None:
    assert {kind for kind, _variant, _expected in SENTENCES} == set(NoticeKind)


def test_who_acts_for_another_is_named_with_them() -> None:
    said = sentence(told(NoticeKind.PRESENTED, **{"for": "Võ Thị Mai"}), vietnamese)
    assert said.startswith("Phan Gia Lộc, thay Võ Thị Mai, trình văn bản đến số")


def test_a_document_without_number_is_named_by_its_abstract_and_a_withheld_one_by_nothing() -> None:
    urgent = Told(NoticeKind.PRESENTED, "Lê Thị Hạnh", {}, subject=SUBJECT)
    assert sentence(urgent, vietnamese) == f"Lê Thị Hạnh trình văn bản “{SUBJECT}” để xin ý kiến chỉ đạo."
    assert "“…”" in sentence(Told(NoticeKind.PRESENTED, "Lê Thị Hạnh", {}, 5, 2026), vietnamese)


def test_days_directions_and_reasons_are_told_after_it_each_within_bounds() -> None:
    notice = told(
        NoticeKind.ASSIGNED, due=date(2027, 1, 11), directions="Xử lý gấp.", reason="từ " * 400, unit="", note=None
    )
    due, directions, reason = details(notice, vietnamese)
    assert (due, directions) == ("Thời hạn: 11/01/2027.", "Ý kiến chỉ đạo: Xử lý gấp.")
    assert reason.startswith("Lý do: từ từ")
    assert reason.endswith("từ….")
    assert len(reason) < 320


@pytest.mark.parametrize(("kind", "variant", "expected"), SENTENCES, ids=lambda each: str(each)[:20])
def test_the_mail_of_a_notice_says_it_and_leads_to_the_document(kind: NoticeKind, variant: str, expected: str) -> None:
    made = letter(told(kind, variant=variant, due=date(2027, 1, 11)), path_of(7, 9), vietnamese)
    (paragraph,) = made.paragraphs
    assert paragraph.lines == (expected, "Thời hạn: 11/01/2027.")
    assert (paragraph.path, paragraph.link) == ("/incoming/7?assignment=9", "Mở văn bản")
    assert made.subject.endswith(f": {SUBJECT}")
    assert made.closing == ("Thư do phần mềm Văn Thư tự động gửi, đề nghị không trả lời thư này.",)


def test_the_subject_of_a_mail_stays_short_and_is_one_line() -> None:
    long = Told(NoticeKind.CHASED, "Phan Gia Lộc", {}, 1, 2026, "Về việc\nchống ngập " * 60)
    subject = letter(long, "/", vietnamese).subject
    assert subject.startswith("Đôn đốc: Về việc chống ngập")
    assert len(subject) <= SUBJECT_LENGTH
    assert "\n" not in subject


def test_the_summary_counts_and_lists_what_is_late_soon_and_unread() -> None:
    day = date(2026, 12, 30)
    late = Work(day - timedelta(days=2), "/incoming/1?assignment=4", 12, 2026, "Báo cáo tháng", "Phòng Kinh tế")
    found = Digest(
        day,
        (late,),
        tuple(Work(day, f"/incoming/{n}", n, 2026, "Sắp đến") for n in range(MOST_LINES + 1)),
        ((told(NoticeKind.SETTLED), "/incoming/7", 7),),
    )
    made = digest_letter(found, vietnamese)
    assert made.subject == "Tổng hợp ngày 30/12/2026: 1 việc quá hạn, 20+ việc sắp đến hạn, 1 thông báo"
    first = made.paragraphs[0]
    assert first.heading == "Việc quá hạn"
    assert first.lines == (
        "Văn bản đến số 12/2026 “Báo cáo tháng”",
        "Thời hạn: 28/12/2026.",
        "Đơn vị: Phòng Kinh tế.",
    )
    assert first.path == "/incoming/1?assignment=4"
    assert [each.heading for each in made.paragraphs if each.heading] == [
        "Việc quá hạn",
        "Việc sắp đến hạn",
        "Thông báo chưa đọc",
    ]
    more = made.paragraphs[1 + MOST_LINES]
    assert (more.lines, more.path) == (("Còn nữa, xem trong phần mềm.",), "/")
    assert not Digest(day)
