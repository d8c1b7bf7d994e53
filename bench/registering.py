"""Registering: over HTTP as clerks do it, the operation alone, and the transaction that no numbering can do without."""

import io
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlencode

import psycopg
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from reportlab.pdfgen import canvas
from sqlalchemy import func, select

from app.extensions import db
from app.models import DocumentType, RegisterBook, RegisterEntry
from app.operations import files, incoming
from app.queries.actors import actor_for
from app.vocabulary import Via
from bench.browser import Browser, Form, multipart
from bench.machine import Spread, spread
from bench.office import CLERKS, PASSWORD

NEW = "/incoming/new/register"
LIST = "/incoming/"
SENDER = "Sở Tài chính"
_serial = itertools.count(1)


def one_page(text: str) -> bytes:
    """A PDF of one page, unlike any other."""
    stream = io.BytesIO()
    drawing = canvas.Canvas(stream)
    drawing.setFont("Helvetica", 12)
    for line in range(40):
        drawing.drawString(60, 800 - 18 * line, f"{text} - dong {line}: Kinh gui Van phong, ve viec bo sung kinh phi")
    drawing.showPage()
    drawing.save()
    return stream.getvalue()


@dataclass
class Clicks:
    """What one or more clerks did: answers in time, and what failed."""

    made: int = 0
    seconds: float = 0.0
    clicks: list[float] = field(default_factory=list)
    """From the click to the answer that carries the number."""
    visible: list[float] = field(default_factory=list)
    """From the click until the register's box finds the document by its number."""
    faults: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Documents a second, all clerks together."""
        return self.made / self.seconds

    @property
    def click(self) -> Spread:
        """The answer."""
        return spread(self.clicks)

    @property
    def shown(self) -> Spread:
        """The list."""
        return spread(self.visible)


def filled(form: Form) -> dict[str, str]:
    """The form with what is the same in all documents."""
    letter = form.options[("type_id", "Công văn")]
    return form.fields | {"issuer": SENDER, "type_id": letter, "channel": "paper", "urgency": "normal", "then": ""}


class Clerk:
    """A signed-in clerk with a form open."""

    def __init__(self, port: int, username: str):
        self.name = username
        self.browser = Browser(port).sign_in(username, PASSWORD)
        self.form = filled(Form.of(self.browser.follow(NEW).text))

    def register(self, notation: str, pdf: bytes, told: Clicks) -> None:
        """Click, and look at the list."""
        fields = self.form | {
            "submission_key": str(uuid.uuid4()),
            "number_notation": notation,
            "subject": f"Về việc bổ sung kinh phí, số {notation}",
        }
        body, kind = multipart(fields, {"files": (f"{notation.replace('/', '-')}.pdf", pdf)})
        begun = time.perf_counter()
        answer = self.browser.request("POST", NEW, body, kind)
        clicked = time.perf_counter()
        if answer.status != 302:
            told.faults.append(f"{notation}: {answer.status}")
            return
        listed = self.browser.get(f"{LIST}?{urlencode({'q': notation})}", {"X-Part": "list"})  # as the box asks it
        seen = time.perf_counter()
        if notation not in listed.text:
            told.faults.append(f"{notation}: not in the list")
            return
        told.made += 1
        told.clicks.append(clicked - begun)
        told.visible.append(seen - begun)

    def register_and_next(self, notation: str, pdf: bytes, told: Clicks) -> None:
        """The whole round of a clerk: click, and the next form stands there."""
        fields = self.form | {"number_notation": notation, "subject": f"Về việc số {notation}", "then": "next"}
        body, kind = multipart(fields, {"files": (f"{notation.replace('/', '-')}.pdf", pdf)})
        begun = time.perf_counter()
        answer = self.browser.request("POST", NEW, body, kind)
        clicked = time.perf_counter()
        if answer.status != 302:
            told.faults.append(f"{notation}: {answer.status}")
            return
        page = self.browser.follow(answer.location)
        self.form = self.form | {"submission_key": Form.of(page.text).fields["submission_key"]}
        told.made += 1
        told.clicks.append(clicked - begun)
        told.visible.append(time.perf_counter() - begun)


def over_http(port: int, clients: int, each: int, act: Callable[..., None] = Clerk.register) -> Clicks:
    """``clients`` clerks at once, each with an account of their own, each registering ``each`` documents."""
    clerks = [Clerk(port, CLERKS[number]) for number in range(clients)]
    notations = [[f"{next(_serial)}/STC-{clerk.name[-1]}" for _ in range(each + 2)] for clerk in clerks]
    papers = [[one_page(notation) for notation in mine] for mine in notations]
    told, warm = Clicks(), Clicks()
    ready = threading.Barrier(clients)

    def work(number: int) -> tuple[float, float]:
        for at in range(2):
            act(clerks[number], notations[number][at], papers[number][at], warm)
        ready.wait()
        begun = time.perf_counter()
        for at in range(2, each + 2):
            act(clerks[number], notations[number][at], papers[number][at], told)
        return begun, time.perf_counter()

    with ThreadPoolExecutor(clients) as pool:
        spans = list(pool.map(work, range(clients)))
    told.seconds = max(end for _, end in spans) - min(begun for begun, _ in spans)
    told.faults += warm.faults
    return told


def gaps() -> tuple[int, int]:
    """Numbers given this year, and how many are missing or double; needs an application context."""
    newest = select(func.max(RegisterEntry.year)).scalar_subquery()
    numbers = db.session.scalars(select(RegisterEntry.number).where(RegisterEntry.year == newest)).all()
    db.session.commit()
    return len(numbers), len(set(range(1, len(numbers) + 1)) ^ set(numbers)) + len(numbers) - len(set(numbers))


# ── the operation alone ──────────────────────────────────────────────────────────────────────────────────────────


def values() -> dict[str, Any]:
    """Inputs of a plain registration."""
    book = db.session.scalars(select(RegisterBook).order_by(RegisterBook.ordinal)).first()
    letter = db.session.scalars(select(DocumentType).where(DocumentType.name == "Công văn")).first()
    assert book is not None and letter is not None  # noqa: S101, PT018 - start data
    return {
        "issuer": {"id": None, "name": SENDER},
        "type_id": str(letter.id),
        "urgency": "normal",
        "subject": "Về việc bổ sung kinh phí chống ngập",
        "book_id": str(book.id),
        "channel": "paper",
    }


def operations(app: Flask, seconds: float, clerk: int = 0) -> int:
    """Registrations without file that one process makes in so many seconds."""
    done = 0
    with app.app_context():
        user = db.session.scalars(select(User).where(User.username == CLERKS[clerk])).one()
        actor, given = actor_for(db.session(), user, Via.CLI), values()
        mark = uuid.uuid4().hex[:6]
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            incoming.register(actor, given | {"number_notation": f"{done}/{mark}-{clerk}"})
            done += 1
    return done


def _operate(settings: dict[str, Any], seconds: float, clerk: int, ready: Any) -> int:
    from app import create_app

    app = create_app(settings)
    operations(app, 0.5, clerk)
    ready.wait()
    return operations(app, seconds, clerk)


def operation_rate(app: Flask, settings: dict[str, Any], processes: int, seconds: float) -> float:
    """Registrations a second, without file and without HTTP, by one process or by several at once."""
    if processes == 1:
        operations(app, 0.5)
        return operations(app, seconds) / seconds
    context = get_context("spawn")
    with context.Manager() as manager, context.Pool(processes) as pool:
        ready = manager.Barrier(processes)
        jobs = [(settings, seconds, number, ready) for number in range(processes)]
        return sum(pool.starmap(_operate, jobs)) / seconds


# ── the bare database ────────────────────────────────────────────────────────────────────────────────────────────

_BARE = (
    "CREATE TABLE IF NOT EXISTS bench_counter (id int PRIMARY KEY, last int NOT NULL)",
    "CREATE TABLE IF NOT EXISTS bench_row (id bigserial PRIMARY KEY, number int UNIQUE, subject text, day date)",
    "CREATE INDEX IF NOT EXISTS ix_bench_row ON bench_row (day)",
    "INSERT INTO bench_counter VALUES (1, 0) ON CONFLICT DO NOTHING",
)


def bare_rate(owner_url: str, clients: int, seconds: float) -> float:
    """Transactions a second of the least that a number without gap costs: lock the counter, count, insert, commit."""
    dsn = owner_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in _BARE:
            connection.execute(statement)
    done = [0] * clients
    ready = threading.Barrier(clients)

    def work(number: int) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            ready.wait()
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                connection.execute(
                    "WITH counted AS (UPDATE bench_counter SET last = last + 1 WHERE id = 1 RETURNING last) "
                    "INSERT INTO bench_row (number, subject, day) SELECT last, 'Về việc', current_date FROM counted"
                )
                done[number] += 1

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, range(clients)))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE bench_counter, bench_row")
    return sum(done) / seconds


def receive_and_register(app: Flask, count: int) -> Iterator[float]:
    """Seconds of each registration with a PDF, in this process, without HTTP."""
    with app.app_context():
        user = db.session.scalars(select(User).where(User.username == CLERKS[0])).one()
        actor, given = actor_for(db.session(), user, Via.CLI), values()
        mark = uuid.uuid4().hex[:6]
        papers = [one_page(f"{mark} {at}") for at in range(count)]
        for at, paper in enumerate(papers):
            begun = time.perf_counter()
            upload = files.receive(actor, io.BytesIO(paper), "cong van.pdf", 10**8)
            incoming.register(actor, given | {"number_notation": f"{at}/{mark}-P", "files": [upload.id]})
            yield time.perf_counter() - begun
