"""Incoming documents (văn bản đến): their moves and what a registration must hold. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.clock import in_vietnam
from app.errors import Obstacle
from app.rules.lifecycle import Input, InputType, Lifecycle, Move, Relation
from app.rules.text import identity_key
from app.vocabulary import N_, Channel, HandlingState, IncomingState, RefusalReason, Verdict

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
    Input("issued_on", N_("Date of the document"), InputType.DATE, group="a", past=True),
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
    Input("field_id", N_("Field"), InputType.CHOICE, choices="work_fields", keep=True, group="d"),
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
SECRECY = Input(
    "secrecy",
    N_("Secrecy"),
    InputType.CHOICE,
    choices="secrecy_levels",
    hint=N_("State secrets do not belong in this system"),
    aside=True,
)
FILES = Input("files", N_("Files"), InputType.FILES, aside=True)
WAITING_FILES = Input("waiting_ids", N_("Waiting papers that belong to it"), InputType.RECORDS, aside=True)
ANYWAY = Input("duplicate_reason", N_("Register anyway, because"), max_length=200, on_demand=True)
REASON = Input("reason", N_("Reason"), InputType.TEXT, required=True, max_length=500)
WHY_BACK = (
    Input("refusal_code", N_("Reason"), InputType.CHOICE, required=True, choices="refusal_reasons"),
    Input(
        "reason", N_("In words"), InputType.TEXT, max_length=500, hint=N_("What is missing or wrong, for the sender")
    ),
)
_BARE = {"issuer", "number_notation", "issued_on", "subject"}
"""What must be known of a document that is not taken in, so that its sender can be told."""

RECEIVE = Move(
    NOUN,
    "receive",
    N_("Put into the tray"),
    basis=("212/6.2", "212/16.1.a"),
    who=REGISTRY | {Relation.SYSTEM},
    creates=True,
    target=IncomingState.RECEIVED,
    inputs=(
        replace(FILES, required=True, aside=False),
        Input("channel", N_("Arrived by"), InputType.CHOICE, required=True, choices="channels", keep=True),
        replace(ARRIVAL[2], aside=False),
    ),
    event=N_("put %(titles)s into the tray of papers to be registered"),
    done=N_("It waits in the tray to be registered."),
)
REGISTER = Move(
    NOUN,
    "register",
    N_("Register an incoming document"),
    basis=("212/4.1", "212/4.2", "212/5.1", "212/16.1.dd"),
    who=REGISTRY,
    creates=True,
    sources=frozenset({IncomingState.RECEIVED}),
    target=IncomingState.REGISTERED,
    inputs=(*DESCRIPTION, *ARRIVAL, SECRECY, FILES, WAITING_FILES, ANYWAY),
    event=N_("registered it under arrival number %(number)s/%(year)s"),
    done=N_("Registered under arrival number %(number)s."),
    main=True,
)
ADVANCE = Move(
    NOUN,
    "advance",
    N_("Present urgently before registering"),
    basis=("212/4.1",),
    who=REGISTRY,
    creates=True,
    sources=frozenset({IncomingState.RECEIVED}),
    target=IncomingState.URGENT,
    inputs=(
        Input("permitted_by_id", N_("Permitted by"), InputType.CHOICE, required=True, choices="leaders"),
        Input(
            "permitted_note",
            N_("How permission was given"),
            InputType.TEXT,
            required=True,
            max_length=500,
            hint=N_("For example: by telephone at 07:40, 03/08/2026"),
        ),
        *DESCRIPTION,
        *ARRIVAL,
        SECRECY,
        FILES,
        WAITING_FILES,
        ANYWAY,
    ),
    event=N_("presented it urgently before it had an arrival number, as %(leader)s permitted"),
    done=N_("It may be presented now. Its arrival number is given later and is still owed."),
    advice=N_("Only for urgent documents, with the permission of a leader. The arrival number is given later."),
)
GIVE_NUMBER = Move(
    NOUN,
    "give_number",
    N_("Give the arrival number now"),
    basis=("212/4.1", "212/4.2", "212/16.1.dd"),
    who=REGISTRY | {Relation.SYSTEM},
    sources=frozenset({IncomingState.URGENT}),
    target=IncomingState.REGISTERED,
    event=N_("gave the arrival number %(number)s/%(year)s that was owed since it was presented urgently"),
    done=N_("Registered under arrival number %(number)s."),
    main=True,
)
CORRECT = Move(
    NOUN,
    "correct",
    N_("Correct the description"),
    basis=("212/16.4.a", "212/16.7.c"),
    who=REGISTRY,
    sources=frozenset({IncomingState.REGISTERED, IncomingState.URGENT}),
    inputs=(*DESCRIPTION, *ARRIVAL, REASON, ANYWAY),
    event=N_("corrected the description"),
    done=N_("The description is corrected."),
)
ATTACH = Move(
    NOUN,
    "attach",
    N_("Add files"),
    basis=("212/16.1.a",),
    who=REGISTRY,
    sources=frozenset({IncomingState.RECEIVED, IncomingState.REGISTERED, IncomingState.URGENT}),
    inputs=(Input("files", N_("Files"), InputType.FILES, required=True),),
    event=N_("added files: %(titles)s"),
    done=N_("The files are added."),
)
ADD_PAPER_COPY = Move(
    NOUN,
    "add_paper_copy",
    N_("The paper copy has arrived"),
    basis=("212/7.3",),
    who=REGISTRY,
    sources=frozenset({IncomingState.REGISTERED, IncomingState.URGENT}),
    inputs=(
        replace(ARRIVAL[2], aside=False),
        Input("files", N_("Files"), InputType.FILES),
        replace(WAITING_FILES, aside=False),
        Input("note", N_("Note"), InputType.TEXT, max_length=500),
    ),
    event=N_("noted that the paper copy arrived; it goes to where the document is being handled"),
    done=N_(
        "The paper copy is on record with arrival number %(number)s; write this number on it and carry it to where the "
        "document is being handled: %(unit)s."
    ),
    advice=N_("The paper copy goes to where the document is being handled; it is not registered again."),
)
REFUSE = Move(
    NOUN,
    "refuse",
    N_("Refuse to take it in"),
    basis=("212/4.3", "212/5.3"),
    who=REGISTRY,
    creates=True,
    sources=frozenset({IncomingState.RECEIVED}),
    target=IncomingState.REFUSED,
    inputs=(
        *WHY_BACK,
        *(
            replace(each, keep=False, required=each.name == "issuer", group="")
            for each in DESCRIPTION
            if each.name in _BARE
        ),
        Input("channel", N_("Arrived by"), InputType.CHOICE, required=True, choices="channels", aside=True),
        ARRIVAL[2],
        FILES,
    ),
    event=N_("refused it: %(why)s"),
    done=N_("The refusal is on record. Tell the sender: print the return notice."),
    danger=True,
)
SEND_BACK = Move(
    NOUN,
    "send_back",
    N_("Send it back"),
    basis=("212/4.3",),
    who=REGISTRY,
    sources=frozenset({IncomingState.REGISTERED}),
    target=IncomingState.RETURNED,
    inputs=WHY_BACK,
    event=N_("sent it back to the sender: %(why)s"),
    done=N_("It is recorded as sent back; its arrival number stays. Tell the sender: print the return notice."),
    advice=N_("The arrival number stays in the register. The sender is told with the return notice."),
    danger=True,
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
JOIN = Move(
    NOUN,
    "join",
    N_("Belongs to a registered document"),
    basis=("212/16.1.a",),
    who=REGISTRY,
    sources=frozenset({IncomingState.RECEIVED}),
    target=IncomingState.JOINED,
    inputs=(
        Input(
            "into",
            N_("Arrival number of the document"),
            required=True,
            max_length=20,
            hint=N_("For example 298, or 298/2025 for another year"),
            lookup="documents",
        ),
    ),
    event=N_("its files went to the document %(into)s"),
    done=N_("Its files now belong to the document %(into)s."),
)
DISCARD = Move(
    NOUN,
    "discard",
    N_("Take it out of the tray"),
    basis=("212/16.4.d",),
    who=REGISTRY,
    sources=frozenset({IncomingState.RECEIVED}),
    target=IncomingState.DISCARDED,
    inputs=(REASON,),
    event=N_("took it out of the tray"),
    done=N_("It is out of the tray. Its files are kept, with the reason."),
    advice=N_("For what is no document: a blank scan, a test page, something scanned twice."),
    danger=True,
)

LIFECYCLE = Lifecycle(
    NOUN,
    N_("Incoming documents"),
    {
        IncomingState.RECEIVED: N_("Waiting to be registered"),
        IncomingState.URGENT: N_("Presented urgently, number owed"),
        IncomingState.REGISTERED: N_("Registered"),
        IncomingState.REFUSED: N_("Refused"),
        IncomingState.RETURNED: N_("Sent back"),
        IncomingState.CANCELLED: N_("Number cancelled"),
        IncomingState.JOINED: N_("Joined to another"),
        IncomingState.DISCARDED: N_("Taken out of the tray"),
    },
    (
        *(REGISTER, GIVE_NUMBER, CORRECT, ATTACH, ADD_PAPER_COPY, JOIN, ADVANCE, RECEIVE),
        *(REFUSE, SEND_BACK, CANCEL_NUMBER, DISCARD),
    ),
    final=(
        *(IncomingState.REFUSED, IncomingState.RETURNED, IncomingState.CANCELLED),
        *(IncomingState.JOINED, IncomingState.DISCARDED),
    ),
    subject_type="document",
)

REFUSAL_REASONS: dict[RefusalReason, str] = {
    RefusalReason.SIGNATURE: N_("Digital signature invalid or missing"),
    RefusalReason.NOT_INTACT: N_("Document not intact: altered or unreadable"),
    RefusalReason.INCOMPLETE: N_("Attachments missing"),
    RefusalReason.METADATA: N_("Metadata do not match the document"),
    RefusalReason.WRONG_ADDRESS: N_("Sent to the wrong address"),
    RefusalReason.COMPETENCE: N_("Not within the Office’s competence"),
    RefusalReason.FORM: N_("Wrong form or format"),
    RefusalReason.DUPLICATE: N_("Received already"),
    RefusalReason.SECRET: N_("Contains state secrets"),
    RefusalReason.OTHER: N_("Another reason"),
}
"""Why a document is refused or sent back; the list is derived from the Decision (4.3, 5.3) and decree 30 (21.2)."""

VERDICTS = {
    Verdict.VALID: N_("Signatures valid"),
    Verdict.INVALID: N_("Signature invalid"),
    Verdict.INDETERMINATE: N_("Signature not yet certain"),
}

DOUBTFUL = "doubtful"
"""Filter by the signature: every verdict that a clerk must look at."""
MARKED = "marked"
"""Filter by the duplicate: whatever was marked as one, of whichever document."""

SECRET_SUBJECT = "Văn bản có nội dung bí mật nhà nước"  # noqa: S105 - a title, no password
"""What the record of a refused secret is called; records are Vietnamese."""

SECRECY_LEVELS = {
    "none": N_("None"),
    "confidential": N_("Confidential"),
    "secret": N_("Secret"),
    "top_secret": N_("Top secret"),
}
"""Offered so that a secret paper is stopped at the desk, never so that one is stored."""

EARLIEST_YEAR = 1945

CHANNELS = {
    Channel.PAPER: N_("On paper"),
    Channel.AXIS: N_("Interconnection axis"),
    Channel.EMAIL: N_("E-mail"),
    Channel.PORTAL: N_("Portal"),
}


def facts_obstacles(
    values: Mapping[str, Any], now: datetime, *, registered_at: datetime | None = None
) -> list[Obstacle]:
    """What is wrong with the facts of an incoming document, beyond missing or overlong fields.

    ``values`` are cleaned inputs; dates are ``date``, instants carry a zone; ``registered_at``: when it got its
    number, where it has one. All obstacles at once.
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
    elif received_at and registered_at and received_at > registered_at:
        found.append(Obstacle(N_("Received at: later than it was registered. Check day and hour."), "received_at"))
    pages = values.get("page_count")
    if pages is not None and not 1 <= pages <= 9999:
        found.append(Obstacle(N_("Number of pages: must be between 1 and 9999."), "page_count"))
    return found


