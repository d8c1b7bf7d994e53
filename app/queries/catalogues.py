"""Catalogues, read: what checks must know of other rows, values for forms, history, trees and overviews."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Date, cast, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.models import (
    CalendarDay,
    DeadlineRule,
    Document,
    DocumentType,
    Event,
    NumberCounter,
    NumberSeries,
    Organisation,
    OrganisationCode,
    Post,
    RegisterBook,
    RegisterEntry,
    UrgencyLevel,
    WorkField,
)
from app.rules.catalogue_base import Facts, Type
from app.rules.catalogues import CATALOGUES, CODE_FIELDS, code_from

MODELS: dict[str, type[Any]] = {
    "organisation": Organisation,
    "document_type": DocumentType,
    "urgency_level": UrgencyLevel,
    "number_series": NumberSeries,
    "register_book": RegisterBook,
    "calendar_day": CalendarDay,
    "work_field": WorkField,
    "deadline_rule": DeadlineRule,
}
"""Noun of a catalogue → its table."""
CHOSEN_ROWS: dict[str, type[Any]] = {"series_id": NumberSeries, "type_id": DocumentType, "field_id": WorkField}
"""Attribute that is a row of another catalogue → that catalogue's table."""


def living_codes(session: Session, organisation_id: int | None) -> dict[str, OrganisationCode]:
    """The identifier codes an organisation has now, by scheme."""
    query = select(OrganisationCode).where(
        OrganisationCode.organisation_id == organisation_id, OrganisationCode.valid_to.is_(None)
    )
    return {row.scheme: row for row in session.scalars(query)}


def values_of(session: Session, noun: str, item: Any) -> dict[str, Any]:
    """The attributes of a row as the rules and forms know them."""
    values: dict[str, Any] = {}
    codes = living_codes(session, item.id) if noun == "organisation" else {}
    for each in CATALOGUES[noun].attributes.values():
        if each.name in CODE_FIELDS:
            row = codes.get(CODE_FIELDS[each.name])
            values[each.name] = row.code if row else ""
        elif each.name == "ours":
            values[each.name] = "yes" if item.ours else "no"
        elif each.type == Type.ORGANISATION:
            parent = getattr(item, each.name)
            values[each.name] = {"id": parent.id, "name": parent.name} if parent else None
        elif each.type == Type.CHOICE:
            chosen = getattr(item, each.name)
            values[each.name] = "" if chosen is None else str(chosen)
        else:
            values[each.name] = getattr(item, each.name)
    return values


# ── facts for the rules ──────────────────────────────────────────────────────────────────────────────────────────


def facts(session: Session, noun: str, key: Any, values: dict[str, Any], parent_id: int | None = None) -> Facts:
    """What speaks for or against saving these values in the row ``key`` (``None``: a new one)."""
    if noun == "organisation":
        return _organisation_facts(session, key, values, parent_id)
    if noun == "document_type":
        return _type_facts(session, key, values)
    if noun == "urgency_level":
        query = select(UrgencyLevel.name).where(UrgencyLevel.rank == values["rank"])
        if key is not None:
            query = query.where(UrgencyLevel.code != key)
        return Facts(same_rank=session.scalars(query.limit(1)).first() or "")
    if noun == "number_series":
        return _series_facts(session, key, values)
    if noun == "work_field":
        return _field_facts(session, key, values)
    if noun == "register_book" and key is not None:
        used = select(func.max(Document.arrival_date), func.count()).where(Document.book_id == key)
        last, count = session.execute(used).one()
        return Facts(in_use=count > 0, last_used=last)
    return Facts()


def _count(session: Session, query: Any) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _outlasts(model: Any, day: date | None) -> Any:
    """Still open after a day; without one, open without end."""
    return model.valid_to.is_(None) if day is None else or_(model.valid_to.is_(None), model.valid_to > day)


