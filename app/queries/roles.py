"""Roles and who has them, read: what a role allows, where a right comes from, what a change would do."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    User,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import Subquery, or_, select, union
from sqlalchemy.orm import Session

from app.models import Person, Post, PostKindRole
from app.vocabulary import PostKind

Pair = tuple[str, str]
"""(noun, verb)"""
KEY: Pair = ("role", "edit")
"""The right that decides over all others."""


def permission_rows(session: Session) -> dict[Pair, PermissionView]:
    """All permissions that the program knows in this database, by (noun, verb)."""
    query = (
        select(PermissionView, ViewMenu.name, Permission.name)
        .join(PermissionView.view_menu)
        .join(PermissionView.permission)
    )
    return {(noun, name.removeprefix("can_")): row for row, noun, name in session.execute(query)}


def grants(session: Session) -> dict[int, frozenset[Pair]]:
    """What each role allows, by the role's id; roles without permissions have an empty set."""
    query = (
        select(assoc_permissionview_role.c.role_id, ViewMenu.name, Permission.name)
        .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
    )
    found: dict[int, set[Pair]] = {role_id: set() for role_id in session.scalars(select(Role.id))}
    for role_id, noun, name in session.execute(query):
        found[role_id].add((noun, name.removeprefix("can_")))
    return {role_id: frozenset(pairs) for role_id, pairs in found.items()}


def role_names(session: Session) -> dict[int, str]:
    """Names of all roles by id, in the order of their making."""
    return {row.id: row.name for row in session.execute(select(Role.id, Role.name).order_by(Role.id))}


def roles_of_kinds(session: Session) -> dict[str, frozenset[int]]:
    """Roles that each kind of post brings; kinds that bring none are there too."""
    found: dict[str, set[int]] = {kind: set() for kind in PostKind}
    for kind, role_id in session.execute(select(PostKindRole.post_kind, PostKindRole.role_id)):
        found[kind].add(role_id)
    return {kind: frozenset(ids) for kind, ids in found.items()}


@dataclass(frozen=True)
class Holder:
    """A person with what brings roles on a day: kinds of posts held, and roles of the account itself."""

    person_id: int
    name: str
    kinds: frozenset[str]
    own_roles: frozenset[int]
    has_account: bool


def _roles_of_accounts() -> Subquery:
    return union(
        select(assoc_user_role.c.user_id, assoc_user_role.c.role_id),
        select(assoc_user_group.c.user_id, assoc_group_role.c.role_id).join(
            assoc_group_role, assoc_group_role.c.group_id == assoc_user_group.c.group_id
        ),
    ).subquery()


def holders(session: Session, day: date) -> list[Holder]:
    """Everybody who holds a post on a day or has a role by the account, in Vietnamese order of names."""
    kinds: dict[int, set[str]] = defaultdict(set)
    query = select(Post.person_id, Post.kind).where(
        Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day)
    )
    for person_id, kind in session.execute(query):
        kinds[person_id].add(kind)
    own: dict[int, set[int]] = defaultdict(set)
    by_account = _roles_of_accounts()
    for user_id, role_id in session.execute(select(by_account)):
        own[user_id].add(role_id)
    people = select(Person.id, Person.full_name, Person.user_id).order_by(Person.sort_key, Person.id)
    return [
        Holder(
            row.id,
            row.full_name,
            frozenset(kinds.get(row.id, ())),
            frozenset(own.get(row.user_id, ())),
            row.user_id is not None,
        )
        for row in session.execute(people)
        if row.id in kinds or row.user_id in own
    ]


def roles_of(holder: Holder, of_kinds: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """All roles of a holder, given what kinds of posts bring."""
    return holder.own_roles.union(*(of_kinds.get(kind, frozenset()) for kind in holder.kinds))


@dataclass(frozen=True)
class Impact:
    """What a change does to a number of people alike: what they gain, what they lose."""

    gained: frozenset[Pair]
    lost: frozenset[Pair]
    people: tuple[Holder, ...]


def impact(
    session: Session,
    day: date,
    *,
    grants_after: Mapping[int, frozenset[Pair]] | None = None,
    kinds_after: Mapping[str, frozenset[int]] | None = None,
) -> list[Impact]:
    """Who would gain and lose what if roles allowed ``grants_after`` and posts brought ``kinds_after``.

    Only what really changes for a person counts: a right that another role gives as well is not lost.
    """
    grants_now, kinds_now = grants(session), roles_of_kinds(session)
    grants_then = {**grants_now, **(grants_after or {})}
    kinds_then = {**kinds_now, **(kinds_after or {})}
    alike: dict[tuple[frozenset[Pair], frozenset[Pair]], list[Holder]] = defaultdict(list)
    for holder in holders(session, day):
        now = _allowed(roles_of(holder, kinds_now), grants_now)
        then = _allowed(roles_of(holder, kinds_then), grants_then)
        if now != then:
            alike[(then - now, now - then)].append(holder)
    return [Impact(gained, lost, tuple(people)) for (gained, lost), people in alike.items()]


def _allowed(roles: frozenset[int], of_roles: Mapping[int, frozenset[Pair]]) -> frozenset[Pair]:
    return frozenset().union(*(of_roles.get(role_id, frozenset()) for role_id in roles))


def roles_of_account(session: Session, user_id: int | None) -> frozenset[int]:
    """Roles that an account has by itself or by its groups, beside those of posts."""
    if user_id is None:
        return frozenset()
    by_account = _roles_of_accounts()
    return frozenset(session.scalars(select(by_account.c.role_id).where(by_account.c.user_id == user_id)))


def key_holders(session: Session, day: date) -> frozenset[int]:
    """Accounts that may change roles on a day: active, by posts held then or by roles of the account."""
    keyed = (
        select(assoc_permissionview_role.c.role_id)
        .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .where(ViewMenu.name == KEY[0], Permission.name == f"can_{KEY[1]}")
    )
    by_post = (
        select(Person.user_id)
        .join(Post, Post.person_id == Person.id)
        .join(PostKindRole, PostKindRole.post_kind == Post.kind)
        .where(
            Post.valid_from <= day,
            or_(Post.valid_to.is_(None), Post.valid_to >= day),
            PostKindRole.role_id.in_(keyed),
        )
    )
    accounts = _roles_of_accounts()
    by_account = select(accounts.c.user_id).where(accounts.c.role_id.in_(keyed))
    query = select(User.id).where(User.active, or_(User.id.in_(by_post), User.id.in_(by_account)))
    return frozenset(session.scalars(query))
