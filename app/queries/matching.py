"""How what somebody types finds rows: beginnings of words, marks and letter case aside; numbers as they are printed."""

import re
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_

from app.models import Document
from app.queries.listing import Match
from app.rules.text import fold, words

MOST_WORDS = 12
"""Further words of a query are not looked at."""
_ARRIVAL_NUMBER = re.compile(r"(?:so )?(den )?0*([1-9][0-9]{0,8})(?: ([0-9]{4}))?")


def escape_like(word: str) -> str:
    """A word for LIKE, its wildcards taken literally."""
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def word_beginnings(folded: Any, typed: str) -> list[ColumnElement[bool]]:
    """Conditions that each typed word begins a word of a column (or expression) that is folded already."""
    conditions = []
    for word in fold(typed).split()[:MOST_WORDS]:
        escaped = escape_like(word)
        conditions.append(or_(folded.like(f"{escaped}%"), folded.like(f"% {escaped}%")))
    return conditions


def document_match(typed: str) -> Match | None:
    """Every typed word as the beginning of a word of a document; an index answers. ``None`` when nothing is typed.

    Arrival numbers are found as the program prints them: ``298``, ``05``, ``298/2026``, ``số 298``, ``số đến 298``;
    the documents of that number lead the list.
    """
    found = words(typed)[:MOST_WORDS]
    if not found:
        return Match(false()) if typed.strip() else None
    number = _ARRIVAL_NUMBER.fullmatch(" ".join(found))
    if len(found) > 1 and found[0] == "so" and found[1][0].isdigit():
        found = found[1:]  # "Số: 298/STC-NS" as letters have it
    ordinary = " & ".join(f"{word}:*" for word in found)
    if number is None:
        return Match(_holds(ordinary))
    arrived, digits, year = number.groups()
    token = f"z{digits}z{year}" if year else f"z{digits}"
    return Match(_holds(token if arrived else f"{token} | {ordinary}"), leading=_holds(token))


def _holds(query: str) -> ColumnElement[bool]:
    return Document.search.op("@@")(func.to_tsquery("simple", query))
