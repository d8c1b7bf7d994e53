"""Numbers under load, at midnight, and when the process is killed: never a gap, never a double."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from app.extensions import db
from app.models import Document, Event, NumberCounter, RegisterEntry
from app.operations import files, incoming
from app.operations.unit_of_work import unit_of_work
from app.vocabulary import PostKind
from tests.fixtures.office import actor_of, pdf, registration

pytestmark = pytest.mark.concurrency

THREADS = 32
EACH = 200
ROLLED_BACK = 0.05


class Abandoned(Exception):
    """Stands for whatever may fail after the number was taken."""


@pytest.mark.clause("212/4.2", "212/16.1.dd")
def test_many_clerks_at_once_get_exactly_the_numbers_from_one_on_in_order_of_time(
    app: Flask, real_database: Engine
) -> None:
    with app.app_context():
        clerk, values = actor_of(PostKind.CLERK), registration()

    def work(seed: int) -> int:
        chance = random.Random(seed)
        done = 0
        with app.app_context():
            for paper in range(EACH):
                try:
                    with unit_of_work():
                        incoming.register(clerk, {**values, "number_notation": f"{paper}/BC-{seed}"})
                        if chance.random() < ROLLED_BACK:
                            raise Abandoned
                except Abandoned:
                    continue
                done += 1
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        made = sum(pool.map(work, range(THREADS)))
    assert 0 < made < THREADS * EACH
    with app.app_context():
        rows = db.session.execute(select(RegisterEntry).order_by(RegisterEntry.number)).scalars().all()
        assert [row.number for row in rows] == list(range(1, made + 1))
        assert all(a.registered_at <= b.registered_at for a, b in pairwise(rows))
        assert db.session.scalar(select(func.count(Document.id))) == made
        assert db.session.scalar(select(func.count(Event.id)).where(Event.tag == "incoming.register")) == made
        assert db.session.scalar(select(func.max(NumberCounter.last_number))) == made


@pytest.mark.clause("212/4.2")
def test_a_double_click_registers_once(app: Flask, real_database: Engine) -> None:
    import uuid

    with app.app_context():
        clerk, values = actor_of(PostKind.CLERK), registration()
        # each click sends its files anew
        sent = [files.receive(clerk, pdf(), "a.pdf", 10**6).id for _ in range(8)]
    key = uuid.uuid4()

    def click(number: int) -> int:
        with app.app_context():
            return incoming.register(clerk, {**values, "files": [sent[number]]}, submission_key=key).id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(click, range(8)))
    assert len(ids) == 1
    with app.app_context():
        assert db.session.scalars(select(RegisterEntry.number)).all() == [1]
        assert db.session.scalar(select(func.max(NumberCounter.last_number))) == 1


def test_two_corrections_at_once_one_wins_the_other_is_told(app: Flask, real_database: Engine) -> None:
    from app.errors import Stale

    with app.app_context():
        clerk = actor_of(PostKind.CLERK)
        document = incoming.register(clerk, registration())
        pk, version = document.id, document.version
        values = registration()

    def change(number: int) -> str:
        with app.app_context():
            try:
                incoming.correct(
                    clerk, pk, {**values, "subject": f"Lần {number}", "reason": "Sửa"}, expected_version=version
                )
            except Stale as stale:
                return "told" if stale.changes else "not told"
            return "won"

    with ThreadPoolExecutor(6) as pool:
        results = sorted(pool.map(change, range(6)))
    assert results == ["told"] * 5 + ["won"]


_KILLED = textwrap.dedent(
    """
    import sys
    from app import create_app
    from tests.fixtures.application import settings_for
    from tests.fixtures.office import actor_of, registration
    from app.operations import incoming
    from app.vocabulary import PostKind
    from pathlib import Path
    from uuid import uuid4
    app = create_app(settings_for(sys.argv[1], sys.argv[1], Path(sys.argv[2])))
    with app.app_context():
        clerk, values = actor_of(PostKind.CLERK), registration()
    while True:
        with app.app_context():
            document = incoming.register(clerk, {**values, "number_notation": str(uuid4())})
            print(document.arrival_number, flush=True)
    """
)


@pytest.mark.clause("212/4.2", "212/16.4.d")
def test_a_process_killed_while_registering_loses_and_doubles_nothing(
    app: Flask, real_database: Engine, tmp_path: Path
) -> None:
    url = real_database.url.render_as_string(hide_password=False)
    chance = random.Random(212)
    confirmed: list[int] = []
    for _ in range(4):
        process: Any = subprocess.Popen(
            [sys.executable, "-c", _KILLED, url, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent.parent,
            env={**os.environ, "PYTHONPATH": "."},
        )
        confirmed.append(int(process.stdout.readline()))
        time.sleep(chance.uniform(0.01, 0.25))
        process.send_signal(signal.SIGKILL)
        confirmed += [int(line) for line in process.stdout.read().split()]
        process.wait()
    with app.app_context():
        numbers = db.session.scalars(select(RegisterEntry.number).order_by(RegisterEntry.number)).all()
        assert numbers == list(range(1, len(numbers) + 1))
        assert set(confirmed) <= set(numbers)  # what was answered is there
        assert len(confirmed) == len(set(confirmed))
        documents = set(db.session.scalars(select(Document.id)))
        assert len(documents) == len(numbers)
        events = db.session.scalars(select(Event.document_id).where(Event.tag == "incoming.register")).all()
        assert sorted(events) == sorted(documents)  # never an act without its event, nor an event without its act
        after = incoming.register(actor_of(PostKind.CLERK), registration())
        assert after.arrival_number == len(numbers) + 1
