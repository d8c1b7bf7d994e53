"""Screens of the catalogues (danh mục): organisations, types, urgency, series, books, and the calendar."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, g, jsonify, redirect, request, url_for
from flask_appbuilder import AppBuilder, expose, has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from wtforms import HiddenField, SelectField

from app import clock
from app.errors import DomainError
from app.extensions import db
from app.messages import say
from app.models import (
    CalendarDay,
    DocumentType,
    NumberSeries,
    Organisation,
    RegisterBook,
    UrgencyLevel,
)
from app.operations import catalogue as operations
from app.queries import catalogues as queries
from app.queries.parties import find_organisations
from app.reference.forecast import forecast
from app.reference.organisations import ORGANISATION_GROUPS
from app.request import current_actor
from app.rules.calendar import SATURDAY
from app.rules.catalogue_base import day_words
from app.rules.catalogues import (
    BELONGING,
    CALENDAR_KINDS,
    GROUPINGS,
    ORGANISATION_KINDS,
    SERIES_KINDS,
)
from app.views.catalogue_base import CatalogueView
from app.views.catalogue_fields import options
from app.views.catalogue_lists import (
    IN_USE_CHOICES,
    CatalogueInterface,
    InUseFilter,
    SameFilter,
    TickFilter,
    WordsFilter,
    YearFilter,
    words_control,
)
from app.views.catalogue_terms import DeadlineRuleView, WorkFieldView
from app.views.catalogue_words import VALIDITY, one_of, with_weekday
from app.vocabulary import N_, CalendarKind, CodeScheme

SCHEMES = {
    CodeScheme.DECISION_20_2020: N_("Code by Decision 20/2020"),
    CodeScheme.CIRCULAR_10_2016: N_("Code by QCVN 102:2016"),
}
_GROUPS = {str(row.code): row.name for row in ORGANISATION_GROUPS}


def _choice(label: Any, first: Any, labels: dict[str, Any]) -> SelectField:
    return SelectField(label, choices=options(("", first), *((value, _(text)) for value, text in labels.items())))


class OrganisationView(CatalogueView):
    """Cơ quan, đơn vị, cá nhân: senders, recipients, and the Office's own units."""

    noun = class_permission_name = "organisation"
    route_base = "/organisations"
    datamodel = CatalogueInterface(
        Organisation, sorted_by={"name": "sort_key"}, options=[selectinload(Organisation.parent)]
    )
    name_of_one = _("Organisation")
    list_title = _("Organisations")
    add_title, edit_title, show_title = _("Add an organisation"), _("Change an organisation"), _("Organisation")
    list_columns = ["name", "abbreviation", "kind", "parent", "category", "valid_to"]
    order_columns = ["name", "abbreviation"]
    base_order = ("name", "asc")
    show_columns = ["name", "abbreviation", "kind", "parent", "ours", "category", "codes", "email", "address"]
    show_columns += ["valid_from", "valid_to"]
    search_filters = {
        "folded": WordsFilter,
        "kind": SameFilter,
        "ours": TickFilter,
        "category": SameFilter,
        "valid_to": InUseFilter,
    }
    search_controls = {
        "folded": words_control(),
        "kind": _choice(_("Kind"), _("All kinds"), dict(ORGANISATION_KINDS)),
        "ours": _choice(_("Belonging"), _("Own and outside"), dict(BELONGING)),
        "category": SelectField(_("Group"), choices=options(("", _("All groups")), *_GROUPS.items())),
        "valid_to": SelectField(_("Validity"), choices=options(*IN_USE_CHOICES)),
    }
    default_filters = {"valid_to": "open"}
    label_columns = {"codes": _("Identifier codes")}
    formatters_columns = {
        **VALIDITY,
        "kind": one_of(ORGANISATION_KINDS),
        "ours": lambda value: gettext(BELONGING["yes" if value else "no"]),
        "category": lambda value: _GROUPS.get(value, "–"),
        "codes": lambda codes: ", ".join(c.code for c in codes if c.valid_to is None) or "–",
    }
    list_template = "catalogue/organisations.html"
    show_template = "catalogue/organisation.html"

    def starting_values(self) -> dict[str, Any]:
        """An outside agency, open from today; below another one when the address says so."""
        values = {**super().starting_values(), "kind": "body", "ours": "no"}
        above = self.datamodel.get(request.args.get("below", "")) if request.args.get("below") else None
        if above is not None:
            values |= {"parent": {"id": above.id, "name": above.name}, "kind": "unit"}
            values |= {"ours": "yes" if above.ours else "no", "category": above.category}
        return values

    def locked(self, pks: Sequence[Any]) -> set[Any]:
        """Own units, for everybody but those who keep them."""
        if operations.keeps_own_units(current_actor()):
            return set()
        ids = [self.datamodel.key(pk) for pk in pks]
        own = set(db.session.scalars(select(Organisation.id).where(Organisation.id.in_(ids), Organisation.ours)))
        return {pk for pk, key in zip(pks, ids, strict=True) if key in own}

    def _edit(self, pk: str) -> Any:
        """As every catalogue, but who may not keep own units is told before typing anything."""
        item = self.datamodel.get(pk) or abort(404)
        if request.method == "GET" and item.ours:
            operations.guard_own_units(current_actor())
        return super()._edit(pk)

    def page_context(self, item: Organisation) -> dict[str, Any]:
        """What stands below, and the codes with their times."""
        return {
            "below": queries.below(db.session(), item.id),
            "codes": [(gettext(SCHEMES[CodeScheme(c.scheme)]), c) for c in queries.codes_of(db.session(), item.id)],
            "parent_url": self.show_url(item.parent) if item.parent else "",
            "url_of": self.show_url,
        }

    @expose("/units")
    @has_access
    @permission_name("list")
    def units(self) -> Any:
        """The Office's own units as a tree."""
        return self.render_template(
            "catalogue/units.html",
            title=gettext("Units of the Office"),
            tree=queries.own_tree(db.session(), clock.today()),
        )

    @expose("/suggest")
    @has_access
    @permission_name("list")
    def suggest(self) -> Any:
        """Suggestions as JSON ``[{id, label, hint}]`` for ``?q=``."""
        found = find_organisations(db.session(), request.args.get("q", "")[:100], own=True, people=False)
        return jsonify(
            [{"id": o.id, "label": o.name, "hint": o.parent.name if o.parent else o.abbreviation} for o in found]
        )


