"""What a catalogue is made of: attributes, facts of other rows, and the checks that every list shares. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.errors import Obstacle
from app.rules.text import clean
from app.vocabulary import N_

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
"""Days outside are slips of the finger."""


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
