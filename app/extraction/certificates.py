"""Whom a certificate names. Only the worker processes import this module."""

import re
from typing import Any

from asn1crypto import x509

_NOT_STORABLE = re.compile("[\0-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""What a PostgreSQL text cannot hold, and what would turn the order of the letters on a screen."""


def storable(text: Any, most: int) -> str:
    """A text from a file as it may be kept and shown: one line, at most so many characters."""
    return _NOT_STORABLE.sub(" ", str(text or "")).strip()[:most].strip()


def identity(certificate: x509.Certificate) -> tuple[dict[str, str], dict[str, Any]]:
    """Holder and issuer as :class:`~app.extraction.facts.SignatureFacts` has them, and the details beside."""
    subject, issuer = certificate.subject.native, certificate.issuer.native
    signer = _part(subject, "common_name") or _part(subject, "surname", "given_name", "email_address")
    organisation = _part(subject, "organization_name") or _part(subject, "organizational_unit_name")
    known = {
        "signer": signer or storable(certificate.subject.human_friendly, 200),
        "organisation": organisation if organisation != signer else "",
        "issuer": _part(issuer, "common_name", "organization_name") or storable(certificate.issuer.human_friendly, 200),
        "serial": storable(f"{certificate.serial_number:X}", 80),
    }
    return known, {
        "unit": _part(subject, "organizational_unit_name"),
        "title": _part(subject, "title"),
        "email": _email(certificate),
        "valid_from": certificate.not_valid_before.isoformat(),
        "valid_to": certificate.not_valid_after.isoformat(),
        "fingerprint": certificate.sha256.hex(),
    }


def _part(name: Any, *keys: str) -> str:
    """The first of the named parts that is there; of a part that stands several times, the last and narrowest."""
    for key in keys:
        value = name.get(key)
        if isinstance(value, list):
            value = value[-1] if value else ""
        if value:
            return storable(value, 200)
    return ""


def _email(certificate: x509.Certificate) -> str:
    for general in certificate.subject_alt_name_value or ():
        if general.name == "rfc822_name":
            return storable(general.native, 200)
    return _part(certificate.subject.native, "email_address")