def _organisation_facts(session: Session, key: Any, values: dict[str, Any], parent_id: int | None) -> Facts:
    holders = {}
    for name, scheme in CODE_FIELDS.items():
        query = (
            select(Organisation.name)
            .join(OrganisationCode, OrganisationCode.organisation_id == Organisation.id)
            .where(
                OrganisationCode.scheme == scheme,
                OrganisationCode.code == values[name],
                OrganisationCode.valid_to.is_(None),
                Organisation.id != (key or 0),
            )
        )
        holder = session.scalars(query).first() if values[name] else None
        if holder:
            holders[name] = holder
    path = path_above(session, parent_id)
    parent = session.get(Organisation, parent_id) if parent_id is not None else None
    last = values["valid_to"]
    here = select(Post.id).where(Post.unit_id == key)
    below = select(Organisation.id).where(Organisation.parent_id == key, _outlasts(Organisation, last))
    return Facts(
        parent_path=path,
        parent_ours=parent.ours if parent is not None else None,
        code_holders=holders,
        posts=_count(session, here) if key is not None else 0,
        posts_after=_count(session, here.where(_outlasts(Post, last))) if key is not None and last else 0,
        open_below=_count(session, below) if key is not None and last else 0,
    )


def path_above(session: Session, organisation_id: int | None) -> tuple[int, ...]:
    """Ids of an organisation and of all above it, itself first; a ring ends where it closes."""
    path: list[int] = []
    while organisation_id is not None and organisation_id not in path:
        path.append(organisation_id)
        organisation_id = session.scalar(select(Organisation.parent_id).where(Organisation.id == organisation_id))
    return tuple(path)


def _type_facts(session: Session, key: Any, values: dict[str, Any]) -> Facts:
    code = session.scalar(select(DocumentType.code).where(DocumentType.id == key)) if key is not None else None
    query = select(DocumentType.valid_from, DocumentType.valid_to).where(
        DocumentType.code == (code or code_from(values["name"], 40))
    )
    if key is not None:
        query = query.where(DocumentType.id != key)
    return Facts(periods=tuple((row.valid_from, row.valid_to) for row in session.execute(query)))


def _field_facts(session: Session, key: Any, values: dict[str, Any]) -> Facts:
    """Whether another field of this name is in use at any time at which this one is."""
    start, end = values["valid_from"], values["valid_to"]
    same = select(WorkField.id).where(
        func.lower(WorkField.name) == values["name"].lower(),
        WorkField.id != (key or 0),
        or_(WorkField.valid_to.is_(None), WorkField.valid_to >= start),
    )
    if end is not None:
        same = same.where(WorkField.valid_from <= end)
    return Facts(same_name=_count(session, same) > 0)


def _series_facts(session: Session, key: Any, values: dict[str, Any]) -> Facts:
    same = select(NumberSeries.id).where(
        func.lower(NumberSeries.name) == values["name"].lower(),
        NumberSeries.id != (key or 0),
        _outlasts(NumberSeries, values["valid_from"]),
    )
    if key is None:
        return Facts(same_name=_count(session, same) > 0)
    books = select(RegisterBook.name).where(RegisterBook.series_id == key, _outlasts(RegisterBook, values["valid_to"]))
    numbered = select(NumberCounter.year).where(NumberCounter.series_id == key, NumberCounter.last_number > 0)
    return Facts(
        same_name=_count(session, same) > 0,
        in_use=_count(session, numbered) > 0,
        last_used=session.scalar(select(func.max(RegisterEntry.entry_date)).where(RegisterEntry.series_id == key)),
        open_books=tuple(session.scalars(books.order_by(RegisterBook.ordinal))) if values["valid_to"] else (),
    )


# ── look-ups ─────────────────────────────────────────────────────────────────────────────────────────────────────


def all_series(session: Session) -> list[tuple[str, str]]:
    """All number series, as choices; they are few."""
    query = select(NumberSeries.id, NumberSeries.name).order_by(NumberSeries.id)
    return [(str(row.id), row.name) for row in session.execute(query)]


def document_types_of_all_times(session: Session) -> list[tuple[str, str, date | None]]:
    """Every document type as value, name and last day, in the order of lists; those in use first."""
    return _of_all_times(session, DocumentType)


def fields_of_all_times(session: Session) -> list[tuple[str, str, date | None]]:
    """Every field of work as value, name and last day, in the order of lists; those in use first."""
    return _of_all_times(session, WorkField)


def _of_all_times(session: Session, model: Any) -> list[tuple[str, str, date | None]]:
    over = model.valid_to.is_not(None) & (model.valid_to < clock.today())
    query = select(model.id, model.name, model.valid_to, over.label("over"))
    rows = session.execute(query.order_by(over, model.ordinal, model.name, model.valid_to.desc()))
    return [(str(row.id), row.name, row.valid_to if row.over else None) for row in rows]


