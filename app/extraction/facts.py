"""What is known about a PDF file after it was examined; plain data, loads no parser."""

import dataclasses
from dataclasses import dataclass
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
