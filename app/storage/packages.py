"""What a ZIP file is: an office document (OOXML, ODF), a program, or just packed files."""

from collections.abc import Iterator
from typing import BinaryIO

from app.storage.filetypes import ACCEPTED, OTHER, PROGRAM, PROGRAM_EXTENSIONS, DetectedType, Problem, extension_of
from app.storage.markup import attributes_of
from app.storage.zips import ZipLimits, ZipReader, ZipRefusedError, shown

_PART_LIMIT = 1024 * 1024  # bytes of the parts that say what a package is; real ones have a few kilobytes
_CONTENT_TYPES = "[Content_Types].xml"
_OOXML = "application/vnd.openxmlformats-officedocument."
_MAIN_PARTS = {
    _OOXML + "wordprocessingml.document.main+xml": _OOXML + "wordprocessingml.document",
    _OOXML + "spreadsheetml.sheet.main+xml": _OOXML + "spreadsheetml.sheet",
    _OOXML + "presentationml.presentation.main+xml": _OOXML + "presentationml.presentation",
    "application/vnd.ms-word.document.macroEnabled.main+xml": "application/vnd.ms-word.document.macroEnabled.12",
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml": (
        "application/vnd.ms-powerpoint.presentation.macroEnabled.12"
    ),
}


def package_type(archive: ZipReader) -> DetectedType:
    """The kind of a packed file by what it holds; :class:`ZipRefusedError` if the parts that say so cannot be read."""
    if archive.get(_CONTENT_TYPES):
        return _ooxml_type(archive)
    if archive.get("mimetype"):
        return _mimetype_type(archive)
    for mark, label in (("AndroidManifest.xml", "APK"), ("META-INF/MANIFEST.MF", "JAR")):
        if archive.get(mark):
            return DetectedType(PROGRAM, "", label)
    kind = ACCEPTED["application/zip"]
    encrypted = any(entry.encrypted for entry in archive.entries)
    return DetectedType("application/zip", kind.extension, kind.label, encrypted=encrypted)


def package_problems(file: BinaryIO, detected: DetectedType, limits: ZipLimits) -> Iterator[Problem]:
    """What speaks against a packed file once every byte of it has been unpacked (and thrown away)."""
    try:
        archive = ZipReader(file, limits)
        package_type(archive)
        archive.check_all()
    except ZipRefusedError as refusal:
        yield Problem(refusal.code, {"type": detected.label} if refusal.code == "damaged" else refusal.params)
        return
    unsafe = next((entry for entry in archive.entries if entry.unsafe), None)
    if unsafe:
        yield Problem("unsafe_entry", {"entry": shown(unsafe.name)})
    program = next((e for e in archive.entries if not e.directory and extension_of(e.name) in PROGRAM_EXTENSIONS), None)
    if program and detected.media_type == "application/zip":
        yield Problem("program_inside", {"entry": shown(program.name)})


def _ooxml_type(archive: ZipReader) -> DetectedType:
    content = archive.read(_CONTENT_TYPES, _PART_LIMIT)
    declared = {
        attributes.get("ContentType", "")
        for tag in ("Override", "Default")
        for attributes in attributes_of(content, tag)
    }
    if not declared:
        raise ZipRefusedError("damaged")
    macros = any("vbaProject" in kind for kind in declared) or any(
        name.rpartition("/")[2].lower() == "vbaproject.bin" for name in archive.names()
    )
    for part, media_type in _MAIN_PARTS.items():
        if part in declared:
            kind = ACCEPTED[media_type]
            return DetectedType(media_type, kind.extension, kind.label, macros=macros or kind.program_inside)
    return DetectedType(OTHER, "", "Office Open XML", macros=macros)


def _mimetype_type(archive: ZipReader) -> DetectedType:
    declared = archive.read("mimetype", 200).decode("ascii", errors="replace").strip()
    kind = ACCEPTED.get(declared)
    if kind is None or not declared.startswith("application/vnd.oasis.opendocument."):
        return DetectedType(OTHER, "", shown(declared))
    manifest = archive.read("META-INF/manifest.xml", _PART_LIMIT) if archive.get("META-INF/manifest.xml") else b""
    macros = any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in archive.names())
    return DetectedType(
        declared, kind.extension, kind.label, macros=macros, encrypted=bool(attributes_of(manifest, "encryption-data"))
    )
