"""People, posts, organisations (con người, chức danh, cơ quan): added and changed, each act on record."""

from datetime import date
from typing import Any

from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.errors import NotFound, Obstacle, refuse_if
from app.models import Organisation, OrganisationCode, Person, Post
from app.operations import events
from app.operations.base import operation, require
from app.operations.unit_of_work import UnitOfWork
from app.rules.text import clean, name_sort_key, person_sort_key
from app.vocabulary import N_, PostKind


@operation()
def add_person(actor: Actor, full_name: str, *, email: str = "", phone: str = "", uow: UnitOfWork) -> Person:
    """Thêm một người. Raises Forbidden, Refused."""
    require(actor, "person", "add")
    name = clean(full_name)
    refuse_if(_name_obstacles(name))
    person = Person(full_name=name, sort_key=person_sort_key(name), email=clean(email), phone=clean(phone))
    uow.session.add(person)
    uow.session.flush()  # the event names the person's id
    events.record(uow, actor, "person.added", "person", person.id, name=name)
    return person


@operation()
def change_person(
    actor: Actor, person_id: int, full_name: str, *, email: str = "", phone: str = "", uow: UnitOfWork
) -> Person:
    """Sửa thông tin một người. Raises Forbidden, NotFound, Refused."""
    require(actor, "person", "edit")
    person = uow.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound
    name = clean(full_name)
    refuse_if(_name_obstacles(name))
    before = person.full_name
    person.full_name, person.sort_key = name, person_sort_key(name)
    person.email, person.phone = clean(email), clean(phone)
    events.record(uow, actor, "person.changed", "person", person.id, before=before, name=name)
    return person


def _name_obstacles(name: str) -> list[Obstacle]:
    if not name:
        return [Obstacle(N_("%(label)s: missing. Enter it."), "full_name", {"label": N_("Full name")}, code="missing")]
    if len(name) > 100:
        return [Obstacle(N_("Full name: at most 100 characters."), "full_name")]
    return []


@operation()
def appoint(
    actor: Actor,
    person_id: int,
    unit_id: int,
    kind: PostKind,
    title: str,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
    uow: UnitOfWork,
) -> Post:
    """Giao chức danh: the person's rights follow from the posts held today (212/17.1)."""
    require(actor, "person", "edit")
    session = uow.session
    person, unit = session.get(Person, person_id), session.get(Organisation, unit_id)
    if person is None or unit is None:
        raise NotFound
    start = valid_from or clock.today()
    found = []
    if not clean(title):
        found.append(Obstacle(N_("%(label)s: missing. Enter it."), "title", {"label": N_("Title of the post")}))
    if valid_to is not None and valid_to < start:
        found.append(Obstacle(N_("Until: earlier than the first day. Check both dates."), "valid_to"))
    if (kind == PostKind.OUTSIDE) == unit.ours:
        found.append(
            Obstacle(N_("Kind of post: does not fit the unit. Outside posts belong to outside units."), "kind")
        )
    refuse_if(found)
    post = Post(
        person_id=person_id, unit_id=unit_id, kind=kind, title=clean(title)[:100], valid_from=start, valid_to=valid_to
    )
    session.add(post)
    session.flush()  # the event names the post's id
    events.record(
        uow,
        actor,
        "post.given",
        "person",
        person.id,
        name=person.full_name,
        title=post.title,
        unit=unit.name,
        kind=kind,
    )
    return post


@operation()
def end_post(actor: Actor, post_id: int, last_day: date, *, uow: UnitOfWork) -> Post:
    """Thôi giữ chức danh từ sau ngày ``last_day``; the row stays, the rights end by themselves."""
    require(actor, "person", "edit")
    post = uow.session.get(Post, post_id, with_for_update=True)
    if post is None:
        raise NotFound
    if last_day < post.valid_from:
        refuse_if([Obstacle(N_("Until: earlier than the first day. Check both dates."), "valid_to")])
    post.valid_to = last_day
    events.record(
        uow, actor, "post.ended", "person", post.person_id, title=post.title, unit=post.unit.name, until=str(last_day)
    )
    return post


@operation()
def add_organisation(
    actor: Actor,
    name: str,
    *,
    kind: str,
    parent_id: int | None = None,
    ours: bool = False,
    abbreviation: str = "",
    category: str = "",
    email: str = "",
    address: str = "",
    codes: tuple[tuple[str, str], ...] = (),
    valid_from: date | None = None,
    uow: UnitOfWork,
) -> Organisation:
    """Thêm cơ quan, đơn vị, cá nhân; ``codes`` are pairs (scheme, code). Raises Forbidden, Refused."""
    require(actor, "organisation", "add")
    session = uow.session
    found = _organisation_obstacles(name)
    for scheme, code in codes:
        taken = session.scalar(
            select(OrganisationCode.id).where(
                OrganisationCode.scheme == scheme, OrganisationCode.code == code, OrganisationCode.valid_to.is_(None)
            )
        )
        if taken is not None:
            found.append(
                Obstacle(N_("Identifier code %(code)s: belongs to another organisation."), "codes", {"code": code})
            )
    refuse_if(found)
    start = valid_from or clock.today()
    organisation = Organisation(
        parent_id=parent_id,
        kind=kind,
        ours=ours,
        name=clean(name),
        sort_key=name_sort_key(name)[:300],
        abbreviation=clean(abbreviation),
        category=category,
        email=clean(email),
        address=clean(address),
        valid_from=start,
    )
    organisation.codes = [OrganisationCode(scheme=scheme, code=code, valid_from=start) for scheme, code in codes]
    session.add(organisation)
    session.flush()  # the event names the organisation's id
    events.record(uow, actor, "organisation.added", "organisation", organisation.id, name=organisation.name)
    return organisation


def _organisation_obstacles(name: Any) -> list[Obstacle]:
    if not clean(name):
        return [Obstacle(N_("%(label)s: missing. Enter it."), "name", {"label": N_("Name")}, code="missing")]
    if len(clean(name)) > 200:
        return [Obstacle(N_("Name: at most 200 characters."), "name")]
    return []
