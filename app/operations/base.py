"""How an operation begins, is judged and ends: one decorator, one judgement, one transition."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from app import clock
from app.actor import Actor
from app.columns import ACTING
from app.errors import DomainError, Forbidden, Obstacle, Refused, Stale, WrongState
from app.models import Delegation, Person
from app.operations import events
from app.operations.unit_of_work import UnitOfWork, current, unit_of_work
from app.queries.choices import offered
from app.queries.history import changes_since
from app.rules import lifecycle
from app.rules.lifecycle import InputType, Move, Subject
from app.vocabulary import N_

OPERATIONS: dict[str, Callable[..., Any]] = {}
"""Name of a move → the operation that makes it; views, API, jobs and tests dispatch through this."""

ON_REFUSAL: dict[str, Callable[..., None]] = {}
"""Code of an obstacle → what is done once the act was refused for it: ``(actor, subject_id, values)``."""

NOT_ALLOWED = Obstacle(N_("Your role does not allow this. Ask the IT centre if it should."), code="forbidden")
STALE = Obstacle(
    N_("Somebody else changed this record while you had it open. Your input is kept: check it against what changed."),
    code="stale",
)


@contextmanager
def _acting(actor: Actor) -> Iterator[None]:
    token = ACTING.set(actor)
    try:
        yield
    finally:
        ACTING.reset(token)


def operation(move: Move | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function an operation: ``verb(actor, …)``, called by everybody without ``uow``.

    Sets the acting person, joins or opens the unit of work, checks that the power in use still holds, and
    turns a lost race into :class:`~app.errors.Stale`. With a move it is also found in :data:`OPERATIONS`.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(actor: Actor, *args: Any, **kwargs: Any) -> Any:
            with _acting(actor):
                try:
                    with unit_of_work() as uow:
                        check_power(uow, actor)
                        return function(actor, *args, uow=uow, **kwargs)
                except StaleDataError as error:
                    raise Stale(STALE) from error

        if move is not None:
            if move.name in OPERATIONS:
                raise ValueError(f"two operations make the move {move.name}")
            OPERATIONS[move.name] = run
            run.move = move  # type: ignore[attr-defined]
        return run

    return decorate


def check_power(uow: UnitOfWork, actor: Actor) -> None:
    """A delegation counts only while it holds, judged now and not when the page was opened; nobody acts for somebody
    whose account is closed (212/17.2)."""
    behalf = actor.on_behalf_of
    if behalf is None:
        return
    row = uow.session.get(Delegation, behalf.delegation_id, with_for_update={"read": True}, populate_existing=True)
    today = clock.today()
    holds = (
        row is not None
        and row.revoked_at is None
        and row.grantor_id == behalf.person_id
        and row.grantee_id == actor.person_id
        and row.valid_from <= today
        and (row.valid_to is None or row.valid_to >= today)
        and not _is_closed(uow.session, behalf.person_id)
    )
    if not holds:
        raise Forbidden(
            Obstacle(
                N_("The delegation from %(name)s no longer holds."), params={"name": behalf.name}, code="forbidden"
            )
        )


def _is_closed(session: Session, person_id: int) -> bool:
    """Whether a person's account was closed; whoever never had one has others enter for them."""
    query = select(User.id).join(Person, Person.user_id == User.id)
    return session.scalar(query.where(Person.id == person_id, User.active.is_(False))) is not None


def judge(actor: Actor, move: Move, subject: Subject, found: list[Obstacle] | None = None) -> None:
    """Raise what stands against the move: forbidden first, then a wrong state, then all refusals together."""
    standing = lifecycle.obstacles(move, actor, subject)
    forbidden = [o for o in standing if o.code == "forbidden"]
    if forbidden:
        raise Forbidden(*forbidden)
    if standing:
        raise WrongState(*standing)
    if found:
        raise Refused(*found)


def read_inputs(
    session: Session,
    move: Move,
    values: Mapping[str, Any],
    present: Mapping[str, Any] | None = None,
    *,
    actor: Actor | None = None,
) -> tuple[dict[str, Any], list[Obstacle]]:
    """Clean the inputs of a move and find all that is missing, too long, or not among the choices offered.

    ``present`` holds the record's values: what it has may stay, even where it is offered no longer. ``actor``: who
    chooses, where a move has a list that is not the same for everybody.
    """
    cleaned, found = lifecycle.check_inputs(move, values)
    chosen = {
        each: (each.choices, str(cleaned[each.name]))
        for each in move.inputs
        if each.type == InputType.CHOICE and cleaned[each.name] not in (None, (present or {}).get(each.name))
    }
    known = offered(session, chosen.values(), [actor] if actor is not None else []) if chosen else set()
    found += [
        Obstacle(N_("%(label)s: choose one of the list."), each.name, {"label": each.label}, code="no_choice")
        for each, choice in chosen.items()
        if choice not in known
    ]
    return cleaned, found


