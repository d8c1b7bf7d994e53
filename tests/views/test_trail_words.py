"""The trail in sentences: every tag has its words, and no old record breaks a page."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock, trail_words
from app.extensions import db
from app.models import Access, Event
from app.rules.lifecycles import all_moves, move_named
from app.rules.trail import ACTS
from app.views.timeline import entries
from app.vocabulary import AccessKind

OPERATIONS = Path(__file__).parents[2] / "app" / "operations"
TAGS = sorted({*trail_words.SENTENCES, *(move.name for move in all_moves() if move.event)})


def event_of(tag: str, **values: Any) -> Event:
    given = {"actor_name": "Lê Thị Hạnh", "actor_post": "Văn thư", "power": "own_post", "on_behalf_of_name": ""}
    return Event(**{"tag": tag, "subject_id": "1", "params": {}, **given, **values})


@pytest.fixture
def request_in_vietnamese(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def written_tags() -> set[str]:
    """Tags that operations write as plain text."""
    found = set()
    for path in OPERATIONS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "events.record":
                for each in ast.walk(node.args[2]):
                    if isinstance(each, ast.Constant) and isinstance(each.value, str) and "." in each.value:
                        found.add(each.value)
    return found


def test_every_tag_that_is_written_has_a_sentence_and_a_label() -> None:
    tags = written_tags()
    assert len(tags) > 20
    assert {tag for tag in tags if tag not in trail_words.SENTENCES and move_named(tag) is None} == set()
    assert tags <= set(ACTS)


@pytest.mark.usefixtures("request_in_vietnamese")
@pytest.mark.parametrize("tag", TAGS)
def test_a_record_that_tells_nothing_still_has_a_sentence(tag: str) -> None:
    said = trail_words.line(event_of(tag))
    assert said
    assert "%(" not in said
    assert tag not in said


@pytest.mark.usefixtures("request_in_vietnamese")
def test_what_is_not_told_stands_as_three_dots() -> None:
    assert "…" in trail_words.sentence(event_of("incoming.register"))
    assert "298/2026" in trail_words.sentence(event_of("incoming.register", params={"number": 298, "year": 2026}))


@pytest.mark.usefixtures("request_in_vietnamese")
def test_a_tag_and_a_power_nobody_knows_any_more_are_shown_as_they_are() -> None:
    assert trail_words.sentence(event_of("old.thing")) == "old.thing"
    assert trail_words.label("old.thing") == "old.thing"
    assert "Võ Thị Mai" in trail_words.who(event_of("old.thing", power="gone", on_behalf_of_name="Võ Thị Mai"))


@pytest.mark.usefixtures("request_in_vietnamese")
def test_a_percent_sign_in_a_record_is_only_a_percent_sign() -> None:
    told = trail_words.sentence(event_of("person.added", params={"name": "100% %(x)s"}))
    assert "100% %(x)s" in told


@pytest.mark.clause("212/16.2.a")
def test_opening_a_page_with_its_pdf_is_one_look_in_the_story_and_two_on_record(
    app: Flask, registered: Callable[..., int]
) -> None:
    pk = registered()
    with app.test_request_context():
        for file_id, kind in ((None, AccessKind.VIEW), (7, AccessKind.VIEW), (7, AccessKind.DOWNLOAD)):
            db.session.add(
                Access(
                    at=clock.now(), kind=kind, actor_name="Ai Đó", document_id=pk, file_id=file_id, what="a", via="web"
                )
            )
        db.session.commit()
        looks = [entry.text for entry in entries(db.session(), pk) if entry.trail == "look" and "Ai Đó" in entry.text]
        assert len(looks) == 2
        assert not [text for text in looks if "2 lần" in text]
        assert len(db.session.scalars(select(Access).where(Access.actor_name == "Ai Đó")).all()) == 3
