"""What signatures are measured by: roots, other certificates and revocation data of the trust folder.

Only the worker processes import this module. The folder is the operator's (docs/van-hanh.md, trust_folder.py). PEM and
DER are both understood.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import crl, ocsp, pem, x509

from app.extraction.trust_folder import files_of, state_of

MOST_BYTES = 64 * 1024**2
"""A file of the folder may be so large: the largest lists of revoked certificates have some megabytes."""


@dataclass(frozen=True)
class TrustMaterial:
    """The parsed trust folder; ``unreadable`` are the names of files that say nothing, relative to the folder."""

    roots: tuple[x509.Certificate, ...] = ()
    others: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    ocsps: tuple[ocsp.OCSPResponse, ...] = ()
    unreadable: tuple[str, ...] = ()


_kept: tuple[Any, TrustMaterial] | None = None


def load(folder: str) -> TrustMaterial:
    """The trust folder as it is now; read again only when a file in it changed. A missing folder trusts nobody."""
    global _kept  # noqa: PLW0603 - a worker serves one task at a time
    files = files_of(folder)
    state = (folder, state_of(files))
    if _kept is None or _kept[0] != state:
        _kept = (state, _read(Path(folder), files))
    return _kept[1]


def _read(folder: Path, files: list[tuple[str, Path]]) -> TrustMaterial:
    found: dict[str, list[Any]] = {"roots": [], "others": [], "crls": [], "ocsps": []}
    unreadable = []
    for place, path in files:
        kind = "ocsps" if place == "crls" and path.suffix.lower() != ".crl" else place
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError("too large")
            parsed = [_PARSERS[kind](der) for der in _der(path.read_bytes())]
            if not parsed:
                raise ValueError("empty")
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - whatever lies there, the other files still count
            unreadable.append(str(path.relative_to(folder)))
        else:
            found[kind] += parsed
    return TrustMaterial(**{kind: tuple(each) for kind, each in found.items()}, unreadable=tuple(unreadable))


def _der(content: bytes) -> Iterator[bytes]:
    if not pem.detect(content):
        yield content
        return
    for _, _, der in pem.unarmor(content, multiple=True):
        yield der


def _certificate(der: bytes) -> x509.Certificate:
    certificate = x509.Certificate.load(der, strict=True)
    if not (certificate.subject.native and certificate.public_key.algorithm and certificate.serial_number):
        raise ValueError("no certificate")
    return certificate


def _revocation_list(der: bytes) -> crl.CertificateList:
    revoked = crl.CertificateList.load(der, strict=True)
    if not (revoked["tbs_cert_list"]["issuer"].native and revoked["tbs_cert_list"]["this_update"].native):
        raise ValueError("no list of revoked certificates")
    return revoked


def _answer(der: bytes) -> ocsp.OCSPResponse:
    answer = ocsp.OCSPResponse.load(der, strict=True)
    if answer["response_status"].native != "successful" or not len(answer.response_data["responses"]):
        raise ValueError("no answer")
    return answer


_PARSERS: dict[str, Callable[[bytes], Any]] = {
    "roots": _certificate,
    "others": _certificate,
    "crls": _revocation_list,
    "ocsps": _answer,
}
