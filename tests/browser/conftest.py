"""The program in a browser: served on this machine, on a database of its own, people signed in.

::

    @pytest.mark.browser
    def test_a_clerk_opens_the_register(page_as: PageAs) -> None:
        page = page_as(PostKind.CLERK)             # a window of 1366×768, signed in, nothing opened yet
        page.goto("/incoming/")                    # addresses are those of the program
        phone = page_as(PostKind.CLERK, phone=True, dark=True)

``site`` serves the filled office (tests/fixtures/records.py) with real commits; each test module has a clone of its
own, shared by its tests. The clock stands at ``tests/fixtures/clock.py:NOW``, in the program and in the browser.
``site.session()`` reads the database beside the browser. A message of the console, an uncaught error or an answer of
500 fails the test that saw it; ``page_as.tolerate("404")`` lets pass what a test brings about. When a test fails, each
of its pages is kept as a picture in pytest's temporary folder of the test, which the report names.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from app import clock
from app.extensions import db
from app.vocabulary import PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import signed_in
from tests.fixtures.records import username_of

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
REPORT = pytest.StashKey[pytest.TestReport]()


class _Quiet(WSGIRequestHandler):
    """Requests are not what a test reports."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@dataclass
class Site:
    """The program as it is served."""

    address: str
    app: Flask

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session on the database that the program uses now, with the clock held."""
        with self.app.app_context(), clock.set_to(NOW):
            yield db.session()
            db.session.rollback()

    def cookie(self, visitor: PostKind | str) -> Any:
        """The session cookie of whoever holds a kind of post, or has that user name."""
        with clock.set_to(NOW):
            client = signed_in(self.app, username_of(visitor))
        name = self.app.config["SESSION_COOKIE_NAME"]
        kept = client.get_cookie(name)
        assert kept is not None
        return {"name": name, "value": kept.value, "url": self.address}


@pytest.fixture(scope="module")
def site(app: Flask, filled_office: Engine) -> Iterator[Site]:
    """The program on this machine, on a free port, for the tests of one module."""

    def serve(environ: Any, start_response: Any) -> Any:
        with clock.set_to(NOW):  # each request has a thread, and a thread begins with the true time
            return app.wsgi_app(environ, start_response)

    server = make_server("127.0.0.1", 0, serve, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", app)
    server.shutdown()
    thread.join()


@dataclass
class PageAs:
    """Opens pages as somebody; called with a kind of post, a user name, or ``None`` for nobody."""

    browser: Browser
    site: Site
    opened: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tolerated: list[str] = field(default_factory=list)

    def __call__(self, visitor: PostKind | str | None, *, phone: bool = False, dark: bool = False) -> Page:
        """An empty page in a window of its own: of a desk or a phone, light or dark."""
        context = self.browser.new_context(
            base_url=self.site.address,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            accept_downloads=True,
        )
        self.opened.append(context)
        context.clock.set_fixed_time(NOW)
        context.set_default_timeout(10_000)
        if visitor is not None:
            context.add_cookies([self.site.cookie(visitor)])
        page = context.new_page()
        page.on("console", lambda message: self._heard(f"{message.type}: {message.text}", message.type == "error"))
        page.on("pageerror", lambda error: self._heard(f"uncaught: {error}"))
        page.on("response", lambda answer: self._heard(f"{answer.status} {answer.url}", answer.status >= 500))
        return page

    def tolerate(self, pattern: str) -> None:
        """Let pass what the test itself brings about, by a regular expression."""
        self.tolerated.append(pattern)

    def _heard(self, what: str, counts: bool = True) -> None:
        if counts:
            self.faults.append(what)

    def remaining(self) -> list[str]:
        """What went wrong in the pages and was not tolerated."""
        return [each for each in self.faults if not any(re.search(pattern, each) for pattern in self.tolerated)]

    def picture(self, folder: Path) -> None:
        """Every open page as a picture."""
        pages = [page for context in self.opened for page in context.pages]
        for number, page in enumerate(pages, 1):
            page.screenshot(path=folder / f"page-{number}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Remember how the test itself ended, for the pictures."""
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


@pytest.fixture
def page_as(browser: Browser, site: Site, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PageAs]:
    """Opens pages as somebody, see :class:`PageAs`; at the end nothing may have gone wrong in any of them."""
    made = PageAs(browser, site)
    yield made
    report = request.node.stash.get(REPORT, None)
    faults = made.remaining()
    if faults or (report is not None and report.failed):
        made.picture(tmp_path)
    for context in made.opened:
        context.close()
    assert faults == [], f"pictures in {tmp_path}"
