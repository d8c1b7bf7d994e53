"""Mail: make a message of plain data and hand it to the office's server by SMTP.

A message says by its ``Message-ID`` which outbox row it comes from: a repetition after a crash is the same message to
every mailbox and to whoever looks for duplicates. Bodies, passwords and addresses are never logged.
"""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from enum import StrEnum
from html import escape
from typing import Any
from urllib.parse import urljoin, urlsplit

TIMEOUT_SECONDS = 30
"""For each step of the conversation. Connecting, TLS, signing in and handing over are about a dozen: far less than the
outbox's lease of ten minutes, so no second worker takes up a row that is still being sent."""


class Security(StrEnum):
    """How the connection is protected: not at all, TLS after STARTTLS, TLS from the first byte."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class MailRefused(Exception):
    """The server will never take this message (its address does not exist, it is too large): trying again is vain."""


class MailDelayed(Exception):
    """The server could not be reached or will not take the message now: to be tried again."""


@dataclass(frozen=True)
class Server:
    """Where and how mail is handed over."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port}, {self.security})"  # a traceback must not show the password


class Mailer:
    """Hands messages to one server, from one sender."""

    def __init__(
        self,
        server: Server,
        sender: str,
        sender_name: str,
        public_url: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        trust: ssl.SSLContext | None = None,
    ):
        """``public_url``: the address under which people reach the program; links begin with it.

        ``trust``: whom TLS believes, by default the authorities of this machine.
        """
        self.server = server
        self.sender = sender
        self.sender_name = sender_name
        self.public_url = public_url.rstrip("/") + "/"
        self.timeout = timeout
        self._trust = trust

    def message(
        self, key: str, to: str, letter: Mapping[str, Any], choices_path: str, written_at: datetime
    ) -> EmailMessage:
        """The message: text, and the same as simple HTML.

        ``letter`` is :class:`app.rules.notices.Letter` as a dictionary, ``key`` tells this message from all others of
        the office, ``written_at`` an instant with zone. Raises ``ValueError`` for an address that is none.
        """
        message = EmailMessage(policy=SMTP)
        # as they are on the wire: EmailMessage itself loses a blank where it breaks a long line of Vietnamese
        message.set_raw("From", formataddr((self.sender_name, self.sender)))
        message["To"] = Address(addr_spec=to)
        subject = " ".join(letter["subject"].split())  # of one line: nobody adds a header by what is typed
        message.set_raw("Subject", Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n"))
        message["Date"] = format_datetime(written_at)
        message["Message-ID"] = f"<notice-{key}@{self._domain()}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of absence comes back
        message["Content-Language"] = "vi"
        if choices_path:
            message["List-Unsubscribe"] = f"<{self._link(choices_path)}>"
        message.set_content(self._text(letter, choices_path), cte="base64")
        message.add_alternative(self._html(letter, choices_path), subtype="html", cte="base64")
        return message

    def send(self, message: EmailMessage) -> None:
        """Hand one message to the server. Raises :class:`MailRefused` or :class:`MailDelayed`."""
        try:
            with _ending(self._connect()) as connection:
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _fault(code, said) from None  # the error names the address
        except smtplib.SMTPSenderRefused as error:
            raise MailDelayed(_said(error.smtp_code, error.smtp_error)) from None  # a fault of the settings
        except smtplib.SMTPAuthenticationError as error:
            raise MailDelayed(_said(error.smtp_code, error.smtp_error)) from None  # the same
        except smtplib.SMTPDataError as error:
            raise _fault(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailDelayed(f"{type(error).__name__}: {str(error)[:300]}") from None

    def _connect(self) -> smtplib.SMTP:
        host, port = self.server.host, self.server.port
        trust = self._trust or ssl.create_default_context()
        if self.server.security == Security.TLS:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self.timeout, context=trust)
        else:
            connection = smtplib.SMTP(host, port, timeout=self.timeout)
        try:
            if self.server.security == Security.STARTTLS:
                connection.starttls(context=trust)
            if self.server.user:
                connection.login(self.server.user, self.server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _domain(self) -> str:
        return self.sender.rpartition("@")[2] or urlsplit(self.public_url).hostname or "localhost"

    def _link(self, path: str) -> str:
        return urljoin(self.public_url, path.lstrip("/"))

    def _text(self, letter: Mapping[str, Any], choices_path: str) -> str:
        blocks = []
        for each in letter["paragraphs"]:
            lines = [each["heading"].upper()] if each["heading"] else []
            lines += each["lines"]
            if each["path"]:
                lines.append(f"{each['link']}: {self._link(each['path'])}")
            blocks.append("\n".join(lines))
        closing = list(letter["closing"])
        if choices_path:
            closing.append(f"{letter['choices']}: {self._link(choices_path)}")
        return "\n\n".join([*blocks, "-- \n" + "\n".join(closing)]) + "\n"

    def _html(self, letter: Mapping[str, Any], choices_path: str) -> str:
        blocks = []
        for each in letter["paragraphs"]:
            if each["heading"]:
                blocks.append(f"<h2>{escape(each['heading'])}</h2>")
            lines = [escape(line) for line in each["lines"]]
            if each["path"]:
                lines.append(_anchor(self._link(each["path"]), each["link"]))
            blocks.append(f"<p>{'<br>'.join(lines)}</p>")
        closing = [escape(line) for line in letter["closing"]]
        if choices_path:
            closing.append(_anchor(self._link(choices_path), letter["choices"]))
        title = escape(letter["subject"])
        return (
            f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head><body>'
            f"{''.join(blocks)}<hr><p><small>{'<br>'.join(closing)}</small></p></body></html>\n"
        )


class _ending:  # noqa: N801 - reads like a function
    """Close a connection politely; what the server says to that, after it took the message, is of no account.

    A farewell that fails must not make a message that was taken look unsent: it would be sent twice.
    """

    def __init__(self, connection: smtplib.SMTP):
        self.connection = connection

    def __enter__(self) -> smtplib.SMTP:
        return self.connection

    def __exit__(self, *_: object) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self.connection.quit()
        self.connection.close()


def _fault(code: int, said: bytes | str) -> MailRefused | MailDelayed:
    return MailRefused(_said(code, said)) if 500 <= code < 600 else MailDelayed(_said(code, said))


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {' '.join(text.split())}"[:300]


def _anchor(address: str, words: str) -> str:
    return f'<a href="{escape(address, quote=True)}">{escape(words)}</a>'
