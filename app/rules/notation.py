"""Number and notation of a document (``1482/STC-NS``): how they are written, and the type they speak of. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.reference.document_types import COPY_FORMS
from app.rules.text import clean, fold

LETTER_CODE = "cong_van"
"""The type without abbreviation in its notation (Decree 30/2020, appendix III)."""

_COPIES = {form.abbreviation for form in COPY_FORMS}
_LETTER_WRITTEN_OUT = "CV"
"""How the Party's bodies and companies abbreviate a công văn: ``101/CV-ABC``, ``12-CV/ĐU``."""

_SHAPE = re.compile(r"\d+[a-zđ]?\s*(?:-\s*([^\W\d_]+)\s*)?/\s*(.*)", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d\s*/\s*")
_BODY = re.compile(r"[A-ZĐƯÔ][A-ZĐƯÔ0-9&.]+")
_PART = r"[A-ZĐƯÔ](?:[A-Za-zĐđƯưÔô0-9])*"
_WRITTEN = re.compile(
    r"(?P<number>\d{1,6}[a-zđ]?)\s*"
    rf"(?:[-–]\s*(?P<party>{_PART})\s*)?/\s*"
    rf"(?P<notation>(?:(?:19|20)\d\d\s*/\s*)?{_PART}(?:(?:\s*[-–/&]\s*|\.){_PART})*)"
)
_SEPARATORS = re.compile(r"\s*([-–/&])\s*")
_LOWER_LETTERS = 2
"""More small letters in a row of a notation than ``TTg`` and ``QyĐ`` have: a word of the text has run into it."""


@dataclass(frozen=True)
class TypeFacts:
    """What of a document type's row is needed to recognise it; ``abbreviation`` is empty where it has none."""

    id: int
    code: str
    name: str
    abbreviation: str = ""


def type_of_notation(number_notation: str, types: Sequence[TypeFacts]) -> int | None:
    """Id of the type that a number and notation speak of; ``None`` while nothing certain can be said.

    ``212/QĐ-VP`` is a Quyết định, ``1482/STC-NS``, whose first group is no type, a Công văn. Made to be asked while
    somebody types: before the hyphen that ends the first group there is no answer.
    """
    match = _SHAPE.fullmatch(clean(number_notation))
    if match is None:
        return None
    if match[1]:  # the Party writes the type before the stroke: 12-CV/ĐU
        return _abbreviated(match[1], types)
    rest, with_year = _YEAR.subn("", match[2], count=1)
    first, hyphen, _ = rest.replace("–", "-").partition("-")
    first = first.strip()
    if not hyphen:
        return None
    found = _abbreviated(first, types)
    if found is not None or with_year or first in _COPIES:
        return found
    if any(fold(first) == fold(kind.abbreviation) for kind in types):
        return None  # QD may be QĐ without its mark
    return _letter(types) if _BODY.fullmatch(first.upper()) else None


def _abbreviated(text: str, types: Sequence[TypeFacts]) -> int | None:
    """The one type with this abbreviation, letter case aside unless it decides."""
    if text.upper() == _LETTER_WRITTEN_OUT:
        return _letter(types)
    for same in (str, str.casefold):
        found = [kind.id for kind in types if kind.abbreviation and same(kind.abbreviation) == same(text)]
        if len(found) == 1:
            return found[0]
    return None


def _letter(types: Sequence[TypeFacts]) -> int | None:
    return next((kind.id for kind in types if kind.code == LETTER_CODE), None)


def read_notation(text: str) -> tuple[str, str] | None:
    """Number and notation at the beginning of ``text`` in their usual spelling, and what follows them.

    Blanks around hyphens and strokes go; ``None`` where the number is missing or anything looks odd.
    """
    match = _WRITTEN.match(text)
    if match is None:
        return None
    rest = text[match.end() :]
    if rest[:1] and not rest[0].isspace():
        return None
    groups = re.split(r"[^A-Za-zĐđƯưÔô0-9]+", f"{match['party'] or ''}/{match['notation']}")
    if any(sum(letter.islower() for letter in group) > _LOWER_LETTERS for group in groups):
        return None
    written = _SEPARATORS.sub(r"\1", match[0].strip()).replace("–", "-")
    return written, rest.strip()


def may_lack_marks(number_notation: str) -> bool:
    """Whether a notation read from a text without Vietnamese marks may have lost one: QD for QĐ, HDND for HĐND."""
    return "D" in number_notation.upper().replace("ND", "")
