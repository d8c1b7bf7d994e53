"""Every page that anybody can reach speaks Vietnamese, leads somewhere, and keeps the policy of the program."""

import importlib.util
import inspect
from enum import StrEnum
from functools import cache
from types import ModuleType

import polib
import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app import clock, trail_words, vocabulary
from app.extensions import db
from app.models import Document
from app.reference.urgency import URGENCY_LEVELS
from app.rules import jobs, trail
from app.rules.lifecycles import LIFECYCLES, all_moves
from app.translation import CATALOGUES, FOLDER
from app.vocabulary import IncomingState, PostKind
from tests.fixtures.application import Databases
from tests.fixtures.clock import NOW
from tests.fixtures.office import signed_in
from tests.fixtures.records import WITHOUT_POST, at_work, states_present, username_of
from tests.pages.checker import Page, Words
from tests.pages.crawler import Findings, Walk

VISITORS: list[PostKind | str | None] = [*PostKind, WITHOUT_POST, None]
"""Somebody in every kind of post, somebody without post, nobody signed in."""
BESIDES = {
    "/khong-co-trang-nay": {404},
    "/incoming/987654321": {403, 404},
    "/roles/": {200, 403},
    "/quan-tri/": {200, 403},
}
"""Pages that no link leads to, and how they may answer to whoever is signed in."""
USERNAMES_OF_THE_OFFICE = {f"Hệ thống mở tài khoản {kind.value}" for kind in PostKind}
"""The history of accounts names them as tests/fixtures/office.py did: by values of an enumeration."""
FEWEST: dict[PostKind | str | None, int] = {PostKind.CLERK: 60, PostKind.IT_CENTRE: 150, PostKind.ADMIN_HEAD: 60}
"""Fewer pages than that, and the walk has lost its way."""
ENGLISH = {"Sign in", "Log in", "Work desk"}
REGISTRY = (PostKind.CLERK, PostKind.ADMIN_HEAD)
"""Who sees every document, in whatever state."""
FILTERED = [f"/incoming/waiting/?state={state}" for state in IncomingState]
"""What a person finds by choosing in a filter; the walk sends forms only as they stand."""
VIETNAMESE = {"Bàn làm việc", "Đăng nhập", "Đăng xuất", "Sổ văn bản đến", "Văn bản đến", "Quản trị", "Tìm"}
"""Words of the frame that show which language a page speaks."""


def _catalogues() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues", FOLDER.parent / "bin" / "catalogues.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def words() -> Words:
    """English of all catalogues with its Vietnamese; values of all enumerations; tags of all events."""
    translations: dict[str, str] = {}
    for name in CATALOGUES:
        for entry in polib.pofile(str(FOLDER / "vi" / "LC_MESSAGES" / f"{name}.po")):
            if entry.obsolete:
                continue
            said = "" if entry.fuzzy else entry.msgstr or entry.msgstr_plural.get(0, "")
            for english in filter(None, (entry.msgid, entry.msgid_plural)):
                if not translations.get(english):
                    translations[english] = said
    for _context, english in _catalogues().extract_ours():  # what no catalogue holds yet is shown in English
        translations.setdefault(english, "")
    enumerations = [
        each
        for module in (vocabulary, jobs)
        for _name, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, StrEnum) and each is not StrEnum
    ]
    values = frozenset(member.value for each in enumerations for member in each)
    levels = {level.code for level in URGENCY_LEVELS}
    tags = {move.name for move in all_moves()} | set(trail.ACTS) | set(trail_words.SENTENCES)
    return Words(
        translations, values | levels, frozenset(tag for tag in tags if "." in tag), frozenset(USERNAMES_OF_THE_OFFICE)
    )


def walk(app: Flask, visitor: PostKind | str | None, language: str, **limits: int) -> Findings:
    """Everything that this visitor can reach, in a language."""
    spoken = words() if language == "vi" else None
    with clock.set_to(NOW):
        client = signed_in(app, username_of(visitor) if visitor is not None else None)
        if language != "vi":
            assert client.get(f"/lang/{language}").status_code == 302
        steps = Walk(app, client, lambda page, nonce: page.faults(spoken, nonce), **limits)
        findings = steps.run("/login/" if visitor is None else "/", *(FILTERED if visitor in REGISTRY else ()))
        if visitor is not None:
            for address, statuses in BESIDES.items():
                steps.look(address, statuses)
    return findings


def test_the_filled_office_has_a_record_in_every_state(app: Flask, filled_office: Engine) -> None:
    """What the walk cannot see is not proven: a new state needs a way there in tests/fixtures/records.py."""
    with app.app_context():
        missing = {noun: set(lifecycle.states) - states_present(noun) for noun, lifecycle in LIFECYCLES.items()}
    assert {noun: states for noun, states in missing.items() if states} == {}


@pytest.mark.parametrize("visitor", VISITORS, ids=str)
def test_every_page_anybody_reaches_is_vietnamese_and_sound(
    app: Flask, filled_office: Engine, visitor: PostKind | str | None
) -> None:
    findings = walk(app, visitor, "vi")
    assert not findings.faults, f"{len(findings.pages)} pages\n{findings.report()}"
    assert len(findings.pages) >= FEWEST.get(visitor, 1)
    if visitor in REGISTRY:
        with app.app_context():
            ids = db.session.scalars(select(Document.id).where(Document.kind == "incoming")).all()
        assert [i for i in ids if f"/incoming/{i}" not in findings.pages] == []


@pytest.mark.parametrize("visitor", [PostKind.CLERK, PostKind.IT_CENTRE, None], ids=str)
def test_the_second_language_is_english_and_as_sound(
    app: Flask, filled_office: Engine, visitor: PostKind | str | None
) -> None:
    findings = walk(app, visitor, "en", records=2, queries=1)
    assert not findings.faults, findings.report()
    for address, source in findings.pages.items():
        page = Page(source)
        assert page.root.get("lang") == "en", address
        said = {text for text, _element in page.texts("en")}
        assert said & ENGLISH, address
        assert not said & VIETNAMESE, (address, said & VIETNAMESE)


@pytest.mark.parametrize("visitor", [PostKind.CLERK, PostKind.IT_CENTRE, PostKind.SPECIALIST, None], ids=str)
def test_a_form_sent_with_nothing_in_it_is_answered_in_vietnamese(
    app: Flask, databases: Databases, filled: str, visitor: PostKind | None
) -> None:
    """Refusals are pages too. Some forms are content with nothing, so each visitor has an office to spoil."""
    with at_work(app, databases, filled), clock.set_to(NOW):
        client = signed_in(app, username_of(visitor) if visitor is not None else None)
        steps = Walk(app, client, lambda page, nonce: page.faults(words(), nonce), records=2, queries=1)
        steps.run("/login/" if visitor is None else "/")
        steps.findings.faults.clear()  # those of the pages themselves are reported above
        assert steps.send_empty() >= 1
    assert not steps.findings.faults, steps.findings.report()
