"""The forms of settling: what is done with a document, and with a part of it that somebody was given."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import jsonify, request, session, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext
from markupsafe import Markup

from app import clock
from app.actor import Actor
from app.errors import DomainError
from app.extensions import db
from app.models import Assignment, Document
from app.operations import moves  # noqa: F401 - declares the operations of every move
from app.operations.assigning import latest_below, name_of
from app.operations.handling import due_when_empty
from app.queries import holdings, incoming, tray
from app.queries.choices import choices
from app.queries.deadlines import proposed_below
from app.queries.directions import frequent_directions
from app.queries.history import last_event
from app.request import look, other_powers
from app.rules import assignments, handling
from app.rules.incoming import NOUN as INCOMING
from app.rules.lifecycle import InputType, Move, Subject, permission_key, permission_obstacle
from app.rules.text import whole_number
from app.trail_words import done_words
from app.views import deadline_words
from app.views.assignees import directions_now, held_now, rows
from app.views.bulk_forms import BulkForms
from app.views.forms import MoveForm
from app.views.handling_page import word_of
from app.views.move_forms import KEPT, MoveForms
from app.views.places import local
from app.views.uploads import SHOWN_INLINE
from app.views.work_steps import Steps, origin_of, steps_of
from app.vocabulary import N_, AssignmentKind

PHRASES = (
    N_("Study it and propose how to settle it."),
    N_("Settle it by the rules and report the result."),
    N_("Take part in the meeting and report."),
    N_("For information and follow-up."),
)
"""Directions for whoever has not given any yet."""


def assigns(move: Move) -> bool:
    """Whether the move's form is the dialog of an assignment."""
    return any(each.type == InputType.ASSIGNEES for each in move.inputs)


