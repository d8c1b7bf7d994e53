"""What the first page and the signature block of a document say about it: proposals for its registration.

Reads the text of a PDF or DOCX by the layout of Decree 30/2020/NĐ-CP, appendix I (and of the Party's bodies), also
where extraction ran its two columns together, lost marks or spaced letters out. Proposals are for a person to confirm;
where there is doubt there is none. Pure; never raises.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from app.reference.urgency import URGENCY_LEVELS
from app.rules.letter_case import body_name, is_capitals
from app.rules.letter_lines import Cell, Line, has_marks, lines_of, without_heading
from app.rules.letter_signature import personal_signature_of, signature_of
from app.rules.notation import LETTER_CODE, TypeFacts, may_lack_marks, read_notation, type_of_notation
from app.rules.text import clean, fold

__all__ = ["Proposals", "Proposed", "TypeFacts", "propose", "type_of_notation"]

T = TypeVar("T")

ISSUER_CHARS, NOTATION_CHARS, SUBJECT_CHARS, SIGNER_CHARS = 200, 50, 500, 100
"""Lengths of the register's fields."""
PERSONAL_CODE = "don"
"""The type of a letter of a citizen, which has no number and no issuing body."""

_EARLIEST = 1945
_HEAD_LINES, _ISSUER_LINES, _SUBJECT_LINES = 45, 6, 9
_MARGIN = 4
"""Columns: what begins further right is set in or centred, on a page whose layout was kept."""
_DATED = re.compile(
    r"ngay\s*(?:(\d\s?\d?)\s*thang\s*(\d\s?\d?)\s*nam\s*(\d\s?\d\s?\d\s?\d)|(\d\d?)\s*/\s*(\d\d?)\s*/\s*(\d{4}))\s*[.,;]?$"
)
_UNDATED = re.compile(r"ngay\b[^a-z]{0,40}thang\b[^a-z]{0,40}nam\b[^a-z]{0,40}$")
_PLACE_KINDS = {"thanh", "pho", "tp", "tp.", "tinh", "phuong", "xa", "dac", "khu", "quan", "huyen", "thi", "tran"}
_NUMBERED = re.compile(r"(?:S[ốôoỐÔO]|Lu[ậâa]t\s+s[ốôo])(?:\s*[:.;]\s*|\s+(?=[\d/.]))")
_ABOUT = re.compile(r"(?:v\s*/\s*v\b|về việc\b|ve viec\b)\s*[:.]?\s*", re.IGNORECASE)
_BODY_BEGINS = re.compile(r"(?:kinh (?:gui|chuyen|trinh)\b|can cu\b|theo de nghi\b|dieu 1\b|thuc hien (?:luat|nghi)\b)")
_RULE = re.compile(r"[\s\-–—_*=.~]{3,}")
_AGENCY = re.compile(
    r"(?:uy ban|ubnd|hoi dong|hdnd|so|bo|cuc|chi cuc|tong cuc|vu|van phong|ban|dang uy|thanh uy|tinh uy|huyen uy|"
    r"dang bo|chi bo|cong ty|tong cong ty|tap doan|truong|trung tam|vien|benh vien|cong an|toa an|kho bac|bao hiem|"
    r"ngan hang|thanh tra|thue|hai quan|kiem toan|lien doan|lien hiep|hoi|hiep hoi|doan|mat tran|thu tuong|"
    r"chu tich nuoc|chinh phu|quoc hoi|dai hoc|hoc vien|quan khu|ubmttq|nha xuat ban|dai|phong|to cong tac)\b"
)
_INCOMPLETE = {
    "uy ban nhan dan", "hoi dong nhan dan", "van phong", "ban quan ly", "ban", "so", "bo", "cuc", "chi cuc",
    "trung tam", "cong ty", "cong ty tnhh", "cong ty co phan", "tong cong ty", "truong", "vien", "benh vien", "thue",
    "cong an", "toa an nhan dan", "vien kiem sat nhan dan", "thanh tra", "phong", "ubnd", "hdnd", "hoi", "dai hoc",
    "uy ban", "hoi dong", "bo tu lenh", "bo chi huy quan su", "bao hiem xa hoi", "ban chi dao", "to cong tac",
}  # fmt: skip
"""Beginnings of names that say nothing alone: the line below belongs to them."""
_NO_AGENCY = re.compile(
    r"(?:den|cong van den|van ban den|so den|ngay|chuyen|luu ho so|ban sao|sao y.*|du thao.*|phu luc.*|"
    r"(?:toi |tuyet )?mat|hoa toc.*|thuong khan|khan|xem xong tra lai|luu hanh noi bo)[\s:.!]*"
)
_SECRET = re.compile(r"(?:ĐỘ MẬT\s*:?\s*)?(?:TUYỆT MẬT|TỐI MẬT|MẬT|TUYET MAT|TOI MAT|MAT)[\s.!]*")
_STAMPS = {fold(level.stamp): level.code for level in URGENCY_LEVELS if level.stamp}


