"""Catalogues (danh mục): what each row is made of, and what may stand in it. Pure.

One :class:`Catalogue` per list declares its attributes; form, search words, checks and the sentences of its
history come from this declaration. Rows in use are closed by a last day, never deleted; only days of the
calendar can be taken away (212/4.4 lives by the calendar as the State decides it year by year).
"""

import re
from collections.abc import Mapping
from typing import Any

from app.errors import Obstacle
from app.reference.document_types import ALWAYS_FROM, TypeGroup
from app.reference.organisations import ORGANISATION_GROUPS
from app.rules.calendar import SATURDAY
from app.rules.catalogue_base import Attribute, Catalogue, Facts, Row, Type, day_words
from app.rules.text import words
from app.vocabulary import N_, CalendarKind, CodeScheme, OrganisationKind, SeriesKind, TermCounting

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
COUNTINGS: Mapping[str, str] = {
    TermCounting.WORKING: N_("Working days"),
    TermCounting.CALENDAR: N_("Days of the calendar"),
}
CODE_FIELDS: Mapping[str, CodeScheme] = {
    "code_qd20": CodeScheme.DECISION_20_2020,
    "code_qcvn102": CodeScheme.CIRCULAR_10_2016,
}
"""Input field → scheme of the identifier code that it edits."""


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


# ── fields of work, prescribed terms ─────────────────────────────────────────────────────────────────────────────


def _check_field(_key: Any, _values: Row, _before: Row | None, facts: Facts) -> list[Obstacle]:
    if facts.same_name:
        message = N_("Name: a field of this name is in use then. Choose another name, or close that row first.")
        return [Obstacle(message, "name")]
    return []


def _check_term(_key: Any, values: Row, _before: Row | None, _facts: Facts) -> list[Obstacle]:
    if not values["type_id"] and not values["field_id"]:
        message = N_(
            "Document type: choose it, or a field, or both. For all else the number of days in the settings holds."
        )
        return [Obstacle(message, "type_id", code="missing")]
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
WORK_FIELD = Catalogue(
    "work_field",
    (Attribute("name", N_("Name"), required=True, max_length=100), _ORDINAL, _FROM, _TO),
    _check_field,
)
DEADLINE_RULE = Catalogue(
    "deadline_rule",
    (
        Attribute(
            "name",
            N_("Name"),
            required=True,
            max_length=200,
            hint=N_("Such as “Answer to a petition of voters”. It is shown beside the deadline."),
        ),
        Attribute("type_id", N_("Document type"), Type.CHOICE, row="about"),
        Attribute("field_id", N_("Field"), Type.CHOICE, row="about"),
        Attribute("days", N_("Number of days"), Type.INTEGER, required=True, least=1, most=365, row="term"),
        Attribute("counting", N_("Counted as"), Type.CHOICE, required=True, choices=COUNTINGS, row="term"),
        Attribute(
            "basis",
            N_("Legal basis"),
            Type.TEXT,
            required=True,
            max_length=300,
            hint=N_("Number of the law and the article, as they are cited."),
        ),
        _FROM,
        _TO,
    ),
    _check_term,
)
CATALOGUES: Mapping[str, Catalogue] = {
    each.noun: each
    for each in (
        *(ORGANISATION, DOCUMENT_TYPE, URGENCY_LEVEL, NUMBER_SERIES, REGISTER_BOOK, CALENDAR_DAY),
        *(WORK_FIELD, DEADLINE_RULE),
    )
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
