"""The base of catalogue screens: Flask-AppBuilder's list, search, page, add and edit, saving by operations.

The library would change the row and commit before anything is judged, and lose what was typed. Here a form gives
plain values to ``operations.catalogue``; a refusal comes back beside its field with everything still in place.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import ModelView, expose, has_access
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.widgets import FormWidget, RenderTemplateWidget
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field, HiddenField
from wtforms.fields import SelectChoice

from app import clock
from app.errors import DomainError, NotFound, Stale
from app.extensions import db
from app.messages import by_field, say
from app.operations import catalogue as operations
from app.queries import catalogues as queries
from app.request import current_actor
from app.rules.catalogues import CATALOGUES
from app.views.catalogue_fields import field_for
from app.views.catalogue_words import changed_lines, history

PAGE_SIZES = (25, 50, 100)


class CatalogueFormWidget(FormWidget):
    """The form, with what somebody else changed meanwhile above it."""

    template = "catalogue/form.html"


class CatalogueSearchWidget(RenderTemplateWidget):
    """The filters of a list as one bar, filled with what applies; works without script."""

    template = "catalogue/search.html"


class CatalogueView(ModelView):
    """Danh mục: the generated screens of one catalogue. Subclasses name the noun and the columns."""

    noun: str
    label_columns: dict[str, Any] = {}
    """Labels of columns that are no attributes."""
    name_of_one: Any = ""
    """What one row is called, in the reader's language."""
    default_filters: Mapping[str, str] = {}
    """Filters of a list that was opened without any."""
    search_filters: Mapping[str, type[BaseFilter]] = {}
    """Search column → how it narrows the list."""
    search_controls: Mapping[str, Field] = {}
    choice_lists: Mapping[str, Callable[[], Sequence[SelectChoice]]] = {}
    """Attribute → its choices, where they are rows of another catalogue."""
    list_note: Any = ""
    """A sentence above the list."""
    empty_note: Any = ""
    """What to say of a catalogue in which there is no row yet."""
    page_size = 50
    exclude_route_methods = {"delete", "download", "action", "action_post"}
    list_template = "catalogue/list.html"
    show_template = "catalogue/show.html"
    add_template = "catalogue/edit.html"
    edit_template = "catalogue/edit.html"
    add_widget = edit_widget = CatalogueFormWidget
    search_widget = CatalogueSearchWidget

    def __init__(self, **kwargs: Any):
        self.catalogue = CATALOGUES[self.noun]
        attributes = self.catalogue.attributes.values()
        fields = {each.name: field_for(each, self.choice_lists.get(each.name)) for each in attributes}
        self.label_columns = {each.name: _(each.label) for each in attributes} | self.label_columns
        self.add_columns = [each.name for each in attributes]
        self.edit_columns = [each.name for each in attributes if not each.fixed] + ["seen_version"]
        self.add_form_extra_fields = fields
        self.edit_form_extra_fields = {**fields, "seen_version": HiddenField()}
        self.search_columns = [*self.search_filters]
        self.search_form_extra_fields = dict(self.search_controls)
        super().__init__(**kwargs)

    # ── what a subclass may add ─────────────────────────────────────────────────────────────────────────────────

    def starting_values(self) -> dict[str, Any]:
        """What the form of a new row starts with."""
        return {"valid_from": clock.today()}

    def list_context(self) -> dict[str, Any]:
        """More for the template of the list."""
        return {}

    def locked(self, pks: Sequence[Any]) -> set[Any]:  # noqa: ARG002 - for subclasses
        """Which of these rows the reader may not change although the catalogue is theirs: no button leads there."""
        return set()

    def page_context(self, item: Any) -> dict[str, Any]:  # noqa: ARG002 - for subclasses
        """More for the template of a row's page."""
        return {}

    # ── list and page ───────────────────────────────────────────────────────────────────────────────────────────

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """The list; opened without filters it shows what is in use."""
        if not request.args and self.default_filters:
            return redirect(url_for(f"{self.endpoint}.list", **self.filter_args(self.default_filters)))
        self.update_redirect()
        return self.render_template(
            self.list_template,
            **{"title": self.list_title, "widgets": self._list(), "list_note": self.list_note, **self.list_context()},
        )

    def filter_args(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Filters as the library writes them into addresses."""
        return {f"_flt_0_{column}": value for column, value in values.items()}

    def chosen_filters(self) -> dict[str, str]:
        """Filters of the address that are not empty, by search column."""
        given = {column: request.args.get(f"_flt_0_{column}", "").strip()[:200] for column in self.search_filters}
        return {column: value for column, value in given.items() if value}

    def _list(self, **kwargs: Any) -> Any:
        """List and search. The library keeps filters in the view, which all threads share; these are the request's."""
        name = self.__class__.__name__
        chosen = self.chosen_filters()
        filters = self.datamodel.get_filters(self.search_columns)
        for column, value in chosen.items():
            filters.add_filter(column, self.search_filters[column], value)
        order = request.args.get(f"_oc_{name}", "")
        descending = request.args.get(f"_od_{name}") == "desc"
        column, direction = (order, "desc" if descending else "asc") if order in self.order_columns else ("", "")
        widgets = self._get_list_widget(
            filters=filters,
            order_column=column,
            order_direction=direction,
            page=_number(request.args.get(f"page_{name}"), 0),
            page_size=next((s for s in PAGE_SIZES if str(s) == request.args.get(f"psize_{name}")), self.page_size),
            **kwargs,
        )
        form = self.search_form(data=chosen, meta={"csrf": False})
        for field in form:
            field.name = f"_flt_0_{field.short_name}"
        kept = {
            key: request.args[key] for key in (f"_oc_{name}", f"_od_{name}", f"psize_{name}") if key in request.args
        }
        listed = widgets["list"].template_args
        listed["empty_note"] = self.empty_note if chosen == dict(self.default_filters) else ""
        listed["locked"] = self.locked(listed["pks"])
        widgets["search"] = self.search_widget(
            form=form, include_cols=self.search_columns, kept=kept, active=bool(chosen), address=request.path
        )
        return widgets

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """A row: what it says, what hangs on it, and its history."""
        item = self.datamodel.get(pk) or abort(404)
        key = self.datamodel.key(pk)
        self.update_redirect()
        widgets = self._get_show_widget(pk, item)
        widgets["show"].template_args["locked"] = self.locked([pk])
        return self.render_template(
            self.show_template,
            pk=pk,
            title=str(item),
            subtitle=self.name_of_one,
            record=item,
            widgets=widgets,
            entries=history(self.noun, key),
            list_url=self.list_url(),
            related_views=[],
            **self.page_context(item),
        )

    def list_url(self) -> str:
        """Address of the list as it opens."""
        return url_for(f"{self.endpoint}.list")

    def show_url(self, item: Any) -> str:
        """Address of a row's page."""
        return url_for(f"{self.endpoint}.show", pk=self.datamodel.get_pk_value(item))

    # ── add and edit ────────────────────────────────────────────────────────────────────────────────────────────

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """The form of a new row, and what it does."""
        widgets = self._add()
        if widgets is None:
            return self.post_add_redirect()
        return self._form_page(widgets, self.add_template, self.add_title, self.list_url())

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """The form of a row, and what it does."""
        widgets = self._edit(pk)
        if widgets is None:
            return self.post_edit_redirect()
        back = url_for(f"{self.endpoint}.show", pk=pk)
        return self._form_page(widgets, self.edit_template, self.edit_title, back, subtitle=widgets["subject"])

    def post_add_redirect(self) -> Any:
        """To the page of the row that was saved."""
        return redirect(self.show_url(g.saved_row))

    post_edit_redirect = post_add_redirect

    def _form_page(self, widgets: Any, template: str, title: Any, back: str, subtitle: str = "") -> Any:
        page = self.render_template(template, title=title, subtitle=subtitle, widgets=widgets, back_url=back)
        return page, widgets.get("status", 200)

    def _add(self) -> Any:
        """The widgets of the form, or None when the row was saved."""
        if request.method == "GET":
            return self._form_widgets("add", self.add_form(data=self.starting_values()))
        form = self.add_form()
        refusal = self._save(form, None, None)
        return self._form_widgets("add", form, refusal) if refusal is not None else None

    def _edit(self, pk: str) -> Any:
        """The widgets of the form, or None when the row was saved."""
        item = self.datamodel.get(pk) or abort(404)
        subject, version = str(item), item.version
        if request.method == "GET":
            values = queries.values_of(db.session(), self.noun, item)
            form = self.edit_form(data={**values, "seen_version": version})
            return {**self._form_widgets("edit", form), "subject": subject}
        form = self.edit_form()
        refusal = self._save(form, self.datamodel.key(pk), _number(form.seen_version.data, 0))
        if refusal is None:
            return None
        if isinstance(refusal, Stale):  # what changed is shown; saving again is then done knowingly
            newest = self.datamodel.get(pk) or abort(404)
            form.seen_version.data = newest.version
            form.seen_version.raw_data = None
        return {**self._form_widgets("edit", form, refusal), "subject": subject}

    def _save(self, form: Any, key: Any, seen_version: int | None) -> DomainError | Exception | None:
        """Hand the values to the operation. None: saved. Else what stands against it, already in the form."""
        values = {name: form[name].data for name in self.catalogue.attributes if name in form}
        if not form.validate():
            _cleaned, found = self.catalogue.cleaned(values, adding=key is None)
            wrong = [obstacle for obstacle in found if not form[obstacle.field].errors]
            refusal: DomainError = DomainError(*wrong)
            _show_in(form, refusal)
            return refusal
        try:
            g.saved_row = operations.save(current_actor(), self.noun, key, values, seen_version=seen_version)
        except NotFound:
            raise
        except DomainError as error:
            _show_in(form, error)
            return error
        flash(gettext("Saved: %(name)s", name=str(g.saved_row)), "success")
        return None

    def _form_widgets(self, kind: str, form: Any, refusal: Any = None) -> dict[str, Any]:
        stale = refusal.changes if isinstance(refusal, Stale) else ()
        here = request.view_args or {}
        back = self.list_url() if kind == "add" else url_for(f"{self.endpoint}.show", **here)
        widget = (self.add_widget if kind == "add" else self.edit_widget)(
            form=form,
            rows=self._rows(form),
            general=[say(o) for o in refusal.obstacles if o.field not in form] if refusal is not None else [],
            stale=[{**change, "lines": changed_lines(self.noun, change["fields"])} for change in stale],
            back_url=back,
        )
        return {kind: widget, "status": refusal.status if refusal is not None else 200}

    def _rows(self, form: Any) -> "Sequence[Sequence[str]]":
        """Names of fields, those of one row together."""
        rows: list[list[str]] = []
        before = ""
        for each in self.catalogue.attributes.values():
            if each.name not in form:
                continue
            if each.row and each.row == before:
                rows[-1].append(each.name)
            else:
                rows.append([each.name])
            before = each.row
        return rows


def _show_in(form: Any, error: DomainError) -> None:
    for name, sentences in by_field(error).items():
        if name in form:
            form[name].errors = [*form[name].errors, *sentences]


def _number(text: Any, otherwise: Any) -> Any:
    given = str(text or "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else otherwise
