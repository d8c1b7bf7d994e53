"""How a reader wants a list to look: which columns, how dense. Kept in a cookie of the own account.

What a list *shows* is in its address, so that Back and a sent address find the same documents; how it *looks* is the
reader's, and stays with the screen in front of them: nobody sends that to somebody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.queries.listing import ListQuery
from app.vocabulary import N_


class Density(StrEnum):
    """How a list shows its rows."""

    TABLE = "table"
    COMPACT = "compact"
    SMALL = "small"
    LARGE = "large"


DENSITIES = {
    Density.TABLE: (N_("Table"), "fa-list"),
    Density.COMPACT: (N_("Compact table"), "fa-bars"),
    Density.SMALL: (N_("Small cards"), "fa-th"),
    Density.LARGE: (N_("Large cards"), "fa-th-large"),
}
"""Label and picture of each."""


@dataclass(frozen=True)
class Column:
    """One column that a list may show; ``sort`` names the order that its head chooses. ``fixed``: always shown;
    ``shown``: to begin with."""

    name: str
    label: str
    sort: str = ""
    fixed: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Look:
    """The chosen columns, in the list's own order, and the density."""

    columns: tuple[Column, ...]
    density: Density = Density.TABLE

    def shows(self, name: str) -> bool:
        """Whether the column is there."""
        return any(column.name == name for column in self.columns)


@dataclass(frozen=True)
class Head:
    """The head of a column: ``order`` is what stands in ``aria-sort`` (empty: it does not sort), ``next`` what the
    next press asks for."""

    column: Column
    order: str = ""
    next: tuple[str, str] = ("", "")


def look_of(text: str, columns: Sequence[Column]) -> Look:
    """The look that a cookie or a form means; whatever it does not know is passed over."""
    density, _, names = text[:400].partition(":")
    known = Density(density) if density in set(Density) else Density.TABLE
    wanted = set(names.split(".")) if names else {column.name for column in columns if column.shown}
    return Look(tuple(c for c in columns if c.fixed or c.name in wanted), known)


def look_text(density: str, names: Sequence[str], columns: Sequence[Column]) -> str:
    """A look as a cookie keeps it."""
    known = [c.name for c in columns if c.fixed or c.name in names]
    return f"{Density(density) if density in set(Density) else Density.TABLE}:{'.'.join(known)}"


def heads(look: Look, query: ListQuery, standard: str, *, downwards: bool = True) -> list[Head]:
    """Three states each: up, down, off. Off is the list's own order (``standard``, ``downwards`` or upwards)."""
    return [_head(column, query, standard, "desc" if downwards else "asc") for column in look.columns]


def _head(column: Column, query: ListQuery, standard: str, own: str) -> Head:
    if not column.sort:
        return Head(column)
    if query.sort != column.sort:
        return Head(column, "none", (column.sort, "asc"))
    now = "desc" if query.descending else "asc"
    order = "descending" if query.descending else "ascending"
    if column.sort == standard:
        return Head(column, order, ("", "") if now != own else (column.sort, "asc" if own == "desc" else "desc"))
    if query.descending:
        return Head(column, order, ("", ""))
    return Head(column, order, (column.sort, "" if own == "desc" else "desc"))
