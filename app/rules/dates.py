"""Dates as people type them: ``3/8``, ``03/08/2026``, ``3-8-26``, ``hôm nay``, ``hôm qua``, ``+7``. Pure."""

import re
from datetime import date, datetime, timedelta

from app.clock import VIETNAM
from app.rules.text import fold

_NAMED = {"hom nay": 0, "nay": 0, "hom qua": -1, "qua": -1, "hom kia": -2, "ngay mai": 1, "mai": 1, "today": 0}
_NAMED |= {"yesterday": -1, "tomorrow": 1}


def parse_day(text: str, today: date, *, past: bool = False) -> date:
    """The day that was typed; a day without year is the one nearest to ``today``, with ``past`` the last one that was.

    Also as letters write it, ``ngày 20 tháng 11 năm 2026``. Raises ``ValueError``.
    """
    plain = " ".join(fold(text).split())
    if plain in _NAMED:
        return today + timedelta(days=_NAMED[plain])
    if match := re.fullmatch(r"([+-])(\d{1,4})", plain):
        return today + timedelta(days=int(match[1] + match[2]))
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", plain):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{2}|\d{4}))?", plain):
        day, month = int(match[1]), int(match[2])
        if match[3]:
            year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
            return date(year, month, day)
        return _nearest(day, month, today, past=past)
    if match := re.fullmatch(r"(?:ngay )?(\d{1,2}) thang (\d{1,2})(?: nam (\d{4}))?", plain):
        if match[3]:
            return date(int(match[3]), int(match[2]), int(match[1]))
        return _nearest(int(match[1]), int(match[2]), today, past=past)
    raise ValueError(text)


def _nearest(day: int, month: int, today: date, *, past: bool) -> date:
    candidates = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            candidate = date(year, month, day)
            if not past or candidate <= today:
                candidates.append(candidate)
        except ValueError:
            continue
    if not candidates:
        raise ValueError(f"{day}/{month}")
    return min(candidates, key=lambda each: abs(each - today))


def parse_instant(text: str, now: datetime) -> datetime:
    """Day and time of the Vietnamese clock: ``3/8 14:30``, ``14:30 3/8/2026``, ``14h30`` (today).

    Without a time it is the start of the day; ISO with a zone is taken as it is. Raises ``ValueError``.
    """
    plain = " ".join(text.split())
    if re.match(r"\d{4}-\d{2}-\d{2}T", plain):
        given = datetime.fromisoformat(plain)
        return given if given.tzinfo else given.replace(tzinfo=VIETNAM)
    today = now.astimezone(VIETNAM).date()
    match = re.search(r"(?:^|\s)(\d{1,2})[:hg](\d{2})?(?:\s|$)", plain, re.IGNORECASE)
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    rest = (plain[: match.start()] + " " + plain[match.end() :]).strip(" ,") if match else plain
    day = parse_day(rest, today) if rest else today
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM)
