"""Generated pages are current, and every clause that is cited exists."""

import subprocess
from pathlib import Path

from app.rules.conformity import read_clauses
from app.rules.lifecycles import all_moves

ROOT = Path(__file__).parent.parent.parent


def _known() -> set[str]:
    return {c.key for c in read_clauses((ROOT / "docs/clauses.tsv").read_text(encoding="utf-8").splitlines())}


def test_generated_pages_are_current() -> None:
    run = subprocess.run(["bin/docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_ground_of_a_move_is_a_clause_of_the_decision() -> None:
    assert {basis for move in all_moves() for basis in move.basis} <= _known()


def test_every_mark_of_a_test_is_a_clause_of_the_decision() -> None:
    import sys

    sys.path.insert(0, str(ROOT / "bin"))
    try:
        import generated_docs
    finally:
        sys.path.pop(0)
    marked = set(generated_docs.clause_marks())
    assert marked, "no test marks a clause"
    assert marked <= _known()
