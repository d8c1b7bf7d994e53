"""Builds what lies outside the database from the configuration; the only wiring file."""

from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from app.extraction.inspector import Inspector
from app.notices.mail import Mailer, Security, Server
from app.storage.folder import ScanFolder
from app.storage.local import LocalStore


def init_backends(app: Flask) -> None:
    """Make the store of files and the pool that reads PDFs, for ``current_app``."""
    app.extensions["store"] = LocalStore(
        Path(app.config["DATA_DIR"]) / "files",
        reserve=app.config["MIN_FREE_DISK_MB"] * 1024**2,  # uploads must not fill the disk of PostgreSQL
    )
    app.extensions["scan_folder"] = ScanFolder(Path(app.config["SCAN_DIR"]))
    app.extensions["mailer"] = _mailer(app.config)
    app.extensions["inspector"] = Inspector(trust_dir=app.config["TRUST_DIR"])


def _mailer(config: Mapping[str, Any]) -> Mailer | None:
    if not config.get("SMTP_HOST"):
        return None
    server = Server(
        config["SMTP_HOST"],
        config["SMTP_PORT"],
        Security(config["SMTP_SECURITY"]),
        config["SMTP_USER"],
        config["SMTP_PASSWORD"],
    )
    name, sender = parseaddr(config["MAIL_FROM"])
    return Mailer(server, sender, name or config["APP_NAME"], config["PUBLIC_URL"])


def mailer() -> Mailer | None:
    """What hands mail to the office's server; ``None`` where no server is set up."""
    return current_app.extensions["mailer"]


def scan_folder() -> ScanFolder:
    """The folder into which the scanners write."""
    return current_app.extensions["scan_folder"]


def largest_file() -> int:
    """Bytes that one received file may have at most."""
    return current_app.config["MAX_UPLOAD_MB"] * 1024**2


def most_files() -> int:
    """How many files one document may hold."""
    return current_app.config["MAX_FILES_PER_DOCUMENT"]


def store() -> LocalStore:
    """Where received bytes lie."""
    return current_app.extensions["store"]


def inspector() -> Inspector:
    """The limited worker processes that open PDFs."""
    return current_app.extensions["inspector"]
