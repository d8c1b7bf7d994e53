"""The web server: gunicorn, WEB_WORKERS processes of WEB_THREADS threads, the application loaded before they fork."""

import gc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

KEEP_ALIVE = 0
"""Seconds a connection stays open after an answer. None does: a connection belongs to the process that accepted it, and
the one that is free first should take the next request, not the one that took the last."""


class WebServer(BaseApplication):
    """Serves the application until SIGTERM; running requests then get WEB_GRACE_SECONDS to finish.

    ``listen_fd`` is a listening socket inherited from the supervisor; without it HOST and PORT are bound here.
    """

    def __init__(self, settings: Mapping[str, Any], create_app: Callable, listen_fd: int | None = None):
        self.settings = settings
        self.create_app = create_app
        self.listen_fd = listen_fd
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn: its settings from ours."""
        host, port = self.settings["HOST"], self.settings["PORT"]
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        wanted = {
            "bind": f"fd://{self.listen_fd}" if self.listen_fd is not None else address,
            "workers": self.settings["WEB_WORKERS"],
            "worker_class": "gthread",
            "threads": self.settings["WEB_THREADS"],
            "timeout": self.settings["WEB_TIMEOUT_SECONDS"],
            "graceful_timeout": self.settings["WEB_GRACE_SECONDS"],
            "keepalive": KEEP_ALIVE,
            "preload_app": True,
            "when_ready": keep_shared,
            "post_fork": forget_connections,
            "proc_name": "van-thu",
            "loglevel": self.settings["LOG_LEVEL"].lower(),
            "errorlog": "-",
            "accesslog": None,  # addresses can name persons and documents; who saw what is in the database
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # X-Forwarded-* is the application's to judge, by TRUSTED_PROXIES
        }
        if Path("/dev/shm").is_dir():  # noqa: S108 – the heartbeat file of a worker must not wait for a busy disk
            wanted["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called by gunicorn, in the master: the WSGI application."""
        return self.create_app(self.settings)


def keep_shared(server: Any) -> None:  # noqa: ARG001 – gunicorn's signature
    """In the master, before it forks: take what is loaded out of the garbage collector's sight.

    Its rounds write into every object they look at, and each worker would soon hold a copy of the whole program.
    """
    gc.collect()
    gc.freeze()


def forget_connections(server: Any, worker: Any) -> None:  # noqa: ARG001 – gunicorn's signature
    """In a new worker: drop the database connections inherited from the master without closing them there."""
    app = server.app.callable
    database = getattr(app, "extensions", {}).get("sqlalchemy")
    if database is not None:
        with app.app_context():
            for engine in database.engines.values():
                engine.dispose(close=False)
