"""The forms of incoming documents: the paper beside the form, what resembles it, the next of the tray."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from app import clock
from app.actor import Actor
from app.errors import DomainError, Obstacle
from app.extensions import db
from app.models import Blob, Document, DocumentFile, Upload
from app.operations.files import forget
from app.operations.registry import number_of, subject_of
from app.queries import incoming as queries
from app.queries import tray
from app.queries.choices import choices
from app.queries.parties import body_meant
from app.queries.proposals import types_on
from app.queries.signatures import checks_of
from app.request import current_actor, other_powers
from app.rules import incoming as rules
from app.rules.lifecycle import Move, allowed, permission_key
from app.rules.text import BIGINT, clean, whole_number
from app.translation import vn_size
from app.views.forms import MoveForm
from app.views.move_forms import Deed, MoveForms
from app.views.uploads import SHOWN_INLINE
from app.vocabulary import IncomingState, RefusalReason

BESIDE = (rules.REGISTER, rules.ADVANCE, rules.CORRECT, rules.REFUSE)
"""Moves whose form stands beside the paper."""
ENTERING = (rules.REGISTER, rules.ADVANCE)
"""Moves that enter a document, and ask whether it is there already (212/16.1.g)."""
LESS_OFTEN = ("page_count", "field_id", "language", "identifier", "note")
"""Inputs that a clerk seldom types: folded away, with what is in them said."""
NOTICED = (rules.REFUSE, rules.SEND_BACK)
"""Moves after which the sender is told with the return notice."""


def may(actor: Actor, move: Move, document: Document | None) -> bool:
    """Whether the person may make the move on this document, by the own posts or by a delegation held."""
    return any(allowed(move, each, subject_of(db.session(), each, document)) for each in (actor, *other_powers()))


def alike(
    actor: Actor, values: Mapping[str, Any], *, but: int | None, sha256s: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Documents that may be the same one as the form describes, each with what may be done about it (212/16.1.g).

    ``same``: it is found by number, issuing body or identifier; otherwise by one of its files.
    """
    session = db.session()
    issuer = values.get("issuer") or {}
    name = clean(issuer.get("name"))
    body = body_meant(session, issuer)
    found = queries.duplicates(
        session,
        actor,
        number_notation=clean(values.get("number_notation")),
        issuer_id=body.id if body is not None else None,
        issuer_name=name,
        identifier=clean(values.get("identifier")),
        issued_on=values.get("issued_on"),
        but=but,
    )
    known = {each.id for each in found}
    by_file = [each for each in queries.same_file(session, actor, sha256s, but=but) if each.id not in known]
    return [
        {
            "document": each,
            "number": number_of(each) if each.arrival_number is not None else "",
            "state": gettext(rules.LIFECYCLE.states[IncomingState(each.state)]),
            "same": each.id in known,
            "may_copy": may(actor, rules.ADD_PAPER_COPY, each),
        }
        for each in [*found, *by_file]
    ]


