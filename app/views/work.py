"""Work (việc được giao): whose turn it is, and until when; who holds what, to be followed and chased (212/16.1.h)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext, ngettext

from app import clock
from app.actor import Actor
from app.errors import DomainError
from app.extensions import db
from app.messages import say
from app.models import Assignment
from app.operations.base import act
from app.queries import assignments as queries
from app.queries.assignments import Scope
from app.queries.deadlines import calendar
from app.queries.history import last_event
from app.queries.holdings import get_assignment, get_assignments
from app.queries.listing import Facet, ListQuery, Page
from app.queries.parties import own_units
from app.request import PK, current_actor, other_powers
from app.rules import assignments as rules
from app.rules.handling import KINDS
from app.rules.lifecycle import permission_obstacle
from app.rules.text import BIGINT, name_sort_key, person_sort_key, whole_number
from app.trail_words import done_words
from app.translation import vn_number
from app.views.bulk_bar import BulkAct, bulk_bar
from app.views.columns import Column
from app.views.dues import dues_of_work
from app.views.places import local
from app.views.record_list import MOST_TICKED, RecordList
from app.views.work_steps import OPENED
from app.vocabulary import N_, AssignmentState

COLUMNS = (
    Column("number", N_("Arrival number"), fixed=True),
    Column("notation", N_("Number and notation"), shown=False),
    Column("subject", N_("Abstract"), fixed=True),
    Column("part", N_("Part")),
    Column("holder", N_("Holder")),
    Column("given", N_("Given by")),
    Column("due", N_("Deadline"), sort="due", fixed=True),
    Column("chased", N_("Chased"), shown=False),
    Column("state", N_("State"), shown=False),
)
FOLLOW_COLUMNS = (*(each for each in COLUMNS if each.name != "state"), Column("act", N_("Chase"), fixed=True))
SCOPES = {
    Scope.MINE: N_("Mine"),
    Scope.UNIT: N_("My unit’s"),
    Scope.GIVEN: N_("Given by me"),
    Scope.ALL: N_("All"),
    Scope.FINISHED: N_("Finished by me"),
}
FOR = "for"
"""Parameter of the address: the delegation by which somebody looks at another's work."""
KEPT = ("scope", FOR)
"""What an address says besides its filters: it stays when these are taken away."""
FOLLOW_MENU = "follow"
"""Name of the menu entry."""


@dataclass(frozen=True)
class Tab:
    """One of the lists that a screen has."""

    label: str
    address: str
    chosen: bool