class DocumentTypeView(CatalogueView):
    """Loại văn bản, with the time in which each one holds (Decree 30/2020, article 7)."""

    noun = class_permission_name = "document_type"
    route_base = "/document-types"
    datamodel = CatalogueInterface(DocumentType)
    name_of_one = _("Document type")
    list_title = _("Document types")
    add_title, edit_title, show_title = _("Add a document type"), _("Change a document type"), _("Document type")
    list_columns = ["name", "abbreviation", "grouping", "ordinal", "valid_from", "valid_to"]
    order_columns = ["ordinal", "valid_from"]
    base_order = ("ordinal", "asc")
    show_columns = ["name", "abbreviation", "grouping", "ordinal", "valid_from", "valid_to"]
    search_filters = {"name": WordsFilter, "grouping": SameFilter, "valid_to": InUseFilter}
    search_controls = {
        "name": words_control(),
        "grouping": _choice(_("Group"), _("All groups"), dict(GROUPINGS)),
        "valid_to": SelectField(_("Validity"), choices=options(*IN_USE_CHOICES)),
    }
    default_filters = {"valid_to": "open"}
    formatters_columns = {**VALIDITY, "grouping": one_of(GROUPINGS)}


class UrgencyView(CatalogueView):
    """Mức độ khẩn (212/16.1.d)."""

    noun = class_permission_name = "urgency_level"
    route_base = "/urgency-levels"
    datamodel = CatalogueInterface(UrgencyLevel)
    name_of_one = _("Urgency level")
    list_title = _("Urgency levels")
    add_title, edit_title, show_title = _("Add an urgency level"), _("Change an urgency level"), _("Urgency level")
    list_columns = ["name", "rank", "handling_hours"]
    order_columns = ["rank"]
    base_order = ("rank", "desc")
    show_columns = ["name", "rank", "handling_hours"]
    search_filters = {"name": WordsFilter}
    search_controls = {"name": words_control()}

    def starting_values(self) -> dict[str, Any]:
        """Nothing."""
        return {}


