"""Rows of catalogues (danh mục): added, changed, and, for days of the calendar alone, taken away.

The only way in: each act is judged, written in one transaction and on record with what it changed. Rows that
others point at are closed by their last day, never deleted.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app import clock
from app.actor import Actor
from app.errors import Forbidden, NotFound, Obstacle, Refused, Stale, refuse_if
from app.models import Organisation, OrganisationCode
from app.operations import events
from app.operations.base import STALE, operation, require
from app.operations.unit_of_work import UnitOfWork
from app.queries import catalogues as queries
from app.queries.parties import organisations_named
from app.rules.catalogue_base import Type
from app.rules.catalogues import CATALOGUES, CODE_FIELDS, code_from, free_code
from app.rules.lifecycle import permission_key
from app.rules.text import BIGINT, clean, name_sort_key, whole_number
from app.vocabulary import N_

TREE_LOCK = 0x6F7267
"""Advisory lock of whoever moves an organisation in the tree: two at once could close a ring."""

_NAME_TAKEN = N_("Name: another row has this name. Choose another, or change that row.")
CONSTRAINTS: dict[str, tuple[str, str]] = {
    "uq_organisation_code_living": (
        "code_qd20",
        N_("Identifier code: another organisation was given this code just now. Check it."),
    ),
    "uq_document_type_code_valid_from": (
        "valid_from",
        N_("First day: a row of this type begins on this day already. Change that row instead."),
    ),
    "pk_urgency_level": ("name", _NAME_TAKEN),
    "uq_urgency_level_name": ("name", _NAME_TAKEN),
    "uq_number_series_code": ("name", _NAME_TAKEN),
    "uq_register_book_code": ("name", _NAME_TAKEN),
    "uq_register_book_name": ("name", _NAME_TAKEN),
    "uq_work_field_code_valid_from": ("name", _NAME_TAKEN),
    "uq_deadline_rule_code_valid_from": ("name", _NAME_TAKEN),
    "pk_calendar_day": ("day", N_("Day: it stands in the calendar already. Change that row instead.")),
}
"""Constraint → field and sentence. What a check saw free may be taken when it is written."""


@operation()
def save(
    actor: Actor,
    noun: str,
    key: Any,
    values: Mapping[str, Any],
    *,
    seen_version: int | None = None,
    uow: UnitOfWork,
) -> Any:
    """Thêm (``key`` None) hoặc sửa một dòng danh mục; returns the row. Nothing to change writes nothing.

    ``values`` are those of the catalogue's attributes (app/rules/catalogues.py): days as dates, an organisation
    as ``{"id", "name"}``, everything else as text or numbers. Raises Forbidden, NotFound, Refused, and Stale
    when the row changed since ``seen_version``.
    """
    catalogue, session = CATALOGUES[noun], uow.session
    require(actor, noun, "add" if key is None else "edit")
    item = None
    if key is not None:
        item = _locked(session, noun, key)
        _check_version(session, noun, key, item, seen_version)
    before = queries.values_of(session, noun, item) if item is not None else None
    cleaned, found = catalogue.cleaned(values, adding=key is None)
    parent_id = None
    if "parent" in cleaned:
        parent_id = _parent_id(session, cleaned["parent"], found)
        if "yes" in (cleaned["ours"], (before or {}).get("ours")):
            guard_own_units(actor)
    refuse_if(found)  # the checks below take complete values
    _check_chosen_rows(session, noun, cleaned)
    refuse_if(catalogue.check(key, cleaned, before, queries.facts(session, noun, key, cleaned, parent_id)))
    if item is None:
        if "ordinal" in cleaned and cleaned["ordinal"] is None:
            cleaned["ordinal"] = _next_ordinal(session, noun, cleaned)
        item = _new(session, noun, cleaned)
    changes = _changes(session, noun, before, cleaned)
    if not changes:
        return item
    if before is None:
        session.add(item)  # not before the names of other rows are read: reading would write it half filled
    _assign(item, noun, cleaned, parent_id)
    _flush(session)
    if noun == "organisation" and _save_codes(session, item, cleaned) and before is not None:
        flag_modified(item, "name")  # its codes are part of it: whoever else has it open must notice
    _flush(session)
    key = _key_of(item)
    events.record(
        uow,
        actor,
        "catalogue.added" if before is None else "catalogue.changed",
        noun,
        key,
        noun=noun,
        name=str(item),
        version=item.version,
        changes=changes,
    )
    return item


@operation()
def remove(actor: Actor, noun: str, key: Any, *, seen_version: int | None = None, uow: UnitOfWork) -> None:
    """Bỏ một ngày khỏi lịch. Only days of the calendar: nothing points at them. Raises Forbidden, NotFound, Refused."""
    require(actor, noun, "delete")
    if not CATALOGUES[noun].deletable:
        raise Refused(Obstacle(N_("Rows of this catalogue are never deleted. Close it by its last day.")))
    session = uow.session
    item = _locked(session, noun, key)
    _check_version(session, noun, key, item, seen_version)
    gone = _changes(session, noun, None, queries.values_of(session, noun, item))
    name = str(item)
    session.delete(item)
    changes = {field: [after, before] for field, (before, after) in gone.items()}
    events.record(uow, actor, "catalogue.removed", noun, key, noun=noun, name=name, changes=changes)


def _locked(session: Session, noun: str, key: Any) -> Any:
    item = session.get(queries.MODELS[noun], key, with_for_update={"key_share": True}, populate_existing=True)
    if item is None:
        raise NotFound
    return item


def _check_version(session: Session, noun: str, key: Any, item: Any, seen_version: int | None) -> None:
    if seen_version is not None and item.version != seen_version:
        raise Stale(STALE, changes=queries.changes_since(session, noun, key, seen_version))


def _key_of(item: Any) -> Any:
    return item.__mapper__.primary_key_from_instance(item)[0]


def keeps_own_units(actor: Actor) -> bool:
    """Whether the actor may change the tree of own units (212/16.2.a)."""
    return actor.is_system or permission_key("person", "edit") in actor.permissions


def guard_own_units(actor: Actor) -> None:
    """Rights follow from the tree of own units: only who may give posts may change it (212/16.2.a).

    Raises Forbidden.
    """
    if not keeps_own_units(actor):
        message = N_("Belonging: units of the Office are kept by the IT centre, because rights follow from them.")
        raise Forbidden(Obstacle(message, "ours", code="forbidden"))


def _parent_id(session: Session, chosen: Any, found: list[Obstacle]) -> int | None:
    """The organisation that was chosen or, without script, typed by its full name."""
    if not chosen:
        return None
    session.execute(select(func.pg_advisory_xact_lock(TREE_LOCK)))
    name, key = clean(chosen.get("name")), chosen.get("id")
    row = session.get(Organisation, key) if key else None
    if row is not None and (not name or row.name == name):
        return row.id
    named = organisations_named(session, name)
    if len(named) == 1:
        return named[0].id
    message = (
        N_("Belongs to: several organisations are called “%(name)s”. Choose one from the suggestions.")
        if named
        else N_("Belongs to: no organisation is called “%(name)s”. Choose one from the suggestions, or add it first.")
    )
    found.append(Obstacle(message, "parent", {"name": name}, "no_choice"))
    return None


def _check_chosen_rows(session: Session, noun: str, cleaned: Mapping[str, Any]) -> None:
    """What was chosen from another catalogue must be there. Raises Refused."""
    for name, model in queries.CHOSEN_ROWS.items():
        chosen = cleaned.get(name)
        if not chosen:
            continue
        key = whole_number(chosen, BIGINT)
        if key is None or session.get(model, key) is None:
            label = {"label": CATALOGUES[noun].attributes[name].label}
            raise Refused(Obstacle(N_("%(label)s: choose one of the list."), name, label, "no_choice"))


def _new(session: Session, noun: str, cleaned: Mapping[str, Any]) -> Any:
    """A row with what is made once: key and technical code."""
    model = queries.MODELS[noun]
    if noun == "calendar_day":
        return model(day=cleaned["day"])
    if noun == "organisation":
        return model()
    joint = "-" if noun in ("number_series", "register_book") else "_"
    limit = model.__table__.c.code.type.length
    code = code_from(cleaned["name"], limit, joint)
    if noun == "document_type":  # a type of the same name at another time is the same type, hence the same code
        return model(code=code)
    taken = select(model.code)
    if noun == "work_field":  # so is a field of the same name
        taken = taken.where(func.lower(model.name) != cleaned["name"].lower())
    return model(code=free_code(code, frozenset(session.scalars(taken)), limit))


def _next_ordinal(session: Session, noun: str, cleaned: Mapping[str, Any]) -> int:
    """A new row without a place of its own comes last; a document type the last of its group."""
    model = queries.MODELS[noun]
    query = select(func.max(model.ordinal))
    if noun == "document_type":
        query = query.where(model.grouping == cleaned["grouping"])
    last = session.scalar(query) or 0
    return min(last + 1, CATALOGUES[noun].attributes["ordinal"].most)


def _assign(item: Any, noun: str, cleaned: Mapping[str, Any], parent_id: int | None) -> None:
    for name, value in cleaned.items():
        if name in CODE_FIELDS:
            continue
        if name == "parent":
            item.parent_id = parent_id
        elif name == "ours":
            item.ours = value == "yes"
        elif name in queries.CHOSEN_ROWS:
            setattr(item, name, int(value) if value else None)
        elif name == "ordinal":
            item.ordinal = value or 0
        else:
            setattr(item, name, value)
    if noun == "organisation":
        item.sort_key = name_sort_key(item.name)[:300]


def _changes(
    session: Session, noun: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Attributes that differ: name → [before, after], as JSON keeps them; other rows by the name they have now."""
    changes = {}
    for each in CATALOGUES[noun].attributes.values():
        if each.name not in after:
            continue
        old = _kept(session, each.name, each.type, before.get(each.name) if before is not None else None)
        new = _kept(session, each.name, each.type, after[each.name])
        if old != new:
            changes[each.name] = [old, new]
    return changes