class WorkView(RecordList):
    """Việc của tôi: what I, my unit, or those to whom I gave it have to do until when."""

    route_base = "/work"
    class_permission_name = rules.NOUN
    title = N_("My work")
    noun = rules.NOUN
    sorts = queries.SORTS
    downwards = False
    columns: Sequence[Column] = COLUMNS
    list_template = "work/list.html"
    rows_template = "work/_rows.html"
    moves: Sequence[Any] = (rules.ACKNOWLEDGE, rules.GRANT_EXTENSION, rules.GIVE_BACK, rules.CHASE)

    def list_query(self, given: Mapping[str, str] | None = None) -> ListQuery:
        """What the address says; whose work it is, too."""
        return queries.query_of(request.args if given is None else given)

    def remember(self, query: ListQuery) -> None:
        """The list's whole address, from which the pages of its documents know their neighbours."""
        session[self._list_key] = self.address(query, after=query.after, before=query.before)
        session[OPENED] = clock.now().isoformat()

    def reader(self, query: ListQuery) -> Actor:
        """Whose work is shown: the reader's, or that of somebody for whom they may act today."""
        wanted = whole_number(query.facets.get(FOR), BIGINT)
        for each in other_powers() if wanted else ():
            if each.on_behalf_of is not None and each.on_behalf_of.delegation_id == wanted:
                return each
        return current_actor()

    def query_page(self, _actor: Actor, query: ListQuery) -> Page:
        """One page of the work."""
        return queries.page(db.session(), self.reader(query), query)

    def counted(self, page: Page) -> str:
        """How much it is, in words."""
        if page.more_than_total:
            return gettext("More than %(count)s pieces of work", count=vn_number(page.total))
        return ngettext("%(count)s piece of work", "%(count)s pieces of work", page.total, count=vn_number(page.total))

    def shown_facets(self, actor: Actor, query: ListQuery) -> Sequence[Facet]:
        """The facets that narrow the chosen scope."""
        scope = queries.scope_meant(actor, query.facets.get("scope", ""))
        known = queries.facets(db.session(), query.facets)
        hidden = {
            Scope.MINE: {"unit_id", "person_id"},
            Scope.FINISHED: {"unit_id", "person_id", "stand", "state", "asked", "passed_on", "handling"},
        }.get(scope, set())
        return [each for each in known if each.name not in hidden or query.facets.get(each.name)]

    def row_context(self, _actor: Actor, page: Page, query: ListQuery) -> dict[str, Any]:
        """Words of parts and states, how deadlines stand, tabs, and the bar of acts."""
        reader = self.reader(query)
        chosen = queries.scope_meant(reader, query.facets.get("scope", ""))
        marks = queries.marks_of(db.session(), page.rows)
        moves = () if chosen == Scope.FINISHED else self.moves_of(chosen)
        ids = f"{url_for(f'{self.endpoint}.ids')}?{self.address(query).partition('?')[2]}"
        return {
            "dues": dues_of_work(page.rows),
            "marks": marks,
            "parts": {str(kind): gettext(label) for kind, label in KINDS.items()},
            "states": {str(state): gettext(label) for state, label in rules.LIFECYCLE.states.items()},
            "me": reader.effective_person_id,
            "scope": str(chosen),
            "tabs": self.tabs(reader, query, chosen),
            "tabs_label": gettext("Whose work"),
            "kept_facets": KEPT,
            "empty": _empty(chosen),
            "bulk": bulk_bar(current_actor(), moves, page, "AssignmentView", ids),
        }

    def tabs(self, reader: Actor, query: ListQuery, chosen: Scope) -> list[Tab]:
        """The scopes that the reader may choose, each without the filters of another."""
        kept = {name: value for name, value in query.facets.items() if name == FOR}
        bare = ListQuery(text=query.text, facets=kept, sort=self.sorts[0].name, descending=False)
        return [
            Tab(gettext(SCOPES[each]), self.address(bare, scope="" if each == Scope.MINE else each), each == chosen)
            for each in queries.scopes_of(reader)
        ]

    def moves_of(self, scope: Scope) -> Sequence[Any]:
        """The acts that make sense in a scope, the likeliest first."""
        if scope == Scope.MINE:
            return (rules.ACKNOWLEDGE, rules.GIVE_BACK)
        return (rules.CHASE, rules.GRANT_EXTENSION) if scope != Scope.GIVEN else (rules.GRANT_EXTENSION, rules.CHASE)

    def list_context(self, actor: Actor) -> dict[str, Any]:
        """For whom the reader may act today: a link to each one's work."""
        now = whole_number(request.args.get(FOR), BIGINT)
        powers = [each.on_behalf_of for each in other_powers() if each.on_behalf_of is not None]
        named = {each.person_id: each for each in reversed(powers)}
        links = [
            Tab(each.name, f"{url_for(f'{self.endpoint}.list')}?{FOR}={each.delegation_id}", each.delegation_id == now)
            for each in reversed(named.values())
        ]
        shown = next((each for each in powers if each.delegation_id == now), None)
        return {"acting_links": links, "acting_for": shown.name if shown else "", "own_name": actor.name}


def _empty(scope: Scope) -> tuple[str, str]:
    said = {
        Scope.MINE: (N_("Nothing to do"), N_("What is assigned to you will stand here, the earliest deadline first.")),
        Scope.UNIT: (N_("Nothing to do"), N_("What is assigned to your unit and its people will stand here.")),
        Scope.GIVEN: (N_("Nothing is with others"), N_("What you assign, pass on or ask will stand here until done.")),
        Scope.ALL: (N_("Nothing is held"), N_("What is assigned in the Office will stand here until it is done.")),
        Scope.FINISHED: (N_("Nothing finished yet"), N_("What you have finished will stand here, the newest first.")),
    }[scope]
    return gettext(said[0]), gettext(said[1])


