"""Digital signatures and time stamps of a PDF file, checked by pyHanko (212/5.1).

Only the worker processes import this module. It asks no other machine: whether a certificate was revoked is
answered from the file itself and from the trust folder (:mod:`app.extraction.trust`), and where neither knows,
the verdict is "indeterminate", never "valid". A file that cannot be read is a fact too, not an error.

Trust is asked for as things are now, and where that is not enough, as they were when a trusted authority stamped the
signature or, later, the document; a stamp that has expired itself may be vouched for by a newer one.
"""

import asyncio
import dataclasses
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
)
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    EmbeddedPdfSignature,
    KeyUsageConstraints,
    SignatureCoverageLevel,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, REQUIRE_REVINFO, CertRevTrustPolicy

from app.clock import VIETNAM
from app.extraction import trust
from app.extraction.certificates import identity, storable
from app.extraction.facts import SignatureFacts
from app.rules.signatures import Code, verdict_of

MOST_SIGNATURES = 100
_SIGNATURE_KINDS = ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached", "/PBAD.PAdES")
_TIMESTAMP = "/ETSI.RFC3161"
# certificates of Vietnamese authorities carry either of the two
_KEY_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})

_OTHER_WAY = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(),
            SigFieldModificationRule(allow_in_place_appearance_stream_changes=False),
            GenericFieldModificationRule(allow_in_place_appearance_stream_changes=False),
        ]
    ),
)
"""Asked where the usual policy objects: that one takes the picture of a locked field for changed when it is older
than the lock, which happens when the number was printed first and the seal set afterwards."""

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # what they would say is in the verdict

_BY_INDICATION: dict[Any, Code] = {
    AdESIndeterminate.REVOKED_NO_POE: Code.REVOKED,
    AdESIndeterminate.REVOKED_CA_NO_POE: Code.ISSUER_REVOKED,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: Code.EXPIRED,
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: Code.NO_CHAIN,
    AdESIndeterminate.TRY_LATER: Code.REVOCATION_UNKNOWN,
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: Code.UNSUITABLE,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: Code.WEAK_ALGORITHM,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Code.WEAK_ALGORITHM,
    AdESIndeterminate.NO_SIGNING_CERTIFICATE_FOUND: Code.NO_CERTIFICATE,
}


def check(path: str | Path, trust_dir: str, moment: datetime) -> list[SignatureFacts]:
    """Every signature and document time stamp of the PDF file, in the order they were made.

    ``moment``: the instant at which certificates must be good. ``OSError`` if the file cannot be opened,
    ``MemoryError`` where the limit of the worker is reached; everything else is a fact.
    """
    material = trust.load(trust_dir)
    with Path(path).open("rb") as file:
        try:
            reader, signatures, broken = _signatures(file)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a hostile file makes a parser raise anything at all
            return [SignatureFacts(details={"problem": _problem(error)})]
        evidence = _evidence(reader, material)
        checks = [_Check(each, material, evidence, moment) for each in signatures]
        stamps: list[Stamp] = []
        # time stamps of the document first, the newest before all: what they cover existed by then
        order = sorted(range(len(checks)), key=lambda number: (not checks[number].is_stamp, -number))
        facts_of = {number: checks[number].facts(stamps) for number in order}
        found = [facts_of[number] for number in range(len(checks))]
    found += [SignatureFacts(field=storable(name, 200), details={"problem": why}) for name, why in broken]
    return [dataclasses.replace(facts, ordinal=number) for number, facts in enumerate(found, 1)]


# ---- tasks of the workers (see app.extraction.tasks)


def signatures_task(arguments: dict[str, Any]) -> dict[str, Any]:
    """:func:`check` as a worker is asked for it."""
    moment = datetime.fromisoformat(arguments["moment"])
    found = check(arguments["path"], arguments["trust_dir"], moment)
    return {"signatures": [dataclasses.asdict(facts) for facts in found], **trust_task(arguments)}


def trust_task(arguments: dict[str, Any]) -> dict[str, Any]:
    """What the trust folder holds, in figures."""
    material = trust.load(arguments["trust_dir"])
    return {
        "trust": {
            "roots": len(material.roots),
            "others": len(material.others),
            "revocation": len(material.crls) + len(material.ocsps),
            "unreadable": list(material.unreadable),
        }
    }


