"""The words of the plan of settling: what somebody does to a document or to the own part of it, and when. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.vocabulary import AssignmentKind, HandlingOutcome


class Deed(StrEnum):
    """What somebody does; moves by their names."""

    PRESENT = "handling.present"
    DECLINE = "handling.decline"
    ASSIGN = "handling.assign"
    ROUTE = "handling.route"
    FILE = "handling.file"
    TRANSFER = "handling.transfer"
    RETURN = "handling.return_to_sender"
    PROCESS = "handling.process"
    COMPLETE = "handling.complete"
    REOPEN = "handling.reopen"
    PASS_ON = "assignment.pass_on"  # noqa: S105 - a move, not a password
    ASK = "assignment.ask"
    CONTRIBUTE = "assignment.contribute"
    GIVE_BACK = "assignment.give_back"
    ASK_EXTENSION = "assignment.ask_extension"
    GRANT_EXTENSION = "assignment.grant_extension"
    REFUSE_EXTENSION = "assignment.refuse_extension"
    SUSPEND = "assignment.suspend"
    RESUME = "assignment.resume"
    CHASE = "assignment.chase"
    SEE = "see"
    """Open the document of which one holds a part."""
    READ = "read"
    """Look through the own notices."""


OF_PARTS = frozenset(deed for deed in Deed if deed.startswith("assignment."))
"""What is done to one part of a document."""
OUTCOMES = {
    HandlingOutcome.FILED: Deed.FILE,
    HandlingOutcome.TRANSFERRED: Deed.TRANSFER,
    HandlingOutcome.RETURNED: Deed.RETURN,
    HandlingOutcome.PROCESSED: Deed.PROCESS,
}


@dataclass(frozen=True)
class Share:
    """What somebody is given: a person by user name, or a unit by key."""

    holder: str
    kind: AssignmentKind
    due_on: date | None = None


@dataclass(frozen=True)
class Work:
    """One act of ``who`` on the document number ``index``; ``behalf``: for whom, by a delegation.

    ``holder``: whose part it is done to. ``values``: what the form says, people and bodies by their keys.
    """

    at: datetime
    index: int
    deed: Deed
    who: str
    behalf: str = ""
    holder: str = ""
    shares: tuple[Share, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
