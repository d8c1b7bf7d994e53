"""The first administrator of a real office: asked for on the terminal, or taken from the settings without one."""

import getpass
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.server.messages import WRONG_USE, StartError
from app.server.screen import say

# Calls `flask records create-admin` with these arguments and this password; gives its exit code and what it said.
Create = Callable[[Sequence[str], str], tuple[int, str]]


def make_first_administrator(settings: Mapping[str, Any], create: Create) -> None:
    """Make the account, or raise :class:`StartError` where there is no terminal and the settings do not say who."""
    given = [settings[name] for name in ("ADMIN_USERNAME", "ADMIN_FULL_NAME", "ADMIN_PASSWORD")]
    if all(given):
        username, full_name, password = given
        code, said = create(["--username", username, "--full-name", full_name, "--password-stdin"], password)
        if code:
            raise StartError(f"Không lập được tài khoản quản trị đầu tiên: {said}", WRONG_USE)
        return
    if not sys.stdin.isatty():
        raise StartError(
            "Chưa có tài khoản nào và không có màn hình để hỏi. Đặt RECORDS_ADMIN_USERNAME, RECORDS_ADMIN_FULL_NAME "
            "và RECORDS_ADMIN_PASSWORD, hoặc chạy make run DEMO=0 trong cửa sổ dòng lệnh.",
            WRONG_USE,
        )
    _ask(create)


def _ask(create: Create) -> None:
    say("\n  Chưa có tài khoản nào. Lập tài khoản quản trị đầu tiên:\n")
    try:
        while True:
            full_name = _answer("  Họ và tên: ")
            username = _answer("  Tên đăng nhập: ")
            password = getpass.getpass("  Mật khẩu: ")
            if password != getpass.getpass("  Nhập lại mật khẩu: "):
                say("  Hai lần nhập mật khẩu khác nhau. Nhập lại từ đầu.\n")
                continue
            code, said = create(["--username", username, "--full-name", full_name, "--password-stdin"], password)
            if code == 0:
                return
            say(f"  {said}\n")
    except EOFError:
        raise StartError("Chưa lập tài khoản quản trị đầu tiên.", WRONG_USE) from None


def _answer(question: str) -> str:
    while not (text := input(question).strip()):
        pass
    return text


def by_subprocess(command: Sequence[str], environ: Mapping[str, str]) -> Create:
    """``create`` as a process of its own, so that the password never stands in an argument list."""

    def create(arguments: Sequence[str], password: str) -> tuple[int, str]:
        done = subprocess.run(
            [*command, "records", "create-admin", *arguments],
            env=dict(environ),
            input=password + "\n",
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).strip()

    return create
