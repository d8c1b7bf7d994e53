"""What a file is, decided by its content, and whether the Office may take it in.

The name is only compared with the content, never believed. Nothing is unpacked to disk, and no more
than about a megabyte of a file is in memory at a time.
"""

import codecs
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.storage import compound, markup
from app.storage.cms import cms_type
from app.storage.filetypes import (
    ACCEPTED,
    ACTIVE,
    KNOWN_EXTENSIONS,
    NOTHING,
    OTHER,
    PROGRAM,
    PROGRAM_EXTENSIONS,
    UNKNOWN,
    DetectedType,
    Problem,
    extension_of,
    matches_extension,
)
from app.storage.names import hides_something, safe_name
from app.storage.packages import package_problems, package_type
from app.storage.zips import DEFAULT_LIMITS, ZipLimits, ZipReader, ZipRefusedError, find_end_of_zip

__all__ = ["KNOWN_EXTENSIONS", "Examination", "check", "examine", "matches_extension", "safe_name", "sniff"]

HEAD = 4096
_PDF_HEADER_WITHIN = 1024  # where readers look for %PDF- (ISO 32000, annex H of the first edition)
_PDF_END_WITHIN = 64 * 1024
_PDF_AFTER_END = 1024
_TEXT_CHUNK = 1024 * 1024

Source = str | os.PathLike[str] | BinaryIO


@dataclass(frozen=True)
class Examination:
    """Everything that can be said about a received file before it is kept."""

    type: DetectedType
    name: str  # fit to be kept and shown
    problems: tuple[Problem, ...]

    @property
    def acceptable(self) -> bool:
        """Whether nothing speaks against taking the file in."""
        return not any(problem.blocking for problem in self.problems)


def sniff(source: Source) -> DetectedType:
    """The kind of a file by its content; a stream must be able to seek and is read from its start.

    Answers what it found even where it is nothing that may be taken in: see ``DetectedType.accepted``
    and :func:`check`.
    """
    with _opened(source) as file:
        return _detect(file)


def check(source: Source, received_name: str, limits: ZipLimits = DEFAULT_LIMITS) -> list[Problem]:
    """Everything that speaks against a file, all at once; unpacks ZIP-based files within ``limits``."""
    return list(examine(source, received_name, limits).problems)


def examine(source: Source, received_name: str, limits: ZipLimits = DEFAULT_LIMITS) -> Examination:
    """Kind, clean name and problems of a received file."""
    name = safe_name(received_name)
    with _opened(source) as file:
        detected = _detect(file, limits)
        problems = [*_content_problems(file, detected, limits), *_name_problems(detected, received_name, name)]
    return Examination(detected, name, tuple(problems))


# ---- problems


def _name_problems(detected: DetectedType, received_name: str, name: str) -> Iterator[Problem]:
    extension = extension_of(name)
    if extension in PROGRAM_EXTENSIONS:
        yield Problem("dangerous_name", {"extension": extension})
    elif detected.accepted and not matches_extension(detected, name):
        yield Problem("extension_mismatch", {"extension": extension, "type": detected.label})
    if hides_something(received_name):
        yield Problem("name_cleaned")


def _content_problems(file: BinaryIO, detected: DetectedType, limits: ZipLimits) -> Iterator[Problem]:
    label = {"type": detected.label}
    refusal = {NOTHING.media_type: "empty", UNKNOWN.media_type: "unknown_type"}.get(detected.media_type)
    if refusal:
        yield Problem(refusal)
        return
    if not detected.accepted:
        yield Problem(
            {PROGRAM: "program", ACTIVE: "active_content"}.get(detected.media_type, "type_not_accepted"), label
        )
        return
    if _is_packed(file):
        yield from package_problems(file, detected, limits)
    else:
        if detected.media_type == "application/pdf":
            yield from _pdf_problems(file)
        elif detected.media_type == "application/xml" and not markup.well_formed(file):
            yield Problem("damaged", label)
        if find_end_of_zip(file) is not None:
            yield Problem("polyglot", label)
    if detected.macros or ACCEPTED[detected.media_type].program_inside:
        yield Problem("macros", label)
    if detected.encrypted:
        yield Problem("encrypted", label)


def _pdf_problems(file: BinaryIO) -> Iterator[Problem]:
    total = file.seek(0, 2)
    file.seek(max(0, total - _PDF_END_WITHIN))
    tail = file.read(_PDF_END_WITHIN)
    at = tail.rfind(b"%%EOF")
    # Scanners pad with zeros, mail gateways add blanks; anything else that long is not part of the document.
    if at < 0 or len(tail[at:].rstrip(b"\0 \t\r\n\x1a")) > _PDF_AFTER_END:
        yield Problem("pdf_truncated")


# ---- detection


