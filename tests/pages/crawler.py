"""Walks through the program as a person would: every link, menu entry and form that is sent by GET, from the desk on.

Pages of one shape (same screen, same names in the query) are looked at a limited number of times: the records of the
filled office differ, the hundredth line of a trail does not.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from tests.pages.checker import Fault, Page

HOST = "http://localhost"
RECORDS = 20
"""How many pages of one screen without a query are looked at: more than the filled office has documents."""
QUERIES = 2
"""How many addresses of one screen with the same names in the query."""
SHAPES = 6
"""How many different combinations of names in the query of one screen."""
LANGUAGE = "/lang/"
HOPS = 4


@dataclass
class Findings:
    """What a walk saw."""

    pages: dict[str, str] = field(default_factory=dict)
    """Address → its HTML."""
    faults: dict[Fault, list[str]] = field(default_factory=dict)
    """Fault → the addresses that show it."""

    def add(self, fault: Fault, address: str) -> None:
        """Put a fault of a page on the list."""
        seen = self.faults.setdefault(fault, [])
        if address not in seen:
            seen.append(address)

    def report(self) -> str:
        """All faults, one a line, each with up to three of the pages that show it."""
        lines = []
        for fault, addresses in sorted(self.faults.items(), key=lambda item: (item[0].kind, item[0].snippet)):
            more = f" and {len(addresses) - 3} more" if len(addresses) > 3 else ""
            lines.append(f"{fault}\n      on {', '.join(addresses[:3])}{more}")
        return "\n".join(lines)


class Walk:
    """One walk of one person."""

    def __init__(
        self,
        app: Flask,
        client: Any,
        check: Callable[[Page, str], Iterable[Fault]],
        records: int = RECORDS,
        queries: int = QUERIES,
    ):
        self.records, self.queries = records, queries
        self.client, self.check = client, check
        self.routes: MapAdapter = app.url_map.bind("localhost")
        self.findings = Findings()
        self.waiting: deque[tuple[str, str]] = deque()
        self.known: set[str] = set()
        self.counted: Counter[Any] = Counter()
        self.shapes: dict[str, set[Any]] = {}
        self.fragments: list[tuple[str, str, str]] = []
        self.ids: dict[str, frozenset[str]] = {}

    def run(self, *starts: str) -> Findings:
        """Follow everything from these addresses on."""
        for start in starts:  # never too many of these
            self.known.add(start)
            self.waiting.append((start, ""))
        while self.waiting:
            self._visit(*self.waiting.popleft())
        for page, address, fragment in self.fragments:
            target = self._bare(address)
            if target in self.ids and unquote(fragment) not in self.ids[target]:
                self.findings.add(Fault("fragment that leads nowhere", f"{address}#{fragment}"), page)
        return self.findings

    def look(self, address: str, statuses: set[int]) -> None:
        """Look at one page that is expected to answer with one of these, without following it."""
        answer = self._get(address, "")
        if answer is None:
            return
        if answer.status_code not in statuses:
            self.findings.add(Fault(f"answers {answer.status_code}, not one of {sorted(statuses)}", address), address)
        if answer.mimetype == "text/html":
            self._judge(Page(answer.get_data(as_text=True)), address, _nonce(answer))

    def screen_of(self, address: str) -> str:
        """The route that answers at this address."""
        return self._shape(address)[0]

    def send_empty(self) -> int:
        """Send every form of the pages seen with nothing filled in, one of each shape; judge what comes back.

        Returns how many were sent.
        """
        sent: set[Any] = set()
        for address, source in self.findings.pages.items():
            for action, fields in Page(source).forms_to_fill():
                target = self._bare(urljoin(HOST + address, action))
                shape = (self._shape(target)[0], frozenset(name for name, _value in fields))
                if shape in sent:
                    continue
                sent.add(shape)
                answer = self._get(target, address, data=fields)
                if answer is not None and answer.status_code >= 500:
                    self.findings.add(Fault(f"a form that answers {answer.status_code}", target), address)
                elif answer is not None and answer.mimetype == "text/html" and answer.status_code != 302:
                    self._judge(Page(answer.get_data(as_text=True)), f"{target} (sent empty)", _nonce(answer))
        return len(sent)

    def _bare(self, address: str) -> str:
        parts = urlsplit(address)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _shape(self, address: str) -> tuple[str, frozenset[str]]:
        parts = urlsplit(address)
        names = frozenset(name for name, value in parse_qsl(parts.query, keep_blank_values=True) if value)
        try:
            return str(self.routes.match(parts.path, return_rule=True)[0]), names
        except HTTPException:
            return parts.path, names

    def _offer(self, address: str, seen_on: str, base: str) -> None:
        whole = urlsplit(urljoin(base, address))
        if whole.scheme not in ("http", "https") or whole.netloc != "localhost":
            return
        bare = self._bare(whole.geturl())
        if whole.fragment:
            self.fragments.append((seen_on, bare, whole.fragment))
        if bare in self.known or whole.path.startswith(LANGUAGE):
            return
        self.known.add(bare)
        screen, names = self._shape(bare)
        if names:
            shapes = self.shapes.setdefault(screen, set())
            if names not in shapes and len(shapes) >= SHAPES:
                return
            shapes.add(names)
        self.counted[screen, names] += 1
        if self.counted[screen, names] <= (self.queries if names else self.records):
            self.waiting.append((bare, seen_on))

    def _get(self, address: str, seen_on: str, data: list[tuple[str, str]] | None = None) -> Any:
        try:
            return self.client.get(address) if data is None else self.client.post(address, data=MultiDict(data))
        except Exception as error:  # noqa: BLE001 - whatever a page raises is the fault we look for
            self.findings.add(
                Fault("error of the program", f"{type(error).__name__}: {error}"[:300]), address or seen_on
            )
            return None

    def _visit(self, address: str, seen_on: str) -> None:
        answer, first = self._get(address, seen_on), address
        for _hop in range(HOPS):
            if answer is None or answer.status_code not in (301, 302, 303, 307, 308):
                break
            address = self._bare(urljoin(HOST + address, answer.location))
            self.known.add(address)
            answer = self._get(address, seen_on)
        if answer is None:
            return
        if answer.status_code != 200:
            self.findings.add(Fault(f"a link that answers {answer.status_code}", first), seen_on)
        if answer.mimetype == "text/html":
            page = Page(answer.get_data(as_text=True))
            self.findings.pages[address] = page.source
            self.ids[first] = self.ids[address] = page.ids
            self._judge(page, address, _nonce(answer))
            base = urljoin(HOST, address)
            for link in (*page.links(), *page.fetched()):
                self._offer(link, address, base)
        answer.close()

    def _judge(self, page: Page, address: str, nonce: str) -> None:
        for fault in self.check(page, nonce):
            self.findings.add(fault, address)


def _nonce(answer: Any) -> str:
    match = re.search(r"'nonce-([^']+)'", answer.headers.get("Content-Security-Policy", ""))
    return match.group(1) if match else ""
