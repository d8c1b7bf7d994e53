"""Which kinds of files the Office takes in, and what may be said against a file. Data, no reading.

The list follows what Decree 30/2020 and Circular 02/2019 name for documents, data and pictures, and
what the exchange axis carries (edXML, PKCS#7).
"""

from dataclasses import dataclass, field
from typing import Any

from app.vocabulary import N_


@dataclass(frozen=True)
class DetectedType:
    """What a file is by its content; ``extension`` without dot, ``label`` the trade name of the format."""

    media_type: str
    extension: str
    label: str
    macros: bool = False
    encrypted: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the Office takes in files of this kind."""
        return self.media_type in ACCEPTED


@dataclass(frozen=True)
class AcceptedType:
    """One kind of file that is taken in. ``inline_viewable``: safe to show inside a page of the browser."""

    extension: str
    label: str
    inline_viewable: bool = False
    other_extensions: tuple[str, ...] = ()
    program_inside: bool = False  # the format exists to carry macros

    @property
    def extensions(self) -> tuple[str, ...]:
        """All extensions that fit the content, the usual one first."""
        return (self.extension, *self.other_extensions)


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

ACCEPTED: dict[str, AcceptedType] = {
    "application/pdf": AcceptedType("pdf", "PDF", inline_viewable=True),
    _OOXML + "wordprocessingml.document": AcceptedType("docx", "Word (DOCX)"),
    _OOXML + "spreadsheetml.sheet": AcceptedType("xlsx", "Excel (XLSX)"),
    _OOXML + "presentationml.presentation": AcceptedType("pptx", "PowerPoint (PPTX)"),
    "application/vnd.ms-word.document.macroEnabled.12": AcceptedType("docm", "Word (DOCM)", program_inside=True),
    "application/vnd.ms-excel.sheet.macroEnabled.12": AcceptedType("xlsm", "Excel (XLSM)", program_inside=True),
    "application/vnd.ms-powerpoint.presentation.macroEnabled.12": AcceptedType(
        "pptm", "PowerPoint (PPTM)", program_inside=True
    ),
    "application/x-ole-encrypted-office": AcceptedType(
        "docx", "Office (DOCX, XLSX, PPTX)", other_extensions=("xlsx", "pptx", "docm", "xlsm", "pptm")
    ),
    _ODF + "text": AcceptedType("odt", "OpenDocument (ODT)"),
    _ODF + "spreadsheet": AcceptedType("ods", "OpenDocument (ODS)"),
    _ODF + "presentation": AcceptedType("odp", "OpenDocument (ODP)"),
    "application/msword": AcceptedType("doc", "Word (DOC)"),
    "application/vnd.ms-excel": AcceptedType("xls", "Excel (XLS)"),
    "application/vnd.ms-powerpoint": AcceptedType("ppt", "PowerPoint (PPT)", other_extensions=("pps",)),
    "application/rtf": AcceptedType("rtf", "RTF", other_extensions=("doc",)),  # Word saves RTF as .doc
    "image/png": AcceptedType("png", "PNG", inline_viewable=True),
    "image/jpeg": AcceptedType("jpg", "JPEG", inline_viewable=True, other_extensions=("jpeg", "jpe", "jfif")),
    "image/gif": AcceptedType("gif", "GIF", inline_viewable=True),
    "image/tiff": AcceptedType("tif", "TIFF", other_extensions=("tiff",)),
    "text/plain": AcceptedType("txt", "TXT", inline_viewable=True, other_extensions=("csv",)),
    "application/xml": AcceptedType("xml", "XML", other_extensions=("edxml",)),
    "application/zip": AcceptedType("zip", "ZIP"),
    "application/pkcs7-mime": AcceptedType("p7m", "PKCS#7 (P7M)"),
    "application/pkcs7-signature": AcceptedType("p7s", "PKCS#7 (P7S)"),
}

# Names that a workstation would run when they are opened, whatever the content.
# fmt: off
PROGRAM_EXTENSIONS = frozenset({
    "apk", "app", "appref-ms", "bat", "bin", "chm", "cmd", "com", "cpl", "dll", "dmg", "elf", "exe", "gadget",
    "hta", "htm", "html", "inf", "iqy", "iso", "jar", "js", "jse", "ksh", "lnk", "mht", "mhtml", "mjs", "msc",
    "msi", "msp", "mst", "pif", "ps1", "ps1xml", "psc1", "psm1", "py", "pyw", "rb", "reg", "scf", "scr",
    "settingcontent-ms", "sh", "shtml", "sldm", "slk", "svg", "svgz", "swf", "sys", "url", "vb", "vbe", "vbs",
    "vhd", "vhdx", "ws", "wsc", "wsf", "wsh", "xhtml", "xht", "xll",
})
# fmt: on

NOTHING = DetectedType("application/x-empty", "", "")
UNKNOWN = DetectedType("application/octet-stream", "", "")

# Recognised only in order to say what it is: never taken in.
PROGRAM = "application/x-program"
ACTIVE = "application/x-active-content"
OTHER = "application/x-other"

MESSAGES: dict[str, str] = {
    "empty": N_("The file is empty."),
    "unknown_type": N_("The content of this file is of no known kind. Send it as PDF or as an office file."),
    "type_not_accepted": N_("Files of the kind %(type)s are not taken in. Send it as PDF or as an office file."),
    "program": N_("This file is a program (%(type)s). Programs are not taken in."),
    "active_content": N_("This file is a web page or a drawing that can run scripts (%(type)s). Send it as PDF."),
    "dangerous_name": N_("The name ends in .%(extension)s, which a computer would run as a program. Rename the file."),
    "extension_mismatch": N_(
        "The name ends in .%(extension)s, but the content is %(type)s. Rename the file or send the right one."
    ),
    "name_cleaned": N_("The name of the file held characters that hide its true end; they were removed."),
    "pdf_truncated": N_("The PDF file has no end: it was probably cut off on the way. Send it again."),
    "polyglot": N_("The %(type)s file hides a second file (ZIP) at its end. Save it anew and send that."),
    "damaged": N_("The %(type)s file is damaged and cannot be read. Send it again."),
    "too_many_entries": N_("The file packs %(count)s files inside; at most %(limit)s are taken in."),
    "unpacks_too_large": N_("Unpacked, the file would take more than %(limit_mb)s MB, which is the limit."),
    "packed_too_tightly": N_("The file is packed so tightly that opening it could bring a computer to a stop."),
    "unsafe_entry": N_("The file packs a path that leads outside its folder (%(entry)s). Pack it anew."),
    "program_inside": N_("The file packs a program inside (%(entry)s). Programs are not taken in."),
    "unreadable_entry": N_("The file is packed in a way that cannot be checked (%(entry)s). Pack it as ordinary ZIP."),
    "macros": N_("The %(type)s file contains macros. Open it only if you trust its sender."),
    "encrypted": N_("The %(type)s file is protected by a password, so its content could not be checked."),
}

NOTICES = frozenset({"name_cleaned", "macros", "encrypted"})


@dataclass(frozen=True)
class Problem:
    """Something that speaks against a file; the message is ``MESSAGES[code]``, formatted after translation."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The catalogue entry (English msgid) with named parameters."""
        return MESSAGES[self.code]

    @property
    def blocking(self) -> bool:
        """False where the file may be taken in but people must be told."""
        return self.code not in NOTICES

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


def matches_extension(detected: DetectedType, name: str) -> bool:
    """Whether the extension of a name fits the content; a name without a known extension fits everything."""
    extension = extension_of(name)
    if extension not in KNOWN_EXTENSIONS:
        return True
    accepted = ACCEPTED.get(detected.media_type)
    return accepted is not None and extension in accepted.extensions


def extension_of(name: str) -> str:
    """What stands after the last dot, in lower case and without the blanks and dots that Windows ignores."""
    stem, dot, extension = name.rstrip(". \u00a0").rpartition(".")
    return extension.strip().lower() if dot and stem else ""


KNOWN_EXTENSIONS = frozenset(e for kind in ACCEPTED.values() for e in kind.extensions) | PROGRAM_EXTENSIONS
