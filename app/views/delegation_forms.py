"""The form of a delegation, for the IT centre and the people themselves: read, given, put into words (212/17.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, request
from flask_babel import gettext

from app import clock
from app.actor import Actor
from app.errors import DomainError, Obstacle, Refused
from app.extensions import db
from app.models import Delegation, Upload
from app.operations import delegation
from app.operations.files import receive
from app.queries import people as queries
from app.queries.choices import document_types
from app.request import current_actor, file_limit
from app.rules.lifecycle import permission_key
from app.rules.lifecycles import LIFECYCLES, move_named
from app.rules.text import BIGINT, whole_number
from app.views.administration import DELEGATION_KINDS, Faults, typed, typed_day, typed_number, typed_person
from app.views.uploads import staged
from app.vocabulary import N_, DelegationKind

STATES = {
    queries.IN_FORCE: N_("In force"),
    queries.TO_COME: N_("Not yet in force"),
    queries.ENDED: N_("Ended"),
    queries.REVOKED: N_("Revoked"),
}
STATE_COLOURS = {queries.IN_FORCE: "good", queries.TO_COME: "note", queries.REVOKED: "late"}
FILTERS = {**STATES, queries.WITHOUT_PAPER: N_("Written authority not attached yet")}
KIND_HINTS = {
    DelegationKind.ENTRY: N_("Administrative staff enter for a leader or specialist; both names stand on record"),
    DelegationKind.SUBSTITUTION: N_("Somebody acts in place of the other, who is shown as away while it holds"),
    DelegationKind.SIGNING: N_("Signing on behalf (thừa lệnh, ký thay), as the written authority says"),
}
FILES = "files"


def opening_values() -> dict[str, Any]:
    """What an empty form begins with."""
    return {
        "kind": DelegationKind.SUBSTITUTION.value,
        "scope": "all",
        "kinds": "all",
        "valid_from": clock.today().strftime("%d/%m/%Y"),
    }


def form_context(actor: Actor, values: Any, faults: Faults, *, own: bool) -> dict[str, Any]:
    """What the template of the form needs. ``own``: the person gives it for themselves, and lends what they have."""
    session = db.session()
    units = queries.unit_tree(session)
    if own:
        held = {post.unit_id for post in actor.posts if post.ours}
        units = [(id_, name, 0) for id_, name, _ in units if id_ in held]
    posted = request.form if request.method == "POST" else None
    return {
        "own": own,
        "values": values,
        "faults": faults,
        "chosen": posted.getlist("moves") if posted else (),
        "chosen_types": posted.getlist("type_ids") if posted else (),
        "kinds": [
            (kind.value, gettext(DELEGATION_KINDS[kind]), gettext(KIND_HINTS[kind]))
            for kind in (delegation.OWN_KINDS if own else DELEGATION_KINDS)
        ],
        "acts": _acts(actor if own else None),
        "types": document_types(session),
        "units": units if not own or len(units) > 1 else [],
        "uploads": staged(actor, _kept_ids()) if posted else (),
        "file_limit": file_limit(),
    }


def _acts(actor: Actor | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """The acts to choose from, by kind of record; only those that the person's own roles allow, when one is named."""
    found = []
    for each in LIFECYCLES.values():
        moves = [
            (move.name, gettext(move.label))
            for move in each.moves.values()
            if actor is None or permission_key(move.noun, move.verb) in actor.permissions
        ]
        if moves:
            found.append((gettext(each.label), moves))
    return found


def give(faults: Faults, *, grantor_id: int | None = None) -> Delegation | None:
    """Read the form and give the delegation; what is wrong goes to ``faults``, all at once where possible.

    ``grantor_id``: who gives it, where the form does not ask.
    """
    session = db.session()
    kind = typed("kind")
    if kind not in set(DelegationKind):
        faults.add(
            Obstacle(N_("%(label)s: missing. Choose one."), "kind", {"label": N_("Kind of delegation")}, "missing")
        )
    grantor = typed_person(session, "grantor", N_("Delegated by"), faults) if grantor_id is None else grantor_id
    grantee = typed_person(session, "grantee", N_("Delegated to"), faults)
    start = typed_day("valid_from", N_("From day"), faults)
    end = typed_day("valid_to", N_("Until day"), faults)
    moves = request.form.getlist("moves") if request.form.get("scope") == "some" else None
    types = _type_ids() if request.form.get("kinds") == "some" else None
    paper = taken(faults)
    if faults or grantor is None or grantee is None:
        faults.add(*delegation.terms_obstacles(typed("authority"), start, end, moves, types))
        return None
    unit_id = typed_number("unit_id")
    units = {unit[0] for unit in queries.unit_tree(session)}
    try:
        return delegation.grant(
            current_actor(),
            DelegationKind(kind),
            grantor,
            grantee,
            typed("authority"),
            valid_from=start,
            valid_to=end,
            moves=moves,
            unit_id=unit_id if unit_id in units else None,
            type_ids=types,
            paper=paper,
        )
    except DomainError as error:
        faults.errors.append(error)
        return None


def _type_ids() -> list[int]:
    typed_ids = (whole_number(each, BIGINT) for each in request.form.getlist("type_ids"))
    return [each for each in typed_ids if each is not None]


_TAKEN = "delegation_files"


def _kept_ids() -> list[int]:
    """Ids of the uploads that this form has: kept from the form before, and those that came with it."""
    ticked = (whole_number(each, BIGINT) for each in request.form.getlist(f"{FILES}_kept")[:100])
    return [*(each for each in ticked if each is not None), *g.get(_TAKEN, ())]


def taken(faults: Faults) -> list[int]:
    """Receive the files of this form, each by itself: one bad file does not cost the others; ids of all it has."""
    actor = current_actor()
    received: list[int] = []
    for file in request.files.getlist(FILES):
        if not file.filename:
            continue
        try:
            received.append(receive(actor, file.stream, file.filename, file_limit()).id)  # type: ignore[arg-type]
        except Refused as error:
            faults.errors.append(error)
    g.setdefault(_TAKEN, []).extend(received)
    return _kept_ids()


def uploads_waiting() -> Sequence[Upload]:
    """The uploads that a refused form shows again."""
    return staged(current_actor(), _kept_ids())


def words() -> Mapping[str, Any]:
    """What the templates need to put a delegation into words."""
    session = db.session()
    names = dict(document_types(session))
    units = {unit_id: name for unit_id, name, _depth in queries.unit_tree(session)}

    def covers(row: Delegation) -> str:
        if row.moves is None:
            return gettext("all acts")
        found = [move_named(name) for name in row.moves]
        return ", ".join(gettext(move.label) for move in found if move is not None)

    def types(row: Delegation) -> str:
        if row.type_ids is None:
            return ""
        return ", ".join(names.get(str(each), "…") for each in row.type_ids)

    return {
        "covers": covers,
        "types_of": types,
        "unit_of": lambda row: units.get(row.unit_id, "…") if row.unit_id else "",
        "state_of": lambda row: queries.delegation_state(row, clock.today()),
        "states": {name: gettext(label) for name, label in STATES.items()},
        "filters": {name: gettext(label) for name, label in FILTERS.items()},
        "state_colours": STATE_COLOURS,
        "kinds": {kind.value: gettext(label) for kind, label in DELEGATION_KINDS.items()},
    }
