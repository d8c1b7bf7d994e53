"""One stream of human sentences from the three trails of a record: acts, versions, looks (212/16.4.a)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app import clock
from app.models import Access, DocumentType, Event, Organisation, Person, RegisterBook, WorkField
from app.queries import history
from app.queries.choices import choices
from app.rules import assignments, handling
from app.rules import incoming as rules
from app.rules.grounds import grounds
from app.rules.lifecycles import move_named
from app.trail_words import SENTENCES, line
from app.vocabulary import N_, AccessKind

ACCESS_WORDS = {
    AccessKind.VIEW: N_("opened it"),
    AccessKind.DOWNLOAD: N_("downloaded %(what)s"),
    AccessKind.PRINT: N_("printed %(what)s"),
    AccessKind.EXPORT: N_("exported %(what)s"),
    AccessKind.DENIED: N_("tried without the right: %(what)s"),
}
_LABELS = {each.name: each.label for each in (*rules.DESCRIPTION, *rules.ARRIVAL)}
_COLUMN_LABELS = {
    **_LABELS,
    "issuer_name": _LABELS["issuer"],
    "state": N_("State"),
    "arrival_number": N_("Arrival number"),
    "arrival_date": N_("Arrival date"),
    "paper_received_at": N_("Paper copy received at"),
    "signature_verdict": N_("Digital signature"),
    "refusal_code": N_("Reason"),
    "handling": N_("Settling"),
    "presented_to_id": N_("Presented to"),
    "lead_unit_id": N_("Leading unit"),
    "lead_person_id": N_("Who leads"),
    "due_on": N_("Deadline"),
    "outcome": N_("Outcome"),
    "kind": N_("Part"),
    "directions": N_("Directions"),
    "waiting_for": N_("Waiting for"),
    "closing_note": N_("Note"),
    "chase_count": N_("Times chased"),
}
_QUOTED = ("reason", "because", "directions", "question", "text", "note", "request", "waiting_for")
"""Parameters of an act in which somebody speaks: quoted under its sentence, where that does not say them."""


@dataclass(frozen=True)
class Change:
    """One field that an act changed, as people read it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, as the macro shows it. ``kind`` shades what the program did and what was only looked
    at; ``trail``: ``act`` or ``look``. ``words`` are quoted; ``detail``, ``changes`` and ``ground`` are folded."""

    at: datetime
    text: str
    words: str = ""
    detail: str = ""
    kind: str = ""
    trail: str = "act"
    changes: Sequence[Change] = ()
    ground: str = ""


def acts_of(session: Session, document_id: int, *, content: bool = True) -> list[Entry]:
    """Acts with what they changed, newest first; without ``content`` nothing of what the document says is told."""
    changes = history.changes_by_transaction(session, document_id) if content else {}
    return [
        _act(session, event, changes.get(event.transaction_id or -1, {}), content=content)
        for event in history.events_of(session, document_id)
    ]


def looks_of(session: Session, document_id: int) -> list[Entry]:
    """The last looks, newest first; the same person doing the same thing on one day as one line."""
    return _looks(history.accesses_of(session, document_id))


def entries(session: Session, document_id: int) -> list[Entry]:
    """Acts with what they changed, and looks, newest first."""
    return merged(acts_of(session, document_id), looks_of(session, document_id))


def merged(*parts: Iterable[Entry]) -> list[Entry]:
    """Several trails as one story, newest first."""
    return sorted((entry for part in parts for entry in part), key=lambda entry: entry.at, reverse=True)


def ground_words(basis: str) -> str:
    """The clauses of an act in words."""
    said = [gettext(each.message) % each.params for each in grounds(basis)]
    return gettext("Regulation, %(clauses)s", clauses="; ".join(said)) if said else ""


def _act(session: Session, event: Event, changed: Mapping[str, tuple[Any, Any]], *, content: bool = True) -> Entry:
    params = event.params or {}
    move = move_named(event.tag)
    lines = []
    files = params.get("titles") if move is not None and not _in_sentence(event, "titles") else None
    if files and content:
        lines.append(gettext("Files: %(titles)s", titles=files if isinstance(files, str) else ", ".join(files)))
    if params.get("duplicate_of"):
        lines.append(gettext("Known to be the same as %(number)s", number=params["duplicate_of"]))
    said = [str(params[name]) for name in _QUOTED if params.get(name) and not _in_sentence(event, name)]
    return Entry(
        event.at,
        line(event),
        words="\n".join(said),
        detail="\n".join(lines),
        kind="system" if event.actor_user_id is None else "",
        changes=changes_told(session, changed),
        ground=ground_words(event.basis),
    )


def _in_sentence(event: Event, name: str) -> bool:
    """Whether the sentence of the act says it already."""
    move = move_named(event.tag)
    return f"%({name})s" in (move.event if move is not None else SENTENCES.get(event.tag, ""))


def changes_told(
    session: Session, changed: Mapping[str, tuple[Any, Any]], labels: Mapping[str, str] | None = None
) -> list[Change]:
    """Columns that an act changed, as people read them; ``labels``: further names, of a form's inputs."""
    known = {**_COLUMN_LABELS, **(labels or {})}
    return [
        Change(gettext(label), _shown(session, name, changed[name][0]), _shown(session, name, changed[name][1]))
        for name, label in known.items()
        if name in changed
    ]


def _looks(accesses: list[Access]) -> list[Entry]:
    def key(access: Access) -> tuple[str, str, str, date]:
        return access.actor_name, access.kind, access.what, clock.in_vietnam(access.at).date()

    found = []
    for (name, kind, what, _day), group in groupby(sorted(accesses, key=lambda a: (key(a), a.at)), key=key):
        times = list(group)
        words = gettext(ACCESS_WORDS[AccessKind(kind)])
        text = f"{name} " + (words % {"what": what} if "%(" in words else words)
        if len(times) > 1:
            text += " " + gettext("(%(count)s times that day)", count=len(times))
        found.append(Entry(times[-1].at, text, kind="system", trail="look"))
    return merged(found)


def _shown(session: Session, name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return clock.in_vietnam(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if name in _NAMED:
        return str(session.get_one(_NAMED[name], value))
    if name in _WORDS:
        return gettext(_WORDS[name].get(value, value))
    if name == "urgency":
        return dict(choices(session, "urgency_levels", gettext)).get(value, value)
    return str(value)


_NAMED: Mapping[str, Any] = {
    "type_id": DocumentType,
    "field_id": WorkField,
    "book_id": RegisterBook,
    "presented_to_id": Person,
    "lead_person_id": Person,
    "lead_unit_id": Organisation,
}
_WORDS: Mapping[str, Mapping[Any, str]] = {
    "state": {**assignments.LIFECYCLE.states, **rules.LIFECYCLE.states},
    "handling": handling.LIFECYCLE.states,
    "outcome": handling.OUTCOMES,
    "kind": handling.KINDS,
    "channel": rules.CHANNELS,
    "signature_verdict": rules.VERDICTS,
    "refusal_code": rules.REFUSAL_REASONS,
}
"""Columns whose values are codes, and what these are called; the enumerations are texts, so a code finds its word."""