def check_version(uow: UnitOfWork, record: Any, subject_type: str, expected: int | None) -> None:
    """Refuse when the record changed since the actor saw version ``expected``; ``None`` is for the program alone."""
    if expected is not None and record.version != expected:
        raise Stale(STALE, changes=changes_since(uow.session, record, subject_type, expected))


def touch(record: Any) -> None:
    """Count what happened beside a record as a change of it: who looked at it before is then told so, and a form sent
    twice acts once."""
    flag_modified(record, "state")  # written as it is, with the next version


def transition(
    uow: UnitOfWork,
    actor: Actor,
    record: Any,
    move: Move,
    *,
    subject_type: str,
    document_id: int | None = None,
    created: bool = False,
    state: str = "state",
    **params: Any,
) -> None:
    """Set the state the move leads to and write its event. The caller has judged the move.

    ``state``: the attribute that holds it (a document has one for its registration and one for its settling).

    ``document_id``: the document in whose story the event stands, where the record is one or belongs to one.
    ``created``: the record was made just now, it had no state before.
    """
    before = None if created else getattr(record, state)
    if move.target is not None:
        setattr(record, state, move.target)
    events.record(
        uow,
        actor,
        move.name,
        subject_type,
        record.id,
        document_id=document_id,
        basis=move.basis,
        state_before=before,
        state_after=getattr(record, state),
        **params,
    )


def act(
    actor: Actor,
    move: Move,
    subject_id: int | None,
    values: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    submission_key: Any = None,
) -> Any:
    """Make a move by its declaration: what buttons, REST routes and batch actions call."""
    try:
        return _perform(actor, move, subject_id, values, expected_version, submission_key)
    except Refused as refused:
        for code in {obstacle.code for obstacle in refused.obstacles} & set(ON_REFUSAL):
            ON_REFUSAL[code](actor, subject_id, values)
        raise


def _perform(
    actor: Actor,
    move: Move,
    subject_id: int | None,
    values: Mapping[str, Any],
    expected_version: int | None,
    submission_key: Any,
) -> Any:
    perform = OPERATIONS[move.name]
    if not move.creates:
        return perform(actor, subject_id, values, expected_version=expected_version)
    if not move.sources:
        return perform(actor, values, submission_key=submission_key)
    return perform(actor, values, on=subject_id, expected_version=expected_version, submission_key=submission_key)


def rehearse(actor: Actor, move: Move, subject_id: int | None, values: Mapping[str, Any], **seen: Any) -> None:
    """Raise what :func:`act` would raise, and keep nothing of it: before somebody is asked whether they are sure."""
    with suppress(_OnlyRehearsedError), unit_of_work():
        _perform(actor, move, subject_id, values, seen.get("expected_version"), seen.get("submission_key"))
        raise _OnlyRehearsedError


class _OnlyRehearsedError(Exception):
    """Ends the unit of work of a rehearsal, so that all of it is taken back."""


def act_on_each(
    actor: Actor,
    move: Move,
    subject_ids: list[int],
    values: Mapping[str, Any],
    versions: Mapping[int, int] | None = None,
) -> list[tuple[int, DomainError | None]]:
    """A batch: each record in a transaction of its own, each with its own result, in the order given.

    ``versions``: the version of each record that the actor saw, where a person acts.

    Ids are handed over, never rows: every operation loads and checks for itself. Not inside a unit of work:
    there one refusal would undo all.
    """
    if current() is not None:
        raise RuntimeError("a batch needs a transaction for each of its records")
    results: list[tuple[int, DomainError | None]] = []
    for subject_id in subject_ids:
        try:
            act(actor, move, subject_id, values, expected_version=(versions or {}).get(subject_id))
        except DomainError as error:
            results.append((subject_id, error))
        else:
            results.append((subject_id, None))
    return results


def require(actor: Actor, noun: str, verb: str) -> None:
    """For acts that are no moves of a lifecycle (catalogues, accounts): the own roles must allow it.

    The program itself (commands, jobs, the demo office) may always. Raises Forbidden.
    """
    if not actor.is_system and lifecycle.permission_key(noun, verb) not in actor.permissions:
        raise Forbidden(NOT_ALLOWED)
