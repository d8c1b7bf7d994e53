"""The forms of moves, generated from their declared inputs: shown, read, carried out; nothing is changed here.

One form for each move that makes a record or acts on one. A refusal brings the form back with everything typed and
every file; who comes second is told what changed.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, flash, jsonify, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext

from app.actor import Actor
from app.errors import DomainError, Forbidden, NotFound, Obstacle, Refused, Stale, WrongState
from app.extensions import appbuilder, db
from app.messages import translated
from app.operations.base import ON_REFUSAL, act, rehearse
from app.operations.files import receive
from app.request import PK, chosen_actor, current_actor, file_limit, other_powers
from app.rules.lifecycle import InputType, Lifecycle, Move, Subject, Unread, allowed, obstacles, permission_obstacle
from app.rules.text import whole_number
from app.views.forms import MoveForm
from app.views.timeline import changes_told
from app.views.uploads import staged
from app.vocabulary import N_

Refusals = list[DomainError]
WRONG_STATE = "wrong_state"
"""Code of the obstacle that a record's state is."""
KEPT = "kept_inputs"
"""Session key: last values of inputs that are offered again in the next form."""
OPEN = "open"
"""``then`` of a button that goes on to another form: what was typed and sent comes along, nothing is done yet."""
REHEARSE = "rehearse"
"""``then`` of a form that asks back before it is sent: whether anything speaks against it, as ``{"stands": …}``."""


@dataclass(frozen=True)
class Deed:
    """What a form that was sent asks for: the move, the record, its values, the version that was seen."""

    move: Move
    pk: int | None
    values: Mapping[str, Any]
    version: int | None


