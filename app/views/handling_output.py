"""What is printed of the settling of a document: the handling form, and previews of slips (212/7.2, 212/8.2).

The form is on record before its first byte leaves (212/16.2.a); a preview stores nothing.
"""

import io
from typing import Any

from flask import abort, request
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext
from pypdf import PdfReader, PdfWriter

from app.actor import Actor
from app.errors import NotFound, Obstacle, Refused
from app.extensions import db
from app.models import Document
from app.queries import incoming as queries
from app.queries.handling_form import form_of, slip_facts
from app.reports.handling_form import handling_form
from app.reports.slip import slip_pdf
from app.request import PK, chosen_actor, current_actor
from app.rules import incoming as rules
from app.rules import slips as slip_rules
from app.rules.handling import RETURN_TO_SENDER, TRANSFER
from app.rules.lifecycle import permission_key
from app.views.forms import MoveForm
from app.views.output import put_on_record, shown
from app.vocabulary import N_, AccessKind

_MOVES = {slip_rules.TRANSFER: TRANSFER, slip_rules.RETURN: RETURN_TO_SENDER}
"""What slips are for, as the address says it → the move that prepares them."""


class HandlingOutputView(BaseView):
    """Phiếu giải quyết văn bản đến; phiếu chuyển, phiếu báo, công văn trả lại xem trước khi lập."""

    route_base = "/incoming"
    class_permission_name = rules.NOUN
    base_permissions = ["can_handling_form"]
    default_view = "handling_form_pdf"

    @expose(f"/{PK}/handling-form.pdf")
    @has_access
    @permission_name("handling_form")
    def handling_form_pdf(self, pk: int) -> Any:
        """Phiếu giải quyết văn bản đến (Decree 30/2020, appendix IV, VII), as the record has it today."""
        actor = current_actor()
        document = _settled_here(actor, pk)
        content = handling_form(form_of(db.session(), document))
        put_on_record(actor, AccessKind.PRINT, gettext("the handling form"), document)
        return shown(content, gettext("Handling form") + ".pdf")

    @expose(f"/{PK}/slip-preview/<kind>", methods=["POST"])
    @has_access
    @permission_name("handling_form")
    def slip_preview(self, pk: int, kind: str) -> Any:
        """The slips that the form of a move would make of what is typed now, one behind the other; nothing is kept."""
        move = _MOVES.get(kind)
        if move is None:
            abort(404)
        actor = current_actor()
        document = _settled_here(actor, pk)
        acting = chosen_actor(request.form.get("acting_for"))
        if permission_key(move.noun, move.verb) not in acting.effective_permissions:
            abort(403)
        form = MoveForm(move)
        form.bind(request.form)
        made = slip_rules.slips(kind, slip_facts(db.session(), document, acting), form.values)
        content = _together([slip_pdf(slip) for slip in made])
        put_on_record(actor, AccessKind.VIEW, "", document)
        return shown(content, gettext("Preview") + ".pdf")


def _settled_here(actor: Actor, pk: int) -> Document:
    """A document that is, or was, to be settled; for people of the Office alone. Raises NotFound, Refused."""
    if not any(post.ours for post in actor.effective_posts):
        raise NotFound
    document = queries.one(db.session(), actor, pk)
    if document.withheld or document.handling is None:
        raise Refused(Obstacle(N_("This document is not there to be settled: there is no handling form for it.")))
    return document


def _together(papers: list[bytes]) -> bytes:
    """Several PDFs as one."""
    if len(papers) == 1:
        return papers[0]
    writer, out = PdfWriter(), io.BytesIO()
    for paper in papers:
        writer.append(PdfReader(io.BytesIO(paper)))
    writer.write(out)
    return out.getvalue()
