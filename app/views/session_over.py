"""A form that arrives after its session ended: nothing that was typed is lost.

The page keeps what came with the request as hidden fields and sends it to the same address once somebody has signed
in again in another tab. It is shown only for forms of our own pages: what a foreign page posted is never offered for
sending again, as the press would then carry a valid token.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import jsonify, render_template, request
from flask_appbuilder import BaseView, expose
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf

from app.request import API_PREFIX

MOST_FIELDS = 500
MOST_CHARACTERS = 200 * 1024
SECRET_FIELDS = frozenset({"current", "new", "again"})
"""Fields of passwords whose names do not say so."""
SIGN_IN = "LoginView.login"


class TokenView(BaseView):
    """Mã chống giả mạo of the present session, for a page that outlived its own."""

    route_base = "/token"
    default_view = "token"

    @expose("/")
    def token(self) -> Any:
        """``{"token": …}`` for whoever is signed in; 401 for everybody else."""
        if not current_user.is_authenticated:
            return jsonify(message="signed_out"), 401
        return jsonify(token=generate_csrf())


def token_refused(error: CSRFError) -> Any:
    """The answer to a form whose token does not fit (400): what was typed, ready to be sent again."""
    if request.path.startswith(API_PREFIX):
        return jsonify(message=error.description), 400
    if not _from_our_own_page():
        return render_template("errors/400.html", sentences=[]), 400
    return session_over(400)


def session_over(status: int) -> Any:
    """The page with all that was typed but passwords and files, for a request whose token has been judged."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    kept = [(name, value) for name, value in typed if not _secret(name)]
    size = sum(len(name) + len(value) for name, value in kept)
    fits = len(kept) <= MOST_FIELDS and size <= MOST_CHARACTERS
    page = render_template(
        "errors/session_over.html",
        code=status,
        signed_in_again=current_user.is_authenticated,
        fields=kept if fits and request.endpoint != SIGN_IN else None,
        too_much=not fits,
        without_passwords=len(kept) < len(typed),
        without_files=any(file.filename for file in request.files.values()),
        address=request.full_path.removesuffix("?"),
        sign_in_page=request.endpoint == SIGN_IN,
    )
    return page, status


def _secret(name: str) -> bool:
    return name in SECRET_FIELDS or "password" in name.lower()


def _from_our_own_page() -> bool:
    """Whether the browser says that a page of this very address sent the form."""
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said == "same-origin"
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sender).netloc == request.host