def _detect(file: BinaryIO, limits: ZipLimits = DEFAULT_LIMITS) -> DetectedType:
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return NOTHING
    for recognise in (_program, _picture_or_rtf):
        found = recognise(head)
        if found:
            return found
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _packed(file, limits)
    if head.startswith(compound.SIGNATURE):
        return _compound(file)
    structured = _pdf(head) or cms_type(head)
    if structured:
        return structured
    marked = markup.markup_type(file, head)
    if marked:
        return marked
    return _other(head) or (DetectedType("text/plain", "txt", "TXT") if _is_text(file) else UNKNOWN)


def _program(head: bytes) -> DetectedType | None:
    def label() -> str:
        if head.startswith(b"MZ") and b"\0" in head:
            return "EXE/DLL"
        if head.startswith(b"#!") or head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"@echo off", b"<?php")):
            return "script"
        return next((name for magic, name in _PROGRAM_MAGIC if head.startswith(magic)), "")

    found = label()
    return DetectedType(PROGRAM, "", found) if found else None


_PROGRAM_MAGIC = (
    (b"\x7fELF", "ELF"),
    (b"\xfe\xed\xfa\xce", "Mach-O"),
    (b"\xfe\xed\xfa\xcf", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xca\xfe\xba\xbe", "Mach-O/Java"),
    (b"dex\n", "Android"),
    (b"\0asm", "WebAssembly"),
    (b"L\0\0\0\x01\x14\x02\0", "LNK"),
    (b"ITSF", "CHM"),
    (b"[InternetShortcut]", "URL"),
)

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
)

_OTHERS = (
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b", "GZIP"),
    (b"BZh", "BZIP2"),
    (b"\xfd7zXZ\0", "XZ"),
    (b"MSCF", "CAB"),
    (b"%!PS", "PostScript"),
    (b"BM", "BMP"),
    (b"RIFF", "RIFF (WebP, WAV, AVI)"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"\x1aE\xdf\xa3", "Matroska"),
    (b"AT&TFORM", "DjVu"),
    (b"SQLite format 3\0", "SQLite"),
)


def _picture_or_rtf(head: bytes) -> DetectedType | None:
    return next((_as_accepted(media_type) for magic, media_type in _PICTURES if head.startswith(magic)), None)


def _other(head: bytes) -> DetectedType | None:
    if head[4:8] == b"ftyp":
        return DetectedType(OTHER, "", "MP4/HEIC")
    binary = b"\0" in head or any(byte > 0x7F for byte in head[:16])
    return next(
        (
            DetectedType(OTHER, "", name)
            for magic, name in _OTHERS
            if head.startswith(magic) and (binary or magic[0] == 37)
        ),
        None,
    )


def _pdf(head: bytes) -> DetectedType | None:
    at = head.find(b"%PDF-", 0, _PDF_HEADER_WITHIN)
    if at < 0:
        return None
    # A web page that carries a PDF header in its first lines stays a web page: browsers would run it.
    if markup.looks_like_html(head[:at]):
        return DetectedType(ACTIVE, "", "HTML")
    return _as_accepted("application/pdf")


def _packed(file: BinaryIO, limits: ZipLimits) -> DetectedType:
    try:
        return package_type(ZipReader(file, limits))
    except ZipRefusedError:
        return _as_accepted("application/zip")  # what is wrong with it is said by the check


def _is_packed(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(2) == b"PK"


def _compound(file: BinaryIO) -> DetectedType:
    names = compound.stream_names(file)
    macros = bool(names & {"VBA", "Macros", "_VBA_PROJECT_CUR", "_VBA_PROJECT"})
    kinds: tuple[tuple[set[str], str], ...] = (
        ({"EncryptedPackage"}, "application/x-ole-encrypted-office"),
        ({"WordDocument"}, "application/msword"),
        ({"Workbook", "Book"}, "application/vnd.ms-excel"),
        ({"PowerPoint Document"}, "application/vnd.ms-powerpoint"),
    )
    for marks, media_type in kinds:
        if names & marks:
            encrypted = media_type == "application/x-ole-encrypted-office" or "encryption" in names
            return _as_accepted(media_type, macros=macros, encrypted=encrypted)
    if "__properties_version1.0" in names:
        return DetectedType(OTHER, "msg", "Outlook (MSG)")
    return DetectedType(OTHER, "", "OLE")  # installers (MSI) among them


def _as_accepted(media_type: str, *, macros: bool = False, encrypted: bool = False) -> DetectedType:
    kind = ACCEPTED[media_type]
    return DetectedType(media_type, kind.extension, kind.label, macros=macros, encrypted=encrypted)


_NOT_IN_TEXT = bytes(set(range(32)) - {9, 10, 12, 13}) + b"\x7f"


def _is_text(file: BinaryIO) -> bool:
    """Whether everything is UTF-8 without control characters; old Vietnamese code pages are not."""
    decode: Callable[[bytes, bool], str] = codecs.getincrementaldecoder("utf-8")().decode
    file.seek(0)
    try:
        while chunk := file.read(_TEXT_CHUNK):
            if len(chunk.translate(None, _NOT_IN_TEXT)) != len(chunk):
                return False
            decode(chunk, False)
        decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file:
            yield file
    else:
        yield source
