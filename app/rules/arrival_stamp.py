"""The arrival stamp (dấu ĐẾN): its size, and where on a page it may stand. Pure.

Lengths are in points unless a name says otherwise; places are counted from the lower left corner of the page as a
person sees it.
"""

from enum import StrEnum

from app.vocabulary import N_

MM = 72 / 25.4
"""Points in a millimetre."""
WIDTH, HEIGHT = 50 * MM, 35 * MM
"""Outer size of the stamp: 35 mm × 50 mm (Decree 30/2020/NĐ-CP, appendix IV, form V)."""


class StampPosition(StrEnum):
    """Where on the first page the stamp stands (vị trí đóng dấu)."""

    BELOW_NUMBER = "below_number"
    BELOW_ABSTRACT = "below_abstract"
    BELOW_DATE = "below_date"
    TOP_LEFT = "top_left"
    TOP_RIGHT = "top_right"
    LOWER_LEFT = "lower_left"


POSITIONS: dict[StampPosition, str] = {
    StampPosition.BELOW_NUMBER: N_("Below number and notation"),
    StampPosition.BELOW_ABSTRACT: N_("Below the abstract of a letter"),
    StampPosition.BELOW_DATE: N_("Below place and date"),
    StampPosition.TOP_LEFT: N_("Top left"),
    StampPosition.TOP_RIGHT: N_("Top right"),
    StampPosition.LOWER_LEFT: N_("Lower left"),
}
"""Positions in the order to offer, each with its label."""
BY_TYPE = frozenset({StampPosition.BELOW_NUMBER, StampPosition.BELOW_ABSTRACT})

# Left edge and distance of the upper edge from the top, on A4. Number and date stand in one line, 42 mm below the
# top; the "V/v" of a letter takes three lines below its number. At the left the stamp stands mostly in the margin,
# beside the title and above the body.
_ON_A4: dict[StampPosition, tuple[float, float]] = {
    StampPosition.BELOW_NUMBER: (6 * MM, 44 * MM),
    StampPosition.BELOW_ABSTRACT: (6 * MM, 58 * MM),
    StampPosition.BELOW_DATE: (154 * MM, 46 * MM),
    StampPosition.TOP_LEFT: (6 * MM, 6 * MM),
    StampPosition.TOP_RIGHT: (154 * MM, 6 * MM),
    StampPosition.LOWER_LEFT: (6 * MM, 254 * MM),
}
_A4 = (210 * MM, 297 * MM)
EDGE = 5 * MM
"""What printers leave white: the stamp keeps away from the edge of the page by this much."""


def usual_position(has_type_name: bool, last: StampPosition | None = None) -> StampPosition:
    """Where the stamp belongs: below the number of a document with a named type, below the abstract of a letter
    (công văn). A place chosen ``last`` stands, unless it was the one of these two that is for the other kind.
    """
    if last is not None and last not in BY_TYPE:
        return last
    return StampPosition.BELOW_NUMBER if has_type_name else StampPosition.BELOW_ABSTRACT


def place(position: StampPosition, width: float, height: float) -> tuple[float, float] | None:
    """Lower left corner of the stamp on a page of this size; ``None`` where the page is too small for it.

    On other sizes than A4 the stamp stands at the same part of the way over and down the free room.
    """
    room_x, room_y = width - WIDTH - 2 * EDGE, height - HEIGHT - 2 * EDGE
    if room_x < 0 or room_y < 0:
        return None
    left, top = _ON_A4[position]
    over = (left - EDGE) / (_A4[0] - WIDTH - 2 * EDGE)
    down = (top - EDGE) / (_A4[1] - HEIGHT - 2 * EDGE)
    return EDGE + over * room_x, EDGE + (1 - down) * room_y
