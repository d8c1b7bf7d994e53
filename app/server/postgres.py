"""The embedded PostgreSQL 18: one cluster per data folder, reached over a socket that only its account may enter.

No TCP, no password: whoever may enter the socket folder (mode 0700) is trusted. The accounts inside are ``postgres``
(superuser), ``vanthu_owner`` (owns the tables, migrates) and ``vanthu_app`` (what web and jobs use).
"""

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from app.server import binaries, cluster, logs
from app.server.account import Account, for_cluster
from app.server.locks import FolderLock, Kind
from app.server.messages import StartError, broken_data, disk_full, from_os_error, not_permitted, read_only
from app.server.processes import dies_with_parent, end

DATABASE = "vanthu"
SUPERUSER = "postgres"
OWNER = "vanthu_owner"
APPLICATION = "vanthu_app"
PORT = "5432"  # only names the socket file

# What differs from PostgreSQL's own defaults, for one machine with a register and no analysts.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "Asia/Ho_Chi_Minh",
    "shared_buffers": "128MB",  # what is read often stands in the system's cache anyway
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "idle_in_transaction_session_timeout": "10min",
    "log_min_duration_statement": "2s",
    "log_line_prefix": "%m [%p] %u ",
}

START_SECONDS = 600  # recovery after a crash may take long; a server that still works on it is left to work
RETRY_SECONDS = 40  # how long a killed server's remains may take to go away
STOP_SECONDS = 60
RETRYABLE = re.compile(r"postmaster\.pid\" already exists|pre-existing shared memory block|socket.* lock file")


