"""Starts the program: `python run.py` = everything on one machine; `run.py web`, `run.py jobs` = only that part.

`flask --app run records …` finds :func:`create_app` here.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 – said in one line instead of a SyntaxError from some module
    sys.exit("Lỗi: cần Python 3.11 trở lên. Trên Debian/Ubuntu: apt-get install python3 python3-venv, rồi make run")

from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

try:
    from app.server import entry
except ModuleNotFoundError as missing:
    if (missing.name or "").split(".")[0] in ("app", "config"):
        raise
    sys.exit(f"Lỗi: thiếu thư viện {missing.name}. Chạy make run để cài, hoặc: pip install -r requirements.txt")


def build(settings: Mapping[str, Any]) -> Any:
    """The application with these settings; the import is late because the supervisor does without it."""
    from app import create_app as create

    return create(settings)


def run_jobs() -> int | None:
    """The jobs, until SIGTERM."""
    from app.jobs.runner import main

    return main()


def create_app() -> Any:
    """The application for Flask's own command line, with DATABASE_URL or the embedded database of DATA_DIR."""
    return entry.application_for_flask(build)


if __name__ == "__main__":
    sys.exit(entry.main(sys.argv[1:], entry.Program(__file__, build, run_jobs, migrates=True)))
