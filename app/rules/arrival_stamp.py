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
    BELOW_DATE = "below_date"
    TOP_LEFT = "top_left"
    TOP_RIGHT = "top_right"
    LOWER_LEFT = "lower_left"


POSITIONS: dict[StampPosition, str] = {
    StampPosition.BELOW_NUMBER: N_("Below number and notation"),
    StampPosition.BELOW_DATE: N_("Below place and date"),
    StampPosition.TOP_LEFT: N_("Top left"),
    StampPosition.TOP_RIGHT: N_("Top right"),
    StampPosition.LOWER_LEFT: N_("Lower left"),
}
"""Positions in the order to offer, each with its label; the first is where the law wants the stamp."""

# Left edge and distance of the upper edge from the top, on A4. Below the number of a letter its "V/v" takes three
# lines at most, which ends 60 mm below the top; the date stands in one line with the number.
_ON_A4: dict[StampPosition, tuple[float, float]] = {
    StampPosition.BELOW_NUMBER: (25 * MM, 63 * MM),
    StampPosition.BELOW_DATE: (145 * MM, 52 * MM),
    StampPosition.TOP_LEFT: (8 * MM, 6 * MM),
    StampPosition.TOP_RIGHT: (152 * MM, 6 * MM),
    StampPosition.LOWER_LEFT: (10 * MM, 252 * MM),
}
_A4 = (210 * MM, 297 * MM)
EDGE = 5 * MM
"""What printers leave white: the stamp keeps away from the edge of the page by this much."""


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
