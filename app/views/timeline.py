"""One stream of human sentences from the three trails of a record: acts, versions, looks (212/16.4.a)."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app import clock
from app.models import Access, DocumentType, Event, RegisterBook
from app.queries import history
from app.queries.choices import choices
from app.rules import incoming as rules
from app.rules.lifecycles import move_named
from app.trail_words import line
from app.vocabulary import N_, AccessKind

ACCESS_WORDS = {
    AccessKind.VIEW: N_("opened it"),
    AccessKind.DOWNLOAD: N_("downloaded %(what)s"),
    AccessKind.PRINT: N_("printed %(what)s"),
    AccessKind.EXPORT: N_("exported %(what)s"),
    AccessKind.DENIED: N_("tried without the right: %(what)s"),
}
_LABELS = {each.name: each.label for each in (*rules.DESCRIPTION, *rules.ARRIVAL)}
_COLUMN_LABELS = {**_LABELS, "issuer_name": _LABELS["issuer"], "state": N_("State")}


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, as the macro shows it; ``kind`` tells acts, system's acts and looks apart."""

    at: datetime
    text: str
    words: str = ""
    detail: str = ""
    kind: str = ""
    trail: str = "act"


def entries(session: Session, document_id: int) -> list[Entry]:
    """Acts with what they changed, and looks, newest first."""
    changes = history.changes_by_transaction(session, document_id)
    found = [
        _act(session, event, changes.get(event.transaction_id or -1, {}))
        for event in history.events_of(session, document_id)
    ]
    found += _looks(history.accesses_of(session, document_id))
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _act(session: Session, event: Event, changed: dict[str, tuple[Any, Any]]) -> Entry:
    lines = [
        f"{gettext(_COLUMN_LABELS[name])}: {_shown(session, name, before)} → {_shown(session, name, after)}"
        for name, (before, after) in changed.items()
        if name in _COLUMN_LABELS
    ]
    move = move_named(event.tag)
    if event.basis:
        lines.append(gettext("Ground: %(basis)s", basis=", ".join(event.basis.split())))
    files = event.params.get("titles") if move is not None and move.creates else None
    if files:
        lines.append(gettext("Files: %(titles)s", titles=", ".join(files)))
    return Entry(
        event.at,
        line(event),
        words=event.params.get("reason", ""),
        detail="\n".join(lines),
        kind="system" if event.actor_user_id is None else "",
    )


def _looks(accesses: list[Access]) -> list[Entry]:
    """Looks, the same person doing the same thing on one day as one line."""

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
    return found


def _shown(session: Session, name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return clock.in_vietnam(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if name == "type_id":
        return session.get_one(DocumentType, value).name
    if name == "book_id":
        return session.get_one(RegisterBook, value).name
    if name == "state":
        return gettext(rules.LIFECYCLE.states[value])
    if name in ("urgency", "channel"):
        return dict(choices(session, "urgency_levels" if name == "urgency" else "channels", gettext)).get(value, value)
    return str(value)
