"""The bar of acts for ticked rows of a list: it stands above and below the rows while something is ticked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext

from app.actor import Actor
from app.queries.listing import COUNT_CAP, Page
from app.request import other_powers
from app.rules.lifecycle import Move, permission_obstacle
from app.views.record_list import MOST_TICKED


@dataclass(frozen=True)
class BulkAct:
    """One act on what is ticked: label and the address of its form; ``at_once``: it is done there without one, with
    the message that the bar asks for."""

    label: str
    address: str
    at_once: bool = False


@dataclass(frozen=True)
class BulkBar:
    """The acts, where they lead back, and how many rows the filter has that could be ticked at once."""

    acts: Sequence[BulkAct]
    back: str
    ids: str
    total: int
    all_label: str


def bulk_bar(actor: Actor, moves: Iterable[Move], page: Page, endpoint: str, ids: str) -> BulkBar | None:
    """The bar for the moves that the reader, or somebody for whom they act, may make at all; ``None``: nothing to do.

    ``endpoint``: the screen of the moves; ``ids``: the address that names all rows of the filter.
    """
    powers = (actor, *other_powers())
    able = [m for m in moves if m.bulk and any(permission_obstacle(m, each) is None for each in powers)]
    if not able or not page.rows:
        return None
    total = min(page.total, COUNT_CAP)
    label = gettext("Select all %(count)s", count=total)
    if total > MOST_TICKED:
        label = gettext("Select the first %(count)s", count=MOST_TICKED)
    acts = [BulkAct(gettext(move.label), url_for(f"{endpoint}.bulk", verb=move.verb)) for move in able]
    return BulkBar(acts, request.full_path.rstrip("?"), ids, total, label)