class MoveForms(BaseView):
    """The forms of a governed noun's moves. Subclasses declare the lifecycle, and give the readers."""

    lifecycle: Lifecycle

    # ── what a subclass must say ────────────────────────────────────────────────────────────────────────────────

    def load(self, actor: Actor, pk: int) -> Any:
        """The record with what its page shows. Raises NotFound."""
        raise NotImplementedError

    def subject(self, actor: Actor, record: Any | None) -> Subject:
        """What the rules need to know of the record, or of a new one."""
        raise NotImplementedError

    def values_for(self, move: Move, record: Any) -> dict[str, Any]:
        """What the form of a move starts with."""
        raise NotImplementedError

    def defaults_for(self, _move: Move) -> dict[str, Any]:
        """What a form starts with where neither the record nor the form before says anything."""
        return {}

    def headline(self, record: Any) -> str:
        """What the record is called in forms and questions."""
        raise NotImplementedError

    def made_by(self, submission_key: uuid.UUID) -> Any | None:
        """The record that a form with this key made already, if the actor may see it."""
        raise NotImplementedError

    def saved_message(self, move: Move, record: Any) -> str:
        """What the person reads when it is done."""
        raise NotImplementedError

    def list_url(self) -> str:
        """The list to which one goes back."""
        raise NotImplementedError

    # ── what a subclass may say ─────────────────────────────────────────────────────────────────────────────────

    def form_template(self, _move: Move) -> str:
        """The template of a move's form; it gets what ``governed/move.html`` gets."""
        return "governed/move.html"

    def form_context(
        self, _actor: Actor, _move: Move, _record: Any | None, _form: MoveForm, _refused: Sequence[DomainError]
    ) -> dict[str, Any]:
        """More for the template of a move's form."""
        return {}

    def looked_at(self, _actor: Actor, _record: Any) -> None:
        """Put on record that somebody opened a form that shows a record."""

    def deed(self, move: Move, pk: int | None, form: MoveForm, version: int | None) -> Deed:
        """What the form asks for; a button of it may ask for something else than the form's own move."""
        return Deed(move, pk, form.values, version)

    def stopped(self, _form: MoveForm, _pk: int | None) -> Sequence[Obstacle]:
        """What speaks against taking anything of this form in, its files too: they are not even received."""
        return ()

    def done_url(self, _move: Move, made: Any, _pk: int | None) -> str:
        """Where a person goes when it is done; ``_pk``: the record that the form was about."""
        return url_for(f"{self.endpoint}.show", pk=made.id)

    # ── moves ───────────────────────────────────────────────────────────────────────────────────────────────────

    @expose("/new/<verb>", methods=["GET", "POST"])
    def new(self, verb: str) -> Any:
        """The form of a move that makes a new record, and what it does."""
        move = self._move(verb, creates=True)
        key = _key(request.args.get("key"))
        if request.method == "GET" and self._powers(current_actor(), move):
            # the key is part of the address: going back to a form that was sent brings the same key again
            if key is None:
                return redirect(url_for(f"{self.endpoint}.new", verb=verb, key=uuid.uuid4()))
            made = self.made_by(key)
            if made is not None:
                flash(gettext("This form was sent already: here is what it made."), "info")
                return redirect(url_for(f"{self.endpoint}.show", pk=made.id))
        return self._form(move, None)

    @expose(f"/{PK}/<verb>", methods=["GET", "POST"])
    def act_form(self, pk: int, verb: str) -> Any:
        """The form of a move on a record, and what it does."""
        return self._form(self._move(verb, creates=False), pk)

    def _move(self, verb: str, *, creates: bool) -> Move:
        move = self.lifecycle.moves.get(verb)
        if move is None or not (move.creates if creates else move.sources):
            abort(404)
        return move

    def _button(self, actor: Actor, move: Move, record: Any | None) -> bool:
        """Whether to show the move: allowed by the own posts, or by one of the delegations held."""
        return allowed(move, actor, self.subject(actor, record)) or any(
            allowed(move, other, self.subject(other, record)) for other in other_powers()
        )

    def _powers(self, actor: Actor, move: Move, record: Any | None = None) -> Sequence[tuple[str, str]]:
        """For whom the actor may make this move: own post first (if it may), then each delegation. Of a record: the
        powers that make the act possible on it, or would in another state; all of that kind where none does."""
        able = [each for each in (actor, *other_powers()) if not permission_obstacle(move, each)]
        if record is not None:
            able = [each for each in able if not _lacking(move, each, self.subject(each, record))] or able
        return [
            ("", gettext("Own post"))
            if each.on_behalf_of is None
            else (str(each.on_behalf_of.delegation_id), each.on_behalf_of.name)
            for each in able
        ]

    def _too_late(self, actor: Actor, move: Move, record: Any) -> list[Obstacle]:
        """Why the move cannot be made on the record in its present state, by whichever power; nothing where it can, or
        where it is not the state that speaks against it."""
        judged = [
            obstacles(move, each, self.subject(each, record))
            for each in (actor, *other_powers())
            if not permission_obstacle(move, each)
        ]
        if not judged or not all(any(each.code == WRONG_STATE for each in found) for found in judged):
            return []
        return [each for each in judged[0] if each.code == WRONG_STATE]

    def _form(self, move: Move, pk: int | None) -> Any:
        actor = current_actor()
        if actor.user_id is None:
            return redirect(url_for(f"{appbuilder.sm.auth_view.endpoint}.login", next=request.full_path))
        lacking = permission_obstacle(move, actor)
        if lacking is not None and not self._powers(actor, move):
            raise Forbidden(lacking)
        record = self.load(actor, pk) if pk is not None else None
        if request.method == "GET":
            if record is not None:
                self.looked_at(actor, record)
                if late := self._too_late(actor, move, record):
                    return self._show_late(move, record, late)
            return self._show_form(move, record, self._new_form(move, record))
        form = MoveForm(move)
        form.bind(request.form)
        stopped = self.stopped(form, pk)
        by_default = "" if lacking is None else self._powers(actor, move, record)[0][0]
        if request.form.get("then") == REHEARSE:
            # without its files: those of a refused secret would stand against it until they are gone
            values = {
                **form.for_operation(form.values),
                **{i.name: [] for i in move.inputs if i.type == InputType.FILES},
            }
            asked = Deed(move, pk, values, whole_number(request.form.get("version")))
            return jsonify(stands=not stopped and self._carry_out(actor, asked, by_default, [], rehearse) is not None)
        if stopped:
            return self._stop(move, record, form, stopped)
        refused: Refusals = []
        kept = self._take_files(move, form, actor)
        if request.form.get("then") == OPEN:
            refused += [Refused(*unread.obstacles) for unread in form.unread.values()]
            form.focus = form.first_empty
        else:
            deed = self.deed(move, pk, form, whole_number(request.form.get("version")))
            deed = replace(deed, values=form.for_operation(deed.values))
            made = self._carry_out(actor, deed, by_default, refused)
            if made is not None:
                return self._done(deed.move, made, form, pk)
        form.uploads = staged(actor, kept)
        return self._show_form(move, record, form, refused)

    def _carry_out(
        self,
        actor: Actor,
        deed: Deed,
        by_default: str,
        refused: Refusals,
        how: Callable[..., Any] = act,
    ) -> Any | None:
        """Do what was asked for; ``None`` where something speaks against it, which is then in ``refused``.

        ``by_default``: the power that is used when the form names none.
        """
        if deed.pk is not None and deed.version is None:
            refused.append(Refused(Obstacle(N_("Open this form again: it does not say which version it changes."))))
        try:
            acting = chosen_actor(request.form.get("acting_for") or by_default)
        except Forbidden as error:
            acting = actor
            refused.append(error)
        if refused:
            return None
        key = _key(request.form.get("submission_key"))
        try:
            made = how(acting, deed.move, deed.pk, deed.values, expected_version=deed.version, submission_key=key)
        except NotFound:
            raise
        except DomainError as error:
            refused.append(error)
            return None
        return True if how is rehearse else made

    def _stop(
        self,
        move: Move,
        record: Any | None,
        form: MoveForm,
        stopped: Sequence[Obstacle],
    ) -> Any:
        """Take nothing in: files of this request are not received; with those sent before is done what is to be."""
        for code in {each.code for each in stopped} & set(ON_REFUSAL):
            ON_REFUSAL[code](current_actor(), record.id if record is not None else None, form.values)
        for each in move.inputs:
            if each.type == InputType.FILES:
                form.fields[each.name].raw = form.fields[each.name].value = []
        return self._show_form(move, record, form, [Refused(*stopped)])

    def _new_form(self, move: Move, record: Any | None) -> MoveForm:
        initial = self.defaults_for(move)
        if record is None or move.creates:
            kept = session.get(KEPT, {}).get(move.name, {})
            initial |= {i.name: kept[i.name] for i in move.inputs if i.keep and i.name in kept}
        form = MoveForm(move, initial | self.values_for(move, record))
        form.focus = form.first_empty
        return form

    def _take_files(self, move: Move, form: MoveForm, actor: Actor) -> list[int]:
        """Receive each file of the request by itself: one bad file does not cost the others."""
        kept: list[int] = []
        for each in move.inputs:
            if each.type != InputType.FILES:
                continue
            bound = form.fields[each.name]
            kept = [*bound.value]
            bad: list[Obstacle] = []
            for file in request.files.getlist(each.name):
                if not file.filename:
                    continue
                try:
                    kept.append(receive(actor, file.stream, file.filename, file_limit()).id)  # type: ignore[arg-type]
                except Refused as error:
                    bad += error.obstacles
            bound.value = kept
            if bad:
                form.unread[each.name] = Unread(tuple(bad))
        return kept

    def _show_form(
        self,
        move: Move,
        record: Any | None,
        form: MoveForm,
        refused: Sequence[DomainError] = (),
        **more: Any,
    ) -> Any:
        for error in refused:
            form.show(error)
        stale = next((e for e in refused if isinstance(e, Stale)), None)
        status = max((e.status for e in refused), default=200)
        page = self.render_template(
            self.form_template(move),
            move=move,
            form=form,
            record=record,
            title=gettext(move.label),
            headline=self.headline(record) if record is not None else "",
            obstacles=[translated(o) for e in refused for o in e.obstacles],
            over=record is not None and any(isinstance(error, WrongState) for error in refused),
            stale=self.changes_told(stale, form) if stale is not None else (),
            version=request.form.get("version") or (record.version if record is not None else ""),
            newest_version=record.version if record is not None else "",
            submission_key=request.form.get("submission_key") or request.args.get("key") or uuid.uuid4(),
            acting_for=request.form.get("acting_for", ""),
            file_limit=file_limit(),
            **{
                "powers": self._powers(current_actor(), move, record),
                "back_url": self.back_url(record),
                **self.form_context(current_actor(), move, record, form, refused),
                **more,
            },
        )
        return page, status

    def _show_late(self, move: Move, record: Any, late: Sequence[Obstacle]) -> Any:
        """Instead of a form that could only be refused: what speaks against it, and the way back."""
        page = self.render_template(
            "governed/too_late.html",
            title=gettext(move.label),
            headline=self.headline(record),
            obstacles=[translated(each) for each in late],
            state=self.state_words(record),
            back_url=self.back_url(record),
        )
        return page, WrongState.status

    def state_words(self, record: Any) -> str:
        """The state of a record, as people read it."""
        return gettext(self.lifecycle.states.get(self.subject(current_actor(), record).state, ""))

    def changes_told(self, stale: Stale, form: MoveForm) -> list[dict[str, Any]]:
        """What somebody else changed meanwhile, as people read it: by the labels of this form, then of the record."""
        labels = {name: bound.input.label for name, bound in form.fields.items()}
        return [{**each, "changes": changes_told(db.session(), each["fields"], labels)} for each in stale.changes]

    def back_url(self, record: Any | None) -> str:
        """Where the way back from a form leads."""
        if record is None:
            return self.list_url()
        return url_for(f"{self.endpoint}.show", pk=record.id)

    def _done(self, move: Move, made: Any, form: MoveForm, pk: int | None) -> Any:
        flash(self.saved_message(move, made), "success")
        if form.move.creates:
            kept = {i.name: form.fields[i.name].raw for i in form.move.inputs if i.keep}
            session[KEPT] = {**session.get(KEPT, {}), form.move.name: kept}
            if request.form.get("then") == "next" or move is not form.move:
                return redirect(self.next_url(form.move, pk))
        return redirect(self.done_url(move, made, pk))

    def next_url(self, move: Move, _pk: int | None) -> str:
        """Where the next of a series is entered: an empty form. ``_pk``: the record just acted on, if it was there."""
        return url_for(f"{self.endpoint}.new", verb=move.verb)


def _lacking(move: Move, actor: Actor, subject: Subject) -> bool:
    """Whether more than the present state of a record stands between somebody and a move on it."""
    return any(each.code != WRONG_STATE for each in obstacles(move, actor, subject))


def _key(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
