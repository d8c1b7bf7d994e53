"""Turn what operations answer into sentences in the reader's language."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext

from app.errors import DomainError, Obstacle


def say(obstacle: Obstacle) -> str:
    """One obstacle as a sentence; a label among its parameters is translated too, a file it is about stands first."""
    params = dict(obstacle.params)
    file = params.pop("file", "")
    if "label" in params:
        params["label"] = gettext(params["label"])
    text = gettext(obstacle.message)
    sentence = text % params if params else text
    return f"{file}: {sentence}" if file else sentence


def translated(obstacle: Obstacle) -> Obstacle:
    """The obstacle with its sentence already made, for templates that translate and format once more."""
    return replace(obstacle, message=say(obstacle).replace("%", "%%"), params={})


def by_field(error: DomainError) -> Mapping[str, list[str]]:
    """Sentences by input field; those of the whole act under the empty name."""
    found: dict[str, list[str]] = {}
    for obstacle in error.obstacles:
        found.setdefault(obstacle.field, []).append(say(obstacle))
    return found


def as_json(error: DomainError) -> list[dict[str, Any]]:
    """Obstacles for programs: code, field, sentence."""
    return [{"code": o.code, "field": o.field, "message": say(o)} for o in error.obstacles]
