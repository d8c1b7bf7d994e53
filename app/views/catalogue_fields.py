"""Controls of catalogue forms: days and numbers as people type them, organisations by suggestion."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.widgets import TextInput, html_params

from app import clock
from app.errors import Obstacle
from app.messages import say
from app.rules.catalogue_base import Attribute, Type, day_words
from app.rules.dates import parse_day
from app.vocabulary import N_


class DayField(Field):
    """A day, typed freely: ``3/8``, ``03/08/2026``, ``hôm nay``."""

    widget = TextInput()

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else day_words(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; what is no day stays in the field with a sentence beside it."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        try:
            self.data = parse_day(typed, clock.today())
        except ValueError as fault:
            message = N_("%(label)s: “%(typed)s” is no date. Write it as 03/08/2026, 3/8 or “hôm nay”.")
            raise ValueError(say(Obstacle(message, params={"label": str(self.label.text), "typed": typed}))) from fault


class WholeNumberField(Field):
    """A whole number."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; what is no number stays in the field with a sentence beside it."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        if not (typed.isascii() and typed.isdigit() and len(typed) < 9):
            message = N_("%(label)s: “%(typed)s” is no whole number.")
            raise ValueError(say(Obstacle(message, params={"label": str(self.label.text), "typed": typed})))
        self.data = int(typed)


class OrganisationWidget:
    """Free text with suggestions of the server, and the id of the chosen row."""

    def __call__(self, field: "OrganisationField", **attributes: Any) -> Markup:
        """Draw both inputs; ``app/static/vt/lookup.js`` brings them to life."""
        name, chosen = field.shown()
        text = html_params(
            type="text",
            id=field.id,
            name=field.name,
            value=name,
            autocomplete="off",
            data_lookup=url_for("OrganisationView.suggest"),
            data_lookup_id=f"{field.name}_id",
            **attributes,
        )
        hidden = html_params(type="hidden", name=f"{field.name}_id", value=chosen)
        return Markup(f"<input {text}><input {hidden}>")  # noqa: S704 - html_params escapes


class OrganisationField(Field):
    """An organisation, chosen from suggestions or typed by its full name; data is ``{"id", "name"}`` or None."""

    widget = OrganisationWidget()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the name, and the id that stands beside it."""
        name = valuelist[0].strip() if valuelist else ""
        chosen = request.form.get(f"{self.name}_id", "")
        usable = chosen.isascii() and chosen.isdigit() and len(chosen) < 18
        self.data: dict[str, Any] | None = {"id": int(chosen) if usable else None, "name": name} if name else None

    def shown(self) -> tuple[str, str]:
        """Name and id as the controls show them."""
        return (self.data["name"], str(self.data["id"] or "")) if self.data else ("", "")


class Needed:
    """Marks a field as one that must be filled; the rules say so in words when it is not."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        """Nothing to check here."""


def options(*pairs: tuple[str, Any]) -> list[SelectChoice]:
    """Values and labels as the options of a drop-down."""
    return [SelectChoice(value, label) for value, label in pairs]


def field_for(each: Attribute, choices: Callable[[], Sequence[SelectChoice]] | None = None) -> Field:
    """The control of an attribute. Missing and wrong values are left to the rules, which know the sentences."""
    label = _(each.label)
    common: dict[str, Any] = {"description": _(each.hint) if each.hint else ""}
    common["validators"] = [Needed()] if each.required else []
    look: dict[str, Any] = {"class": "form-control"}
    if each.max_length:
        look["maxlength"] = each.max_length
    if each.type == Type.DAY:
        look |= {"data-vn-date": True, "autocomplete": "off", "placeholder": _("dd/mm/yyyy")}
        return DayField(label, **common, render_kw=look)
    if each.type == Type.INTEGER:
        return WholeNumberField(label, **common, render_kw=look | {"inputmode": "numeric"})
    if each.type == Type.ORGANISATION:
        return OrganisationField(label, **common, render_kw=look)
    if each.type == Type.TEXT:
        return TextAreaField(label, **common, render_kw=look | {"rows": 2})
    if each.type == Type.CHOICE:
        return SelectField(
            label,
            **common,
            choices=choices or _choices_of(each),
            validate_choice=False,  # the rules say it in words
            render_kw=look,
        )
    return StringField(label, **common, render_kw=look)


def _choices_of(each: Attribute) -> list[SelectChoice]:
    given = [(value, _(label) if each.translated else label) for value, label in (each.choices or {}).items()]
    return options(*given) if each.required else options(("", _("Not given")), *given)
