"""Telling CMS messages (PKCS#7: P7M, P7S) from their first bytes, in DER, BER or PEM."""

import base64
import binascii
import re

from app.storage.filetypes import DetectedType

_SIGNED = bytes.fromhex("06092a864886f70d010702")
_ENVELOPED = bytes.fromhex("06092a864886f70d010703")
_PEM = re.compile(rb"-----BEGIN (?:PKCS7|CMS)-----\s+([A-Za-z0-9+/=\s]+)")

_WITH_CONTENT = DetectedType("application/pkcs7-mime", "p7m", "PKCS#7 (P7M)")
_DETACHED = DetectedType("application/pkcs7-signature", "p7s", "PKCS#7 (P7S)")
_SEALED = DetectedType("application/pkcs7-mime", "p7m", "PKCS#7 (P7M)", encrypted=True)


def cms_type(head: bytes) -> DetectedType | None:
    """P7M if the signature carries its content, P7S if it is detached; None if it is no CMS message."""
    pem = _PEM.match(head.lstrip())
    if pem:
        digits = b"".join(pem[1].split()).rstrip(b"=")
        try:
            head = base64.b64decode(digits[: len(digits) // 4 * 4])
        except binascii.Error:
            return None
    if head[:1] != b"\x30":
        return None
    try:
        _, at, _ = _header(head, 0)
        oid = head[at : at + len(_SIGNED)]
        if oid == _ENVELOPED:
            return _SEALED
        if oid != _SIGNED:
            return None
        return _DETACHED if _is_detached(head, at + len(_SIGNED)) else _WITH_CONTENT
    except (IndexError, ValueError):
        return None


def _is_detached(head: bytes, at: int) -> bool:
    """Whether EncapsulatedContentInfo (RFC 5652, 5.2) ends after its type."""
    _, at, _ = _header(head, at)  # [0]
    _, at, _ = _header(head, at)  # SignedData
    _, at, length = _header(head, at)  # version
    at += _known(length)
    _, at, length = _header(head, at)  # digest algorithms
    at += _known(length)
    _, content_at, length = _header(head, at)  # what is signed
    _, oid_at, oid_length = _header(head, content_at)
    after = oid_at + _known(oid_length)
    return head[after : after + 2] == b"\0\0" if length is None else after >= content_at + length


def _header(head: bytes, at: int) -> tuple[int, int, int | None]:
    """Tag, position of the content and its length (None where indefinite)."""
    tag, first = head[at], head[at + 1]
    if first == 0x80:
        return tag, at + 2, None
    if first < 0x80:
        return tag, at + 2, first
    count = first & 0x7F
    if count > 8 or at + 2 + count > len(head):
        raise ValueError("not a length")
    return tag, at + 2 + count, int.from_bytes(head[at + 2 : at + 2 + count], "big")


def _known(length: int | None) -> int:
    if length is None:
        raise ValueError("indefinite where it cannot be skipped")
    return length
