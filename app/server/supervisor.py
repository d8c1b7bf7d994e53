"""`python run.py`: everything on one machine. Database, migration, first data, web server and jobs, in this order.

It stays in the foreground, starts again what ends unexpectedly, and on Ctrl-C or SIGTERM stops web, jobs and database
in this order. Killed with kill -9 it takes its children with it (processes.py), and the next start recovers.
"""

import errno
import http.client
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

import psycopg

import config
from app.server import cluster, commands, logs, screen
from app.server.database import check_server
from app.server.first_admin import by_subprocess, make_first_administrator
from app.server.locks import FolderLock
from app.server.messages import WRONG_USE, StartError, disk_full, from_os_error, port_in_use
from app.server.postgres import EmbeddedPostgres
from app.server.processes import Child, Restarting

READY_SECONDS = 120
ROTATE_EVERY_SECONDS = 60
LINE_MARK = "Lỗi: "  # screen.complain() begins so


class StopRequestedError(BaseException):
    """Ctrl-C or SIGTERM; not an Exception, so that no code on the way swallows it."""


class Supervisor:
    """One run of the whole program. ``command`` starts this program again (``[python, run.py]``)."""

    def __init__(self, environ: Mapping[str, str], command: Sequence[str]):
        self.environ = dict(environ)
        self.command = list(command)
        self.settings = config.load(environ)
        self.data_dir = Path(self.settings["DATA_DIR"])
        self.postgres: EmbeddedPostgres | None = None
        self._postgres_restarting = Restarting()
        self._lock: FolderLock | None = None
        self._socket: socket.socket | None = None
        self._children: list[Child] = []
        self._stopping = False
        self._hurried = False

    def run(self) -> int:
        """Start, watch, stop; returns the exit code. Raises :class:`StartError` where it cannot start."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._on_signal)
        try:
            self._start()
            self._watch()
        except StopRequestedError:
            screen.say("\n  Đang dừng … (nhấn Ctrl-C lần nữa để dừng ngay)")
            self._stop()
            screen.say("  Đã dừng.")
            return 0
        finally:
            self._stop()
        return 0

    # --- start -----------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._take_data_dir()
        self._bind().close()  # before anything slow: a port in use is said at once
        self._start_database()
        self._prepare()
        self._socket = self._bind()
        descriptor = self._socket.fileno()
        web = [*self.command, "web", "--listen-fd", str(descriptor)]
        self._children = [
            Child("web", web, self._service_environ(), self.data_dir, pass_fds=[descriptor]),
            Child("jobs", [*self.command, "jobs"], self._service_environ(), self.data_dir),
        ]
        self._children[0].start()
        self._wait_until_it_answers(self._children[0])
        self._children[1].start()
        demo = commands.office_of(self.data_dir) == "demo"
        screen.say(
            screen.start_screen(
                self.settings,
                demo_password=commands.demo_password(self.data_dir) if demo else None,
                embedded=self.postgres is not None,
            )
        )
        if not demo and "DEMO" in self.environ and self.settings["DEMO"]:
            screen.say("  Thư mục dữ liệu này là của cơ quan thật nên DEMO=1 không có tác dụng.\n")
        if demo and not self.settings["DEMO"]:
            screen.say("  Thư mục dữ liệu này chứa cơ quan mẫu; để làm việc thật, chọn DATA_DIR khác.\n")

    def _take_data_dir(self) -> None:
        try:
            config.make_data_dir(self.data_dir)
            lock = FolderLock(self.data_dir)
            lock.acquire()
            self._lock = lock
            logs.write_line(self.data_dir, "supervisor", f"start, pid {os.getpid()}")
            home = cluster.find_home(self.data_dir) or self.data_dir
            if shutil.disk_usage(home).free < self.settings["MIN_FREE_DISK_MB"] * 1024 * 1024:
                raise disk_full(home)
        except OSError as error:
            raise from_os_error(error, self.data_dir) from error

    def _start_database(self) -> None:
        if self.settings["DATABASE_URL"]:
            check_server("DATABASE_URL", self.settings["DATABASE_URL"])
            check_server("DATABASE_OWNER_URL", self.settings["DATABASE_OWNER_URL"])
            return
        self.postgres = EmbeddedPostgres(
            self.data_dir,
            account=self.settings["SYSTEM_ACCOUNT"],
            settings={"max_connections": str(self._connections())},
        )
        self.postgres.start()
        self._postgres_restarting.began()
        self.environ = commands.with_database(self.environ, self.postgres)
        self.settings = config.load(self.environ)

    def _connections(self) -> int:
        """How many the pools of web and jobs may open together, and some for the operator's own tools."""
        pool = self.settings["SQLALCHEMY_ENGINE_OPTIONS"]
        return max(100, (self.settings["WEB_WORKERS"] + 1) * (pool["pool_size"] + pool["max_overflow"]) + 20)

    def _prepare(self) -> None:
        office = commands.office_of(self.data_dir)
        first = office is None and self.settings["DEMO"]
        screen.say(
            "  Đang lập cơ sở dữ liệu và cơ quan mẫu; chỉ lần đầu, có thể mất một phút …"
            if first
            else "  Đang khởi động …"
        )
        # It migrates, so it alone gets the owner's account.
        environ = {name: value for name, value in self.environ.items() if not name.startswith("RECORDS_ADMIN_")}
        child = Child("prepare", [*self.command, "prepare"], environ, self.data_dir)
        self._children = [child]
        child.start()
        code = child.wait()
        if code == commands.NO_ACCOUNTS:
            make_first_administrator(self.settings, by_subprocess(self.command, environ))
            return
        if code != 0:
            raise self._fault_of(child, "Không chuẩn bị được cơ sở dữ liệu")

    def _service_environ(self) -> dict[str, str]:
        """What web and jobs get: the application's account only, and no password of a person."""
        secret = ("RECORDS_ADMIN_", "DATABASE_OWNER_URL")
        environ = {name: value for name, value in self.environ.items() if not name.startswith(secret)}
        own = {"DATABASE_URL": self.settings["DATABASE_URL"], "DATA_DIR": str(self.data_dir)}
        # glibc gives each thread a heap of its own otherwise, and what they free stays in pieces
        return {"MALLOC_ARENA_MAX": "2"} | environ | own

    def _bind(self) -> socket.socket:
        host, port = self.settings["HOST"], self.settings["PORT"]
        try:
            family, kind, protocol, _name, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listener = socket.socket(family, kind, protocol)
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(place)
                listener.listen(1024)
            except OSError:
                listener.close()
                raise
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise port_in_use(host, port) from error
            if error.errno in (errno.EACCES, errno.EPERM):
                raise StartError(f"Không có quyền dùng cổng {port}. Chọn cổng từ 1024: make run PORT=8080") from error
            raise StartError(f"Không dùng được địa chỉ HOST={host}: {error.strerror or error}.", WRONG_USE) from error
        return listener

    def _wait_until_it_answers(self, web: Child) -> None:
        host, port = self._socket.getsockname()[:2] if self._socket else ("", 0)
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 – where to knock, not where to listen
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if web.exit_code() is not None:
                raise self._fault_of(web, "Máy chủ web không khởi động được")
            connection = http.client.HTTPConnection(host, port, timeout=2)
            try:
                connection.request("GET", "/")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return
            finally:
                connection.close()
        raise StartError(f"Máy chủ web không trả lời sau {READY_SECONDS} giây; xem {self.data_dir}/logs/web.log")

    def _fault_of(self, child: Child, what: str) -> StartError:
        """The line for a child that failed: its own where it gave one, else where to read on."""
        said = child.said()
        lines = [line for line in said.splitlines() if line.startswith(LINE_MARK)]
        if lines:
            return StartError(lines[-1].removeprefix(LINE_MARK))
        if "No space left on device" in said:
            return disk_full(self.data_dir)
        return StartError(f"{what}; xem {self.data_dir}/logs/{child.name}.log")

    # --- watch -----------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        rotated = time.monotonic()
        while True:
            time.sleep(0.5)
            self._watch_database()
            for child in self._children:
                self._watch_child(child)
            if time.monotonic() - rotated > ROTATE_EVERY_SECONDS:
                rotated = time.monotonic()
                logs.rotate(self.data_dir, self.settings["LOG_MAX_MB"] * 1024 * 1024, self.settings["LOG_FILES"])

    def _watch_child(self, child: Child) -> None:
        code = child.exit_code()
        if code is None:
            return
        wait = child.restarting.failed()
        if wait is not None:
            self._report(
                f"{child.name} dừng đột ngột (mã {code}); khởi động lại sau {wait:.0f} giây. Xem logs/{child.name}.log"
            )
        if child.restarting.due():
            with suppress(OSError):  # a full disk or process table: try again later
                child.start()

    def _watch_database(self) -> None:
        if self.postgres is None or self.postgres.alive():
            return
        wait = self._postgres_restarting.failed()
        if wait is not None:
            self._report(f"PostgreSQL dừng đột ngột; khởi động lại sau {wait:.0f} giây. Xem logs/postgres.log")
        if self._postgres_restarting.due():
            self._postgres_restarting.began()
            try:
                self.postgres.start()
            except (StartError, psycopg.Error) as error:
                self._report(str(error))

    def _report(self, line: str) -> None:
        screen.say_with_time(line)
        logs.write_line(self.data_dir, "supervisor", line)

    # --- stop ------------------------------------------------------------------------------------------------------

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._stopping:
            self._hurried = True
            return
        self._stopping = True
        raise StopRequestedError

    def _stop(self) -> None:
        """Stop what runs, in order; a second call finds nothing left to do."""
        self._stopping = True
        if self._socket is not None:
            self._socket.close()  # else the kernel would go on taking connections that nobody answers
            self._socket = None
        for child in self._children:
            child.stop(self.settings["WEB_GRACE_SECONDS"] + 5, lambda: self._hurried)
        self._children = []
        if self.postgres is not None:
            self.postgres.stop()
            self.postgres = None
        if self._lock is not None:
            logs.write_line(self.data_dir, "supervisor", "stop")
            self._lock.release()
            self._lock = None


def main(environ: Mapping[str, str], command: Sequence[str]) -> int:
    """Run the whole program on this machine; returns the exit code."""
    for warning in config.unknown_names(environ):
        screen.say(f"  {warning}")
    return Supervisor(environ, command).run()


def this_program(path: str) -> list[str]:
    """How to start this program again."""
    return [sys.executable, str(Path(path).resolve())]
