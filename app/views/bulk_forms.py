"""One move on several records at once: the same form once, then each record by itself, with its own result.

A record that changed since the page showed it is not acted on, so that a form sent twice does nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, flash, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.actor import Actor
from app.errors import DomainError, Forbidden, NotFound, Obstacle, Refused
from app.extensions import appbuilder
from app.messages import say
from app.operations.base import act_on_each
from app.request import chosen_actor, current_actor
from app.rules.lifecycle import InputType, Move, permission_obstacle
from app.rules.text import BIGINT, whole_number
from app.views.forms import MoveForm
from app.views.move_forms import MoveForms
from app.views.places import local
from app.vocabulary import N_

MOST = 200
"""So many records at once: what one person can have looked at."""
SENT = "bulk_sent"
"""Session key: keys of the last forms that were carried out."""
REMEMBERED = 10


@dataclass(frozen=True)
class Result:
    """What became of one record: ``said`` tells what was done, or why it was not."""

    headline: str
    address: str
    done: bool
    said: tuple[str, ...] = ()


class BulkForms(MoveForms):
    """The form of a move for several records; the move must be declared ``bulk``."""

    def many(self, actor: Actor, ids: Sequence[int]) -> list[Any]:
        """Several records that the actor may see, in the order given."""
        raise NotImplementedError

    def page_of_record(self, record: Any) -> str:
        """Where a record is looked at."""
        raise NotImplementedError

    def done_sentences(self, _move: Move, _pk: int) -> tuple[str, ...]:
        """What was done with one record, where the result says more than that it was."""
        return ()

    @expose("/bulk/<verb>", methods=["GET", "POST"])
    def bulk(self, verb: str) -> Any:
        """The form for the records of ``?id=…&id=…``, and what it does; ``back``: where one came from."""
        move = self.lifecycle.moves.get(verb)
        if move is None or not move.bulk:
            abort(404)
        actor = current_actor()
        if actor.user_id is None:
            return redirect(url_for(f"{appbuilder.sm.auth_view.endpoint}.login", next=request.full_path))
        powers = self._powers(actor, move)
        if not powers:
            raise Forbidden(*filter(None, [permission_obstacle(move, actor)]))
        given = (whole_number(each, BIGINT) for each in request.values.getlist("id"))
        ids = list(dict.fromkeys(each for each in given if each is not None))[:MOST]
        records = self.many(actor, ids)
        asked = without_files(move)
        if not records:
            flash(gettext("Tick what this is to be done with."), "warning")
            return redirect(self._back())
        if request.method == "GET":
            form = MoveForm(asked, self.defaults_for(move))
            form.focus = form.first_empty
            return self._bulk_page(form, records, powers, ())
        form = MoveForm(asked)
        form.bind(request.form)
        key = request.form.get("submission_key", "")
        if key and key in session.get(SENT, []):
            flash(gettext("This form was sent already; what it did is on record."), "info")
            return redirect(self._back())
        try:
            acting = chosen_actor(request.form.get("acting_for") or powers[0][0])
        except Forbidden as error:
            return self._bulk_page(form, records, powers, (error,))
        return self._act(acting, move, form, records, powers)

    def _act(
        self,
        actor: Actor,
        move: Move,
        form: MoveForm,
        records: Sequence[Any],
        powers: Sequence[tuple[str, str]],
    ) -> Any:
        seen = {each.id: whole_number(request.form.get(f"version_{each.id}")) or 0 for each in records}
        titles = {each.id: (self.headline(each), self.page_of_record(each)) for each in records}
        values = form.for_operation(form.values)
        outcome = act_on_each(actor, move, list(titles), values, versions=seen)
        errors = [error for _, error in outcome if error is not None]
        if len(errors) == len(outcome) and all(_is_of_the_form(error, form) for error in errors):
            return self._bulk_page(form, self.many(current_actor(), list(titles)), powers, errors[:1])
        results = [
            Result(
                *titles[pk], error is None, _sentences(error) if error is not None else self.done_sentences(move, pk)
            )
            for pk, error in outcome
        ]
        if len(errors) < len(outcome):
            session[SENT] = [*session.get(SENT, []), request.form.get("submission_key", "")][-REMEMBERED:]
        return self.render_template(
            "handling/bulk_result.html",
            move=move,
            title=gettext(move.label),
            results=sorted(results, key=lambda each: each.done),
            done=len(outcome) - len(errors),
            back_url=self._back(),
        )

    def _bulk_page(
        self,
        form: MoveForm,
        records: Sequence[Any],
        powers: Sequence[tuple[str, str]],
        refused: Sequence[DomainError],
    ) -> Any:
        items = [(each, self.headline(each), self.page_of_record(each)) for each in records]
        return self._show_form(form.move, None, form, refused, powers=powers, records=items, back_url=self._back())

    def _back(self) -> str:
        return local(request.values.get("back")) or self.list_url()


def without_files(move: Move) -> Move:
    """The move as it asks for several records: a file belongs to one of them."""
    return replace(move, inputs=tuple(each for each in move.inputs if each.type != InputType.FILES))


def _is_of_the_form(error: DomainError, form: MoveForm) -> bool:
    """Whether it is the form that must be mended, the same for every record."""
    return isinstance(error, Refused) and all(each.field in form.fields for each in error.obstacles)


def _sentences(error: DomainError | None) -> tuple[str, ...]:
    if error is None:
        return ()
    if isinstance(error, NotFound):
        return (say(Obstacle(N_("It is not there any more."))),)
    return tuple(say(each) for each in error.obstacles)
