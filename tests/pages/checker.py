"""What is wrong with one page, by its HTML alone: foreign words, raw values, dates, dead fragments, policy.

Every check looks at what a person sees or hears: texts, the attributes that are read out or shown, and the words
that scripts are given in ``data-`` attributes. What says its own language (``lang="en"``) and identifiers set as such
(``<code>``, ``<kbd>``, ``<samp>``) are left alone.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from lxml import html

SPOKEN = ("title", "aria-label", "aria-description", "aria-valuetext", "placeholder", "alt", "label")
"""Attributes that are shown or read out."""
CODE = frozenset({"code", "kbd", "samp"})
SILENT = frozenset({"script", "style", "template", "head"})
LEADS = ("href", "src", "action", "formaction", "poster", "data", "srcset")
FILLED_IN = frozenset({"text", "password", "search", "email", "tel", "number", "url", "date", "datetime-local"})
"""Types of controls that a person types into."""
INLINE = frozenset({"a", "abbr", "b", "bdi", "em", "i", "label", "mark", "q", "s", "small", "span", "strong", "u"})

_ISO = re.compile(r"(?<![\w/.-])(?:19|20)\d\d-(?:0\d|1[0-2])-[0-3]\d(?![\w-]|\.\w)|\d\dT\d\d:\d\d")
_AMERICAN = re.compile(
    r"(?<![\d/])(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/(?:19|20)?\d\d(?!\d)"
    r"|\b\d{1,2}:\d\d(?::\d\d)?\s?[AP]M\b"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d"
)
_RAW = re.compile(
    r"%\(\w*|\{\{|\}\}|\{%|%\}|&(?:[a-z]+|#\d+);|</?[a-z][^>]*>"
    r"|\b(?:None|NaN|undefined|NULL)\b|\[object |<\w+ object|Traceback|Markup\(|StrEnum"
)
_EMPTY = frozenset({"null", "nan", "none", "true", "false", "True", "False", "[]", "{}", "()"})
_SNAKE = re.compile(r"(?<![\w./@:=?&%-])[a-z]+[a-z0-9]*(?:_[a-z0-9]+)+(?![\w./@=-])")
_ADDRESS = re.compile(r"(?:[A-Z]+ )?/\S*")
_WORDS_APART = re.compile(r"\s*[·|;:,/()\[\]«»“”\"–—…*•\n]\s*")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_LIKE_WORDS = re.compile(r"[A-ZÀ-Ỵ]\w*[\w ]|\S+ \S")
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Fault:
    """One thing wrong: what kind, and the piece of the page that shows it."""

    kind: str
    snippet: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.snippet}"


@dataclass(frozen=True)
class Words:
    """What must not be shown raw: English of the catalogues, values of enumerations, tags of events.

    ``translations`` holds English → Vietnamese; where both are the same there is nothing to find. What an office
    calls by a value's own name (``Web``, ``email``) is allowed because it stands as a translation somewhere.
    """

    translations: Mapping[str, str]
    values: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    """Texts that are data of the test although they look like a raw value."""
    _cache: dict[str, tuple[Fault, ...]] = field(default_factory=dict, compare=False)

    @cached_property
    def foreign(self) -> Mapping[str, str]:
        """English, plain and without tags → its Vietnamese, where the two differ."""
        vietnamese = {_plain(text) for text in self.translations.values()}
        return {
            _plain(english): said
            for english, said in self.translations.items()
            if _plain(english) and _plain(english) not in vietnamese and re.search("[A-Za-z]{2}", english)
        }

    @cached_property
    def whole(self) -> frozenset[str]:
        """What is English when it is all that a place says."""
        return frozenset(text.rstrip(" :.…*?!") for text in self.foreign if not _PLACEHOLDER.search(text))

    @cached_property
    def parts(self) -> re.Pattern[str]:
        """Sentences of three words and more, wherever they stand; placeholders take any value."""
        sentences = sorted((t for t in self.foreign if _is_sentence(t)), key=len, reverse=True)
        found = "|".join(f"(?:{_as_pattern(text)})" for text in sentences)
        return re.compile(rf"(?<!\w)(?:{found})(?!\w)" if found else r"(?!)")

    @cached_property
    def _heads(self) -> frozenset[str]:
        """The first words of the sentences: a text without any of them is not searched further."""
        return frozenset(head for text in self.foreign if _is_sentence(text) for head in _heads_of(text))

    @cached_property
    def raw(self) -> frozenset[str]:
        """Values that no translation uses as a word of its own."""
        said = {text.strip() for text in self.translations.values()}
        return self.values - said

    def faults(self, text: str) -> tuple[Fault, ...]:
        """What is wrong with one piece of text (cached: most texts stand on many pages)."""
        if text not in self._cache:
            self._cache[text] = tuple(self._faults(text))
        return self._cache[text]

    def _faults(self, text: str) -> Iterator[Fault]:
        if text in self.data:
            return
        pieces = {text} if _ADDRESS.fullmatch(text) else {text, *_WORDS_APART.split(text)}
        for piece in sorted({each.strip().rstrip(" :.…*?!") for each in pieces} - self.data):
            if piece in self.whole:
                yield Fault("English", text)
            elif piece in self.raw or piece in _EMPTY:
                yield Fault("raw value", text)
        words = set(re.findall(r"\w+", text))
        if words & self._heads and (match := self.parts.search(text)):
            yield Fault("English", f"{match.group()!r} in {text!r}" if match.group() != text else text)
        if any(tag in text for tag in self.tags):
            yield Fault("tag of an event", text)
        for kind, pattern in (
            ("date not as the office writes it", _ISO),
            ("date not as the office writes it", _AMERICAN),
            ("raw value", _RAW),
            ("raw value", _SNAKE),
        ):
            match = pattern.search(text)
            if match and match.group() not in self.data:
                yield Fault(kind, text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", _TAG.sub("", text).replace("%%", "%")).strip()


def _is_sentence(text: str) -> bool:
    return len(re.findall(r"[A-Za-z]{2,}", _PLACEHOLDER.sub("", text))) >= 3


def _as_pattern(text: str) -> str:
    pieces = _PLACEHOLDER.split(text.strip(" .:…?!"))
    return r".{1,80}?".join(re.escape(piece) for piece in pieces).replace(r"\ ", r"\s+")


def _heads_of(text: str) -> Iterable[str]:
    return re.findall(r"[A-Za-z]{2,}", _PLACEHOLDER.sub(" ", text))[:1]


@lru_cache(maxsize=4096)
def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


class Page:
    """A parsed page: its texts, addresses, forms and ids."""

    def __init__(self, source: str):
        self.source = source
        self.root = html.document_fromstring(source or "<html></html>")

    @cached_property
    def ids(self) -> frozenset[str]:
        """Where a fragment may lead."""
        named = self.root.xpath("//a/@name")
        return frozenset([*self.root.xpath("//@id"), *named, "top", ""])

    def texts(self, language: str = "vi") -> Iterator[tuple[str, Any]]:
        """Every piece that a person sees or hears in that language, with its element."""
        title = self.root.find(".//title")
        if title is not None:
            yield _squeezed(title.text_content()), title
        body = self.root.find("body")
        if body is not None:
            yield from self._walk(body, language, self.root.get("lang", language) == language)

    def _walk(self, element: Any, language: str, spoken: bool) -> Iterator[tuple[str, Any]]:
        if not isinstance(element.tag, str) or element.tag in SILENT:
            return
        if "lang" in element.attrib:
            spoken = element.get("lang").split("-")[0] == language
        seen = spoken and element.tag not in CODE and element.get("translate") != "no"
        if seen:
            yield from self._attributes(element)
            for text in _written(element):
                yield _squeezed(text), element
            whole = self._sentence(element)
            if whole:
                yield whole, element
        for child in element:
            if element.tag not in CODE:
                yield from self._walk(child, language, spoken)
            if seen and child.tail and child.tail.strip():
                yield _squeezed(child.tail), element

    @staticmethod
    def _sentence(element: Any) -> str:
        """The text of an element whose children are pieces of one sentence, as "Read <b>this</b> first"."""
        children = [child for child in element if isinstance(child.tag, str)]
        if not children or any(child.tag not in INLINE or child.get("lang") or len(child) for child in children):
            return ""
        return _squeezed(element.text_content()) if (element.text or "").strip() else ""

    @staticmethod
    def _attributes(element: Any) -> Iterator[tuple[str, Any]]:
        for name, value in element.attrib.items():
            if name in SPOKEN or _is_visible_value(element, name):
                text = _squeezed(value)
                if text:
                    yield text, element
            elif name.startswith("data-"):
                for text in _data_words(value):
                    yield _squeezed(text), element

    def links(self) -> Iterator[str]:
        """Addresses that the page offers to follow: links, frames, and forms that are sent by GET as they stand."""
        for element in self.root.iter("a", "area"):
            if element.get("href") is not None:
                yield element.get("href")
        for element in self.root.iter("iframe", "frame", "embed"):
            if element.get("src"):
                yield element.get("src")
        for element in self.root.iter("form"):
            if (element.get("method") or "get").lower() == "get":
                yield _sent(element)

    def forms_to_fill(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Address and fields of each form that is posted and asks for something, with nothing filled in."""
        for form in self.root.iter("form"):
            asked = [each for each in form.iter("input", "textarea") if each.get("type", "text") in FILLED_IN]
            if (form.get("method") or "get").lower() != "post" or not asked:
                continue
            for each in asked:
                each.value = ""
            yield form.get("action") or "", list(form.form_values())

    def fetched(self) -> Iterator[str]:
        """Addresses that the page loads by itself: scripts, styles, pictures, what scripts are told to fetch."""
        for element in self.root.iter("script", "img", "source"):
            if element.get("src"):
                yield element.get("src")
        for element in self.root.iter("link"):
            if element.get("href"):
                yield element.get("href")
        for element in self.root.iter():
            if isinstance(element.tag, str):
                for name in ("data-src", "data-lookup", "data-url"):
                    if element.get(name):
                        yield element.get(name)

    def faults(self, words: Words | None, nonce: str = "") -> Iterator[Fault]:
        """Everything wrong with the page by itself; ``words`` None leaves its language aside."""
        if words is not None:
            for text, element in self.texts():
                for fault in words.faults(text):
                    yield Fault(fault.kind, f"<{element.tag}> {fault.snippet[:160]}")
        yield from self.policy_faults(nonce)
        yield from self.structure_faults()

    def policy_faults(self, nonce: str) -> Iterator[Fault]:
        """What the content security policy stops: inline script and style, handlers, other hosts."""
        for element in self.root.iter():
            if not isinstance(element.tag, str):
                continue
            shown = html.tostring(element, encoding="unicode").split(">", 1)[0][:160] + ">"
            inert = element.get("type", "") in ("application/json", "text/template")
            if (
                element.tag == "script"
                and not element.get("src")
                and not inert
                and element.get("nonce") != (nonce or 0)
            ):
                yield Fault("script without nonce", shown)
            if element.tag == "style":
                yield Fault("inline style", shown)
            for name, value in element.attrib.items():
                if name == "style":
                    yield Fault("inline style", shown)
                elif name.startswith("on") or (name in LEADS and urlsplit(value.strip()).scheme == "javascript"):
                    yield Fault("inline handler", shown)
                elif name in LEADS and _elsewhere(value):
                    yield Fault("another host", shown)

    def structure_faults(self) -> Iterator[Fault]:
        """A page without title, heading or language; ids held twice; fragments and labels that lead nowhere."""
        if not (self.root.findtext(".//title") or "").strip():
            yield Fault("page without title", "")
        if not self.root.get("lang"):
            yield Fault("page without language", "")
        count = len(list(self.root.iter("h1")))
        if count != 1:
            yield Fault("headings of the first rank", str(count))
        every = self.root.xpath("//@id")
        for held in sorted({each for each in every if every.count(each) > 1}):
            yield Fault("id held twice", held)
        for element in self.root.iter("a", "area"):
            address = element.get("href") or ""
            if address.startswith("#") and unquote(address[1:]) not in self.ids:
                yield Fault("fragment that leads nowhere", address)
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form"):
            for value in self.root.xpath(f"//@{name}"):
                for wanted in value.split():
                    if wanted not in self.ids:
                        yield Fault("reference that leads nowhere", f'{name}="{wanted}"')


