"""Digital signatures (chữ ký số) of arriving files: what a check means, in plain words (212/5.1). Pure.

A verdict has three values. "Indeterminate" is not "valid": what cannot be proven is said to be unproven. An invalid
signature warns, it never loses the document; whether to take it in is the clerk's decision (212/5.3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from app.clock import in_vietnam
from app.vocabulary import N_, Verdict


class Code(StrEnum):
    """Why a verdict is as it is; stored, and stable."""

    TRUSTED = "trusted"
    DIGEST_MISMATCH = "digest_mismatch"
    SIGNATURE_BROKEN = "signature_broken"
    NOT_COVERED = "not_covered"
    CHANGED_AFTER_SIGNING = "changed_after_signing"
    REVOKED = "revoked"
    ISSUER_REVOKED = "issuer_revoked"
    SIGNED_AFTER_EXPIRY = "signed_after_expiry"
    NO_ANCHORS = "no_anchors"
    NO_CHAIN = "no_chain"
    REVOCATION_UNKNOWN = "revocation_unknown"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    UNSUITABLE = "unsuitable"
    WEAK_ALGORITHM = "weak_algorithm"
    NO_CERTIFICATE = "no_certificate"
    UNSUPPORTED = "unsupported"
    CHANGES_UNKNOWN = "changes_unknown"
    UNREADABLE = "unreadable"
    NOT_CHECKED = "not_checked"


class Level(StrEnum):
    """How a line is shown: all well, look at it, stop."""

    GOOD = "good"
    SOON = "soon"
    LATE = "late"


CURABLE = frozenset({Code.NO_ANCHORS, Code.NO_CHAIN, Code.REVOCATION_UNKNOWN, Code.NOT_YET_VALID, Code.NOT_CHECKED})
"""Indeterminate for reasons that new roots, new lists of revoked certificates, or another try can cure."""

_INVALID = frozenset(
    {
        Code.DIGEST_MISMATCH,
        Code.SIGNATURE_BROKEN,
        Code.NOT_COVERED,
        Code.CHANGED_AFTER_SIGNING,
        Code.REVOKED,
        Code.ISSUER_REVOKED,
        Code.SIGNED_AFTER_EXPIRY,
    }
)


class Check(Protocol):
    """What a stored check says; see :class:`app.extraction.facts.SignatureFacts`."""

    verdict: Any
    code: Any
    signer: Any
    organisation: Any
    issuer: Any
    serial: Any
    signed_at: Any
    time_source: Any
    details: Any


@dataclass(frozen=True)
class Said:
    """A catalogue entry and what stands in it."""

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One signature as it is shown. ``who``: where the sentence names nobody; ``count``: equal ones in one line.

    ``details`` are (label, value, whether the value is a catalogue entry).
    """

    level: Level
    sentence: Said
    who: str
    remedy: str
    count: int
    details: tuple[tuple[str, str, bool], ...]
    verdict: str


def verdict_of(code: Code) -> Verdict:
    """The verdict that a code belongs to; the two never disagree."""
    if code == Code.TRUSTED:
        return Verdict.VALID
    return Verdict.INVALID if code in _INVALID else Verdict.INDETERMINATE


def overall(verdicts: Iterable[str]) -> str:
    """Verdict on a document from those on its signatures: the worst; empty where it is unsigned (212/5.1)."""
    found = set(verdicts)
    return next((v.value for v in (Verdict.INVALID, Verdict.INDETERMINATE, Verdict.VALID) if v in found), "")


def counting(checks: Iterable[Check]) -> list[str]:
    """The verdicts that count for a document: of its signatures, and of a time stamp only that it is broken.

    A time stamp nobody knows the authority of makes a good signature no worse.
    """
    return [str(c.verdict) for c in checks if not is_timestamp(c) or c.verdict == Verdict.INVALID]


def is_timestamp(check: Check) -> bool:
    """Whether it is a time stamp of the whole document, which no person made."""
    return bool(check.details.get("kind") == "timestamp")


def level(check: Check) -> Level:
    """Colour of a line. Data appended behind a good signature is worth a look."""
    if check.verdict == Verdict.INVALID:
        return Level.LATE
    return Level.SOON if check.verdict == Verdict.INDETERMINATE or check.details.get("appended") else Level.GOOD


