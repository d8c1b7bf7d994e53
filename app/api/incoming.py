"""REST routes of incoming documents."""

from typing import Any

from app.actor import Actor
from app.api.governed import GovernedApi, build
from app.extensions import db
from app.models import Document
from app.operations.incoming import subject_of
from app.queries import incoming as queries
from app.queries.listing import ListQuery, Page
from app.rules import incoming as rules
from app.rules.lifecycle import Subject

FILTERS = {name: facet.label for facet in queries.FACETS for name in facet.parameters}


class BaseIncomingApi(GovernedApi):
    """Văn bản đến cho chương trình khác."""

    lifecycle = rules.LIFECYCLE

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """One page of the register."""
        return queries.page(db.session(), actor, query)

    def load(self, actor: Actor, pk: int) -> Document:
        """The document with its files."""
        return queries.one(db.session(), actor, pk)

    def subject(self, actor: Actor, record: Document) -> Subject:
        """State, and what the actor is to it."""
        return subject_of(db.session(), actor, record)

    def links(self, record: Document) -> dict[str, int]:
        """The story of the document itself."""
        return {"document_id": record.id}

    def facet_names(self) -> list[str]:
        """Filters of the list."""
        return list(FILTERS)

    def as_dict(self, record: Document) -> dict[str, Any]:
        """The description; dates ISO 8601, instants with zone."""
        return {
            "id": record.id,
            "state": record.state,
            "arrival_number": record.arrival_number,
            "arrival_year": record.arrival_year,
            "arrival_date": _iso(record.arrival_date),
            "received_at": _iso(record.received_at),
            "registered_at": _iso(record.registered_at),
            "identifier": record.identifier,
            "number_notation": record.number_notation,
            "issued_on": _iso(record.issued_on),
            "issuer": {"id": record.issuer_id, "name": record.issuer_name},
            "type": {"id": record.type_id, "name": record.type.name if record.type else None},
            "subject": record.subject,
            "language": record.language,
            "page_count": record.page_count,
            "signer_name": record.signer_name,
            "signer_position": record.signer_position,
            "urgency": record.urgency,
            "field": {"id": record.field_id, "name": record.field.name if record.field else None},
            "channel": record.channel,
            "signature_verdict": record.signature_verdict or None,
            "refusal_code": record.refusal_code or None,
            "paper_received_at": _iso(record.paper_received_at),
            "duplicate_of": record.duplicate_of_id,
            "note": record.note,
            "version": record.version,
        }


def _iso(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


IncomingApi = build(BaseIncomingApi, FILTERS)
