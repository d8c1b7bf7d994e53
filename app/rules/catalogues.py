"""Catalogues (danh mục): what each row is made of, and what may stand in it. Pure.

One :class:`Catalogue` per list declares its attributes; form, search words, checks and the sentences of its
history come from this declaration. Rows in use are closed by a last day, never deleted; only days of the
calendar can be taken away (212/4.4 lives by the calendar as the State decides it year by year).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.errors import Obstacle
from app.reference.document_types import ALWAYS_FROM, TypeGroup
from app.reference.organisations import ORGANISATION_GROUPS
from app.rules.calendar import SATURDAY
from app.rules.text import clean, words
from app.vocabulary import N_, CalendarKind, CodeScheme, OrganisationKind, SeriesKind

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
"""Days outside are slips of the finger."""

ORGANISATION_KINDS: Mapping[str, str] = {
    OrganisationKind.BODY: N_("Agency or organisation"),
    OrganisationKind.UNIT: N_("Unit within an agency"),
    OrganisationKind.PERSON: N_("Individual"),
}
BELONGING: Mapping[str, str] = {"yes": N_("Of the Office"), "no": N_("Outside the Office")}
"""Words for whether an organisation is one of the Office's own."""
GROUPINGS: Mapping[str, str] = {
    TypeGroup.ADMINISTRATIVE: N_("Administrative document"),
    TypeGroup.NORMATIVE: N_("Legal normative document"),
    TypeGroup.OTHER: N_("Other document"),
}
SERIES_KINDS: Mapping[str, str] = {
    SeriesKind.INCOMING: N_("Incoming documents"),
    SeriesKind.OUTGOING: N_("Outgoing documents"),
    SeriesKind.COPIES: N_("Copies"),
}
CALENDAR_KINDS: Mapping[str, str] = {
    CalendarKind.OFF: N_("Day off"),
    CalendarKind.WORKED: N_("Day worked instead"),
}
CODE_FIELDS: Mapping[str, CodeScheme] = {
    "code_qd20": CodeScheme.DECISION_20_2020,
    "code_qcvn102": CodeScheme.CIRCULAR_10_2016,
}
"""Input field → scheme of the identifier code that it edits."""


class Type(StrEnum):
    """Type of an attribute."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    INTEGER = "integer"
    CHOICE = "choice"
    ORGANISATION = "organisation"


@dataclass(frozen=True)
class Attribute:
    """One attribute of a catalogue row. ``label`` and ``hint`` are catalogue entries (English)."""

    name: str
    label: str
    type: Type = Type.LINE
    required: bool = False
    max_length: int | None = None
    choices: Mapping[str, str] | None = None
    """Value → label. ``None`` with type CHOICE: rows of another catalogue, offered and checked outside."""
    translated: bool = True
    """Whether the labels of the choices are catalogue entries (else they are shown as they stand)."""
    hint: str = ""
    fixed: bool = False
    """Given when the row is added, never changed after."""
    row: str = ""
    """Attributes of one row stand side by side on a wide screen."""
    least: int = 0
    most: int = 9999
    shape: re.Pattern[str] | None = None
    """What a text that is given must look like."""
    shape_message: str = ""


@dataclass(frozen=True)
class Facts:
    """What the checks must know of other rows; whoever calls finds it out."""

    periods: tuple[tuple[date, date | None], ...] = ()
    """Times in which other rows of the same document type hold."""
    same_name: bool = False
    """Another open row has the same name."""
    same_rank: str = ""
    """Name of another urgency level of the same rank."""
    in_use: bool = False
    """Numbers were given, or documents point at the row."""
    last_used: date | None = None
    open_books: tuple[str, ...] = ()
    """Register books on a series that stay open after its last day."""
    open_below: int = 0
    """Organisations below that stay open after the last day."""
    posts: int = 0
    """Posts in the organisation, at any time."""
    posts_after: int = 0
    """Posts that outlast the last day."""
    parent_path: tuple[int, ...] = ()
    """Ids of the organisation above and of all above it."""
    parent_ours: bool | None = None
    code_holders: Mapping[str, str] | None = None
    """Code field → name of the other organisation that has this code now."""


Row = Mapping[str, Any]
Check = Callable[[Any, Row, Row | None, Facts], list[Obstacle]]


class Catalogue:
    """One list: its noun, attributes in the order of the form, and its own checks."""

    def __init__(self, noun: str, attributes: tuple[Attribute, ...], check: Check, *, deletable: bool = False):
        self.noun = noun
        self.attributes = {each.name: each for each in attributes}
        self.own_check = check
        self.deletable = deletable

    def cleaned(self, raw: Row, *, adding: bool) -> tuple[dict[str, Any], list[Obstacle]]:
        """Values in normal form, and what is missing, too long or no choice; unknown names are left out.

        Text comes out as text (empty for nothing), everything else as its type or ``None``. What is fixed is
        taken only when adding.
        """
        values: dict[str, Any] = {}
        found: list[Obstacle] = []
        for each in self.attributes.values():
            if each.fixed and not adding:
                continue
            values[each.name] = _normal(each, raw.get(each.name))
            found += _faults(each, values[each.name])
        return values, found

    def check(self, key: Any, values: Row, before: Row | None, facts: Facts) -> list[Obstacle]:
        """Everything that stands against the cleaned values: the order of validity, and the list's own rules."""
        return _validity(values) + self.own_check(key, values, before, facts)


