"""What the terminal shows: a start screen in Vietnamese, and one line for whatever happens later."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from app import clock

# User names of the made-up office and what they stand for.
DEMO_ACCOUNTS: Sequence[tuple[str, str]] = (
    ("vanthu1, vanthu2", "Văn thư"),
    ("hanhchinh", "Trưởng bộ phận Hành chính"),
    ("chanhvp, phovp1, phovp2", "Lãnh đạo Văn phòng"),
    ("truongphong1 …", "Trưởng phòng chuyên môn"),
    ("chuyenvien1 …", "Chuyên viên"),
    ("chutich, phochutich1", "Thường trực Ủy ban nhân dân Thành phố"),
    ("troly", "Trợ lý, thư ký"),
    ("luutru", "Lưu trữ cơ quan"),
    ("quanly", "Quản lý theo dõi, tổng hợp"),
    ("quantri", "Quản trị hệ thống (Trung tâm Tin học)"),
    ("soxaydung", "Đơn vị ngoài Văn phòng"),
)


OPEN_DEMO = (
    "CẢNH BÁO: cơ quan mẫu đang mở cho cả mạng (HOST khác 127.0.0.1).",
    "Ai vào được địa chỉ trên đều đăng nhập được bằng mật khẩu chung, kể cả tài khoản quản trị.",
    "Không đưa văn bản thật vào đây. Chỉ dùng trên máy này: bỏ HOST; làm việc thật: DEMO=0 và DATA_DIR mới.",
)


ONE_ACCOUNT = (
    "CẢNH BÁO: DATABASE_URL dùng chính tài khoản sở hữu cơ sở dữ liệu, nên nhật ký không được cơ sở dữ liệu bảo vệ.",
    "Tạo tài khoản riêng cho chương trình và đặt cả DATABASE_URL lẫn DATABASE_OWNER_URL (docs/van-hanh.md).",
)


def _this_machine_only(host: str) -> bool:
    return host in ("localhost", "::1", "[::1]") or host.startswith("127.")


def prepare_terminal() -> None:
    """Vietnamese letters must not stop the program on a terminal that is not set to UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say(line: str = "") -> None:
    """One line for the operator, at once."""
    print(line, flush=True)


def say_with_time(line: str) -> None:
    """One line about something that happened while the program runs."""
    say(f"{clock.in_vietnam(clock.now()):%H:%M:%S}  {line}")


def complain(line: str) -> None:
    """One line about what went wrong."""
    print(f"Lỗi: {line}", file=sys.stderr, flush=True)


def address(settings: Mapping[str, Any]) -> str:
    """Where a browser on this machine finds the program."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings["HOST"], settings["HOST"])  # noqa: S104 – only shown
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{settings['PORT']}/"


def start_screen(settings: Mapping[str, Any], *, demo_password: str | None, embedded: bool) -> str:
    """The text shown when the program is ready; with the made-up accounts where there is a password for them."""
    lines = [
        "",
        "  Văn Thư – quản lý văn bản và hồ sơ điện tử (Quyết định 212/QĐ-VP)",
        "",
        f"  Địa chỉ          {address(settings)}",
        f"  Thư mục dữ liệu  {settings['DATA_DIR']}",
        f"  Cơ sở dữ liệu    {'PostgreSQL kèm theo, trong thư mục dữ liệu' if embedded else 'theo DATABASE_URL'}",
        f"  Nhật ký          {settings['DATA_DIR']}/logs",
        "  Dừng             nhấn Ctrl-C",
    ]
    if settings["HOST"] in ("0.0.0.0", "::"):  # noqa: S104 – only compared
        lines.insert(4, f"                   và từ máy khác: http://<tên máy này>:{settings['PORT']}/")
    if not embedded and settings.get("DATABASE_OWNER_URL") == settings.get("DATABASE_URL"):
        lines += ["", *(f"  !!! {line}" for line in ONE_ACCOUNT)]
    if demo_password:
        width = max(len(names) for names, _post in DEMO_ACCOUNTS)
        lines += ["", f"  Cơ quan mẫu – mật khẩu chung của mọi tài khoản: {demo_password}", ""]
        lines += [f"    {names:<{width}}   {post}" for names, post in DEMO_ACCOUNTS]
        if not _this_machine_only(settings["HOST"]):
            lines += ["", *(f"  !!! {line}" for line in OPEN_DEMO)]
    return "\n".join([*lines, ""])
