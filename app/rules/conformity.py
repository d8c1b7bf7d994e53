"""Documents made from the declarations: lifecycle diagrams, and clause → code → tests. Pure text in, text out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.rules.lifecycle import Lifecycle, Move


@dataclass(frozen=True)
class Clause:
    """A clause of the Decision as a requirement (docs/clauses.tsv)."""

    id: str
    actor: str
    area: str
    requirement: str

    @property
    def key(self) -> str:
        """As moves and tests cite it."""
        return f"212/{self.id}"


def read_clauses(lines: Iterable[str]) -> list[Clause]:
    """Clauses from tab-separated lines with a heading."""
    rows = [line.rstrip("\n").split("\t") for line in lines if line.strip()]
    return [Clause(*row[:4]) for row in rows[1:]]


def diagram(lifecycle: Lifecycle, words: Mapping[str, str]) -> str:
    """A lifecycle as a Mermaid state diagram; ``words`` translate states and moves (missing ones stay)."""

    def say(text: str) -> str:
        return words.get(text, text)

    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state} : {say(label)}" for state, label in lifecycle.states.items()]
    for move in lifecycle.moves.values():
        label = f"{say(move.label)} ({', '.join(move.basis)})"
        for source in [*(["[*]"] if move.creates else []), *sorted(move.sources)]:
            lines.append(f"    {source} --> {move.target or source} : {label}")
    lines += [f"    {state} --> [*]" for state in sorted(lifecycle.final)]
    return "\n".join([*lines, "```"])


def lifecycles_page(
    lifecycles: Iterable[Lifecycle], words: Mapping[str, str], roles: Mapping[str, Sequence[str]]
) -> str:
    """``docs/lifecycles.md``: a diagram and a table of moves for each noun; ``roles`` by ``verb noun``."""
    parts = [
        "# Vòng đời của hồ sơ, văn bản",
        "Trang này do `bin/docs` làm ra từ khai báo trong `app/rules`; đừng sửa tay.",
    ]
    for lifecycle in lifecycles:
        parts += [f"## {words.get(lifecycle.label, lifecycle.label)} (`{lifecycle.noun}`)", diagram(lifecycle, words)]
        rows = ["| Việc | Tên | Căn cứ | Vai trò mặc định | Trường nhập |", "|---|---|---|---|---|"]
        rows += [_row(move, words, roles) for move in lifecycle.moves.values()]
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _row(move: Move, words: Mapping[str, str], roles: Mapping[str, Sequence[str]]) -> str:
    inputs = ", ".join(words.get(i.label, i.label) + (" *" if i.required else "") for i in move.inputs)
    who = ", ".join(roles.get(f"{move.verb} {move.noun}", ())) or "–"
    return f"| {words.get(move.label, move.label)} | `{move.name}` | {', '.join(move.basis)} | {who} | {inputs} |"


def conformity_page(
    clauses: Sequence[Clause],
    moves: Iterable[Move],
    tests: Mapping[str, Sequence[str]],
    code: Mapping[str, Sequence[str]],
) -> str:
    """``docs/conformity.md``: each clause, the moves that rest on it, code that cites it, tests that prove it."""
    by_clause: dict[str, list[str]] = {}
    for move in moves:
        for basis in move.basis:
            by_clause.setdefault(basis, []).append(move.name)
    proved = [c for c in clauses if tests.get(c.key)]
    lines = [
        "# Conformity: clause → code → tests",
        "Made by `bin/docs` from the marks of tests and the grounds of moves; do not edit.",
        f"{len(proved)} of {len(clauses)} clauses have a test that proves them or a part; the rest waits for its room.",
        "| Clause | Requirement | Moves | Code | Tests |\n|---|---|---|---|---|\n"
        + "\n".join(
            f"| {c.id} | {c.requirement} | {_list(by_clause.get(c.key, ()))} | {_list(code.get(c.key, ()))} "
            f"| {_list(tests.get(c.key, ())) or '**none yet**'} |"
            for c in clauses
        ),
    ]
    return "\n\n".join(lines) + "\n"


def _list(items: Iterable[str]) -> str:
    return "<br>".join(f"`{item}`" for item in sorted(set(items)))
