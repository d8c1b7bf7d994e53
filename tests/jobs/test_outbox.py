"""The outbox: with the act or not at all, once where nothing fails, again and again where something does."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app import clock
from app.extensions import db
from app.models import Outbox
from app.operations import jobs
from app.operations.outbox import LEASE, OUTBOX_HANDLERS, Delivery, deliver
from app.operations.unit_of_work import unit_of_work
from app.queries.jobs import outbox_due, outbox_state
from app.rules.jobs import Outcome
from tests.fixtures.clock import NOW
from tests.fixtures.office import SYSTEM

KIND = "tests.letter"


class Post:
    """A handler that keeps what it got, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.got: list[Delivery] = []
        self.failures = 0

    def __call__(self, delivery: Delivery) -> None:
        self.got.append(delivery)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the other side does not answer")


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    handler = Post()
    monkeypatch.setitem(OUTBOX_HANDLERS, KIND, handler)
    return handler


@pytest.fixture
def context(app: Flask, isolated: None) -> Iterator[None]:
    with app.app_context():
        yield


def leave(kind: str = KIND, **payload: object) -> None:
    """Put a row into the outbox, as an act does."""
    with unit_of_work() as uow:
        uow.outbox(kind, payload)


def rows() -> list[Outbox]:
    db.session.expire_all()
    return list(db.session.scalars(select(Outbox).order_by(Outbox.id)))


def test_what_an_act_leaves_is_delivered_after_its_commit(context: None, post: Post) -> None:
    leave(to="STC")
    assert deliver(SYSTEM) == {"delivered": 1, "failed": 0}
    (row,) = rows()
    assert [(d.kind, d.payload, d.key, d.attempt) for d in post.got] == [(KIND, {"to": "STC"}, str(row.id), 1)]
    assert row.done_at == NOW
    assert deliver(SYSTEM) == {"delivered": 0, "failed": 0}
    assert len(post.got) == 1


def test_what_an_act_leaves_that_is_rolled_back_is_never_delivered(context: None, post: Post) -> None:
    def act_that_fails() -> None:
        with unit_of_work() as uow:
            uow.outbox(KIND, {})
            uow.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_that_fails()
    deliver(SYSTEM)
    assert post.got == []
    assert rows() == []


def test_a_failed_delivery_is_tried_again_after_a_growing_wait_under_the_same_key(
    context: None, post: Post, clock_at: Callable[[datetime], None]
) -> None:
    leave()
    post.failures = 2
    assert deliver(SYSTEM) == {"delivered": 0, "failed": 1}
    (row,) = rows()
    assert row.last_error == "ConnectionError: the other side does not answer"
    assert row.available_at == NOW + timedelta(minutes=1)
    clock_at(NOW + timedelta(seconds=59))
    assert not outbox_due(db.session(), clock.now())
    assert deliver(SYSTEM) == {"delivered": 0, "failed": 0}
    clock_at(NOW + timedelta(seconds=60))
    assert outbox_due(db.session(), clock.now())
    assert deliver(SYSTEM) == {"delivered": 0, "failed": 1}
    assert rows()[0].available_at == NOW + timedelta(minutes=3)
    clock_at(NOW + timedelta(minutes=3))
    assert deliver(SYSTEM) == {"delivered": 1, "failed": 0}
    (row,) = rows()
    assert (row.attempts, row.last_error) == (3, "")
    assert row.done_at is not None
    assert len({d.key for d in post.got}) == 1
    assert [d.attempt for d in post.got] == [1, 2, 3]


def test_a_failing_row_does_not_hold_up_those_behind_it(context: None, post: Post) -> None:
    leave(n=1)
    leave(n=2)
    post.failures = 1
    assert deliver(SYSTEM) == {"delivered": 1, "failed": 1}
    assert [row.done_at is not None for row in rows()] == [False, True]


def test_a_kind_that_nobody_handles_stays_and_is_shown_as_failed(context: None) -> None:
    leave("tests.unknown")
    result = jobs.run("outbox")
    assert result is not None
    assert result.outcome == Outcome.FINDINGS
    assert result.counts == {"delivered": 0, "failed": 1}
    (row,) = rows()
    assert row.done_at is None
    assert row.last_error == "LookupError: no handler for tests.unknown"
    state = outbox_state(db.session())
    assert (state.waiting, state.failed, state.oldest) == (1, 1, NOW)


def test_a_row_whose_worker_died_is_delivered_when_its_lease_ends(
    context: None, post: Post, clock_at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_delivery: Delivery) -> None:
        raise SystemExit

    leave()
    monkeypatch.setitem(OUTBOX_HANDLERS, KIND, die)
    with pytest.raises(SystemExit):
        deliver(SYSTEM)
    monkeypatch.setitem(OUTBOX_HANDLERS, KIND, post)
    assert deliver(SYSTEM) == {"delivered": 0, "failed": 0}, "another worker must not send it while one may be at it"
    clock_at(NOW + LEASE)
    assert deliver(SYSTEM) == {"delivered": 1, "failed": 0}
    assert post.got[0].attempt == 2


def test_a_worker_told_to_stop_takes_no_further_row(context: None, post: Post) -> None:
    leave()
    leave()
    assert deliver(SYSTEM, stopping=lambda: bool(post.got)) == {"delivered": 1, "failed": 0}
    assert [row.attempts for row in rows()] == [1, 0]


@pytest.mark.concurrency
def test_two_workers_deliver_each_row_once(app: Flask, real_database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[tuple[str, str]] = []
    together = threading.Barrier(2)

    def slow(delivery: Delivery) -> None:
        time.sleep(0.01)
        got.append((delivery.key, threading.current_thread().name))

    def work() -> None:
        together.wait(20)
        with app.app_context():
            deliver(SYSTEM)

    monkeypatch.setitem(OUTBOX_HANDLERS, KIND, slow)
    with app.app_context():
        for _ in range(20):
            leave()
    workers = [threading.Thread(target=work, name=name) for name in ("one", "two")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with app.app_context():
        assert sorted(key for key, _who in got) == sorted(str(row.id) for row in rows())
        assert {row.attempts for row in rows()} == {1}
    assert {who for _key, who in got} == {"one", "two"}
