"""The tables that the console shows: which columns, in which order, by what they are filtered."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy_continuum import version_class, versioning_manager

from app.admin.filters import Is, IsNumber, IsSet, days
from app.admin.tables import ReadOnlyTable
from app.admin.words import actor_in_words, as_code, short_hash
from app.models import (
    Access,
    Account,
    Blob,
    Document,
    Event,
    JobRun,
    NumberCounter,
    Outbox,
    Person,
    RegisterEntry,
    Upload,
    User,
)
from app.queries.matching import word_beginnings
from app.rules.jobs import JOBS, OUTCOMES
from app.rules.trail import ACTS, STATES, SUBJECTS
from app.vocabulary import AccessKind, EntryState, Power, Via

DocumentVersion = version_class(Document)
Transaction = versioning_manager.transaction_cls

ACCESSES = [
    (AccessKind.VIEW.value, _("looked at")),
    (AccessKind.DOWNLOAD.value, _("downloaded")),
    (AccessKind.PRINT.value, _("printed")),
    (AccessKind.EXPORT.value, _("exported")),
    (AccessKind.DENIED.value, _("refused")),
]
DOORS = [
    (Via.WEB.value, _("screen")),
    (Via.API.value, _("interface for programs")),
    (Via.JOB.value, _("job")),
    (Via.CLI.value, _("command")),
    (Via.EXCHANGE.value, _("document exchange")),
]
POWERS = [
    (Power.OWN_POST.value, _("own post")),
    (Power.ENTRY.value, _("entering for another")),
    (Power.SUBSTITUTION.value, _("in place of another")),
    (Power.SYSTEM.value, _("the program")),
]
ENTRY_STATES = [
    (EntryState.GIVEN.value, _("given")),
    (EntryState.LIVE.value, _("in use")),
    (EntryState.CANCELLED.value, _("cancelled")),
]
ACT_CHOICES = [(tag, _(label)) for tag, label in ACTS.items()]
SUBJECT_CHOICES = [(kind, _(label)) for kind, label in SUBJECTS.items()]
STATE_CHOICES = [(state, _(label)) for state, label in STATES.items()]
JOB_CHOICES = [(name, _(job.label)) for name, job in JOBS.items()]
OUTCOME_CHOICES = [(outcome.value, _(label)) for outcome, label in OUTCOMES.items()]
PASSWORD_ORIGINS = [("own", _("chosen")), ("assigned", _("assigned")), ("demo", _("made-up office"))]
OPERATIONS = [(0, _("added")), (1, _("changed")), (2, _("deleted"))]


class EventTable(ReadOnlyTable):
    """Who did what."""

    column_list = ("at", "tag", "actor_name", "subject_type", "subject_id", "via", "state_after")
    column_details_list = (
        *("id", "at", "tag", "actor_name", "actor_post", "actor_unit", "power", "on_behalf_of_name", "via"),
        *("subject_type", "subject_id", "document_id", "basis", "state_before", "state_after", "params"),
        *("request_id", "transaction_id"),
    )
    column_export_list = column_details_list
    column_default_sort = [("at", True), ("id", True)]
    column_searchable_list = ("actor_name", "request_id")
    column_choices = {
        "tag": ACT_CHOICES,
        "subject_type": SUBJECT_CHOICES,
        "state_before": STATE_CHOICES,
        "state_after": STATE_CHOICES,
        "via": DOORS,
        "power": POWERS,
    }
    column_formatters = {
        "actor_name": lambda _view, _context, row, _name: actor_in_words(row),
        "subject_id": lambda _view, _context, row, _name: as_code(row.subject_id),
    }
    column_formatters_export = {"actor_name": column_formatters["actor_name"]}
    column_labels = {
        "id": _("Row id"),
        "at": _("Time"),
        "tag": _("Act"),
        "actor_name": _("Who"),
        "actor_post": _("Post"),
        "actor_unit": _("Unit"),
        "power": _("By which power"),
        "on_behalf_of_name": _("For whom"),
        "via": _("Through"),
        "subject_type": _("Kind of record"),
        "subject_id": _("Record"),
        "document_id": _("Document id"),
        "basis": _("Ground"),
        "state_before": _("State before"),
        "state_after": _("State after"),
        "params": _("Details"),
        "request_id": _("Request"),
        "transaction_id": _("Transaction"),
    }
    column_filters = [
        *days(Event.at, _("Time")),
        Is(Event.tag, _("Act"), options=ACT_CHOICES),
        IsNumber(Event.document_id, _("Document id")),
        IsNumber(Event.actor_user_id, _("Account id")),
        Is(Event.via, _("Through"), options=DOORS),
    ]


class AccessTable(ReadOnlyTable):
    """Who looked at what. A row has no key but number and time together; its page would say no more than the list."""

    can_view_details = False
    column_list = ("at", "kind", "actor_name", "document_id", "what", "remote_addr", "via")
    column_export_list = ("id", *column_list, "user_id", "file_id", "request_id")
    column_default_sort = [("id", True), ("at", True)]
    column_searchable_list = ("actor_name", "what", "remote_addr", "request_id")
    column_choices = {"kind": ACCESSES, "via": DOORS}
    column_labels = {
        "id": _("Row id"),
        "at": _("Time"),
        "kind": _("What was done"),
        "actor_name": _("Who"),
        "user_id": _("Account id"),
        "document_id": _("Document id"),
        "file_id": _("File id"),
        "what": _("Details"),
        "remote_addr": _("Address"),
        "via": _("Through"),
        "request_id": _("Request"),
    }
    column_filters = [
        *days(Access.at, _("Time")),
        Is(Access.kind, _("What was done"), options=ACCESSES),
        IsNumber(Access.document_id, _("Document id")),
        IsNumber(Access.user_id, _("Account id")),
    ]


class JobRunTable(ReadOnlyTable):
    """What the jobs did."""

    column_list = ("started_at", "job", "outcome", "finished_at", "counts", "error")
    column_details_list = ("id", *column_list)
    column_export_list = column_details_list
    column_default_sort = [("id", True)]
    column_searchable_list = ("job", "error")
    column_choices = {"job": JOB_CHOICES, "outcome": OUTCOME_CHOICES}
    column_labels = {
        "id": _("Row id"),
        "job": _("Job"),
        "started_at": _("Started"),
        "finished_at": _("Finished"),
        "outcome": _("Outcome"),
        "counts": _("Counts"),
        "error": _("Error"),
    }
    column_filters = [
        Is(JobRun.job, _("Job"), options=JOB_CHOICES),
        Is(JobRun.outcome, _("Outcome"), options=OUTCOME_CHOICES),
        *days(JobRun.started_at, _("Started")),
    ]


class OutboxTable(ReadOnlyTable):
    """What is to be sent. What it says (``payload``) is for its receiver and not shown."""

    column_formatters = {"kind": lambda _view, _context, row, _name: as_code(row.kind)}
    column_formatters_export: dict[str, Any] = {}

    column_list = ("created_at", "kind", "attempts", "available_at", "done_at", "last_error")
    column_details_list = ("id", *column_list)
    column_export_list = column_details_list
    column_default_sort = [("id", True)]
    column_searchable_list = ("kind", "last_error")
    column_labels = {
        "id": _("Row id"),
        "kind": _("Kind"),
        "created_at": _("Created"),
        "available_at": _("Next attempt"),
        "attempts": _("Attempts"),
        "last_error": _("Error"),
        "done_at": _("Delivered"),
    }
    column_filters = [
        Is(Outbox.kind, _("Kind")),
        IsSet(Outbox.done_at, _("Delivered")),
        *days(Outbox.created_at, _("Created")),
    ]


class BlobTable(ReadOnlyTable):
    """Contents of files, in the order of their names: there is no index by time."""

    column_list = ("sha256", "size", "media_type", "page_count", "stored_at")
    column_details_list = (*column_list, "facts")
    column_export_list = column_details_list
    column_formatters = {"sha256": lambda _view, _context, row, _name: short_hash(row.sha256)}
    column_formatters_detail: dict[str, Any] = {}
    column_formatters_export: dict[str, Any] = {}
    column_default_sort = [("sha256", False)]
    column_searchable_list = ("sha256",)
    column_labels = {
        "sha256": _("SHA-256"),
        "size": _("Size (bytes)"),
        "media_type": _("Type"),
        "page_count": _("Number of pages"),
        "stored_at": _("Stored"),
        "facts": _("Details"),
    }
    column_filters = [Is(Blob.media_type, _("Type")), *days(Blob.stored_at, _("Stored"))]


class UploadTable(ReadOnlyTable):
    """Files received, and whether a document took them."""

    column_list = ("at", "received_name", "sha256", "user_id", "claimed_at")
    column_details_list = ("id", *column_list)
    column_export_list = column_details_list
    column_formatters = {"sha256": lambda _view, _context, row, _name: short_hash(row.sha256)}
    column_formatters_detail: dict[str, Any] = {}
    column_formatters_export: dict[str, Any] = {}
    column_default_sort = [("id", True)]
    column_searchable_list = ("received_name", "sha256")
    column_labels = {
        "id": _("Row id"),
        "at": _("Time"),
        "received_name": _("Name received"),
        "sha256": _("SHA-256"),
        "user_id": _("Account id"),
        "claimed_at": _("Taken by a document"),
    }
    column_filters = [
        *days(Upload.at, _("Time")),
        IsSet(Upload.claimed_at, _("Taken by a document")),
        IsNumber(Upload.user_id, _("Account id")),
    ]


class CounterTable(ReadOnlyTable):
    """Last number given, by series and year."""

    can_view_details = False
    column_list = ("series_id", "year", "last_number")
    column_export_list = column_list
    column_default_sort = [("year", True), ("series_id", False)]
    column_labels = {"series_id": _("Series id"), "year": _("Year"), "last_number": _("Last number")}
    column_filters = [
        IsNumber(NumberCounter.year, _("Year")),
        IsNumber(NumberCounter.series_id, _("Series id")),
    ]


class EntryTable(ReadOnlyTable):
    """Lines of the registers."""

    column_list = ("number", "year", "series", "entry_date", "registered_at", "document_id", "state", "reason")
    column_details_list = ("id", *column_list)
    column_export_list = column_details_list
    column_default_sort = [("id", True)]
    column_searchable_list = ("reason",)
    column_choices = {"state": ENTRY_STATES}
    column_labels = {
        "id": _("Row id"),
        "number": _("Number"),
        "year": _("Year"),
        "series": _("Number series"),
        "entry_date": _("Date in the register"),
        "registered_at": _("Registered at"),
        "document_id": _("Document id"),
        "state": _("State"),
        "reason": _("Reason"),
    }
    column_filters = [
        IsNumber(RegisterEntry.number, _("Number")),
        IsNumber(RegisterEntry.year, _("Year")),
        Is(RegisterEntry.state, _("State"), options=ENTRY_STATES),
        IsNumber(RegisterEntry.document_id, _("Document id")),
    ]


class DocumentVersionTable(ReadOnlyTable):
    """Every version of every document's description."""

    column_list = ("id", "version", "operation_type", "transaction_id", "state", "number_notation", "subject")
    column_details_list = (
        *("id", "version", "operation_type", "transaction_id", "end_transaction_id", "state", "number_notation"),
        *("issued_on", "issuer_name", "subject", "urgency", "arrival_number", "arrival_year", "registered_at", "note"),
    )
    column_export_list = column_details_list
    column_default_sort = [("transaction_id", True), ("id", True)]
    column_searchable_list = ("number_notation",)
    column_choices = {"operation_type": OPERATIONS, "state": STATE_CHOICES}
    column_formatters = {"urgency": lambda _view, _context, row, _name: as_code(row.urgency)}
    column_formatters_export: dict[str, Any] = {}
    column_labels = {
        "id": _("Document id"),
        "version": _("Version"),
        "operation_type": _("What was done"),
        "transaction_id": _("Transaction"),
        "end_transaction_id": _("Replaced by transaction"),
        "state": _("State"),
        "number_notation": _("Number and notation"),
        "issued_on": _("Date of the document"),
        "issuer_name": _("Issuing body"),
        "subject": _("Abstract"),
        "urgency": _("Urgency"),
        "arrival_number": _("Arrival number"),
        "arrival_year": _("Year"),
        "registered_at": _("Registered at"),
        "note": _("Note"),
    }
    column_filters = [
        IsNumber(DocumentVersion.id, _("Document id")),
        IsNumber(DocumentVersion.transaction_id, _("Transaction")),
    ]


