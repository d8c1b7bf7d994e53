"""The database given by DATABASE_URL: whether it can be reached and is one that the program can use."""

import psycopg

from app.server.messages import WRONG_USE, StartError
from config import without_password

OLDEST = 150000  # PostgreSQL 15, in the server's own counting


def check_server(name: str, url: str) -> None:
    """Raise :class:`StartError` where the server of the setting ``name`` is out of reach, too old or not UTF-8."""
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
            version = connection.info.server_version
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.Error as error:
        raise StartError(f"Không kết nối được {name} ({without_password(url)}): {error}") from None
    if version < OLDEST:
        raise StartError(f"{name}: máy chủ là PostgreSQL {version // 10000}, cần phiên bản 15 trở lên.", WRONG_USE)
    if encoding != "UTF8":
        raise StartError(f"{name}: cơ sở dữ liệu dùng bảng mã {encoding}, cần UTF8.", WRONG_USE)


def check_schema(url: str) -> None:
    """Raise :class:`StartError` where the database was never prepared, or belongs to another version."""
    from app import schema  # slow to load, and only needed here

    found = schema.current(url)
    if found is None:
        raise StartError("Cơ sở dữ liệu chưa được chuẩn bị. Chạy: flask --app run records init", WRONG_USE)
    if found != schema.head():
        raise StartError(
            f"Cơ sở dữ liệu ở phiên bản {found}, chương trình cần {schema.head()}. Chạy: flask --app run records init",
            WRONG_USE,
        )


def refused_by_database(error: Exception) -> StartError | None:
    """The line for what the database or the migrations refused; None for anything else."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return StartError(
            "Tài khoản cơ sở dữ liệu không có quyền tạo bảng. Đặt DATABASE_OWNER_URL là tài khoản sở hữu "
            f"cơ sở dữ liệu ({str(cause).splitlines()[0]}).",
            WRONG_USE,
        )
    if type(error).__name__ == "CommandError" and "Can't locate revision" in str(error):
        return StartError(
            "Cơ sở dữ liệu thuộc một phiên bản mới hơn của chương trình. Cài lại phiên bản đó; chưa có gì bị thay đổi."
        )
    if isinstance(cause, psycopg.OperationalError):
        return StartError(f"Không kết nối được cơ sở dữ liệu: {str(cause).splitlines()[0]}")
    return None


def libpq_url(url: str) -> str:
    """SQLAlchemy's address as libpq and its programs take it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
