"""Telling HTML, SVG, XML and edXML apart, with a parser that follows no entity and opens nothing."""

import re
from collections.abc import Callable, Iterable
from typing import BinaryIO
from xml.parsers import expat

from app.storage.filetypes import ACTIVE, DetectedType

_CHUNK = 256 * 1024
_MAX_DEPTH = 500
_BOM = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_ACTIVE_NAMESPACES = {"http://www.w3.org/1999/xhtml": "HTML", "http://www.w3.org/2000/svg": "SVG"}
# The edXML standard (QCVN 102:2016/BTTTT) and the name space that its first version used.
_EDXML = re.compile(r"(?i)e-doc\.vn/schema|qcvn[_-]?102")

# What browsers take for the start of a web page (WHATWG, MIME Sniffing, 7.1), and a script anywhere near the top.
_HTML_START = re.compile(
    rb"(?i)<(!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|svg|object|embed|form"
    rb"|img|meta|link|base|frameset)[\s>/]"
)
_HTML_WITHIN = re.compile(rb"(?i)<(!doctype html|html|script|iframe|svg)[\s>/]")


def looks_like_html(head: bytes) -> bool:
    """Whether a browser could take this beginning for a web page."""
    start = re.sub(rb"\A(\s|<!--.*?-->|<\?xml.*?\?>)+", b"", head.removeprefix(b"\xef\xbb\xbf"), flags=re.DOTALL)
    return bool(_HTML_START.match(start) or _HTML_WITHIN.search(head[:1024]))


def markup_type(file: BinaryIO, head: bytes) -> DetectedType | None:
    """XML (edXML named as such), or a kind that is refused; None for anything that is no markup."""
    text = head.replace(b"\0", b"") if head.startswith(_BOM[1:]) else head
    for bom in _BOM:
        text = text.removeprefix(bom)
    text = text.lstrip()
    if not text.startswith(b"<"):
        return DetectedType(ACTIVE, "", "HTML") if looks_like_html(text) else None
    survey = _Survey()
    complete = survey.read(file)
    if survey.active:
        return DetectedType(ACTIVE, "", survey.active)
    declared = text.startswith(b"<?xml")
    if not declared and looks_like_html(text):
        return DetectedType(ACTIVE, "", "HTML")  # well-formed or not: browsers ask no more than this
    if declared or complete:
        root = survey.root.upper()
        if root in ("SVG", "HTML"):  # without its name space: older writers, and browsers run it all the same
            return DetectedType(ACTIVE, "", root)
        if not complete and _HTML_WITHIN.search(text[:1024]):
            return DetectedType(ACTIVE, "", "HTML")
        return DetectedType("application/xml", "xml", "edXML" if survey.edxml else "XML")
    return None


def well_formed(file: BinaryIO) -> bool:
    """Whether the file is XML to its end, with no entities of its own and no absurd nesting."""
    return _Survey().read(file)


def attributes_of(content: bytes, tag: str) -> list[dict[str, str]]:
    """Attributes of every element of this local name in a small XML part; empty where it is not well-formed."""
    found: list[dict[str, str]] = []
    survey = _Survey()

    def collect(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition("}")[2] == tag:
            found.append(attributes)

    survey.also = collect
    return found if survey.feed_all([content]) else []


class _RefusedError(Exception):
    """The document uses what no document of the Office needs."""


class _Survey:
    """One pass over an XML document: its root, its name spaces, scripts in it."""

    def __init__(self) -> None:
        self.root = ""
        self.edxml = False
        self.active = ""
        self.also: Callable[[str, dict[str, str]], None] | None = None
        self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartNamespaceDeclHandler = self._namespace
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse

    def read(self, file: BinaryIO) -> bool:
        """Read the whole file; true if it is well-formed."""
        file.seek(0)
        return self.feed_all(iter(lambda: file.read(_CHUNK), b""))

    def feed_all(self, pieces: Iterable[bytes]) -> bool:
        """Parse the pieces as one document; true if it is well-formed."""
        try:
            for piece in pieces:
                self._parser.Parse(piece, False)
            self._parser.Parse(b"", True)
        except (expat.ExpatError, _RefusedError, ValueError, LookupError):
            return False
        return True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _RefusedError("nested too deeply")
        namespace, _, local = name.rpartition("}")
        if self._depth == 1:
            self.root = local
            self.active = _ACTIVE_NAMESPACES.get(namespace, "")
        elif local == "script" and namespace in _ACTIVE_NAMESPACES:
            self.active = _ACTIVE_NAMESPACES[namespace]
        if self.also:
            self.also(name, attributes)

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _namespace(self, _prefix: str | None, uri: str | None) -> None:
        if uri and _EDXML.search(uri):
            self.edxml = True

    def _refuse(self, *_what: str | int | None) -> int:
        raise _RefusedError("entities")
