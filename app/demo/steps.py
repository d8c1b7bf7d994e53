"""The words of the plan: what came in, what somebody did to it and when. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.demo.enclosures import Enclosure
from app.demo.texts import Letter
from app.vocabulary import RefusalReason

SCANNER = "scan-folder"
"""Who puts scans into the tray: the program itself."""


class Act(StrEnum):
    """What somebody does to a document; moves by their names, looks by their kind."""

    RECEIVE = "incoming.receive"
    REGISTER = "incoming.register"
    ADVANCE = "incoming.advance"
    GIVE_NUMBER = "incoming.give_number"
    CORRECT = "incoming.correct"
    ATTACH = "incoming.attach"
    PAPER_COPY = "incoming.add_paper_copy"
    JOIN = "incoming.join"
    REFUSE = "incoming.refuse"
    SEND_BACK = "incoming.send_back"
    CANCEL = "incoming.cancel_number"
    DISCARD = "incoming.discard"
    VIEW = "view"
    DOWNLOAD = "download"


class Brings(StrEnum):
    """What came in of a letter."""

    LETTER = "letter"
    SCAN = "scan"
    """The same page once more: other bytes than those that came before."""
    ANNEX = "annex"
    NOTHING = "nothing"


class Signing(StrEnum):
    """How a PDF is signed digitally."""

    NONE = ""
    GOOD = "good"
    """By its signer and by the body, with certificates that the demo's own authority gave."""
    CHANGED = "changed"
    """The same, but somebody painted on the page afterwards."""
    UNKNOWN = "unknown"
    """With certificates of an authority that nobody knows."""


@dataclass(eq=False, kw_only=True)
class Paper:
    """Something that came in. By itself it never gets a number: it waits, or was not kept."""

    letter: Letter
    received_at: datetime
    brings: Brings = Brings.LETTER
    signing: Signing = Signing.NONE
    file_name: str = ""
    """Name of its main file, where it is not the one that the sender gave it."""
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(eq=False, kw_only=True)
class Arrival(Paper):
    """One letter that came in and has a number.

    ``typed`` is what the clerk entered first, slips of the finger included. ``scanned``: it waited in the tray, as a
    scan, before it was registered. ``presented_at``: it was presented urgently then, and got its number later.
    """

    typed: Letter
    later: tuple[Enclosure, ...] = ()
    """What was sent after it."""
    first: "Arrival | None" = None
    """The arrival of the same letter that has its number already."""
    scanned: bool = False
    presented_at: datetime | None = None
    registered_at: datetime = field(init=False)
    clerk: str = field(init=False)

    @property
    def entered_at(self) -> datetime:
        """When it could be read by everybody."""
        return self.presented_at or self.registered_at


@dataclass(frozen=True)
class Step:
    """One act on item number ``index``, by the account ``who``. ``reason`` may hold ``{first}``, an arrival number.

    ``other``: a second item, the waiting scan of a paper copy or the document that a scan belongs to. ``leader``: who
    permitted to present it urgently.
    """

    at: datetime
    index: int
    act: Act
    who: str
    reason: str = ""
    other: int | None = None
    code: RefusalReason | None = None
    leader: str = ""


@dataclass(frozen=True)
class Plan:
    """All arrivals in the order of their numbers, all papers without a number, all steps in order of time."""

    arrivals: tuple[Arrival, ...]
    papers: tuple[Paper, ...]
    steps: tuple[Step, ...]

    @property
    def items(self) -> tuple[Paper, ...]:
        """What the indices of steps count: arrivals, then papers."""
        return (*self.arrivals, *self.papers)
