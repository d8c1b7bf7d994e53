"""What the trails keep, in words: who acted, what the parameters of an act say, hashes that fit a line."""

from datetime import date
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from app.models import Event
from app.rules.catalogue_base import day_words
from app.rules.trail import PARAMETERS, VALUES

SHOWN_OF_A_HASH = 12
_NOT_SIGNED_IN = frozenset({"account.sign_in_failed", "account.sign_in_locked"})


def actor_in_words(event: Event) -> str:
    """The person; the program by its name; before somebody is signed in, what was typed as user name."""
    if not event.actor_name.startswith("system:"):
        return event.actor_name
    if event.tag in _NOT_SIGNED_IN:
        return gettext("not signed in; user name typed: %(username)s", username=event.params.get("username") or "–")
    return gettext("the program (%(name)s)", name=event.actor_name.removeprefix("system:"))


def lines(value: Any) -> list[str]:
    """``name: value`` for each entry of a JSON object, in its order; each item of a list."""
    if isinstance(value, dict):
        return [f"{_called(name)}: {_said(name, each)}" for name, each in value.items()]
    return [_said("", each) for each in value or ()]


def short_hash(value: str | None) -> Markup | str:
    """The beginning of a hash, the whole of it as its title."""
    return Markup('<code title="{}">{}…</code>').format(value, value[:SHOWN_OF_A_HASH]) if value else ""


def as_code(value: Any) -> Markup | str:
    """An identifier of the program's own, set as such; a number stays a number."""
    text = "" if value is None else str(value)
    return Markup("<code>{}</code>").format(text) if text and not text.isdecimal() else text


def _called(name: str) -> str:
    return gettext(PARAMETERS[name]) if name in PARAMETERS else name


def _said(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, dict):
        if name == "changes":
            return "; ".join(f"{_called(key)}: {_said(key, a)} → {_said(key, b)}" for key, (a, b) in value.items())
        return "; ".join(lines(value)) or "–"
    if isinstance(value, list):
        return ", ".join(_said(name, each) for each in value) or "–"
    labels = VALUES.get(name, {})
    if value in labels:
        return gettext(labels[value])
    return _day(value) if isinstance(value, str) else str(value)


def _day(text: str) -> str:
    try:
        return day_words(date.fromisoformat(text))
    except ValueError:
        return text
