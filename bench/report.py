"""Tables for the terminal and for docs/performance.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

Row = Sequence[object]


@dataclass
class Table:
    """A table with its heading and the paragraph that says what it says."""

    title: str
    columns: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    text: str = ""

    def cells(self) -> list[list[str]]:
        """Everything as text, the heads first."""
        return [[str(cell) for cell in row] for row in [self.columns, *self.rows]]

    def markdown(self) -> str:
        """As docs/ wants it."""
        heads, *rows = self.cells()
        lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join(lines)

    def plain(self) -> str:
        """As a terminal shows it."""
        cells = self.cells()
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.columns))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
        ]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def write(path: Path, introduction: str, summary: Table, tables: Sequence[Table]) -> None:
    """The page: what was measured at one glance, then each subject."""
    parts = ["# Performance", introduction, f"## {summary.title}", summary.markdown(), summary.text]
    for table in tables:
        parts += [f"## {table.title}", table.text, table.markdown()]
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
