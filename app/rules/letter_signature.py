"""Who signed, read from the block at the end of a document (Decree 30/2020, appendix I, boxes 7a and 7b). Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from app.rules.letter_case import is_capitals, person_name, position_name, starts_position
from app.rules.letter_lines import Cell, Line
from app.rules.text import fold

_RECIPIENTS = "noi nhan"
_POWER = re.compile(r"^(?:TM|KT|TL|TUQ|T\. ?M|K\. ?T|T\. ?L)\s*\.")
_ON_BEHALF = re.compile(r"^(?:TM|T\. ?M)\s*\.")
_PERSONAL = re.compile(
    r"(?:nguoi (?:lam|viet|gui) don|nguoi (?:khieu nai|to cao|kien nghi|phan anh|de nghi)|kinh don)\b.*"
)
_RANKS = re.compile(
    r"^(?:(?:thiếu|trung|thượng|đại)\s+(?:úy|tá|tướng)|(?:PGS|GS|TS|ThS|BS|KS|LS|Th\.S)\.?(?:CK(?:I|II)\.?)?)[\s.]+",
    re.IGNORECASE,
)
_SURNAMES = frozenset(
    (
        "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương",
        "lý", "đinh", "đoàn", "trương", "lâm", "mai", "trịnh", "đào", "cao", "tạ", "hà", "thái", "châu", "tô", "vương",
        "quách", "lưu", "kiều", "phùng", "tống", "từ", "lương", "triệu", "chu", "mạc", "tăng", "la", "văn", "thạch",
    )
)  # fmt: skip
_ROWS, _BETWEEN, _BEFORE = 45, 7, 10
_ANCHORS = 4
"""Lists of recipients looked at; a file with more of them is no letter."""
_RIGHT = 22
"""Columns by which the block stands to the right of the recipients, on a page whose layout was kept."""


@dataclass(frozen=True)
class Signature:
    """Name and position of the signer, with the numbers of their lines; empty where they were not found."""

    name: str = ""
    name_line: int = 0
    position: str = ""
    position_line: int = 0


@dataclass(frozen=True)
class _Piece:
    cell: Cell
    line: int

    @property
    def text(self) -> str:
        return self.cell.text


def signature_of(lines: Sequence[Line], text: str) -> Signature:
    """The first complete signature block; an empty one where there is doubt. ``text`` shows how names are written."""
    anchors = ((i, cell) for i, line in enumerate(lines) for cell in line.cells if cell.folded.startswith(_RECIPIENTS))
    for i, anchor in islice(anchors, _ANCHORS):
        for pieces in _readings(lines, i, anchor):
            if (found := _block(pieces, text)).name:
                return found
    return Signature()


def personal_signature_of(lines: Sequence[Line]) -> Signature:
    """Who signed a letter of a citizen (``NGƯỜI LÀM ĐƠN``)."""
    for i, line in enumerate(lines):
        for cell in line.cells:
            if is_capitals(cell.text) and _PERSONAL.fullmatch(cell.folded):
                for after in lines[i + 1 : i + _ROWS]:
                    name = next((n for each in after.cells if (n := _person(each.text))), "")
                    if name:
                        return Signature(name, after.number)
                return Signature()
    return Signature()


def _readings(lines: Sequence[Line], i: int, anchor: Cell) -> Iterable[list[_Piece]]:
    """The pieces that may be the block: the right column; what follows the recipients; what stands before them."""
    here = [line for line in lines[max(0, i - 3) : i + _ROWS] if line.page == lines[i].page]
    pieces = [_Piece(cell, line.number) for line in here for cell in line.cells]
    yield [piece for piece in pieces if piece.cell.at >= anchor.at + _RIGHT]
    after = [piece for piece in pieces if piece.line >= lines[i].number]
    yield [piece for piece in after if not piece.text.startswith(("-", "+", "•"))]
    before = [line for line in lines[max(0, i - _BEFORE) : i] if line.page == lines[i].page]
    yield [_Piece(cell, line.number) for line in before for cell in line.cells]


def _block(pieces: Sequence[_Piece], text: str) -> Signature:
    titles: list[_Piece] = []
    between = 0
    for piece in pieces:
        if not titles and not (is_capitals(piece.text) and (_POWER.match(piece.text) or starts_position(piece.text))):
            continue
        if is_capitals(piece.text) and not (name := _person_in_capitals(piece.text)):
            if between and (_POWER.match(piece.text) or starts_position(piece.text)):
                return Signature()  # a second block: nobody knows which one counts
            titles.append(piece)
        elif name := _person(piece.text):
            position, line = _position(titles, text)
            return Signature(name, piece.line, position, line)
        else:
            between += 1
            if between > _BETWEEN:
                break
    return Signature()


def _position(titles: Sequence[_Piece], text: str) -> tuple[str, int]:
    """The signer's own position: below the lines that say for whom and by whose power."""
    last = max((i for i, piece in enumerate(titles) if _POWER.match(piece.text)), default=-1)
    own = list(titles[last + 1 :])
    while own and not starts_position(own[0].text):
        own = own[1:]
    if not own:
        return "", 0
    return position_name(" ".join(piece.text for piece in own), text), own[0].line


def _person(text: str) -> str:
    """The name of a person in ordinary letters or capitals, without rank and degree; empty for anything else."""
    stripped = text
    while (bare := _RANKS.sub("", stripped, count=1)) != stripped:
        stripped = bare
    if is_capitals(stripped):
        return _person_in_capitals(stripped)
    words = stripped.split()
    if not 2 <= len(words) <= 6 or len(stripped) > 100:
        return ""
    if not all(word.isalpha() and word[0].isupper() and word[1:] == word[1:].lower() for word in words):
        return ""
    return "" if starts_position(stripped) else stripped


def _person_in_capitals(text: str) -> str:
    words = text.split()
    if 2 <= len(words) <= 5 and all(word.isalpha() for word in words) and words[0].lower() in _SURNAMES:
        return "" if starts_position(text) or fold(text).startswith(("ho chi minh", "ha noi")) else person_name(text)
    return ""
