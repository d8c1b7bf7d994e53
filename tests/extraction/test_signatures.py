"""Signed PDFs as they arrive: who signed, whether it is intact, whether it may be trusted (212/5.1)."""

import io
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.extraction.facts import SignatureFacts
from app.extraction.inspector import Inspector
from app.extraction.pool import WorkerConfig, WorkerPool
from tests.fixtures import signing
from tests.fixtures.clock import NOW
from tests.fixtures.signing import SIGNED, Authority, letter, sign, stamper

Check = Callable[..., list[SignatureFacts]]


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(WorkerConfig(size=1))
    yield made
    made.close()


@pytest.fixture
def check(pool: WorkerPool, trust_dir: Path, tmp_path: Path) -> Check:
    """Lets a worker judge a file, as the program does."""

    def run(content: bytes, trust: Path | None = trust_dir, moment: datetime = NOW) -> list[SignatureFacts]:
        path = tmp_path / "a.pdf"
        path.write_bytes(content)
        return list(Inspector(pool=pool, trust_dir=trust).signatures(path, moment))

    return run


def outcome(found: list[SignatureFacts]) -> list[tuple[str, str]]:
    return [(each.verdict, each.code) for each in found]


@pytest.mark.clause("212/5.1")
def test_an_intact_signature_of_a_trusted_authority_says_who_and_when(check: Check, signed: bytes) -> None:
    (found,) = check(signed)
    assert (found.verdict, found.code) == ("valid", "trusted")
    assert (found.signer, found.organisation) == ("Nguyễn Văn A", "Sở Tài chính")
    assert found.issuer == "CA phục vụ các cơ quan"
    assert (found.instant, found.time_source) == (SIGNED, "claimed")
    assert (found.intact, found.covers_all, found.trusted, found.modified) == (True, True, True, False)


def test_an_unsigned_file_has_no_signature(check: Check) -> None:
    assert check(letter()) == []


@pytest.mark.clause("212/5.1")
def test_another_authority_of_the_same_name_is_not_trusted(check: Check, rogue: Authority) -> None:
    (found,) = check(sign(letter(), rogue.people["leader"]))
    assert (found.verdict, found.code) == ("indeterminate", "no_chain")
    assert (found.signer, found.intact, found.trusted) == ("Nguyễn Văn A", True, False)


def test_who_vouches_for_themselves_is_not_trusted(check: Check) -> None:
    assert outcome(check(sign(letter(), signing.issue("Ai đó", "Ở đâu đó")))) == [("indeterminate", "no_chain")]


def test_a_certificate_for_other_purposes_does_not_sign_documents(check: Check, pki: Authority) -> None:
    (found,) = check(sign(letter(), pki.people["issuer of nothing"]))
    assert (found.verdict, found.code) == ("indeterminate", "unsuitable")


def test_a_revoked_certificate_makes_the_signature_invalid(check: Check, pki: Authority) -> None:
    (found,) = check(sign(letter(), pki.people["revoked"]))
    assert (found.verdict, found.code, found.intact) == ("invalid", "revoked", True)
    assert datetime.fromisoformat(str(found.details["revoked_at"])) == signing.REVOKED


def test_an_expired_certificate_proves_nothing_without_a_time_stamp(check: Check, pki: Authority) -> None:
    assert outcome(check(sign(letter(), pki.people["expired"]))) == [("indeterminate", "expired")]


def test_a_certificate_used_after_it_expired_makes_the_signature_invalid(check: Check, pki: Authority) -> None:
    late = sign(letter(), pki.people["expired"], at=datetime(2026, 11, 1, tzinfo=UTC))
    assert outcome(check(late)) == [("invalid", "signed_after_expiry")]


def test_a_certificate_that_begins_later_is_not_valid_yet(check: Check, signed: bytes) -> None:
    assert outcome(check(signed, moment=datetime(2019, 1, 1, tzinfo=UTC))) == [("indeterminate", "not_yet_valid")]


@pytest.mark.clause("212/5.1")
def test_one_changed_byte_is_noticed(check: Check, signed: bytes) -> None:
    changed = bytearray(signed)
    changed[changed.index(b"ReportLab")] ^= 1
    (found,) = check(bytes(changed))
    assert (found.verdict, found.code, found.intact) == ("invalid", "digest_mismatch", False)


