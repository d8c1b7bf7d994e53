"""Who may enter the technical console, asked before every page of it.

``list console`` opens its pages; taking whole tables away as a file also needs ``show console``. Somebody without
the right gets the page 403, which puts the attempt on record; nobody signed in is sent to sign in first.
"""

from typing import Any

from flask import abort, redirect, request, url_for

from app.extensions import appbuilder
from app.request import current_actor
from app.rules.lifecycle import permission_key

NOUN = "console"


def may_enter() -> bool:
    """Whether the signed-in person may see the console."""
    return permission_key(NOUN, "list") in current_actor().permissions


def may_export() -> bool:
    """Whether the signed-in person may take a table away as a file."""
    return may_enter() and permission_key(NOUN, "show") in current_actor().permissions


def refuse() -> Any:
    """The answer to somebody who may not: sign in, or 403."""
    if current_actor().user_id is None:
        return redirect(url_for("LoginView.login", next=request.path))
    return abort(403)


class Gate:
    """Mixed into every view of the console."""

    endpoint: str

    def is_accessible(self) -> bool:
        """Asked by Flask-Admin before each page and for each entry of its menu."""
        return may_enter()

    def render(self, template: str, **kwargs: Any) -> str:
        """With the frame of the program around it, which asks Flask-AppBuilder for the menu."""
        return super().render(template, appbuilder=appbuilder, **kwargs)  # type: ignore[misc]

    def inaccessible_callback(self, _name: str, **_kwargs: Any) -> Any:
        """What Flask-Admin answers when it is not."""
        return refuse()
