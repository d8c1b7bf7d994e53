"""Vietnamese text: normal form, folding for search, sort keys, identity of numbers and notations. Pure."""

import re
import unicodedata

_PLAIN = {
    "a": "àáảãạăằắẳẵặâầấẩẫậ",
    "e": "èéẻẽẹêềếểễệ",
    "i": "ìíỉĩị",
    "o": "òóỏõọôồốổỗộơờớởỡợ",
    "u": "ùúủũụưừứửữự",
    "y": "ỳýỷỹỵ",
    "d": "đ",
}
FOLD_FROM = "".join(letters + letters.upper() for letters in _PLAIN.values())
"""Every accented Vietnamese letter, both cases; the database's ``vi_fold`` is made from the same table."""
FOLD_TO = "".join(plain * len(letters) * 2 for plain, letters in _PLAIN.items())
_FOLD = str.maketrans(FOLD_FROM, FOLD_TO)

BIGINT = 2**63 - 1
"""Largest key that the database can hold."""

_ALPHABET = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
_ORDER = {letter: chr(0x100 + index) for index, letter in enumerate(_ALPHABET)}
_DASHES = re.compile(
    "[\u00ad\u02d7\u058a\u05be\u2010-\u2015\u2043\u207b\u208b\u2212\u2796\u2e3a\u2e3b\ufe58\ufe63\uff0d-]+"
)
_SLASHES = re.compile("[\u2044\u2215\u29f8\uff0f]")
_OLD_D = str.maketrans("\u00d0\u00f0\u0189\u0256", "ĐđĐđ")
"""Letters that old fonts and foreign keyboards put in the place of đ."""
_NUMBER_WORD = re.compile(r"^(?:số|so)(?:hiệu)?:")
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_SPACES = re.compile(r"\s+")
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""What no register keeps: control characters, invisible and direction marks, halves of surrogate pairs."""


def clean(text: str | None) -> str:
    """NFC, outer blanks off, runs of blanks as one, nothing that a database cannot hold. ``None`` gives ``""``."""
    return _SPACES.sub(" ", _storable(text)).strip()


def clean_lines(text: str | None) -> str:
    """As :func:`clean`, but line breaks stay (for texts of several lines)."""
    lines = _storable(text).replace("\r\n", "\n").split("\n")
    return "\n".join(_SPACES.sub(" ", line).strip() for line in lines).strip()


def _storable(text: str | None) -> str:
    """NFC without what a register or PostgreSQL does not keep."""
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("", text or ""))


def whole_number(text: str | None, most: int = 2**31 - 1) -> int | None:
    """The number from 0 to ``most`` that plain digits write; ``None`` for anything else (also ``²`` or ``٣``)."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        return None
    number = int(digits)
    return number if number <= most else None


def fold(text: str | None) -> str:
    """Lower case without Vietnamese diacritics, as the database's ``vi_fold`` gives it."""
    return _storable(text).lower().translate(_FOLD)


def words(text: str | None) -> list[str]:
    """Folded words of a text; punctuation parts them (``1482/STC-NS`` gives 1482, stc, ns)."""
    return [word for word in _NOT_WORD.split(fold(text)) if word]


def identity_key(*parts: str | None) -> str:
    """What makes two numbers and notations the same (212/16.1.g): letter case, blanks, kind of dash and of slash,
    invisible marks, leading zeros of the number, a stop at the end, a "Số:" before it and Unicode form do not count;
    letters with and without marks differ (QĐ is not QD), as which letter stands for đ does not.
    """
    return "|".join(_identity(part or "") for part in parts)


def _identity(part: str) -> str:
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", _DASHES.sub("-", part)))
    text = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cf", "Cc", "Cs"))
    text = _SLASHES.sub("/", _SPACES.sub("", text)).translate(_OLD_D).casefold()
    text = unicodedata.normalize("NFC", _DASHES.sub("-", _NUMBER_WORD.sub("", text))).rstrip(".,;")
    text = re.sub(r"(?<![0-9a-zđ])0+(?=[0-9])", "", text)
    return re.sub(r"(?<=[0-9])\.(?=[0-9]{3}(?![0-9]))", "", text).replace("_", "-")  # 11.211 is 11211


def person_sort_key(full_name: str) -> str:
    """Sort key as Vietnamese lists of people go: by given name (the last word), then by the rest."""
    parts = clean(full_name).split(" ")
    return name_sort_key(" ".join([parts[-1], *parts[:-1]]))


def name_sort_key(name: str) -> str:
    """Sort key of a name in Vietnamese alphabetical order, comparable as bytes in any database."""
    return "".join(_ORDER.get(letter, letter) for letter in clean(name).lower())


def split_number(number_and_notation: str) -> tuple[str, str]:
    """Split what arrives as one text into number and notation (``1482/STC-NS`` → ``1482``, ``STC-NS``).

    Free text is never refused (README of the domain): without a slash after a leading number, all of it
    is the notation.
    """
    text = clean(number_and_notation)
    match = re.match(r"^\s*([0-9]+[a-zđ]?)\s*/\s*(.+)$", text, re.IGNORECASE)
    return (match.group(1), match.group(2)) if match else ("", text)