def test_the_signature_of_another_document_is_noticed(check: Check, pki: Authority) -> None:
    mine, other = (sign(letter(words), pki.people["leader"]) for words in ("Công văn 1", "Công văn 2"))
    held = re.compile(rb"/Contents ?<([0-9a-fA-F]{400,})>")
    (at,), (theirs,) = (list(held.finditer(content)) for content in (mine, other))
    length = min(len(at[1]), len(theirs[1]))
    pasted = mine[: at.start(1)] + theirs[1][:length] + mine[at.start(1) + length :]
    assert outcome(check(pasted)) == [("invalid", "digest_mismatch")]


@pytest.mark.clause("212/5.1")
def test_a_page_painted_over_afterwards_is_noticed(check: Check, signed: bytes) -> None:
    (found,) = check(signing.paint_on_page(signed))
    assert (found.verdict, found.code) == ("invalid", "changed_after_signing")
    assert (found.intact, found.modified, found.covers_all) == (True, True, False)


def sealed(pki: Authority) -> bytes:
    """Signed by the leader, numbered, then sealed by the organisation, which locks the number."""
    by_leader = sign(letter(with_number=True), pki.people["leader"], "ky_lanh_dao")
    numbered = signing.fill_number(by_leader, "15")
    return sign(numbered, pki.people["organisation"], "dau", lock=(signing.NUMBER, "dau"))


def test_leader_and_seal_are_two_signatures_and_both_hold(check: Check, pki: Authority) -> None:
    leader, seal = check(sealed(pki))
    assert outcome([leader, seal]) == [("valid", "trusted")] * 2
    assert (leader.ordinal, leader.signer, leader.covers_all) == (1, "Nguyễn Văn A", False)
    assert leader.details["changes"] == "form_filling"
    assert (seal.ordinal, seal.signer, seal.organisation, seal.covers_all) == (2, "Sở Tài chính", "", True)


def test_a_number_changed_after_the_seal_is_noticed(check: Check, pki: Authority) -> None:
    assert outcome(check(signing.fill_number(sealed(pki), "999"))) == [
        ("valid", "trusted"),  # the leader signed before there was a number
        ("invalid", "changed_after_signing"),
    ]


def test_a_certified_document_may_not_be_filled_in_beyond_its_permission(check: Check, pki: Authority) -> None:
    certified = sign(letter(), pki.people["leader"], certify=True)
    assert outcome(check(certified)) == [("valid", "trusted")]
    assert outcome(check(signing.paint_on_page(certified))) == [("invalid", "changed_after_signing")]


def test_what_is_put_behind_the_signed_file_is_named(check: Check, signed: bytes) -> None:
    junk = b"\n% something else"
    (found,) = check(signed + junk)
    assert (found.verdict, found.covers_all, found.details["appended"]) == ("valid", False, len(junk))
    (plain,) = check(signed + b"\r\n")
    assert "appended" not in plain.details, "a last line break is nothing"


@pytest.mark.parametrize(
    ("lists", "until"), [(False, signing.LISTED_UNTIL), (True, datetime(2026, 12, 10, tzinfo=UTC))]
)
def test_without_a_current_list_of_revoked_certificates_nothing_is_called_valid(
    check: Check, pki: Authority, signed: bytes, tmp_path: Path, lists: bool, until: datetime
) -> None:
    folder = pki.write_trust(tmp_path / "other-trust", lists=lists, until=until)
    (found,) = check(signed, folder)
    assert (found.verdict, found.code, found.intact, found.trusted) == (
        "indeterminate",
        "revocation_unknown",
        True,
        False,
    )


def test_a_list_that_arrives_later_is_noticed_by_a_worker_that_runs(
    check: Check, pki: Authority, signed: bytes, tmp_path: Path
) -> None:
    folder = pki.write_trust(tmp_path / "other-trust", lists=False)
    assert outcome(check(signed, folder)) == [("indeterminate", "revocation_unknown")]
    pki.write_trust(folder)
    assert outcome(check(signed, folder)) == [("valid", "trusted")]