# ---- inside


@dataclass(frozen=True)
class Evidence:
    """Certificates and revocation data for one file: its own, and those of the trust folder."""

    certificates: tuple[x509.Certificate, ...]
    crls: tuple[crl.CertificateList, ...]
    ocsps: tuple[ocsp.OCSPResponse, ...]


@dataclass(frozen=True)
class Stamp:
    """A good time stamp of the whole document: what came before its revision existed at that instant."""

    revision: int
    at: datetime


def _signatures(file: BinaryIO) -> tuple[PdfFileReader, list[EmbeddedPdfSignature], list[tuple[str, str]]]:
    """The reader, the filled signature fields that can be read, and name and trouble of those that cannot."""
    reader = PdfFileReader(file, strict=False)  # strictness would refuse files that people sign and read every day
    if reader.encrypted and reader.decrypt("").status == AuthStatus.FAILED:
        raise ValueError("a password is needed")
    readable: list[EmbeddedPdfSignature] = []
    broken: list[tuple[str, str]] = []
    for name, _, field in enumerate_sig_fields(reader, filled_status=True):
        if len(readable) + len(broken) >= MOST_SIGNATURES:
            break
        try:
            readable.append(EmbeddedPdfSignature(reader, field, name))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - one broken field must not hide the others
            broken.append((name, _problem(error)))
    return reader, sorted(readable, key=lambda each: each.signed_revision), broken


def _evidence(reader: PdfFileReader, material: trust.TrustMaterial) -> Evidence:
    certificates, crls, ocsps = [*material.others], [*material.crls], [*material.ocsps]
    try:
        store = DocumentSecurityStore.read_dss(reader)
        context = store.as_validation_context({"trust_roots": []})
    except MemoryError:
        raise
    except NoDSSFoundError:
        pass
    except Exception:  # noqa: BLE001, S110 - evidence that cannot be read is none
        pass
    else:
        certificates += store.load_certs()
        crls += context.crls
        ocsps += context.ocsps
    return Evidence(tuple(certificates), tuple(crls), tuple(ocsps))


