"""What an operation may answer instead of doing its work. Each carries messages for people, not for machines.

A message is an English catalogue entry with named parameters; whoever shows it translates it.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

from app.vocabulary import N_


@dataclass(frozen=True)
class Obstacle:
    """One reason why an act cannot happen: what, at which field, and how to mend it.

    ``message`` is a catalogue entry, formatted with ``params`` after translation; ``field`` is the
    name of the input field it belongs to, empty where it concerns the whole act.
    """

    message: str
    field: str = ""
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    code: str = "refused"

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class DomainError(Exception):
    """Base of everything an operation answers to a person; never a fault of the program."""

    status = 422

    def __init__(self, *obstacles: Obstacle):
        self.obstacles: tuple[Obstacle, ...] = obstacles
        super().__init__("; ".join(str(o) for o in obstacles))


class Refused(DomainError):
    """The act breaks a rule; all obstacles at once."""


class WrongState(DomainError):
    """The record is not in a state from which this move starts."""

    status = 409


class Stale(DomainError):
    """Somebody else changed the record since it was opened; ``changes`` says what, who and when."""

    status = 409

    def __init__(self, *obstacles: Obstacle, changes: tuple[dict[str, Any], ...] = ()):
        self.changes = changes
        super().__init__(*obstacles)


class Forbidden(DomainError):
    """The actor may not do this to this record now (212/16.2.a)."""

    status = 403


class NotFound(DomainError):
    """No such record, or none that the actor may see: the two look alike on purpose."""

    status = 404

    def __init__(self, *obstacles: Obstacle):
        super().__init__(
            *(obstacles or (Obstacle(N_("This record does not exist, or you may not see it."), code="not_found"),))
        )


def refuse_if(obstacles: list[Obstacle] | tuple[Obstacle, ...]) -> None:
    """Raise :class:`Refused` with all obstacles, if there are any."""
    if obstacles:
        raise Refused(*obstacles)
