"""What review would otherwise have to look for in every change."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
APP = ROOT / "app"


def sources(*folders: str) -> Iterator[tuple[str, str, ast.Module]]:
    """Name relative to the project, text and syntax tree of each module."""
    for folder in folders or ("app",):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield str(path.relative_to(ROOT)), text, ast.parse(text)


def calls(tree: ast.Module) -> Iterator[str]:
    """Each call as it is written, without its arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_one_file_in_the_program_commits() -> None:
    guilty = {
        name
        for name, _, tree in sources()
        if any(call.split(".")[-1] == "commit" for call in calls(tree)) and "connection.commit" not in calls(tree)
    }
    assert guilty == {"app/operations/unit_of_work.py"}


def test_rows_are_changed_in_operations_alone() -> None:
    """No ``session.add``, ``delete``, ``merge`` or bulk statement outside; the access trail has its own short door."""
    allowed = {"app/accesses.py"}
    writing = re.compile(r"(^|\.)session(\(\))?\.(add|add_all|delete|merge|bulk_\w+)$|^(insert|update|delete)$")
    guilty = {
        (name, call)
        for name, _, tree in sources()
        if not name.startswith("app/operations/") and name not in allowed
        for call in calls(tree)
        if writing.search(call)
    }
    assert not guilty


def test_a_versioned_table_is_never_changed_past_its_versions() -> None:
    """A Core ``update()`` or ``delete()`` writes no version: only on tables that keep none."""
    from app import models

    guilty = []
    for name, _, tree in sources("app/operations"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("update", "delete", "sa.update", "sa.delete"):
                model = getattr(models, ast.unparse(node.args[0]), None)
                if model is not None and hasattr(model, "__versioned__"):
                    guilty.append(f"{name}: {ast.unparse(node)}")
    assert not guilty


def test_every_flush_gives_its_reason() -> None:
    guilty = [
        f"{name}:{number}"
        for name, text, _ in sources()
        for number, line in enumerate(text.splitlines(), 1)
        if ".flush()" in line and "file.flush()" not in line and "#" not in line
    ]
    assert not [g for g in guilty if g.startswith("app/operations")]


def test_the_clock_is_asked_in_one_place() -> None:
    asking = re.compile(r"\b(datetime|date|dt)(\.datetime)?\.(now|utcnow|today)$|^time\.time$")
    guilty = {
        (name, call)
        for name, _, tree in sources()
        if name != "app/clock.py"
        for call in calls(tree)
        if asking.search(call)
    }
    assert not guilty


def test_who_acts_is_read_at_the_doors_alone() -> None:
    doors = ("app/views/", "app/request.py")
    guilty = {
        name
        for name, text, _ in sources()
        if re.search(r"import current_user|\bg\.user\b", text) and not name.startswith(doors)
    }
    assert not guilty


def test_no_module_is_called_after_nothing() -> None:
    assert not [p.name for p in APP.rglob("*.py") if p.stem in ("util", "utils", "helper", "helpers", "misc", "common")]


def test_no_file_grows_past_its_room() -> None:
    """Over 500 lines two things live in one file; the tables are the exception."""
    long = {name: len(text.splitlines()) for name, text, _ in sources() if len(text.splitlines()) > 500}
    assert set(long) <= {"app/models.py"}, long


def test_every_public_function_of_rules_and_operations_says_what_it_does() -> None:
    silent = [
        f"{name}:{node.name}"
        for name, _, tree in sources("app/rules", "app/operations", "app/queries")
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_every_operation_takes_the_actor_first() -> None:
    wrong = []
    for name, _, tree in sources("app/operations"):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and any("operation(" in ast.unparse(d) for d in node.decorator_list):
                first = node.args.args[0].arg if node.args.args else ""
                if first != "actor":
                    wrong.append(f"{name}:{node.name}")
    assert not wrong
