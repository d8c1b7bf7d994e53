"""On which ground a document goes back to its sender (212/4.3, 212/5.3). Pure."""

from app.vocabulary import Channel, IncomingState, RefusalReason

COMPETENCE_AND_FORM, EXCHANGE = "212/4.3", "212/5.3"

_OF_ANY_PAPER = frozenset({RefusalReason.COMPETENCE, RefusalReason.FORM, RefusalReason.INCOMPLETE})


def ground_of(state: str, channel: str | None, reason: str) -> str:
    """The clause to name on the notice.

    Article 5 is about electronic documents that break the rules of exchange and were never taken in; all else that
    goes back does so under article 4: on paper, after registration, or for competence, content and form.
    """
    electronic = channel is not None and channel != Channel.PAPER
    if state == IncomingState.REFUSED and electronic and reason not in _OF_ANY_PAPER:
        return EXCHANGE
    return COMPETENCE_AND_FORM
