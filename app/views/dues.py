"""How deadlines of rows stand, in words and colour: of what runs, late and soon."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from app.extensions import db
from app.models import Assignment, Document
from app.queries.assignments import suspended_among
from app.queries.to_settle import RUNNING
from app.views import deadline_words
from app.vocabulary import AssignmentKind, AssignmentState


@dataclass(frozen=True)
class Due:
    """How a deadline stands: ``tone`` is late, soon, or nothing."""

    words: str = ""
    tone: str = ""


def dues_of_work(rows: Sequence[Assignment]) -> dict[int, Due]:
    """Of a page of assignments, by id; one statement where some were passed on."""
    waiting = suspended_among(db.session(), {each.document_id for each in rows if each.passed_on})
    return {each.id: _due_of_work(each, waiting) for each in rows}


def dues_of(rows: Sequence[Document]) -> dict[int, Due]:
    """Of a page of documents, by id; one statement where some are being settled."""
    waiting = suspended_among(db.session(), {each.id for each in rows if each.handling in RUNNING})
    return {each.id: _due_of(each, waiting) for each in rows}


def _due_of_work(each: Assignment, waiting: Collection[int]) -> Due:
    """What is suspended, finished or only to be known does not run; nor what is suspended below."""
    if each.finished_at is not None:
        return Due(gettext("finished"))
    if each.state == AssignmentState.SUSPENDED or (each.passed_on and each.document_id in waiting):
        return Due(gettext("suspended, the deadline stands still"))
    if each.due_on is None or each.kind == AssignmentKind.INFORM:
        return Due(gettext("for information") if each.kind == AssignmentKind.INFORM else "")
    said = deadline_words.standing(db.session(), each.due_on)
    return Due(said.words, _tone(said.tone))


def _due_of(document: Document, waiting: Collection[int]) -> Due:
    """It runs while it is being settled, and not suspended."""
    if document.handling not in RUNNING or document.due_on is None:
        return Due()
    if document.id in waiting:
        return Due(gettext("suspended, the deadline stands still"))
    said = deadline_words.standing(db.session(), document.due_on)
    return Due(said.words, _tone(said.tone))


def _tone(tone: str) -> str:
    return tone if tone in ("late", "soon") else ""
