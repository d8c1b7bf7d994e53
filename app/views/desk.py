"""The home page: what there is to do, in baskets with counters, and what came in last; the counters of the menu."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, redirect, url_for
from flask_appbuilder import IndexView, expose
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError

from app import clock
from app.actor import Actor
from app.extensions import db
from app.operations.incoming import subject_of
from app.queries import desk, incoming, notices
from app.queries.desk import Basket, Counted, Opens
from app.request import current_actor, other_powers
from app.rules import incoming as rules
from app.rules.lifecycle import allowed, permission_key
from app.translation import vn_number
from app.views.administration import may
from app.views.catalogue_words import WEEKDAYS
from app.views.columns import look_of
from app.views.incoming import COLUMNS, row_words
from app.vocabulary import N_

LISTS = {
    Opens.REGISTER: "IncomingView.list",
    Opens.WAITING: "ArrivalsView.waiting",
    Opens.WORK: "WorkView.list",
    Opens.SETTLING: "SettlingView.list",
    Opens.ACCOUNTS: "AccountView.list",
    Opens.CONSOLE: "console.index",
}
"""The screen of each list."""
LATEST = 8
DESK_COLUMNS = "table:number.notation.subject.arrived"


@dataclass(frozen=True)
class Card:
    """A basket as the desk shows it."""

    name: str
    label: str
    icon: str
    tone: str
    count: int
    more: bool
    address: str

    @property
    def shown(self) -> str:
        """Its number as people read it."""
        return vn_number(self.count) + ("+" if self.more else "")


class DeskView(IndexView):
    """Bàn làm việc."""

    class_permission_name = "desk"

    @expose("/")
    def index(self) -> Any:
        """The desk of whoever is signed in; everybody else signs in first."""
        actor = current_actor()
        if actor.user_id is None:
            return redirect(url_for("LoginView.login"))
        self.update_redirect()
        may_read = permission_key(rules.NOUN, "list") in actor.permissions
        return self.render_template(
            "desk/index.html",
            title=gettext("Work desk"),
            greeting=_greeting(actor.name),
            today=office_date(clock.today()),
            cards=_cards(counted_baskets()),
            may_register=any(
                allowed(rules.REGISTER, each, subject_of(db.session(), each, None)) for each in (actor, *other_powers())
            ),
            may_read=may_read,
            latest=incoming.latest(db.session(), actor, LATEST) if may_read else (),
            look=look_of(DESK_COLUMNS, COLUMNS),
            heads=(),
            **row_words(),
        )


def counted_baskets() -> list[Counted]:
    """The baskets of the person at the screen with what is in them; counted once a request."""
    if "baskets" not in g:
        actor = current_actor()
        g.baskets = _counted(actor, desk.baskets_of(actor))
    return g.baskets


def _counted(actor: Actor, baskets: list[Basket]) -> list[Counted]:
    """Baskets and, in the same statement, what the bell of the page says."""
    bell = notices.unread_scalars(actor) if actor.person_id is not None and may("notice", "list") else ()
    found, said = desk.count_beside(db.session(), actor, baskets, bell)
    if bell:
        g.unread = notices.Unread(*said)
    return found


def menu_counts() -> Mapping[str, Mapping[str, Any]]:
    """Counters of the menu entries, from the same baskets: name of the entry → number, and whether it is late.

    The page that tells of a fault of the database has a menu too: then there are no counters.
    """
    if "menu_counts" not in g:
        counted = g.get("baskets")
        if counted is None:
            actor = current_actor()
            try:
                shown = [each for each in desk.baskets_of(actor) if each.menu or each.reddens]
                counted = _counted(actor, shown)
            except DBAPIError:
                counted = []
        red = {each.basket.reddens for each in counted if each.count}
        found: dict[str, dict[str, Any]] = {}
        for each in counted:
            menu = each.basket.menu
            if menu:
                found.setdefault(menu, {"n": each.count, "more": each.more, "late": menu in red})
        g.menu_counts = found
    return g.menu_counts


def live_counts(*, on_desk: bool) -> dict[str, Any]:
    """What the counters of an open page say now: of the menu, and of the cards where the desk is open; one statement,
    which counts the notices too."""
    cards = {card.name: [card.count, card.shown] for card in _cards(counted_baskets())} if on_desk else {}
    menu = {
        name: [each["n"], f"{each['n']}{'+' if each['more'] else ''}", each["late"]]
        for name, each in menu_counts().items()
    }
    return {"menu": menu, "cards": cards}


def _cards(counted: list[Counted]) -> list[Card]:
    """Those that are late and hold something come first; an empty one stays in its place, grey."""
    cards = [
        Card(
            each.basket.name,
            gettext(each.basket.label),
            each.basket.icon,
            each.basket.tone,
            each.count,
            each.more,
            url_for(LISTS[each.basket.opens], _external=False, **dict[str, Any](each.facets)),
        )
        for each in counted
    ]
    return sorted(cards, key=lambda card: not (card.tone == "late" and card.count))


def _greeting(name: str) -> str:
    hour = clock.in_vietnam(clock.now()).hour
    words = N_("Good morning, %(name)s") if hour < 11 else N_("Good day, %(name)s")
    if hour >= 18:
        words = N_("Good evening, %(name)s")
    return gettext(words) % {"name": name}


def office_date(day: date) -> str:
    """A day as the office writes it: with its weekday, days under 10 and January, February with a leading zero."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return gettext(
        "%(weekday)s, %(day)s/%(month)s/%(year)s",
        weekday=gettext(WEEKDAYS[day.weekday()]),
        day=f"{day.day:02d}",
        month=month,
        year=day.year,
    )
