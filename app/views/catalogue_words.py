"""What stands in catalogues and their history, in the words of the reader."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from app import clock
from app.extensions import db
from app.models import Event
from app.queries import catalogues as queries
from app.reference.document_types import ALWAYS_FROM
from app.rules.catalogue_base import Attribute, Type, day_words
from app.rules.catalogues import CATALOGUES
from app.trail_words import line
from app.views.timeline import Entry
from app.vocabulary import N_


def first_day(value: date) -> str:
    """The first day of validity; what has no known beginning says so."""
    return gettext("from of old") if value == ALWAYS_FROM else day_words(value)


def last_day(value: date | None) -> Markup:
    """The last day of validity; an open end says that the row is in use."""
    if value is None:
        return Markup('<span class="meta">{}</span>').format(gettext("in use"))
    kind = "tag" if value < clock.today() else "tag soon"
    return Markup('<span><span class="{}">{}</span></span>').format(
        kind, gettext("until %(day)s", day=day_words(value))
    )


VALIDITY: Mapping[str, Callable[[Any], Any]] = {"valid_from": first_day, "valid_to": last_day}
"""Formatters of the days between which a row holds."""
WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))


def with_weekday(value: date) -> str:
    """A day with its weekday."""
    return f"{day_words(value)}, {gettext(WEEKDAYS[value.weekday()])}"


def one_of(labels: Mapping[str, str]) -> Callable[[Any], str]:
    """Formatter that shows a value of an enumeration in words."""
    return lambda value: gettext(labels[str(value)]) if str(value) in labels else str(value)


def in_words(each: Attribute, value: Any) -> str:
    """A value of the history as people read it."""
    if value is None or value == "":
        return "–"
    if each.type == Type.DAY:
        return first_day(date.fromisoformat(value))
    if each.choices is not None and value in each.choices:
        label = each.choices[value]
        return gettext(label) if each.translated else label
    return str(value)


def changed_lines(noun: str, changes: Mapping[str, Sequence[Any]], *, one_sided: bool = False) -> list[str]:
    """``Label: before → after`` for each attribute that changed."""
    attributes, lines = CATALOGUES[noun].attributes, []
    for name, each in attributes.items():
        if name not in changes:
            continue
        before, after = changes[name]
        shown = in_words(each, after if before is None else before) if one_sided else None
        pair = shown or f"{in_words(each, before)} → {in_words(each, after)}"
        lines.append(f"{gettext(each.label)}: {pair}")
    return lines


def history(noun: str, key: Any) -> list[Entry]:
    """Who did what to a row, newest first."""

    def entry(event: Event) -> Entry:
        lines = changed_lines(
            noun, event.params.get("changes", {}), one_sided=event.tag in ("catalogue.added", "catalogue.removed")
        )
        return Entry(
            event.at,
            line(event),
            detail="\n".join(lines),
            kind="system" if event.actor_user_id is None else "",
        )

    return [entry(event) for event in queries.events_of_row(db.session(), noun, key)]
