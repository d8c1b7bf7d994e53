"""Commands of the operator: ``flask --app run records …``."""

from flask import Flask
from flask.cli import AppGroup

records = AppGroup("records", help="Văn Thư: cài đặt, kiểm tra, bảo trì.")


def register(app: Flask) -> None:
    """Hang the group ``records`` with all its commands on the application."""
    from app.cli import accounts, jobs, maintenance, setup  # noqa: F401 - importing declares the commands

    app.cli.add_command(records)
