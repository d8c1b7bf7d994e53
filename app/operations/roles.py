"""Roles (vai trò) and permission rows: what a new version brings, and what the IT centre edits."""

from collections.abc import Iterable

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound, Obstacle, Refused
from app.models import PostKindRole
from app.operations import events
from app.operations.base import operation, require
from app.operations.unit_of_work import UnitOfWork
from app.rules import permissions as rules
from app.rules.lifecycle import permission_key
from app.vocabulary import N_

Pair = tuple[str, str]
"""(noun, verb)"""


def permission_rows(session: Session) -> dict[Pair, PermissionView]:
    """All permissions that the program knows in this database, by (noun, verb)."""
    query = (
        select(PermissionView, ViewMenu.name, Permission.name)
        .join(PermissionView.view_menu)
        .join(PermissionView.permission)
    )
    return {(noun, name.removeprefix("can_")): row for row, noun, name in session.execute(query)}


@operation()
def sync(actor: Actor, known: Iterable[Pair], *, uow: UnitOfWork) -> dict[str, list[str]]:
    """Add permissions, roles and grants that this version brings; never take away or overwrite an edit.

    ``known``: every (noun, verb) of moves and screens. A role gets its starting grants when it is new, and a
    permission that is new is granted to the roles that start with it. Returns what was added, and what roles
    hold beside or below their start (for ``flask records sync-roles`` to show).
    """
    session = uow.session
    added: dict[str, list[str]] = {"permissions": [], "roles": [], "grants": [], "edited": []}
    rows = permission_rows(session)
    fresh: set[Pair] = set()
    for noun, verb in sorted(set(known)):
        if (noun, verb) not in rows:
            rows[(noun, verb)] = _make_permission(session, noun, verb)
            fresh.add((noun, verb))
            added["permissions"].append(permission_key(noun, verb))
    roles = {role.name: role for role in session.scalars(select(Role))}
    for name, grants in rules.STARTING_ROLES.items():
        role = roles.get(name)
        new_role = role is None
        if role is None:
            role = Role(name=name)
            session.add(role)
            added["roles"].append(name)
        held = set(role.permissions)
        for pair in sorted(grants):
            row = rows.get(pair)
            if row is not None and row not in held and (new_role or pair in fresh):
                role.permissions.append(row)
                added["grants"].append(f"{name}: {permission_key(*pair)}")
            elif row is not None and row not in held:
                added["edited"].append(f"{name}: - {permission_key(*pair)}")
        by_row = {row: pair for pair, row in rows.items()}
        added["edited"] += [f"{name}: + {permission_key(*by_row[r])}" for r in held if by_row.get(r) not in grants]
        roles[name] = role
    session.flush()  # the posts' roles need the ids
    if session.scalar(select(PostKindRole.id).limit(1)) is None:
        session.add_all(
            PostKindRole(post_kind=kind, role_id=roles[name].id) for kind, name in rules.ROLES_OF_POSTS.items()
        )
    if any(added[key] for key in ("permissions", "roles", "grants")):
        events.record(uow, actor, "role.synchronised", "role", "", **{k: len(v) for k, v in added.items()})
    return added


def _make_permission(session: Session, noun: str, verb: str) -> PermissionView:
    permission = session.scalars(select(Permission).where(Permission.name == f"can_{verb}")).one_or_none()
    if permission is None:
        permission = Permission(name=f"can_{verb}")
    view = session.scalars(select(ViewMenu).where(ViewMenu.name == noun)).one_or_none()
    if view is None:
        view = ViewMenu(name=noun)
    row = PermissionView(permission=permission, view_menu=view)
    session.add(row)
    session.flush()  # the next pair may share permission or view
    return row


@operation()
def set_grants(actor: Actor, role_id: int, granted: Iterable[Pair], *, uow: UnitOfWork) -> Role:
    """Đặt quyền của một vai trò: give a role exactly these permissions (212/17.1).

    The last role that may change roles cannot lose that right. Raises Forbidden, NotFound, Refused.
    """
    require(actor, "role", "edit")
    session = uow.session
    role = session.get(Role, role_id, with_for_update=True)
    if role is None:
        raise NotFound
    rows = permission_rows(session)
    wanted = {pair for pair in granted if pair in rows}
    mine = {pair for pair, row in rows.items() if row in role.permissions}
    _keep_a_key(session, role, wanted, rows)
    for pair in mine - wanted:
        role.permissions.remove(rows[pair])
    for pair in wanted - mine:
        role.permissions.append(rows[pair])
    if mine != wanted:
        events.record(
            uow,
            actor,
            "role.changed",
            "role",
            role.id,
            role=role.name,
            added=sorted(permission_key(*p) for p in wanted - mine),
            removed=sorted(permission_key(*p) for p in mine - wanted),
        )
    return role


def _keep_a_key(session: Session, role: Role, wanted: set[Pair], rows: dict[Pair, PermissionView]) -> None:
    key = rows.get(("role", "edit"))
    if key is None or ("role", "edit") in wanted or key not in role.permissions:
        return
    brought = set(session.scalars(select(PostKindRole.role_id)))
    others = session.scalars(select(Role).where(Role.id != role.id, Role.permissions.any(PermissionView.id == key.id)))
    if not any(other.id in brought for other in others):
        raise Refused(Obstacle(N_("Nobody could change roles any more. Give the right to another role first.")))


@operation()
def set_roles_of_post(actor: Actor, post_kind: str, role_ids: Iterable[int], *, uow: UnitOfWork) -> None:
    """Đặt vai trò mà một loại chức danh mang lại (212/17.1, Circular 01/2019: rights follow the position)."""
    require(actor, "role", "edit")
    session = uow.session
    wanted = set(role_ids)
    rows = {
        row.role_id: row for row in session.scalars(select(PostKindRole).where(PostKindRole.post_kind == post_kind))
    }
    for role_id in rows.keys() - wanted:
        session.delete(rows[role_id])
    session.add_all(PostKindRole(post_kind=post_kind, role_id=role_id) for role_id in wanted - rows.keys())
    if wanted != rows.keys():
        events.record(uow, actor, "role.of_post_changed", "role", post_kind, before=sorted(rows), after=sorted(wanted))