def _normal(each: Attribute, value: Any) -> Any:
    if each.type in (Type.LINE, Type.TEXT):
        return clean(value)
    if each.type == Type.CHOICE:
        return clean(str(value)) if value is not None else ""
    if each.type == Type.ORGANISATION and not value:
        return None
    return value


def _faults(each: Attribute, value: Any) -> list[Obstacle]:
    label = {"label": each.label}
    if value is None or value == "":
        return [Obstacle(N_("%(label)s: missing. Enter it."), each.name, label, "missing")] if each.required else []
    if each.max_length and isinstance(value, str) and len(value) > each.max_length:
        message = N_("%(label)s: %(length)s characters, at most %(limit)s are allowed. Shorten it.")
        return [Obstacle(message, each.name, {**label, "length": len(value), "limit": each.max_length}, "too_long")]
    if each.shape is not None and not each.shape.fullmatch(value):
        return [Obstacle(each.shape_message, each.name, code="no_shape")]
    if each.type == Type.CHOICE and each.choices is not None and value not in each.choices:
        return [Obstacle(N_("%(label)s: choose one of the list."), each.name, label, "no_choice")]
    if each.type == Type.DAY and not EARLIEST <= value <= LATEST:
        return [Obstacle(N_("%(label)s: the year cannot be right. Check it."), each.name, label, "no_date")]
    if each.type == Type.INTEGER and not each.least <= value <= each.most:
        message = N_("%(label)s: enter a whole number from %(least)s to %(most)s.")
        return [Obstacle(message, each.name, {**label, "least": each.least, "most": each.most}, "no_number")]
    return []


def _validity(values: Row) -> list[Obstacle]:
    start, end = values.get("valid_from"), values.get("valid_to")
    if start and end and end < start:
        return [Obstacle(N_("Last day: earlier than the first day. Check both dates."), "valid_to")]
    return []


def day_words(day: date | None) -> str:
    """A day as people write it; an open end is empty."""
    return day.strftime("%d/%m/%Y") if day else ""


# ── organisations ────────────────────────────────────────────────────────────────────────────────────────────────


def _check_organisation(key: Any, values: Row, before: Row | None, facts: Facts) -> list[Obstacle]:
    found = _place_in_tree(key, values, facts)
    for name, holder in (facts.code_holders or {}).items():
        message = N_("Code %(code)s: belongs to %(name)s already. Check it, or take it away there first.")
        found.append(Obstacle(message, name, {"code": values[name], "name": holder}))
    if before is not None and before["ours"] != values["ours"] and facts.posts:
        found.append(
            Obstacle(N_("Belonging: people hold posts here, and their rights follow from it. It stays."), "ours")
        )
    if values["valid_to"] and facts.open_below:
        message = N_("Last day: %(count)s units below stay open longer. Close or move them first.")
        found.append(Obstacle(message, "valid_to", {"count": facts.open_below}))
    if values["valid_to"] and facts.posts_after:
        message = N_("Last day: %(count)s posts here last longer. End them first.")
        found.append(Obstacle(message, "valid_to", {"count": facts.posts_after}))
    return found


def _place_in_tree(key: Any, values: Row, facts: Facts) -> list[Obstacle]:
    ours, kind = values["ours"] == "yes", values["kind"]
    if kind == OrganisationKind.PERSON and ours:
        return [Obstacle(N_("Belonging: an individual is no unit of the Office."), "ours")]
    if kind == OrganisationKind.UNIT and not facts.parent_path:
        return [Obstacle(N_("Belongs to: a unit needs the agency it is part of. Choose it."), "parent", code="missing")]
    if key is not None and key in facts.parent_path:
        return [Obstacle(N_("Belongs to: this organisation stands below the chosen one. Choose another."), "parent")]
    if ours and kind == OrganisationKind.UNIT and facts.parent_ours is False:
        return [
            Obstacle(N_("Belongs to: a unit of the Office belongs to the Office or to one of its units."), "parent")
        ]
    return []


