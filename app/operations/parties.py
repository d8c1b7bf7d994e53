"""People, posts, organisations (con người, chức danh, cơ quan): added and changed, each act on record."""

import re
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import NotFound, Obstacle, Stale, refuse_if
from app.models import Organisation, Person, Post
from app.operations import catalogue, events
from app.operations.accounts import mirror_person
from app.operations.base import STALE, operation, require
from app.operations.roles import hold_the_key, keep_the_key
from app.operations.unit_of_work import UnitOfWork
from app.queries import leavers
from app.rules.catalogues import CODE_FIELDS
from app.rules.text import clean, person_sort_key
from app.vocabulary import N_, PostKind

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@operation()
def add_person(actor: Actor, full_name: str, *, email: str = "", phone: str = "", uow: UnitOfWork) -> Person:
    """Thêm một người. Raises Forbidden, Refused."""
    require(actor, "person", "add")
    name = clean(full_name)
    refuse_if(_person_obstacles(name, clean(email), clean(phone)))
    person = Person(full_name=name, sort_key=person_sort_key(name), email=clean(email), phone=clean(phone))
    uow.session.add(person)
    uow.session.flush()  # the event names the person's id
    events.record(uow, actor, "person.added", "person", person.id, name=name)
    return person


@operation()
def change_person(
    actor: Actor,
    person_id: int,
    full_name: str,
    *,
    email: str = "",
    phone: str = "",
    expected_version: int | None = None,
    uow: UnitOfWork,
) -> Person:
    """Sửa thông tin một người; the account shows the same name. Raises Forbidden, NotFound, Refused, Stale."""
    require(actor, "person", "edit")
    person = uow.session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound
    _check_version(person, expected_version)
    name = clean(full_name)
    refuse_if(_person_obstacles(name, clean(email), clean(phone)))
    before = person.full_name
    person.full_name, person.sort_key = name, person_sort_key(name)
    person.email, person.phone = clean(email), clean(phone)
    mirror_person(uow.session, person)
    events.record(uow, actor, "person.changed", "person", person.id, before=before, name=name)
    return person


def _check_version(record: Person | Post, expected: int | None) -> None:
    if expected is not None and record.version != expected:
        raise Stale(STALE)


def _person_obstacles(name: str, email: str, phone: str) -> list[Obstacle]:
    found = []
    if not name:
        found.append(
            Obstacle(N_("%(label)s: missing. Enter it."), "full_name", {"label": N_("Full name")}, code="missing")
        )
    elif len(name) > 100:
        found.append(Obstacle(N_("Full name: at most 100 characters."), "full_name"))
    if email and (len(email) > 254 or not _EMAIL.fullmatch(email)):
        found.append(Obstacle(N_("E-mail: no address. Write it as name@hcm.gov.vn, or leave it empty."), "email"))
    if len(phone) > 30:
        found.append(Obstacle(N_("Telephone: at most 30 characters."), "phone"))
    return found


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
    """Giao chức danh: the person's rights follow from the posts held today (212/17.1).

    Raises Forbidden, NotFound, Refused with all obstacles.
    """
    require(actor, "person", "edit")
    session = uow.session
    person, unit = session.get(Person, person_id, with_for_update=True), session.get(Organisation, unit_id)
    if person is None or unit is None:
        raise NotFound
    start = valid_from or clock.today()
    found = []
    if not clean(title):
        label = {"label": N_("Title of the post")}
        found.append(Obstacle(N_("%(label)s: missing. Enter it."), "title", label, code="missing"))
    elif len(clean(title)) > 100:
        found.append(Obstacle(N_("Title of the post: at most 100 characters. Shorten it."), "title"))
    if valid_to is not None and valid_to < start:
        found.append(Obstacle(N_("Until: earlier than the first day. Check both dates."), "valid_to"))
    if (kind == PostKind.OUTSIDE) == unit.ours:
        found.append(
            Obstacle(N_("Kind of post: does not fit the unit. Outside posts belong to outside units."), "kind")
        )
    elif _held_then(session, person_id, unit_id, kind, start, valid_to):
        found.append(
            Obstacle(N_("Kind of post: this person holds it in this unit at that time already."), "kind", code="held")
        )
    refuse_if(found)
    post = Post(
        person_id=person_id, unit_id=unit_id, kind=kind, title=clean(title), valid_from=start, valid_to=valid_to
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
        since=str(start),
        until=str(valid_to) if valid_to else "",
    )
    return post


def _held_then(session: Session, person_id: int, unit_id: int, kind: PostKind, start: date, end: date | None) -> bool:
    query = select(Post.id).where(
        Post.person_id == person_id,
        Post.unit_id == unit_id,
        Post.kind == kind,
        or_(Post.valid_to.is_(None), Post.valid_to >= start),
    )
    if end is not None:
        query = query.where(Post.valid_from <= end)
    return session.scalar(query.limit(1)) is not None


@operation()
def end_post(
    actor: Actor, post_id: int, last_day: date, *, expected_version: int | None = None, uow: UnitOfWork
) -> Post:
    """Thôi giữ chức danh từ sau ngày ``last_day``; the row stays, the rights end by themselves.

    Somebody who may change roles must remain (212/17.1); with whom work or powers still lie, keeps a post in the
    Office, unless the head let the person go. Raises Forbidden, NotFound, Refused, Stale.
    """
    require(actor, "person", "edit")
    post = uow.session.get(Post, post_id, with_for_update=True, populate_existing=True)
    if post is None:
        raise NotFound
    _check_version(post, expected_version)
    today = clock.today()
    if last_day < post.valid_from:
        refuse_if([Obstacle(N_("Until: earlier than the first day. Check both dates."), "valid_to")])
    if post.valid_to is not None and post.valid_to < today:
        refuse_if([Obstacle(N_("This post has ended already; what it allowed then is history."), "valid_to")])
    if post.unit.ours and leavers.has_left_after(uow.session, post.person_id, last_day, but=post.id):
        refuse_if(leavers.obstacles(uow.session, post.person_id))
    day = max(today, last_day + timedelta(days=1))
    holders = hold_the_key(uow, day)
    post.valid_to = last_day
    keep_the_key(uow, actor, holders, day)
    events.record(
        uow, actor, "post.ended", "person", post.person_id, title=post.title, unit=post.unit.name, until=str(last_day)
    )
    return post


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
) -> Organisation:
    """Thêm cơ quan, đơn vị, cá nhân: the catalogue's own act with plain arguments; ``codes`` are (scheme, code).

    Raises Forbidden, Refused.
    """
    given = dict(codes)
    values = {
        "name": name,
        "kind": kind,
        "parent": {"id": parent_id, "name": ""} if parent_id is not None else None,
        "ours": "yes" if ours else "no",
        "abbreviation": abbreviation,
        "category": category,
        "email": email,
        "address": address,
        "valid_from": valid_from or clock.today(),
        **{field: given.get(scheme, "") for field, scheme in CODE_FIELDS.items()},
    }
    return catalogue.save(actor, "organisation", None, values)
