"""Addresses that a form or a list brings along: only those of this program are followed."""

from urllib.parse import urlsplit


def local(address: str | None) -> str:
    """The address if it leads to a page of this program, else nothing: no other host, no scheme, no tricks."""
    text = (address or "").strip()
    if not text.startswith("/") or text.startswith("//") or "\\" in text or any(ord(each) < 32 for each in text):
        return ""
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else ""
