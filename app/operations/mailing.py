"""Send the mails that wait in the outbox.

A row is claimed before it is sent and settled right after the server took the message. When the process ends between
the two, the row is sent once more after its lease: *at least once*, and the repetition bears the same ``Message-ID``,
by which mailboxes show it once. Two workers never send the same row, since only one of them claims it.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import clock
from app.backends import mailer
from app.extensions import db
from app.models import Document
from app.notices.mail import MailRefused
from app.operations.notices import MAIL
from app.operations.outbox import OUTBOX_HANDLERS, Delivery, Undeliverable
from app.queries.notices import recipients
from app.rules.notices import CHOICES_PATH

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Addressed:
    to: str
    letter: dict[str, Any]


def send(delivery: Delivery) -> None:
    """Send one mail, if it is still to be sent: not to who has left meanwhile, not about what is withheld by now.

    Raises :class:`~app.operations.outbox.Undeliverable` when trying again is vain, and
    :class:`~app.notices.mail.MailDelayed` when it is not.
    """
    found = _addressed(delivery.payload)
    db.session.rollback()  # nothing stays open in the database while the mail server takes its time
    if found is None:
        log.info("mail %s is not sent: its recipient has left, or its document is withheld", delivery.key)
        return
    post = mailer()
    if post is None:
        raise Undeliverable("no mail server is set up")
    try:
        message = post.message(delivery.key, found.to, found.letter, CHOICES_PATH, clock.now())
    except ValueError as error:
        raise Undeliverable("the address of the recipient is none") from error
    try:
        post.send(message)
    except MailRefused as error:
        raise Undeliverable(str(error)) from None


def _addressed(payload: dict[str, Any]) -> _Addressed | None:
    session = db.session()
    people = recipients(session, [payload["person_id"]])
    letter = payload["letter"]
    named = {each.get("document_id") for each in letter["paragraphs"]} | {payload.get("document_id")}
    query = select(Document.id).where(Document.id.in_(named - {None}), Document.withheld)
    withheld = frozenset(session.scalars(query))
    left = _without(letter["paragraphs"], withheld)
    if not people or not people[0].email or payload.get("document_id") in withheld or not left:
        return None
    return _Addressed(people[0].email, {**letter, "paragraphs": left})


def _without(paragraphs: Sequence[Mapping[str, Any]], withheld: Collection[int]) -> list[dict[str, Any]]:
    """The paragraphs of a mail but for those about documents that are withheld; the next one of its part has the
    heading then, and a part of which nothing is left, no line that says there is more. None where nothing is told."""
    parts: list[list[dict[str, Any]]] = []
    for each in paragraphs:
        if each["heading"] or not parts:
            parts.append([])
        parts[-1].append(dict(each))
    found: list[dict[str, Any]] = []
    for part in parts:
        kept = [each for each in part if each.get("document_id") not in withheld]
        about = any(each.get("document_id") is not None for each in part)
        if kept and (not about or any(each.get("document_id") is not None for each in kept)):
            found += [{**kept[0], "heading": part[0]["heading"]}, *kept[1:]]
    return found


OUTBOX_HANDLERS[MAIL] = send