class SettlingForms(BulkForms, MoveForms):
    """What the forms of both nouns have in common: the document beside, and the next piece of work behind."""

    def document_of(self, record: Any) -> Document:
        """The document that a record is, or belongs to."""
        raise NotImplementedError

    def made_by(self, _submission_key: UUID) -> None:
        """No form of these makes a record."""

    def page_of_record(self, record: Any) -> str:
        """The page of the document."""
        return url_for("IncomingView.show", pk=self.document_of(record).id, _anchor="handling")

    def list_url(self) -> str:
        """Where one came from."""
        return session.get("list:assignment") or session.get(f"list:{INCOMING}") or url_for("IncomingView.list")

    def headline(self, record: Any) -> str:
        """Arrival number and abstract of the document."""
        document = self.document_of(record)
        if document.arrival_number is None:
            return document.subject
        number = f"{document.arrival_number:02d}/{document.arrival_year}"
        return gettext("arrival number %(number)s: %(subject)s", number=number, subject=document.subject)

    def looked_at(self, actor: Actor, record: Any) -> None:
        """The form shows the document: the look is on record first (212/16.2.a)."""
        document = self.document_of(record)
        look(actor, "document", document.id, {"document_id": document.id})

    def form_template(self, move: Move) -> str:
        """The dialog for whatever gives a document to somebody."""
        return "handling/assign.html" if assigns(move) else "governed/move.html"

    def form_context(
        self, actor: Actor, move: Move, record: Any | None, form: MoveForm, _refused: Sequence[DomainError]
    ) -> dict[str, Any]:
        """The way on; for the dialog the people, the document, phrases and days."""
        document = self.document_of(record) if record is not None else None
        place = self._steps(actor, document)
        found: dict[str, Any] = {
            "next_url": local(request.form.get("next_url")) or (place.onward_url if place else ""),
            "place": place,
            "origin": origin_of(request.values),
            "menu_here": place.menu if place else "",
        }
        if document is not None and not assigns(move):
            found["papers"] = self._papers(actor, document)
        if document is not None and move in _PREVIEWED:
            found["preview_url"] = url_for("HandlingOutputView.slip_preview", pk=document.id, kind=_PREVIEWED[move])
        if move in _DECIDES and record is not None:
            found["asked"] = holdings.asked(db.session(), record.id)
        return {**found, **self.dialog(actor, move, record, form)} if assigns(move) else found

    def dialog(self, actor: Actor, move: Move, record: Any | None, form: MoveForm) -> dict[str, Any]:
        """What the dialog of an assignment shows besides its inputs."""
        form.focus = form.focus if form.focus in _BEFORE_PEOPLE else ""  # else the box of names has the cursor
        document = self.document_of(record) if record is not None else None
        below = record.unit_id if move is assignments.PASS_ON and record is not None else None
        chosen, offered = rows(db.session(), form.fields["assignees"].raw or {}, below)
        latest, taken = self.bounds(move, record)
        offered = [
            replace(each, is_heading=True, note=gettext("has it already")) if each.value in taken else each
            for each in offered
            if not (each.is_person and each.value in taken)
        ]
        able = (each for each in (actor, *other_powers()) if permission_obstacle(move, each) is None)
        phrases = frequent_directions(db.session(), next(able, actor).effective_person_id)
        common = [gettext(each) for each in PHRASES if len(phrases) < len(PHRASES)]
        return {
            "chosen": chosen,
            "offered": offered,
            "own_value": f"p{actor.person_id}",
            "only_asks": move is assignments.ASK,
            "may_lead": not (move is assignments.PASS_ON and record is not None and record.kind != AssignmentKind.LEAD),
            "kinds": {str(kind): gettext(label) for kind, label in handling.KINDS.items()},
            "phrases": [*phrases, *(each for each in common if each not in phrases)][: len(PHRASES) + 2],
            "quick": [each for each in deadline_words.QUICK if latest is None or _after(each) <= latest],
            "latest": latest,
            "by_rule": deadline_words.by_rule(db.session(), document) if document is not None else None,
            "today": clock.today(),
            "document": document,
            "word": word_of(db.session(), document) if document is not None else None,
            "papers": self._papers(actor, document),
            "words_field": form.fields.get("directions") or form.fields.get("question"),
        }

    def bounds(self, move: Move, record: Any | None) -> tuple[date | None, set[str]]:
        """By when it must be done at the latest, and who has it already and cannot be given it again, as the dialog
        names them: nothing of either for a document."""
        if record is None or move not in (assignments.PASS_ON, assignments.ASK):
            return None, set()
        held = holdings.living(db.session(), record.document_id)
        holders = [record] + [each for each in held if move is assignments.ASK and each.parent_id == record.id]
        taken = {f"u{each.unit_id}" if each.person_id is None else f"p{each.person_id}" for each in holders}
        return latest_below(held, record), taken

    def _papers(self, actor: Actor, document: Document | None) -> list[dict[str, Any]]:
        if document is None or permission_key(INCOMING, "download") not in actor.permissions:
            return []
        files = tray.files_of(db.session(), [document]).get(document.id, ())
        return [
            {
                "title": file.title,
                "type": file.blob.media_type,
                "shown": file.blob.media_type in SHOWN_INLINE,
                "src": url_for("FileView.download", pk=file.id, inline=1),
            }
            for file in files
        ]

    def _steps(self, actor: Actor, document: Document | None) -> Steps | None:
        return steps_of(actor, document, origin_of(request.values)) if document is not None else None

    def page_of(self, document_id: int) -> str:
        """The document's page, on what is being done with it; the list that one came from is kept in mind."""
        origin: dict[str, Any] = {**origin_of(request.values)}
        return url_for("IncomingView.show", pk=document_id, **origin, _anchor="handling")

    def back_url(self, record: Any | None) -> str:
        """Back to the document."""
        return self.page_of(self.document_of(record).id) if record is not None else self.list_url()

    def done_url(self, _move: Move, made: Any, _pk: int | None) -> str:
        """The next piece of work where that was asked for, else the document as it is now."""
        onward = local(request.form.get("next_url")) if request.form.get("then") == "next" else ""
        return onward or self.page_of(self.document_of(made).id)

    def done_sentences(self, move: Move, pk: int) -> tuple[str, ...]:
        """Who has it until when, as it was recorded."""
        return (done_words(move, last_event(db.session(), move.name, self.lifecycle.subject_type, pk)),)

    def saved_message(self, move: Move, record: Any) -> Markup | str:
        """What was done, in the words of the act just recorded; a link back where one goes on."""
        event = last_event(db.session(), move.name, self.lifecycle.subject_type, record.id)
        said = done_words(move, event)
        if request.form.get("then") != "next" or not local(request.form.get("next_url")):
            return said
        return Markup('<span>{}</span> <a href="{}">{}</a>').format(
            said, url_for("IncomingView.show", pk=self.document_of(record).id, _anchor="handling"), gettext("Open it")
        )


_DECIDES = (assignments.GRANT_EXTENSION, assignments.REFUSE_EXTENSION)
"""Moves that answer what somebody asked for: it stands in the form."""
_BEFORE_PEOPLE = ("requested_by_id", "request_note")
"""Inputs that stand above the people in the dialog."""


def _after(days: int) -> date:
    """The day that a quick choice gives."""
    return deadline_words.after(db.session(), days).day or date.max


_PREVIEWED = {handling.TRANSFER: "transfer", handling.RETURN_TO_SENDER: "return"}
"""Moves whose slips can be looked at before they are made."""


