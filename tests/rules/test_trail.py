"""Everything that is put on record has words."""

import re
from pathlib import Path

from app.rules.trail import ACTS, SUBJECTS

APP = Path(__file__).resolve().parents[2] / "app"
RECORD = re.compile(r'events\.record\(\s*uow,\s*actor,\s*"([\w.]+)"(?: if [^,]+ else "([\w.]+)")?,\s*"?(\w+)"?')


def recorded() -> list[tuple[str, ...]]:
    found = []
    for path in sorted((APP / "operations").glob("*.py")) + sorted((APP / "demo").glob("*.py")):
        found += RECORD.findall(path.read_text(encoding="utf-8"))
    return found


def test_every_tag_that_operations_write_has_words() -> None:
    tags = {tag for first, second, _subject in recorded() for tag in (first, second) if tag}
    assert len(tags) > 20
    assert tags - set(ACTS) == set()


def test_every_kind_of_record_that_operations_write_about_has_a_name() -> None:
    nouns = {"NOUN": "account", "noun": "organisation"}
    subjects = {nouns.get(subject, subject) for _first, _second, subject in recorded()}
    assert len(subjects) > 5
    assert subjects - set(SUBJECTS) == set()
