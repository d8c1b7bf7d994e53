"""How files that the program makes leave it: on record before the first byte, guarded, never kept by a browser."""

import io
from typing import BinaryIO

from flask import Response, send_file

from app import accesses
from app.actor import Actor
from app.models import Document, DocumentFile
from app.request import remote_addr
from app.vocabulary import AccessKind

PDF = "application/pdf"


def put_on_record(
    actor: Actor, kind: AccessKind, what: str, document: Document | None = None, file: DocumentFile | None = None
) -> None:
    """Put the output on record; without that, nothing leaves (212/16.2.a)."""
    accesses.record(
        actor,
        kind,
        subject=("document", document.id) if document else None,
        document_id=document.id if document else None,
        file_id=file.id if file else None,
        what=what,
        remote_addr=remote_addr(),
    )


def shown(content: bytes, name: str) -> Response:
    """A form of our own making, shown in the browser so that it can be printed at once."""
    return guarded(send_file(io.BytesIO(content), PDF, as_attachment=False, download_name=name))


def sent(out: BinaryIO, media_type: str, name: str) -> Response:
    """A whole file as a download."""
    size = out.seek(0, io.SEEK_END)
    out.seek(0)
    response = send_file(out, media_type, as_attachment=True, download_name=name)
    response.content_length = size
    return guarded(response)


def guarded(response: Response) -> Response:
    """No script, no frame of others, no copy in a cache."""
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'self'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
