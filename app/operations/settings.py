"""Settings (thiết lập): changed by the IT centre, each change on record."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.actor import Actor
from app.errors import Obstacle, Stale, refuse_if
from app.models import Setting
from app.operations import events
from app.operations.base import STALE, operation, require
from app.operations.unit_of_work import UnitOfWork
from app.queries.settings import settings
from app.rules.settings import DEFINITIONS
from app.vocabulary import N_


@operation()
def change(
    actor: Actor, raw: Mapping[str, str | None], *, seen: Mapping[str, str] | None = None, uow: UnitOfWork
) -> dict[str, Any]:
    """Set all settings from what was typed; returns those that changed.

    ``seen``: the values as text when the actor looked; Stale if somebody changed one since.
    Raises Forbidden, Refused with all obstacles, Stale.
    """
    require(actor, "setting", "edit")
    uow.session.execute(text("LOCK TABLE setting IN SHARE ROW EXCLUSIVE MODE"))
    found: list[Obstacle] = []
    values: dict[str, Any] = {}
    for name, definition in DEFINITIONS.items():
        if name not in raw and not isinstance(definition.default, bool):
            continue
        try:
            values[name] = definition.parse(raw.get(name))
        except ValueError:
            found.append(Obstacle(N_("%(label)s: must be a whole number."), name, {"label": definition.label}))
            continue
        found += definition.obstacles(values[name])
    refuse_if(found)
    before = settings(uow.session)
    if seen is not None and any(name in before and str(before[name]) != was for name, was in seen.items()):
        raise Stale(STALE)
    changed = {name: value for name, value in values.items() if before[name] != value}
    for name, value in changed.items():
        row = uow.session.get(Setting, name, with_for_update=True)
        if row is None:
            uow.session.add(Setting(name=name, value=value))
        else:
            row.value = value
        events.record(uow, actor, "setting.changed", "setting", name, before=before[name], after=value)
    return changed