def _kept(session: Session, name: str, kind: Type, value: Any) -> Any:
    if value is None or value == "":
        return None
    if kind == Type.DAY:
        return value.isoformat()
    if kind == Type.ORGANISATION:
        return clean(value["name"])
    if name in queries.CHOSEN_ROWS:
        return session.get_one(queries.CHOSEN_ROWS[name], int(value)).name
    return value


def _save_codes(session: Session, item: Organisation, cleaned: Mapping[str, Any]) -> bool:
    """Identifier codes: a new code follows the old one, which ends the day before; both stay on record."""
    living, today, changed = queries.living_codes(session, item.id), clock.today(), False
    for name, scheme in CODE_FIELDS.items():
        row, code = living.get(scheme), cleaned[name]
        if (row.code if row is not None else "") == code:
            continue
        changed = True
        if row is not None and row.valid_from >= today and code:
            row.code = code  # entered today: a slip, no history
            continue
        if row is not None:
            row.valid_to = max(row.valid_from, today - timedelta(days=1))
            session.flush()  # the old one is over before the new one begins
        if code:
            session.add(OrganisationCode(organisation_id=item.id, scheme=scheme, code=code, valid_from=today))
    return changed


def _flush(session: Session) -> None:
    """Write; a known constraint that refuses becomes a sentence beside its field."""
    try:
        session.flush()  # the event names key and version, and the constraints speak here
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
        if name not in CONSTRAINTS:
            raise
        field, message = CONSTRAINTS[name]
        raise Refused(Obstacle(message, field, code="taken")) from error
