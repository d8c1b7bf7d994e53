"""Delegations (ủy quyền): entry for another (17.2), substitution, authority to sign; given and revoked, on record.

The IT centre gives and revokes any of them; leaders, heads and specialists what concerns themselves: who enters for
them, and who stands in while they are away.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import Forbidden, NotFound, Obstacle, refuse_if
from app.models import Delegation, Document, DocumentType, Organisation, Person, Post, Upload
from app.operations import events, files, working_papers
from app.operations.base import operation, require
from app.operations.unit_of_work import UnitOfWork
from app.queries.people import REVOKED, delegation_state
from app.rules.lifecycle import permission_key
from app.rules.lifecycles import move_named
from app.rules.text import clean
from app.vocabulary import N_, DelegationKind

NOUN = "delegation"
OWN_KINDS = (DelegationKind.SUBSTITUTION, DelegationKind.ENTRY)
"""What people may give for themselves; authority to sign is entered by the IT centre, from the decision on it."""


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
    type_ids: Iterable[int] | None = None,
    paper: Sequence[int] = (),
    uow: UnitOfWork,
) -> Delegation:
    """Ủy quyền cho người khác; ``authority`` names the written ground, ``moves`` what it covers (None: all).

    ``type_ids``: the kinds of document it covers (None: all), ``unit_id``: the unit whose posts it lends (None: all),
    ``paper``: ids of the actor's uploads that are the written authority; it may follow later (:func:`add_paper`).
    Raises Forbidden, NotFound, Refused with all obstacles. Clause 212/17.2.
    """
    _require(actor, "add", grantor_id, kind)
    session = uow.session
    grantor, grantee = session.get(Person, grantor_id), session.get(Person, grantee_id)
    if grantor is None or grantee is None or (unit_id is not None and session.get(Organisation, unit_id) is None):
        raise NotFound
    start = valid_from or clock.today()
    found = []
    if grantor_id == grantee_id:
        found.append(Obstacle(N_("A person cannot act for themselves. Choose somebody else."), "grantee_id"))
    elif not _serves_from(session, grantee_id, start):
        found.append(
            Obstacle(N_("Delegated to: holds no post in the Office then. Choose somebody else."), "grantee_id")
        )
    covered = sorted(set(moves)) if moves is not None else None
    kinds = sorted(set(type_ids)) if type_ids is not None else None
    found += terms_obstacles(authority, start, valid_to, covered, kinds)
    if kinds and session.scalar(select(func.count()).where(DocumentType.id.in_(kinds))) != len(kinds):
        found.append(Obstacle(N_("Kinds of document: one of them does not exist. Choose again."), "type_ids"))
    uploads = files.claimable(uow, actor, paper, found)
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
        type_ids=kinds,
    )
    session.add(delegation)
    _keep_paper(uow, delegation, uploads)
    session.flush()  # the event names the delegation's id
    events.record(
        uow,
        actor,
        "delegation.granted",
        NOUN,
        delegation.id,
        kind=kind,
        grantor=grantor.full_name,
        grantee=grantee.full_name,
        authority=delegation.authority,
        since=str(start),
        until=str(valid_to) if valid_to else "",
        moves=covered,
        titles=[each.received_name for each in uploads],
    )
    return delegation


def _require(actor: Actor, verb: str, grantor_id: int, kind: str) -> None:
    """The right to do it for everybody, or the own power and the right to lend it. Never by a delegation itself."""
    own = actor.on_behalf_of is None and actor.person_id == grantor_id and kind in OWN_KINDS
    if own and permission_key(NOUN, "grant_own") in actor.permissions:
        return
    if actor.on_behalf_of is not None:
        raise Forbidden(Obstacle(N_("A delegated power cannot be delegated on."), code="forbidden"))
    require(actor, NOUN, verb)


def _serves_from(session: Session, person_id: int, day: date) -> bool:
    """Whether somebody holds a post in the Office on a day or later."""
    query = select(Post.id).join(Post.unit).where(Post.person_id == person_id, Organisation.ours)
    return session.scalar(query.where(or_(Post.valid_to.is_(None), Post.valid_to >= day)).limit(1)) is not None


def terms_obstacles(
    authority: str,
    valid_from: date | None,
    valid_to: date | None,
    moves: Sequence[str] | None,
    type_ids: Sequence[int] | None = None,
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
    if type_ids is not None and not type_ids:
        found.append(Obstacle(N_("Kinds of document: none is chosen. Choose at least one, or all."), "type_ids"))
    return found


@operation()
def add_paper(actor: Actor, delegation_id: int, paper: Sequence[int], *, uow: UnitOfWork) -> Delegation:
    """Đính kèm văn bản ủy quyền that was not at hand when the delegation was given; more may follow it.

    Raises Forbidden, NotFound, Refused. Clause 212/17.2.
    """
    row = _locked(uow, delegation_id)
    _require(actor, "add", row.grantor_id, row.kind)
    found: list[Obstacle] = []
    uploads = files.claimable(uow, actor, paper, found)
    if not uploads and not found:
        found.append(Obstacle(N_("%(label)s: missing. Choose one."), "files", {"label": N_("Written authority")}))
    refuse_if(found)
    _keep_paper(uow, row, uploads)
    events.record(uow, actor, "delegation.paper_added", NOUN, row.id, titles=[each.received_name for each in uploads])
    return row


def _keep_paper(uow: UnitOfWork, row: Delegation, uploads: Sequence[Upload]) -> None:
    """The written authority is a working paper: its files are kept, listed and served like those of any document."""
    if row.paper_id is None:
        paper = working_papers.keep(uow, row.authority, uploads)
        row.paper_id = paper.id if paper is not None else None
        return
    kept = uow.session.get_one(Document, row.paper_id, with_for_update={"key_share": True}, populate_existing=True)
    files.attach(uow, kept, uploads)


@operation()
def revoke(actor: Actor, delegation_id: int, *, uow: UnitOfWork) -> Delegation:
    """Thu hồi ủy quyền: it ends at once, for pages that are already open too. Clause 212/17.2.

    Raises Forbidden, NotFound, Refused.
    """
    row = _locked(uow, delegation_id)
    _require(actor, "revoke", row.grantor_id, row.kind)
    if row.revoked_at is not None:
        refuse_if([Obstacle(N_("The delegation is already revoked."))])
    end(uow, actor, row)
    return row


def end(uow: UnitOfWork, actor: Actor, row: Delegation, **params: Any) -> None:
    """Revoke a delegation that the caller has locked and judged; nothing to do where it is revoked already."""
    if delegation_state(row, clock.today()) == REVOKED:
        return
    row.revoked_at = clock.now()
    events.record(
        uow,
        actor,
        "delegation.revoked",
        NOUN,
        row.id,
        grantor=row.grantor.full_name,
        grantee=row.grantee.full_name,
        **params,
    )


def _locked(uow: UnitOfWork, delegation_id: int) -> Delegation:
    row = uow.session.get(Delegation, delegation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row