class _Check:
    """One signature, judged."""

    def __init__(
        self,
        signature: EmbeddedPdfSignature,
        material: trust.TrustMaterial,
        evidence: Evidence,
        moment: datetime,
    ):
        self.signature = signature
        self.is_stamp = signature.sig_object.get("/Type") == "/DocTimeStamp"
        self.stamps: list[Stamp] = []
        self.vouched_token: Any = None
        self.roots = material.roots
        self.evidence = self._with_own(evidence)
        self.moment = moment
        self.details: dict[str, Any] = {"kind": "timestamp" if self.is_stamp else "signature"}
        self.modified = False

    def facts(self, stamps: "list[Stamp]") -> SignatureFacts:
        """The verdict; never raises but for want of memory. A time stamp of the document adds itself to ``stamps``."""
        self.stamps = [each for each in stamps if each.revision > self.signature.signed_revision]
        known: dict[str, Any] = {"field": storable(self.signature.field_name, 200)}
        try:
            known |= self._signer()
            code, status = self._judge()
            known |= self._time(status)
            known["intact"] = bool(status and status.intact and status.valid)
        except MemoryError:
            raise
        except SignatureValidationError as error:
            code = _BY_INDICATION.get(error.ades_subindication, Code.UNREADABLE)
            self.details["problem"] = _problem(error)
        except Exception as error:  # noqa: BLE001 - a hostile file makes a parser raise anything at all
            code = Code.UNREADABLE
            self.details["problem"] = _problem(error)
        if self.is_stamp and code == Code.TRUSTED:
            stamps.append(Stamp(self.signature.signed_revision, datetime.fromisoformat(known["signed_at"])))
        if code == Code.EXPIRED and not _claimed_in_validity(known.get("signed_at"), self.details):
            code = Code.SIGNED_AFTER_EXPIRY
        return SignatureFacts(
            **known,
            verdict=str(verdict_of(code)),
            code=str(code),
            covers_all=self.signature.coverage == SignatureCoverageLevel.ENTIRE_FILE,
            trusted=code == Code.TRUSTED,
            modified=self.modified,
            details={key: value for key, value in self.details.items() if value not in ("", None)},
        )

    def _judge(self) -> tuple[Code, Any]:
        kind = str(self.signature.sig_object.get("/SubFilter", ""))
        if kind not in (*_SIGNATURE_KINDS, _TIMESTAMP):
            self.details["problem"] = storable(kind, 100)
            return Code.UNSUPPORTED, None
        changes = self._changes()
        status = self._validate(self._context(REQUIRE_REVINFO))
        if not (status.intact and status.valid):
            return Code.DIGEST_MISMATCH if not status.intact else Code.SIGNATURE_BROKEN, status
        if changes is not None:
            return changes, status
        if not self.roots:
            return Code.NO_ANCHORS, status
        return self._trust(status)

    def _trust(self, status: Any) -> tuple[Code, Any]:
        if status.trusted:
            return Code.TRUSTED, status
        code = _BY_INDICATION.get(status.trust_problem_indic)
        if code is None:  # one word of the library for many troubles: is it for want of revocation data only?
            without = self._validate(self._context(NO_REVOCATION))
            code = Code.REVOCATION_UNKNOWN if without.trusted else Code.NO_CHAIN
            if without.trust_problem_indic in _BY_INDICATION:
                code = _BY_INDICATION[without.trust_problem_indic]
        revoked = status.revocation_details
        if revoked is not None:
            self.details["revoked_at"] = _iso(revoked.revocation_date)
            self.details["revocation_reason"] = str(revoked.revocation_reason.native)
        certificate = self.signature.signer_cert
        if code == Code.UNSUITABLE and certificate.self_issued:
            code = Code.NO_CHAIN  # whoever vouches for themselves is told so, whatever the purpose
        if code == Code.NO_CHAIN and certificate.not_valid_before > self.moment:
            code = Code.NOT_YET_VALID
        if code not in (Code.NO_CHAIN, Code.UNSUITABLE, Code.NO_CERTIFICATE) and self._held_then(status):
            return Code.TRUSTED, status
        return code, status

    def _held_then(self, status: Any) -> bool:
        """Whether a time stamp proves that the signature was made while its certificate was good.

        What the authorities published afterwards counts too: a certificate that they called good later was good then.
        """
        times = sorted(stamp.at for stamp in self.stamps)
        token = getattr(status, "timestamp_validity", None)
        if token is not None and token.trusted:
            times.insert(0, token.timestamp)
        for vouched in times:
            instant, then = vouched, self._validate_then(vouched)
            token = getattr(then, "timestamp_validity", None)
            if token is not None and token.trusted and token.timestamp <= vouched:
                self.vouched_token = token  # expired since, perhaps, but good when the document was stamped
                if not then.trusted:
                    instant, then = token.timestamp, self._validate_then(token.timestamp)
            if then.trusted:
                self.details["proven_at"] = _iso(instant)
                return True
        return False

    def _validate_then(self, instant: datetime) -> Any:
        return self._validate(self._context(REQUIRE_REVINFO, instant, retroactive=True))

    def _validate(self, context: ValidationContext) -> Any:
        # changes are judged once, in _changes
        if self.is_stamp:
            return asyncio.run(async_validate_pdf_timestamp(self.signature, context, skip_diff=True))
        return asyncio.run(
            async_validate_pdf_signature(self.signature, context, key_usage_settings=_KEY_USAGE, skip_diff=True)
        )

    def _context(self, rule: Any, at: datetime | None = None, retroactive: bool = False) -> ValidationContext:
        return ValidationContext(
            trust_roots=list(self.roots),
            other_certs=list(self.evidence.certificates),
            moment=at or self.moment,
            crls=self.evidence.crls,
            ocsps=self.evidence.ocsps,
            allow_fetching=False,
            revinfo_policy=CertRevTrustPolicy(rule, retroactive_revinfo=retroactive),
        )

    def _changes(self) -> Code | None:
        """What stands against the file as it is now, compared with what was signed."""
        signature = self.signature
        signature.compute_integrity_info(skip_diff=True)
        self._coverage()
        if signature.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
            self.modified = True
            return Code.NOT_COVERED
        problem = ""
        for policy in (DEFAULT_DIFF_POLICY, _OTHER_WAY):
            try:
                signature.compute_integrity_info(diff_policy=policy)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - what cannot be compared is not known to be unchanged
                problem = _problem(error)
                continue
            result = signature.diff_result
            if signature.summarise_integrity_info()["docmdp_ok"] is not False:
                level = result.modification_level if isinstance(result, DiffResult) else ModificationLevel.NONE
                self.details["changes"] = level.name.lower()
                self.details["changed_fields"] = storable(", ".join(sorted(result.changed_form_fields)), 500)
                return None
        if problem:
            self.details["problem"] = problem
            return Code.CHANGES_UNKNOWN
        self.modified = True
        self.details["changes"] = ModificationLevel.OTHER.name.lower()
        self.details["change"] = storable(str(signature.diff_result), 300)
        return Code.CHANGED_AFTER_SIGNING

    def _coverage(self) -> None:
        signature, reader = self.signature, self.signature.reader
        self.details["coverage"] = signature.coverage.name.lower()
        later = reader.xrefs.total_revisions - 1 - signature.signed_revision
        self.details["later_revisions"] = later
        size = reader.stream.seek(0, 2)
        end = int(signature.byte_range[-2]) + int(signature.byte_range[-1])
        if not later and 0 <= end < size:
            reader.stream.seek(end)
            if reader.stream.read(64).strip(b"\r\n\0 "):  # an editor's last line break is nothing
                self.details["appended"] = size - end

    def _signer(self) -> dict[str, Any]:
        certificate = self.signature.signer_cert
        known, more = identity(certificate)
        self.details |= more
        for key, entry in (("reason", "/Reason"), ("place", "/Location"), ("contact", "/ContactInfo")):
            self.details[key] = storable(self.signature.sig_object.get(entry, ""), 200)
        self.details["digest"] = storable(self.signature.md_algorithm, 20)
        return known

    def _time(self, status: Any) -> dict[str, Any]:
        """When it was signed: as an authority vouches for it, else as the signer says."""
        if status is None:
            return self._claimed(None)
        if self.is_stamp:
            source = "timestamp" if status.trusted or "proven_at" in self.details else "claimed"
            return {"signed_at": _iso(status.timestamp), "time_source": source}
        stamp = self.vouched_token or status.timestamp_validity
        if stamp is not None:
            self.details["timestamp_at"] = _iso(stamp.timestamp)
            self.details["timestamp_by"] = identity(stamp.signing_cert)[0]["signer"]
            self.details["timestamp_trusted"] = bool(stamp.trusted)
        claimed = self._claimed(status.signer_reported_dt)
        if stamp is None or not stamp.trusted:
            return claimed
        self.details["claimed_at"] = claimed.get("signed_at", "")
        return {"signed_at": _iso(stamp.timestamp), "time_source": "timestamp"}

    def _claimed(self, told: datetime | None) -> dict[str, Any]:
        try:
            told = told or self.signature.self_reported_timestamp
            return {"signed_at": _iso(told), "time_source": "claimed"} if told else {}
        except Exception:  # noqa: BLE001 - a signer may write anything there
            return {}

    def _with_own(self, evidence: Evidence) -> Evidence:
        """With the revocation data that some programs put into the signature itself."""
        try:
            own = find_unique_cms_attribute(
                self.signature.signer_info["signed_attrs"], "adobe_revocation_info_archival"
            )
            return Evidence(
                evidence.certificates, (*evidence.crls, *_items(own["crl"])), (*evidence.ocsps, *_items(own["ocsp"]))
            )
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - there is none
            return evidence


def _items(sequence: Any) -> Iterable[Any]:
    return list(sequence) if sequence.native is not None else []


def _claimed_in_validity(signed_at: str | None, details: dict[str, Any]) -> bool:
    if not signed_at:
        return True  # nothing is claimed, so nothing contradicts it
    return bool(datetime.fromisoformat(signed_at) <= datetime.fromisoformat(details["valid_to"]))


def _iso(instant: datetime | None) -> str:
    if instant is None:
        return ""
    # a clock without zone stands in Vietnam
    return (instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)).isoformat()


def _problem(error: BaseException) -> str:
    return storable(f"{type(error).__name__}: {error}", 300)