@dataclass(frozen=True)
class Proposed(Generic[T]):
    """A value and the number of the line, from 1, where it stands."""

    value: T
    line: int


@dataclass(frozen=True)
class Proposals:
    """What a text says of its document. ``type_id`` is an id of the types given, ``urgency`` a code of a level.

    ``issuer_name`` is in ordinary letters; ``secret`` hints at a document that must not enter the register at all.
    """

    number_notation: Proposed[str] | None = None
    issued_on: Proposed[date] | None = None
    issuer_name: Proposed[str] | None = None
    type_id: Proposed[int] | None = None
    subject: Proposed[str] | None = None
    signer_position: Proposed[str] | None = None
    signer_name: Proposed[str] | None = None
    urgency: Proposed[str] | None = None
    secret: Proposed[str] | None = None


@dataclass(frozen=True)
class _Heading:
    """The line that names the type. ``index`` counts in the lines of the head, ``exact`` without more words in it."""

    kind: TypeFacts
    index: int
    line: int
    exact: bool
    rest: str = ""


def propose(text: str, today: date, types: Sequence[TypeFacts]) -> Proposals:
    """Proposals from the text of a document's first pages and last page, parted by form feeds.

    ``types`` are those that may be chosen. A date after ``today`` is none. What is longer than the register's field is
    not proposed. Blank lines and columns, where the text has kept them, are made use of.
    """
    lines = lines_of(text)
    head = [without_heading(line) for line in lines if line.page == 0]
    head = _cut_to(head, _HEAD_LINES)
    heading = _heading(head, types)
    end = _end_of_head(head, heading)
    plain = "\n".join(line.text for line in lines)
    marked = has_marks(plain)
    about = next((i for i, line in enumerate(head[:end]) if _about_cell(line)), None)
    number = _number(head[:end], marked)
    kind = _type(head, heading, number, about is not None, types)
    letter_code = next((each.code for each in types if kind and each.id == kind.value), "")
    personal = heading is not None and heading.kind.code == PERSONAL_CODE and number is None
    subject = None
    if heading is not None:
        subject = _subject_below(head, heading)
    elif about is not None and letter_code in ("", LETTER_CODE):
        subject = _subject_about(head, about)
    signature = personal_signature_of(lines) if personal else signature_of(lines, plain)
    name = _fitting(signature.name, signature.name_line, SIGNER_CHARS)
    issuer = name if personal else _issuer(head[:end], number, plain)
    return Proposals(
        number_notation=number,
        issued_on=_issued_on(head[:end], about, today),
        issuer_name=issuer,
        type_id=kind,
        subject=subject,
        signer_position=_fitting(signature.position, signature.position_line, SIGNER_CHARS),
        signer_name=name,
        urgency=_urgency(head),
        secret=_secret(head),
    )


# ---- the head as a whole


def _cut_to(lines: list[Line], most: int) -> list[Line]:
    """Lines up to so many that are not blank; blank ones after the last are no gap and go."""
    seen = 0
    for i, line in enumerate(lines):
        seen += bool(line.cells)
        if seen > most:
            return lines[:i]
    last = max((i for i, line in enumerate(lines) if line.cells), default=-1)
    return lines[: last + 1]


