"""Notices, read: who gets one and how, what a person has, how many are unread (16.1.l)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import clock
from app.models import NoticeChoice, Person, Post
from app.queries.people import held_on


@dataclass(frozen=True)
class Recipient:
    """Somebody who can be told: with an account in use and a post today."""

    person_id: int
    email: str
    ways: dict[str, list[str]] | None
    quiet_from: str
    quiet_to: str


def recipients(session: Session, person_ids: Collection[int]) -> list[Recipient]:
    """Those of the people who can be told, with what they chose; one statement, in the order of their ids."""
    query = (
        select(Person.id, Person.email, NoticeChoice.ways, NoticeChoice.quiet_from, NoticeChoice.quiet_to)
        .join(User, User.id == Person.user_id)
        .outerjoin(NoticeChoice, NoticeChoice.person_id == Person.id)
        .where(Person.id.in_(person_ids), User.active.is_(True))
        .where(exists().where(Post.person_id == Person.id, held_on(clock.today())))
        .order_by(Person.id)
    )
    rows: Any = session.execute(query)
    return [Recipient(id_, email, ways, start or "", end or "") for id_, email, ways, start, end in rows]
