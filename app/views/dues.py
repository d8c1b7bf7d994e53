"""How deadlines of rows stand, in words and colour: of what runs, late and soon."""

from dataclasses import dataclass

from flask_babel import gettext

from app.extensions import db
from app.models import Assignment, Document
from app.queries.to_settle import RUNNING
from app.views import deadline_words
from app.vocabulary import AssignmentKind, AssignmentState


@dataclass(frozen=True)
class Due:
    """How a deadline stands: ``tone`` is late, soon, or nothing."""

    words: str = ""
    tone: str = ""


def due_of_work(each: Assignment) -> Due:
    """Of an assignment: what is suspended, finished or only to be known does not run."""
    if each.finished_at is not None:
        return Due(gettext("finished"))
    if each.state == AssignmentState.SUSPENDED:
        return Due(gettext("suspended, the deadline stands still"))
    if each.due_on is None or each.kind == AssignmentKind.INFORM:
        return Due(gettext("for information") if each.kind == AssignmentKind.INFORM else "")
    said = deadline_words.standing(db.session(), each.due_on)
    return Due(said.words, _tone(said.tone))


def due_of(document: Document) -> Due:
    """Of a document: it runs while it is being settled."""
    if document.handling not in RUNNING or document.due_on is None:
        return Due()
    said = deadline_words.standing(db.session(), document.due_on)
    return Due(said.words, _tone(said.tone))


def _tone(tone: str) -> str:
    return tone if tone in ("late", "soon") else ""
