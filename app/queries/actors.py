"""Make an :class:`~app.actor.Actor` of an account: posts held today, and what their roles allow."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

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
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from app import clock
from app.actor import Actor, HeldPost, Principal
from app.models import Account, Delegation, Organisation, Person, Post, PostKindRole
from app.queries.parties import unit_path
from app.rules.lifecycle import permission_key
from app.vocabulary import DelegationKind, PostKind, Power, Via

_HIGHEST = 50
"""So many units are climbed at most, so that a circle of units ends."""
_POWERS = {DelegationKind.ENTRY: Power.ENTRY, DelegationKind.SUBSTITUTION: Power.SUBSTITUTION}


def _on(day: Any, start: InstrumentedAttribute[date], end: InstrumentedAttribute[date | None]) -> ColumnElement[bool]:
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


def _rights_of() -> Select[Any]:
    """Everything that an account may do, in one row, for the bind parameters ``user_id`` and ``today``: every request
    asks for it anew, so that a right withdrawn does not survive even one of them."""
    user_id, today = bindparam("user_id", type_=Integer), bindparam("today", type_=Date)
    held = (
        select(Post.id, Post.kind, Post.title, Post.unit_id, Organisation.name, Organisation.ours)
        .join(Person, and_(Person.id == Post.person_id, Person.user_id == user_id))
        .join(Organisation, Organisation.id == Post.unit_id)
        .where(_on(today, Post.valid_from, Post.valid_to))
        .cte("held")
    )
    climbed = (
        select(
            held.c.id.label("post_id"), Organisation.id.label("unit_id"), Organisation.parent_id, literal(0).label("at")
        )
        .join(Organisation, Organisation.id == held.c.unit_id)
        .cte("climbed", recursive=True)
    )
    above = aliased(Organisation)
    climbed = climbed.union_all(
        select(climbed.c.post_id, climbed.c.parent_id, above.parent_id, climbed.c.at + 1)
        .outerjoin(above, and_(above.id == climbed.c.parent_id, above.ours))
        .where(climbed.c.parent_id.is_not(None), climbed.c.at < _HIGHEST)
    )
    path = select(func.array_agg(aggregate_order_by(climbed.c.unit_id, climbed.c.at)))
    posts = select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    held.c.id,
                    held.c.kind,
                    held.c.title,
                    held.c.unit_id,
                    held.c.name,
                    held.c.ours,
                    path.where(climbed.c.post_id == held.c.id).scalar_subquery(),
                ),
                held.c.ours.desc(),
                held.c.id,
            )
        )
    )
    roles = union(
        select(PostKindRole.role_id).where(PostKindRole.post_kind.in_(select(held.c.kind))),
        select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id),
        select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == user_id),
    ).subquery()
    granted = (
        select(func.array_agg(func.distinct(Permission.name + " " + ViewMenu.name)))
        .select_from(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(
            PermissionView.id.in_(
                select(assoc_permissionview_role.c.permission_view_id).join(
                    roles, roles.c.role_id == assoc_permissionview_role.c.role_id
                )
            )
        )
    )
    return (
        select(
            Person.id.label("person_id"),
            Person.full_name,
            posts.scalar_subquery().label("posts"),
            granted.scalar_subquery().label("granted"),
        )
        .select_from(User)
        .outerjoin(Person, Person.user_id == User.id)
        .where(User.id == user_id)
    )


_RIGHTS = _rights_of()


_SIGNED_IN = (
    select(User, Account)
    .outerjoin(Account, Account.user_id == User.id)
    .where(User.id == bindparam("user_id", type_=Integer))
)


def signed_in(session: Session, user_id: int) -> tuple[User | None, Account | None]:
    """The user and the state of the account, as every request asks for both."""
    found = session.execute(_SIGNED_IN, {"user_id": user_id}).one_or_none()
    return (found.User, found.Account) if found is not None else (None, None)


def actor_for(session: Session, user: User, via: Via, request_id: str = "") -> Actor:
    """The account's person as an actor, in the posts held today in Vietnam, with what all their roles allow."""
    found = session.execute(_RIGHTS, {"user_id": user.id, "today": clock.today()}).one()
    return Actor(
        user_id=user.id,
        person_id=found.person_id,
        name=user.username if found.person_id is None else found.full_name,
        posts=tuple(
            HeldPost(
                post_id,
                PostKind(kind),
                title,
                unit_id,
                unit_name,
                tuple(path) if ours else (unit_id,),
                ours=ours,
            )
            for post_id, kind, title, unit_id, unit_name, ours, path in found.posts or ()
        ),
        permissions=frozenset(_spelt(each) for each in found.granted or ()),
        via=via,
        request_id=request_id,
    )


@cache
def _spelt(granted: str) -> str:
    """A permission as an actor has it, of Flask-AppBuilder's name and noun; there are some hundreds of them."""
    name, _, noun = granted.partition(" ")
    return permission_key(noun, name.removeprefix("can_"))


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
        .outerjoin(User, User.id == Person.user_id)
        .where(
            Delegation.grantee_id == person_id,
            Delegation.revoked_at.is_(None),
            or_(User.id.is_(None), User.active.is_(True)),  # nobody acts for somebody whose account is closed
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
            type_ids=frozenset(row.type_ids) if row.type_ids is not None else None,
            one_unit=row.unit_id is not None,
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
