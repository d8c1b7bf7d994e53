"""Where the embedded cluster of a data folder lies, what state it is in, and which processes work on it."""

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.server.account import Account
from app.server.binaries import MAJOR
from app.server.messages import StartError, broken_data

POINTER = "postgres-home"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # bytes; sun_path of Linux less its final zero
SYSTEM_STATE = Path("/var/lib")


@dataclass(frozen=True)
class Postmaster:
    """What ``postmaster.pid`` says about a server."""

    pid: int
    socket_dir: Path
    ready: bool


def find_home(data_dir: Path) -> Path | None:
    """The folder that holds the cluster of this data folder; None where there is none yet.

    ``DATA_DIR/postgres-home`` names it: ``postgres`` (below DATA_DIR) or an absolute path. A named folder that is gone
    is a broken data folder, never a reason to begin anew.
    """
    pointer = data_dir / POINTER
    if not pointer.exists():
        return None
    home = data_dir / pointer.read_text(encoding="utf-8").strip()
    if not (home / "cluster").is_dir():
        raise broken_data(data_dir, f"tệp {POINTER} chỉ đến {home} nhưng ở đó không có cơ sở dữ liệu")
    return home


def make_home(data_dir: Path, account: Account) -> Path:
    """A folder for a new cluster: ``DATA_DIR/postgres`` where the account gets there, else one in /var/lib.

    Root often keeps DATA_DIR below a folder that nobody else may enter (/root, a private folder). The cluster then
    lies in ``/var/lib/vanthu-<…>``, and a back-up must take both folders; nobody's permissions are widened.
    """
    home = data_dir / "postgres"
    if not home.exists():
        home.mkdir()
        home.chmod(0o711 if account.switch else 0o700)
    if account.can_enter(home):
        return home
    if not account.switch:
        raise PermissionError(13, "Permission denied", str(home))
    with suppress(OSError):
        home.rmdir()  # only if empty, that is: ours of a moment ago
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:10]
    home = Path(tempfile.mkdtemp(prefix=f"vanthu-{mark}-", dir=SYSTEM_STATE))
    home.chmod(0o711)
    return home


def remember_home(data_dir: Path, home: Path) -> None:
    """Write the pointer, once the cluster is complete."""
    named = "postgres" if home == data_dir / "postgres" else str(home)
    draft = data_dir / f".{POINTER}"
    draft.write_text(named + "\n", encoding="utf-8")
    draft.replace(data_dir / POINTER)


def check_shape(data_dir: Path, cluster: Path) -> None:
    """Raise :class:`StartError` where the folder does not look like a cluster of our PostgreSQL; change nothing."""
    version = cluster / "PG_VERSION"
    if not version.is_file():
        raise broken_data(data_dir, f"{cluster} thiếu tệp PG_VERSION")
    found = version.read_text(encoding="ascii", errors="replace").strip()
    if found != MAJOR:
        raise broken_data(data_dir, f"{cluster} thuộc PostgreSQL phiên bản {found or '?'}, cần phiên bản {MAJOR}")
    for name in ("global/pg_control", "postgresql.conf", "pg_hba.conf", "base", "pg_wal"):
        if not (cluster / name).exists():
            raise broken_data(data_dir, f"{cluster} thiếu {name}")


def read_postmaster(cluster: Path) -> Postmaster | None:
    """What ``postmaster.pid`` says, where it says it and that process lives; else None."""
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        pid = int(lines[0])
        os.kill(pid, 0)
    except PermissionError:
        pass  # it lives, as another account
    except (OSError, ValueError, IndexError):
        return None
    if pid not in (processes_of(cluster) or [pid]):
        return None  # the number was given to another program since
    socket_dir = Path(lines[4]) if len(lines) > 4 and lines[4] else Path()
    return Postmaster(pid, socket_dir, ready=len(lines) > 7 and lines[7].strip() == "ready")


def processes_of(cluster: Path) -> list[int] | None:
    """Processes whose working folder is the cluster: the server and its workers; None where /proc is missing."""
    if not Path("/proc/self/cwd").exists():
        return None
    wanted = os.path.realpath(cluster)
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.readlink(entry / "cwd") == wanted:  # noqa: PTH115 – a plain string is what is compared
                    found.append(int(entry.name))
    return found


def socket_dir(home: Path, account: Account) -> Path:
    """A folder (0700, of the account) for the socket: ``home/socket``, or a short one where that is too long."""
    preferred = home / "socket"
    if len(os.fsencode(preferred / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        if not preferred.exists():
            preferred.mkdir()
            preferred.chmod(0o700)
            account.own(preferred)
        return preferred
    note = home / "socket-folder"  # so that a killed program leaves one folder behind, not one per start
    with suppress(OSError):
        known = Path(note.read_text(encoding="utf-8").strip())
        if not known.is_symlink() and known.is_dir() and account.owns(known) and known.stat().st_mode & 0o777 == 0o700:
            return known
    for base in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):  # noqa: S108 – mkdtemp makes a private one
        longest = len(os.fsencode(base)) + len(f"/vanthu-xxxxxxxx/{SOCKET_NAME}")
        if base and longest <= LONGEST_SOCKET_PATH and account.can_enter(Path(base)):
            short = Path(tempfile.mkdtemp(prefix="vanthu-", dir=base))
            account.own(short)
            note.write_text(str(short) + "\n", encoding="utf-8")
            return short
    raise StartError("Không có thư mục tạm đủ ngắn cho socket của PostgreSQL. Đặt TMPDIR=/tmp rồi chạy lại.")
