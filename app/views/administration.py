"""What the IT centre's screens share: faults beside fields, days typed freely, sentences of the trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import clock
from app.errors import DomainError, Obstacle, Refused
from app.messages import by_field, translated
from app.models import Event
from app.queries.people import acts_on, people_named
from app.queries.roles import Pair
from app.request import current_actor
from app.rules.dates import parse_day
from app.rules.lifecycle import permission_key
from app.rules.lifecycles import move_named
from app.rules.permissions import NOUNS, POST_KINDS, VERBS
from app.rules.text import clean
from app.trail_words import BY_ITSELF, line
from app.views.timeline import Entry
from app.vocabulary import N_, DelegationKind, PostKind

DELEGATION_KINDS = {
    DelegationKind.ENTRY: N_("Entry for another"),
    DelegationKind.SUBSTITUTION: N_("Away, somebody stands in"),
    DelegationKind.SIGNING: N_("Authority to sign"),
}


@dataclass
class Faults:
    """What stands against what was typed: beside its field, and all together on top of the page."""

    errors: list[DomainError] = field(default_factory=list)

    def add(self, *obstacles: Obstacle) -> None:
        """Note obstacles found while reading the form."""
        self.errors.append(Refused(*obstacles))

    def of(self, name: str) -> list[str]:
        """Sentences for one field."""
        return [sentence for error in self.errors for sentence in by_field(error).get(name, [])]

    @property
    def obstacles(self) -> list[Obstacle]:
        """All of them, translated."""
        return [translated(o) for error in self.errors for o in error.obstacles]

    def tells(self, prefix: str) -> bool:
        """Whether an obstacle's code begins so: the page then shows where it is mended."""
        return any(each.code.startswith(prefix) for error in self.errors for each in error.obstacles)

    @property
    def status(self) -> int:
        """HTTP status of the page that shows them."""
        return max((error.status for error in self.errors), default=200)

    def __bool__(self) -> bool:
        return bool(self.errors)


def may(noun: str, verb: str) -> bool:
    """Whether the person at the screen has this right: buttons that lead nowhere are not drawn."""
    return permission_key(noun, verb) in current_actor().permissions


def typed(name: str) -> str:
    """What the form says, blanks in order; empty when it says nothing."""
    return clean(request.form.get(name, "")[:2000])


def typed_number(name: str) -> int | None:
    """An id or version that the form carries."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def typed_day(name: str, label: str, faults: Faults) -> date | None:
    """A day typed freely (3/8, hôm nay, 03/08/2026); None when empty, a fault when it is none."""
    text = typed(name)
    if not text:
        return None
    try:
        return parse_day(text, clock.today())
    except (ValueError, OverflowError):
        message = N_("%(label)s: “%(typed)s” is no date. Write it as 03/08/2026, 3/8 or “hôm nay”.")
        faults.add(Obstacle(message, name, {"label": label, "typed": text}, "no_date"))
        return None


def typed_person(session: Session, name: str, label: str, faults: Faults) -> int | None:
    """The person chosen from the suggestions, or the only one of exactly the name typed."""
    chosen, text = typed_number(f"{name}_id"), typed(name)
    if chosen is not None and text:
        return chosen
    if not text:
        faults.add(Obstacle(N_("%(label)s: missing. Enter it."), name, {"label": label}, "missing"))
        return None
    found = people_named(session, text)
    if len(found) == 1:
        return found[0]
    message = (
        N_("%(label)s: several people have this name. Choose one from the suggestions.")
        if found
        else N_("%(label)s: nobody has this name. Choose one from the suggestions.")
    )
    faults.add(Obstacle(message, name, {"label": label}, "unknown"))
    return None


def noun_label(noun: str) -> str:
    """What a group of rights is about."""
    return gettext(NOUNS[noun]) if noun in NOUNS else noun


def verb_label(noun: str, verb: str) -> str:
    """One right within its group; moves bring their own labels."""
    move = move_named(f"{noun}.{verb}")
    label = gettext(move.label if move is not None else VERBS.get(verb, verb))
    return label[:1].upper() + label[1:]


def pair_label(pair: Pair) -> str:
    """One right by itself: what it is about, and what may be done."""
    return f"{noun_label(pair[0])}: {verb_label(*pair)}"


def grouped(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """Rights by what they are about, in the order of the screens; verbs as their moves and screens go."""
    order = {noun: at for at, noun in enumerate(NOUNS)}
    verbs = {verb: at for at, verb in enumerate(VERBS)}
    found: dict[str, list[Pair]] = {}
    for pair in sorted(pairs, key=lambda p: (order.get(p[0], 99), p[0], verbs.get(p[1], 50), p[1])):
        found.setdefault(pair[0], []).append(pair)
    return found


def kind_label(kind: str) -> str:
    """A kind of post in words."""
    return gettext(POST_KINDS[PostKind(kind)])


def history(session: Session, subject_type: str, subject_ids: Sequence[object], limit: int = 50) -> list[Entry]:
    """The trail of administration on something, as sentences, the newest first."""
    return [_entry(event) for event in acts_on(session, subject_type, [str(i) for i in subject_ids], limit)]


def _entry(event: Event) -> Entry:
    return Entry(event.at, line(event), detail=_detail(event), kind=_kind(event))


def _kind(event: Event) -> str:
    if event.tag in BY_ITSELF:
        return "late"
    return "system" if event.actor_user_id is None else ""


def _detail(event: Event) -> str:
    if event.tag != "role.changed":
        return ""
    lines = []
    for name, sign in (("added", "+"), ("removed", "−")):
        for key in event.params.get(name, []):
            verb, _, noun = key.partition(" ")
            lines.append(f"{sign} {pair_label((noun, verb))}")
    return "\n".join(lines)


def place(endpoint: str, state: Mapping[str, Any]) -> Any:
    """A function from changes to the address of the same list; empty values fall away."""

    def address(**changes: Any) -> str:
        return url_for(endpoint, **{k: v for k, v in {**state, **changes}.items() if v not in ("", None)})

    return address
