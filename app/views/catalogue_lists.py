"""Lists of catalogues: how a filter narrows them, how they are read and ordered."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _
from sqlalchemy import Date, Integer, func, or_
from wtforms import StringField

from app import clock
from app.queries.matching import escape_like
from app.rules.text import fold


class WordsFilter(BaseFilter):
    """Every typed word stands somewhere in the column, with or without Vietnamese marks."""

    name = _("contains the words")
    arg_name = "words"

    def apply(self, query: Any, value: str) -> Any:
        """Narrow the query."""
        column = getattr(self.model, self.column_name)
        folded = column if self.column_name == "folded" else func.vi_fold(column)
        for word in fold(value).split()[:10]:
            query = query.filter(folded.like(f"%{escape_like(word)}%"))
        return query


class SameFilter(BaseFilter):
    """The column has exactly this value."""

    name = _("is")
    arg_name = "same"

    def apply(self, query: Any, value: str) -> Any:
        """Narrow the query; a value that cannot be one of the column's finds nothing."""
        column = getattr(self.model, self.column_name)
        if isinstance(column.type, Integer):
            return query.filter(column == int(value)) if value.isdigit() and len(value) < 18 else query.filter(False)
        return query.filter(column == value)


class TickFilter(BaseFilter):
    """The tick is set (``yes``) or not (``no``)."""

    name = _("is")
    arg_name = "tick"

    def apply(self, query: Any, value: str) -> Any:
        """Narrow the query."""
        return query.filter(getattr(self.model, self.column_name).is_(value == "yes"))


class InUseFilter(BaseFilter):
    """In use today (``open``) or closed by now (``closed``), by the last day."""

    name = _("in use")
    arg_name = "in_use"

    def apply(self, query: Any, value: str) -> Any:
        """Narrow the query."""
        last, today = getattr(self.model, self.column_name), clock.today()
        return query.filter(last < today) if value == "closed" else query.filter(or_(last.is_(None), last >= today))


class YearFilter(BaseFilter):
    """The day lies in this year."""

    name = _("in the year")
    arg_name = "year"

    def apply(self, query: Any, value: str) -> Any:
        """Narrow the query."""
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 9999):
            return query.filter(False)
        column, year = getattr(self.model, self.column_name), int(value)
        return query.filter(column.between(date(year, 1, 1), date(year, 12, 31)))


IN_USE_CHOICES = [("", _("In use and closed")), ("open", _("In use")), ("closed", _("Closed"))]


def words_control() -> StringField:
    """The search words of a list."""
    return StringField(_("Search"), render_kw={"placeholder": _("With or without marks"), "data-hotkey": "/"})


class CatalogueInterface(SQLAInterface):
    """Reads for the generated screens. Keys in addresses are written so that a day does not read like a code;
    order by name goes by the Vietnamese alphabet; the library's own writing is shut."""

    def __init__(self, model: Any, *, sorted_by: Mapping[str, str] | None = None, options: Sequence[Any] = ()):
        super().__init__(model)
        self.sorted_by = sorted_by or {}
        self.options = options

    def key(self, text: Any) -> Any:
        """The key that a part of an address means, ``None`` if it can be none."""
        column = self.obj.__mapper__.primary_key[0]
        if isinstance(column.type, Date):
            parts = str(text).split("-")
            try:
                return date(int(parts[2]), int(parts[1]), int(parts[0])) if len(parts) == 3 else None
            except ValueError:
                return None
        if isinstance(column.type, Integer):
            return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 18 else None
        return str(text)[:60]

    def text(self, key: Any) -> Any:
        """How an address writes a key."""
        return key.strftime("%d-%m-%Y") if isinstance(key, date) else key

    def get(self, pk: Any, filters: Any = None, *_args: Any, **_kwargs: Any) -> Any:  # noqa: ARG002 - no base filters
        """The row an address means, or None."""
        key = self.key(pk)
        return self.session.get(self.obj, key) if key is not None else None

    def get_keys(self, lst: Sequence[Any]) -> list[Any]:
        """Keys of rows as addresses write them."""
        return [self.get_pk_value(item) for item in lst]

    def get_pk_value(self, item: Any) -> Any:
        """The key of a row as addresses write it."""
        return self.text(super().get_pk_value(item))

    def apply_order_by(self, query: Any, order_column: str, order_direction: str, *args: Any, **kwargs: Any) -> Any:
        """Order by what sorts rightly in the place of the column, then by key."""
        return super().apply_order_by(
            query, self.sorted_by.get(order_column, order_column), order_direction, *args, **{**kwargs, "add_pk": True}
        )

    def apply_all(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """As the library, with what the list shows of other tables read along."""
        return super().apply_all(query, *args, **kwargs).options(*self.options)

    def add(self, *_args: Any, **_kwargs: Any) -> bool:
        """Shut."""
        raise NotImplementedError("catalogues are saved by operations.catalogue")

    edit = delete = delete_all = add