# ── document types, urgency ──────────────────────────────────────────────────────────────────────────────────────


_SAME_NAME = {
    (False, False): N_("First day: a type of the same name holds from of old until now. Close that row first."),
    (True, False): N_("First day: a type of the same name holds from %(start)s until now. Close that row first."),
    (False, True): N_("First day: a type of the same name holds from of old to %(end)s. Choose a later day."),
    (True, True): N_("First day: a type of the same name holds from %(start)s to %(end)s. Choose a day outside."),
}
"""By whether the other row has a known beginning, and an end."""


def _check_document_type(_key: Any, values: Row, _before: Row | None, facts: Facts) -> list[Obstacle]:
    start, end = values["valid_from"], values["valid_to"]
    for other_start, other_end in facts.periods if start else ():
        if (end is None or other_start <= end) and (other_end is None or start <= other_end):
            period = {"start": day_words(other_start), "end": day_words(other_end)}
            return [Obstacle(_SAME_NAME[other_start != ALWAYS_FROM, other_end is not None], "valid_from", period)]
    return []


def _check_urgency(_key: Any, _values: Row, _before: Row | None, facts: Facts) -> list[Obstacle]:
    if facts.same_rank:
        message = N_(
            "Rank: “%(name)s” has this rank already. Choose another, or lists could not tell which goes first."
        )
        return [Obstacle(message, "rank", {"name": facts.same_rank})]
    return []


# ── series and books ─────────────────────────────────────────────────────────────────────────────────────────────


def _check_series(_key: Any, values: Row, before: Row | None, facts: Facts) -> list[Obstacle]:
    found = []
    if facts.same_name:
        found.append(Obstacle(N_("Name: another open number series has this name. Choose another."), "name"))
    if before is not None and facts.in_use and before["kind"] != values["kind"]:
        message = N_("Kind: numbers were already given in this series, so it stays. Open a new series instead.")
        found.append(Obstacle(message, "kind"))
    if values["valid_to"] and facts.open_books:
        message = N_("Last day: these books stay open longer: %(books)s. Close them first.")
        found.append(Obstacle(message, "valid_to", {"books": ", ".join(facts.open_books)}))
    return found + _used_after(values, facts)


def _check_book(_key: Any, values: Row, before: Row | None, facts: Facts) -> list[Obstacle]:
    found = []
    if before is not None and facts.in_use and before["series_id"] != values["series_id"]:
        message = N_("Number series: documents stand in this book, so it stays. Open a new book instead.")
        found.append(Obstacle(message, "series_id"))
    return found + _used_after(values, facts)


def _used_after(values: Row, facts: Facts) -> list[Obstacle]:
    if values["valid_to"] and facts.last_used and facts.last_used > values["valid_to"]:
        message = N_("Last day: it was used up to %(day)s. Choose that day or a later one.")
        return [Obstacle(message, "valid_to", {"day": day_words(facts.last_used)})]
    return []


# ── calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_day(key: Any, values: Row, _before: Row | None, _facts: Facts) -> list[Obstacle]:
    day = values.get("day", key)
    if day and values["kind"] == CalendarKind.WORKED and day.weekday() < SATURDAY:
        message = N_("Day: %(day)s is no Saturday or Sunday and is worked anyway. Only weekends are worked instead.")
        return [Obstacle(message, "day" if "day" in values else "kind", {"day": day_words(day)})]
    return []


# ── the lists ────────────────────────────────────────────────────────────────────────────────────────────────────

_FROM = Attribute("valid_from", N_("First day"), Type.DAY, required=True, row="validity")
_TO = Attribute(
    "valid_to",
    N_("Last day"),
    Type.DAY,
    row="validity",
    hint=N_("Leave empty while it is in use. Nothing is deleted: what is over is closed by its last day."),
)
_ORDINAL = Attribute(
    "ordinal", N_("Order in lists"), Type.INTEGER, row="order", hint=N_("Smaller numbers stand first.")
)