def secrecy_obstacles(values: Mapping[str, Any], *, kept: bool = False) -> list[Obstacle]:
    """A state secret is stopped before anything of it is stored (Decision 1.2); ``kept``: it lies in the tray."""
    if (values.get("secrecy") or "none") == "none":
        return []
    if kept:
        message = N_(
            "Secrecy: a document with state secrets must not be in this system. Its content is shown to nobody from "
            "now on. Refuse it with the reason “contains state secrets”, and register it in the paper register for "
            "secret documents."
        )
        return [Obstacle(message, "secrecy", code="secret")]
    return [
        Obstacle(
            N_(
                "Secrecy: a document with state secrets must not enter this system. Nothing was recorded and its files "
                "were not kept. Register it in the paper register for secret documents and carry it by hand."
            ),
            "secrecy",
            code="secret",
        )
    ]


def refusal_obstacles(values: Mapping[str, Any]) -> list[Obstacle]:
    """What a refusal must say (212/5.3): which document of whom, and "another reason" in words. Of a state secret
    nothing is asked for but who sent it."""
    if values.get("refusal_code") != RefusalReason.SECRET and "subject" in values and not values.get("subject"):
        label = next(each.label for each in DESCRIPTION if each.name == "subject")
        return [Obstacle(N_("%(label)s: missing. Enter it."), "subject", {"label": label}, code="missing")]
    if values.get("refusal_code") == RefusalReason.OTHER and not values.get("reason"):
        return [Obstacle(N_("In words: missing. Say why, the sender will read it."), "reason", code="missing")]
    return []


def handling_obstacles(handling: str | None, *, held: bool) -> list[Obstacle]:
    """What is being settled, or was, does not leave the register: first it is taken back from whoever has it.

    ``held``: somebody has a part of it still, though who led gave it back.
    """
    if not held and handling in (None, HandlingState.PENDING, HandlingState.PRESENTED):
        return []
    return [
        Obstacle(
            N_(
                "The document is being settled. Have its assignment withdrawn first, by whoever assigned it; then this "
                "is possible."
            ),
            code="in_handling",
        )
    ]


def document_key(number_notation: str | None, issuer_id: int | None, issuer_name: str | None) -> str:
    """What makes two documents the same (212/16.1.g): number and notation, and the body that issued it – by its row
    of the catalogue, else by its name. Empty without a number: nothing is a duplicate for lack of one."""
    number = identity_key(number_notation)
    if not number:
        return ""
    return f"{number}|{f'#{issuer_id}' if issuer_id else identity_key(issuer_name)}"[:300]
