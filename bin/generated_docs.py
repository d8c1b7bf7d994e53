"""The pages of docs/ that come from declarations: lifecycles.md and conformity.md."""

import ast
import re
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.rules.conformity import conformity_page, lifecycles_page, read_clauses  # noqa: E402
from app.rules.lifecycles import LIFECYCLES, all_moves  # noqa: E402
from app.rules.permissions import STARTING_ROLES  # noqa: E402

CITED = re.compile(r"212/(?:[0-9]+(?:\.[0-9a-z]+)*|S\.[0-9]a?b?)")


def clause_marks() -> dict[str, list[str]]:
    """Clause → tests marked with it, read from the source of the tests."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for clause in _marks(node):
                    found.setdefault(clause, []).append(f"{path.relative_to(ROOT / 'tests')}::{node.name}")
    return found


def _marks(node: ast.FunctionDef) -> list[str]:
    clauses = []
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.clause":
            clauses += [str(a.value) for a in decorator.args if isinstance(a, ast.Constant)]
    return clauses


def citations() -> dict[str, list[str]]:
    """Clause → files of app/ that cite it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        for clause in set(CITED.findall(path.read_text(encoding="utf-8"))):
            found.setdefault(clause, []).append(str(path.relative_to(ROOT)))
    return found


def vietnamese() -> dict[str, str]:
    """English → Vietnamese, from our catalogue."""
    catalogue = polib.pofile(str(ROOT / "translations/vi/LC_MESSAGES/messages.po"))
    return {entry.msgid: entry.msgstr for entry in catalogue if entry.msgstr}


def pages() -> dict[str, str]:
    """File name → text of each generated page."""
    roles: dict[str, list[str]] = {}
    for role, grants in STARTING_ROLES.items():
        for noun, verb in grants:
            roles.setdefault(f"{verb} {noun}", []).append(role)
    clauses = read_clauses((ROOT / "docs/clauses.tsv").read_text(encoding="utf-8").splitlines())
    return {
        "lifecycles.md": lifecycles_page(
            LIFECYCLES.values(), vietnamese(), {key: sorted(names) for key, names in roles.items()}
        ),
        "conformity.md": conformity_page(clauses, all_moves(), clause_marks(), citations()),
    }


def main() -> int:
    stale = []
    for name, text in pages().items():
        path = ROOT / "docs" / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print("not current, run bin/docs: " + ", ".join(stale))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