@pytest.mark.parametrize("missing", [None, Path("/nowhere")])
def test_where_no_root_is_set_up_nobody_is_trusted(check: Check, signed: bytes, missing: Path | None) -> None:
    (found,) = check(signed, missing)
    assert (found.verdict, found.code, found.intact) == ("indeterminate", "no_anchors", True)


def test_a_broken_signature_is_invalid_even_where_nobody_is_trusted(check: Check, signed: bytes) -> None:
    assert outcome(check(signing.paint_on_page(signed), None)) == [("invalid", "changed_after_signing")]


def test_a_time_stamp_vouches_for_the_hour(check: Check, pki: Authority) -> None:
    stamped = datetime(2026, 8, 3, 2, 20, tzinfo=UTC)
    (found,) = check(sign(letter(), pki.people["leader"], stamps=stamper(pki.people["tsa"], stamped)))
    assert (found.verdict, found.time_source, found.instant) == ("valid", "timestamp", stamped)
    assert datetime.fromisoformat(str(found.details["claimed_at"])) == SIGNED


def test_the_time_stamp_of_an_unknown_authority_vouches_for_nothing(check: Check, pki: Authority) -> None:
    unknown = signing.issue("TSA lạ", "Không rõ", stamps=True)
    (found,) = check(sign(letter(), pki.people["leader"], stamps=stamper(unknown, datetime(2026, 8, 4, tzinfo=UTC))))
    assert (found.verdict, found.time_source, found.instant) == ("valid", "claimed", SIGNED)
    assert found.details["timestamp_trusted"] is False


@pytest.mark.parametrize("how", ["signature", "document"])
def test_a_time_stamp_saves_a_signature_whose_certificate_expired_later(check: Check, pki: Authority, how: str) -> None:
    tsa = stamper(pki.people["tsa"], SIGNED)
    if how == "signature":
        content = sign(letter(), pki.people["expired"], stamps=tsa)
    else:
        content = signing.stamp_document(sign(letter(), pki.people["expired"]), tsa)
    assert outcome(check(content))[0] == ("valid", "trusted")


def test_a_time_stamp_saves_a_signature_made_before_the_revocation_only(check: Check, pki: Authority) -> None:
    before, after = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)

    def at(when: datetime) -> bytes:
        return sign(letter(), pki.people["revoked"], at=when, stamps=stamper(pki.people["tsa"], when))

    assert outcome(check(at(before))) == [("valid", "trusted")]
    assert outcome(check(at(after))) == [("invalid", "revoked")]


@pytest.mark.parametrize("newer", [True, False])
def test_an_expired_time_stamp_counts_where_a_newer_one_vouches_for_it(
    check: Check, pki: Authority, newer: bool
) -> None:
    """Signed in August, certificate expired in October, first authority's in November; stamped again in between."""

    def day(month: int, number: int) -> datetime:
        return datetime(2026, month, number, tzinfo=UTC)

    old = signing.issue("TSA cũ", "Ban Cơ yếu Chính phủ (thử nghiệm)", pki.sub, stamps=True, until=day(11, 1))
    by_old = stamper(old, day(8, 20))
    content = signing.add_evidence(sign(letter(), pki.people["expired"], stamps=by_old), pki, day(8, 10), day(9, 10))
    content = signing.stamp_document(content, by_old)
    if newer:
        content = signing.add_evidence(content, pki, day(10, 10), day(11, 10))
        content = signing.stamp_document(content, stamper(pki.people["tsa"], day(10, 15)))
    found = check(content)
    if newer:
        assert outcome(found) == [("valid", "trusted")] * 3
        assert (found[0].time_source, found[0].instant) == ("timestamp", day(8, 20))
    else:
        assert outcome(found) == [("indeterminate", "expired")] * 2
        assert found[0].time_source == "claimed"


def test_a_time_stamp_of_the_document_is_a_row_of_its_own(check: Check, pki: Authority, signed: bytes) -> None:
    signature, stamp = check(signing.stamp_document(signed, stamper(pki.people["tsa"], NOW)))
    assert signature.details["kind"] == "signature"
    assert (stamp.details["kind"], stamp.verdict, stamp.time_source) == ("timestamp", "valid", "timestamp")
    assert (stamp.instant, stamp.signer) == (NOW, "Dịch vụ dấu thời gian")


