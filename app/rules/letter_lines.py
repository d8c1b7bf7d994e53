"""Text of a page as extraction gives it, cut into lines and columns that rules can read. Pure."""

import re
from dataclasses import dataclass

from app.rules.text import clean, fold

_MOST_LINES, _MOST_CHARS, _MOST_TEXT = 600, 400, 60_000
"""What is looked at of a text, of its lines and in all; three pages of a letter are far less."""
_GAP = re.compile(r"\s{3,}")
"""Blanks between the columns of a page whose layout was kept."""
_NATIONAL = (
    re.compile(r"cong\s*hoa\s*xa\s*hoi\s*chu\s*nghia\s*viet\s*nam"),
    re.compile(r"doc\s*lap\s*\W*\s*tu\s*do\s*\W*\s*hanh\s*phuc"),
    re.compile(r"dang\s*cong\s*san\s*viet\s*nam"),
)
_RULES = " \t-–—_*.=~"


@dataclass(frozen=True)
class Cell:
    """A piece of a line; ``at`` is the column where it begins."""

    text: str
    at: int

    @property
    def folded(self) -> str:
        """Small letters without marks."""
        return fold(self.text)


@dataclass(frozen=True)
class Line:
    """A line with its number, from 1, in the whole text. Blank lines have no cells."""

    number: int
    page: int
    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """All of the line."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def folded(self) -> str:
        """Small letters without marks."""
        return fold(self.text)


def lines_of(text: str) -> list[Line]:
    """Lines in order; a form feed ends a page, three blanks or more part columns."""
    found: list[Line] = []
    number = 0
    for page, part in enumerate(text[:_MOST_TEXT].split("\f")):
        for raw in re.split(r"\r\n|\r|\n", part):
            number += 1
            found.append(Line(number, page, _cells(raw[:_MOST_CHARS].expandtabs(4))))
            if len(found) >= _MOST_LINES:
                return found
    return found


def without_heading(line: Line) -> Line:
    """The line without the name and motto of the State, and without rules."""
    cells = []
    for cell in line.cells:
        left = cell.text
        for national in _NATIONAL:
            folded = fold(left)
            match = national.search(folded)
            if match and len(folded) == len(left):
                left = f"{left[: match.start()]} {left[match.end() :]}"
        if left is not cell.text:
            left = left.strip(_RULES)
        if left.strip(_RULES):
            cells.append(Cell(clean(left), cell.at))
    return Line(line.number, line.page, tuple(cells))


def has_marks(text: str) -> bool:
    """Whether a text carries Vietnamese marks; without them it came from a poor recognition of letters."""
    return fold(text) != text.lower()


def _cells(raw: str) -> tuple[Cell, ...]:
    cells, start = [], 0
    for gap in [*_GAP.finditer(raw), None]:
        piece = raw[start : gap.start() if gap else None]
        text = clean(_closed_up(piece))
        if text:
            cells.append(Cell(text, start + len(piece) - len(piece.lstrip())))
        if gap:
            start = gap.end()
    return tuple(cells)


def _closed_up(piece: str) -> str:
    """Undo letter-spacing (``S ố : 1 4 8 2``); two blanks part the words there."""
    tokens = piece.split()
    if len(tokens) < 5 or sum(len(token) == 1 for token in tokens) < 0.8 * len(tokens):
        return piece
    return " ".join("".join(word.split()) for word in re.split(r"\s{2,}", piece.strip()))
