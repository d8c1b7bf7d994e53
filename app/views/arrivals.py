"""The tray of papers that wait to be registered, and what the form of a registration asks for while one types."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, jsonify, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext, ngettext

from app import accesses, clock
from app.actor import Actor
from app.errors import DomainError, Refused
from app.extensions import db
from app.messages import say
from app.models import Blob, Document
from app.operations.base import act, judge
from app.operations.files import receive
from app.operations.registry import number_of, subject_of
from app.queries import incoming as queries
from app.queries import tray
from app.queries.choices import choices
from app.queries.listing import ListQuery
from app.queries.proposals import proposals_for, types_on
from app.queries.signatures import checks_of
from app.request import current_actor, file_limit, other_powers, remote_addr
from app.rules import incoming as rules
from app.rules.lifecycle import Move, allowed, permission_key, permission_obstacle
from app.rules.notation import type_of_notation
from app.rules.text import BIGINT, whole_number
from app.views.forms import MoveForm
from app.views.registering import alike, may
from app.views.uploads import ids_in, staged
from app.vocabulary import AccessKind, IncomingState

ROW_MOVES = (rules.REGISTER, rules.JOIN, rules.ADVANCE, rules.REFUSE, rules.DISCARD)
"""What may be done with a waiting paper, in the order of the buttons."""
WAITING_MENU = "waiting"
"""Name of the menu entry."""
_TRAY_KEY = "list:waiting"


class ArrivalsView(BaseView):
    """Khay chờ vào sổ: what arrived and has no number yet; what resembles what is being typed."""

    route_base = "/incoming"
    class_permission_name = rules.NOUN
    base_permissions = ["can_list"]
    default_view = "waiting"

    # ── the tray ────────────────────────────────────────────────────────────────────────────────────────────────

    @expose("/waiting/")
    @has_access
    @permission_name("list")
    def waiting(self) -> Any:
        """What waits, the first that came first; what was presented urgently and owes its number stands on top."""
        actor = current_actor()
        session[_TRAY_KEY] = request.full_path
        query = _tray_query(actor)
        asked = query
        whole = query.facets in ({}, {"state": IncomingState.RECEIVED})  # a basket of the desk names the state
        first = whole and not query.text and not query.after and not query.before
        if not query.facets.get("state"):
            asked = _with_state(query, IncomingState.RECEIVED)
        page = queries.waiting_page(db.session(), actor, asked)
        owed = tray.owed(db.session(), actor) if first else ()
        rows = [*page.rows, *owed]
        facets = queries.waiting_facets(actor)
        return self.render_template(
            "incoming/tray.html",
            title=gettext("Waiting to be registered"),
            page=page,
            query=query,
            owed=owed,
            address=_tray_address,
            files=tray.files_of(db.session(), rows),
            resembled={pk: (each, number_of(each)) for pk, each in tray.resembled(db.session(), actor, rows).items()},
            moves=_moves(actor, rows),
            channels=choices(db.session(), "channels", gettext),
            channel_labels=dict(choices(db.session(), "channels", gettext)),
            may_receive=_may_receive(actor),
            file_limit=file_limit(),
            next_id=tray.next_id(db.session(), actor) if first and may(actor, rules.REGISTER, None) else None,
            facets_shown=facets,
            choices_of={facet.name: choices(db.session(), facet.choices, gettext) for facet in facets},
            labels=rules.LIFECYCLE.states,
        )

    @expose("/waiting/receive", methods=["POST"])
    @has_access
    @permission_name("list")
    def receive(self) -> Any:
        """Put files into the tray: each a paper of its own, or with ``together`` one paper of all (212/6.2).

        Each file is taken in by itself; what is wrong with one costs no other.
        """
        actor = _acting(current_actor(), rules.RECEIVE)
        judge(actor, rules.RECEIVE, subject_of(db.session(), actor, None))  # before a byte is taken in
        refused: list[str] = []
        ids = [each.id for each in staged(actor, ids_in(",".join(request.form.getlist("files_kept"))))]
        for file in request.files.getlist("files"):
            if file.filename:
                try:
                    ids.append(receive(current_actor(), file.stream, file.filename, file_limit()).id)  # type: ignore[arg-type]
                except Refused as error:
                    refused += [say(o) for o in error.obstacles]
        made = 0
        for papers in [ids] if request.form.get("together") and ids else [[each] for each in ids]:
            form = MoveForm(rules.RECEIVE)
            form.bind(request.form)
            try:
                act(actor, rules.RECEIVE, None, {**form.values, "files": papers})
                made += 1
            except DomainError as error:
                refused += [say(o) for o in error.obstacles]
        if request.accept_mimetypes.best == "application/json":
            return jsonify(received=made, faults=refused), 201 if made else 422
        if made:
            flash(ngettext("%(num)s paper is in the tray.", "%(num)s papers are in the tray.", made), "success")
        for sentence in refused or ([] if made else [gettext("Files: missing. Choose one.")]):
            flash(sentence, "danger")
        return redirect(url_for("ArrivalsView.waiting"))

    @expose("/waiting/together")
    @has_access
    @permission_name("list")
    def together(self) -> Any:
        """The form that registers several ticked papers as one document: the first leads, the others join it."""
        ticked = [i for i in (whole_number(each, BIGINT) for each in request.args.getlist("id")) if i is not None]
        papers = tray.papers(db.session(), current_actor(), ticked)
        if not papers:
            flash(gettext("Tick papers of the tray first."), "warning")
            return redirect(url_for("ArrivalsView.waiting"))
        lead, *others = [each.id for each in papers]
        return redirect(url_for("IncomingView.act_form", pk=lead, verb=rules.REGISTER.verb, waiting_ids=others or None))

    # ── while one types ─────────────────────────────────────────────────────────────────────────────────────────

    @expose("/similar")
    @has_access
    @permission_name("list")
    def similar(self) -> Any:
        """What resembles the document that is being typed, as a piece of a page (212/16.1.g).

        Takes the fields of the form by their names, ``but`` (the waiting paper itself) and ``uploads``. The piece also
        says which type the number and notation speak of.
        """
        actor = current_actor()
        form = MoveForm(rules.REGISTER)
        form.bind(request.args)
        but = whole_number(request.args.get("but"), BIGINT)
        sha256s = [each.sha256 for each in staged(actor, ids_in(request.args.get("uploads")))]
        if but is not None:
            held = tray.files_of(db.session(), tray.papers(db.session(), actor, [but]))
            sha256s += [file.sha256 for file in held.get(but, ())]
        types = types_on(db.session(), clock.today())
        return self.render_template(
            "incoming/_similar.html",
            similar=alike(actor, form.values, but=but, sha256s=sha256s),
            type_id=type_of_notation(form.fields["number_notation"].raw[:100], list(types.values())),
        )

    @expose("/reading")
    @has_access
    @permission_name("list")
    def reading(self) -> Any:
        """What a file says about itself: ``{"fields", "warnings", "signature"}``.

        ``upload``: an own one; ``file``: that of a document which the person may see.
        """
        actor = current_actor()
        blob = _readable(actor)
        if blob is None:
            abort(404)
        found = proposals_for(db.session(), blob.sha256)
        warnings = found.pop("warnings")
        checks = checks_of(db.session(), [blob.sha256]).get(blob.sha256, ())
        return jsonify(
            fields=found,
            warnings=warnings,
            signature=self.render_template("incoming/_signature_of_file.html", checks=checks),
        )


def _readable(actor: Actor) -> Blob | None:
    """The bytes that the address names, where the person may see them."""
    uploads = staged(actor, ids_in(request.args.get("upload"))[:1])
    if uploads:
        return uploads[0].blob
    file_id = whole_number(request.args.get("file"), BIGINT)
    if file_id is None or permission_key(rules.NOUN, "download") not in actor.permissions:
        return None
    file = queries.file_of(db.session(), actor, file_id)
    if file is None:
        return None
    accesses.record(
        actor,
        AccessKind.VIEW,
        subject=(rules.LIFECYCLE.subject_type, file.document_id),
        document_id=file.document_id,
        file_id=file.id,
        remote_addr=remote_addr(),
    )
    return file.blob


def _tray_query(actor: Actor) -> ListQuery:
    args = request.args
    names = [name for facet in queries.waiting_facets(actor) for name in facet.parameters]
    return ListQuery(
        text=args.get("q", "")[:200],
        facets={name: args[name][:60] for name in names if args.get(name)},
        sort=queries.WAITING_SORTS[0].name,
        descending=args.get("dir") == "desc",
        after=args.get("after", "")[:500],
        before=args.get("before", "")[:500],
    )


def _with_state(query: ListQuery, state: IncomingState) -> ListQuery:
    return ListQuery(
        text=query.text,
        facets={**query.facets, "state": state},
        sort=query.sort,
        descending=query.descending,
        after=query.after,
        before=query.before,
    )


def _tray_address(query: ListQuery, **changes: Any) -> str:
    """The address of the same tray with something changed; leaving the page unless a place is given."""
    state: dict[str, Any] = {"q": query.text, **query.facets, "dir": "desc" if query.descending else ""}
    state.update(changes)
    return url_for("ArrivalsView.waiting", **{k: v for k, v in state.items() if v not in ("", None)})


def _moves(actor: Actor, rows: Sequence[Document]) -> dict[int, list[Move]]:
    """What may be done with each row; registers of one unit and papers of one state are judged once."""
    judged: dict[tuple[int | None, str], list[Move]] = {}
    found = {}
    for each in rows:
        key = (each.unit_id, each.state)
        if key not in judged:
            offered = (rules.GIVE_NUMBER,) if each.state == IncomingState.URGENT else ROW_MOVES
            judged[key] = [move for move in offered if may(actor, move, each)]
        found[each.id] = judged[key]
    return found


def _may_receive(actor: Actor) -> bool:
    return may(actor, rules.RECEIVE, None)


def _acting(actor: Actor, move: Move) -> Actor:
    """The person as who may make this move: the own posts first, else the first delegation that allows it."""
    able = [each for each in (actor, *other_powers()) if not permission_obstacle(move, each)]
    fitting = [each for each in able if allowed(move, each, subject_of(db.session(), each, None))]
    return (fitting or able or [actor])[0]
