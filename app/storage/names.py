"""Names of files as they come from outside, made fit to be kept, shown and offered for saving."""

import re
import unicodedata

MAX_BYTES = 200  # of UTF-8: file systems end at 255, and a download may add a prefix

_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_BLANKS = re.compile(r"\s+")
_NAMELESS = "tep"


def safe_name(received_name: str) -> str:
    """The last part of a received name without what could mislead a person or a file system.

    Composed form (NFC), Vietnamese letters kept; no path, no control, invisible or direction-changing
    characters, no name that Windows reserves; at most :data:`MAX_BYTES` bytes, the extension kept.
    Applying it twice changes nothing.
    """
    name = _visible(received_name)
    name = re.split(r"[/\\]", name.rstrip("/\\ "))[-1]
    name = _NOT_IN_NAMES.sub("_", name)
    name = _trim(name)
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shorten(name) or _NAMELESS


def hides_something(received_name: str) -> bool:
    """Whether the name held characters that change what a reader sees of it (such as right-to-left override)."""
    return any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"} for c in unicodedata.normalize("NFC", received_name))


def _visible(name: str) -> str:
    # Unassigned and private characters have no shape that two people would agree on; blanks become plain ones.
    kept = (" " if unicodedata.category(c).startswith("Z") or c in "\t\r\n" else c for c in name)
    kept_text = "".join(c for c in kept if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return unicodedata.normalize("NFC", _BLANKS.sub(" ", kept_text))


def _trim(name: str) -> str:
    name = name.strip(" ").lstrip(". ").rstrip(". ")  # hidden on Unix, ignored by Windows
    while name and unicodedata.combining(name[0]):
        name = name[1:]
    return name


def _shorten(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension.encode()) > 16 or " " in extension:
        stem, dot, extension = name, "", ""
    room = MAX_BYTES - len((dot + extension).encode())
    cut = stem.encode()[:room].decode(errors="ignore")
    if len(cut) < len(stem) and unicodedata.combining(stem[len(cut)]):
        # never leave a letter without the marks that belonged to it
        while cut and unicodedata.combining(cut[-1]):
            cut = cut[:-1]
        cut = cut[:-1]
    return _trim(cut.rstrip(". ")) + dot + extension
