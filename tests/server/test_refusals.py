"""What keeps the program from starting is said in one Vietnamese line; nothing that was there is changed."""

import hashlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL
from sqlalchemy.exc import ProgrammingError

from app.server import database
from app.server.messages import StartError
from tests.server.terminal import Running, call, free_port, processes

pytestmark = pytest.mark.server


def refusal(data_dir: Path, **settings: str) -> tuple[str, int]:
    """The one line and the exit code; fails where there is more than a line, a traceback, or no refusal at all."""
    done = call(data_dir, **settings)
    lines = done.stderr.strip().splitlines()
    assert done.returncode != 0, done.stdout
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Lỗi: ")
    assert "Văn Thư –" not in done.stdout
    assert processes(data_dir) == []
    return lines[0], done.returncode


def contents(folder: Path) -> dict[str, str]:
    """What is in a folder, file by file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def stopped_cluster(used_data_dir: Path) -> Path:
    """The cluster of a data folder in which a program ran before."""
    return used_data_dir / "postgres" / "cluster"


def test_a_port_in_use_is_named_with_the_way_to_choose_another(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line, code = refusal(data_dir, PORT=str(port))
    assert f"Cổng {port}" in line
    assert "make run PORT=" in line
    assert code == 1
    assert not (data_dir / "postgres").exists(), "said before anything slow begins"


def test_an_address_of_another_machine_is_refused(data_dir: Path) -> None:
    assert "HOST=192.0.2.1" in refusal(data_dir, HOST="192.0.2.1")[0]


def test_a_second_instance_on_the_same_data_is_refused_and_the_first_goes_on(program: Running) -> None:
    done = call(program.data_dir)
    assert done.returncode == 1
    assert f"đang chạy với thư mục dữ liệu {program.data_dir} (tiến trình {program.process.pid})" in done.stderr
    assert "Traceback" not in done.stderr
    assert "accounts=1" in program.get()


def test_a_data_dir_that_is_a_file_is_refused(data_dir: Path) -> None:
    data_dir.write_text("thư")
    assert "không phải là thư mục" in refusal(data_dir)[0]
    assert data_dir.read_text() == "thư"


def test_a_data_dir_below_a_file_is_refused(data_dir: Path) -> None:
    data_dir.write_text("thư")
    assert "không phải là thư mục" in refusal(data_dir / "data")[0]


def test_a_nearly_full_disk_is_refused_before_anything_is_written_to_the_database(data_dir: Path) -> None:
    line, code = refusal(data_dir, RECORDS_MIN_FREE_DISK_MB="999999999")
    assert "đã đầy" in line
    assert code == 1
    assert not (data_dir / "postgres").exists()


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control", "postgresql.conf"])
def test_a_cluster_that_lost_a_file_is_refused_and_left_as_it_is(stopped_cluster: Path, lost: str) -> None:
    (stopped_cluster / lost).unlink()
    before = contents(stopped_cluster)
    line, _code = refusal(stopped_cluster.parent.parent)
    assert lost in line
    assert "Chưa có gì bị thay đổi" in line
    assert contents(stopped_cluster) == before


def test_a_cluster_of_another_version_is_refused_and_left_as_it_is(stopped_cluster: Path) -> None:
    (stopped_cluster / "PG_VERSION").write_text("16\n")
    before = contents(stopped_cluster)
    line, _code = refusal(stopped_cluster.parent.parent)
    assert "phiên bản 16" in line
    assert "phiên bản 18" in line
    assert contents(stopped_cluster) == before


def test_a_cluster_with_a_damaged_control_file_is_refused_with_what_postgres_says(stopped_cluster: Path) -> None:
    control = stopped_cluster / "global/pg_control"
    control.write_bytes(b"\0" * control.stat().st_size)
    line, _code = refusal(stopped_cluster.parent.parent)
    assert "PostgreSQL báo" in line
    assert set(control.read_bytes()) == {0}


def test_a_data_folder_whose_cluster_is_gone_never_begins_anew(stopped_cluster: Path) -> None:
    stopped_cluster.rename(stopped_cluster.with_name("elsewhere"))
    line, _code = refusal(stopped_cluster.parent.parent)
    assert "không có cơ sở dữ liệu" in line
    assert not stopped_cluster.exists()


def test_a_database_out_of_reach_is_named_without_its_password(data_dir: Path) -> None:
    line, _code = refusal(data_dir, DATABASE_URL=f"postgresql://ai:bimat@127.0.0.1:{free_port()}/vanthu")
    assert "DATABASE_URL" in line
    assert "bimat" not in line


def test_all_wrong_settings_are_said_at_once(data_dir: Path) -> None:
    done = call(data_dir, PORT="abc", DEMO="perhaps", RECORDS_WEB_THREADS="0", DATABASE_URL="mysql://x/y")
    assert done.returncode == 2
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 4
    for name in ("PORT=", "DEMO=", "RECORDS_WEB_THREADS=", "DATABASE_URL="):
        assert any(line.startswith(f"Lỗi: {name}") for line in lines), done.stderr
    assert not data_dir.exists()


def test_a_fault_of_the_application_is_one_line_and_the_rest_is_in_the_log(data_dir: Path) -> None:
    line, code = refusal(data_dir, STANDIN_FAILS="1")
    assert "prepare.log" in line
    assert code == 1
    assert "a fault of the application" in (data_dir / "logs/prepare.log").read_text()


def test_without_a_terminal_the_first_administrator_must_be_in_the_settings(data_dir: Path) -> None:
    line, code = refusal(data_dir, DEMO="0")
    assert "RECORDS_ADMIN_USERNAME" in line
    assert code == 2


def test_a_refused_password_of_the_first_administrator_is_passed_on(data_dir: Path) -> None:
    admin = {"RECORDS_ADMIN_USERNAME": "an", "RECORDS_ADMIN_FULL_NAME": "Lê An", "RECORDS_ADMIN_PASSWORD": "ngan"}
    assert "Mật khẩu quá ngắn" in refusal(data_dir, DEMO="0", **admin)[0]


def test_a_lock_left_by_a_killed_program_holds_nobody_up(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "lock").write_text(json.dumps({"pid": os.getpid(), "kind": "supervisor"}))
    assert "Cổng" not in refusal(data_dir, RECORDS_MIN_FREE_DISK_MB="999999999")[0]


def test_no_part_starts_on_a_database_that_was_never_prepared(new_database: Callable[[], tuple[URL, URL]]) -> None:
    _owner, program = new_database()
    with pytest.raises(StartError, match="records init"):
        database.check_schema(program.render_as_string(hide_password=False))


def test_what_the_database_refuses_is_said_in_one_line(new_database: Callable[[], tuple[URL, URL]]) -> None:
    from app import schema

    _owner, program = new_database()
    address = program.render_as_string(hide_password=False)
    with pytest.raises(ProgrammingError) as refused:
        schema.upgrade(address, address)
    said = database.refused_by_database(refused.value)
    assert said is not None
    assert "DATABASE_OWNER_URL" in str(said)
    assert database.refused_by_database(ValueError("x")) is None
