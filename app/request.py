"""What a request brings along: who acts, under which id, from where; headers that every answer carries."""

import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, current_app, g, request, session, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import gettext
from flask_login import current_user

from app import accesses
from app.actor import Actor
from app.errors import Forbidden, Obstacle
from app.extensions import db
from app.queries.actors import acting_by, actor_for, powers_of
from app.rules.lifecycle import permission_key
from app.rules.text import BIGINT, whole_number
from app.vocabulary import N_, AccessKind, PostKind, Via

API_PREFIX = "/api/"
PK = f"<int(max={BIGINT}):pk>"
"""Key of a record in an address: no larger than the database can hold, else there is no such page."""


def request_id() -> str:
    """The id under which log lines, events and accesses of this request can be brought together."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex
    return g.request_id


def current_actor() -> Actor:
    """The signed-in person as an actor, in the posts held today; computed once a request.

    Nobody signed in gives an actor without any right.
    """
    if "actor" not in g:
        user = getattr(g, "user", None) or current_user
        if not user or not user.is_authenticated:
            return Actor(None, None, "", request_id=request_id())
        via = Via.API if request.path.startswith(API_PREFIX) else Via.WEB
        g.actor = actor_for(db.session(), user, via, request_id())
    return g.actor


def chosen_actor(delegation_id: str | None) -> Actor:
    """The actor, acting for another when the form says by which delegation.

    Raises Forbidden when that delegation does not hold: nobody who meant to act for another acts as themselves.
    """
    actor = current_actor()
    if not delegation_id:
        return actor
    number = whole_number(delegation_id, BIGINT)
    acting = acting_by(db.session(), actor, number) if number else None
    if acting is None:
        raise Forbidden(Obstacle(N_("The delegation you chose no longer holds."), "acting_for", code="forbidden"))
    return acting


def other_powers() -> list[Actor]:
    """The signed-in person once for each delegation that lets them act for another today."""
    actor = current_actor()
    if "other_powers" not in g:
        g.other_powers = powers_of(db.session(), actor)
    return g.other_powers


def look(actor: Actor, subject_type: str, subject_id: int, links: dict[str, int]) -> None:
    """Put a look at a record on record, at whichever door (212/16.2.a)."""
    accesses.record(
        actor,
        AccessKind.VIEW,
        subject=(subject_type, subject_id),
        document_id=links.get("document_id"),
        case_file_id=links.get("case_file_id"),
        remote_addr=remote_addr(),
    )


def remote_addr() -> str:
    """Address the request came from (behind the configured number of proxies)."""
    return request.remote_addr or ""


def _record_denied(response: Response) -> Response:
    """Put an attempt without the right on record, for whoever is signed in, at whichever door (212/16.2.a)."""
    if response.status_code == 403:
        actor = current_actor()
        if actor.user_id is not None:
            what = f"{request.method} {request.path}"
            accesses.record(actor, AccessKind.DENIED, what=what, remote_addr=remote_addr())
    return response


def file_limit() -> int:
    """Largest size of one file, in bytes."""
    return current_app.config["MAX_UPLOAD_MB"] * 1024**2


def csp_nonce() -> str:
    """The nonce that scripts of this answer carry."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def _policy() -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{csp_nonce()}'",
            "style-src 'self'",
            "style-src-attr 'none'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "frame-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
    headers.setdefault("X-Request-Id", request_id())
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if not request.path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")
    return response


UNATTENDED = frozenset({"NoticeView.unread"})
"""Addresses that open pages ask by themselves: no sign that anybody is there."""


class IdleSessions(SecureCookieSessionInterface):
    """Sessions that end after the idle time: renewed by what people do, not by what their open pages ask."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether the answer renews the session."""
        return request.endpoint not in UNATTENDED and super().should_set_cookie(app, session)


def _idle_session() -> None:
    if request.endpoint not in UNATTENDED:
        session.permanent = True  # ends after the idle time of the configuration, renewed with each request


_MENU_OF = (
    ({PostKind.CLERK, PostKind.ADMIN_HEAD}, ("waiting", "settling", "incoming", "follow", "assignment")),
    ({PostKind.OFFICE_LEADER}, ("settling", "assignment", "follow", "incoming")),
)
"""Entries of the menu in the order of work, for posts whose work does not begin with the own assignments."""


def _in_order(entries: Sequence[Any]) -> list[Any]:
    """Entries of one part of the menu, in the order in which the person at the screen works."""
    kinds = {post.kind for post in current_actor().posts}
    order = next((names for posts, names in _MENU_OF if posts & kinds), ())
    place = {name: at for at, name in enumerate(order)}
    return sorted(entries, key=lambda e: place.get("" if isinstance(e, str) else e["name"], len(order)))


def _person() -> dict[str, object]:
    """Name, post and links of the signed-in person, for the frame of every page."""
    if not getattr(g, "user", None) or not g.user.is_authenticated:
        return {}
    actor = current_actor()
    post = actor.main_post
    told = {"url": url_for("NoticeView.choices"), "label": gettext("How I am told"), "icon": "fa-bell"}
    mine = permission_key("delegation", "see_own") in actor.permissions
    powers = {"url": url_for("MyDelegationView.mine"), "label": gettext("My delegations"), "icon": "fa-share"}
    return {
        "user_name": actor.name,
        "user_post": f"{post.title}, {post.unit_name}" if post else "",
        "in_order": _in_order,
        "phone_menu": ["desk", "waiting", "settling", "assignment", "incoming", "person", "account"],
        "user_links": [
            *([told] if permission_key("notice", "edit") in actor.permissions else ()),
            *([powers] if mine else ()),
            {"url": url_for("PasswordView.change"), "label": gettext("Change password"), "icon": "fa-key"},
        ],
    }


def init_requests(app: Flask) -> None:
    """Security headers on every answer, the nonce for templates, the idle end of sessions."""
    app.session_interface = IdleSessions()
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.jinja_env.globals["current_actor"] = current_actor
    app.context_processor(_person)
    app.before_request(_idle_session)
    app.after_request(_record_denied)
    app.after_request(_secure)
