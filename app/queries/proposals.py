"""What a dropped file says about itself, shaped for the registration form: proposals that a clerk confirms."""

import logging
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.backends import inspector, store
from app.extraction.letters import LetterText, letter_text
from app.extraction.pool import WorkerFailed
from app.models import Blob, DocumentType, Organisation, UrgencyLevel
from app.queries.parties import find_organisations, organisation_named, own_units
from app.rules.letterhead import Proposals, TypeFacts, propose
from app.rules.text import words
from app.storage.base import Missing

READABLE = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
"""Media types that may carry a text of their own."""
_CITY = ["thanh", "pho"]
_log = logging.getLogger(__name__)


def proposals_for(session: Session, sha256: str, *, today: date | None = None) -> dict[str, Any]:
    """Proposals for the fields of the registration form, read from one stored file; JSON-ready.

    ``{field: {"value": …, "label": …}, "warnings": […]}``. The keys are inputs of ``app.rules.incoming.DESCRIPTION``;
    one is there only where something is proposed. ``value`` is what the form posts, ``label`` what a person reads:

    - ``number_notation``, ``subject``, ``signer_name``, ``signer_position``: text, value and label alike;
    - ``issued_on``: ``dd/mm/yyyy``, never after ``today`` (default: today in Vietnam);
    - ``type_id``: id of a type valid on that day, as text like the choices of the form; its name;
    - ``urgency``: code of a level, only where a stamp is read (without one the form's own default stays); its name;
    - ``issuer``: ``{"id": …, "name": …}``, where ``id`` is None for a body that is in no catalogue; its name;
    - ``page_count``: whole number; of a PDF alone.

    ``warnings`` is always there: ``"secret"`` where a secrecy stamp is read, a document that may not enter the
    program (the caller says so, and a person decides); else empty.

    Ends the transaction of the session: call it with nothing to keep. Nothing is written, nothing is taken over: the
    caller shows what is proposed and leaves what is typed alone. A file that is unknown, a scan, of another kind,
    locked, or too much for the worker gives ``{"warnings": []}``, and the number of pages where it is known. Raises
    nothing on account of the file. It does not ask who wants to know: the caller lets nobody ask for a file that is
    not the asker's own upload or a document that the asker may see.
    """
    found: dict[str, Any] = {"warnings": []}
    blob = session.execute(
        select(Blob.media_type, Blob.facts, Blob.page_count).where(Blob.sha256 == sha256)
    ).one_or_none()
    if blob is None or blob.media_type not in READABLE:
        return found
    day = today or clock.today()
    session.rollback()  # a worker may take seconds, and connections are few
    read = LetterText("", None) if blob.facts.get("encrypted") else _text(sha256, blob.media_type)
    if read.text.strip():
        types = types_on(session, day)
        said = propose(read.text, day, list(types.values()))
        found |= _fields(session, said, types)
        if said.secret:
            found["warnings"].append("secret")
    pages = blob.page_count or read.page_count
    if pages:
        found["page_count"] = {"value": pages, "label": str(pages)}
    return found


def _text(sha256: str, media_type: str) -> LetterText:
    try:
        return letter_text(inspector().pool, store().path(sha256), media_type)
    except (WorkerFailed, Missing) as error:
        _log.info("no proposals from %s: %s", sha256, error)
        return LetterText("", None)


def types_on(session: Session, day: date) -> dict[int, TypeFacts]:
    """Document types valid on a day, by id, as recognising them needs it."""
    query = select(DocumentType).where(
        DocumentType.valid_from <= day, or_(DocumentType.valid_to.is_(None), DocumentType.valid_to >= day)
    )
    return {row.id: TypeFacts(row.id, row.code, row.name, row.abbreviation) for row in session.scalars(query)}


def _fields(session: Session, said: Proposals, types: dict[int, TypeFacts]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in ("number_notation", "subject", "signer_name", "signer_position"):
        if proposed := getattr(said, name):
            fields[name] = {"value": proposed.value, "label": proposed.value}
    if said.issued_on:
        written = f"{said.issued_on.value:%d/%m/%Y}"
        fields["issued_on"] = {"value": written, "label": written}
    if said.type_id:
        fields["type_id"] = {"value": str(said.type_id.value), "label": types[said.type_id.value].name}
    if said.urgency and (level := session.get(UrgencyLevel, said.urgency.value)):
        fields["urgency"] = {"value": level.code, "label": level.name}
    if said.issuer_name:
        known = _organisation(session, said.issuer_name.value)
        name = known.name if known else said.issuer_name.value
        fields["issuer"] = {"value": {"id": known.id if known else None, "name": name}, "label": name}
    return fields


def _organisation(session: Session, name: str) -> Organisation | None:
    """The living organisation that a printed name means; ``None`` where none or several come into question."""
    if exact := organisation_named(session, name):
        return exact
    key = words(name)
    if alike := [row for row in find_organisations(session, " ".join(key), own=True) if words(row.name) == key]:
        return alike[0] if len({row.name for row in alike}) == 1 else None
    shorter = _without_own_city(session, key)
    if not shorter:
        return None
    near = [row for row in find_organisations(session, " ".join(shorter), own=True) if words(row.name) == shorter]
    return near[0] if len(near) == 1 else None


def _without_own_city(session: Session, key: list[str]) -> list[str]:
    """``công an thành phố`` for the full name with the city in which the Office stands; else nothing."""
    for start in range(1, len(key) - 2):
        city = key[start : start + 2] == _CITY and key[start:]
        if city and any(words(unit)[-len(city) :] == city for _, unit in own_units(session).values()):
            return key[: start + 2]
    return []
