"""Connections lent by the pool: what is prepared stays prepared, a dead one is never lent."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from app import connections

PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def engine(real_database: Engine) -> Engine:
    """The pool of a database of the test's own, tuned as the program's is."""
    connections.tune([real_database])
    real_database.dispose()
    return real_database


def pid_lent_by(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(PID).scalar_one()


def end(engine: Engine, pid: int) -> None:
    """End a connection at the server, and wait until it is gone."""
    with engine.connect() as lent, engine.connect() as other:
        assert lent.execute(PID).scalar_one() == pid
        lent.close()
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        while other.execute(text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid}).scalar_one():
            other.rollback()
            time.sleep(0.01)


def test_what_is_prepared_stays_prepared_after_a_rollback(engine: Engine) -> None:
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%told apart by these words%'")
    for _ in range(8):
        with engine.connect() as connection:
            connection.execute(text("SELECT 'told apart by these words'"))
            connection.rollback()
    with engine.connect() as connection:
        assert connection.execute(prepared).scalar_one() == 1


def test_a_connection_that_the_server_closed_is_not_lent(engine: Engine) -> None:
    before = pid_lent_by(engine)
    end(engine, before)
    assert pid_lent_by(engine) != before


def test_a_connection_that_was_closed_here_is_not_lent(engine: Engine) -> None:
    with engine.connect() as connection:
        before = connection.execute(PID).scalar_one()
        driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.close()
    assert pid_lent_by(engine) != before


@pytest.mark.parametrize(("answers", "kept"), [(True, True), (False, False)])
def test_a_connection_idle_for_long_is_lent_only_when_it_answers(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, answers: bool, kept: bool
) -> None:
    before = pid_lent_by(engine)
    ask: Callable[..., bool] = connections._answers
    monkeypatch.setattr(connections, "LONG_IDLE_SECONDS", 0)
    monkeypatch.setattr(connections, "_answers", lambda connection: ask(connection) and answers)
    found = []
    with engine.connect() as connection:
        monkeypatch.undo()
        found.append(connection.execute(PID).scalar_one())
    assert (found == [before]) is kept