_SENTENCES: dict[str, str] = {
    Code.DIGEST_MISMATCH: N_("Digital signature NOT valid: the content is not the one that was signed."),
    Code.SIGNATURE_BROKEN: N_("Digital signature NOT valid: the signature itself is broken or forged."),
    Code.NOT_COVERED: N_("Digital signature NOT valid: it does not cover the whole document."),
    Code.CHANGED_AFTER_SIGNING: N_("Digital signature NOT valid: the document was changed after it was signed."),
    Code.REVOKED: N_("Digital signature NOT valid: the signer’s certificate was revoked on %(day)s."),
    Code.ISSUER_REVOKED: N_("Digital signature NOT valid: the certificate of the issuing authority was revoked."),
    Code.SIGNED_AFTER_EXPIRY: N_("Digital signature NOT valid: the certificate had expired when it was used."),
    Code.NO_ANCHORS: N_("Digital signature not determined: no trusted root certificate has been set up."),
    Code.NO_CHAIN: N_("Digital signature not determined: the certificate comes from no authority that we trust."),
    Code.REVOCATION_UNKNOWN: N_(
        "Digital signature not determined: there is no current list of revoked certificates of the issuer."
    ),
    Code.EXPIRED: N_(
        "Digital signature not determined: the certificate has expired, and nothing proves that it was used before."
    ),
    Code.NOT_YET_VALID: N_("Digital signature not determined: the certificate is not valid yet."),
    Code.UNSUITABLE: N_("Digital signature not determined: the certificate is not meant for signing documents."),
    Code.WEAK_ALGORITHM: N_("Digital signature not determined: it was made by a method that is no longer secure."),
    Code.NO_CERTIFICATE: N_("Digital signature not determined: the signer’s certificate is missing."),
    Code.UNSUPPORTED: N_("Digital signature not determined: it is of a kind that cannot be checked here."),
    Code.CHANGES_UNKNOWN: N_(
        "Digital signature not determined: it cannot be said what was added after the document was signed."
    ),
    Code.UNREADABLE: N_("Digital signature not determined: it cannot be read."),
    Code.NOT_CHECKED: N_("Digital signature not determined: checking it failed or took too long."),
}

_REMEDIES: dict[str, str] = {
    Code.DIGEST_MISMATCH: N_("Do not register it yet: ask the sender to send the signed original again."),
    Code.SIGNATURE_BROKEN: N_("Do not register it yet: ask the sender to sign and send it again."),
    Code.NOT_COVERED: N_("Compare it with the sender’s original, or ask the sender to sign it again."),
    Code.CHANGED_AFTER_SIGNING: N_("Compare it with the sender’s original, or ask the sender to send it again."),
    Code.REVOKED: N_("Ask the sender to sign it with a certificate that is in force."),
    Code.ISSUER_REVOKED: N_("Ask the sender to sign it with a certificate that is in force."),
    Code.SIGNED_AFTER_EXPIRY: N_("Ask the sender to sign it with a certificate that is in force."),
    Code.NO_ANCHORS: N_("Ask the IT centre to set up the root certificates. It will be checked again by itself."),
    Code.NO_CHAIN: N_(
        "Make sure of it with the sender. If the authority is to be trusted, the IT centre adds its certificate."
    ),
    Code.REVOCATION_UNKNOWN: N_(
        "It will be checked again when the list arrives. If it is urgent, make sure of it with the sender."
    ),
    Code.EXPIRED: N_("If it was signed lately, ask the sender to sign it again; else make sure of it with the sender."),
    Code.NOT_YET_VALID: N_("Ask the sender; it will be checked again by itself."),
    Code.UNSUITABLE: N_("Make sure of the signer with the sender."),
    Code.WEAK_ALGORITHM: N_("Make sure of the signer with the sender."),
    Code.NO_CERTIFICATE: N_("Ask the sender to sign and send it again."),
    Code.UNSUPPORTED: N_("Check it with the signer’s own program, or ask the sender."),
    Code.CHANGES_UNKNOWN: N_("Compare it with the sender’s original."),
    Code.UNREADABLE: N_("Open the file; if it cannot be read either, ask the sender to send it again."),
    Code.NOT_CHECKED: N_("It will be checked again tonight. If it is urgent, make sure of it with the sender."),
}

_VALID = N_(
    "Digital signature valid: %(who)s signed at %(time)s on %(date)s; the document is intact, the certificate trusted."
)
_VALID_TIMELESS = N_("Digital signature valid: signed by %(who)s; the document is intact, the certificate trusted.")
_VALID_APPENDED = N_(
    "Digital signature valid: signed by %(who)s; what was signed is intact, but other data was put behind it."
)
_STAMP = N_("Time stamp valid: the document existed at %(time)s on %(date)s (%(who)s).")
_STAMP_INVALID = N_("Time stamp NOT valid: the document was changed after it was stamped.")
_STAMP_OPEN = N_("Time stamp not determined (%(who)s).")
_REVOKED_TIMELESS = N_("Digital signature NOT valid: the signer’s certificate was revoked.")
_APPENDED_REMEDY = N_("The pages shown may be trusted; open the file with care.")


def who(check: Check) -> str:
    """Signer and organisation, as far as the certificate names them."""
    return ", ".join(str(part) for part in (check.signer, check.organisation) if part)


def sentence(check: Check) -> Said:
    """One plain sentence on one signature."""
    params: dict[str, Any] = {"who": who(check)}
    if check.signed_at is not None:
        params |= _wall(check.signed_at)
    if is_timestamp(check):
        if check.verdict == Verdict.VALID:
            return Said(_STAMP, params)
        return Said(_STAMP_INVALID if check.verdict == Verdict.INVALID else _STAMP_OPEN, params)
    if check.verdict == Verdict.VALID:
        if check.details.get("appended"):
            return Said(_VALID_APPENDED, params)
        return Said(_VALID if check.signed_at is not None else _VALID_TIMELESS, params)
    if check.code == Code.REVOKED:
        revoked = check.details.get("revoked_at")
        return Said(_SENTENCES[Code.REVOKED], {"day": _day(revoked)}) if revoked else Said(_REVOKED_TIMELESS)
    return Said(_SENTENCES.get(check.code, _SENTENCES[Code.UNREADABLE]))