class EmbeddedPostgres:
    """The PostgreSQL of one data folder: starts it, stops it, says where it is.

    ``settings`` are added to the server's command line (``{"fsync": "off"}`` for tests); ``account`` is who runs it
    where root starts it. Start it from the main thread: the server ends with the thread that started it.
    """

    def __init__(
        self,
        data_dir: Path | str,
        *,
        settings: dict[str, str] | None = None,
        account: str = "nobody",
        kind: Kind = "supervisor",
    ):
        self.data_dir = Path(data_dir).absolute()
        self.settings = SETTINGS | (settings or {})
        self._account_name = account
        self._kind: Kind = kind
        self._process: subprocess.Popen | None = None
        self._lock: FolderLock | None = None
        self._socket_dir: Path | None = None

    # --- where it is -----------------------------------------------------------------------------------------------

    @property
    def admin_url(self) -> str:
        """SQLAlchemy address of the superuser, in the maintenance database."""
        return self._url(SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        """SQLAlchemy address of the account that owns the tables."""
        return self._url(OWNER, DATABASE)

    @property
    def app_url(self) -> str:
        """SQLAlchemy address of the application's account."""
        return self._url(APPLICATION, DATABASE)

    def running(self) -> bool:
        """Whether the cluster of this data folder answers now, whoever started it."""
        home = cluster.find_home(self.data_dir)
        found = cluster.read_postmaster(home / "cluster") if home else None
        if found is None or not found.ready:
            return False
        self._socket_dir = found.socket_dir
        return True

    def alive(self) -> bool:
        """Whether the server that this object started still runs."""
        return self._process is not None and self._process.poll() is None

    # --- start and stop --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the server and wait until it answers; make the cluster, its accounts and its database the first time.

        Raises :class:`StartError` with one line for the operator, having changed nothing that was there.
        """
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise from_os_error(error, self.data_dir) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server that this object started, cleanly (open transactions are rolled back)."""
        if self._process is not None:
            # SIGINT = fast shutdown; SIGQUIT = immediate, from which the next start recovers.
            end(self._process, signal.SIGINT, STOP_SECONDS, signal.SIGQUIT)
            self._process = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _start(self) -> None:
        home = cluster.find_home(self.data_dir)
        account = for_cluster(home / "cluster" if home else self.data_dir / "postgres/cluster", self._account_name)
        if home is None:
            home = cluster.make_home(self.data_dir, account)
        elif not account.can_enter(home / "cluster"):
            raise not_permitted(home / "cluster")
        if self._lock is None:
            lock = FolderLock(home, self._kind)
            lock.acquire()
            self._lock = lock
        programs = binaries.usable_by(account, home)
        folder = home / "cluster"
        if cluster.find_home(self.data_dir) is None:
            self._initialise(programs, home, account)
        cluster.check_shape(self.data_dir, folder)
        self._end_leftover(folder)
        self._socket_dir = cluster.socket_dir(home, account)
        self._launch(programs, folder, account)
        self._ensure_database()

    def _initialise(self, programs: Path, home: Path, account: Account) -> None:
        """Make the cluster beside its final place and move it there whole: a broken attempt is never taken for one."""
        folder, draft = home / "cluster", home / "cluster.new"
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not (folder / "PG_VERSION").is_file():
            raise broken_data(self.data_dir, f"{folder} có sẵn tệp nhưng thiếu PG_VERSION")
        if not (folder / "PG_VERSION").is_file():
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            draft.chmod(0o700)
            account.own(draft)
            call = [str(programs / "initdb"), "-D", str(draft), "-U", SUPERUSER, "-E", "UTF8", "--no-instructions"]
            call += ["--auth-local=trust", "--auth-host=reject"]
            call += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # only this is known to lower 'ĐƯỜNG'
            if self.settings.get("fsync") == "off":
                call.append("--no-sync")
            done = subprocess.run(
                call,
                cwd=home,
                env=_environment(home),
                capture_output=True,
                text=True,
                check=False,
                **account.popen_arguments,
            )
            if done.returncode != 0:
                logs.write_line(self.data_dir, "postgres", done.stdout + done.stderr)
                shutil.rmtree(draft, ignore_errors=True)
                raise explain(done.stderr + done.stdout, self.data_dir)
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
        cluster.remember_home(self.data_dir, home)

    def _end_leftover(self, folder: Path) -> None:
        """Let a server whose supervisor was killed finish. We hold the lock, so nobody else looks after it."""
        deadline = time.monotonic() + RETRY_SECONDS
        asked: set[int] = set()
        while (found := cluster.read_postmaster(folder)) is not None:
            if found.pid not in asked:
                asked.add(found.pid)
                with suppress(ProcessLookupError):
                    os.kill(found.pid, signal.SIGINT)
            if time.monotonic() > deadline:
                raise StartError(f"PostgreSQL cũ (tiến trình {found.pid}) chưa dừng hẳn. Đợi một phút rồi chạy lại.")
            time.sleep(0.1)
        while cluster.processes_of(folder) and time.monotonic() < deadline:
            time.sleep(0.1)  # workers of a killed server go when they notice
        if cluster.processes_of(folder) == []:
            # The number in it may meanwhile be another program's; nobody works on the cluster, so it says nothing.
            (folder / "postmaster.pid").unlink(missing_ok=True)

    def _launch(self, programs: Path, folder: Path, account: Account) -> None:
        call = [str(programs / "postgres"), "-D", str(folder), "-p", PORT]
        for name, value in (self.settings | {"unix_socket_directories": str(self._socket_dir)}).items():
            call += ["-c", f"{name}={value}"]
        log_path = self.data_dir / "logs" / "postgres.log"
        deadline = time.monotonic() + RETRY_SECONDS
        while True:
            with logs.open_log(self.data_dir, "postgres") as log:
                offset = os.fstat(log.fileno()).st_size
                self._process = subprocess.Popen(
                    call,
                    cwd=folder.parent,
                    env=_environment(folder.parent),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # Ctrl-C in the terminal must not reach the database before the web server has finished.
                    start_new_session=True,
                    preexec_fn=dies_with_parent(signal.SIGINT),  # noqa: PLW1509 – no thread is running yet
                    **account.popen_arguments,
                )
            if self._answers():
                return
            said = logs.since(log_path, offset)
            if not RETRYABLE.search(said) or time.monotonic() > deadline:
                raise explain(said, self.data_dir)
            time.sleep(1)

    def _answers(self) -> bool:
        """Wait until the server takes connections; False as soon as it has ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive():
                return False
            try:
                with self._connect():
                    return True
            except psycopg.OperationalError:
                time.sleep(0.05)
        return False

    def _ensure_database(self) -> None:
        """Make the accounts and the database where they are missing."""
        with self._connect() as connection:
            present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APPLICATION):
                if role not in present:
                    connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
                connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APPLICATION}")

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._socket_dir),
            port=PORT,
            user=SUPERUSER,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        )

    def _url(self, role: str, database: str) -> str:
        if self._socket_dir is None and not self.running():
            raise StartError(f"Cơ sở dữ liệu trong {self.data_dir} chưa chạy. Chạy: make run")
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self._socket_dir), safe='')}&port={PORT}"


def explain(said: str, data_dir: Path) -> StartError:
    """The one line for what initdb or the server wrote before it ended."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        if re.search("shared memory segment[^\n]*No space left", said):
            return StartError("Bộ nhớ dùng chung (/dev/shm) của máy không đủ cho PostgreSQL.")
        return disk_full(data_dir)
    if "Read-only file system" in said:
        return read_only(data_dir)
    if "Cannot allocate memory" in said:
        return StartError("Máy không đủ bộ nhớ để chạy PostgreSQL.")
    serious = [line for line in said.splitlines() if re.search(r"\b(PANIC|FATAL|error):", line)]
    last = re.sub(r"^.*?\b(?:PANIC|FATAL|error):\s*", "", serious[-1]) if serious else "xem logs/postgres.log"
    return broken_data(data_dir, f"PostgreSQL báo “{last.strip()}”")


def _environment(home: Path) -> dict[str, str]:
    """A clean environment: no PG… variable of the operator may change what the server does."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}
