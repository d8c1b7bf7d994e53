"""Facts and text of a PDF file, by pypdf.

Only the worker processes import this module: a PDF from outside may make any parser run for ever, fill
the memory or crash, and there that costs nothing but the worker. See :mod:`app.extraction.pool`.
"""

import dataclasses
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, NullObject

from app.extraction.facts import PdfFacts

_T = TypeVar("_T")
_TITLE_CHARS = 500
_REASON_CHARS = 300
_NODES = 200_000  # objects looked at in one file before the search for scripts and fields ends
_REPAIRS = re.compile(r"(?i)rebuild|startxref|EOF marker|xref|parsing for Object Streams|Root (object|found)|repaired")
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")  # what a PostgreSQL text cannot hold


def inspect(path: str | Path) -> PdfFacts:
    """Facts about the PDF file at ``path``; damaged and encrypted files are facts too, not errors.

    ``OSError`` if the file cannot be opened, ``MemoryError`` where the limit of the worker is reached.
    """
    with Path(path).open("rb") as file, _Listening() as heard:
        try:
            facts = _facts(file)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a hostile file makes pypdf raise anything at all
            return PdfFacts(damaged=True, reason=_reason(error), pdf_version=_header_version(file))
        repairs = [message for message in heard if _REPAIRS.search(message)]
        if repairs and not facts.reason:
            facts = dataclasses.replace(facts, repaired=True, reason=repairs[0][:_REASON_CHARS])
        return dataclasses.replace(facts, repaired=bool(repairs))


def text_of(path: str | Path, max_pages: int, max_chars: int) -> str:
    """Text of the first ``max_pages`` pages, at most ``max_chars`` characters; empty for a scan.

    A page whose text cannot be read is passed over. ``ValueError`` if the file is no readable PDF.
    """
    parts: list[str] = []
    left = max_chars
    with Path(path).open("rb") as file, _Listening():
        try:
            reader = PdfReader(file)
            pages = reader.pages[:max_pages]
        except MemoryError:
            raise
        except Exception as error:
            raise ValueError(_reason(error)) from error
        for page in pages:
            text = _or(_clean, "", lambda page=page: page.extract_text())[:left]  # type: ignore[misc]
            parts.append(text)
            left -= len(text) + 1
            if left <= 0:
                break
    return "\n".join(parts)


# ---- tasks of the workers (see app.extraction.tasks)


def inspect_task(arguments: dict[str, Any]) -> dict[str, Any]:
    """:func:`inspect` as a worker is asked for it."""
    return dataclasses.asdict(inspect(arguments["path"]))


def text_task(arguments: dict[str, Any]) -> dict[str, Any]:
    """:func:`text_of` as a worker is asked for it."""
    return {"text": text_of(arguments["path"], arguments["max_pages"], arguments["max_chars"])}


# ---- inside


def _facts(file: BinaryIO) -> PdfFacts:
    reader = PdfReader(file)
    version = reader.pdf_header.removeprefix("%PDF-")[:8]
    if reader.is_encrypted and not reader.decrypt(""):
        return PdfFacts(encrypted=True, pdf_version=version)
    root = reader.root_object
    declared = str(root.get("/Version", "")).removeprefix("/")
    if re.fullmatch(r"\d\.\d", declared) and declared > version:
        version = declared
    page_count = len(reader.pages)
    if not page_count:
        return PdfFacts(pdf_version=version, damaged=True, reason="no pages")
    troubles: list[str] = []
    search = _Search(reader)
    return PdfFacts(
        page_count=page_count,
        pdf_version=version,
        title=_or(_clean, "", lambda: reader.metadata.title if reader.metadata else "", troubles)[:_TITLE_CHARS],
        has_javascript=_or(bool, False, search.has_javascript, troubles),
        has_embedded_files=_or(bool, False, search.has_embedded_files, troubles),
        has_signatures=_or(int, 0, search.count_signatures, troubles),
        reason="; ".join(troubles)[:_REASON_CHARS],
    )


def _or(make: Callable[[Any], _T], default: _T, read: Callable[[], Any], troubles: list[str] | None = None) -> _T:
    try:
        return make(read())
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - one unreadable corner must not hide the rest
        if troubles is not None:
            troubles.append(_reason(error))
        return default


