"""Write the trail of acts: who, in which post then, for whom, by which power, on which ground (212/16.4.a)."""

from typing import Any

from app import clock
from app.actor import Actor
from app.models import Event
from app.operations.unit_of_work import UnitOfWork


def line(
    actor: Actor,
    tag: str,
    subject_type: str,
    subject_id: Any,
    *,
    document_id: int | None = None,
    basis: tuple[str, ...] = (),
    state_before: str | None = None,
    state_after: str | None = None,
    **params: Any,
) -> dict[str, Any]:
    """The columns of an event, for one act (:func:`record`) or for many (``bulk.record_each``).

    ``params`` are JSON values that the sentence of the tag needs; names and posts are stored as they are
    at this moment, because people move on and the record must not.
    """
    post = actor.main_post
    behalf = actor.on_behalf_of
    return {
        "at": clock.now(),
        "tag": tag,
        "subject_type": subject_type,
        "subject_id": str(subject_id),
        "document_id": document_id,
        "actor_user_id": actor.user_id,
        "actor_name": actor.name,
        "actor_post": post.title if post else "",
        "actor_unit": post.unit_name if post else "",
        "power": actor.power,
        "on_behalf_of_id": behalf.person_id if behalf else None,
        "on_behalf_of_name": behalf.name if behalf else "",
        "delegation_id": behalf.delegation_id if behalf else None,
        "via": actor.via,
        "basis": " ".join(basis),
        "state_before": state_before,
        "state_after": state_after,
        "params": params,
        "request_id": actor.request_id,
    }


def record(uow: UnitOfWork, actor: Actor, tag: str, subject_type: str, subject_id: Any, **more: Any) -> Event:
    """Add one event to the unit of work; it is written with the act itself or not at all.

    ``more`` is what :func:`line` takes.
    """
    event = Event(**line(actor, tag, subject_type, subject_id, **more))
    uow.events.append(event)
    return event
