"""Make an :class:`~app.actor.Actor` of an account: posts held today, and what their roles allow."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    User,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import ColumnElement, Select, String, and_, cast, literal, or_, select, union, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from app import clock
from app.actor import Actor, HeldPost, Principal
from app.models import Delegation, Person, Post, PostKindRole
from app.queries.parties import unit_path
from app.rules.lifecycle import permission_key
from app.vocabulary import DelegationKind, PostKind, Power, Via

_POWERS = {DelegationKind.ENTRY: Power.ENTRY, DelegationKind.SUBSTITUTION: Power.SUBSTITUTION}


def _on(day: date, start: InstrumentedAttribute[date], end: InstrumentedAttribute[date | None]) -> ColumnElement[bool]:
    return and_(start <= day, or_(end.is_(None), end >= day))


def posts_held(session: Session, person_id: int, day: date) -> tuple[HeldPost, ...]:
    """Posts the person holds on a day, own units before outside ones, oldest first."""
    return _posts_of(session, {person_id}, day).get(person_id, ())


def _posts_of(session: Session, person_ids: Collection[int], day: date) -> dict[int, tuple[HeldPost, ...]]:
    query = (
        select(Post)
        .where(Post.person_id.in_(person_ids), _on(day, Post.valid_from, Post.valid_to))
        .options(joinedload(Post.unit))
        .order_by(Post.id)
    )
    held: dict[int, list[HeldPost]] = {}
    for post in session.scalars(query):
        path = unit_path(session, post.unit_id) if post.unit.ours else (post.unit_id,)
        held.setdefault(post.person_id, []).append(
            HeldPost(post.id, PostKind(post.kind), post.title, post.unit_id, post.unit.name, path, ours=post.unit.ours)
        )
    return {person: tuple(sorted(posts, key=lambda post: not post.ours)) for person, posts in held.items()}


def role_ids(session: Session, user_id: int | None, posts: tuple[HeldPost, ...]) -> frozenset[int]:
    """Roles from posts held, from the account itself and from its groups."""
    queries = [select(PostKindRole.role_id).where(PostKindRole.post_kind.in_([post.kind for post in posts]))]
    if user_id is not None:
        queries += [
            select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id),
            select(assoc_group_role.c.role_id)
            .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
            .where(assoc_user_group.c.user_id == user_id),
        ]
    return frozenset(session.scalars(union(*queries)))


def actor_for(session: Session, user: User, via: Via, request_id: str = "") -> Actor:
    """The account's person as an actor, in the posts held today in Vietnam."""
    person = session.scalars(select(Person).where(Person.user_id == user.id)).one_or_none()
    posts = posts_held(session, person.id, clock.today()) if person else ()
    return Actor(
        user_id=user.id,
        person_id=person.id if person else None,
        name=person.full_name if person else user.username,
        posts=posts,
        permissions=frozenset().union(*_allowed_by(session, {user.id}, [posts]).values()),
        via=via,
        request_id=request_id,
    )


@dataclass(frozen=True)
class DelegationChoice:
    """A delegation that somebody may use today."""

    delegation_id: int
    kind: DelegationKind
    grantor_name: str
    authority: str


def delegations_for(session: Session, person_id: int | None) -> list[DelegationChoice]:
    """Delegations of entry and substitution given to a person and valid today (212/17.2)."""
    if person_id is None:
        return []
    query = _delegations(person_id).with_only_columns(Delegation, Person.full_name)
    return [
        DelegationChoice(row.id, DelegationKind(row.kind), name, row.authority) for row, name in session.execute(query)
    ]


def _delegations(person_id: int) -> Select[Delegation, Person]:
    return (
        select(Delegation, Person)
        .join(Person, Person.id == Delegation.grantor_id)
        .where(
            Delegation.grantee_id == person_id,
            Delegation.revoked_at.is_(None),
            Delegation.kind.in_(_POWERS),
            _on(clock.today(), Delegation.valid_from, Delegation.valid_to),
        )
        .order_by(Person.sort_key, Delegation.id)
    )


def powers_of(session: Session, actor: Actor) -> list[Actor]:
    """The actor once for each delegation of entry or substitution that lets them act for another today (212/17.2).

    The statements are as many for ten delegations as for one.
    """
    if actor.person_id is None:
        return []
    rows = session.execute(_delegations(actor.person_id)).all()
    if not rows:
        return []
    posts = _posts_of(session, {grantor.id for _, grantor in rows}, clock.today())
    allowed = _allowed_by(session, {grantor.user_id for _, grantor in rows}, posts.values())
    powers = []
    for row, grantor in rows:
        held = posts.get(grantor.id, ())
        if row.unit_id is not None:
            held = tuple(post for post in held if row.unit_id in post.unit_path)
        principal = Principal(
            person_id=grantor.id,
            name=grantor.full_name,
            posts=held,
            permissions=frozenset().union(
                allowed[("account", str(grantor.user_id))], *(allowed[("post", post.kind)] for post in held)
            ),
            delegation_id=row.id,
            moves=frozenset(row.moves) if row.moves is not None else None,
        )
        powers.append(actor.acting_for(principal, _POWERS[DelegationKind(row.kind)]))
    return powers


def _allowed_by(
    session: Session, user_ids: Collection[int | None], posts: Iterable[tuple[HeldPost, ...]]
) -> Mapping[tuple[str, str], set[str]]:
    """What each account by itself, and each kind of post, allows: (``account`` or ``post``, which) → permissions."""
    kinds = {post.kind for held in posts for post in held}
    accounts = {user_id for user_id in user_ids if user_id is not None}
    sources = union_all(
        select(
            literal("post").label("source"),
            PostKindRole.post_kind.label("which"),
            PostKindRole.role_id.label("role_id"),
        ).where(PostKindRole.post_kind.in_(kinds)),
        select(literal("account"), cast(assoc_user_role.c.user_id, String), assoc_user_role.c.role_id).where(
            assoc_user_role.c.user_id.in_(accounts)
        ),
        select(literal("account"), cast(assoc_user_group.c.user_id, String), assoc_group_role.c.role_id)
        .join(assoc_group_role, assoc_group_role.c.group_id == assoc_user_group.c.group_id)
        .where(assoc_user_group.c.user_id.in_(accounts)),
    ).subquery()
    query = (
        select(sources.c.source, sources.c.which, Permission.name, ViewMenu.name)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.role_id == sources.c.role_id)
        .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
    )
    allowed: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for source, which, name, noun in session.execute(query):
        allowed[(source, which)].add(permission_key(noun, name.removeprefix("can_")))
    return allowed


def acting_by(session: Session, actor: Actor, delegation_id: int) -> Actor | None:
    """The actor using one of the delegations given to them; ``None`` when there is no such delegation today."""
    for acting in powers_of(session, actor):
        if acting.on_behalf_of is not None and acting.on_behalf_of.delegation_id == delegation_id:
            return acting
    return None
