"""What the person who starts the program reads when it cannot start: one Vietnamese line each, never a traceback."""

import errno
from pathlib import Path

PROBLEM = 1  # exit code: the machine or the data folder is not as it must be
WRONG_USE = 2  # exit code: the program was called or configured wrongly


class StartError(Exception):
    """The program cannot start or go on; the text is one Vietnamese line for the operator."""

    def __init__(self, line: str, code: int = PROBLEM):
        self.code = code
        super().__init__(" ".join(line.split()))


def disk_full(path: Path | str) -> StartError:
    """No space is left where ``path`` lies."""
    return StartError(
        f"Ổ đĩa chứa {path} đã đầy. Giải phóng chỗ trống rồi khởi động lại; dữ liệu đã lưu vẫn còn nguyên."
    )


def read_only(path: Path | str) -> StartError:
    """``path`` lies on a file system mounted for reading."""
    return StartError(f"Thư mục dữ liệu {path} chỉ cho phép đọc. Chọn thư mục khác: make run DATA_DIR=/thư/mục/khác")


def not_permitted(path: Path | str) -> StartError:
    """The account that started the program may not write at ``path``."""
    return StartError(
        f"Không có quyền ghi vào {path}. Chạy bằng đúng tài khoản sở hữu thư mục này, "
        "hoặc chọn thư mục khác: make run DATA_DIR=/thư/mục/khác"
    )


def not_a_folder(path: Path | str) -> StartError:
    """DATA_DIR names something else than a folder."""
    return StartError(f"{path} không phải là thư mục. Chọn thư mục dữ liệu khác: make run DATA_DIR=/thư/mục/khác")


def broken_data(path: Path | str, found: str) -> StartError:
    """The data folder is damaged or foreign; ``found`` says in Vietnamese what was seen."""
    return StartError(
        f"Thư mục dữ liệu {path} hỏng hoặc không phải của chương trình này: {found}. "
        "Chưa có gì bị thay đổi; khôi phục từ bản sao lưu hoặc chọn DATA_DIR khác."
    )


def already_running(path: Path | str, pid: int | None) -> StartError:
    """Another instance holds the data folder."""
    who = f" (tiến trình {pid})" if pid else ""
    return StartError(
        f"Chương trình đang chạy với thư mục dữ liệu {path}{who}. Dừng nó trước, hoặc chọn DATA_DIR và PORT khác."
    )


def port_in_use(host: str, port: int) -> StartError:
    """Something else listens at the address."""
    return StartError(
        f"Cổng {port} trên {host} đang được chương trình khác dùng. Chọn cổng khác: make run PORT={port + 1}"
    )


def missing_package(package: str) -> StartError:
    """A Python package of requirements.txt is not installed, or does not run on this machine."""
    return StartError(f"Thiếu thư viện {package}. Chạy make run để cài, hoặc: pip install -r requirements.txt")


def from_os_error(error: OSError, path: Path | str) -> StartError:
    """The line for an error that the operating system gave while working at ``path``."""
    place = error.filename or path
    if isinstance(place, bytes):
        place = place.decode(errors="replace")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(place)
    if error.errno == errno.EROFS:
        return read_only(path)
    if error.errno in (errno.EACCES, errno.EPERM):
        return not_permitted(place)
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return not_a_folder(path)
    return StartError(f"Lỗi hệ điều hành tại {place}: {error.strerror or error}.")
