"""What is known about a PDF file after it was examined; plain data, loads no parser."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True)
class PdfFacts:
    """Facts about one PDF file.

    ``encrypted`` means that it cannot be read without a password; a file that only limits printing or
    copying is readable and not counted. ``has_signatures`` counts filled signature fields, time stamps
    of the whole document among them; it says nothing about their validity. ``damaged`` means that the
    pages cannot be read, ``repaired`` that they can, after the index of the file was rebuilt; ``reason``
    says what was found, in the words of the parser. ``text_excerpt`` is the beginning of the text, empty
    for a scan without text layer, None where it was not or could not be read.
    """

    page_count: int = 0
    encrypted: bool = False
    has_javascript: bool = False
    has_embedded_files: bool = False
    has_signatures: int = 0
    pdf_version: str = ""
    title: str = ""
    text_excerpt: str | None = None
    damaged: bool = False
    repaired: bool = False
    reason: str = ""

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Self:
        """Take the answer of a worker, which has handled hostile bytes: every value must have its type."""
        expected = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        expected["text_excerpt"] = str
        for name, value in message.items():
            if name not in expected or (type(value) is not expected[name] and (name, value) != ("text_excerpt", None)):
                raise ValueError(f"unexpected {name!r}")
        return cls(**message)


Detail = str | int | bool


@dataclass(frozen=True)
class SignatureFacts:
    """What checking one signature, or one time stamp of the whole document, came to (212/5.1).

    ``verdict`` is ``valid``, ``invalid`` or ``indeterminate``; ``code`` says why, in a word of
    :mod:`app.rules.signatures`. ``signed_at`` is an instant in ISO form with zone, or empty; ``time_source`` is
    ``timestamp`` where a trusted authority vouches for it, ``claimed`` where the signer says so, else empty.
    ``intact``: the signed bytes are as they were when signed. ``covers_all``: nothing in the file lies outside
    the signature. ``modified``: what was added later goes beyond what may be added to a signed document.
    """

    ordinal: int = 1
    field: str = ""
    verdict: str = "indeterminate"
    code: str = "unreadable"
    signer: str = ""
    organisation: str = ""
    issuer: str = ""
    serial: str = ""
    signed_at: str = ""
    time_source: str = ""
    intact: bool = False
    covers_all: bool = False
    trusted: bool = False
    modified: bool = False
    details: dict[str, Detail] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_message(cls, message: Any) -> Self:
        """Take the answer of a worker, which has handled hostile bytes; ``ValueError`` for what has no sense."""
        if not isinstance(message, dict):
            raise ValueError("not an object")
        expected = {each.name: type(each.default) for each in dataclasses.fields(cls)} | {"details": dict}
        for name, value in message.items():
            if type(value) is not expected.get(name):
                raise ValueError(f"unexpected {name!r}")
        made = cls(**message)
        if made.verdict not in ("valid", "invalid", "indeterminate"):
            raise ValueError(f"unexpected verdict {made.verdict[:40]!r}")
        if any(type(key) is not str or type(value) not in (str, int, bool) for key, value in made.details.items()):
            raise ValueError("unexpected details")
        if made.signed_at and datetime.fromisoformat(made.signed_at).tzinfo is None:
            raise ValueError("an instant without zone")
        return made

    @property
    def instant(self) -> datetime | None:
        """``signed_at`` as an instant."""
        return datetime.fromisoformat(self.signed_at) if self.signed_at else None


@dataclass(frozen=True)
class TrustFacts:
    """How many trusted roots, other certificates and pieces of revocation data there are, and what says nothing."""

    roots: int = 0
    others: int = 0
    revocation: int = 0
    unreadable: tuple[str, ...] = ()