ORGANISATION = Catalogue(
    "organisation",
    (
        Attribute("name", N_("Name"), required=True, max_length=200),
        Attribute("abbreviation", N_("Abbreviation"), max_length=30, row="short"),
        Attribute("kind", N_("Kind"), Type.CHOICE, required=True, choices=ORGANISATION_KINDS, row="short"),
        Attribute(
            "parent",
            N_("Belongs to"),
            Type.ORGANISATION,
            hint=N_("Type a part of the name, with or without marks, and choose from the suggestions."),
        ),
        Attribute("ours", N_("Belonging"), Type.CHOICE, required=True, choices=BELONGING, row="group"),
        Attribute(
            "category",
            N_("Group"),
            Type.CHOICE,
            choices={str(row.code): row.name for row in ORGANISATION_GROUPS},
            translated=False,
            row="group",
        ),
        Attribute(
            "code_qd20",
            N_("Code by Decision 20/2020"),
            max_length=35,
            row="codes",
            shape=re.compile(r"(?=.{3,35}\Z)[0-9A-Z]+(\.[0-9A-Z]+)*"),
            shape_message=N_(
                "Code by Decision 20/2020: capital letters and digits in groups parted by points, such as H29.01.02."
            ),
            hint=N_("Largest unit first, such as H29.01.02."),
        ),
        Attribute(
            "code_qcvn102",
            N_("Code by QCVN 102:2016"),
            max_length=13,
            row="codes",
            shape=re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}"),
            shape_message=N_("Code by QCVN 102:2016: 13 characters such as 000.00.01.H29."),
            hint=N_("Smallest unit first, such as 000.00.01.H29."),
        ),
        Attribute(
            "email",
            N_("E-mail"),
            max_length=254,
            shape=re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
            shape_message=N_("E-mail: this is no address. Write it as vanthu@example.gov.vn."),
        ),
        Attribute("address", N_("Address"), Type.TEXT, max_length=500),
        _FROM,
        _TO,
    ),
    _check_organisation,
)
DOCUMENT_TYPE = Catalogue(
    "document_type",
    (
        Attribute("name", N_("Name"), required=True, max_length=100),
        Attribute(
            "abbreviation",
            N_("Abbreviation"),
            max_length=30,
            row="short",
            shape=re.compile(r"[^\s/]+"),
            shape_message=N_("Abbreviation: without blanks and strokes, as it stands in a notation."),
            hint=N_("As it stands in a notation. Empty where the type has none, as with official letters."),
        ),
        Attribute("grouping", N_("Group"), Type.CHOICE, required=True, choices=GROUPINGS, row="short"),
        _ORDINAL,
        _FROM,
        _TO,
    ),
    _check_document_type,
)
URGENCY_LEVEL = Catalogue(
    "urgency_level",
    (
        Attribute("name", N_("Name"), required=True, max_length=50),
        Attribute(
            "rank",
            N_("Rank"),
            Type.INTEGER,
            required=True,
            most=99,
            row="numbers",
            hint=N_("Higher ranks are dealt with first; 0 is the ordinary level."),
        ),
        Attribute(
            "handling_hours",
            N_("Handling time (hours)"),
            Type.INTEGER,
            least=1,
            row="numbers",
            hint=N_("Leave empty where the ordinary terms count."),
        ),
    ),
    _check_urgency,
)
NUMBER_SERIES = Catalogue(
    "number_series",
    (
        Attribute("name", N_("Name"), required=True, max_length=200),
        Attribute("kind", N_("Numbers what"), Type.CHOICE, required=True, choices=SERIES_KINDS),
        _FROM,
        _TO,
    ),
    _check_series,
)
REGISTER_BOOK = Catalogue(
    "register_book",
    (
        Attribute("name", N_("Name"), required=True, max_length=200),
        Attribute("series_id", N_("Number series"), Type.CHOICE, required=True, row="order"),
        _ORDINAL,
        _FROM,
        _TO,
    ),
    _check_book,
)
CALENDAR_DAY = Catalogue(
    "calendar_day",
    (
        Attribute("day", N_("Day"), Type.DAY, required=True, fixed=True, row="day"),
        Attribute("kind", N_("Kind"), Type.CHOICE, required=True, choices=CALENDAR_KINDS, row="day"),
        Attribute(
            "name",
            N_("Occasion"),
            required=True,
            max_length=100,
            hint=N_("Such as National Day, or the day swapped for."),
        ),
        Attribute("note", N_("Note"), max_length=200, hint=N_("Such as the decision it follows from.")),
    ),
    _check_day,
    deletable=True,
)
CATALOGUES: Mapping[str, Catalogue] = {
    each.noun: each for each in (ORGANISATION, DOCUMENT_TYPE, URGENCY_LEVEL, NUMBER_SERIES, REGISTER_BOOK, CALENDAR_DAY)
}


def code_from(name: str, limit: int, joint: str = "_") -> str:
    """The technical code of a new row, made from its name: ``Bản ghi nhớ`` → ``ban_ghi_nho``."""
    return joint.join(words(name))[:limit].strip(joint) or "x"


def free_code(wanted: str, taken: frozenset[str], limit: int) -> str:
    """``wanted``, with the first free number behind it when it is taken."""
    code, number = wanted, 1
    while code in taken:
        number += 1
        end = f"-{number}"
        code = wanted[: limit - len(end)] + end
    return code