class NumberSeriesView(CatalogueView):
    """Dãy số, with the last number of each year; the counters themselves can be changed nowhere."""

    noun = class_permission_name = "number_series"
    route_base = "/number-series"
    datamodel = CatalogueInterface(NumberSeries)
    name_of_one = _("Number series")
    list_title = _("Number series")
    add_title, edit_title, show_title = _("Add a number series"), _("Change a number series"), _("Number series")
    list_columns = ["name", "kind", "valid_from", "valid_to"]
    order_columns = ["kind", "valid_from"]
    base_order = ("id", "asc")
    show_columns = ["name", "kind", "valid_from", "valid_to"]
    search_filters = {"name": WordsFilter, "kind": SameFilter, "valid_to": InUseFilter}
    search_controls = {
        "name": words_control(),
        "kind": _choice(_("Numbers what"), _("All kinds"), dict(SERIES_KINDS)),
        "valid_to": SelectField(_("Validity"), choices=options(*IN_USE_CHOICES)),
    }
    formatters_columns = {**VALIDITY, "kind": one_of(SERIES_KINDS)}
    show_template = "catalogue/series.html"

    def page_context(self, item: NumberSeries) -> dict[str, Any]:
        """Last numbers by year, and the books that show the series."""
        return {
            "last_numbers": queries.last_numbers(db.session(), item.id),
            "books": queries.books_on(db.session(), item.id),
        }


class RegisterBookView(CatalogueView):
    """Sổ đăng ký văn bản (212/4.2, 212/9.2)."""

    noun = class_permission_name = "register_book"
    route_base = "/register-books"
    datamodel = CatalogueInterface(RegisterBook, options=[selectinload(RegisterBook.series)])
    name_of_one = _("Register book")
    list_title = _("Catalogue of register books")
    add_title, edit_title, show_title = _("Add a register book"), _("Change a register book"), _("Register book")
    list_columns = ["name", "series", "ordinal", "valid_from", "valid_to"]
    order_columns = ["ordinal", "valid_from"]
    base_order = ("ordinal", "asc")
    show_columns = ["name", "series", "ordinal", "valid_from", "valid_to"]
    search_filters = {"name": WordsFilter, "series_id": SameFilter, "valid_to": InUseFilter}
    search_controls = {
        "name": words_control(),
        "series_id": SelectField(_("Number series"), choices=lambda: options(("", gettext("All series")), *_series())),
        "valid_to": SelectField(_("Validity"), choices=options(*IN_USE_CHOICES)),
    }
    label_columns = {"series": _("Number series")}
    formatters_columns = {**VALIDITY}
    choice_lists = {"series_id": lambda: options(("", gettext("Choose…")), *_series())}


def _series() -> list[tuple[str, str]]:
    return queries.all_series(db.session())


def _linked_day(day: date) -> Markup | str:
    """The day with its weekday; in the list it leads to its page."""
    if request.endpoint != "CalendarView.list":
        return with_weekday(day)
    address = url_for("CalendarView.show", pk=CalendarView.datamodel.text(day))
    return Markup('<a class="subj due" href="{}">{}</a>').format(address, with_weekday(day))


