"""A real office: the first administrator, and no made-up account ever after."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.server.terminal import READY, STANDIN, Running, environment, eventually, free_port

pytestmark = pytest.mark.server
ADMIN = {"RECORDS_ADMIN_USERNAME": "an", "RECORDS_ADMIN_FULL_NAME": "Lê An", "RECORDS_ADMIN_PASSWORD": "Matkhau@1"}


def test_a_real_office_never_gets_the_made_up_one(start: type[Running]) -> None:
    first = start(DEMO="0", **ADMIN).ready()
    assert "accounts=1" in first.get()
    assert "mật khẩu" not in first.screen.lower()
    first.press_ctrl_c()
    second = start(DEMO="1").ready()
    assert "accounts=1" in second.get()
    assert "mật khẩu" not in second.screen.lower()
    assert "DEMO=1 không có tác dụng" in second.screen


def test_the_terminal_asks_again_until_the_account_is_accepted(data_dir: Path) -> None:
    ours, theirs = pty.openpty()
    terminal = os.ttyname(theirs)
    process = subprocess.Popen(
        [sys.executable, str(STANDIN)],
        env=environment(data_dir, DEMO="0", PORT=str(free_port())),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(terminal, os.O_RDWR)),  # noqa: PLW1509 – makes it the controlling one
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    seen = bytearray()

    def shows(text: str, times: int = 1) -> bool:
        with suppress(BlockingIOError):
            seen.extend(os.read(ours, 65536))
        return seen.decode(errors="replace").count(text) >= times

    def answers(number: int, first: str, second: str) -> None:
        for question, answer in (
            ("Họ và tên: ", "Lê An"),
            ("Tên đăng nhập: ", "an"),
            ("Mật khẩu: ", first),
            ("Nhập lại mật khẩu: ", second),
        ):
            assert eventually(lambda: shows(question, number), 60), seen.decode(errors="replace")  # noqa: B023
            os.write(ours, f"{answer}\n".encode())

    try:
        answers(1, "Matkhau@1", "Matkhau@2")
        assert eventually(lambda: shows("khác nhau"))
        answers(2, "ngan", "ngan")
        assert eventually(lambda: shows("Mật khẩu quá ngắn."))
        answers(3, "Matkhau@1", "Matkhau@1")
        assert eventually(lambda: shows(READY), 60), seen.decode(errors="replace")
        assert b"Matkhau@1" not in seen, "a password is never shown"
        os.write(ours, b"\x03")  # Ctrl-C
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait(10)
        os.close(ours)
