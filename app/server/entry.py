"""What `run.py` does with its arguments; every failure becomes one Vietnamese line and an exit code."""

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import config
from app.server import commands, database, logs, screen, supervisor
from app.server.messages import PROBLEM, WRONG_USE, StartError, from_os_error

USAGE = """\
  python run.py            chạy toàn bộ chương trình trên máy này
  python run.py web        chỉ máy chủ web (cần DATABASE_URL)
  python run.py jobs       chỉ các việc định kỳ (cần DATABASE_URL)
  python run.py records …  lệnh quản trị, như: flask --app run records …"""

PARTS = ("web", "jobs", "prepare", "records")


@dataclass(frozen=True)
class Program:
    """The parts that the server starts; given by ``run.py``, because the server imports none of them itself."""

    path: str
    create_app: Callable[[Mapping[str, Any]], Any]
    run_jobs: Callable[[], int | None]
    migrates: bool = False
    """Whether its database has migrations, and no part starts on one that they did not prepare."""


def main(arguments: Sequence[str], program: Program) -> int:
    """Run one of the parts; returns the exit code."""
    screen.prepare_terminal()
    part = arguments[0] if arguments and arguments[0] in PARTS else "supervisor"
    return guarded(lambda: _dispatch(arguments, program), part)


def application_for_flask(create_app: Callable[[Mapping[str, Any]], Any]) -> Any:
    """The application for `flask --app run …`, with a database behind it; ends the process where there is none."""
    screen.prepare_terminal()
    built: list[Any] = []

    def build() -> int:
        built.append(create_app(commands.settings_of_command(os.environ)))
        return 0

    code = guarded(build, "records")
    if code:
        raise SystemExit(code)
    return built[0]


def guarded(act: Callable[[], int], log: str = "supervisor") -> int:
    """Do it; what goes wrong is said in one line each, and a traceback of ours goes to ``logs/<log>.log``."""
    try:
        return act()
    except config.ConfigurationError as error:
        for fault in error.faults:
            screen.complain(fault)
        return WRONG_USE
    except StartError as error:
        screen.complain(str(error))
        return error.code
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        screen.complain(str(from_os_error(error, os.environ.get("DATA_DIR", config.DATA_DIR))))
        return PROBLEM
    except Exception as error:  # noqa: BLE001 – the last line of defence before the operator's terminal
        folder = config.data_dir(os.environ.get("DATA_DIR") or config.DATA_DIR)
        logs.write_line(folder, log, traceback.format_exc())
        known = database.refused_by_database(error)
        if known is not None:
            screen.complain(str(known))
            return known.code
        screen.complain(f"Chương trình gặp sự cố ({type(error).__name__}); chi tiết trong {folder}/logs/{log}.log")
        return PROBLEM


def _dispatch(arguments: Sequence[str], program: Program) -> int:
    if arguments and arguments[0] == "records":
        app = program.create_app(commands.settings_of_command(os.environ))
        return commands.records(app, *arguments[1:])
    parser = argparse.ArgumentParser(prog="run.py", usage="\n" + USAGE, add_help=True)
    parser.add_argument("part", nargs="?", choices=["all", "web", "jobs", "prepare"], default="all")
    parser.add_argument("--listen-fd", type=int, default=None, help=argparse.SUPPRESS)
    chosen = parser.parse_args(list(arguments))
    if chosen.part == "all":
        return supervisor.main(os.environ, supervisor.this_program(program.path))
    if chosen.part == "prepare":
        return commands.prepare(os.environ, program.create_app)
    settings = commands.settings_of_service(os.environ)
    if program.migrates:
        database.check_schema(settings["DATABASE_URL"])
    commands.use_settings(settings)
    _log_to_stderr(settings["LOG_LEVEL"])
    if chosen.part == "web":
        from app.server.web import WebServer

        WebServer(settings, program.create_app, chosen.listen_fd).run()
        return 0
    return program.run_jobs() or 0


def _log_to_stderr(level: str) -> None:
    """Our own code and the jobs are heard from ``level`` on; libraries from a warning on, unless at DEBUG."""
    logging.basicConfig(
        level="DEBUG" if level == "DEBUG" else "WARNING",
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for name in ("app", "apscheduler"):
        logging.getLogger(name).setLevel(level)
