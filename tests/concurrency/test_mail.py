"""Two processes at the outbox, one mail to each person."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.extensions import db
from app.models import Document, Outbox, Person
from app.operations import parties
from app.operations.notices import tell
from app.operations.outbox import deliver
from app.operations.unit_of_work import unit_of_work
from app.vocabulary import NoticeKind, PostKind
from tests.fixtures.mail import MailServer
from tests.fixtures.office import PEOPLE, SYSTEM, actor_of


@pytest.mark.concurrency
def test_two_workers_send_each_mail_once(
    app: Flask, real_database: Engine, mail_server: MailServer, registered: Callable[..., int]
) -> None:
    document_id = registered()
    together = threading.Barrier(2)

    def work() -> None:
        together.wait(20)
        with app.app_context():
            deliver(SYSTEM)

    with app.app_context():
        people = list(db.session.scalars(select(Person).where(Person.full_name.in_([p[0] for p in PEOPLE.values()]))))
        for each in people:
            parties.change_person(SYSTEM, each.id, each.full_name, email=f"n{each.id}@vidu.gov.vn")
        actor = actor_of(PostKind.OFFICE_LEADER)
        with unit_of_work() as uow:
            document = uow.session.get_one(Document, document_id)
            tell(uow, actor, NoticeKind.ASSIGNED, [each.id for each in people], document=document)
        expected = sorted(f"n{each.id}@vidu.gov.vn" for each in people if each.id != actor.person_id)
    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(got["To"] for got in mail_server.got) == expected
    with app.app_context():
        assert set(db.session.scalars(select(Outbox.attempts).where(Outbox.kind == "mail"))) == {1}