def test_a_kind_of_signature_that_cannot_be_checked_is_said_to_be_so(check: Check, signed: bytes) -> None:
    old = signed.replace(b"/ETSI.CAdES.detached", b"/adbe.pkcs7.sha1    ")
    (found,) = check(old)
    assert (found.verdict, found.code, found.signer) == ("indeterminate", "unsupported", "Nguyễn Văn A")


def test_an_unreadable_field_does_not_hide_the_others(check: Check, signed: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    broken = generic.DictionaryObject({generic.pdf_name("/Type"): generic.pdf_name("/Sig")})
    field = {"/FT": generic.pdf_name("/Sig"), "/T": generic.TextStringObject("hong"), "/V": writer.add_object(broken)}
    entry = generic.DictionaryObject({generic.pdf_name(key): value for key, value in field.items()})
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(entry))
    writer.update_container(form["/Fields"])
    target = io.BytesIO()
    writer.write(target)
    found = check(target.getvalue())
    assert [(each.field, each.code) for each in found][-1] == ("hong", "unreadable")
    assert [each.field for each in found] == ["ky", "hong"]


def test_hostile_files_are_facts_and_never_errors(check: Check, signed: bytes) -> None:
    """Cut off, shaken up, with impossible byte ranges: each answers, and the worker lives on."""
    chance = random.Random(4)
    samples = [b"", b"%PDF-1.7", b"no PDF at all", signed[: len(signed) // 2], signed[len(signed) // 2 :]]
    where = re.compile(rb"/ByteRange ?\[[^\]]*\]")
    for numbers in (b"[-1 5 9 9]", b"[0 99999999999 1 1]", b"[]", b"[0 1 2]", b"(text)", b"[/A /B /C /D]"):
        entry = b"/ByteRange" + numbers
        samples += [where.sub(lambda found, entry=entry: entry.ljust(len(found[0])), signed)]  # type: ignore[misc]
    for _ in range(40):
        shaken = bytearray(signed)
        for _ in range(30):
            shaken[chance.randrange(len(shaken))] = chance.randrange(256)
        samples.append(bytes(shaken))
    for content in samples:
        assert all(each.verdict != "valid" for each in check(content))
    assert outcome(check(signed)) == [("valid", "trusted")]


def test_files_of_the_trust_folder_that_say_nothing_are_named_and_change_nothing(
    check: Check, pool: WorkerPool, trust_dir: Path, signed: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (trust_dir / "broken.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (trust_dir / "crls" / "page.crl").write_text("<html>404</html>")
    (trust_dir / "notes.txt").write_text("not looked at")
    assert outcome(check(signed)) == [("valid", "trusted")]
    inspector = Inspector(pool=pool, trust_dir=trust_dir)
    caplog.clear()
    facts = inspector.trust()
    inspector.trust()
    assert (facts.roots, facts.others, facts.revocation) == (1, 1, 2)
    assert set(facts.unreadable) == {"broken.pem", "crls/page.crl"}
    assert len([record for record in caplog.records if "cannot be read" in record.getMessage()]) == 2, "once each"


def test_an_answer_without_sense_is_refused() -> None:
    good = SignatureFacts(signed_at="2026-08-03T09:14:00+07:00", details={"kind": "signature"})
    message = {**vars(good)}
    assert SignatureFacts.from_message(message) == good
    for name, value in (
        ("verdict", "perfect"),
        ("signer", 5),
        ("ordinal", True),
        ("signed_at", "2026-08-03T09:14:00"),
        ("details", {"a": []}),
        ("unknown", 1),
    ):
        with pytest.raises(ValueError, match=r".+"):
            SignatureFacts.from_message({**message, name: value})
    with pytest.raises(ValueError, match="object"):
        SignatureFacts.from_message([])
    assert replace(good, signed_at="").instant is None


def test_the_program_itself_does_not_load_what_checks_signatures() -> None:
    """It costs tens of megabytes: only a worker that met a signature holds it."""
    import subprocess
    import sys

    asked = "import sys, app, app.views, app.api, app.jobs.runner; print('pyhanko' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert answer.stdout.strip() == "False"
