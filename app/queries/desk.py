"""The work desk (bàn làm việc): baskets by role, each with the list it opens and how many rows that list has.

A basket is one declaration: name, label, who sees it, the list it opens and how that list is narrowed. Its counter is
made from the very query of that list, restricted to what the actor may see, so that a card never counts what its owner
cannot open (212/16.2.a). All counters of a page are one statement.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.queries import assignments, incoming, to_settle
from app.queries.assignments import NO, WHOLE_UNIT, YES
from app.queries.jobs import jobs_whose_last_run
from app.queries.listing import COUNT_CAP, capped_count, counted
from app.queries.people import locked_accounts
from app.queries.to_settle import ME
from app.rules.incoming import DOUBTFUL, MARKED
from app.rules.jobs import Outcome
from app.rules.lifecycle import permission_key
from app.vocabulary import N_, IncomingState, PostKind

Facets = Mapping[str, str]


class Opens(StrEnum):
    """Which list a basket opens."""

    REGISTER = "register"
    WAITING = "waiting"
    WORK = "work"
    SETTLING = "settling"
    ACCOUNTS = "accounts"
    CONSOLE = "console"


NEEDS = {
    Opens.REGISTER: permission_key("incoming", "list"),
    Opens.WAITING: permission_key("incoming", "list"),
    Opens.WORK: permission_key("assignment", "list"),
    Opens.SETTLING: permission_key("handling", "list"),
    Opens.ACCOUNTS: permission_key("account", "list"),
    Opens.CONSOLE: permission_key("console", "show"),
}
"""The right without which the list does not open; nor is the basket there."""


@dataclass(frozen=True)
class Basket:
    """One basket. ``narrowed``: how the list's address narrows it on a day. ``tone``: ``late`` is red and comes first
    while something is in it, ``soon`` is amber, ``quiet`` asks for nothing and stands in the line below. ``menu``: the
    menu entry that carries its number too; ``reddens``: the one whose number is red while something is in it."""

    name: str
    label: str
    seen_by: frozenset[PostKind]
    opens: Opens
    narrowed: Callable[[date], Facets] = field(default=lambda _day: {})
    tone: str = ""
    icon: str = "fa-inbox"
    menu: str = ""
    reddens: str = ""


@dataclass(frozen=True)
class Counted:
    """A basket with what is in it: ``count`` up to the cap, ``more`` if there is more; ``facets`` of the list's
    address."""

    basket: Basket
    count: int
    more: bool
    facets: Facets


_REGISTRY = frozenset({PostKind.CLERK, PostKind.ADMIN_HEAD})
_READERS = frozenset(PostKind) - _REGISTRY - {PostKind.IT_CENTRE, PostKind.OUTSIDE}
_DISTRIBUTORS = frozenset({PostKind.OFFICE_LEADER, PostKind.HEAD_OF_DEPARTMENT})
_PERMITTERS = _DISTRIBUTORS | {PostKind.STANDING_COMMITTEE}
_HEADS = frozenset({PostKind.HEAD_OF_DEPARTMENT, PostKind.ADMIN_HEAD})
_GIVERS = _HEADS | {PostKind.OFFICE_LEADER}
_WORKERS = frozenset(PostKind) - {PostKind.CLERK, PostKind.OUTSIDE, PostKind.OFFICE_LEADER}
_HOLDERS = _WORKERS | {PostKind.CLERK, PostKind.OFFICE_LEADER}
_OUTSIDE = frozenset({PostKind.OUTSIDE})
_IT = frozenset({PostKind.IT_CENTRE})


def _state(state: IncomingState, **more: str) -> Callable[[date], Facets]:
    return lambda _day: {"state": str(state), **more}


def _work(**facets: str) -> Callable[[date], Facets]:
    return lambda _day: facets


def _since(days: int, **more: str) -> Callable[[date], Facets]:
    """Arrived on the day itself (``days`` 1), or within so many days that end with it."""
    return lambda day: {**more, "arrival_date_from": (day - timedelta(days=days - 1)).strftime("%d/%m/%Y")}


BASKETS: tuple[Basket, ...] = (
    Basket(
        "urgent_owed",
        N_("Urgent, number still owed"),
        _REGISTRY,
        Opens.WAITING,
        _state(IncomingState.URGENT),
        tone="late",
        icon="fa-bolt",
    ),
    Basket(
        "urgent_mine",
        N_("Urgent through me, number still owed"),
        _PERMITTERS,
        Opens.WAITING,
        _state(IncomingState.URGENT, leader=ME),
        tone="late",
        icon="fa-bolt",
    ),
    Basket(
        "to_register",
        N_("To be registered"),
        _REGISTRY,
        Opens.WAITING,
        _state(IncomingState.RECEIVED),
        icon="fa-inbox",
        menu="waiting",
    ),
    Basket(
        "perhaps_duplicate",
        N_("Perhaps a duplicate"),
        _REGISTRY,
        Opens.WAITING,
        _state(IncomingState.RECEIVED, same_as=MARKED),
        tone="soon",
        icon="fa-clone",
    ),
    Basket(
        "doubtful_waiting",
        N_("Signature to look at before registering"),
        _REGISTRY,
        Opens.WAITING,
        _state(IncomingState.RECEIVED, signature_verdict=DOUBTFUL),
        tone="soon",
        icon="fa-certificate",
    ),
    Basket(
        "doubtful_registered",
        N_("Signature to look at, registered in 30 days"),
        _REGISTRY,
        Opens.REGISTER,
        _since(30, state=str(IncomingState.REGISTERED), signature_verdict=DOUBTFUL),
        tone="soon",
        icon="fa-certificate",
    ),
    Basket(
        "to_present",
        N_("To be presented"),
        _REGISTRY,
        Opens.SETTLING,
        _work(handling="pending"),
        icon="fa-share",
        menu="settling",
    ),
    Basket(
        "to_assign",
        N_("Waiting for my assignment"),
        _DISTRIBUTORS,
        Opens.SETTLING,
        _work(handling="presented", presented_to_id=ME),
        icon="fa-share-square",
        menu="settling",
    ),
    Basket(
        "mine_late",
        N_("Overdue with me"),
        _HOLDERS,
        Opens.WORK,
        _work(stand="late"),
        tone="late",
        icon="fa-clock-o",
        reddens="assignment",
    ),
    Basket(
        "unit_late",
        N_("Overdue in my unit"),
        _HEADS,
        Opens.WORK,
        _work(scope="unit", stand="late", passed_on=NO),
        tone="late",
        icon="fa-clock-o",
    ),
    Basket(
        "given_late",
        N_("Overdue of what I gave"),
        _GIVERS,
        Opens.WORK,
        _work(scope="given", stand="late"),
        tone="late",
        icon="fa-clock-o",
    ),
    Basket(
        "extensions",
        N_("Extensions to decide"),
        _GIVERS,
        Opens.WORK,
        _work(scope="given", asked=YES),
        icon="fa-calendar-plus-o",
    ),
    Basket(
        "unit_new",
        N_("New for my unit, not passed on"),
        _HEADS,
        Opens.WORK,
        _work(scope="unit", person_id=WHOLE_UNIT, passed_on=NO),
        icon="fa-sitemap",
    ),
    Basket("mine_new", N_("New for me"), _HOLDERS, Opens.WORK, _work(new=YES), icon="fa-envelope-o"),
    Basket(
        "mine_soon",
        N_("Due soon with me"),
        _HOLDERS,
        Opens.WORK,
        _work(stand="soon"),
        tone="soon",
        icon="fa-hourglass-half",
    ),
    Basket(
        "given_soon",
        N_("Due soon of what I gave"),
        _GIVERS,
        Opens.WORK,
        _work(scope="given", stand="soon"),
        tone="soon",
        icon="fa-hourglass-half",
    ),
    Basket("mine_lead", N_("I lead"), _WORKERS, Opens.WORK, _work(part="lead", passed_on=NO), icon="fa-user"),
    Basket(
        "mine_opinion", N_("My opinion is awaited"), _WORKERS, Opens.WORK, _work(part="coordinate"), icon="fa-comment-o"
    ),
    Basket(
        "mine_answering",
        N_("Answers of mine to go out"),
        _WORKERS,
        Opens.WORK,
        _work(part="lead", handling="answering", passed_on=NO),
        icon="fa-paper-plane-o",
    ),
    Basket(
        "to_issue",
        N_("Answers to go out"),
        frozenset({PostKind.OFFICE_LEADER}),
        Opens.SETTLING,
        _work(handling="answering", presented_to_id=ME),
        icon="fa-paper-plane-o",
    ),
    Basket(
        "mine_inform", N_("For my information"), _HOLDERS, Opens.WORK, _work(part="inform"), tone="quiet", icon="fa-eye"
    ),
    Basket(
        "mine_suspended",
        N_("Suspended with me"),
        _WORKERS,
        Opens.WORK,
        _work(state="suspended"),
        tone="quiet",
        icon="fa-pause",
    ),
    Basket("mine", N_("All my work"), _HOLDERS, Opens.WORK, tone="quiet", icon="fa-tasks", menu="assignment"),
    Basket(
        "registered_today",
        N_("Registered today"),
        _REGISTRY,
        Opens.REGISTER,
        _since(1),
        tone="quiet",
        icon="fa-calendar-check",
    ),
    Basket(
        "sent_back",
        N_("Sent back, of the last 30 days"),
        _REGISTRY,
        Opens.REGISTER,
        _since(30, state=str(IncomingState.RETURNED)),
        tone="quiet",
        icon="fa-undo",
    ),
    Basket(
        "flash",
        N_("Flash, of the last 7 days"),
        _READERS,
        Opens.REGISTER,
        _since(7, urgency="flash"),
        tone="quiet",
        icon="fa-bolt",
    ),
    Basket(
        "very_urgent",
        N_("Very urgent, of the last 7 days"),
        _READERS,
        Opens.REGISTER,
        _since(7, urgency="very_urgent"),
        tone="quiet",
        icon="fa-exclamation-triangle",
    ),
    Basket(
        "urgent",
        N_("Urgent, of the last 7 days"),
        _READERS,
        Opens.REGISTER,
        _since(7, urgency="urgent"),
        tone="quiet",
        icon="fa-exclamation",
    ),
    Basket("new_today", N_("New today"), _READERS, Opens.REGISTER, _since(1), tone="quiet", icon="fa-calendar-check"),
    Basket("new_this_week", N_("New in 7 days"), _READERS, Opens.REGISTER, _since(7), tone="quiet", icon="fa-calendar"),
    Basket(
        "own_registered",
        N_("Taken in by the Office"),
        _OUTSIDE,
        Opens.REGISTER,
        _state(IncomingState.REGISTERED),
        tone="quiet",
        icon="fa-check",
    ),
    Basket(
        "own_urgent",
        N_("Presented urgently, number still owed"),
        _OUTSIDE,
        Opens.WAITING,
        _state(IncomingState.URGENT),
        icon="fa-bolt",
    ),
    Basket(
        "own_returned",
        N_("Sent back to us"),
        _OUTSIDE,
        Opens.REGISTER,
        _state(IncomingState.RETURNED),
        tone="late",
        icon="fa-undo",
    ),
    Basket(
        "own_refused",
        N_("Not taken in"),
        _OUTSIDE,
        Opens.WAITING,
        _state(IncomingState.REFUSED),
        tone="late",
        icon="fa-ban",
    ),
    Basket("failed_jobs", N_("Jobs that failed"), _IT, Opens.CONSOLE, tone="late", icon="fa-cogs"),
    Basket("findings", N_("Checks with findings"), _IT, Opens.CONSOLE, tone="soon", icon="fa-search"),
    Basket(
        "locked_accounts",
        N_("Locked accounts"),
        _IT,
        Opens.ACCOUNTS,
        lambda _day: {"state": "locked"},
        tone="soon",
        icon="fa-lock",
        menu="account",
    ),
)
"""All baskets, in the order of work; what a basket of another list than a register counts stands in ``_COUNTS``."""

_COUNTS: dict[str, Callable[[], Any]] = {
    "failed_jobs": lambda: jobs_whose_last_run(Outcome.FAILED, Outcome.INTERRUPTED),
    "findings": lambda: jobs_whose_last_run(Outcome.FINDINGS),
    "locked_accounts": locked_accounts,
}


def baskets_of(actor: Actor) -> list[Basket]:
    """The baskets of somebody's desk: by the posts held today, and by what may be opened."""
    kinds = {post.kind for post in actor.posts}
    return [each for each in BASKETS if each.seen_by & kinds and NEEDS[each.opens] in actor.permissions]