class RegisteringForms(MoveForms):
    """What the forms of incoming documents have beyond those of any move."""

    def form_template(self, move: Move) -> str:
        """The paper stands beside the form where one describes it."""
        return "incoming/register.html" if move in BESIDE else "governed/move.html"

    def defaults_for(self, move: Move) -> dict[str, Any]:
        """Ordinary urgency on paper in the first book for what is entered."""
        if not move.creates:
            return {}
        books = choices(db.session(), "incoming_books")
        first = {"book_id": books[0][0]} if books else {}
        return {"urgency": "normal", "secrecy": "none", "channel": "paper", "language": "Tiếng Việt", **first}

    def values_for(self, move: Move, record: Document | None) -> dict[str, Any]:
        """The description for a correction; how and when it arrived of what waits; papers ticked in the tray."""
        if move is rules.CORRECT and record is not None:
            return queries.values_of(record)
        values: dict[str, Any] = {}
        if record is not None and move.creates:
            values = {"channel": record.channel, "received_at": record.received_at}
        ticked = [whole_number(each, BIGINT) for each in request.args.getlist("waiting_ids")]
        return {**values, "waiting_ids": [each for each in ticked if each is not None]}

    def stopped(self, form: MoveForm, pk: int | None) -> Sequence[Obstacle]:
        """A state secret is stopped before anything of it is taken in (Decision 1.2)."""
        waiting = pk is not None or bool(form.values.get("waiting_ids"))
        return rules.secrecy_obstacles(form.values, kept=waiting)

    def deed(self, move: Move, pk: int | None, form: MoveForm, version: int | None) -> Deed:
        """ "It is the paper copy of that one": the files of the form, or the waiting paper, go there (212/7.3)."""
        if move is rules.REFUSE and form.values.get("refusal_code") == RefusalReason.SECRET:
            forget(current_actor(), form.fields["files"].value)  # the refusal is recorded, the content is not
            form.fields["files"].value = []
        verb, _, of = request.form.get("instead", "").partition(":")
        which, _, seen = of.partition(":")
        target = whole_number(which, BIGINT)
        if move not in ENTERING or verb != rules.ADD_PAPER_COPY.verb or target is None:
            return super().deed(move, pk, form, version)
        waiting = [*([pk] if pk is not None else []), *(form.fields["waiting_ids"].value or [])]
        values = {
            "received_at": form.fields["received_at"].value,
            "files": form.fields["files"].value,
            "waiting_ids": waiting,
        }
        return Deed(rules.ADD_PAPER_COPY, target, values, whole_number(seen))

    def form_context(
        self, actor: Actor, move: Move, record: Document | None, form: MoveForm, refused: Sequence[DomainError]
    ) -> dict[str, Any]:
        """The paper's files, what resembles it, its place in the tray, the other things that may be done with it."""
        if move not in BESIDE:
            return {}
        session = db.session()
        waiting = record if record is not None and record.state == IncomingState.RECEIVED else None
        more = tray.papers(session, actor, form.fields["waiting_ids"].value or []) if move in ENTERING else []
        held = self._held(actor, [*([record] if record is not None else []), *more])
        files = [*held, *(_of_upload(each) for each in form.uploads)]
        sha256s = [each["sha256"] for each in files]
        shown = next((each for each in files if each["type"] in SHOWN_INLINE), None)
        read = shown or next(iter(files), None)
        resembling = alike(actor, form.values, but=record.id if record else None, sha256s=sha256s)
        codes = {each.code for error in refused for each in error.obstacles}
        folded = [form.fields[name] for name in LESS_OFTEN if name in form.fields]
        return {
            "held": held,
            "shown": shown,
            "checks": checks_of(session, [read["sha256"]]).get(read["sha256"], ()) if read is not None else (),
            "similar": resembling if move in ENTERING else [],
            "is_secret": "secret" in codes,
            "folded": folded,
            "fold_open": any(each.errors for each in folded),
            "others": self._others(actor, move, record),
            "place": tray.place_of(session, actor, waiting) if waiting is not None and move.creates else None,
            "waiting": waiting,
            **({"menu_here": "waiting"} if record is not None and record.arrival_number is None else {}),
            "more": more,
            "type_words": {str(id_): each.abbreviation for id_, each in types_on(session, clock.today()).items()},
            "fresh": request.method == "GET" and move.creates,  # a correction begins with what is on record
        }

    def _held(self, actor: Actor, documents: Sequence[Document]) -> list[dict[str, Any]]:
        if permission_key(rules.NOUN, "download") not in actor.permissions:
            return []
        files = tray.files_of(db.session(), documents)
        return [_of_file(file) for document in documents for file in files.get(document.id, ())]

    def _others(self, actor: Actor, move: Move, record: Document | None) -> list[tuple[Move, str]]:
        """Forms to which one may go over with all that was typed: present urgently, refuse, register after all."""
        if not move.creates:
            return []
        found = []
        for other in (rules.REGISTER, rules.ADVANCE, rules.REFUSE):
            if other is not move and self._button(actor, other, record):
                place = {"verb": other.verb} if record is None else {"verb": other.verb, "pk": record.id}
                found.append((other, url_for(f"{self.endpoint}.{'new' if record is None else 'act_form'}", **place)))
        return found

    def headline(self, record: Document) -> str:
        """Arrival number and what it is about; of a waiting paper what it is called."""
        if record.arrival_number is None:
            return record.subject
        return gettext("arrival number %(number)s: %(subject)s", number=number_of(record), subject=record.subject)

    def back_url(self, record: Document | None) -> str:
        """From what waits back to the tray."""
        if record is not None and record.state == IncomingState.RECEIVED:
            return url_for("ArrivalsView.waiting")
        return super().back_url(record)

    def next_url(self, _move: Move, pk: int | None) -> str:
        """The next paper of the tray, where this one came from there; else an empty form."""
        if pk is None:
            return url_for(f"{self.endpoint}.new", verb=rules.REGISTER.verb)
        actor = current_actor()
        upcoming = tray.next_id(db.session(), actor, queries.one(db.session(), actor, pk))
        if upcoming is not None:
            return url_for(f"{self.endpoint}.act_form", pk=upcoming, verb=rules.REGISTER.verb)
        flash(gettext("The tray is empty: every paper is dealt with."), "info")
        return url_for("ArrivalsView.waiting")

    def done_url(self, move: Move, made: Document, pk: int | None) -> str:
        """What left the tray without a number leads back to it; who refuses a paper of it goes on with the next."""
        if move in (rules.RECEIVE, rules.JOIN, rules.DISCARD):
            return url_for("ArrivalsView.waiting")
        if move is rules.REFUSE and pk is not None:
            return self.next_url(rules.REGISTER, pk)
        return super().done_url(move, made, pk)

    def saved_message(self, move: Move, record: Document) -> Markup:
        """The move's own words with the number, and the links of what one does next."""
        into = tray.joined_into(db.session(), record) if move is rules.JOIN else None
        said = gettext(move.done) % {
            "number": record.arrival_number,
            "into": number_of(into) if into else "",
            "unit": record.unit.name if "%(unit)s" in move.done and record.unit is not None else "–",
        }
        goes_on = request.form.get("then") == "next" or move in (rules.ADD_PAPER_COPY, rules.JOIN, rules.REFUSE)
        links = [(url_for(f"{self.endpoint}.show", pk=(into or record).id), gettext("Open it"))] if goes_on else []
        if permission_key(rules.NOUN, "print") in current_actor().permissions:
            if move in (rules.REGISTER, rules.GIVE_NUMBER):
                links.append((url_for("IncomingOutputView.stamp", pk=record.id), gettext("Print the arrival stamp")))
            if move in NOTICED:
                links.append(
                    (url_for("IncomingOutputView.return_notice_pdf", pk=record.id), gettext("Print the return notice"))
                )
        return Markup("<span>{}</span> {}").format(said, _linked(links))


def _linked(links: Iterable[tuple[str, str]]) -> Markup:
    return Markup(" · ").join(
        Markup('<a href="{}">{}</a>').format(escape(address), escape(words)) for address, words in links
    )


def _of_file(file: DocumentFile) -> dict[str, Any]:
    return {
        **_of_blob(file.blob, file.title),
        "upload": None,
        "file": file.id,
        "src": url_for("FileView.download", pk=file.id, inline=1),
        "reading": url_for("ArrivalsView.reading", file=file.id),
    }


def _of_upload(upload: Upload) -> dict[str, Any]:
    return {
        **_of_blob(upload.blob, upload.received_name),
        "upload": upload.id,
        "file": None,
        "src": url_for("UploadView.show", pk=upload.id, inline=1),
        "reading": url_for("ArrivalsView.reading", upload=upload.id),
    }


def _of_blob(blob: Blob, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "type": blob.media_type,
        "size": vn_size(blob.size),
        "pages": blob.page_count,
        "sha256": blob.sha256,
    }
