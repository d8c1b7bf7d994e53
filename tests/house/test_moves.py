"""Every move is complete: label, event, ground, operation, permission, role, and a way out of each state."""

import ast
from pathlib import Path

import pytest

import app.operations.moves  # noqa: F401 - declares the operations of every move
from app.operations.base import OPERATIONS
from app.rules.lifecycle import Lifecycle, Move
from app.rules.lifecycles import LIFECYCLES, all_moves, known_permissions
from app.rules.permissions import STARTING_ROLES

TESTS = Path(__file__).parent.parent
MOVES = {move.name: move for move in all_moves()}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_move_is_made_by_one_operation_and_says_what_it_is(move: Move) -> None:
    assert move.name in OPERATIONS
    assert OPERATIONS[move.name].move is move  # type: ignore[attr-defined]
    assert move.label
    assert move.event
    assert move.done
    assert move.basis
    assert move.who
    assert (move.noun, move.verb) in known_permissions()


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_somebody_may_make_every_move_from_the_first_day(move: Move) -> None:
    assert [role for role, grants in STARTING_ROLES.items() if (move.noun, move.verb) in grants]


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=LIFECYCLES)
def test_every_state_is_reached_and_every_state_but_the_last_is_left(lifecycle: Lifecycle) -> None:
    moves = lifecycle.moves.values()
    reached = {move.target for move in moves if move.target}
    left = {source for move in moves for source in move.sources if move.target and move.target != source}
    states = set(lifecycle.states)
    assert reached | lifecycle.begins_in == states
    assert left == states - lifecycle.final


def test_the_law_table_has_every_move_once_allowed_and_once_refused() -> None:
    from tests.rules.test_law_of_settling import LAW_OF_SETTLING
    from tests.rules.test_law_tables import LAW_212_INCOMING

    law = [*LAW_212_INCOMING, *LAW_OF_SETTLING]
    rows = {name: {ok for *_, move, ok in law if move == name} for name in MOVES}
    assert rows == {name: {True, False} for name in MOVES}


def test_no_form_asks_for_a_state() -> None:
    asked = {i.name for move in all_moves() for i in move.inputs}
    assert "state" not in asked
    for path in (TESTS.parent / "app/views").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("add_columns", "edit_columns"):
                assert "state" not in ast.unparse(node.value), path
