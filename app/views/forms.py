"""The form of a move: made from its declared inputs, filled from a record or a request, with what is wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app import clock
from app.errors import DomainError, Obstacle
from app.extensions import db
from app.messages import by_field
from app.models import Upload
from app.queries.choices import choices
from app.request import current_actor, other_powers
from app.rules.dates import parse_day, parse_instant
from app.rules.lifecycle import Input, InputType, Move, Unread
from app.rules.text import BIGINT, whole_number
from app.views.assignees import read_assignees, shown_assignees
from app.vocabulary import N_


@dataclass
class BoundInput:
    """One input with what was typed (for showing it again), what it means, and what is wrong with it."""

    input: Input
    raw: Any = ""
    value: Any = None
    typed: str = ""
    """Words typed into a choice that are none of its values."""
    errors: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Label in the reader's language."""
        return gettext(self.input.label)

    @property
    def hint(self) -> str:
        """Hint in the reader's language, empty if there is none."""
        return gettext(self.input.hint) if self.input.hint else ""

    @property
    def is_asked(self) -> bool:
        """Whether the form shows it: some inputs only when something was refused for want of them."""
        return not self.input.on_demand or bool(self.errors or self.raw)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Values and labels of a choice: what any power of the reader offers."""
        return choices(db.session(), self.input.choices, gettext, [current_actor(), *other_powers()])


class MoveForm:
    """The inputs of a move, bound. ``unread``: what is no date, number, file or value of its list, for the operation to
    refuse together with all else that is wrong."""

    def __init__(self, move: Move, initial: Mapping[str, Any] | None = None):
        self.move = move
        self.fields = {each.name: BoundInput(each) for each in move.inputs}
        self.unread: dict[str, Unread] = {}
        self.uploads: Sequence[Upload] = ()
        self.general_errors: list[str] = []
        self.focus = ""
        """The field in which the cursor stands when the form opens."""
        for name, value in (initial or {}).items():
            if name in self.fields:
                self.fields[name].value = value
                self.fields[name].raw = shown(self.fields[name].input, value)

    def bind(self, form: "MultiDict[str, str]") -> None:
        """Take what was typed."""
        for bound in self.fields.values():
            reader = _READERS.get(bound.input.type, _read_text)
            bound.raw, bound.value, obstacle = reader(bound.input, form)
            if obstacle is not None:
                self.unread[bound.input.name] = Unread((obstacle,))
                bound.value = None
            if bound.input.type == InputType.CHOICE and not bound.raw:
                bound.typed = typed_words(bound.input, form)

    @property
    def first_empty(self) -> str:
        """Where the cursor stands when the form opens: the first field that nothing is in yet."""
        for name, bound in self.fields.items():
            raw = bound.raw["name"] if bound.input.type == InputType.ORGANISATION and bound.raw else bound.raw
            if not raw and not bound.input.aside and bound.is_asked and bound.input.type not in _CHOSEN:
                return name
        return ""

    @property
    def values(self) -> dict[str, Any]:
        """Plain values; ``None`` for what could not be read."""
        return {name: bound.value for name, bound in self.fields.items()}

    def for_operation(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """These values with what could not be read among them."""
        return {name: self.unread.get(name, value) for name, value in values.items()}

    def show(self, error: DomainError) -> None:
        """Put the obstacles beside their fields; what concerns the whole act stands on top."""
        for name, sentences in by_field(error).items():
            if name in self.fields:
                self.fields[name].errors = [without_label(each, self.fields[name].label) for each in sentences]
            else:
                self.general_errors += sentences

    def groups(self, *, aside: bool) -> list[list[BoundInput]]:
        """Inputs in order, those of one group together; either those beside or the others."""
        rows: list[list[BoundInput]] = []
        for bound in (b for b in self.fields.values() if b.input.aside is aside and b.is_asked):
            if rows and bound.input.group and rows[-1][0].input.group == bound.input.group:
                rows[-1].append(bound)
            else:
                rows.append([bound])
        return rows


def without_label(sentence: str, label: str) -> str:
    """A sentence as it stands beside its field, whose label says the name already."""
    name, parted, rest = sentence.partition(": ")
    if not parted or name.casefold() != label.casefold() or not rest:
        return sentence
    return rest[0].upper() + rest[1:]


def shown(each: Input, value: Any) -> Any:
    """A value as its control shows it."""
    if isinstance(value, datetime):
        return clock.in_vietnam(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if each.type in (InputType.FILES, InputType.RECORDS):
        return list(value or ())
    if each.type == InputType.ASSIGNEES:
        return shown_assignees(value)
    if each.type == InputType.ORGANISATION:
        return value or {"id": "", "name": ""}
    return "" if value is None else str(value)


_CHOSEN = (InputType.FILES, InputType.RECORDS, InputType.ASSIGNEES)
Read = tuple[Any, Any, Obstacle | None]


def _read_text(each: Input, form: "MultiDict[str, str]") -> Read:
    text = form.get(each.name, "")
    return text, text, None


def typed_words(each: Input, form: "MultiDict[str, str]") -> str:
    """What was typed into a choice without choosing (typeahead.js sends it beside the choice)."""
    return " ".join(form.get(f"{each.name}_typed", "").split())[:200]


def _read_choice(each: Input, form: "MultiDict[str, str]") -> Read:
    value, typed = form.get(each.name, ""), typed_words(each, form)
    if value or not typed:
        return value, value, None
    message = N_("%(label)s: “%(typed)s” is not in the list. Choose one of it.")
    return "", None, Obstacle(message, each.name, {"label": each.label, "typed": typed}, "no_choice")


def _read_date(each: Input, form: "MultiDict[str, str]") -> Read:
    text = form.get(each.name, "").strip()
    if not text:
        return "", None, None
    try:
        return text, parse_day(text, clock.today(), past=each.past), None
    except ValueError:
        message = N_("%(label)s: “%(typed)s” is no date. Write it as 03/08/2026, 3/8 or “hôm nay”.")
        return text, None, Obstacle(message, each.name, {"label": each.label, "typed": text}, "no_date")


def _read_instant(each: Input, form: "MultiDict[str, str]") -> Read:
    text = form.get(each.name, "").strip()
    if not text:
        return "", None, None
    try:
        return text, parse_instant(text, clock.now()), None
    except ValueError:
        message = N_("%(label)s: “%(typed)s” is no time. Write it as 03/08/2026 14:30, or leave it empty for now.")
        return text, None, Obstacle(message, each.name, {"label": each.label, "typed": text}, "no_time")


def _read_integer(each: Input, form: "MultiDict[str, str]") -> Read:
    text = form.get(each.name, "").strip()
    if not text:
        return "", None, None
    number = whole_number(text)
    if number is None:
        message = N_("%(label)s: “%(typed)s” is no whole number.")
        return text, None, Obstacle(message, each.name, {"label": each.label, "typed": text}, "no_number")
    return text, number, None


def _read_organisation(each: Input, form: "MultiDict[str, str]") -> Read:
    name = form.get(each.name, "")
    chosen = whole_number(form.get(f"{each.name}_id"), BIGINT)
    raw = {"id": chosen or "", "name": name}
    value = {"id": chosen, "name": name} if name.strip() else None
    return raw, value, None


def _read_files(each: Input, form: "MultiDict[str, str]") -> Read:
    given = (whole_number(i, BIGINT) for i in form.getlist(f"{each.name}_kept"))
    ids = [i for i in given if i is not None]
    return ids, ids, None


def _read_records(each: Input, form: "MultiDict[str, str]") -> Read:
    given = (whole_number(i, BIGINT) for i in form.getlist(each.name))
    ids = [i for i in given if i is not None]
    return ids, ids, None


_READERS: dict[InputType, Callable[[Input, "MultiDict[str, str]"], Read]] = {
    InputType.CHOICE: _read_choice,
    InputType.DATE: _read_date,
    InputType.DATETIME: _read_instant,
    InputType.INTEGER: _read_integer,
    InputType.ORGANISATION: _read_organisation,
    InputType.FILES: _read_files,
    InputType.RECORDS: _read_records,
    InputType.ASSIGNEES: read_assignees,
}
