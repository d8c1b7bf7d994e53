"""Pages of the register as it grows, beside a plain Flask-AppBuilder list of the same table on the same server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models import Document
from app.queries import incoming
from app.queries.listing import Facet, Sort, encode_cursor
from bench import plain_account as plain
from bench.browser import Browser
from bench.machine import Spread, spread
from bench.office import CLERKS, PASSWORD, RARE
from bench.profile import counted, sign_in
from bench.program import ROOT, free_port

LIST = "/incoming/"
CONTROL = "/password/"
COMMON = "kinh phí"
PLAIN_INDEXES = ("arrival_date", "state", "number_notation")


@dataclass(frozen=True)
class Page:
    """A page that is measured; ``kind`` groups them: first, middle, last, filtered, words, control (no register)."""

    name: str
    kind: str
    address: str


def place(sort: Sort, share: float) -> str:
    """The cursor of the row that has ``share`` of the register before it, in descending order."""
    query = incoming.register_query(_everybody()).order_by(
        *(key.expression.desc() for key in sort.keys), Document.id.desc()
    )
    count = db.session.scalar(text("SELECT count(*) FROM document WHERE arrival_number IS NOT NULL"))
    row = db.session.scalars(query.offset(max(0, int(count * share) - 26)).limit(1)).one()
    return encode_cursor([*(key.of(row) for key in sort.keys), row.id])


def _everybody() -> Any:
    from app.actor import Actor

    return Actor.system("bench")


def pages() -> list[Page]:
    """Every page of the register that is measured, with the addresses it has now; needs an application context."""
    made = []
    for sort in incoming.SORTS:
        order = {} if sort is incoming.SORTS[0] else {"sort": sort.name}
        made += [
            Page(f"first page by {sort.name}", "first", _address(order)),
            Page(f"middle page by {sort.name}", "middle", _address({**order, "after": place(sort, 0.5)})),
            Page(f"last page by {sort.name}", "last", _address({**order, "after": place(sort, 1.0)})),
        ]
        for facet in incoming.FACETS:
            made += [
                Page(f"{facet.name}, {which}, by {sort.name}", "filtered", _address({**order, **chosen}))
                for which, chosen in _values(facet).items()
            ]
    made += [
        Page("words of many documents", "words", _address({"q": COMMON})),
        Page("words of few documents", "words", _address({"q": RARE})),
        Page("words of none", "words", _address({"q": "không hề có"})),
        Page("for comparison: a form without any register", "control", CONTROL),
        Page("words within a facet", "words", _address({"q": COMMON, "urgency": "urgent"})),
    ]
    db.session.commit()
    return made


def _address(given: Mapping[str, Any]) -> str:
    return f"{LIST}?{urlencode(given)}" if given else LIST


def _values(facet: Facet) -> dict[str, dict[str, str]]:
    """The value most documents have and the one fewest have; for days a month in the middle, and the newest week."""
    if facet.is_range:
        first, last = db.session.execute(text("SELECT min(arrival_date), max(arrival_date) FROM document")).one()
        middle = first + (last - first) / 2
        start, end = facet.parameters
        return {
            "common": {start: middle.isoformat(), end: last.isoformat()},
            "rare": {start: middle.isoformat(), end: middle.isoformat()},
        }
    column = facet.column
    counts = text(
        f"SELECT {column.key} FROM document WHERE arrival_number IS NOT NULL AND {column.key} IS NOT NULL "  # noqa: S608
        f"AND {column.key}::text <> '' GROUP BY 1 ORDER BY count(*) DESC"
    )
    found = db.session.scalars(counts).all()
    return {"common": {facet.name: str(found[0])}, "rare": {facet.name: str(found[-1])}}


def statements(app: Flask, wanted: list[Page]) -> dict[str, int]:
    """How many SQL statements each page takes, everything of the request included."""
    client, found = sign_in(app), {}
    for page in wanted:
        with counted(app) as sent:
            answer = client.get(page.address)
        if answer.status_code != 200:
            raise RuntimeError(f"{page.name}: {answer.status_code}")
        found[page.name] = len(sent)
    return found


def timed(browser: Browser, addresses: Mapping[str, str], rounds: int, most_seconds: float) -> dict[str, Spread]:
    """Each address again and again, all in turn so that what disturbs the machine disturbs all alike."""
    times: dict[str, list[float]] = {name: [] for name in addresses}
    spent = dict.fromkeys(addresses, 0.0)
    for turn in range(rounds + 1):
        for name, address in addresses.items():
            if spent[name] > most_seconds and len(times[name]) >= 3:
                continue
            answer = browser.get(address)
            if answer.status != 200:
                raise RuntimeError(f"{name}: {answer.status}")
            spent[name] += answer.seconds
            if turn or answer.seconds > most_seconds / 4:  # the first round warms up
                times[name].append(answer.seconds)
    return {name: spread(found) for name, found in times.items()}


def ours(port: int, wanted: list[Page], rounds: int = 25) -> dict[str, Spread]:
    """The register over HTTP, as a clerk."""
    browser = Browser(port).sign_in(CLERKS[0], PASSWORD)
    return timed(browser, {page.name: page.address for page in wanted}, rounds, 2.0)


# ── the plain list ───────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def plain_server(owner_url: str) -> Iterator[int]:
    """The plain application on the same server software, and the indexes that it would have; gives its port."""
    port = free_port()
    dsn = owner_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(dsn, autocommit=True) as owner:
        for column in PLAIN_INDEXES:
            owner.execute(f"CREATE INDEX bench_plain_{column} ON document ({column})")
        owner.execute("ANALYZE document")
    call = [sys.executable, "-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "8", "--log-level", "error"]
    server = subprocess.Popen(
        [*call, "--preload", "-b", f"127.0.0.1:{port}", "bench.plain:create_app()"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": owner_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_it_answers(port, server)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        with psycopg.connect(dsn, autocommit=True) as owner:
            for column in PLAIN_INDEXES:
                owner.execute(f"DROP INDEX bench_plain_{column}")


def _until_it_answers(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError("the plain list did not start")
        try:
            Browser(port).get("/login/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the plain list does not answer")


def plain_list(port: int, count: int, rounds: int = 15) -> dict[str, Spread]:
    """First, middle, last page and two filters of the plain list."""
    browser = Browser(port)
    form = urlencode({"username": plain.USERNAME, "password": plain.PASSWORD})
    answer = browser.request("POST", "/login/", form.encode(), "application/x-www-form-urlencoded")
    if answer.status != 302:
        raise RuntimeError("the plain list lets nobody in")
    view, size = "/documentview/list/", {"psize_DocumentView": plain.PAGE}
    page: Callable[[int], str] = lambda number: f"{view}?{urlencode({**size, 'page_DocumentView': number})}"  # noqa: E731
    addresses = {
        "first": page(0),
        "middle": page(count // plain.PAGE // 2),
        "last": page(max(0, count // plain.PAGE - 1)),
        "filtered": f"{view}?{urlencode({**size, '_flt_3_urgency': 'urgent'})}",
        "words": f"{view}?{urlencode({**size, '_flt_2_subject': COMMON})}",
        "rare words": f"{view}?{urlencode({**size, '_flt_2_subject': RARE})}",
    }
    return timed(browser, addresses, rounds, 3.0)
