"""A small application in the place of the real one: what the server needs of it, and nothing else.

Run as a program it is what `run.py` is: the server starts its parts from this file again.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import click
import psycopg
from flask import Flask
from flask.cli import AppGroup

from app.server import entry
from app.server.database import libpq_url


def create_app(settings: Mapping[str, Any]) -> Flask:
    """Pages that tell what happened to the database, and the commands that the server calls."""
    app = Flask("standin")
    app.config.update(settings)

    def database(name: str = "DATABASE_URL") -> psycopg.Connection:
        return psycopg.connect(libpq_url(app.config[name]), autocommit=True)

    @app.get("/")
    def home() -> str:
        with database() as connection:
            return f"accounts={connection.execute('SELECT count(*) FROM account').fetchone()[0]} pid={os.getpid()}"

    @app.get("/slow")
    def slow() -> str:
        time.sleep(1.5)
        return "done"

    records = AppGroup("records")

    @records.command()
    def init() -> None:
        if os.environ.get("STANDIN_FAILS"):
            raise RuntimeError("a fault of the application")
        with database("DATABASE_OWNER_URL") as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS account (name text PRIMARY KEY)")
            connection.execute("GRANT SELECT, INSERT ON account TO vanthu_app")

    @records.command()
    def demo() -> None:
        with database() as connection:
            connection.execute("INSERT INTO account VALUES ('vanthu1') ON CONFLICT DO NOTHING")

    @records.command("has-accounts")
    def has_accounts() -> None:
        with database() as connection:
            if not connection.execute("SELECT 1 FROM account").fetchone():
                sys.exit(1)

    @records.command("create-admin")
    @click.option("--username", required=True)
    @click.option("--full-name", required=True)
    @click.option("--password-stdin", is_flag=True)
    def create_admin(username: str, full_name: str, password_stdin: bool) -> None:
        if len(sys.stdin.readline().strip()) < 8:
            raise click.ClickException("Mật khẩu quá ngắn.")
        with database() as connection:
            connection.execute("INSERT INTO account VALUES (%s)", (username,))

    @records.command("count")
    def count() -> None:
        with database() as connection:
            click.echo(f"accounts={connection.execute('SELECT count(*) FROM account').fetchone()[0]}")

    app.cli.add_command(records)
    return app


def run_jobs() -> int:
    """Wait for SIGTERM as the real jobs do between their turns."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    while not stopped:
        time.sleep(0.05)
    return 0


if __name__ == "__main__":
    sys.exit(entry.main(sys.argv[1:], entry.Program(__file__, create_app, run_jobs)))