def _heading(head: Sequence[Line], types: Sequence[TypeFacts]) -> _Heading | None:
    by_length = sorted(types, key=lambda kind: len(kind.name), reverse=True)
    for index, line in enumerate(head):
        if index and _BODY_BEGINS.match(line.folded):
            return None
        if len(line.cells) != 1:
            continue
        cell = line.cells[0]
        folded = cell.folded
        for kind in by_length:
            name = fold(kind.name)
            if not folded.startswith(name) or not _spells(cell.text[: len(name)], kind.name):
                continue
            if len(folded) == len(name):
                return _Heading(kind, index, line.number, True)
            if kind.code == PERSONAL_CODE and is_capitals(cell.text) and folded[len(name)] == " ":
                return _Heading(kind, index, line.number, True)
            rest = cell.text[len(name) :]
            if folded[len(name)] == " " and _ABOUT.match(rest.strip()) and not is_capitals(rest):
                return _Heading(kind, index, line.number, True, rest.strip())
            if folded[len(name)] == " " and is_capitals(cell.text):
                return _Heading(kind, index, line.number, False)
    return None


def _spells(printed: str, name: str) -> bool:
    """Whether capitals spell a type: THOẢ is THỎA, but PHƯỜNG is not PHƯƠNG."""
    letters = [sorted(unicodedata.normalize("NFD", text.lower())) for text in (printed, name)]
    return is_capitals(printed) and (not has_marks(printed) or letters[0] == letters[1])


def _end_of_head(head: Sequence[Line], heading: _Heading | None) -> int:
    """Index of the first line that belongs to head no more."""
    for i, line in enumerate(head):
        if heading is not None and i == heading.index:
            return i
        if any(_BODY_BEGINS.match(cell.folded) for cell in line.cells):
            return i
    return len(head)


def _about_cell(line: Line) -> Cell | None:
    return next((cell for cell in line.cells if re.match(r"v\s*/\s*v\b|ve viec\b", cell.folded)), None)


# ---- number, date


def _number(head: Sequence[Line], marked: bool) -> Proposed[str] | None:
    """The one number and notation in the head; ``None`` where there are two, or anything about it is odd."""
    found: dict[str, int] = {}
    for i, line in enumerate(head):
        for k, cell in enumerate(line.cells):
            opening = _NUMBERED.match(cell.text + " ")
            if not opening:
                continue
            rest = " ".join([cell.text[opening.end() :], *(each.text for each in line.cells[k + 1 :])]).strip()
            read = read_notation(rest)
            if read is None:
                if "/" in rest.split("ngày")[0]:
                    return None  # a number that is there and cannot be read
                continue
            written, left = read
            below = next((each.cells[0].text for each in head[i + 1 : i + 2] if each.cells), "")
            if (left and not _is_place_and_date(left)) or re.match(r"[-–/]\s*[A-ZĐ]", below):
                return None
            found.setdefault(written, line.number)
            break
    if len(found) != 1:
        return None
    ((written, number),) = found.items()
    if len(written) > NOTATION_CHARS or (not marked and may_lack_marks(written)):
        return None
    return Proposed(written, number)


def _issued_on(head: Sequence[Line], about: int | None, today: date) -> Proposed[date] | None:
    """The one date behind a place; ``None`` where it is left blank, impossible, still to come, or where two differ."""
    found: dict[date, int] = {}
    blank = False
    before: dict[date, int] = {}
    for i, line in enumerate(head):
        place, match = _place_before_date(line)
        if match is None:
            blank = blank or bool(_UNDATED.search(line.folded))
            continue
        if not _is_place(place):
            continue
        day = _day(match)
        if day is None:
            return None
        found.setdefault(day, line.number)
        if about is None or i <= about:
            before.setdefault(day, line.number)
    chosen = before or found
    if blank or len(chosen) != 1:
        return None
    ((day, number),) = chosen.items()
    return Proposed(day, number) if day.year >= _EARLIEST and day <= today else None


