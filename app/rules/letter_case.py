"""Names that papers print in capitals, in ordinary letters: bodies, positions, people. Pure."""

import re
from collections import Counter

from app.rules.text import fold

_SHORT_FORMS = (
    (re.compile(r"\bUBND\b"), "ỦY BAN NHÂN DÂN"),
    (re.compile(r"\bHĐND\b"), "HỘI ĐỒNG NHÂN DÂN"),
    (re.compile(r"\bUBMTTQ\b"), "ỦY BAN MẶT TRẬN TỔ QUỐC"),
    (re.compile(r"\bTP\b\.?\s*(?=\w)"), "THÀNH PHỐ "),
)
_ACRONYMS = {"TNHH", "MTV", "CP", "II", "III", "IV", "VI", "VII", "VIII", "IX", "XI", "XII"}
_OPENINGS = (
    "ủy ban nhân dân", "hội đồng nhân dân", "ủy ban", "hội đồng", "văn phòng", "sở", "bộ", "cục", "chi cục",
    "tổng cục", "ban quản lý", "ban", "phòng", "trung tâm", "công an", "thanh tra", "tòa án nhân dân",
    "viện kiểm sát nhân dân", "viện", "trường", "kho bạc nhà nước", "hiệp hội", "liên đoàn",
)  # fmt: skip
"""How names of bodies begin; the word after has a capital. The longest that fits counts."""
_PLACES = ("thành phố", "tỉnh", "phường", "xã", "đặc khu", "quận", "huyện", "thị xã", "thị trấn")
"""Every word of the name that follows one of these has a capital."""
_POSITIONS = (
    "Phó Tổng Giám đốc", "Tổng Giám đốc", "Phó Giám đốc", "Giám đốc", "Phó Chủ tịch", "Chủ tịch", "Phó Thủ tướng",
    "Thủ tướng", "Bộ trưởng", "Thứ trưởng", "Phó Chủ nhiệm", "Chủ nhiệm", "Phó Tổng Thanh tra", "Tổng Thanh tra",
    "Phó Chánh Thanh tra", "Chánh Thanh tra", "Phó Chánh án", "Chánh án", "Phó Tổng cục trưởng", "Tổng cục trưởng",
    "Phó Cục trưởng", "Cục trưởng", "Phó Chi cục trưởng", "Chi cục trưởng", "Phó Vụ trưởng", "Vụ trưởng",
    "Phó Viện trưởng", "Viện trưởng", "Phó Hiệu trưởng", "Hiệu trưởng", "Phó Tư lệnh", "Tư lệnh", "Phó Bí thư",
    "Bí thư", "Phó Chánh Văn phòng", "Chánh Văn phòng", "Phó Văn phòng", "Phó Trưởng ban", "Trưởng ban",
    "Phó Trưởng phòng", "Trưởng phòng", "Phó Trưởng", "Trưởng", "Kế toán trưởng",
)  # fmt: skip
_ACTING = re.compile(r"(Q\.|QUYỀN\b)\s*")
_BY_LENGTH = sorted(_POSITIONS, key=len, reverse=True)


def is_capitals(text: str) -> bool:
    """Whether a text is printed in capitals: two letters or more, none of them small."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) > 1 and not any(letter.islower() for letter in letters)


def starts_position(text: str) -> bool:
    """Whether a line of a signature block begins with a position (``PHÓ GIÁM ĐỐC``, ``Q. GIÁM ĐỐC``)."""
    return bool(_position_at(_ACTING.sub("", text)))


def _position_at(text: str) -> str:
    """The longest known position with which a text begins; letters without marks only in a text without any."""
    written = fold if fold(text) == text.lower() else str.lower  # TRƯƠNG is a family name, TRƯỞNG a head
    return next((n for n in _BY_LENGTH if re.match(rf"{re.escape(written(n))}\b", written(text))), "")


def body_name(printed: str, text: str = "") -> str:
    """Name of a body in ordinary letters: as ``text`` writes it most often, else by the usual capitals."""
    if not is_capitals(printed):
        return printed
    for short, full in _SHORT_FORMS:
        printed = short.sub(full, printed)
    printed = " ".join(printed.split())
    return _as_in(text, printed) or _usual(printed)


def _as_in(text: str, printed: str) -> str:
    """How running text writes a name; empty where it does not mention it."""
    pattern = r"(?<!\w)" + r"\s+".join(re.escape(word) for word in printed.split()) + r"(?!\w)"
    found = Counter(" ".join(each.split()) for each in re.findall(pattern, text, re.IGNORECASE))
    ordinary = {name: count for name, count in found.items() if name[0].isupper() and not is_capitals(name)}
    return max(ordinary, key=lambda name: ordinary[name]) if ordinary else ""


def _usual(printed: str) -> str:
    words = [word if word in _ACRONYMS else word.lower() for word in printed.split()]
    whole = " ".join(words)
    if whole.startswith(("công ty", "tổng công ty", "tập đoàn", "ngân hàng")):
        cut = whole.index("công ty") + 7 if "công ty" in whole else whole.index(" ", whole.index(" ") + 1)
        head, own = whole[:cut], whole[cut:]
        return _capital(" công ".join(head.split(" công "))) + " ".join(_capital(word) for word in own.split(" "))
    opening = max((o for o in _OPENINGS if whole.startswith(f"{o} ")), key=len, default="")
    after = len(opening.split()) if opening else None
    capital_all = False
    for i, word in enumerate(words):
        pair = " ".join(words[i : i + 2])
        if word in _PLACES or pair in _PLACES:
            if after == i:
                after = None
            capital_all = True
            continue
        if capital_all and " ".join(words[i - 1 : i + 1]) in _PLACES:
            continue
        if word == "và":
            capital_all = False
        elif capital_all or i == after:
            words[i] = _capital(word)
    name = _capital(" ".join(words))
    return name.replace("thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh")


def position_name(printed: str, text: str = "") -> str:
    """A position in ordinary letters (``PHÓ GIÁM ĐỐC`` gives ``Phó Giám đốc``)."""
    if not is_capitals(printed):
        return printed
    acting = _ACTING.match(printed)
    prefix = f"{'Q.' if acting[1] == 'Q.' else 'Quyền'} " if acting else ""
    rest = " ".join(printed[acting.end() if acting else 0 :].split())
    parts = []
    for part in rest.split(", "):
        name = _position_at(part)
        own = part[len(name) :].strip()
        if own and name.endswith(("ban", "phòng")):  # the unit's own name begins with that word
            name, _, unit = name.rpartition(" ")
            own = f"{unit.upper()} {own}"
        parts.append(f"{name} {body_name(own, text)}".strip() if own else name)
    return prefix + ", ".join(parts)


def person_name(printed: str) -> str:
    """Name of a person, each word with its capital."""
    return " ".join(_capital(word.lower()) for word in printed.split()) if is_capitals(printed) else printed


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
