"""JSON for phones, the portal and partner systems: the same operations through generated routes."""

from flask import Flask
from flask_appbuilder import AppBuilder


def register(app: Flask, appbuilder: AppBuilder) -> None:
    """All REST routes."""
