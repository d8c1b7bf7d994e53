"""What leaves the incoming register on paper or as a file: arrival stamp, return notice, the register itself.

Each output is on record before its first byte leaves (212/16.2.a); nothing made here is stored.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from flask import Response, make_response, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app import clock
from app.actor import Actor
from app.backends import inspector, store
from app.errors import DomainError, Forbidden, NotFound, Obstacle, Refused
from app.extensions import appbuilder, db
from app.extraction.pool import WorkerFailed
from app.extraction.stamped_copy import CannotStamp, Why, appendix
from app.messages import say
from app.models import Document, DocumentFile
from app.queries import incoming as queries
from app.queries.incoming_export import Listed, extent_of, in_register_order, listed, return_event
from app.queries.listing import ListQuery
from app.queries.office import office_names
from app.reports import incoming_register, sheet_pdf, sheet_xlsx
from app.reports.arrival_stamp import StampFacts, overlay, stamp_sheet
from app.reports.return_notice import ReturnNotice, return_notice
from app.reports.sheet import SheetForm
from app.request import PK, current_actor
from app.rules import incoming as rules
from app.rules.arrival_stamp import POSITIONS, StampPosition, usual_position
from app.rules.lifecycle import permission_key
from app.rules.registers import written
from app.rules.return_grounds import ground_of
from app.rules.text import BIGINT, whole_number
from app.storage.base import Missing
from app.translation import vn_date, vn_number
from app.views.incoming import IncomingView
from app.views.output import PDF, put_on_record, sent, shown
from app.vocabulary import N_, AccessKind, IncomingState, RefusalReason

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = {PDF: 5_000, XLSX: 20_000}
"""Rows of one export; 5,000 lines are some 600 pages and take a few seconds to set."""
REMEMBERED = "stamp_position"
"""Cookie with the last position chosen: it goes with the desk and its printer, not with the person."""
_HOURED = frozenset({"very_urgent", "flash"})
"""Levels whose stamp bears the hour of arrival besides the day."""
_STAMPED = frozenset({IncomingState.REGISTERED, IncomingState.RETURNED})

_CANNOT = {
    Why.ENCRYPTED: N_(
        "“%(title)s” is locked with a password or against changes. Print the stamp alone onto the paper."
    ),
    Why.DAMAGED: N_("“%(title)s” is damaged, nothing can be laid over it. Print the stamp alone onto the paper."),
    Why.TOO_SMALL: N_("The first page of “%(title)s” is too small for the stamp. Print the stamp alone."),
    Why.TOO_HEAVY: N_("“%(title)s” is too large or too intricate to be stamped. Print the stamp alone onto the paper."),
}


class IncomingOutputView(BaseView):
    """In dấu đến, phiếu trả lại, xuất sổ: what the registry prints and hands on."""

    route_base = "/incoming"
    class_permission_name = rules.NOUN
    base_permissions = ["can_print", "can_export"]
    default_view = "stamp"

    # ── the arrival stamp ───────────────────────────────────────────────────────────────────────────────────────

    @expose(f"/{PK}/stamp")
    @has_access
    @permission_name("print")
    def stamp(self, pk: int) -> Any:
        """Where the stamp shall stand, and what to print: the stamp alone, or a stamped copy."""
        actor = current_actor()
        document = queries.one(db.session(), actor, pk)
        try:
            facts = _stamp_facts(document)
        except Refused as error:
            return self._cannot(error, url_for("IncomingView.show", pk=pk))
        files = _stampable(actor, document)
        chosen_file = _wanted(files)
        return self.render_template(
            "incoming/stamp.html",
            title=gettext("Print the arrival stamp"),
            record=document,
            facts=facts,
            positions=[(position.value, gettext(label)) for position, label in POSITIONS.items()],
            chosen=_position(document),
            files=files,
            chosen_file=chosen_file.id if chosen_file else None,
            pdf_url=url_for("IncomingOutputView.stamp_pdf", pk=pk),
            back_url=url_for("IncomingView.show", pk=pk),
        )

    @expose(f"/{PK}/stamp.pdf")
    @has_access
    @permission_name("print")
    def stamp_pdf(self, pk: int) -> Any:
        """``?what=sheet``: a page with the stamp alone; ``?what=copy&file=…``: a stamped copy of a PDF of the document.

        The original stays as it is, and the copy is not kept (212/16.4.d).
        """
        actor = current_actor()
        document = queries.one(db.session(), actor, pk)
        position = _position(document)
        try:
            facts = _stamp_facts(document)
            if request.args.get("what") == "copy":
                response = self._copy(actor, document, facts, position)
            else:
                content = stamp_sheet(facts, position)
                put_on_record(actor, AccessKind.PRINT, gettext("the arrival stamp"), document)
                response = shown(content, gettext("Arrival stamp %(number)s", number=facts.number) + ".pdf")
        except (Refused, Forbidden) as error:
            return self._cannot(error, url_for("IncomingOutputView.stamp", pk=pk))
        response.set_cookie(
            REMEMBERED,
            position.value,
            max_age=365 * 24 * 3600,
            path=self.route_base,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
        return response

    def _copy(self, actor: Actor, document: Document, facts: StampFacts, position: StampPosition) -> Response:
        if permission_key(rules.NOUN, "download") not in actor.permissions:
            raise Forbidden(Obstacle(N_("Your role does not allow this. Ask the IT centre if it should.")))
        file = _wanted(_stampable(actor, document))
        if file is None:
            raise Refused(Obstacle(N_("This document has no PDF that could be stamped. Print the stamp alone.")))
        sha256 = file.sha256
        db.session.rollback()  # a worker may take seconds, and connections are few
        out = tempfile.TemporaryFile(prefix="van-thu-stamp-")  # noqa: SIM115 - closed when the answer is sent
        try:
            with store().open(sha256) as original:
                shutil.copyfileobj(original, out)
            out.write(appendix(inspector().pool, store().path(sha256), overlay(facts, clock.now()), position))
            what = gettext("a copy with the arrival stamp: %(title)s", title=file.title)
            put_on_record(actor, AccessKind.PRINT, what, document, file)
        except BaseException as error:
            out.close()
            raise _said(error, file) from error
        name = gettext("Copy with arrival stamp %(number)s", number=facts.number)
        return sent(out, PDF, f"{name}.pdf")

    # ── the return notice ───────────────────────────────────────────────────────────────────────────────────────

    @expose(f"/{PK}/return-notice.pdf")
    @has_access
    @permission_name("print")
    def return_notice_pdf(self, pk: int) -> Any:
        """Phiếu trả lại văn bản of a document that was refused or sent back (212/4.3, 212/5.3)."""
        actor = current_actor()
        document = queries.one(db.session(), actor, pk)
        event = return_event(db.session(), document)
        if event is None:
            refused = Refused(
                Obstacle(N_("This document was neither refused nor sent back: there is no notice for it."))
            )
            return self._cannot(refused, url_for("IncomingView.show", pk=pk))
        names = office_names(db.session())
        reason = rules.REFUSAL_REASONS.get(RefusalReason(document.refusal_code)) if document.refusal_code else None
        arrival = ""
        if document.arrival_number and document.arrival_date:
            arrival = f"số đến {written(document.arrival_number)} ngày {vn_date(document.arrival_date)}"
        content = return_notice(
            ReturnNotice(
                superior=names.superior,
                agency=names.agency,
                office_name=names.office,
                place=names.place,
                addressee=document.issuer_name or gettext("The sender of the document"),
                type_name=document.type.name if document.type else "",
                number_notation=document.number_notation,
                issued_on=document.issued_on,
                subject=document.subject,
                reason=gettext(reason) if reason else "",
                words=event.params.get("reason") or "",
                ground=ground_of(document.state, document.channel, document.refusal_code),
                returned_by=event.actor_name,
                post=event.actor_post,
                returned_at=event.at,
                arrival=arrival,
                received_on=clock.in_vietnam(document.received_at).date() if document.received_at else None,
                secret=document.refusal_code == RefusalReason.SECRET,
            )
        )
        put_on_record(actor, AccessKind.PRINT, gettext("the return notice"), document)
        return shown(content, gettext("Return notice") + ".pdf")

    # ── the register as a file ──────────────────────────────────────────────────────────────────────────────────

    @expose("/export.pdf")
    @has_access
    @permission_name("export")
    def export_pdf(self) -> Any:
        """Sổ đăng ký văn bản đến of what the list shows, as PDF."""
        return self._export(PDF, "pdf", lambda form, rows, out, _at: sheet_pdf.write_pdf(form, rows, out))

    @expose("/export.xlsx")
    @has_access
    @permission_name("export")
    def export_xlsx(self) -> Any:
        """The same as an Excel workbook."""
        return self._export(XLSX, "xlsx", sheet_xlsx.write_xlsx)

    def _export(
        self, media_type: str, ending: str, write: Callable[[SheetForm, Iterable[Any], BinaryIO, datetime], int]
    ) -> Any:
        actor, session = current_actor(), db.session()
        query = in_register_order(_list_query())
        try:
            extent = extent_of(session, actor, query, MOST_ROWS[media_type])
        except Refused as error:
            return self._cannot(error, f"{url_for('IncomingView.list')}?{request.query_string.decode('latin-1')}")
        now = clock.now()
        names = office_names(db.session())
        form = incoming_register.form(
            names.superior,
            names.agency,
            incoming_register.Extent(extent.first_day, extent.last_day, *extent.first_number, *extent.last_number),
            _foot(actor, now, narrowed=bool(query.text or query.facets)),
        )
        out = tempfile.TemporaryFile(prefix="van-thu-export-")  # noqa: SIM115 - closed when the answer is sent
        try:
            rows = (_row(each) for each in listed(session, actor, query, extent.newest))
            count = write(form, incoming_register.cells(rows), out, now)
            kind = ending.upper()
            put_on_record(
                actor,
                AccessKind.EXPORT,
                gettext("the incoming register: %(count)s documents, %(kind)s", count=vn_number(count), kind=kind),
            )
        except BaseException:
            out.close()
            raise
        day = clock.in_vietnam(now).strftime("%Y-%m-%d")
        return sent(out, media_type, f"so-van-ban-den-{day}.{ending}")

    def _cannot(self, error: DomainError, back_url: str) -> Any:
        """Why nothing was made, and the way back; no half file leaves."""
        page = self.render_template(
            "incoming/no_output.html",
            title=gettext("No file was made"),
            sentences=[say(obstacle) for obstacle in error.obstacles],
            back_url=back_url,
        )
        return make_response(page, error.status)


def _stamp_facts(document: Document) -> StampFacts:
    """What the stamp says. Raises Refused for a document whose number is none to stamp with."""
    if document.state == IncomingState.CANCELLED:
        raise Refused(Obstacle(N_("The arrival number of this document is cancelled: there is nothing to stamp.")))
    if document.state not in _STAMPED or document.arrival_number is None:
        raise Refused(Obstacle(N_("This document has no arrival number yet. Register it, then print the stamp.")))
    arrived = vn_date(document.arrival_date)
    if document.urgency in _HOURED and document.received_at is not None:
        arrived = f"{clock.in_vietnam(document.received_at):%H:%M}, {arrived}"
    return StampFacts(office_names(db.session()).office, written(document.arrival_number), arrived)


def _stampable(actor: Actor, document: Document) -> list[DocumentFile]:
    """The PDFs of the document whose content the actor may have."""
    if permission_key(rules.NOUN, "download") not in actor.permissions:
        return []
    withheld = queries.withheld_files(db.session(), document.id)
    return [file for file in document.files if file.blob.media_type == PDF and file.sha256 not in withheld]


def _wanted(files: list[DocumentFile]) -> DocumentFile | None:
    """The file that the address names, else the first."""
    named = request.args.get("file")
    if not named:
        return files[0] if files else None
    wanted = whole_number(named, BIGINT)
    return next((file for file in files if file.id == wanted), None)


def _said(error: BaseException, file: DocumentFile) -> BaseException:
    """What stands against a copy, in words for people; anything else as it is."""
    if isinstance(error, CannotStamp):
        return Refused(Obstacle(_CANNOT[error.reason], params={"title": file.title}))
    if isinstance(error, WorkerFailed):
        return Refused(Obstacle(N_("Too much is being done at once. Try again in a minute.")))
    return NotFound() if isinstance(error, Missing) else error


def _position(document: Document) -> StampPosition:
    """What the address asks for; else the last place chosen at this desk, as it suits the document."""
    asked, last = (_known(typed) for typed in (request.args.get("position"), request.cookies.get(REMEMBERED)))
    has_type_name = document.type is not None and document.type.abbreviation != ""
    return asked or usual_position(has_type_name, last)


def _known(typed: str | None) -> StampPosition | None:
    return StampPosition(typed) if typed in set(StampPosition) else None


def _list_query() -> ListQuery:
    """What the list shows under the same address; its own reading of it, so that the two never differ."""
    view = next(each for each in appbuilder.baseviews if type(each) is IncomingView)
    return view.list_query()


def _row(each: Listed) -> incoming_register.IncomingRow:
    document = each.document
    return incoming_register.IncomingRow(
        arrived_on=document.arrival_date,
        number=document.arrival_number,
        author=document.issuer_name,
        number_notation=document.number_notation,
        issued_on=document.issued_on,
        type_name=document.type.name if document.type else "",
        subject=document.subject,
        recipient=_recipient(document),
        passed_on=each.passed_on,
        notes=tuple(_notes(each)),
    )


def _recipient(document: Document) -> str:
    """The unit that settles it, and who leads in it."""
    if document.lead_unit is None:
        return ""
    person = document.lead_person
    return f"{document.lead_unit.name} ({person.full_name})" if person is not None else document.lead_unit.name


def _notes(each: Listed) -> Iterator[str]:
    """Urgency, what became of the number or the document, and the clerk's own note."""
    document = each.document
    if document.urgency != "normal":
        yield document.urgency_level.name
    if document.state == IncomingState.CANCELLED:
        yield gettext("Number cancelled: %(reason)s", reason=each.reason)
    if document.state == IncomingState.RETURNED:
        label = rules.REFUSAL_REASONS.get(RefusalReason(document.refusal_code)) if document.refusal_code else None
        why = ". ".join(part for part in (gettext(label) if label else "", each.reason) if part)
        yield gettext("Sent back: %(reason)s", reason=why)
    if document.paper_received_at is not None:
        yield gettext("Paper copy arrived on %(date)s", date=vn_date(document.paper_received_at))
    if document.note:
        yield document.note


def _foot(actor: Actor, now: datetime, *, narrowed: bool) -> str:
    at = clock.in_vietnam(now)
    said = gettext(
        "Printed from the records system at %(time)s on %(date)s by %(name)s",
        time=f"{at:%H:%M}",
        date=vn_date(now),
        name=actor.name,
    )
    return f"{said}. {gettext('Only the documents that the chosen filters leave')}." if narrowed else f"{said}."