def count(session: Session, actor: Actor, baskets: Iterable[Basket]) -> list[Counted]:
    """What is in each basket, in one statement; none is asked for where there is no basket."""
    return count_beside(session, actor, baskets, ())[0]


def count_beside(
    session: Session, actor: Actor, baskets: Iterable[Basket], more: Sequence[ScalarSelect[Any]]
) -> tuple[list[Counted], tuple[Any, ...]]:
    """What is in each basket, and the values of some more scalars of the same page, all in one statement."""
    day = clock.today()
    wanted = [(each, each.narrowed(day)) for each in baskets]
    if not wanted and not more:
        return [], ()
    counts = [_count_of(session, actor, each, facets).label(each.name) for each, facets in wanted]
    row = tuple(session.execute(select(*counts, *more)).one())
    found = [
        Counted(each, min(number, COUNT_CAP), number > COUNT_CAP, facets)
        for (each, facets), number in zip(wanted, row, strict=False)
    ]
    return found, row[len(wanted) :]


def _count_of(session: Session, actor: Actor, basket: Basket, facets: Facets) -> ScalarSelect[int]:
    if basket.opens == Opens.REGISTER:
        return capped_count(incoming.register_query(actor), incoming.facets_of(actor), facets)
    if basket.opens == Opens.WAITING:
        return capped_count(incoming.waiting_base(actor, facets), incoming.waiting_facets(actor), facets)
    if basket.opens == Opens.WORK:
        scope = assignments.scope_meant(actor, facets.get("scope", ""))
        base = assignments.work_query(session, actor, scope)
        return capped_count(base, assignments.facets(session, facets), facets)
    if basket.opens == Opens.SETTLING:
        base = to_settle.settling_query(actor, to_settle.state_meant(actor, facets["handling"]))
        return capped_count(base, to_settle.facets(session, actor, facets), facets)
    return counted(_COUNTS[basket.name]())
