"""Builds what lies outside the database from the configuration; the only wiring file."""

from pathlib import Path

from flask import Flask, current_app

from app.extraction.inspector import Inspector
from app.storage.local import LocalStore


def init_backends(app: Flask) -> None:
    """Make the store of files and the pool that reads PDFs, for ``current_app``."""
    app.extensions["store"] = LocalStore(
        Path(app.config["DATA_DIR"]) / "files",
        reserve=app.config["MIN_FREE_DISK_MB"] * 1024**2,  # uploads must not fill the disk of PostgreSQL
    )
    app.extensions["inspector"] = Inspector(trust_dir=app.config["TRUST_DIR"])


def most_files() -> int:
    """How many files one document may hold."""
    return current_app.config["MAX_FILES_PER_DOCUMENT"]


def store() -> LocalStore:
    """Where received bytes lie."""
    return current_app.extensions["store"]


def inspector() -> Inspector:
    """The limited worker processes that open PDFs."""
    return current_app.extensions["inspector"]
