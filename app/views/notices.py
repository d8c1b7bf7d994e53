"""Notices (thông báo): the bell of every page, all of one's notices, and how one is told (212/16.1.l)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, g, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext, ngettext
from sqlalchemy.exc import DBAPIError

from app.backends import mailer
from app.errors import DomainError
from app.extensions import db
from app.models import Notice, NoticeChoice
from app.operations import notices as operations
from app.queries import notices as queries
from app.queries.notices import MOST_UNREAD
from app.request import PK, current_actor
from app.rules.notices import KINDS, WAYS, Way, details, path_of, sentence, ways_of
from app.rules.text import BIGINT, whole_number
from app.translation import vn_datetime
from app.views.administration import Faults, may, typed, typed_number
from app.views.desk import live_counts
from app.vocabulary import NoticeKind

NOUN = "notice"


@dataclass(frozen=True)
class Line:
    """A notice as the screen shows it."""

    id: int
    text: str
    details: tuple[str, ...]
    at: datetime
    unread: bool

    @property
    def url(self) -> str:
        """Where it is opened: read from then on, and on to its document."""
        return url_for("NoticeView.open", pk=self.id)


def line(notice: Notice) -> Line:
    """A notice in the reader's language."""
    told = queries.told(notice)
    said = sentence(told, gettext), tuple(details(told, gettext))
    return Line(notice.id, *said, notice.at, notice.read_at is None)


def bell() -> Mapping[str, Any] | None:
    """What the bell of this page says; ``None`` for who has none, and where the database does not answer."""
    if "bell" not in g:
        g.bell = None
        if may(NOUN, "list"):
            try:
                found = g.get("unread") or queries.unread(db.session(), current_actor())
            except DBAPIError:
                return None
            g.bell = {"count": found.count, "shown": shown_count(found.count), "newest": found.newest}
            g.bell["may_edit"] = may(NOUN, "edit")
    bell: Mapping[str, Any] | None = g.bell
    return bell


def shown_count(count: int) -> str:
    """The number on the bell: nothing for none, 99+ for very many."""
    return f"{MOST_UNREAD}+" if count > MOST_UNREAD else str(count or "")


class NoticeView(BaseView):
    """Thông báo: all of one's own, and how one is told."""

    route_base = "/notices"
    class_permission_name = NOUN
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        """The person's notices, the newest first."""
        page = queries.of_person(
            db.session(), current_actor(), request.args.get("after", ""), request.args.get("before", "")
        )
        return self.render_template(
            "notices/list.html",
            title=gettext("My notices"),
            lines=[line(each) for each in page.rows],
            page=page,
            may=may,
        )

    @expose("/unread")
    @has_access
    @permission_name("list")
    def unread(self) -> Any:
        """How many are unread and what is new since ``after``, and what the counters of the page say now.

        Asked by open pages, and no sign of life of anybody: whoever looks away from the screen is signed out after the
        idle time, though the page goes on asking. ``desk``: the page shows the baskets too. All that is counted is one
        statement, what is new another.
        """
        after = whole_number(request.args.get("after", "")) or 0
        counts = live_counts(on_desk="desk" in request.args)
        found = g.get("unread") or queries.unread(db.session(), current_actor())
        new = queries.latest(db.session(), current_actor(), min(after, BIGINT)) if found.newest > after else []
        return jsonify(
            unread=found.count,
            shown=shown_count(found.count),
            newest=max(found.newest, after),
            said=_said(len(new), line(new[0]).text) if new else "",
            **counts,
        )

    @expose("/latest")
    @has_access
    @permission_name("list")
    def latest(self) -> Any:
        """The newest notices, for the panel of the bell."""
        lines = [line(each) for each in queries.latest(db.session(), current_actor())]
        return jsonify(
            lines=[
                {
                    "id": each.id,
                    "text": each.text,
                    "details": list(each.details),
                    "at": each.at.isoformat(),
                    "when": vn_datetime(each.at),
                    "unread": each.unread,
                    "url": each.url,
                }
                for each in lines
            ]
        )

    @expose(f"/{PK}")
    @has_access
    @permission_name("list")
    def open(self, pk: int) -> Any:
        """Mark one read, by whoever may, and go on to its document."""
        actor = current_actor()
        notice = operations.read(actor, pk) if may(NOUN, "edit") else queries.own_notice(db.session(), actor, pk)
        return redirect(path_of(notice.document_id, notice.assignment_id))

    @expose("/read", methods=["POST"])
    @has_access
    @permission_name("edit")
    def read(self) -> Any:
        """Mark all read that the person has seen: what came after stays unread."""
        until = whole_number(request.form.get("until", ""), BIGINT)
        count = operations.read_all(current_actor(), until)
        if request.accept_mimetypes.best == "application/json":
            return jsonify(read=count)
        flash(ngettext("%(num)s notice is marked read.", "%(num)s notices are marked read.", count), "success")
        return redirect(url_for("NoticeView.list"))

    @expose("/choices", methods=["GET"])
    @has_access
    @permission_name("edit")
    def choices(self) -> Any:
        """How the person is told."""
        row = self._row()
        chosen = {kind: ways_of(row.ways if row is not None else None, kind) for kind in KINDS}
        hours = (row.quiet_from, row.quiet_to) if row is not None else ("", "")
        return self._page(chosen, hours, row.version if row is not None else 0, Faults())

    @expose("/choices", methods=["POST"])
    @has_access
    @permission_name("edit")
    def choose(self) -> Any:
        """Keep it, or say beside the field what is wrong."""
        ticked = set(request.form.getlist("way"))
        chosen = {kind: frozenset(way for way in Way if f"{kind}:{way}" in ticked) for kind in KINDS}
        hours = typed("quiet_from"), typed("quiet_to")
        seen = typed_number("version") or 0
        try:
            operations.choose(current_actor(), chosen, *hours, seen=seen)
        except DomainError as error:
            db.session.rollback()
            row = self._row()
            return self._page(chosen, hours, row.version if row is not None else 0, Faults([error]))
        flash(gettext("Your choices are kept."), "success")
        return redirect(url_for("NoticeView.choices"))

    def _row(self) -> NoticeChoice | None:
        person_id = current_actor().person_id
        return queries.choice(db.session(), person_id) if person_id is not None else None

    def _page(
        self, chosen: Mapping[NoticeKind, frozenset[Way]], hours: tuple[str, str], version: int, faults: Faults
    ) -> Any:
        person_id = current_actor().person_id
        page = self.render_template(
            "notices/choices.html",
            title=gettext("How I am told"),
            kinds=KINDS,
            ways=WAYS,
            chosen=chosen,
            quiet_from=hours[0],
            quiet_to=hours[1],
            version=version,
            faults=faults,
            mail_is_set_up=mailer() is not None,
            address=queries.address_of(db.session(), person_id) if person_id is not None else "",
        )
        return page, faults.status


def _said(count: int, text: str) -> str:
    if count == 1:
        return gettext("New notice: %(text)s", text=text)
    return gettext("%(count)s new notices, the newest: %(text)s", count=count, text=text)