def remedy(check: Check) -> str:
    """What the clerk can do about it, as a catalogue entry; empty where nothing needs doing."""
    if check.verdict == Verdict.VALID:
        return _APPENDED_REMEDY if check.details.get("appended") else ""
    if is_timestamp(check) and check.verdict == Verdict.INDETERMINATE:
        return ""
    return _REMEDIES.get(check.code, _REMEDIES[Code.UNREADABLE])


def lines(checks: Sequence[Check]) -> list[Line]:
    """The signatures of a file as they are shown, in their order.

    An organisation may put number, date and seal on a document by one signature each: signatures that follow one
    another, by the same certificate and with the same result, are one line.
    """
    found: list[tuple[Check, int]] = []
    for check in checks:
        if found and _alike(found[-1][0], check):
            found[-1] = (check, found[-1][1] + 1)
        else:
            found.append((check, 1))
    return [
        Line(
            level=level(check),
            sentence=sentence(check),
            who=who(check) if check.verdict != Verdict.VALID and not is_timestamp(check) else "",
            remedy=remedy(check),
            count=count,
            details=tuple(details(check)),
            verdict=str(check.verdict),
        )
        for check, count in found
    ]


def _alike(one: Check, other: Check) -> bool:
    same = ("verdict", "code", "signer", "organisation", "issuer", "serial")
    return bool(one.serial) and not is_timestamp(other) and all(getattr(one, n) == getattr(other, n) for n in same)


_TIME_SOURCES = {
    "timestamp": N_("vouched for by a time stamping authority"),
    "claimed": N_("as the signer’s computer says"),
}
_COVERAGES = {
    "entire_file": N_("the whole file"),
    "entire_revision": N_("the file as it was when signed"),
    "contiguous_block_from_start": N_("a part of the file only"),
    "unclear": N_("cannot be said"),
}
_CHANGES = {
    "none": N_("nothing was added"),
    "lta_updates": N_("only what keeps the signature checkable for long"),
    "form_filling": N_("fields filled in or further signatures, as is allowed"),
    "annotations": N_("remarks on the pages"),
    "other": N_("more than is allowed"),
}


def details(check: Check) -> list[tuple[str, str, bool]]:
    """Everything else that is known: label, value, and whether the value is a catalogue entry."""
    known = check.details
    rows: list[tuple[str, Any, bool]] = [
        (N_("Signer"), check.signer, False),
        (N_("Position of the signer"), known.get("title"), False),
        (N_("Unit"), known.get("unit"), False),
        (N_("Organisation"), check.organisation, False),
        (N_("E-mail"), known.get("email"), False),
        (N_("Signed at"), _clock(check.signed_at), False),
        (N_("This hour is"), _TIME_SOURCES.get(check.time_source), True),
        (N_("Time the signer gives"), _clock(known.get("claimed_at")), False),
        (N_("Time stamp"), _clock(known.get("timestamp_at")), False),
        (N_("Time stamping authority"), known.get("timestamp_by"), False),
        (N_("Proven to exist since"), _clock(known.get("proven_at")), False),
        (N_("Certificate issued by"), check.issuer, False),
        (N_("Certificate number"), check.serial, False),
        (N_("Certificate valid from"), _day(known.get("valid_from")), False),
        (N_("Certificate valid until"), _day(known.get("valid_to")), False),
        (N_("Certificate revoked at"), _clock(known.get("revoked_at")), False),
        (N_("Signature covers"), _COVERAGES.get(known.get("coverage", "")), True),
        (N_("Added since"), _CHANGES.get(known.get("changes", "")), True),
        (N_("Fields filled since"), known.get("changed_fields"), False),
        (N_("Bytes put behind the signed file"), known.get("appended"), False),
        (N_("Reason given"), known.get("reason"), False),
        (N_("Place given"), known.get("place"), False),
        (N_("Technical details"), known.get("change") or known.get("problem"), False),
    ]
    return [(label, str(value), is_entry) for label, value, is_entry in rows if value]


def _instant(value: datetime | str | None) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if value else None
    return in_vietnam(value) if value is not None else None


def _wall(value: datetime | str) -> dict[str, str]:
    wall = _instant(value)
    return {"time": f"{wall:%H:%M}", "date": f"{wall:%d/%m/%Y}"}


def _day(value: datetime | str | None) -> str:
    wall = _instant(value)
    return f"{wall:%d/%m/%Y}" if wall else ""


def _clock(value: datetime | str | None) -> str:
    wall = _instant(value)
    return f"{wall:%d/%m/%Y %H:%M:%S} +07:00" if wall else ""  # Vietnam knows no other zone
