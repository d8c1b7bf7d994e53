"""Incoming documents (văn bản đến): their moves and what a registration must hold. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.clock import in_vietnam
from app.errors import Obstacle
from app.rules.lifecycle import Input, InputType, Lifecycle, Move, Relation
from app.vocabulary import N_, Channel, IncomingState

NOUN = "incoming"
REGISTRY = frozenset({Relation.REGISTRY_CLERK, Relation.REGISTRY_HEAD})

# The fields follow the paper from top to bottom; lengths are those of the input data standard.
DESCRIPTION = (
    Input("issuer", N_("Issuing body"), InputType.ORGANISATION, required=True, max_length=200, keep=True),
    Input(
        "number_notation",
        N_("Number and notation"),
        max_length=50,
        hint=N_("As on the paper, e.g. 1482/STC-NS"),
        group="a",
    ),
    Input("issued_on", N_("Date of the document"), InputType.DATE, group="a"),
    Input(
        "type_id", N_("Document type"), InputType.CHOICE, required=True, choices="document_types", keep=True, group="b"
    ),
    Input("urgency", N_("Urgency"), InputType.CHOICE, required=True, choices="urgency_levels", group="b"),
    Input("subject", N_("Abstract"), InputType.TEXT, required=True, max_length=500),
    Input("signer_name", N_("Signed by"), max_length=100, group="c"),
    Input("signer_position", N_("Position of the signer"), max_length=100, group="c"),
    Input(
        "page_count", N_("Number of pages"), InputType.INTEGER, hint=N_("Taken from the PDF when left empty"), group="d"
    ),
    Input("language", N_("Language"), max_length=100, keep=True, group="d"),
    Input("identifier", N_("Document identifier"), max_length=200, hint=N_("As received, if there is one"), group="e"),
    Input("note", N_("Note"), InputType.TEXT, max_length=500),
)
ARRIVAL = (
    Input(
        "book_id", N_("Register book"), InputType.CHOICE, required=True, choices="incoming_books", keep=True, aside=True
    ),
    Input("channel", N_("Arrived by"), InputType.CHOICE, required=True, choices="channels", keep=True, aside=True),
    Input("received_at", N_("Received at"), InputType.DATETIME, hint=N_("Now, when left empty"), aside=True),
)
FILES = Input("files", N_("Files"), InputType.FILES, aside=True)
REASON = Input("reason", N_("Reason"), InputType.TEXT, required=True, max_length=500)

REGISTER = Move(
    NOUN,
    "register",
    N_("Register an incoming document"),
    basis=("212/4.1", "212/4.2", "212/5.1", "212/16.1.dd"),
    who=REGISTRY,
    target=IncomingState.REGISTERED,
    inputs=(*DESCRIPTION, *ARRIVAL, FILES),
    event=N_("registered it under arrival number %(number)s/%(year)s"),
    done=N_("Registered under arrival number %(number)s."),
    main=True,
)
CORRECT = Move(
    NOUN,
    "correct",
    N_("Correct the description"),
    basis=("212/16.4.a", "212/16.7.c"),
    who=REGISTRY,
    sources=frozenset({IncomingState.REGISTERED}),
    inputs=(*DESCRIPTION, *ARRIVAL, REASON),
    event=N_("corrected the description"),
    done=N_("The description is corrected."),
)
ATTACH = Move(
    NOUN,
    "attach",
    N_("Add files"),
    basis=("212/16.1.a",),
    who=REGISTRY,
    sources=frozenset({IncomingState.REGISTERED}),
    inputs=(Input("files", N_("Files"), InputType.FILES, required=True),),
    event=N_("added files: %(titles)s"),
    done=N_("The files are added."),
)
CANCEL_NUMBER = Move(
    NOUN,
    "cancel_number",
    N_("Cancel the arrival number"),
    basis=("212/4.2", "212/16.4.d"),
    who=REGISTRY,
    sources=frozenset({IncomingState.REGISTERED}),
    target=IncomingState.CANCELLED,
    inputs=(REASON,),
    event=N_("cancelled arrival number %(number)s/%(year)s"),
    done=N_("Arrival number %(number)s is cancelled. It stays in the register and is not given again."),
    advice=N_("The number stays in the register as cancelled and is never given again. This cannot be undone."),
    danger=True,
)

LIFECYCLE = Lifecycle(
    NOUN,
    N_("Incoming documents"),
    {IncomingState.REGISTERED: N_("Registered"), IncomingState.CANCELLED: N_("Number cancelled")},
    (REGISTER, CORRECT, ATTACH, CANCEL_NUMBER),
    final=(IncomingState.CANCELLED,),
    subject_type="document",
)

EARLIEST_YEAR = 1945

CHANNELS = {
    Channel.PAPER: N_("On paper"),
    Channel.AXIS: N_("Interconnection axis"),
    Channel.EMAIL: N_("E-mail"),
    Channel.PORTAL: N_("Portal"),
}


def facts_obstacles(values: Mapping[str, Any], now: datetime) -> list[Obstacle]:
    """What is wrong with the facts of an incoming document, beyond missing or overlong fields.

    ``values`` are cleaned inputs; dates are ``date``, instants carry a zone. All obstacles at once.
    """
    found = []
    issued_on: date | None = values.get("issued_on")
    received_at: datetime | None = values.get("received_at")
    if received_at and not EARLIEST_YEAR <= received_at.year <= now.year + 1:
        found.append(Obstacle(N_("Received at: check the year."), "received_at"))
        received_at = None  # too far from any calendar to be compared
    arrival = in_vietnam(received_at or now).date()
    if issued_on and issued_on > in_vietnam(now).date():
        found.append(
            Obstacle(N_("Date of the document: it lies in the future. Check day, month and year."), "issued_on")
        )
    elif issued_on and received_at and issued_on > arrival:
        found.append(
            Obstacle(N_("Received at: earlier than the date of the document. Check both dates."), "received_at")
        )
    if issued_on and issued_on.year < EARLIEST_YEAR:
        found.append(Obstacle(N_("Date of the document: before 1945. Check the year."), "issued_on"))
    if received_at and received_at > now:
        found.append(Obstacle(N_("Received at: it lies in the future. Check day and hour."), "received_at"))
    pages = values.get("page_count")
    if pages is not None and not 1 <= pages <= 9999:
        found.append(Obstacle(N_("Number of pages: must be between 1 and 9999."), "page_count"))
    return found
