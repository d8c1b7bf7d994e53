"""What the page of one incoming document shows beside its description (S3, S4 of the work screens)."""

from dataclasses import dataclass
from typing import Any

from flask import request, session, url_for
from flask_babel import gettext

from app.actor import Actor
from app.extensions import db
from app.models import Document
from app.operations.notices import read_about
from app.operations.readings import seen
from app.queries import incoming as queries
from app.queries.incoming_export import return_event
from app.queries.notices import is_told_of
from app.queries.relations import is_handwriting, related
from app.queries.signatures import checks_of
from app.request import other_powers
from app.rules import incoming as rules
from app.rules.handling import LIFECYCLE as HANDLING
from app.rules.lifecycle import permission_key
from app.rules.text import BIGINT, whole_number
from app.views.handling_page import SettlingPage, settling_page
from app.views.timeline import acts_of, looks_of, merged
from app.views.work_steps import Steps, origin_of, steps_of
from app.vocabulary import N_, IncomingState, RefusalReason

PDF = "application/pdf"
TRAY_KEY = "list:waiting"
"""Session key of the tray's last address."""


@dataclass(frozen=True)
class Output:
    """Something to print: address and label; ``main``: what usually comes next."""

    label: str
    address: str
    icon: str = "fa-print"
    main: bool = False
    new: bool = False


def page_context(actor: Actor, record: Document) -> dict[str, Any]:
    """The file to show with its signatures, other files, related documents, the story; the way back and on."""
    may_download = permission_key(rules.NOUN, "download") in actor.permissions
    withheld = queries.withheld_files(db.session(), record.id)
    files = [file for file in record.files if file.sha256 not in withheld]
    pdfs = [file for file in files if file.blob.media_type == PDF]
    wanted = whole_number(request.args.get("file"), BIGINT)
    shown = next((file for file in pdfs if file.id == wanted), pdfs[0] if pdfs else None) if may_download else None
    insider = any(post.ours for post in actor.effective_posts)
    # who of the Office did and looked at what is no business of the body that sent it (212/16.1.m asks for the state)
    acts = acts_of(db.session(), record.id, content=not withheld) if insider else []
    looks = looks_of(db.session(), record.id) if insider else []
    returned = return_event(db.session(), record)
    settling = _settling(actor, record) if insider else None
    _read_notices(actor, record)
    return {
        "shown": shown,
        "checks": checks_of(db.session(), [shown.sha256]).get(shown.sha256, ()) if shown else (),
        "files": files,
        "withheld": bool(withheld),
        "readable": {file.id for file in pdfs},
        "may_download": may_download,
        "channel_label": gettext(rules.CHANNELS[record.channel]) if record.channel else "",  # type: ignore[index]
        "refusal_label": gettext(rules.REFUSAL_REASONS[RefusalReason(record.refusal_code)])
        if record.refusal_code
        else "",
        "return_words": (returned.params.get("reason") or "") if returned else "",
        "outputs": _outputs(actor, record),
        "related": (others := related(db.session(), actor, record)),
        "handwriting": [each for each in others if is_handwriting(each)] if insider else [],
        "entries": merged(acts, looks),
        "looks": looks,
        "insider": insider,
        "cancelled_because": queries.cancelled_because(db.session(), record),
        "neighbours": (place := _neighbours(actor, record)),
        "settling": settling,
        "handling_state": gettext(HANDLING.states[record.handling]) if record.handling else "",
        "file_url": lambda file, **more: url_for("FileView.download", pk=file.id, **more),
        **_way_back(record, place),
    }


def _way_back(record: Document, place: Steps | None) -> dict[str, str]:
    if place is not None:
        return {"list_url": place.list_url, "list_label": place.list_label, "menu_here": place.menu}
    if record.arrival_number is None:
        address = session.get(TRAY_KEY) or url_for("ArrivalsView.waiting")
        if record.state not in (IncomingState.RECEIVED, IncomingState.URGENT):
            address = url_for("ArrivalsView.waiting", state=record.state)
        return {"list_url": address, "list_label": gettext("Waiting to be registered"), "menu_here": "waiting"}
    return {"list_label": gettext("Incoming register")}


def _outputs(actor: Actor, record: Document) -> list[Output]:
    """What is printed for this document: the handling form by everybody of the Office, the rest by the registry."""
    found = []
    insider = any(post.ours for post in actor.effective_posts)
    if insider and record.handling is not None and permission_key(rules.NOUN, "handling_form") in actor.permissions:
        address = url_for("HandlingOutputView.handling_form_pdf", pk=record.id)
        found.append(Output(gettext(N_("Handling form")), address, new=True))
    if permission_key(rules.NOUN, "print") not in actor.permissions:
        return found
    if record.state in (IncomingState.REFUSED, IncomingState.RETURNED):
        label = gettext(N_("Return notice"))
        found.append(Output(label, url_for("IncomingOutputView.return_notice_pdf", pk=record.id), main=True, new=True))
    if record.state in (IncomingState.REGISTERED, IncomingState.RETURNED):
        address = url_for("IncomingOutputView.stamp", pk=record.id)
        found.append(Output(gettext(N_("Arrival stamp")), address, icon="fa-stamp"))
    return found


def _settling(actor: Actor, record: Document) -> SettlingPage | None:
    """What is being done with it; that its holder opened it is on record."""
    page = settling_page(db.session(), actor, other_powers(), record, origin_of(request.args))
    if page is not None and page.unread:
        seen(actor, record.id, page.unread)
    return page


def _read_notices(actor: Actor, record: Document) -> None:
    """Whoever has opened the document need not be told of it any more: the bell counts less at once."""
    if actor.person_id is None or permission_key("notice", "edit") not in actor.permissions:
        return
    if is_told_of(db.session(), actor, record.id):
        read_about(actor, record.id)


def _neighbours(actor: Actor, record: Document) -> Steps | None:
    """The documents before and after this one in the list its reader came from."""
    return steps_of(actor, record, origin_of(request.args))
