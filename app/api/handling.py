"""REST routes of settling: documents that are being settled, and what the caller was given."""

from dataclasses import replace
from typing import Any

from app.actor import Actor
from app.api.governed import GovernedApi, build
from app.extensions import db
from app.models import Assignment, Document
from app.operations import moves  # noqa: F401 - declares the operations of every move
from app.queries import assignments as work
from app.queries import holdings, incoming, to_settle
from app.queries.deadlines import stand_of
from app.queries.listing import ListQuery, Page
from app.queries.settling import Part, settling_of
from app.rules import assignments, handling
from app.rules.lifecycle import Subject

HANDLING_FILTERS = {
    "handling": "State of settling",
    "presented_to_id": "Person it was presented to; me: the caller",
    "stand": "late, soon, in_time or none",
    "urgency": "Urgency level",
    "type_id": "Document type",
    "lead_unit_id": "Unit that settles it",
}
ASSIGNMENT_FILTERS = {"scope": "mine, unit, given, all or finished", **dict.fromkeys(work.FACET_NAMES, "Filter")}


class BaseHandlingApi(GovernedApi):
    """Giải quyết văn bản đến cho chương trình khác."""

    lifecycle = handling.LIFECYCLE

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """Documents in one state of settling, urgent ones first."""
        given = {**query.facets, "q": query.text, "after": query.after, "before": query.before}
        return to_settle.page(db.session(), actor, replace(to_settle.query_of(given, actor), size=query.size))

    def load(self, actor: Actor, pk: int) -> Document:
        """The document."""
        return incoming.one(db.session(), actor, pk)

    def subject(self, actor: Actor, record: Document) -> Subject:
        """How far it is settled, and what the actor is to it."""
        return holdings.document_subject(db.session(), actor, record)

    def links(self, record: Document) -> dict[str, int]:
        """The story of the document itself."""
        return {"document_id": record.id}

    def facet_names(self) -> list[str]:
        """Filters of the list."""
        return list(HANDLING_FILTERS)

    def as_row(self, record: Document) -> dict[str, Any]:
        """How far it is settled; days ISO 8601, instants with zone."""
        return {
            "id": record.id,
            "handling": record.handling,
            "outcome": record.outcome or None,
            "subject": record.subject,
            "number_notation": record.number_notation,
            "presented_to_id": record.presented_to_id,
            "presented_at": _iso(record.presented_at),
            "lead": {"unit_id": record.lead_unit_id, "person_id": record.lead_person_id},
            **_deadline(record.due_on),
            "settled_at": _iso(record.settled_at),
            "version": record.version,
        }

    def as_dict(self, record: Document) -> dict[str, Any]:
        """The same with the tree of its assignments, opinions and case files."""
        found = settling_of(db.session(), record)
        return {
            **self.as_row(record),
            "assignments": [_part(each) for each in found.roots],
            "opinions": [
                {"person_id": each.person_id, "post": each.post, "at": _iso(each.at), "text": each.text}
                for each in found.opinions
            ],
            "case_files": [{"id": each.id, "code": each.code, "title": each.title} for each in found.case_files],
        }


class BaseAssignmentApi(GovernedApi):
    """Việc được giao cho chương trình khác."""

    lifecycle = assignments.LIFECYCLE

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """What the caller has to do, by deadline; ``scope`` widens it."""
        given = {**query.facets, "q": query.text, "after": query.after, "before": query.before}
        return work.page(db.session(), actor, replace(work.query_of(given), size=query.size))

    def load(self, actor: Actor, pk: int) -> Assignment:
        """The assignment, with its document."""
        return holdings.get_assignment(db.session(), actor, pk)

    def subject(self, actor: Actor, record: Assignment) -> Subject:
        """Its state, and what the actor is to it."""
        return holdings.assignment_subject(db.session(), actor, record)

    def links(self, record: Assignment) -> dict[str, int]:
        """The story of its document."""
        return {"document_id": record.document_id}

    def facet_names(self) -> list[str]:
        """Filters of the list."""
        return list(ASSIGNMENT_FILTERS)

    def as_dict(self, record: Assignment) -> dict[str, Any]:
        """One part of a document."""
        return {"document_id": record.document_id, "parent_id": record.parent_id, **_own(record)}


def _own(each: Assignment) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "state": each.state,
        "unit": {"id": each.unit_id, "name": each.unit.name},
        "person": {"id": each.person_id, "name": each.person.full_name} if each.person is not None else None,
        "assigned_by_id": each.assigned_by_id,
        "assigned_at": _iso(each.assigned_at),
        "directions": each.directions,
        **_deadline(each.due_on),
        "passed_on": each.passed_on,
        "waiting_for": each.waiting_for or None,
        "suspended_on": _iso(each.suspended_on),
        "chased_at": _iso(each.chased_at),
        "chase_count": each.chase_count,
        "finished_at": _iso(each.finished_at),
        "closing_note": each.closing_note or None,
        "version": each.version,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        **_own(part.assignment),
        "read_by": sorted(part.readers),
        "deadline_changes": [
            {
                "kind": each.kind,
                "state": each.state,
                "reason": each.reason,
                "before": _iso(each.due_before),
                "asked": _iso(each.due_asked),
                "after": _iso(each.due_after),
            }
            for each in part.changes
        ],
        "below": [_part(each) for each in part.below],
    }


def _deadline(day: Any) -> dict[str, Any]:
    stand = stand_of(db.session(), day)
    return {"due_on": _iso(day), "standing": stand.standing, "working_days": stand.days if day else None}


def _iso(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


HandlingApi = build(BaseHandlingApi, HANDLING_FILTERS)
AssignmentApi = build(BaseAssignmentApi, ASSIGNMENT_FILTERS)
