"""Commands of the operator: ``flask --app run records …``."""

import sys
from typing import NoReturn

import click
from flask import Flask
from flask.cli import AppGroup
from flask_babel import force_locale

from app.errors import DomainError
from app.messages import say

records = AppGroup("records", help="Văn Thư: cài đặt, kiểm tra, bảo trì.")


def refuse(error: DomainError) -> NoReturn:
    """Say in Vietnamese what stands against the act, one line each, and leave with code 2."""
    with force_locale("vi"):
        for obstacle in error.obstacles:
            click.echo(say(obstacle), err=True)
    sys.exit(2)


def register(app: Flask) -> None:
    """Hang the group ``records`` with all its commands on the application."""
    from app.cli import accounts, jobs, maintenance, setup  # noqa: F401 - importing declares the commands

    app.cli.add_command(records)
