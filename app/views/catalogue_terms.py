"""Screens of what terms go by: fields of work, and the terms that a law prescribes for them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload
from wtforms import SelectField

from app.extensions import db
from app.models import DeadlineRule, WorkField
from app.queries import catalogues as queries
from app.queries.settings import setting
from app.rules.catalogue_base import day_words
from app.rules.catalogues import COUNTINGS
from app.views.catalogue_base import CatalogueView
from app.views.catalogue_fields import options
from app.views.catalogue_lists import (
    IN_USE_CHOICES,
    CatalogueInterface,
    InUseFilter,
    SameFilter,
    WordsFilter,
    words_control,
)
from app.views.catalogue_words import VALIDITY, one_of
from app.vocabulary import TermCounting


class WorkFieldView(CatalogueView):
    """Lĩnh vực: fields of work, by which terms and statistics go; a proposal to start with, the Office's to edit."""

    noun = class_permission_name = "work_field"
    route_base = "/work-fields"
    datamodel = CatalogueInterface(WorkField)
    name_of_one = _("Field of work")
    list_title = _("Fields of work")
    add_title, edit_title, show_title = _("Add a field"), _("Change a field"), _("Field of work")
    list_columns = ["name", "ordinal", "valid_from", "valid_to"]
    order_columns = ["ordinal", "valid_from"]
    base_order = ("ordinal", "asc")
    show_columns = ["name", "ordinal", "valid_from", "valid_to"]
    search_filters = {"name": WordsFilter, "valid_to": InUseFilter}
    search_controls = {
        "name": words_control(),
        "valid_to": SelectField(_("Validity"), choices=options(*IN_USE_CHOICES)),
    }
    default_filters = {"valid_to": "open"}
    formatters_columns = VALIDITY
    list_note = _("No law lists the fields. These are a proposal to start with: change them to how the Office works.")


class DeadlineRuleView(CatalogueView):
    """Thời hạn theo quy định: terms that a law prescribes by document type, by field, or by both (212/4.4, 212/8.1)."""

    noun = class_permission_name = "deadline_rule"
    route_base = "/prescribed-terms"
    datamodel = CatalogueInterface(
        DeadlineRule, options=[selectinload(DeadlineRule.type), selectinload(DeadlineRule.field)]
    )
    name_of_one = _("Prescribed term")
    list_title = _("Prescribed terms")
    add_title, edit_title, show_title = _("Add a term"), _("Change a term"), _("Prescribed term")
    list_columns = ["name", "type", "field", "days", "counting", "valid_to"]
    order_columns = ["name", "days"]
    base_order = ("name", "asc")
    show_columns = ["name", "type", "field", "days", "counting", "basis", "valid_from", "valid_to"]
    search_filters = {"name": WordsFilter, "type_id": SameFilter, "field_id": SameFilter, "valid_to": InUseFilter}
    search_controls = {
        "name": words_control(),
        "type_id": SelectField(_("Document type"), choices=lambda: options(("", gettext("All types")), *_types())),
        "field_id": SelectField(_("Field"), choices=lambda: options(("", gettext("All fields")), *_fields())),
        "valid_to": SelectField(_("Validity"), choices=options(*IN_USE_CHOICES)),
    }
    default_filters = {"valid_to": "open"}
    empty_note = _(
        "No term is entered yet. The list starts empty, because terms differ by law and by what a document asks for: "
        "enter those that the Office works by, each with its law."
    )
    label_columns = {"type": _("Document type"), "field": _("Field")}
    formatters_columns = {
        **VALIDITY,
        "type": lambda value: str(value or gettext("Every type")),
        "field": lambda value: str(value or gettext("Every field")),
        "counting": one_of(COUNTINGS),
    }
    choice_lists = {
        "type_id": lambda: options(("", gettext("Every type")), *_types()),
        "field_id": lambda: options(("", gettext("Every field")), *_fields()),
    }

    def starting_values(self) -> dict[str, Any]:
        """Working days, from today."""
        return {**super().starting_values(), "counting": TermCounting.WORKING.value}

    def list_context(self) -> dict[str, Any]:
        """Which term goes before which."""
        return {
            "list_note": gettext(
                "A term for type and field goes before one for the field, this before one for the type; for everything "
                "else the %(days)s working days of the settings hold.",
                days=setting(db.session(), "default_working_days"),
            ),
        }


def _types() -> list[tuple[str, str]]:
    return _with_ends(queries.document_types_of_all_times(db.session()))


def _fields() -> list[tuple[str, str]]:
    return _with_ends(queries.fields_of_all_times(db.session()))


def _with_ends(rows: Sequence[tuple[str, str, date | None]]) -> list[tuple[str, str]]:
    """Rows as choices; what is over says until when it was, so that an old term keeps what it is about."""
    return [
        (value, gettext("%(name)s (until %(day)s)", name=name, day=day_words(end)) if end else name)
        for value, name, end in rows
    ]
