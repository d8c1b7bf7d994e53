"""Digital signatures of the demo's letters, by an authority that exists only while the demo is loaded.

The keys are made in memory and never stored. What remains is the authority's certificate with its list of revoked
certificates, put into the trust folder so that the signatures can be checked; its name says that it is for the
made-up office only.
"""

import io
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.demo.steps import Signing
from app.demo.texts import Letter
from app.demo.working_time import moment

NAME = "mau-chi-dung-thu"
"""Of the demo's files in the trust folder, before their endings."""
_ORGANISATION = "Cơ quan mẫu – chỉ dùng thử, không có giá trị pháp lý"
_COMMON_NAME = "Chứng thư gốc của dữ liệu mẫu"
_YEAR = timedelta(days=365)
_NAME_BYTES = 64
_SHORT = (
    ("Ủy ban nhân dân", "UBND"), ("Thành phố Hồ Chí Minh", "TP. Hồ Chí Minh"), ("Ban Quản lý dự án", "BQLDA"),
    ("đầu tư xây dựng", "ĐTXD"), ("Ủy ban Mặt trận Tổ quốc Việt Nam", "UBMTTQVN"), ("công trình", "CT"),
)  # fmt: skip
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


class Signatory:
    """Signs letters for the people and bodies that wrote them; one pair of keys does for all of them.

    ``first_day``: the earliest instant at which anybody signs; ``now``: from then on the certificates hold five years.
    """

    def __init__(self, first_day: datetime, now: datetime):
        self._begin, self._end = first_day - _YEAR, now + 5 * _YEAR
        self._key = ec.generate_private_key(ec.SECP256R1())
        der = self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._asn1_key = asn1_keys.PrivateKeyInfo.load(der)
        self._known = _Authority(_COMMON_NAME, self._begin, self._end)
        self._unknown = _Authority("Tổ chức chứng thực không rõ (dữ liệu mẫu)", self._begin, self._end)

    def publish(self, folder: Path) -> None:
        """Let the program trust what this signatory signs; what an earlier load put there stays. Raises OSError."""
        _append(folder / f"{NAME}.pem", self._known.certificate.public_bytes(Encoding.PEM))
        _append(folder / "crls" / f"{NAME}.crl", self._known.nothing_revoked())

    def sign(self, content: bytes, letter: Letter, how: Signing, received_at: datetime) -> bytes:
        """The letter's PDF as its signer and then its body signed it, some time before it was received."""
        if how is Signing.NONE:
            return content
        authority = self._unknown if how is Signing.UNKNOWN else self._known
        at = min(moment(letter.issued_on, time(9, 40)), received_at - timedelta(minutes=45))
        for field, name, title, minutes in (
            ("ChuKyNguoiKy", letter.signer_name, letter.signer_position, 0),
            ("ChuKyCoQuan", letter.sender_name, "", 12),
        ):
            certificate = authority.certify(self._key.public_key(), name, letter.sender_name, title)
            content = self._signed(content, certificate, field, at + timedelta(minutes=minutes))
        return _painted(content) if how is Signing.CHANGED else content

    def _signed(self, content: bytes, certificate: x509.Certificate, field: str, at: datetime) -> bytes:
        signer = signers.SimpleSigner(
            signing_cert=_asn1(certificate), signing_key=self._asn1_key, cert_registry=SimpleCertificateStore()
        )
        meta = signers.PdfSignatureMetadata(
            field_name=field, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
        )
        made = _SignerAt(meta, signer)
        made.at = at
        signed: io.BytesIO = made.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)))
        return signed.getvalue()


class _Authority:
    """A root that certifies whom it is asked to."""

    def __init__(self, name: str, begin: datetime, end: datetime):
        self._begin, self._end = begin, end
        self._key = ec.generate_private_key(ec.SECP256R1())
        # a later load makes another authority: the number keeps the two apart
        number = x509.NameAttribute(NameOID.SERIAL_NUMBER, f"{x509.random_serial_number():x}"[:8].upper())
        self._name = x509.Name([*_name(name, _ORGANISATION), number])
        self.certificate = self._issue(self._name, self._key.public_key(), ca=True)

    def certify(self, key: Any, name: str, organisation: str, title: str) -> x509.Certificate:
        """A certificate for a person, or for a body where there is no title."""
        more = [x509.NameAttribute(NameOID.TITLE, title)] if title else []
        return self._issue(x509.Name([*_name(name, organisation), *more]), key, ca=False)

    def nothing_revoked(self) -> bytes:
        """The list of revoked certificates, an empty one, in PEM."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(self._begin).next_update(self._end)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _issue(self, subject: x509.Name, key: Any, *, ca: bool) -> x509.Certificate:
        used = ("key_cert_sign", "crl_sign") if ca else ("digital_signature", "content_commitment")
        usage = x509.KeyUsage(**{name: name in used for name in _USAGES})
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(self._begin).not_valid_after(self._end)
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        return builder.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256())


class _SignerAt(signers.PdfSigner):
    """Signs at an hour that is over."""

    at: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at
        return session


def _name(name: str, organisation: str) -> list[x509.NameAttribute]:
    return [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, _short(name)),
    ]


def _short(name: str) -> str:
    """A name of at most 64 bytes, abbreviated as on the certificates of authorities."""
    for long, short in _SHORT:
        if len(name.encode()) > _NAME_BYTES:
            name = name.replace(long, short)
    while len(name.encode()) > _NAME_BYTES:
        name = name.rpartition(" ")[0]
    return name


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _painted(content: bytes) -> bytes:
    """Some lines of the first page covered, appended as a drawing program would."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    white = generic.StreamObject(stream_data=b"q 1 g 80 393 465 38 re f Q")
    writer.add_stream_to_page(0, writer.add_object(white))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _append(path: Path, more: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_bytes(before + more)
    draft.replace(path)
