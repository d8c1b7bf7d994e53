"""A person's browser as far as the server notices: one connection, cookies, forms with their tokens."""

import http.client
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    """An answer of the server; ``seconds`` from the request to the last byte."""

    status: int
    location: str
    text: str
    seconds: float


class Browser:
    """One connection that stays open, with the cookies of one session."""

    def __init__(self, port: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._cookies: dict[str, str] = {}

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "",
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; redirects are not followed."""
        headers = {**(more or {}), "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        begun = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._connection.close()  # it was idle for longer than the server keeps a connection
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - begun
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return Answer(answer.status, answer.headers.get("Location", ""), content.decode("utf-8", "replace"), seconds)

    def get(self, path: str, more: Mapping[str, str] | None = None) -> Answer:
        """A page, or a part of one."""
        return self.request("GET", path, more=more)

    def follow(self, path: str) -> Answer:
        """A page, wherever the server sends one on to."""
        answer = self.get(path)
        while answer.status in (301, 302, 303):
            answer = self.get(answer.location)
        return answer

    def sign_in(self, username: str, password: str) -> "Browser":
        """As a person does it, by the form."""
        token = Form.of(self.follow("/login/").text).fields["csrf_token"]
        form = urlencode({"csrf_token": token, "username": username, "password": password})
        answer = self.request("POST", "/login/", form.encode(), "application/x-www-form-urlencoded")
        if answer.status not in (302, 303) or "login" in answer.location:
            raise RuntimeError(f"{username} cannot sign in: {answer.status}")
        return self


class Form(HTMLParser):
    """The one form of a page that posts: its fields with the values they have."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.options: dict[tuple[str, str], str] = {}
        """(name of the list, label) → value."""
        self._option = ""
        self._within = self._found = False
        self._select = self._text = ""

    @classmethod
    def of(cls, page: str) -> "Form":
        """The form of a page, the last one that posts."""
        form = cls()
        form.feed(page)
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect controls."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._within = given.get("method", "").lower() == "post" and "/language" not in given.get("action", "")
            if self._within:
                self.fields = {}
        if not self._within:
            return
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in ("file", "checkbox", "radio", "submit"):
            self.fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
            self.fields.setdefault(name, "")
        elif tag == "option" and self._select:
            self._option = given.get("value", "")
            if "selected" in given:
                self.fields[self._select] = self._option
        elif tag == "textarea":
            self._text = name
            self.fields[name] = ""

    def handle_data(self, data: str) -> None:
        """Text of a textarea, label of an option."""
        if self._text:
            self.fields[self._text] += data
        elif self._select and self._option:
            self.options[(self._select, data.strip())] = self._option

    def handle_endtag(self, tag: str) -> None:
        """Leave a control."""
        if tag == "form":
            self._within = False
        elif tag == "select":
            self._select = ""
        elif tag == "option":
            self._option = ""
        elif tag == "textarea":
            self._text = ""


def multipart(fields: dict[str, Any], files: dict[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """Body and type of a form with files."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (filename, content) in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: application/pdf'
        parts.append(f"--{mark}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    parts.append(f"--{mark}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={mark}"
