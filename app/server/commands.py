"""Settings with a database behind them, for `flask --app run records …` and for web and jobs started on their own."""

import atexit
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import config
from app.server.database import check_server
from app.server.locks import FolderLock
from app.server.messages import WRONG_USE, StartError
from app.server.postgres import EmbeddedPostgres

STARTING_SECONDS = 60


def settings_of_command(environ: Mapping[str, str]) -> dict[str, Any]:
    """Settings for a command on the terminal.

    With DATABASE_URL they are taken as given. Else the embedded server of DATA_DIR is used where it runs, and
    started for the time of this process where it does not.
    """
    settings = config.load(environ)
    if settings["DATABASE_URL"]:
        return settings
    data_dir = Path(settings["DATA_DIR"])
    server = EmbeddedPostgres(data_dir, account=settings["SYSTEM_ACCOUNT"], kind="command")
    lock = FolderLock(data_dir, "command")
    if lock.is_held() and lock.holder().get("kind") == "supervisor":
        deadline = time.monotonic() + STARTING_SECONDS
        while not server.running():
            if time.monotonic() > deadline:
                raise StartError("Chương trình đang khởi động nhưng cơ sở dữ liệu chưa sẵn sàng. Thử lại sau một phút.")
            time.sleep(0.2)
    else:
        lock.acquire()
        atexit.register(lock.release)
        server.start()
        atexit.register(server.stop)
    return config.load(with_database(environ, server))


def settings_of_service(environ: Mapping[str, str]) -> dict[str, Any]:
    """Settings for `run.py web` and `run.py jobs`: DATABASE_URL, or an embedded server that runs already."""
    settings = config.load(environ)
    if settings["DATABASE_URL"]:
        check_server("DATABASE_URL", settings["DATABASE_URL"])
        return settings
    server = EmbeddedPostgres(settings["DATA_DIR"])
    if not server.running():
        raise StartError("Cần DATABASE_URL, hoặc chạy make run trước để có cơ sở dữ liệu kèm theo.", WRONG_USE)
    return config.load(with_database(environ, server))


def with_database(environ: Mapping[str, str], server: EmbeddedPostgres) -> dict[str, str]:
    """The environment as if DATABASE_URL named the embedded server."""
    return {**environ, "DATABASE_URL": server.app_url, "DATABASE_OWNER_URL": server.owner_url}


def use_settings(settings: Mapping[str, Any]) -> None:
    """Let code that reads the environment itself (jobs) find the same database and data folder."""
    os.environ["DATABASE_URL"] = settings["DATABASE_URL"]
    os.environ["DATA_DIR"] = settings["DATA_DIR"]


def records(app: Any, *arguments: str) -> int:
    """Run `flask records <arguments>` inside this process; returns its exit code."""
    from click import ClickException
    from flask.cli import ScriptInfo

    try:
        result = app.cli.main(
            args=["records", *arguments],
            prog_name="flask",
            obj=ScriptInfo(create_app=lambda: app),
            standalone_mode=False,
        )
    except ClickException as refusal:
        refusal.show()
        return refusal.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return result if isinstance(result, int) else 0


NO_ACCOUNTS = 10  # exit code of prepare(): the office has nobody yet who could sign in


def prepare(environ: Mapping[str, str], create_app: Callable) -> int:
    """Bring database, reference data and roles up to date; load the made-up office where it belongs.

    Which office a data folder holds is decided once and kept in ``DATA_DIR/office``: a folder with real accounts
    never gets made-up ones, whatever DEMO says later.
    """
    settings = config.load(environ)
    app = create_app(settings)
    code = records(app, "init")
    if code:
        return code
    has_accounts = records(app, "has-accounts") == 0
    office = office_of(Path(settings["DATA_DIR"]))
    if office is None and (has_accounts or settings["DEMO"]):
        office = "real" if has_accounts else "demo"
        _remember_office(Path(settings["DATA_DIR"]), office, settings["DEMO_PASSWORD"])
    if office == "demo" and settings["DEMO"]:
        return records(app, "demo")
    return 0 if has_accounts else NO_ACCOUNTS


def office_of(data_dir: Path) -> str | None:
    """``demo`` or ``real``; None for a data folder in which nobody has an account yet."""
    return _office_note(data_dir)[0]


def demo_password(data_dir: Path) -> str | None:
    """The password with which the made-up accounts were loaded; DEMO_PASSWORD may have been changed since."""
    return _office_note(data_dir)[1]


def _office_note(data_dir: Path) -> tuple[str | None, str | None]:
    note = data_dir / "office"
    if not note.exists():
        return None, None
    office, _newline, password = note.read_text(encoding="utf-8").strip().partition("\n")
    return office, password or None


def _remember_office(data_dir: Path, office: str, password: str) -> None:
    text = f"{office}\n{password}\n" if office == "demo" else f"{office}\n"
    draft = data_dir / ".office"
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(data_dir / "office")