class _Search:
    """Walks the parts of a document where scripts, attachments and signatures live, each object once."""

    def __init__(self, reader: PdfReader):
        self._reader = reader
        self._root = reader.root_object

    def has_javascript(self) -> bool:
        """Scripts that run by themselves or when somebody touches the page, a field or the document."""
        if self._names("/JavaScript"):
            return True
        seen: set[int] = set()
        return any(self._is_script(action, seen) for holder in self._holders() for action in _actions(holder))

    def has_embedded_files(self) -> bool:
        """Files attached to the document or to a place on a page."""
        if self._names("/EmbeddedFiles") or _resolved(self._root.get("/AF")):
            return True
        return any(annotation.get("/Subtype") == "/FileAttachment" for annotation in self._annotations())

    def count_signatures(self) -> int:
        """Signature fields that hold a signature."""
        form = _resolved(self._root.get("/AcroForm"))
        signatures: set[int] = set()
        if isinstance(form, DictionaryObject):
            for field, kind in self._fields(form):
                value = _resolved(field.get("/V"))
                if kind == "/Sig" and isinstance(value, DictionaryObject) and "/Contents" in value:
                    signatures.add(id(value))
        return len(signatures)

    def _names(self, tree: str) -> bool:
        names = _resolved(self._root.get("/Names"))
        branch = _resolved(names.get(tree)) if isinstance(names, DictionaryObject) else None
        return isinstance(branch, DictionaryObject) and bool(
            _resolved(branch.get("/Names")) or _resolved(branch.get("/Kids"))
        )

    def _holders(self) -> Iterator[DictionaryObject]:
        yield self._root
        yield from self._reader.pages
        yield from self._annotations()
        form = _resolved(self._root.get("/AcroForm"))
        if isinstance(form, DictionaryObject):
            for field, _ in self._fields(form):
                yield field

    def _annotations(self) -> Iterator[DictionaryObject]:
        left = _NODES
        for page in self._reader.pages:
            for annotation in _items(page.get("/Annots")):
                if isinstance(annotation, DictionaryObject):
                    yield annotation
                left -= 1
                if left <= 0:
                    return

    def _fields(self, form: DictionaryObject) -> Iterator[tuple[DictionaryObject, Any]]:
        """Fields of a form with their kind, which a child inherits from its parent."""
        waiting: list[tuple[Any, Any]] = [(field, None) for field in _items(form.get("/Fields"))]
        seen: set[int] = set()
        while waiting and len(seen) < _NODES:
            field, inherited = waiting.pop()
            if not isinstance(field, DictionaryObject) or id(field) in seen:
                continue
            seen.add(id(field))
            kind = _resolved(field.get("/FT")) or inherited
            yield field, kind
            waiting.extend((child, kind) for child in _items(field.get("/Kids")))

    def _is_script(self, action: Any, seen: set[int]) -> bool:
        waiting = [action]
        while waiting and len(seen) < _NODES:
            action = _resolved(waiting.pop())
            if isinstance(action, ArrayObject):
                waiting.extend(action)
            elif isinstance(action, DictionaryObject) and id(action) not in seen:
                seen.add(id(action))
                if action.get("/S") == "/JavaScript" or "/JS" in action:
                    return True
                if "/Next" in action:
                    waiting.append(action["/Next"])
        return False


def _actions(holder: DictionaryObject) -> Iterator[Any]:
    for key in ("/OpenAction", "/A"):
        action = _resolved(holder.get(key))
        if isinstance(action, DictionaryObject):  # an array here is a place in the document, not an action
            yield action
    additional = _resolved(holder.get("/AA"))
    if isinstance(additional, DictionaryObject):
        yield from additional.values()


def _resolved(value: Any) -> Any:
    found = value.get_object() if hasattr(value, "get_object") else value
    return None if isinstance(found, NullObject) else found


def _items(value: Any) -> Iterator[Any]:
    array = _resolved(value)
    if isinstance(array, ArrayObject):
        for item in array:
            yield _resolved(item)


def _clean(text: Any) -> str:
    return _NOT_STORABLE.sub("\ufffd", str(text or ""))


def _reason(error: BaseException) -> str:
    return _clean(f"{type(error).__name__}: {error}")[:_REASON_CHARS]


def _header_version(file: BinaryIO) -> str:
    file.seek(0)
    found = re.search(rb"%PDF-(\d\.\d)", file.read(1024))
    return found[1].decode() if found else ""


class _Listening(logging.Handler):
    """Collects what pypdf complains about while it reads one file."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.messages) < 100:
            self.messages.append(_clean(record.getMessage()))

    def __enter__(self) -> list[str]:
        logger = logging.getLogger("pypdf")
        logger.addHandler(self)
        logger.propagate = False
        return self.messages

    def __exit__(self, *exception: object) -> None:
        logging.getLogger("pypdf").removeHandler(self)