# ── following and chasing ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Figure:
    """A number and the list that it counts."""

    count: int
    address: str
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the overview: all, a unit with all that is held in it, or one holder of it."""

    label: str
    rank: str
    """``total`` of all, ``unit``, or empty for one holder."""
    in_hand: Figure
    soon: Figure
    late: Figure
    suspended: Figure
    longest: int | None
    """Working days by which the latest is late."""
    here: bool = False


class FollowView(WorkView):
    """Theo dõi, đôn đốc: who holds what, for how long, late by how many working days; one press chases."""

    route_base = "/work/follow"
    base_permissions = ["can_follow"]
    method_permission_name: dict[str, str] = {
        "list": "follow",
        "ids": "follow",
        "list_look": "follow",
        "chase": "follow",
        "chase_many": "follow",
    }
    title = N_("Follow and chase")
    columns = FOLLOW_COLUMNS
    list_template = "work/follow.html"

    def list_query(self, given: Mapping[str, str] | None = None) -> ListQuery:
        """What the address says; all that must be done, of those whose work the reader follows."""
        query = queries.query_of(request.args if given is None else given)
        scope = str(queries.follow_scope(current_actor()))
        facets = {**queries.FOLLOWED, **query.facets, "scope": scope}
        return ListQuery(query.text, facets, query.sort, query.descending, query.after, query.before, query.size)

    def _look_name(self, actor: Actor) -> str:
        return f"look-follow-{actor.user_id}"

    def shown_facets(self, _actor: Actor, query: ListQuery) -> Sequence[Facet]:
        """What narrows the overview's list."""
        known = queries.facets(db.session(), query.facets)
        return [each for each in known if each.name not in ("part", "passed_on", "handling")]

    def moves_of(self, _scope: Scope) -> Sequence[Any]:
        """Chasing."""
        return (rules.CHASE,)

    def tabs(self, _reader: Actor, _query: ListQuery, _chosen: Scope) -> list[Tab]:
        """There is one list."""
        return []

    def row_context(self, actor: Actor, page: Page, query: ListQuery) -> dict[str, Any]:
        """Besides: for how long each is held, and whether a press chases."""
        found = super().row_context(actor, page, query)
        days, today = calendar(db.session()), clock.today()
        if found["bulk"] is not None:
            at_once = BulkAct(gettext(rules.CHASE.label), url_for(f"{self.endpoint}.chase_many"), at_once=True)
            found["bulk"] = replace(found["bulk"], acts=[at_once])
        return {
            **found,
            "kept_facets": (*KEPT, "part", "passed_on"),
            "held_for": {row.id: days.between(clock.in_vietnam(row.assigned_at).date(), today) for row in page.rows},
            "may_chase": _chasers() != [],
            "back_here": request.full_path.rstrip("?"),
        }

    def list_context(self, actor: Actor) -> dict[str, Any]:
        """The overview by unit and person."""
        scope = queries.follow_scope(actor)
        found = queries.loads(db.session(), actor, scope)
        names = queries.names_of(db.session(), {each.person_id for each in found if each.person_id is not None})
        query = self.list_query()
        return {"lines": self._lines(found, names, query), "acting_links": []}

    def _lines(self, found: Sequence[queries.Load], names: Mapping[int, str], query: ListQuery) -> list[Line]:
        """All of it, then the units with their people: who is late longest stands first, then who is late most."""
        units: dict[int, list[queries.Load]] = {}
        for each in found:
            units.setdefault(each.unit_id, []).append(each)
        known = own_units(db.session())
        days, today = calendar(db.session()), clock.today()

        def line(label: str, loads: Sequence[queries.Load], narrowed: Mapping[str, Any], rank: str = "") -> Line:
            def figure(count: int, tone: str = "", **more: str) -> Figure:
                address = url_for(f"{self.endpoint}.list", _external=False, **{**narrowed, **more})
                return Figure(count, address, tone if count else "")

            earliest = min((each.earliest for each in loads if each.earliest is not None), default=None)
            here = {k: str(v) for k, v in narrowed.items()} == {
                k: v for k, v in query.facets.items() if k in ("unit_id", "person_id")
            }
            return Line(
                label,
                rank,
                figure(sum(each.in_hand for each in loads)),
                figure(sum(each.soon for each in loads), "soon", stand="soon"),
                figure(sum(each.late for each in loads), "late", stand="late"),
                figure(sum(each.suspended for each in loads), state=str(AssignmentState.SUSPENDED)),
                days.between(earliest, today) if earliest is not None else None,
                here and rank != "total",
            )

        made = [line(gettext("All together"), found, {}, "total")] if len(found) > 1 else []
        for unit_id, loads in sorted(units.items(), key=lambda item: _lateness(item[1], known[item[0]][1])):
            made.append(line(known[unit_id][1], loads, {"unit_id": unit_id}, "unit"))
            for each in sorted(loads, key=lambda e: _lateness([e], names.get(e.person_id or 0, ""), person=True)):
                whose = queries.WHOLE_UNIT if each.person_id is None else each.person_id
                label = gettext("the unit as a whole") if each.person_id is None else names.get(each.person_id, "")
                made.append(line(label, [each], {"unit_id": unit_id, "person_id": whose}))
        return made

    @expose(f"/{PK}/chase", methods=["POST"])
    @has_access
    @permission_name("follow")
    def chase(self, pk: int) -> Any:
        """Chase whoever holds one assignment at once, with the message typed beside it if there is one (212/16.1.h, i).

        Where it was chased within the hour, the reader is asked first.
        """
        part = get_assignment(db.session(), current_actor(), pk)
        seen = whole_number(request.form.get("version"), BIGINT)
        if seen == part.version and _just_chased([part]):
            return self._chased([])
        refused = self._chase(pk, seen)
        if refused is None:
            flash(done_words(rules.CHASE, last_event(db.session(), rules.CHASE.name, "assignment", pk)), "success")
        for obstacle in refused.obstacles if refused is not None else ():
            flash(say(obstacle), "danger")
        return redirect(self._back())

    @expose("/chase", methods=["POST"])
    @has_access
    @permission_name("follow")
    def chase_many(self) -> Any:
        """Chase all that is ticked at once, and say what became of each; who was chased within the hour is not chased
        again before the reader says so (212/16.1.h, i)."""
        parts = self._ticked()
        if not parts:
            flash(gettext("Tick what this is to be done with."), "warning")
            return redirect(self._back())
        recent = {each.id for each in _just_chased(parts)}
        return self._chased([(each, self._chase(each.id)) for each in parts if each.id not in recent])

    def _ticked(self) -> list[Assignment]:
        given = [*request.form.getlist("id"), str((request.view_args or {}).get("pk", ""))]
        ids = dict.fromkeys(number for number in (whole_number(each, BIGINT) for each in given) if number is not None)
        return get_assignments(db.session(), current_actor(), list(ids)[:MOST_TICKED])

    def _chase(self, pk: int, seen: int | None = None) -> DomainError | None:
        """Chase by the reader's own right, else by that of somebody for whom they act; why not, if not."""
        refused: DomainError | None = None
        for actor in _chasers() or [current_actor()]:
            try:
                act(actor, rules.CHASE, pk, {"message": _message()}, expected_version=seen)
            except DomainError as error:
                refused = refused or error
            else:
                return None
        return refused

    def _chased(self, outcome: Sequence[tuple[Assignment, DomainError | None]]) -> Any:
        """What became of each, and those to ask about."""
        done = {part.id for part, _ in outcome}
        asked = [each for each in _just_chased(self._ticked()) if each.id not in done]
        return self.render_template(
            "work/chased.html",
            title=gettext(rules.CHASE.label),
            results=[(part, [say(each) for each in error.obstacles] if error else []) for part, error in outcome],
            asked=asked,
            message=_message(),
            back_url=self._back(),
        )

    def _back(self) -> str:
        return local(request.form.get("back")) or self.list_url()


JUST = timedelta(hours=1)
"""Whoever was chased so short a time ago is hardly chased again on purpose."""


def _just_chased(parts: Sequence[Assignment]) -> list[Assignment]:
    """Those about whom the reader is asked first; none once the reader has said so."""
    if request.form.get("again"):
        return []
    return [each for each in parts if each.chased_at is not None and clock.now() - each.chased_at < JUST]


def _message() -> str:
    """What was typed in the bar above the rows, or in the one below."""
    return next((each for each in request.form.getlist("message") if each.strip()), "")


def _lateness(loads: Sequence[queries.Load], name: str, *, person: bool = False) -> tuple[Any, ...]:
    """Place in the overview: late longest, late most, then by name in Vietnamese order, a unit as a whole first."""
    earliest = min((each.earliest for each in loads if each.earliest is not None), default=date.max)
    key = person_sort_key(name) if person and name else name_sort_key(name)
    return earliest, -sum(each.late for each in loads), key


def _chasers() -> list[Actor]:
    """The reader and those for whom they act, as far as they may chase at all."""
    return [each for each in (current_actor(), *other_powers()) if permission_obstacle(rules.CHASE, each) is None]
