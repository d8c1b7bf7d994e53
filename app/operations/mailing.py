"""Send the mails that wait in the outbox.

A row is claimed before it is sent and settled right after the server took the message. When the process ends between
the two, the row is sent once more after its lease: *at least once*, and the repetition bears the same ``Message-ID``,
by which mailboxes show it once. Two workers never send the same row, since only one of them claims it.
"""

import logging
from dataclasses import dataclass
from typing import Any

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
    document_id = payload.get("document_id")
    document = session.get(Document, document_id) if document_id is not None else None
    if not people or not people[0].email or (document is not None and document.withheld):
        return None
    return _Addressed(people[0].email, payload["letter"])


OUTBOX_HANDLERS[MAIL] = send