# ── history ──────────────────────────────────────────────────────────────────────────────────────────────────────


def events_of_row(session: Session, noun: str, key: Any) -> list[Event]:
    """All acts on one row, newest first."""
    query = select(Event).where(Event.subject_type == noun, Event.subject_id == str(key))
    return list(session.scalars(query.order_by(Event.at.desc(), Event.id.desc()).limit(200)))


def changes_since(session: Session, noun: str, key: Any, seen_version: int) -> tuple[dict[str, Any], ...]:
    """What was changed after the version somebody saw: who, when, and each attribute before and after."""
    return tuple(
        {"at": event.at, "who": event.actor_name, "fields": event.params["changes"]}
        for event in events_of_row(session, noun, key)
        if event.tag == "catalogue.changed" and event.params.get("version", 0) > seen_version
    )


# ── trees and overviews ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Node:
    """A unit with the units below it and how many people hold posts there today."""

    id: int
    name: str
    abbreviation: str
    people: int
    closed: bool
    below: list["Node"] = field(default_factory=list)


def own_tree(session: Session, today: date) -> list[Node]:
    """The Office's own units as trees, each level in alphabetical order; closed ones last."""
    held = (
        select(Post.unit_id, func.count(Post.person_id.distinct()).label("people"))
        .where(Post.valid_from <= today, or_(Post.valid_to.is_(None), Post.valid_to >= today))
        .group_by(Post.unit_id)
        .subquery()
    )
    query = (
        select(Organisation, func.coalesce(held.c.people, 0))
        .outerjoin(held, held.c.unit_id == Organisation.id)
        .where(Organisation.ours)
        .order_by(Organisation.sort_key, Organisation.id)
    )
    nodes: dict[int, Node] = {}
    above: dict[int, int | None] = {}
    for row, people in session.execute(query):
        closed = row.valid_to is not None and row.valid_to < today
        nodes[row.id] = Node(row.id, row.name, row.abbreviation, people, closed)
        above[row.id] = row.parent_id
    tops: list[Node] = []
    for key, node in sorted(nodes.items(), key=lambda pair: pair[1].closed):
        parent = nodes.get(above[key] or 0)
        (parent.below if parent is not None else tops).append(node)
    order = list(nodes)
    for node in nodes.values():
        node.below.sort(key=lambda each: (each.closed, order.index(each.id)))
    return tops


def below(session: Session, organisation_id: int) -> list[Organisation]:
    """What stands directly below an organisation."""
    query = select(Organisation).where(Organisation.parent_id == organisation_id)
    return list(session.scalars(query.order_by(Organisation.sort_key, Organisation.id).limit(200)))


def codes_of(session: Session, organisation_id: int) -> list[OrganisationCode]:
    """All identifier codes an organisation has and had, those in use first."""
    query = select(OrganisationCode).where(OrganisationCode.organisation_id == organisation_id)
    return sorted(session.scalars(query), key=lambda c: (c.valid_to is not None, c.scheme, c.valid_from))


def last_numbers(session: Session, series_id: int) -> list[tuple[int, int]]:
    """Year and last number given, newest year first."""
    query = select(NumberCounter.year, NumberCounter.last_number).where(NumberCounter.series_id == series_id)
    return [(row.year, row.last_number) for row in session.execute(query.order_by(NumberCounter.year.desc()))]


def books_on(session: Session, series_id: int) -> list[RegisterBook]:
    """The register books on a series."""
    query = select(RegisterBook).where(RegisterBook.series_id == series_id)
    return list(session.scalars(query.order_by(RegisterBook.ordinal, RegisterBook.name)))


def calendar_years(session: Session) -> list[int]:
    """Years that have any day in the calendar, newest first."""
    years = session.scalars(select(func.extract("year", CalendarDay.day)).distinct())
    return sorted((int(year) for year in years), reverse=True)


def days_of_year(session: Session, year: int) -> list[CalendarDay]:
    """The calendar's days in one year, by date."""
    first, last = cast(date(year, 1, 1), Date), cast(date(year, 12, 31), Date)
    return list(
        session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last)).order_by(CalendarDay.day))
    )
