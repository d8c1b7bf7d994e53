"""Who is chosen in the dialog of an assignment (S5 of the work screens): read from a form, and listed to choose from.

A form names each unit and person: ``assignees_kind_u12`` (``p34`` for a person) says what they are to do, empty for
whoever is not chosen, ``assignees_due_u12`` until when where that differs from the others.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app import clock
from app.errors import Obstacle
from app.models import Assignment
from app.queries.absences import substitutes
from app.queries.holdings import choosable, heads_of
from app.rules.dates import parse_day
from app.rules.lifecycle import Input
from app.rules.text import BIGINT, whole_number
from app.vocabulary import N_, AssignmentKind, PostKind

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

Raw = dict[str, dict[str, str]]
"""Who is chosen (``u12``, ``p34``) → ``kind`` and ``due`` as they were typed, in the order of choosing."""
_LEAD_OTHERWISE = frozenset({PostKind.OFFICE_LEADER, PostKind.STANDING_COMMITTEE, PostKind.MANAGER, PostKind.IT_CENTRE})
"""Posts whose units have somebody at their head who takes no work for the whole unit."""
_KEY = re.compile(r"([up])(\d{1,19})")


def read_assignees(
    each: Input, form: "MultiDict[str, str]"
) -> tuple[Raw, list[dict[str, Any]] | None, Obstacle | None]:
    """The rows that were chosen: as typed, as plain values, and what is no date among their deadlines."""
    raw: Raw = {}
    value: list[dict[str, Any]] = []
    wrong: Obstacle | None = None
    beginning = f"{each.name}_kind_"
    for name, kind in form.items():
        key = name.removeprefix(beginning)
        if not kind or key == name or not (meant := _meant(key)):
            continue
        due = form.get(f"{each.name}_due_{key}", "").strip()
        raw[key] = {"kind": kind, "due": due}
        day: date | None = None
        try:
            day = parse_day(due, clock.today()) if due else None
        except ValueError:
            message = N_(
                "%(label)s: the own deadline “%(typed)s” is no date. Write it as 03/08/2026, 3/8 or “hôm nay”."
            )
            wrong = wrong or Obstacle(message, each.name, {"label": each.label, "typed": due}, "no_date")
        value.append({**meant, "kind": kind, "due_on": day})
    return raw, value, wrong


def _meant(key: str) -> dict[str, int | None] | None:
    found = _KEY.fullmatch(key)
    number = whole_number(found[2], BIGINT) if found else None
    if found is None or number is None:
        return None
    return {"unit_id": number if found[1] == "u" else None, "person_id": number if found[1] == "p" else None}


def shown_assignees(value: Iterable[Mapping[str, Any]] | None) -> Raw:
    """Plain rows as a form shows them."""
    found: Raw = {}
    for row in value or ():
        person, day = row.get("person_id"), row.get("due_on")
        key = f"p{person}" if person is not None else f"u{row.get('unit_id')}"
        found[key] = {"kind": str(row.get("kind") or ""), "due": day.strftime("%d/%m/%Y") if day else ""}
    return found


def held_now(assignments: Iterable[Assignment], parent_id: int | None) -> list[dict[str, Any]]:
    """What is held directly below an assignment (``None``: at the top), as rows: who leads first, and the own deadline
    of whoever has another one than who leads."""
    held = [each for each in assignments if each.parent_id == parent_id]
    held.sort(key=lambda each: (each.kind != AssignmentKind.LEAD, each.id))
    due = next((each.due_on for each in held if each.kind == AssignmentKind.LEAD), None)
    return [
        {
            "unit_id": None if each.person_id is not None else each.unit_id,
            "person_id": each.person_id,
            "kind": each.kind,
            "due_on": each.due_on if each.due_on != due else None,
        }
        for each in held
    ]


def directions_now(assignments: Iterable[Assignment], parent_id: int | None) -> str:
    """The directions that whoever leads directly below an assignment (``None``: at the top) has now."""
    held = (each for each in assignments if each.parent_id == parent_id and each.kind == AssignmentKind.LEAD)
    return next((each.directions for each in held), "")


@dataclass(frozen=True)
class Row:
    """A unit or a person as the dialog offers it. ``away``: who stands in, until when; ``at``: its place in the tree;
    ``short``: abbreviation of the unit; ``is_heading``: it cannot be chosen (again) but says to which unit the people
    after it belong, ``note``: why."""

    value: str
    name: str
    post: str
    unit: str
    depth: int
    is_person: bool
    away: str
    kind: str = ""
    due: str = ""
    at: int = 0
    short: str = ""
    is_heading: bool = False
    note: str = ""


def rows(
    session: Session, raw: Mapping[str, Mapping[str, str]], below: int | None = None
) -> tuple[list[Row], list[Row]]:
    """Who is chosen, in the order of choosing, and who else may be, in the order of the tree; ``below``: one unit and
    what is under it. A unit that is chosen, or that nobody heads, stays among the others as the heading of its people.
    Three statements more than reading the units and posts."""
    offered = choosable(session, below)
    people = [each for each in offered if each.person_id is not None]
    away = substitutes(session, [each.person_id for each in people if each.person_id is not None])
    headed = heads_of(session, {each.unit_id for each in offered if each.person_id is None})
    led = {each.unit_id for each in people if each.kind in _LEAD_OTHERWISE}
    headless = {each.unit_id for each in people} - set(headed) - led
    found: dict[str, Row] = {}
    unit, depth = "", 0
    for at, each in enumerate(offered):
        if each.person_id is None:
            unit, depth = each.name, each.depth
        absence = away.get(each.person_id) if each.person_id is not None else None
        said = ""
        if absence is not None:
            until = absence.until.strftime("%d/%m") if absence.until else gettext("until revoked")
            said = gettext(
                "Away %(since)s – %(until)s, %(name)s stands in",
                since=absence.since.strftime("%d/%m"),
                until=until,
                name=absence.substitute_name,
            )
        of = unit if each.person_id is not None else ""
        chosen = raw.get(each.value, {})
        found[each.value] = Row(
            each.value,
            each.name,
            each.post,
            of,
            depth + (each.person_id is not None),
            each.person_id is not None,
            said,
            chosen.get("kind", ""),
            chosen.get("due", ""),
            at,
            each.abbreviation,
            each.person_id is None and each.unit_id not in headed,
            gettext("no head of unit yet") if each.unit_id in headless else "",
        )
    picked = [found[key] for key in raw if key in found]
    others = [
        replace(row, is_heading=True, note=gettext("chosen already")) if row.value in raw else row
        for row in found.values()
        if not row.is_person or row.value not in raw
    ]
    return picked, others
