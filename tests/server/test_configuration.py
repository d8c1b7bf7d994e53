"""Settings: where they come from, and what is said about wrong ones."""

import re
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import config


def test_defaults_are_usable_and_the_database_is_embedded(tmp_path: Path) -> None:
    settings = config.load({"DATA_DIR": str(tmp_path)})
    assert settings["PORT"] == 8080
    assert settings["HOST"] == "127.0.0.1"
    assert settings["DATABASE_URL"] == settings["DATABASE_OWNER_URL"] == ""
    assert settings["FAB_CREATE_DB"] is False
    assert settings["BABEL_DEFAULT_LOCALE"] == "vi"
    assert Path(settings["BABEL_TRANSLATION_DIRECTORIES"]).is_absolute()
    assert settings["PERMANENT_SESSION_LIFETIME"] == timedelta(minutes=15)
    assert Path(settings["POSTGRES_TOOLS_DIR"], "pg_dump").is_file()


def test_every_fault_is_said_at_once() -> None:
    faults = config.validate(
        {
            "PORT": "0",
            "DEMO": "maybe",
            "RECORDS_WEB_THREADS": "many",
            "DATABASE_OWNER_URL": "postgresql://a@b/c",
            "RECORDS_SECRET_KEY": "short",
            "RECORDS_LOG_LEVEL": "loud",
            "RECORDS_BABEL_DEFAULT_TIMEZONE": "Sài Gòn",
            "RECORDS_BABEL_DEFAULT_LOCALE": "fr",
        }
    )
    assert len(faults) == 8
    assert config.validate({}) == []
    with pytest.raises(config.ConfigurationError):
        config.load({"PORT": "0"})


def test_an_idle_session_ends_after_fifteen_minutes_at_the_latest() -> None:
    assert "15" in config.validate({"RECORDS_SESSION_IDLE_MINUTES": "60"})[0]
    assert config.validate({"RECORDS_SESSION_IDLE_MINUTES": "10"}) == []


def test_a_misspelt_name_is_noticed_with_the_name_that_was_meant() -> None:
    assert "RECORDS_WEB_THREADS" in config.unknown_names({"RECORDS_WEB_THREAD": "4"})[0]
    assert config.unknown_names({"RECORDS_WEB_THREADS": "4", "PORT": "1", "HOME": "/"}) == []


def test_an_empty_variable_means_the_default(tmp_path: Path) -> None:
    assert config.load({"DATA_DIR": str(tmp_path), "PORT": "", "DEMO": " "})["PORT"] == 8080


def test_the_secret_key_is_made_once_kept_private_and_the_same_for_all(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path / "new")}
    ask = f"import config; print(config.load({environ!r})['SECRET_KEY'])"
    askers = [
        subprocess.Popen([sys.executable, "-c", ask], cwd=config.ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    keys = {asker.communicate(timeout=60)[0] for asker in askers}
    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 32
    assert stat.S_IMODE((tmp_path / "new/secret-key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret-key"]


def test_a_damaged_secret_key_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("x")
    with pytest.raises(config.ConfigurationError, match="secret-key"):
        config.load({"DATA_DIR": str(tmp_path)})
    assert (tmp_path / "secret-key").read_text() == "x"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_gets_the_driver_that_is_installed(scheme: str, tmp_path: Path) -> None:
    settings = config.load({"DATA_DIR": str(tmp_path), "DATABASE_URL": f"{scheme}://a:b@c/d"})
    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://a:b@c/d"
    assert settings["DATABASE_OWNER_URL"] == settings["DATABASE_URL"]


def test_a_password_in_an_address_is_never_shown() -> None:
    assert config.without_password("postgresql://a:b@c/d") == "postgresql://a:***@c/d"
    assert "bimat" not in config.validate({"DATABASE_URL": "mysql://a:bimat@c/d"})[0]


def test_cookies_travel_over_https_only_where_there_is_https(tmp_path: Path) -> None:
    plain = config.load({"DATA_DIR": str(tmp_path)})
    secure = config.load({"DATA_DIR": str(tmp_path), "RECORDS_HTTPS": "1"})
    assert not plain["SESSION_COOKIE_SECURE"]
    assert secure["SESSION_COOKIE_SECURE"]
    assert plain["SESSION_COOKIE_HTTPONLY"]
    assert plain["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_the_demo_password_satisfies_the_rules_it_is_shown_under() -> None:
    for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]", ".{8,}"):
        assert re.search(kind, config.DEMO_PASSWORD)


MAIL = {
    "RECORDS_SMTP_HOST": "thu.vidu.gov.vn",
    "RECORDS_MAIL_FROM": "Văn Thư <vanthu@vidu.gov.vn>",
    "RECORDS_PUBLIC_URL": "https://vanthu.vidu.gov.vn",
}


def test_mail_is_off_until_a_server_is_named_and_then_complete() -> None:
    assert config.validate({}) == []
    assert config.validate(MAIL) == []
    assert config.validate({**MAIL, "RECORDS_SMTP_USER": "vanthu", "RECORDS_SMTP_PASSWORD": "x"}) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RECORDS_MAIL_FROM": ""}, "RECORDS_MAIL_FROM"),
        ({"RECORDS_MAIL_FROM": "Văn Thư"}, "RECORDS_MAIL_FROM"),
        ({"RECORDS_PUBLIC_URL": ""}, "RECORDS_PUBLIC_URL"),
        ({"RECORDS_PUBLIC_URL": "vanthu.vidu.gov.vn"}, "RECORDS_PUBLIC_URL"),
        ({"RECORDS_SMTP_SECURITY": "ssl"}, "RECORDS_SMTP_SECURITY"),
        ({"RECORDS_SMTP_PORT": "0"}, "RECORDS_SMTP_PORT"),
        ({"RECORDS_SMTP_PASSWORD": "x"}, "RECORDS_SMTP_PASSWORD"),
        ({"RECORDS_SMTP_USER": "vanthu", "RECORDS_SMTP_SECURITY": "none"}, "RECORDS_SMTP_USER"),
    ],
)
def test_mail_settings_that_cannot_work_are_named(changes: dict[str, str], named: str) -> None:
    (fault,) = config.validate({**MAIL, **changes})
    assert named in fault


def test_a_password_of_the_mail_server_is_never_said() -> None:
    faults = config.validate({**MAIL, "RECORDS_SMTP_PASSWORD": "rat-bi-mat"})
    assert "rat-bi-mat" not in " ".join(faults)