class HandlingView(SettlingForms):
    """Giải quyết văn bản đến: presenting, assigning, outcomes."""

    route_base = "/handling"
    class_permission_name = handling.NOUN
    base_permissions = ["can_show"]
    lifecycle = handling.LIFECYCLE

    def document_of(self, record: Document) -> Document:
        """The document itself."""
        return record

    def load(self, actor: Actor, pk: int) -> Document:
        """The document with its files."""
        return incoming.one(db.session(), actor, pk)

    def many(self, actor: Actor, ids: Sequence[int]) -> list[Document]:
        """Several documents that the actor may see, in the order given."""
        return incoming.several(db.session(), actor, ids)

    def subject(self, actor: Actor, record: Document | None) -> Subject:
        """How far it is settled, and what the actor is to it."""
        if record is None:
            return Subject("", frozenset())
        return holdings.document_subject(db.session(), actor, record)

    def defaults_for(self, move: Move) -> dict[str, Any]:
        """To whom one presented last; the usual kind of an answer."""
        kept: Mapping[str, Any] = session.get(KEPT, {}).get(move.name, {})
        found = {each.name: kept[each.name] for each in move.inputs if each.keep and each.name in kept}
        if move is handling.PROCESS:
            letter = next((value for value, name in choices(db.session(), "document_types") if name == "Công văn"), "")
            found["draft_type_id"] = letter
        return found

    def values_for(self, move: Move, record: Document | None) -> dict[str, Any]:
        """Who has it now, for what changes that; the day by rule."""
        if record is None:
            return {}
        if move is handling.PROCESS:
            what = " ".join(filter(None, [record.type.name if record.type else "", record.number_notation]))
            return {"draft_subject": gettext("Answer to %(what)s", what=what or record.subject)[:500]}
        if not assigns(move):
            return {}
        held = holdings.living(db.session(), record.id)
        # after a lead was given back the others are still there: who is not chosen again would lose it
        today, present = clock.today(), held_now(held, None)
        for row in present:
            if row["due_on"] is not None and row["due_on"] < today:
                row["due_on"] = None  # kept as it is: nobody is given a day that has passed
        return {
            "assignees": present,
            "directions": directions_now(held, None),
            "due_on": due_when_empty(db.session(), record),
        }

    def _done(self, move: Move, made: Any, form: MoveForm, pk: int | None) -> Any:
        kept = {each.name: form.fields[each.name].raw for each in move.inputs if each.keep}
        if kept:
            session[KEPT] = {**session.get(KEPT, {}), move.name: kept}
        return super()._done(move, made, form, pk)

    @expose("/deadline")
    @has_access
    @permission_name("show")
    def deadline(self) -> Any:
        """What a number of working days from now (``days``) or a day as typed (``on``) comes to, and why, as JSON; 422
        for what is neither."""
        days = whole_number(request.args.get("days"), 10_000)
        try:
            said = (
                deadline_words.after(db.session(), days)
                if days is not None
                else deadline_words.typed(db.session(), request.args.get("on", "")[:60])
            )
        except (ValueError, OverflowError):
            return jsonify(due="", said="", words="", tone="", why=[]), 422
        return jsonify(said.as_json())


class AssignmentView(SettlingForms):
    """Việc được giao: passing on, opinions, deadlines of one part."""

    route_base = "/assignment"
    class_permission_name = assignments.NOUN
    base_permissions = ["can_show"]
    lifecycle = assignments.LIFECYCLE

    def document_of(self, record: Assignment) -> Document:
        """The document of which it is a part."""
        return record.document

    def load(self, actor: Actor, pk: int) -> Assignment:
        """The assignment, with its document."""
        return holdings.get_assignment(db.session(), actor, pk)

    def many(self, actor: Actor, ids: Sequence[int]) -> list[Assignment]:
        """Several assignments of documents that the actor may see, in the order given."""
        return holdings.get_assignments(db.session(), actor, ids)

    def subject(self, actor: Actor, record: Assignment | None) -> Subject:
        """Its state, and what the actor is to it."""
        if record is None:
            return Subject("", frozenset())
        return holdings.assignment_subject(db.session(), actor, record)

    def headline(self, record: Assignment) -> str:
        """The document, and whose part it is."""
        about, holder = super().headline(record), name_of(db.session(), record)
        return gettext("%(document)s (part of %(holder)s)", document=about, holder=holder)

    def values_for(self, move: Move, record: Assignment | None) -> dict[str, Any]:
        """Who has it below now; the day that is there, or was asked for."""
        if record is None:
            return {}
        if move is assignments.PASS_ON:
            held = holdings.living(db.session(), record.document_id)
            return {
                "assignees": held_now(held, record.id),
                "directions": directions_now(held, record.id),
                "due_on": proposed_below(db.session(), record.due_on, self.bounds(move, record)[0]),
            }
        if move is assignments.ASK:
            return {"due_on": proposed_below(db.session(), record.due_on, self.bounds(move, record)[0])}
        if move is assignments.GRANT_EXTENSION:
            waiting = holdings.asked(db.session(), record.id)
            return {"due_on": waiting.due_asked if waiting else None}
        return {}
