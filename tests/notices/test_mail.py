"""Mail as a server gets it: what a message says, how it is protected, and what becomes of a refusal."""

import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

import pytest

from app.notices.mail import MailDelayed, Mailer, MailRefused, Security, Server
from tests.fixtures.clock import NOW
from tests.fixtures.mail import PASSWORD, PUBLIC_URL, SENDER, USER, Certificate, MailServer, mailer_to

TO = "mai.vt@vidu.gov.vn"
CHOICES = "/notices/choices"
Serve = Callable[..., MailServer]


def letter(**changes: Any) -> dict[str, Any]:
    """A letter as the rules make it."""
    return {
        "subject": "Giao việc: Về việc bổ sung kinh phí chống ngập <gấp>",
        "paragraphs": [
            {
                "heading": "Việc quá hạn",
                "lines": ("Phan Gia Lộc giao chủ trì “A & B <i>”.", "Thời hạn: 11/01/2027."),
                "path": "/incoming/7?assignment=9",
                "link": "Mở văn bản",
            },
            {"heading": "", "lines": ("Đoạn hai.",), "path": "", "link": ""},
        ],
        "closing": ("Thư tự động.",),
        "choices": "Chọn thông báo",
        **changes,
    }


def message(mailer: Mailer, key: str = "42", at: datetime = NOW) -> Any:
    """The message of row 42 to somebody."""
    return mailer.message(key, TO, letter(), CHOICES, at)


def test_a_message_says_the_same_as_text_and_as_simple_html(serve_mail: Serve) -> None:
    server = serve_mail()
    mailer = mailer_to(server.port)
    mailer.send(message(mailer))
    (got,) = server.got
    assert got["From"] == f"Văn Thư <{SENDER}>"
    assert got["To"] == TO
    assert got["Subject"] == "Giao việc: Về việc bổ sung kinh phí chống ngập <gấp>"
    assert got["Date"] == "Wed, 30 Dec 2026 09:30:00 +0700"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Unsubscribe"] == f"<{PUBLIC_URL}/notices/choices>"
    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == (
        "VIỆC QUÁ HẠN\n"
        "Phan Gia Lộc giao chủ trì “A & B <i>”.\n"
        "Thời hạn: 11/01/2027.\n"
        f"Mở văn bản: {PUBLIC_URL}/incoming/7?assignment=9\n"
        "\n"
        "Đoạn hai.\n"
        "\n"
        "-- \n"
        "Thư tự động.\n"
        f"Chọn thông báo: {PUBLIC_URL}/notices/choices\n"
    )
    shown = html.get_content()
    assert '<html lang="vi">' in shown
    assert "“A &amp; B &lt;i&gt;”" in shown, "what somebody typed is never markup"
    assert f'<a href="{PUBLIC_URL}/incoming/7?assignment=9">Mở văn bản</a>' in shown


def test_a_repetition_is_known_by_its_message_id() -> None:
    mailer = mailer_to(25)
    first, again, other = message(mailer), message(mailer, at=NOW.replace(hour=12)), message(mailer, "43")
    assert first["Message-ID"] == again["Message-ID"] == "<notice-42@vidu.gov.vn>"
    assert other["Message-ID"] != first["Message-ID"]


def test_nobody_can_add_a_header_by_what_is_typed() -> None:
    made = mailer_to(25).message("1", TO, letter(subject="Giao việc\r\nBcc: ai@do.vn"), CHOICES, NOW)
    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert read["Subject"] == "Giao việc Bcc: ai@do.vn"


@pytest.mark.parametrize("words", range(1, 30))
def test_a_long_subject_keeps_every_blank(words: int) -> None:
    subject = " ".join(("Về việc ý kiến chỉ đạo bổ sung kinh phí chống ngập " * 4).split()[:words])
    made = mailer_to(25).message("1", TO, letter(subject=subject), CHOICES, NOW)
    raw = made.as_bytes()
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == subject
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_an_address_that_is_none_is_no_recipient() -> None:
    with pytest.raises(ValueError, match="no domain"):
        mailer_to(25).message("1", "không phải địa chỉ", letter(), CHOICES, NOW)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS], ids=str)
def test_mail_and_password_travel_encrypted(serve_mail: Serve, certificate: Certificate, security: Security) -> None:
    server = serve_mail(security, account=True)
    mailer = mailer_to(server.port, security, user=USER, password=PASSWORD, trust=certificate.client)
    mailer.send(message(mailer))
    assert server.encrypted == [True]
    assert server.signed_in == [True]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS], ids=str)
def test_a_server_that_nobody_vouches_for_gets_nothing(serve_mail: Serve, security: Security) -> None:
    server = serve_mail(security)
    mailer = mailer_to(server.port, security, trust=ssl.create_default_context())
    with pytest.raises(MailDelayed, match="CERTIFICATE_VERIFY_FAILED"):
        mailer.send(message(mailer))
    assert server.got == []


def test_a_server_without_starttls_gets_nothing_when_it_is_demanded(serve_mail: Serve) -> None:
    server = serve_mail()
    mailer = mailer_to(server.port, Security.STARTTLS)
    with pytest.raises(MailDelayed, match="STARTTLS"):
        mailer.send(message(mailer))
    assert server.got == []


def test_a_wrong_password_of_the_program_is_mended_by_the_operator_and_tried_again(
    serve_mail: Serve, certificate: Certificate
) -> None:
    server = serve_mail(Security.STARTTLS, account=True)
    mailer = mailer_to(server.port, Security.STARTTLS, user=USER, password="sai", trust=certificate.client)
    with pytest.raises(MailDelayed) as refusal:
        mailer.send(message(mailer))
    assert "535" in str(refusal.value)
    assert "sai" not in str(refusal.value)


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        (TO, "550 5.1.1 no such mailbox", MailRefused),
        (TO, "450 4.2.0 greylisted", MailDelayed),
        ("DATA", "552 5.3.4 too large", MailRefused),
        ("DATA", "451 4.3.0 try later", MailDelayed),
    ],
)
def test_a_final_refusal_is_told_from_one_for_the_moment(
    serve_mail: Serve, step: str, answer: str, expected: type[Exception]
) -> None:
    server = serve_mail()
    server.answers[step] = answer
    mailer = mailer_to(server.port)
    with pytest.raises(expected, match=answer[:3]):
        mailer.send(message(mailer))
    assert server.got == []


def test_a_server_that_is_away_is_asked_again_later() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        mailer = mailer_to(unused.getsockname()[1])
        with pytest.raises(MailDelayed, match="ConnectionRefusedError"):
            mailer.send(message(mailer))


def test_a_password_is_shown_nowhere() -> None:
    assert "bí mật" not in repr(Server("thu.vidu.vn", 587, user="vanthu", password="bí mật"))
