"""Levels of urgency (mức độ khẩn), lowest first. The drafter proposes, the signer decides."""

from dataclasses import dataclass


@dataclass(frozen=True)
class UrgencyRow:
    """One level; ``rank`` sorts queues, higher first."""

    code: str
    name: str
    rank: int
    stamp: str
    """Text of the stamp on page 1; empty for the ordinary level, which has none."""


URGENCY_LEVELS: tuple[UrgencyRow, ...] = (
    UrgencyRow("normal", "Thường", 0, ""),
    UrgencyRow("urgent", "Khẩn", 1, "KHẨN"),
    UrgencyRow("very_urgent", "Thượng khẩn", 2, "THƯỢNG KHẨN"),
    UrgencyRow("flash", "Hỏa tốc", 3, "HỎA TỐC"),
)
