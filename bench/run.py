"""`make bench`: measure, print one table, write docs/performance.md. BENCH_ROWS names the sizes of the register."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql

from app import create_app
from app.extensions import db
from app.server import commands
from bench import handling, history, lists, machine, office, profile, registering
from bench.program import ROOT, Program, environment, running
from bench.report import Table, write

SIZES = tuple(int(size) for size in os.environ.get("BENCH_ROWS", "10000,100000,1000000").split(","))
EACH = int(os.environ.get("BENCH_DOCUMENTS", "240"))
"""Documents registered over HTTP in each measurement."""
MANY = int(os.environ.get("BENCH_HISTORY", "10000"))
PAGE = ROOT / "docs" / "performance.md"
REST_SECONDS = 200
"""Until workers with nothing to do have ended."""
PARTS = ("web", "PostgreSQL", "PDF workers")
KINDS = ("first", "middle", "last", "filtered", "words", "control")


def say(line: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"  {time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


@contextmanager
def application(program: Program) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The application in this process, on the database of a running program; and its settings."""
    settings = commands.settings_of_service(environment(program.data_dir))
    settings["LOG_LEVEL"] = "ERROR"
    app = create_app(settings)
    try:
        yield app, settings
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


class Run:
    """One run: gathers tables, and the lines of the first one."""

    def __init__(self) -> None:
        self.summary = Table("At one glance", ("What", "Measured", "Beside it", "Aim"))
        self.tables: list[Table] = []
        self.growth: dict[str, dict[int, machine.Spread]] = {}
        self.work: dict[int, dict[str, machine.Spread]] = {}
        self.work_statements: Mapping[str, int] = {}
        self.parts = 0

    def line(self, *cells: object) -> None:
        """A line of the first table."""
        self.summary.rows.append(cells)

    # ── one program, from its first start on ─────────────────────────────────────────────────────────────────────

    def work_of_a_day(self) -> "Run":
        """Start, memory, registering, the operation alone, history."""
        with running() as program:
            say("starting for the first time")
            first = program.start()
            with application(program) as (app, settings):
                with app.app_context():
                    office.furnish()
                    db.session.remove()
                    db.engine.dispose()
                program.stop()
                second = program.start()
                time.sleep(3)
                idle = program.memory()
                say(f"second start {second:.1f} s, idle {idle.pss:.0f} MiB")
                self.registering(program, app, settings)
                loaded, then = program.memory(), time.monotonic()
                self.history(app)
                time.sleep(max(0, REST_SECONDS - (time.monotonic() - then)))
                rested = program.memory()
            self.footprint(first, second, idle, loaded, rested)
        return self

    def registering(self, program: Program, app: Any, settings: dict[str, Any]) -> None:
        """One clerk and four, over HTTP; the operation; the bare transaction; where the time goes."""
        table = Table(
            "Registering with a one-page PDF",
            ("", "documents/s", "click → number, ms (p50 / p95)", "click → in the list or next form, ms", "failed"),
        )
        effort = Table(
            "Processor time of one registration",
            ("ms a document", "together", *PARTS),
            text="With sign-in and the pages around it; it bounds what any number of clerks can reach on this machine.",
        )
        rates = {}
        for title, clients, act in (
            ("1 clerk, then the list", 1, registering.Clerk.register),
            ("4 clerks, then the list", 4, registering.Clerk.register),
            ("4 clerks, then the next form", 4, registering.Clerk.register_and_next),
        ):
            say(f"registering: {title}")
            before = program.processor_seconds()
            told = registering.over_http(program.port, clients, EACH // clients, act)
            work = {
                part: (used - before.get(part, 0)) / told.made for part, used in program.processor_seconds().items()
            }
            effort.rows.append(
                (title, f"{sum(work.values()) * 1e3:.1f}", *(f"{work.get(p, 0) * 1e3:.1f}" for p in PARTS))
            )
            rates[title] = told.rate
            table.rows.append((title, f"{told.rate:.1f}", told.click, told.shown, len(told.faults)))
            if told.faults:
                say(f"  failed: {told.faults[:3]}")
        with app.app_context():
            given, wrong = registering.gaps()
        say("registering: the operation alone, and the bare transaction")
        owner = settings["DATABASE_OWNER_URL"]
        alone = {n: registering.operation_rate(app, settings, n, 4) for n in (1, 4)}
        bare = {n: registering.bare_rate(owner, n, 4) for n in (1, 4)}
        for clients in (1, 4):
            table.rows.append(
                (f"the operation alone, {clients} process{'es' * (clients > 1)}", f"{alone[clients]:.0f}", "", "", "")
            )
        with_file = machine.spread(list(registering.receive_and_register(app, 60)))
        table.rows.append(("the operation with its file", f"{1000 / with_file.p50:.0f}", with_file, "", ""))
        for clients in (1, 4):
            table.rows.append(
                (f"bare locked counter, {clients} client{'s' * (clients > 1)}", f"{bare[clients]:.0f}", "", "", "")
            )
        table.text = (
            "Each clerk has an account and posts the form as a browser does; the PDFs differ. Every number is checked "
            f"afterwards: {given} given, {wrong} missing or double. The bare transaction counts under a lock and "
            "inserts one row; the operation also judges, looks for duplicates, writes versions, event, register line. "
            f"It takes {bare[1] / alone[1]:.0f} times as long with one client, {bare[4] / alone[4]:.0f} with four."
        )
        self.tables += [table, effort]
        four = rates["4 clerks, then the list"]
        self.line(
            "Registering over HTTP, 4 clerks",
            f"{four:.0f} documents/s, {wrong} gaps",
            "Mayan 11, Paperless-ngx 2.3",
            "≥ 40",
        )
        self.line("Registering over HTTP, 1 clerk", f"{rates['1 clerk, then the list']:.0f} documents/s", "", "")
        self.line(
            "The operation alone, 4 processes",
            f"{alone[4]:.0f}/s",
            f"bare counter {bare[4]:.0f}/s ({bare[4] / alone[4]:.0f}×)",
            "",
        )
        say("registering: where the time goes")
        steps = profile.registration(app, 60)
        total = sum(step.seconds for step in steps.values())
        self.tables.append(
            Table(
                "Where the time of a click and its list goes",
                ("step", "ms", "share", "statements"),
                [
                    (name, f"{step.seconds * 1e3:.1f}", f"{step.seconds / total:.0%}", step.statements or "")
                    for name, step in sorted(steps.items(), key=lambda item: -item[1].seconds)
                ],
                "In this process, without the network; each step without the steps inside it. Time in the database is "
                "split off from all of them; statements stand where they are sent.",
            )
        )

    def history(self, app: Any) -> None:
        """Set-wise and row by row."""
        say("history")
        with app.app_context():
            told = history.measure(MANY, 500)
        table = Table(
            "History of many rows",
            ("document rows with their versions", "rows", "seconds", "ms a row", f"{MANY} rows, s"),
            [
                (name, rows, f"{seconds:.2f}", f"{seconds / rows * 1e3:.2f}", f"{seconds / rows * MANY:.1f}")
                for name, (rows, seconds) in told.items()
            ],
            "`operations.bulk` writes rows and versions with one statement; a test compares every column with what "
            "SQLAlchemy-Continuum writes one by one. One row more costs less the more there are.",
        )
        self.tables.append(table)
        for act in ("insert", "update"):
            rows, seconds = told[f"{act}, set-wise"]
            few, slow = told[f"{act}, each"]
            self.line(
                f"History, {act} of {rows} documents",
                f"{seconds:.2f} s",
                f"one by one {slow / few * rows:.1f} s",
                "≤ 2 s",
            )

    def footprint(self, first: float, second: float, *memories: Any) -> None:
        """Start-up and memory."""
        names = ("idle after the second start", "right after the work above", f"{REST_SECONDS} s later, unused")
        parts = sorted({part for memory in memories for part in memory.parts})
        table = Table("Start and memory", ("MiB (PSS)", "processes", "together", *parts))
        table.rows = [
            (name, memory.processes, f"{memory.pss:.0f}", *(f"{memory.parts.get(part, 0):.0f}" for part in parts))
            for name, memory in zip(names, memories, strict=True)
        ]
        table.text = (
            f"First start, with a new database: {first:.1f} s; second start: {second:.1f} s until it says that it is "
            "ready. All processes of the program, pages that several share counted once."
        )
        self.tables.append(table)
        idle, loaded, rested = memories
        self.line("Second start", f"{second:.1f} s", f"first {first:.1f} s", "≤ 5 s")
        self.line(
            "Memory of everything, idle",
            f"{idle.pss:.0f} MiB",
            f"after work {loaded.pss:.0f}, later {rested.pss:.0f}",
            "≤ 350 MiB",
        )

    # ── a register that grows ────────────────────────────────────────────────────────────────────────────────────

    def register_that_grows(self) -> "Run":
        """Pages at each size, ours and the plain list."""
        with running() as program:
            program.start()
            plain: dict[int, dict[str, machine.Spread]] = {}
            loads, counts = [], {}
            with application(program) as (app, settings):
                owner = settings["DATABASE_OWNER_URL"]
                with app.app_context():
                    office.furnish()
                    handling.furnish()
                register: office.Register | None = None
                for size in SIZES:
                    say(f"a register of {size} documents")
                    with app.app_context():
                        register = register or office.Register()
                        begun, had = time.monotonic(), register.count
                        register.grow_to(size)
                        loads.append((size, (size - had) / (time.monotonic() - begun)))
                    self.settle(owner)
                    with app.app_context():
                        wanted = lists.pages()
                    say(f"  loaded at {loads[-1][1]:.0f} a second; {len(wanted)} pages")
                    for name, found in lists.ours(program.port, wanted).items():
                        self.growth.setdefault(name, {})[size] = found
                    counts = lists.statements(app, wanted)
                    say("  the plain list")
                    with lists.plain_server(owner) as port:
                        plain[size] = lists.plain_list(port, size)
                    kinds = {page.name: page.kind for page in wanted}
                    if size in (SIZES[0], SIZES[-1]):
                        self.work_in_hand(program, app, owner, size)
            self.tables += [self.pages_table(kinds, plain, loads), self.each_page_table(kinds, counts)]
            self.tables.append(self.work_table())
        return self

    def work_in_hand(self, program: Program, app: Any, owner: str, size: int) -> None:
        """Desks and lists of work at a size of the register; the work itself is made once and stays the same."""
        if not self.work:
            with app.app_context():
                self.parts = handling.take_up()
            say(f"  {self.parts} open assignments")
            self.settle(owner, "assignment")
        self.work[size] = handling.measure(program.port)
        self.work_statements = handling.statements(app)

    def work_table(self) -> Table:
        """Each page of the work, at the shortest and the longest register."""
        sizes = list(self.work)
        table = Table(
            f"Baskets and counters: {' and '.join(f'{size:,}' for size in sizes)} documents",
            ("page", *(f"{size:,}: ms (p50 / p95)" for size in sizes), "growth", "SQL statements"),
            text=f"{self.parts:,} open assignments, the same at each size, of {handling.DEPARTMENTS} departments with "
            f"{handling.PEOPLE_EACH} people each. Every page by the person whose it is, over HTTP.",
        )
        for name, found in self.work[sizes[-1]].items():
            first = self.work[sizes[0]][name]
            cells = (str(self.work[size][name]) for size in sizes)
            table.rows.append((name, *cells, f"{found.p50 / first.p50:.2f}×", self.work_statements[name]))
        worst = max(self.work[sizes[-1]], key=lambda name: self.work[sizes[-1]][name].p50)
        slowest = self.work[sizes[-1]][worst].p50
        self.line(f"Slowest page of work ({worst})", f"{slowest:.0f} ms", f"{self.parts:,} open assignments", "")
        self.line("SQL statements of a page of work", max(self.work_statements.values()), "", "≤ 12")
        return table

    def settle(self, owner: str, *more: str) -> None:
        """What the server would do by itself in its time: statistics, pending index entries, dirty pages."""
        with psycopg.connect(owner.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE) document, document_version, register_entry, event")
            for table in more:
                connection.execute(psycopg.sql.SQL("VACUUM (ANALYZE) {}").format(psycopg.sql.Identifier(table)))

    def growth_of(self, name: str) -> float:
        """How many times slower the largest register is than the smallest."""
        found = self.growth[name]
        return found[SIZES[-1]].p50 / found[SIZES[0]].p50

    def pages_table(self, kinds: dict[str, str], plain: dict[int, Any], loads: list[tuple[int, float]]) -> Table:
        """Ours beside the plain list, kind by kind; of several pages of a kind the slowest."""
        table = Table(
            "Pages of the register as it grows", ("ms (p50)", *(f"{size:,} rows" for size in SIZES), "growth")
        )
        for kind in KINDS:
            names = [name for name in self.growth if kinds.get(name) == kind]
            slowest = [max(self.growth[name][size].p50 for name in names) for size in SIZES]
            growth = max(self.growth_of(name) for name in names)
            table.rows.append(
                (f"ours: {kind} (slowest of {len(names)})", *(f"{ms:.1f}" for ms in slowest), f"{growth:.2f}×")
            )
        for kind in plain[SIZES[0]]:
            found = [plain[size][kind].p50 for size in SIZES]
            table.rows.append((f"plain: {kind}", *(f"{ms:.1f}" for ms in found), f"{found[-1] / found[0]:.1f}×"))
        table.text = (
            "Over HTTP, one client, both on the same server software and the same table; the plain list is a model and "
            "a ModelView of Flask-AppBuilder with indexes of its own. Ours finds a page by the keys after the last row,"
            " never by an offset, and stops counting at a thousand. The register was loaded by an operation, "
            "with versions, lines and events: "
            + ", ".join(f"{rate:.0f} documents/s up to {size:,}" for size, rate in loads)
            + "."
        )
        worst = max(self.growth_of(name) for name in self.growth if kinds.get(name) != "control")
        last = plain[SIZES[-1]]
        for kind in ("first", "middle", "last"):
            names = [name for name in self.growth if kinds.get(name) == kind]
            ms = max(self.growth[name][SIZES[-1]].p50 for name in names)
            self.line(
                f"{kind.capitalize()} page at {SIZES[-1]:,}", f"{ms:.0f} ms", f"plain {last[kind].p50:.0f} ms", ""
            )
        self.line(
            f"Growth {SIZES[0]:,} → {SIZES[-1]:,}, worst of {len(self.growth) - 1} pages",
            f"{worst:.2f}×",
            f"plain {max(row.p50 / plain[SIZES[0]][k].p50 for k, row in last.items()):.0f}×",
            "≤ 1.3×",
        )
        return table

    def each_page_table(self, kinds: dict[str, str], counts: dict[str, int]) -> Table:
        """Every page that was measured."""
        table = Table(
            "Each page", ("page", *(f"{size:,}: ms (p50 / p95)" for size in SIZES), "growth", "SQL statements")
        )
        for name in self.growth:
            if name in kinds:
                cells = (str(self.growth[name][size]) for size in SIZES)
                table.rows.append((name, *cells, f"{self.growth_of(name):.2f}×", counts[name]))
        table.text = "Statements include those for session, person, rights and the menu."
        self.line("SQL statements a page", max(counts.values()), "", "≤ 12")
        return table


def main() -> None:
    """Everything, in the order in which it disturbs itself least."""
    begun = time.monotonic()
    others = machine.idle_noise()
    speed, two = machine.processor_speed(), machine.processor_speed(os.cpu_count() or 1)
    sync = machine.sync_time(Path("/var/tmp"))  # noqa: S108 - the disk, not a memory file system
    # each in a process of its own: an application belongs to one database
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        day = pool.submit(Run.work_of_a_day, Run()).result()
        growing = pool.submit(Run.register_that_grows, Run()).result()
    summary = replace(day.summary, rows=[*day.summary.rows, *growing.summary.rows])
    minutes = (time.monotonic() - begun) / 60
    calibration = Table(
        "Machine and calibration",
        ("", ""),
        [
            *machine.facts(),
            ("Hash rounds a second, 1 process / all cores", f"{speed:,.0f} / {two:,.0f}"),
            ("fdatasync of 4 KiB, ms (p50 / p95)", f"{sync.p50:.2f} / {sync.p95:.2f}"),
            ("Cores that others kept busy before the run", f"{others:.2f}"),
            ("Duration of the run", f"{minutes:.0f} minutes"),
        ],
        "Absolute figures are worth as much as this machine was at that hour; ratios and growth are of one run.",
    )
    introduction = (
        f"Written by `make bench` on {date.today():%d/%m/%Y}; figures inform and gate nothing. "  # noqa: DTZ011
        "The program was started as users start it, with its embedded PostgreSQL, and used over HTTP."
    )
    write(PAGE, introduction, summary, [calibration, *day.tables, *growing.tables])
    sys.stdout.write(f"\n{summary.plain()}\n\n  {minutes:.1f} minutes; docs/{PAGE.name} is written\n")


if __name__ == "__main__":
    main()
