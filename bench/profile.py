"""Where the time of one registration over HTTP goes, in this process, step by step."""

import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Template
from sqlalchemy import event
from werkzeug.wrappers import Request

from app.extensions import db
from app.extraction.inspector import Inspector
from app.operations import base, files
from app.storage.local import LocalStore
from bench.browser import Form, multipart
from bench.office import CLERKS, PASSWORD
from bench.registering import LIST, NEW, filled, one_page


@dataclass
class Step:
    """Time spent in one step itself, without the steps inside it, and how many statements it sent."""

    seconds: float = 0.0
    statements: int = 0


class Watch:
    """Tells time apart by what is under way."""

    def __init__(self) -> None:
        self.steps: dict[str, Step] = {}
        self._open: list[tuple[str, float]] = []
        self._since = 0.0

    def _account(self) -> None:
        now = time.perf_counter()
        if self._open:
            self.steps.setdefault(self._open[-1][0], Step()).seconds += now - self._since
        self._since = now

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What happens inside counts as this step."""
        self._account()
        self._open.append((name, self._since))
        try:
            yield
        finally:
            self._account()
            self._open.pop()

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, as this step."""

        def run(*args: Any, **kwargs: Any) -> Any:
            with self.step(name):
                return function(*args, **kwargs)

        return run

    def statement_begins(self, *_: Any) -> None:
        """A statement goes to the database."""
        if self._open:
            self.steps.setdefault(self._open[-1][0], Step()).statements += 1
            self._account()
            self._open.append(("database: statements", self._since))

    def statement_ends(self, *_: Any) -> None:
        """Its answer is here."""
        if self._open and self._open[-1][0] == "database: statements":
            self._account()
            self._open.pop()


def sign_in(app: Flask, username: str = CLERKS[0]) -> FlaskClient:
    """A client of the application in this process, signed in by the form; as the first clerk unless told otherwise."""
    client = app.test_client()
    token = Form.of(client.get("/login/").text).fields["csrf_token"]
    client.post("/login/", data={"csrf_token": token, "username": username, "password": PASSWORD})
    return client


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _acts(module: Any) -> bool:
    """Whether it calls the operations of moves."""
    return vars(module).get("act") is base.act if hasattr(module, "__dict__") else False


def registration(app: Flask, count: int) -> dict[str, Step]:
    """Steps of a click and of the list after it, the mean of ``count`` registrations."""
    client = sign_in(app)
    form = filled(Form.of(client.get(NEW, follow_redirects=True).text))
    mark = uuid.uuid4().hex[:6]
    watch = Watch()
    with app.app_context():
        engine = db.engine
    with ExitStack() as stack:
        for owner, name, step in (
            (Request, "_load_form_data", "reading the form"),
            (LocalStore, "put", "storing the file (three fsyncs)"),
            (files, "examine", "telling its type"),
            (Inspector, "inspect", "inspecting it in the worker"),
            (files, "_stage", "staging it"),
            *((module, "act", "the operation") for module in list(sys.modules.values()) if _acts(module)),
            (Template, "render", "rendering"),
            (engine.dialect, "do_commit", "database: commits"),
        ):
            stack.enter_context(patch.object(owner, name, watch.around(step, getattr(owner, name))))
        event.listen(engine, "before_cursor_execute", watch.statement_begins)
        event.listen(engine, "after_cursor_execute", watch.statement_ends)
        stack.callback(event.remove, engine, "before_cursor_execute", watch.statement_begins)
        stack.callback(event.remove, engine, "after_cursor_execute", watch.statement_ends)
        for at in range(-3, count):
            if at == 0:
                watch.steps.clear()
            notation = f"{at + 4}/{mark}"
            fields = form | {"submission_key": str(uuid.uuid4()), "number_notation": notation, "subject": notation}
            body, kind = multipart(fields, {"files": ("cong van.pdf", one_page(notation))})
            with watch.step("the rest of the click: session, rights, redirect"):
                answer = client.post(NEW, data=body, content_type=kind)
            if answer.status_code != 302:
                raise RuntimeError(f"registering failed: {answer.status_code}")
            with watch.step("the rest of the list: session, rights, query"):
                client.get(LIST)
    for step in watch.steps.values():
        step.seconds /= count
        step.statements = round(step.statements / count)
    return watch.steps
