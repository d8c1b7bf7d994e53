"""Clauses in words: ``212/16.4.a`` is point a of clause 4 of article 16. Pure.

Ids are those of ``docs/clauses.tsv``, with the law before the slash; events keep them as they are, screens say them.
"""

import re
from dataclasses import dataclass, field

from app.vocabulary import N_

_ARTICLE = re.compile(r"212/([1-9][0-9]?)((?:\.[1-9][0-9]?)*)(?:\.([a-z]{1,2}))?")
_STEP = re.compile(r"212/S\.([1-9][a-z]?)")
_LETTERS = {"dd": "đ"}
"""Vietnamese letters that ids write without their mark."""


@dataclass(frozen=True)
class Ground:
    """A clause as a catalogue entry with its parameters."""

    message: str
    params: dict[str, str] = field(default_factory=dict)


def ground_of_id(clause: str) -> Ground:
    """One clause by its id; what is no id of the Decision stands as it is."""
    step = _STEP.fullmatch(clause)
    if step:
        return Ground(N_("step %(step)s of the flow chart"), {"step": step[1]})
    found = _ARTICLE.fullmatch(clause)
    if not found:
        return Ground("%(clause)s", {"clause": clause})
    article, inner, letter = found.groups()
    numbers = inner.split(".")[1:]
    params = {"article": article}
    if letter:
        params["point"] = _LETTERS.get(letter, letter)
    if not numbers:
        message = N_("point %(point)s, article %(article)s") if letter else N_("article %(article)s")
        return Ground(message, params)
    params["clause"] = numbers[0]
    if letter:
        return Ground(N_("point %(point)s, clause %(clause)s, article %(article)s"), params)
    if len(numbers) > 1:
        params["item"] = numbers[1]
        return Ground(N_("item %(item)s, clause %(clause)s, article %(article)s"), params)
    return Ground(N_("clause %(clause)s, article %(article)s"), params)


def grounds(basis: str) -> list[Ground]:
    """The clauses of an event, in their order; ids are parted by blanks or commas."""
    return [ground_of_id(each) for each in re.split(r"[\s,]+", basis) if each]
