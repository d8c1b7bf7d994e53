"""The words of the field, as enumerations. Imports nothing.

Values are what the database holds and the API speaks; Vietnamese labels live in the
translation catalogues, reached through :data:`LABELS` of the module that shows them.
"""

from enum import StrEnum


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message for the translation catalogue without translating it (pure code knows no language)."""
    return message


class OrganisationKind(StrEnum):
    """What a party (cơ quan, tổ chức, cá nhân) is."""

    BODY = "body"
    UNIT = "unit"
    PERSON = "person"


class PostKind(StrEnum):
    """Kind of post (chức danh) a person holds in a unit; the roles follow from it."""

    CLERK = "clerk"
    ADMIN_HEAD = "admin_head"
    OFFICE_LEADER = "office_leader"
    HEAD_OF_DEPARTMENT = "head_of_department"
    SPECIALIST = "specialist"
    STANDING_COMMITTEE = "standing_committee"
    ASSISTANT = "assistant"
    ARCHIVIST = "archivist"
    MANAGER = "manager"
    IT_CENTRE = "it_centre"
    OUTSIDE = "outside"


class DocumentKind(StrEnum):
    """Incoming (văn bản đến), outgoing (văn bản đi), working paper (tài liệu của hồ sơ)."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    WORKING_PAPER = "working_paper"


class IncomingState(StrEnum):
    """Where an incoming document stands (Decision, chapter II)."""

    RECEIVED = "received"
    URGENT = "urgent"
    REGISTERED = "registered"
    REFUSED = "refused"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    JOINED = "joined"
    DISCARDED = "discarded"


NUMBERED = (IncomingState.REGISTERED, IncomingState.RETURNED, IncomingState.CANCELLED)
"""States of an incoming document that has an arrival number; all others have none."""


class HandlingState(StrEnum):
    """How far the settling of an incoming document has come (Decision 7, 8); what is not to be settled has none."""

    PENDING = "pending"
    PRESENTED = "presented"
    ASSIGNED = "assigned"
    ANSWERING = "answering"
    SETTLED = "settled"


HANDLED = (IncomingState.REGISTERED, IncomingState.URGENT)
"""States of an incoming document that is to be settled: an urgent one before it has its number."""


class HandlingOutcome(StrEnum):
    """What the settling of an incoming document came to (212/8.2)."""

    FILED = "filed"
    TRANSFERRED = "transferred"
    RETURNED = "returned"
    PROCESSED = "processed"


class AssignmentKind(StrEnum):
    """What somebody is given a document for: to lead (chủ trì), to co-ordinate (phối hợp), to know (để biết)."""

    LEAD = "lead"
    COORDINATE = "coordinate"
    INFORM = "inform"


class AssignmentState(StrEnum):
    """Where an assignment (việc được giao) stands."""

    OPEN = "open"
    SUSPENDED = "suspended"
    GIVEN_BACK = "given_back"
    WITHDRAWN = "withdrawn"
    DONE = "done"


LIVING = (AssignmentState.OPEN, AssignmentState.SUSPENDED)
"""States of an assignment that somebody still holds."""


class DeadlineChangeKind(StrEnum):
    """Why a deadline changed: extension asked for, suspension while waiting for another body, set by who assigned."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    CHANGE = "change"


class DeadlineChangeState(StrEnum):
    """Whether a change of a deadline is asked for, granted or refused."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class OutgoingState(StrEnum):
    """Where an outgoing document (văn bản đi) stands."""

    PREPARING = "preparing"
    ISSUED = "issued"
    ABANDONED = "abandoned"


class WorkingPaperState(StrEnum):
    """A working paper (tài liệu của hồ sơ) is kept; it has no procedure of its own."""

    KEPT = "kept"


class CaseFileState(StrEnum):
    """Where a case file (hồ sơ công việc) stands."""

    OPEN = "open"


class TermCounting(StrEnum):
    """How a term in days is counted: working days (ngày làm việc) or days of the calendar (ngày)."""

    WORKING = "working"
    CALENDAR = "calendar"


class NoticeKind(StrEnum):
    """What a person is told of (16.1.l)."""

    PRESENTED = "presented"
    ASSIGNED = "assigned"
    OPINION = "opinion"
    GIVEN_BACK = "given_back"
    WITHDRAWN = "withdrawn"
    DEADLINE = "deadline"
    EXTENSION_ASKED = "extension_asked"
    CHASED = "chased"
    SETTLED = "settled"
    REOPENED = "reopened"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


class EntryState(StrEnum):
    """State of a line in a register (dòng trong sổ)."""

    GIVEN = "given"
    LIVE = "live"
    CANCELLED = "cancelled"


class SeriesKind(StrEnum):
    """What a number series (dãy số) numbers."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    COPIES = "copies"


class Channel(StrEnum):
    """How a document arrived (hình thức nhận)."""

    PAPER = "paper"
    AXIS = "axis"
    EMAIL = "email"
    PORTAL = "portal"


class FileRole(StrEnum):
    """What a file is to its document."""

    MAIN = "main"
    ANNEX = "annex"
    ATTACHMENT = "attachment"
    DRAFT = "draft"
    DERIVED = "derived"


class RefusalReason(StrEnum):
    """Why a document is refused or sent back (lý do từ chối, gửi trả; 212/4.3, 212/5.3)."""

    SIGNATURE = "signature"
    NOT_INTACT = "not_intact"
    INCOMPLETE = "incomplete"
    METADATA = "metadata"
    WRONG_ADDRESS = "wrong_address"
    COMPETENCE = "competence"
    FORM = "form"
    DUPLICATE = "duplicate"
    SECRET = "secret"  # noqa: S105 - a state secret, not a password
    OTHER = "other"


class Verdict(StrEnum):
    """What checking a digital signature came to (kết quả kiểm tra chữ ký số)."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


class LinkKind(StrEnum):
    """Relation between two documents."""

    ANSWERS = "answers"
    FORWARDS = "forwards"
    REPLACES = "replaces"
    CORRECTS = "corrects"
    RECALLS = "recalls"
    PAPER_COPY_OF = "paper_copy_of"
    PART_OF = "part_of"


class Power(StrEnum):
    """By which power somebody acts (thẩm quyền): the own post, entry for another (17.2), substitution."""

    OWN_POST = "own_post"
    ENTRY = "entry"
    SUBSTITUTION = "substitution"
    SYSTEM = "system"


class DelegationKind(StrEnum):
    """Kind of delegation (ủy quyền): entry for another, substitution in absence, authority to sign."""

    ENTRY = "entry"
    SUBSTITUTION = "substitution"
    SIGNING = "signing"


class Via(StrEnum):
    """Through which door an act came in."""

    WEB = "web"
    API = "api"
    JOB = "job"
    CLI = "cli"
    EXCHANGE = "exchange"


class AccessKind(StrEnum):
    """What was done to look at a record (truy cập, truy xuất, sao chép, in)."""

    VIEW = "view"
    DOWNLOAD = "download"
    PRINT = "print"
    EXPORT = "export"
    DENIED = "denied"


class CalendarKind(StrEnum):
    """A day off (ngày nghỉ) or a Saturday or Sunday worked instead (ngày làm bù)."""

    OFF = "off"
    WORKED = "worked"


class CodeScheme(StrEnum):
    """Scheme of an organisation's identifier code (mã định danh)."""

    DECISION_20_2020 = "qd20"
    CIRCULAR_10_2016 = "qcvn102"
