"""Clauses in words: what events keep as ids is said as the Decision names it."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import gettext

from app.rules.grounds import ground_of_id, grounds

CLAUSES = Path(__file__).parents[2] / "docs" / "clauses.tsv"


@pytest.fixture
def in_vietnamese(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.usefixtures("in_vietnamese")
@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("212/4.1", "khoản 1 Điều 4"),
        ("212/16.4.a", "điểm a khoản 4 Điều 16"),
        ("212/16.1.dd", "điểm đ khoản 1 Điều 16"),
        ("212/12.a", "điểm a Điều 12"),
        ("212/18", "Điều 18"),
        ("212/8.2.1", "mục 1 khoản 2 Điều 8"),
        ("212/S.4a", "bước 4a của lưu đồ"),
    ],
)
def test_a_clause_is_said_as_the_decision_names_it(clause: str, said: str) -> None:
    ground = ground_of_id(clause)
    assert gettext(ground.message) % ground.params == said


def test_every_clause_of_the_decision_has_words() -> None:
    with CLAUSES.open(encoding="utf-8") as lines:
        ids = [f"212/{row[0]}" for row in list(csv.reader(lines, delimiter="\t"))[1:]]
    assert len(ids) > 80
    assert [
        each for each in ids if "clause" in ground_of_id(each).params and "article" not in ground_of_id(each).params
    ] == []


@pytest.mark.parametrize("odd", ["", "212/", "212/x.y", "30/21.2", "%(x)s", "212/4.1.a.b"])
def test_what_is_no_clause_of_the_decision_stands_as_it_is(odd: str) -> None:
    ground = ground_of_id(odd)
    assert ground.message % ground.params == odd


def test_the_clauses_of_an_event_keep_their_order() -> None:
    assert [each.params["article"] for each in grounds("212/16.1.dd, 212/4.2  212/5.1")] == ["16", "4", "5"]
    assert grounds("") == []