def _written(element: Any) -> Iterator[str]:
    """The text that an element begins with; of hidden JSON, which a script reads, what is no identifier in it."""
    text = (element.text or "").strip()
    if text[:1] in ("{", "[") and ("hidden" in element.attrib or "d-none" in element.get("class", "").split()):
        yield from (word for word in _data_words(text) if _LIKE_WORDS.match(word))
    elif text:
        yield text


def _is_visible_value(element: Any, name: str) -> bool:
    if name != "value" or element.tag != "input":
        return False
    return element.get("type", "text") not in (
        "hidden",
        "date",
        "datetime-local",
        "checkbox",
        "radio",
        "color",
        "month",
    )


def _data_words(value: str) -> Iterator[str]:
    """Words in a data- attribute: those of a JSON text, or a text that begins like one (not an identifier)."""
    if value[:1] in "{[":
        try:
            yield from _strings(json.loads(value))
        except ValueError:
            yield value
    elif _LIKE_WORDS.match(value):
        yield value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        # placeholders of our scripts are in braces; they are filled in by the script
        yield re.sub(r"\{(\w+)\}", r"\1", value) if re.fullmatch(r"\{\w+\}", value) is None else ""
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _elsewhere(address: str) -> bool:
    parts = urlsplit(address.strip())
    return bool(parts.netloc) and parts.hostname != "localhost"


def _sent(form: Any) -> str:
    """The address that a browser asks for when this form is sent as it stands."""
    for control in form.iter("input"):
        if control.get("value") is None and control.get("type") not in ("checkbox", "radio"):
            control.set("value", "")
    pairs = [(name, value or "") for name, value in form.form_values()]
    action = (form.get("action") or "").split("#")[0]
    return f"{action.split('?')[0]}?{urlencode(pairs)}" if pairs else action or "?"
