"""Make an :class:`~app.actor.Actor` of an account: posts held today, and what their roles allow."""

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
from sqlalchemy import ColumnElement, and_, or_, select, union
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
    query = (
        select(Post)
        .where(Post.person_id == person_id, _on(day, Post.valid_from, Post.valid_to))
        .options(joinedload(Post.unit))
        .order_by(Post.id)
    )
    held = [
        HeldPost(
            post.id,
            PostKind(post.kind),
            post.title,
            post.unit_id,
            post.unit.name,
            unit_path(session, post.unit_id) if post.unit.ours else (post.unit_id,),
            post.unit.ours,
        )
        for post in session.scalars(query)
    ]
    return tuple(sorted(held, key=lambda post: not post.ours))


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


def permissions_of(session: Session, roles: frozenset[int]) -> frozenset[str]:
    """What a set of roles allows, spelled ``"<verb> <noun>"``."""
    query = (
        select(Permission.name, ViewMenu.name)
        .select_from(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
        .where(assoc_permissionview_role.c.role_id.in_(roles))
    )
    return frozenset(permission_key(noun, name.removeprefix("can_")) for name, noun in session.execute(query))


def actor_for(session: Session, user: User, via: Via, request_id: str = "") -> Actor:
    """The account's person as an actor, in the posts held today in Vietnam."""
    person = session.scalars(select(Person).where(Person.user_id == user.id)).one_or_none()
    posts = posts_held(session, person.id, clock.today()) if person else ()
    return Actor(
        user_id=user.id,
        person_id=person.id if person else None,
        name=person.full_name if person else user.username,
        posts=posts,
        permissions=permissions_of(session, role_ids(session, user.id, posts)),
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
    query = (
        select(Delegation, Person.full_name)
        .join(Person, Person.id == Delegation.grantor_id)
        .where(
            Delegation.grantee_id == person_id,
            Delegation.revoked_at.is_(None),
            Delegation.kind.in_(_POWERS),
            _on(clock.today(), Delegation.valid_from, Delegation.valid_to),
        )
        .order_by(Person.sort_key, Delegation.id)
    )
    return [
        DelegationChoice(row.id, DelegationKind(row.kind), name, row.authority) for row, name in session.execute(query)
    ]


def acting_by(session: Session, actor: Actor, delegation_id: int) -> Actor | None:
    """The actor using one of the delegations given to them; ``None`` when there is no such delegation today."""
    if delegation_id not in {choice.delegation_id for choice in delegations_for(session, actor.person_id)}:
        return None
    row = session.get_one(Delegation, delegation_id)
    grantor = session.get_one(Person, row.grantor_id)
    posts = posts_held(session, grantor.id, clock.today())
    if row.unit_id is not None:
        posts = tuple(post for post in posts if row.unit_id in post.unit_path)
    principal = Principal(
        person_id=grantor.id,
        name=grantor.full_name,
        posts=posts,
        permissions=permissions_of(session, role_ids(session, grantor.user_id, posts)),
        delegation_id=row.id,
        moves=frozenset(row.moves) if row.moves is not None else None,
    )
    return actor.acting_for(principal, _POWERS[DelegationKind(row.kind)])