class TransactionTable(ReadOnlyTable):
    """Transactions that made versions."""

    can_view_details = False
    column_list = ("id", "issued_at", "user_id", "remote_addr")
    column_export_list = column_list
    column_default_sort = [("id", True)]
    column_labels = {
        "id": _("Transaction"),
        "issued_at": _("Time"),
        "user_id": _("Account id"),
        "remote_addr": _("Address"),
    }
    column_filters = [
        IsNumber(Transaction.id, _("Transaction")),
        IsNumber(Transaction.user_id, _("Account id")),
    ]


class AccountTable(ReadOnlyTable):
    """Accounts and whether they are locked; nothing of their passwords but where they came from, and when."""

    column_list = ("user_id", "user.username", "name", "user.active", "failures", "locked_until", "password_changed_at")
    column_details_list = (*column_list, "password_origin")
    column_export_list = column_details_list
    column_default_sort = [("user_id", True)]
    column_searchable_list = ("user.username",)
    column_choices = {"password_origin": PASSWORD_ORIGINS}
    column_formatters = {"name": lambda _view, _context, row, _name: row.user.get_full_name()}
    column_labels = {
        "user_id": _("Account id"),
        "user.username": _("User name"),
        "name": _("Full name"),
        "user.active": _("Active"),
        "failures": _("Wrong passwords in a row"),
        "locked_until": _("Locked until"),
        "password_changed_at": _("Password changed"),
        "password_origin": _("Password"),
    }
    column_filters = [
        IsNumber(Account.user_id, _("Account id")),
        IsSet(Account.locked_until, _("Locked until")),
        Is(Account.password_origin, _("Password"), options=PASSWORD_ORIGINS),
    ]

    def get_query(self) -> Any:
        """With the user row, but without the hash of the password."""
        return super().get_query().options(joinedload(Account.user).defer(User.password, raiseload=True))

    def search_placeholder(self) -> str:
        """What may be typed into the search box."""
        return gettext("Name or user name, with or without diacritics")

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        """By user name, or by the person's name with or without marks."""
        found = func.lower(User.username).contains(search.strip().lower(), autoescape=True)
        name = word_beginnings(func.vi_fold(Person.full_name), search)
        if name:
            found = or_(found, and_(*name))
        user_ids = select(User.id).outerjoin(Person, Person.user_id == User.id).where(found)
        return query.where(Account.user_id.in_(user_ids)), count_query, joins, count_joins


def tables() -> list[ReadOnlyTable]:
    """All tables in the order of the tabs."""
    return [
        EventTable(Event, _("Acts"), "events"),
        AccessTable(Access, _("Looks"), "accesses"),
        JobRunTable(JobRun, _("Jobs"), "job-runs"),
        OutboxTable(Outbox, _("Outbox"), "outbox"),
        AccountTable(Account, _("Accounts"), "accounts"),
        EntryTable(RegisterEntry, _("Lines of the registers"), "register-entries"),
        CounterTable(NumberCounter, _("Counters"), "counters"),
        DocumentVersionTable(DocumentVersion, _("Versions of documents"), "document-versions"),
        TransactionTable(Transaction, _("Transactions"), "transactions"),
        BlobTable(Blob, _("Stored files"), "files"),
        UploadTable(Upload, _("Uploads"), "uploads"),
    ]
