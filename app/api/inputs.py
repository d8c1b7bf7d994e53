"""Inputs of moves as JSON: their schema, and plain values from a request's body."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.errors import Obstacle
from app.rules.lifecycle import Input, InputType, Move
from app.vocabulary import N_, AssignmentKind

SCHEMA_OF: dict[InputType, dict[str, Any]] = {
    InputType.LINE: {"type": "string"},
    InputType.TEXT: {"type": "string"},
    InputType.CHOICE: {"type": "string"},
    InputType.DATE: {"type": "string", "format": "date"},
    InputType.DATETIME: {"type": "string", "format": "date-time"},
    InputType.INTEGER: {"type": "integer"},
    InputType.ORGANISATION: {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        "required": ["name"],
    },
    InputType.FILES: {"type": "array", "items": {"type": "integer"}},
    InputType.RECORDS: {"type": "array", "items": {"type": "integer"}},
    InputType.ASSIGNEES: {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "unit_id": {"type": "integer"},
                "person_id": {"type": "integer"},
                "kind": {"type": "string", "enum": [str(kind) for kind in AssignmentKind]},
                "due_on": {"type": "string", "format": "date"},
            },
            "required": ["kind"],
        },
    },
}


def read_values(move: Move, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Obstacle]]:
    """Plain values of a move's inputs from JSON, and what is of the wrong type, all at once."""
    values: dict[str, Any] = {}
    obstacles: list[Obstacle] = []
    for each in move.inputs:
        raw = body.get(each.name)
        try:
            values[each.name] = None if raw is None else _value(each, raw)
        except (ValueError, TypeError):
            values[each.name] = None
            obstacles.append(
                Obstacle(N_("%(label)s: not of the expected type."), each.name, {"label": each.label}, "wrong_type")
            )
    return values, obstacles


def _value(each: Input, raw: Any) -> Any:
    kind = each.type
    if kind == InputType.DATE:
        return date.fromisoformat(raw)
    if kind == InputType.DATETIME:
        instant = datetime.fromisoformat(raw)
        if instant.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return instant
    if kind == InputType.INTEGER:
        return _whole(raw)
    if kind in (InputType.FILES, InputType.RECORDS):
        return [_whole(i) for i in _is(raw, list)]
    if kind == InputType.ORGANISATION:
        given = _is(raw, dict)
        return {"id": _whole(given["id"]) if given.get("id") is not None else None, "name": _is(given.get("name"), str)}
    if kind == InputType.ASSIGNEES:
        return [_assignee(_is(row, dict)) for row in _is(raw, list)]
    if kind == InputType.CHOICE and isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    return _is(raw, str)


def _assignee(row: Mapping[str, Any]) -> dict[str, Any]:
    day = row.get("due_on")
    return {
        "unit_id": _whole(row["unit_id"]) if row.get("unit_id") is not None else None,
        "person_id": _whole(row["person_id"]) if row.get("person_id") is not None else None,
        "kind": _is(row.get("kind", ""), str),
        "due_on": date.fromisoformat(day) if day is not None else None,
    }


def _whole(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or abs(raw) >= 2**53:
        raise TypeError(raw)
    return raw


def _is(raw: Any, kind: type) -> Any:
    if not isinstance(raw, kind):
        raise TypeError(raw)
    return raw
