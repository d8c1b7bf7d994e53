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


def libpq_url(url: str) -> str:
    """SQLAlchemy's address as libpq and its programs take it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
