"""Names of the office as the heads of papers print them, from its full name and that of the body above it."""

_COMMITTEE = "Ủy ban nhân dân "


def heading_lines(parent_name: str, office_name: str) -> tuple[str, str]:
    """Body above and office in capitals, the office without the name that stands above it already.

    ``Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh`` below its committee is ``VĂN PHÒNG``.
    """
    own = office_name.strip()
    if parent_name and own.casefold().endswith(parent_name.strip().casefold()):
        own = own[: -len(parent_name.strip())].strip() or office_name.strip()
    return parent_name.strip().upper(), own.upper()


def place_of(parent_name: str) -> str:
    """The place that stands before the date: ``Thành phố Hồ Chí Minh``; ``An Giang`` for a committee of a province."""
    place = parent_name.strip()
    if place.casefold().startswith(_COMMITTEE.casefold()):
        place = place[len(_COMMITTEE) :]
    return place.removeprefix("tỉnh ").removeprefix("Tỉnh ")
