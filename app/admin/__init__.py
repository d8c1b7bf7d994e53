"""Flask-Admin: the technical console of the IT centre, read-only."""

from flask import Flask


def init_console(app: Flask) -> None:
    """Hang the console on the application."""