def _place_before_date(line: Line) -> tuple[str, re.Match[str] | None]:
    """What stands between the number, if there is one, and the date at the end of a line."""
    text, folded = line.text, line.folded
    match = _DATED.search(folded) if len(text) == len(folded) else None
    if match is None:
        return "", None
    for cell in line.cells:
        opening = _NUMBERED.match(cell.text)
        if opening:
            read = read_notation(text[text.index(cell.text) + opening.end() :])
            return (read[1][: _rest_of_date(read[1])] if read else "?"), match
    # the cell in which the date stands; blanks may have torn the date itself into several
    place = text[: match.start()]
    starts = [i for i, cell in enumerate(line.cells) if "ngay" in cell.folded]
    if starts:
        place = line.cells[starts[-1]].text
        place = place[: fold(place).rfind("ngay")]
        if not place.strip() and starts[-1]:
            place = line.cells[starts[-1] - 1].text
    return place, match


def _rest_of_date(text: str) -> int:
    match = _DATED.search(fold(text))
    return match.start() if match else len(text)


def _is_place_and_date(text: str) -> bool:
    folded = fold(text)
    match = _DATED.search(folded) or _UNDATED.search(folded)
    return match is not None and _is_place(text[: match.start()])


def _is_place(text: str) -> bool:
    """Whether a text is the name of a place, with the comma behind it: ``Thành phố Hồ Chí Minh,``."""
    if not text.rstrip().endswith(","):
        return False
    words = text.strip(" ,.").replace(".", ". ").split()
    names = [word for word in words if fold(word) not in _PLACE_KINDS]
    if not names or len(words) > 9 or not words[0][0].isupper():
        return False
    return all(_is_name(name) for name in names)


def _is_name(word: str) -> bool:
    if word in ("HCM", "-"):
        return True
    return word[0].isupper() and not is_capitals(word) and word.replace("-", "").isalpha()


def _day(match: re.Match[str]) -> date | None:
    numbers = [int(re.sub(r"\s", "", each)) for each in match.groups() if each]
    try:
        return date(numbers[2], numbers[1], numbers[0])
    except ValueError:
        return None


# ---- issuing body


def _issuer(head: Sequence[Line], number: Proposed[str] | None, text: str) -> Proposed[str] | None:
    """The body at the top on the left, without the one above it."""
    printed: list[tuple[str, int]] = []
    for line in head:
        numbered = any(_NUMBERED.match(cell.text + " ") for cell in line.cells)
        if numbered or _about_cell(line):
            break
        cell = line.cells[0] if line.cells else None
        if cell and is_capitals(cell.text) and not _NO_AGENCY.fullmatch(cell.folded):
            printed.append((cell.text, line.number))
    names = _names(printed)
    if not names or not 0 < len(names[-1]) <= _ISSUER_LINES:
        return None
    own = " ".join(part for part, _ in names[-1])
    folded = " ".join(fold(own).split())
    if folded in _INCOMPLETE or not _AGENCY.match(folded) or (number is None and len(names) > 2):
        return None
    return _fitting(body_name(own, text), names[-1][0][1], ISSUER_CHARS)


