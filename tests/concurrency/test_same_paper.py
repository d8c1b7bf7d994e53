"""Two people with the same paper at the same time: one is told, nobody waits for ever, nothing is doubled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from app.errors import DomainError, Refused, WrongState
from app.extensions import db
from app.models import Document, RegisterEntry
from app.operations import arrivals, files, incoming
from app.vocabulary import IncomingState, PostKind
from tests.fixtures.office import actor_of, pdf, registration

pytestmark = pytest.mark.concurrency
ROUNDS = 6


def tray(app: Flask, count: int) -> list[int]:
    """So many papers in the tray."""
    with app.app_context():
        clerk = actor_of(PostKind.CLERK)
        sent = [files.receive(clerk, pdf(f"trang {n}"), f"{n}.pdf", 10**6).id for n in range(count)]
        return [arrivals.receive(clerk, {"files": [each], "channel": "paper"}).id for each in sent]


def together(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Do all at the same moment; gives what each answered."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        with app.app_context():
            barrier.wait()
            try:
                return act()
            except DomainError as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.clause("212/16.1.g")
def test_of_two_clerks_with_the_same_paper_the_second_is_told(app: Flask, real_database: Engine) -> None:
    with app.app_context():
        clerks = [actor_of(PostKind.CLERK), actor_of(PostKind.ADMIN_HEAD)]
        papers = [registration() for _ in range(ROUNDS)]
    for paper in papers:
        answers = together(app, *(lambda who=who, paper=paper: incoming.register(who, paper).id for who in clerks))
        told = [each for each in answers if isinstance(each, Refused)]
        assert len(told) == 1, answers
        assert [o.code for o in told[0].obstacles] == ["duplicate"]
    with app.app_context():
        assert db.session.scalars(select(RegisterEntry.number).order_by(RegisterEntry.number)).all() == list(
            range(1, ROUNDS + 1)
        )


def test_one_waiting_paper_is_registered_by_one_of_two(app: Flask, real_database: Engine) -> None:
    with app.app_context():
        clerks = [actor_of(PostKind.CLERK), actor_of(PostKind.ADMIN_HEAD)]
        forms = [[registration() for _ in clerks] for _ in range(ROUNDS)]
    for paper, typed in zip(tray(app, ROUNDS), forms, strict=True):
        acts = [
            lambda who=who, form=form, paper=paper: incoming.register(who, form, on=paper).id
            for who, form in zip(clerks, typed, strict=True)
        ]
        assert sum(isinstance(each, WrongState) for each in together(app, *acts)) == 1


def test_papers_ticked_in_another_order_make_nobody_wait_for_ever(app: Flask, real_database: Engine) -> None:
    with app.app_context():
        clerks = [actor_of(PostKind.CLERK), actor_of(PostKind.ADMIN_HEAD)]
        forms = [[registration() for _ in clerks] for _ in range(ROUNDS)]
    papers = tray(app, 2 * ROUNDS)
    for (one, other), typed in zip(zip(papers[::2], papers[1::2], strict=True), forms, strict=True):
        pairs = [(one, other), (other, one)]
        acts = [
            lambda who=who, form=form, pair=pair: (
                incoming.register(who, {**form, "waiting_ids": [pair[1]]}, on=pair[0]).id
            )
            for who, form, pair in zip(clerks, typed, pairs, strict=True)
        ]
        answers = together(app, *acts)
        assert sum(isinstance(each, DomainError) for each in answers) == 1, answers


@pytest.mark.clause("212/7.3")
def test_joining_and_noting_the_paper_copy_at_once_make_nobody_wait_for_ever(app: Flask, real_database: Engine) -> None:
    with app.app_context():
        clerk, head = actor_of(PostKind.CLERK), actor_of(PostKind.ADMIN_HEAD)
        numbers = [
            (d.id, str(d.arrival_number)) for d in (incoming.register(clerk, registration()) for _ in range(ROUNDS))
        ]
    for paper, (document, number) in zip(tray(app, ROUNDS), numbers, strict=True):
        answers = together(
            app,
            lambda paper=paper, number=number: arrivals.join(clerk, paper, {"into": number}).id,
            lambda paper=paper, document=document: arrivals.add_paper_copy(head, document, {"waiting_ids": [paper]}).id,
        )
        assert sum(isinstance(each, DomainError) for each in answers) == 1, answers
    with app.app_context():
        query = select(func.count()).where(Document.state == IncomingState.JOINED)
        assert db.session.scalar(query) == ROUNDS
