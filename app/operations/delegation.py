"""Delegations (ủy quyền): entry for another (17.2), substitution, authority to sign; given and revoked, on record."""

from collections.abc import Iterable, Sequence
from datetime import date

from app import clock
from app.actor import Actor
from app.errors import NotFound, Obstacle, refuse_if
from app.models import Delegation, Person
from app.operations import events
from app.operations.base import operation, require
from app.operations.unit_of_work import UnitOfWork
from app.rules.lifecycles import move_named
from app.rules.text import clean
from app.vocabulary import N_, DelegationKind


@operation()
def grant(
    actor: Actor,
    kind: DelegationKind,
    grantor_id: int,
    grantee_id: int,
    authority: str,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
    moves: Iterable[str] | None = None,
    unit_id: int | None = None,
    uow: UnitOfWork,
) -> Delegation:
    """Ủy quyền cho người khác; ``authority`` names the written ground, ``moves`` what it covers (None: all).

    Raises Forbidden, NotFound, Refused with all obstacles. Clause 212/17.2.
    """
    require(actor, "delegation", "add")
    session = uow.session
    grantor, grantee = session.get(Person, grantor_id), session.get(Person, grantee_id)
    if grantor is None or grantee is None:
        raise NotFound
    start = valid_from or clock.today()
    found = []
    if grantor_id == grantee_id:
        found.append(Obstacle(N_("A person cannot act for themselves. Choose somebody else."), "grantee_id"))
    covered = sorted(set(moves)) if moves is not None else None
    found += terms_obstacles(authority, start, valid_to, covered)
    refuse_if(found)
    delegation = Delegation(
        kind=kind,
        grantor_id=grantor_id,
        grantee_id=grantee_id,
        authority=clean(authority),
        valid_from=start,
        valid_to=valid_to,
        moves=covered,
        unit_id=unit_id,
    )
    session.add(delegation)
    session.flush()  # the event names the delegation's id
    events.record(
        uow,
        actor,
        "delegation.granted",
        "delegation",
        delegation.id,
        kind=kind,
        grantor=grantor.full_name,
        grantee=grantee.full_name,
        authority=delegation.authority,
        since=str(start),
        until=str(valid_to) if valid_to else "",
        moves=covered,
    )
    return delegation


def terms_obstacles(
    authority: str, valid_from: date | None, valid_to: date | None, moves: Sequence[str] | None
) -> list[Obstacle]:
    """What is wrong with the terms of a delegation, whoever it is between; all at once."""
    found = []
    if not clean(authority):
        found.append(
            Obstacle(
                N_("%(label)s: missing. Enter it."), "authority", {"label": N_("Written authority")}, code="missing"
            )
        )
    elif len(clean(authority)) > 500:
        found.append(Obstacle(N_("Written authority: at most 500 characters. Shorten it."), "authority"))
    today = clock.today()
    if valid_to is not None and valid_to < (valid_from or today):
        found.append(Obstacle(N_("Until: earlier than the first day. Check both dates."), "valid_to"))
    elif valid_to is not None and valid_to < today:
        found.append(Obstacle(N_("Until: that day has passed already. Check the year."), "valid_to"))
    if moves is not None and not moves:
        found.append(Obstacle(N_("Acts covered: none is chosen. Choose at least one, or all."), "moves"))
    elif moves and any(move_named(name) is None for name in moves):
        found.append(Obstacle(N_("Acts covered: one of them does not exist. Choose again."), "moves"))
    return found


@operation()
def revoke(actor: Actor, delegation_id: int, *, uow: UnitOfWork) -> Delegation:
    """Thu hồi ủy quyền: it ends at once, for pages that are already open too. Clause 212/17.2.

    Raises Forbidden, NotFound, Refused.
    """
    require(actor, "delegation", "revoke")
    row = uow.session.get(Delegation, delegation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    if row.revoked_at is not None:
        refuse_if([Obstacle(N_("The delegation is already revoked."))])
    row.revoked_at = clock.now()
    events.record(
        uow,
        actor,
        "delegation.revoked",
        "delegation",
        row.id,
        grantor=row.grantor.full_name,
        grantee=row.grantee.full_name,
    )
    return row