def _names(printed: Sequence[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """Lines in capitals gathered into names: a new one begins where a word for a kind of body stands first."""
    names: list[list[tuple[str, int]]] = []
    for part, number in printed:
        folded = " ".join(fold(part).split())
        before = " ".join(fold(" ".join(each for each, _ in names[-1])).split()) if names else ""
        continues = before in _INCOMPLETE or before.endswith((" va", "-", ",")) or folded.startswith("va ")
        same_rank = before in ("uy ban nhan dan", "hoi dong nhan dan", "ubnd") and folded.startswith(("so ", "bo "))
        if names and (not _AGENCY.match(folded) or (continues and not same_rank)):
            names[-1].append((part, number))
        else:
            names.append([(part, number)])
    return names


# ---- type, subject


def _type(
    head: Sequence[Line],
    heading: _Heading | None,
    number: Proposed[str] | None,
    about: bool,
    types: Sequence[TypeFacts],
) -> Proposed[int] | None:
    """The type by heading and notation; where the two name different types there is none."""
    letter = next((kind.id for kind in types if kind.code == LETTER_CODE), None)
    said = type_of_notation(number.value, types) if number else None
    if heading is not None:
        agrees = said == heading.kind.id
        if agrees or (heading.exact and said in (None, letter)):
            return Proposed(heading.kind.id, heading.line)
        return None
    if number is None or said is None or _has_other_heading(head, number.line):
        return None
    if said == letter:
        addressed = any(cell.folded.startswith("kinh gui") for line in head for cell in line.cells)
        return Proposed(said, number.line) if about or addressed else None
    return None if about else Proposed(said, number.line)


def _has_other_heading(head: Sequence[Line], number: int) -> bool:
    """Whether capitals that are no stamp stand between the number and the text: a type that is in no list."""
    for line in head:
        if line.number > number:
            if _about_cell(line) or any(_BODY_BEGINS.match(cell.folded) for cell in line.cells):
                return False
            if any(is_capitals(cell.text) and not _NO_AGENCY.fullmatch(cell.folded) for cell in line.cells):
                return True
    return False


def _subject_about(head: Sequence[Line], start: int) -> Proposed[str] | None:
    """The abstract of a công văn: the ``V/v`` block below the number."""
    first = _about_cell(head[start])
    if first is None:
        return None
    parts = [first.text]
    for line in head[start + 1 :]:
        cell = next((each for each in line.cells if each.at <= first.at + 30), None)
        if cell is None and line.cells and len(parts) < _SUBJECT_LINES:
            continue  # only the right column goes on here
        if cell is None or _ends_subject(cell):
            return _subject(parts, head[start].number)
        if len(parts) >= _SUBJECT_LINES:
            return None
        parts.append(cell.text)
    return None


def _subject_below(head: Sequence[Line], heading: _Heading) -> Proposed[str] | None:
    """The abstract of a document with a named type: the lines below its heading."""
    if not heading.exact:
        return None
    parts = [heading.rest] if heading.rest else []
    at = heading.line if heading.rest else 0
    laid_out = any(line.cells and line.cells[0].at >= _MARGIN for line in head)
    for line in head[heading.index + 1 :]:
        if not line.cells:
            if parts:
                return _subject(parts, at)
            continue
        cell = line.cells[0]
        if _ends_subject(cell):
            return _subject(parts, at) if parts else None
        runs_into_body = laid_out and bool(parts) and cell.at < 2
        if len(line.cells) > 1 or runs_into_body or len(parts) >= _SUBJECT_LINES or re.match(r"\d+[.)]\s", cell.text):
            return None
        parts.append(cell.text)
        at = at or line.number
    return None


def _ends_subject(cell: Cell) -> bool:
    text, folded = cell.text, cell.folded
    return bool(
        _BODY_BEGINS.match(folded)
        or _RULE.fullmatch(text)
        or _is_place_and_date(text)
        or _STAMPS.get(folded.strip(" .!"))
        or re.match(r"(?:[IVX]+\.|Điều \d)", text)
        or (is_capitals(text) and len(text.split()) > 1)
    )


def _subject(parts: Sequence[str], line: int) -> Proposed[str] | None:
    text = clean(" ".join(parts)).rstrip(" .;:*_-–")
    opening = _ABOUT.match(text)
    if opening:
        text = f"Về việc {text[opening.end() :]}" if text[opening.end() :] else ""
    # a full stop inside, or the words that open a list, show that the first paragraph was taken along
    if len(text) < 3 or re.search(r"(?<![A-ZĐ.])\.\s+[A-ZĐÀ-Ỹ]", text.replace("TP.", "TP")) or "như sau" in text:
        return None
    return _fitting(text, line, SUBJECT_CHARS)


# ---- stamps


def _capital_cells(head: Sequence[Line]) -> Iterator[tuple[Cell, int]]:
    for line in head:
        for cell in line.cells:
            if is_capitals(cell.text):
                yield cell, line.number


def _urgency(head: Sequence[Line]) -> Proposed[str] | None:
    """The urgency stamp; ``HỎA TỐC HẸN GIỜ`` is a kind of Hỏa tốc."""
    for cell, number in _capital_cells(head):
        code = _STAMPS.get(re.sub(r"^hoa toc hen gio.*", "hoa toc", cell.folded).strip(" .!"))
        if code:
            return Proposed(code, number)
    return None


def _secret(head: Sequence[Line]) -> Proposed[str] | None:
    for cell, number in _capital_cells(head):
        if _SECRET.fullmatch(cell.text):
            return Proposed(cell.text.strip(" .!"), number)
    return None


def _fitting(value: str, line: int, most: int) -> Proposed[str] | None:
    return Proposed(value, line) if value and len(value) <= most else None
