"""Roles (vai trò) and permission rows: what a new version brings, and what the IT centre edits."""

from collections.abc import Iterable, Mapping
from datetime import date

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import NotFound, Obstacle, Refused, Stale, refuse_if
from app.models import Event, PostKindRole
from app.operations import events
from app.operations.base import STALE, operation, require
from app.operations.unit_of_work import UnitOfWork
from app.queries.roles import Pair, key_holders, permission_rows, role_names, roles_of_kinds
from app.rules import permissions as rules
from app.rules.lifecycle import permission_key
from app.rules.text import clean
from app.vocabulary import N_, PostKind

OF_POST_CHANGED = "role.of_post_changed"
_KEY_LOCK = 212_17_1
"""Number of the database's lock under which the holders of the right to change roles may be altered."""


@operation()
def sync(actor: Actor, known: Iterable[Pair], *, uow: UnitOfWork) -> dict[str, list[str]]:
    """Add permissions, roles and grants that this version brings; never take away or overwrite an edit.

    ``known``: every (noun, verb) of moves and screens. A role gets its starting grants when it is new, and a
    permission that is new is granted to the roles that start with it; a kind of
    post that has no role and was never edited gets its starting role. Returns what was added, and what roles
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
    served = set(session.scalars(select(PostKindRole.post_kind)))
    edited = set(session.scalars(select(Event.subject_id).where(Event.tag == OF_POST_CHANGED)))
    session.add_all(
        PostKindRole(post_kind=kind, role_id=roles[name].id)
        for kind, name in rules.ROLES_OF_POSTS.items()
        if kind not in served and kind not in edited
    )
    if any(added[key] for key in ("permissions", "roles", "grants")):
        events.record(
            uow, actor, "role.synchronised", "role", "", counts={kind: len(lines) for kind, lines in added.items()}
        )
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
def add_role(actor: Actor, name: str, *, uow: UnitOfWork) -> Role:
    """Thêm vai trò, without any permission yet. Raises Forbidden, Refused."""
    require(actor, "role", "add")
    session = uow.session
    label = clean(name)
    found = []
    if not label:
        found.append(
            Obstacle(N_("%(label)s: missing. Enter it."), "name", {"label": N_("Name of the role")}, code="missing")
        )
    elif len(label) > 64:
        found.append(Obstacle(N_("Name of the role: at most 64 characters. Shorten it."), "name"))
    elif session.scalar(select(Role.id).where(func.lower(Role.name) == label.lower())) is not None:
        found.append(Obstacle(N_("Name of the role: already taken. Choose another."), "name"))
    refuse_if(found)
    role = Role(name=label)
    session.add(role)
    session.flush()  # the event names the role's id
    events.record(uow, actor, "role.added", "role", role.id, role=label)
    return role


@operation()
def set_grants(
    actor: Actor, role_id: int, granted: Iterable[Pair], *, seen: Iterable[Pair] | None = None, uow: UnitOfWork
) -> Role:
    """Đặt quyền của một vai trò: give a role exactly these permissions (212/17.1).

    ``seen``: what the role held when the actor looked; Stale if it changed since. Nobody takes the right to
    change roles from themselves or from the last who has it. Raises Forbidden, NotFound, Refused, Stale.
    """
    require(actor, "role", "edit")
    session = uow.session
    role = session.get(Role, role_id, with_for_update=True, populate_existing=True)
    if role is None:
        raise NotFound
    rows = permission_rows(session)
    wanted = {pair for pair in granted if pair in rows}
    mine = {pair for pair, row in rows.items() if row in role.permissions}
    if seen is not None and set(seen) != mine:
        raise Stale(STALE)
    if mine == wanted:
        return role
    holders = hold_the_key(uow, clock.today())
    for pair in mine - wanted:
        role.permissions.remove(rows[pair])
    for pair in wanted - mine:
        role.permissions.append(rows[pair])
    keep_the_key(uow, actor, holders, clock.today())
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


def hold_the_key(uow: UnitOfWork, day: date) -> frozenset[int]:
    """The accounts that may change roles on ``day``; until the end of this act nobody else can alter who they are."""
    uow.session.execute(select(func.pg_advisory_xact_lock(_KEY_LOCK)))
    return key_holders(uow.session, day)


def keep_the_key(uow: UnitOfWork, actor: Actor, before: frozenset[int], day: date) -> None:
    """Refuse an act after which nobody, or the actor no longer, may change roles on ``day``.

    ``before``: the accounts that could before the act (:func:`hold_the_key`).
    """
    uow.session.flush()  # the act is judged by what it leaves behind
    after = key_holders(uow.session, day)
    if before and not after:
        raise Refused(Obstacle(N_("Nobody could change roles any more. Give the right to somebody else first.")))
    if actor.user_id in before and actor.user_id not in after:
        raise Refused(
            Obstacle(N_("You would lose the right to change roles yourself. Let somebody else who has it do this."))
        )


@operation()
def set_roles_of_posts(
    actor: Actor,
    wanted: Mapping[str, Iterable[int]],
    *,
    seen: Mapping[str, Iterable[int]] | None = None,
    uow: UnitOfWork,
) -> None:
    """Đặt vai trò mà các loại chức danh mang lại (212/17.1, Circular 01/2019: rights follow the position).

    Kinds that ``wanted`` does not name stay as they are; ``seen`` as in :func:`set_grants`.
    Raises Forbidden, Refused, Stale.
    """
    require(actor, "role", "edit")
    session = uow.session
    session.execute(text("LOCK TABLE post_kind_role IN SHARE ROW EXCLUSIVE MODE"))
    now = roles_of_kinds(session)
    if seen is not None and any(set(ids) != now.get(kind, frozenset()) for kind, ids in seen.items()):
        raise Stale(STALE)
    known = set(session.scalars(select(Role.id)))
    holders = hold_the_key(uow, clock.today())
    for kind, ids in wanted.items():
        _set_roles_of_post(uow, actor, kind, set(ids) & known)
    keep_the_key(uow, actor, holders, clock.today())


def _set_roles_of_post(uow: UnitOfWork, actor: Actor, post_kind: str, wanted: set[int]) -> None:
    session = uow.session
    query = select(PostKindRole).where(PostKindRole.post_kind == PostKind(post_kind))
    rows = {row.role_id: row for row in session.scalars(query)}
    for role_id in rows.keys() - wanted:
        session.delete(rows[role_id])
    session.add_all(PostKindRole(post_kind=post_kind, role_id=role_id) for role_id in wanted - rows.keys())
    if wanted != rows.keys():
        names = role_names(session)
        events.record(
            uow,
            actor,
            OF_POST_CHANGED,
            "role",
            post_kind,
            kind=post_kind,
            before=sorted(names[i] for i in rows),
            after=sorted(names[i] for i in wanted),
        )
