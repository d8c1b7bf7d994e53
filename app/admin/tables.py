"""Base of the console's tables: to be looked at, filtered and exported, never changed.

Written on top of Flask-Admin's model view. The routes for adding, changing and deleting do not exist, nothing is
counted (a trail may have millions of rows), the order is that of an index, and a search that takes too long is
given up instead of holding the database.
"""

import json
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from urllib.parse import unquote_plus

from flask import flash, request
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import BaseForm
from flask_babel import gettext, ngettext
from markupsafe import Markup
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from app import accesses, clock
from app.admin.filters import Day
from app.admin.gate import Gate, may_export, refuse
from app.admin.words import lines
from app.extensions import db
from app.request import current_actor, remote_addr
from app.translation import vn_date, vn_datetime
from app.vocabulary import AccessKind

ROUTES = frozenset({"index_view", "details_view", "export"})
EXPORT_ROWS = 50_000
SLOWEST_MILLISECONDS = 15_000
LAST_PAGE = 2_000


def _instant(_view: Any, value: datetime, _name: str) -> str:
    return vn_datetime(value if value.tzinfo else value.replace(tzinfo=UTC))  # Continuum's own table knows no zone


def _yes_no(_view: Any, value: bool, _name: str) -> str:
    return gettext("Yes") if value else gettext("No")


def _json(_view: Any, value: Any, _name: str) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def _pairs(_view: Any, value: Any, _name: str) -> str:
    return "; ".join(lines(value))


def _folded(_view: Any, value: Any, _name: str) -> Any:
    found = lines(value)
    if not found:
        return ""
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in found)
    return Markup("<details><summary>{}</summary><ul>{}</ul></details>").format(
        ngettext("%(num)s value", "%(num)s values", len(found)), items
    )


def _nothing(_view: Any, _value: None, _name: str) -> str:
    return ""


def _harmless(_view: Any, value: str, _name: str) -> str:
    """A spreadsheet takes such a beginning for a formula and would compute what a stranger wrote."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


FORMATS = {
    type(None): _nothing,
    bool: _yes_no,
    datetime: _instant,
    date: lambda _view, value, _name: vn_date(value),
    dict: _pairs,
    list: _pairs,
}


class ReadOnlyTable(Gate, ModelView):
    """One table of the console."""

    can_create = can_edit = can_delete = False
    can_view_details = True
    can_set_page_size = False
    simple_list_pager = True
    page_size = 50
    export_types = ["csv"]
    export_max_rows = EXPORT_ROWS
    column_type_formatters = FORMATS
    column_type_formatters_detail = {**FORMATS, dict: _folded, list: _folded}
    column_type_formatters_export = {**FORMATS, dict: _json, list: _json, str: _harmless}
    column_display_all_relations = False
    column_sortable_list: Any = ()
    _urls: list[Any]  # set by Flask-Admin's metaclass: (address, method of the view, HTTP methods)

    def __init__(self, model: Any, name: Any, path: str):
        self._urls = [route for route in self._urls if route[1] in ROUTES]  # the rest answers 404
        super().__init__(model, db, name=name, endpoint=f"console_{path.replace('-', '_')}", url=path)

    @property
    def can_export(self) -> bool:
        """Whether the button is shown, and the export done."""
        return may_export()

    @property
    def asks_for_days(self) -> bool:
        """Whether a filter takes a day: the page then says how to write one."""
        return any(isinstance(each, Day) for each in self.column_filters or ())

    def scaffold_form(self) -> Any:
        """No form: nothing is typed in here."""
        return BaseForm

    @expose("/")
    def index_view(self) -> Any:
        """The list; reading the trails is on record too (QCVN 12:2026/BCA 3.9.2)."""
        self._record(AccessKind.VIEW)
        return super().index_view()

    @expose("/details/")
    def details_view(self) -> Any:
        """One row."""
        self._record(AccessKind.VIEW)
        return super().details_view()

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Any:
        """The rows that the filters leave, at most ``EXPORT_ROWS``, as CSV that a spreadsheet reads as Vietnamese."""
        if not may_export():
            return refuse()
        self._record(AccessKind.EXPORT)
        response = super().export(export_type)
        if response.mimetype == "text/csv":
            response.response = chain((b"\xef\xbb\xbf",), response.response)
        return response

    def get_export_name(self, export_type: str = "csv") -> str:
        """A name that sorts by time."""
        return f"{self.endpoint}_{clock.in_vietnam(clock.now()):%Y%m%d_%H%M%S}.{export_type}"

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int | None, list[Any]]:
        """One page; nothing, and a word of advice, when the database needs too long."""
        session = db.session()
        try:
            session.execute(text(f"SET LOCAL statement_timeout = {SLOWEST_MILLISECONDS}"))
            return super().get_list(*args, **kwargs)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != "57014":  # query_canceled
                raise
            session.rollback()
            flash(gettext("That took too long. Narrow it down by a day or an exact value."), "warning")
            return None, []

    def get_one(self, id: Any) -> Any:  # noqa: A002 - Flask-Admin's name
        """The row of that key; ``None`` for what is no key of this table."""
        keys = inspect(self.model).primary_key
        parts = id if isinstance(id, list) else str(id).split(",")
        if len(parts) != len(keys):
            return None
        values: list[Any] = []
        for part, key in zip(parts, keys, strict=True):
            if key.type.python_type is int:
                if not (part.isascii() and part.isdigit() and len(part) < 19):
                    return None
                values.append(int(part))
            else:
                values.append(part.replace("\0", ""))
        return db.session.get(self.model, tuple(values))

    def _get_list_value(self, *args: Any, **kwargs: Any) -> Any:
        """Where a column has choices the library shows an empty value as the word None."""
        value = super()._get_list_value(*args, **kwargs)
        return "" if value is None else value

    def _get_list_extra_args(self) -> Any:
        args = super()._get_list_extra_args()
        args.page = min(max(args.page or 0, 0), LAST_PAGE)
        args.search = (args.search or "").replace("\0", "")[:100] or None
        return args

    def _record(self, kind: AccessKind) -> None:
        what = f"{request.path} {unquote_plus(request.query_string.decode(errors='replace'))}".strip().replace("\0", "")
        accesses.record(current_actor(), kind, what=what, remote_addr=remote_addr())