class CalendarView(CatalogueView):
    """Lịch nghỉ và ngày làm bù; it wins over every reckoning of days (212/4.4). The one catalogue with delete."""

    noun = class_permission_name = "calendar_day"
    route_base = "/calendar"
    datamodel = CatalogueInterface(CalendarDay)
    name_of_one = _("Day of the calendar")
    list_title = _("Calendar of days off")
    add_title, edit_title, show_title = _("Add a day"), _("Change a day"), _("Day of the calendar")
    list_columns = ["day", "kind", "name", "note"]
    order_columns = ["day"]
    base_order = ("day", "asc")
    show_columns = ["day", "kind", "name", "note"]
    search_filters = {"name": WordsFilter, "day": YearFilter, "kind": SameFilter}
    search_controls = {
        "name": words_control(),
        "day": HiddenField(_("Year")),
        "kind": _choice(_("Kind"), _("All kinds"), dict(CALENDAR_KINDS)),
    }
    formatters_columns = {"day": _linked_day, "kind": one_of(CALENDAR_KINDS)}
    exclude_route_methods = {"download", "action", "action_post"}
    list_template = "catalogue/calendar.html"

    def starting_values(self) -> dict[str, Any]:
        """A day off."""
        return {"kind": CalendarKind.OFF.value}

    @property
    def default_filters(self) -> dict[str, str]:  # type: ignore[override]
        """The present year."""
        return {"day": str(clock.today().year)}

    def list_context(self) -> dict[str, Any]:
        """The year shown, month by month."""
        chosen, entered = self.chosen_filters().get("day", ""), queries.calendar_years(db.session())
        years = _years(entered)
        year = next((each for each in years if str(each) == chosen), None)
        expected = forecast(year) if year is not None and year not in entered else {}
        return {
            "year": year,
            "years": years,
            "all_years": not chosen,
            "year_url": lambda value: url_for(f"{self.endpoint}.list", **self.filter_args({"day": str(value)})),
            "months": _months(year, expected) if year else [],
            "is_forecast": year is not None and year not in entered,
        }

    def post_add_redirect(self) -> Any:
        """Back to the year of the day that was saved: the neighbours tell whether it is right."""
        return redirect(url_for(f"{self.endpoint}.list", **self.filter_args({"day": str(g.saved_row.day.year)})))

    post_edit_redirect = post_add_redirect

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        """Take a day away."""
        day = self.datamodel.key(pk)
        if day is None:
            abort(404)
        try:
            operations.remove(current_actor(), self.noun, day)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            for obstacle in error.obstacles:
                flash(say(obstacle), "danger")
        else:
            flash(gettext("Taken out of the calendar: %(day)s", day=day_words(day)), "success")
        return redirect(url_for(f"{self.endpoint}.list", **self.filter_args({"day": str(day.year)})))


def _years(entered: Sequence[int]) -> list[int]:
    """Years of the calendar, the present one, and the first that is not entered yet, newest first."""
    last = max([*entered, clock.today().year])
    return sorted({*entered, clock.today().year, last + 1}, reverse=True)


def _months(year: int, expected: Mapping[date, str]) -> list[dict[str, Any]]:
    """The year for the overview: twelve months of weeks of days, each with what it is, or is expected to be."""
    marked: dict[date, tuple[str, str]] = {day: (CalendarKind.OFF, name) for day, name in expected.items()}
    marked |= {row.day: (row.kind, row.name) for row in queries.days_of_year(db.session(), year)}
    months = []
    for month in range(1, 13):
        first = date(year, month, 1)
        weeks, day = [], first - timedelta(days=first.weekday())
        while day.month == month or day < first:
            weeks.append([_cell(day + timedelta(days=n), month, marked) for n in range(7)])
            day += timedelta(days=7)
        months.append({"number": month, "weeks": weeks})
    return months


def _cell(day: date, month: int, marked: Mapping[date, tuple[str, str]]) -> dict[str, Any] | None:
    if day.month != month:
        return None
    kind, name = marked.get(day, ("weekend" if day.weekday() >= SATURDAY else "", ""))
    label = f"{gettext(CALENDAR_KINDS[kind])}: {name}" if name else ""
    return {"number": day.day, "kind": kind, "label": label, "today": day == clock.today()}


def register(appbuilder: AppBuilder) -> None:
    """The catalogues, in the order of the menu."""
    for view, icon, label in (
        (OrganisationView, "fa-sitemap", _("Organisations")),
        (DocumentTypeView, "fa-file-text-o", _("Document types")),
        (UrgencyView, "fa-bolt", _("Urgency levels")),
        (NumberSeriesView, "fa-sort-numeric-asc", _("Number series")),
        (RegisterBookView, "fa-book", _("Catalogue of register books")),
        (CalendarView, "fa-calendar", _("Calendar of days off")),
        (WorkFieldView, "fa-tags", _("Fields of work")),
        (DeadlineRuleView, "fa-hourglass-half", _("Prescribed terms")),
    ):
        appbuilder.add_view(
            view, view.noun, label=label, icon=icon, category="catalogues", category_label=_("Catalogues")
        )
