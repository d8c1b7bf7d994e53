"""People, their posts, accounts and delegations as the IT centre sees them, read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from app import clock
from app.errors import NotFound
from app.models import Account, Delegation, Event, Organisation, Person, Post
from app.queries import listing
from app.queries.listing import Key, ListQuery, Page, Sort
from app.queries.matching import word_beginnings
from app.queries.parties import own_units
from app.vocabulary import N_

SIGNED_IN = "account.signed_in"


def held_on(day: date) -> ColumnElement[bool]:
    """Whether a post is held on a day."""
    return and_(Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day))


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────


def people(
    session: Session, typed: str, *, kind: str = "", unit_id: int | None = None, after: str = "", before: str = ""
) -> Page:
    """People by name or user name, in Vietnamese order; ``kind`` and ``unit_id`` look at posts held today.

    ``unit_id`` takes in the units below it. Rows are people, posts and account loaded.
    """
    query = select(Person).outerjoin(Person.user).options(contains_eager(Person.user))
    query = query.options(selectinload(Person.posts).joinedload(Post.unit))
    if typed.strip():
        words = word_beginnings(func.vi_fold(Person.full_name), typed)
        query = query.where(or_(and_(*words), func.lower(User.username) == typed.strip().lower()))
    if kind or unit_id is not None:
        held = select(Post.person_id).where(held_on(clock.today()))
        if kind:
            held = held.where(Post.kind == kind)
        if unit_id is not None:
            held = held.where(Post.unit_id.in_(units_below(session, unit_id)))
        query = query.where(Person.id.in_(held))
    by_name = Sort("name", N_("Name"), (Key(Person.sort_key, lambda row: row.sort_key, str),))
    by_id = Key(Person.id, lambda row: row.id, int)
    return listing.page(session, query, _place(after, before), by_id=by_id, sorts=[by_name])


def _place(after: str, before: str) -> ListQuery:
    return ListQuery(descending=False, after=after, before=before)


def units_below(session: Session, unit_id: int) -> list[int]:
    """Ids of an own unit and of all units below it."""
    children: dict[int | None, list[int]] = {}
    for each, (parent, _name) in own_units(session).items():
        children.setdefault(parent, []).append(each)
    found, waiting = [], [unit_id]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.append(each)
            waiting += children.get(each, [])
    return found


def unit_tree(session: Session) -> list[tuple[int, str, int]]:
    """Own units that exist today as (id, name, depth), each below the one it belongs to."""
    query = select(Organisation).where(
        Organisation.ours, or_(Organisation.valid_to.is_(None), Organisation.valid_to >= clock.today())
    )
    units = {o.id: o for o in session.scalars(query)}
    children: dict[int | None, list[Organisation]] = {}
    for unit in units.values():
        children.setdefault(unit.parent_id if unit.parent_id in units else None, []).append(unit)
    rows: list[tuple[int, str, int]] = []

    def add(parent: int | None, depth: int) -> None:
        for unit in sorted(children.get(parent, []), key=lambda o: o.sort_key):
            rows.append((unit.id, unit.name, depth))
            add(unit.id, depth + 1)

    add(None, 0)
    return rows


def person(session: Session, person_id: int) -> Person:
    """A person with posts, units and account. Raises NotFound."""
    query = (
        select(Person)
        .where(Person.id == person_id)
        .options(joinedload(Person.user), selectinload(Person.posts).joinedload(Post.unit))
    )
    found = session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def post_of(session: Session, person_id: int, post_id: int) -> Post:
    """A post of this very person. Raises NotFound."""
    post = session.get(Post, post_id)
    if post is None or post.person_id != person_id:
        raise NotFound
    return post


@dataclass(frozen=True)
class Suggestion:
    """A person offered while somebody types a name."""

    id: int
    name: str
    hint: str


def find_people(session: Session, typed: str, limit: int = 12) -> list[Suggestion]:
    """People whose name holds every typed word, with the posts they hold today to tell namesakes apart."""
    query = (
        select(Person)
        .where(*word_beginnings(func.vi_fold(Person.full_name), typed))
        .options(selectinload(Person.posts).joinedload(Post.unit))
        .order_by(Person.sort_key, Person.id)
        .limit(limit)
    )
    today = clock.today()
    return [
        Suggestion(
            each.id,
            each.full_name,
            "; ".join(
                str(p) for p in each.posts if p.valid_from <= today and (p.valid_to is None or p.valid_to >= today)
            ),
        )
        for each in session.scalars(query)
    ]


def people_named(session: Session, name: str) -> list[int]:
    """Ids of the people of exactly this name, letter case aside."""
    query = select(Person.id).where(func.lower(Person.full_name) == name.lower()).limit(2)
    return list(session.scalars(query))


def person_of_account(session: Session, user_id: int) -> Person | None:
    """Whose account it is."""
    return session.scalars(select(Person).where(Person.user_id == user_id)).one_or_none()


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class AccountRow:
    """One account in the list, with the last sign-in that the trail of acts knows."""

    account: Account
    person: Person | None
    signed_in_at: datetime | None


def _last_sign_in() -> Any:
    return (
        select(Event.at)
        .where(
            Event.subject_type == "account",
            Event.subject_id == cast(Account.user_id, String),
            Event.tag == SIGNED_IN,
        )
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )


def accounts(session: Session, typed: str, *, state: str = "", after: str = "", before: str = "") -> Page:
    """Accounts in Vietnamese order of their people; rows are :class:`AccountRow`.

    ``state``: ``active``, ``locked``, ``disabled``, ``assigned`` (password given by an administrator) or all.
    """
    order = func.coalesce(Person.sort_key, User.username, type_=String)
    query = (
        select(Account, Person, _last_sign_in())
        .join(Account.user)
        .outerjoin(Person, Person.user_id == Account.user_id)
        .options(contains_eager(Account.user), selectinload(Person.posts))
    )
    if typed.strip():
        words = and_(*word_beginnings(func.vi_fold(func.coalesce(Person.full_name, "")), typed))
        query = query.where(or_(words, func.lower(User.username).startswith(typed.strip().lower(), autoescape=True)))
    conditions = {
        "active": and_(User.active, or_(Account.locked_until.is_(None), Account.locked_until <= clock.now())),
        "locked": _locked(),
        "disabled": ~User.active,
        "assigned": and_(User.active, Account.password_origin == "assigned"),  # noqa: S105 - where it came from
    }
    if state in conditions:
        query = query.where(conditions[state])
    by_name = Sort(
        "name", N_("Name"), (Key(order, lambda row: row[1].sort_key if row[1] else row[0].user.username, str),)
    )
    by_id = Key(Account.user_id, lambda row: row[0].user_id, int)
    page = listing.page(session, query, _place(after, before), by_id=by_id, sorts=[by_name])
    return replace(page, rows=[AccountRow(*row) for row in page.rows])


def _locked() -> ColumnElement[bool]:
    return and_(User.active, Account.locked_until.is_not(None), Account.locked_until > clock.now())


def locked_accounts() -> Select[Any]:
    """Accounts that are locked now after wrong passwords: what the list of accounts shows as locked."""
    return select(Account).join(Account.user).where(_locked())


def account(session: Session, user_id: int) -> AccountRow:
    """One account. Raises NotFound."""
    query = (
        select(Account, Person, _last_sign_in())
        .join(Account.user)
        .outerjoin(Person, Person.user_id == Account.user_id)
        .where(Account.user_id == user_id)
        .options(contains_eager(Account.user))
    )
    row = session.execute(query).unique().one_or_none()
    if row is None:
        raise NotFound
    return AccountRow(*row)


# ── delegations ──────────────────────────────────────────────────────────────────────────────────────────────────

IN_FORCE, TO_COME, ENDED, REVOKED = "in_force", "to_come", "ended", "revoked"
WITHOUT_PAPER = "without_paper"
"""Filter of the list: what holds, or will, and whose written authority is not attached yet."""


def delegation_state(row: Delegation, today: date) -> str:
    """How a delegation stands on a day: in force, to come, ended, revoked."""
    if row.revoked_at is not None:
        return REVOKED
    if row.valid_from > today:
        return TO_COME
    if row.valid_to is not None and row.valid_to < today:
        return ENDED
    return IN_FORCE


def delegations(session: Session, typed: str, *, state: str = "", after: str = "", before: str = "") -> Page:
    """Delegations, those given last first; by the names of both people."""
    today = clock.today()
    grantor, grantee = aliased(Person), aliased(Person)
    query = (
        select(Delegation)
        .join(grantor, grantor.id == Delegation.grantor_id)
        .join(grantee, grantee.id == Delegation.grantee_id)
        .options(
            contains_eager(Delegation.grantor.of_type(grantor)), contains_eager(Delegation.grantee.of_type(grantee))
        )
    )
    if typed.strip():
        names = [word_beginnings(func.vi_fold(person.full_name), typed) for person in (grantor, grantee)]
        query = query.where(or_(*(and_(*words) for words in names)))
    open_ended = or_(Delegation.valid_to.is_(None), Delegation.valid_to >= today)
    conditions = {
        IN_FORCE: and_(Delegation.revoked_at.is_(None), Delegation.valid_from <= today, open_ended),
        TO_COME: and_(Delegation.revoked_at.is_(None), Delegation.valid_from > today),
        ENDED: and_(Delegation.revoked_at.is_(None), Delegation.valid_to < today),
        REVOKED: Delegation.revoked_at.is_not(None),
        WITHOUT_PAPER: and_(Delegation.revoked_at.is_(None), open_ended, Delegation.paper_id.is_(None)),
    }
    if state in conditions:
        query = query.where(conditions[state])
    by_id = Key(Delegation.id, lambda row: row.id, int)
    given_last = ListQuery(after=after, before=before)
    return listing.page(session, query, given_last, by_id=by_id, sorts=[Sort("given", N_("Given"), ())])


def delegation(session: Session, delegation_id: int) -> Delegation:
    """One delegation with its people. Raises NotFound."""
    row = session.get(Delegation, delegation_id)
    if row is None:
        raise NotFound
    return row


def delegations_of(session: Session, person_id: int) -> list[Delegation]:
    """Delegations that a person gave or received, the newest first."""
    query = (
        select(Delegation)
        .where(or_(Delegation.grantor_id == person_id, Delegation.grantee_id == person_id))
        .options(joinedload(Delegation.grantor), joinedload(Delegation.grantee))
        .order_by(Delegation.id.desc())
        .limit(50)
    )
    return list(session.scalars(query))


# ── trail of administration ──────────────────────────────────────────────────────────────────────────────────────


def acts_on(session: Session, subject_type: str, subject_ids: Sequence[str], limit: int = 50) -> list[Event]:
    """The last acts on a person, account, role, delegation or setting, the newest first (212/16.4.a)."""
    query = (
        select(Event)
        .where(Event.subject_type == subject_type, Event.subject_id.in_(subject_ids))
        .order_by(Event.at.desc(), Event.id.desc())
    )
    return list(session.scalars(query.limit(limit)))
