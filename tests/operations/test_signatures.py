"""Signatures are checked when a file arrives, and whatever comes of it, the file is kept (212/5.1)."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actor import Actor
from app.extraction.pool import FailureReason, WorkerFailed
from app.models import Blob, Document, Event, SignatureCheck, Upload
from app.operations import files, incoming, jobs, signatures
from app.queries.signatures import checks_of
from app.rules.jobs import Outcome
from app.vocabulary import PostKind
from tests.fixtures import signing
from tests.fixtures.clock import NOW
from tests.fixtures.office import SYSTEM, registration
from tests.fixtures.signing import Authority, letter, sign

Actors = Callable[[PostKind], Actor]
Trust = Callable[..., Path]
LIMIT = 10 * 1024**2


def arrive(actor: Actor, content: bytes, name: str = "a.pdf") -> Upload:
    return files.receive(actor, io.BytesIO(content), name, LIMIT)


def checks(session: Any, upload: Upload) -> Sequence[SignatureCheck]:
    return checks_of(session, [upload.sha256]).get(upload.sha256, [])


def registered(actor: Actor, *uploads: Upload) -> Document:
    return incoming.register(actor, registration(files=[upload.id for upload in uploads]))


@pytest.mark.clause("212/5.1")
def test_what_a_signature_says_is_kept_with_the_file(
    session: Any, program_trusts: Trust, actor_for_kind: Actors, signed: bytes
) -> None:
    program_trusts()
    clerk = actor_for_kind(PostKind.CLERK)
    upload = arrive(clerk, signed)
    (check,) = checks(session, upload)
    assert (check.verdict, check.code, check.signer, check.organisation) == (
        "valid",
        "trusted",
        "Nguyễn Văn A",
        "Sở Tài chính",
    )
    assert (check.at, check.signed_at, check.time_source) == (NOW, signing.SIGNED, "claimed")
    assert registered(clerk, upload).signature_verdict == "valid"


def test_an_unsigned_file_has_no_verdict(session: Any, program_trusts: Trust, actor_for_kind: Actors) -> None:
    program_trusts()
    clerk = actor_for_kind(PostKind.CLERK)
    upload = arrive(clerk, letter())
    assert not checks(session, upload)
    assert registered(clerk, upload).signature_verdict == ""


@pytest.mark.clause("212/5.1")
@pytest.mark.parametrize("case", ["revoked", "rogue", "changed", "broken", "unknown"])
def test_no_signature_however_bad_loses_the_document(
    session: Any,
    app: Flask,
    program_trusts: Trust,
    actor_for_kind: Actors,
    pki: Authority,
    rogue: Authority,
    signed: bytes,
    case: str,
) -> None:
    program_trusts(lists=case != "unknown")
    clerk = actor_for_kind(PostKind.CLERK)
    content, verdict, code = {
        "revoked": (sign(letter(), pki.people["revoked"]), "invalid", "revoked"),
        "rogue": (sign(letter(), rogue.people["leader"]), "indeterminate", "no_chain"),
        "changed": (signing.paint_on_page(signed), "invalid", "changed_after_signing"),
        "broken": (signed.replace(b"/ByteRange", b"/ByteRanje"), "indeterminate", "unreadable"),
        "unknown": (signed, "indeterminate", "revocation_unknown"),
    }[case]
    upload = arrive(clerk, content)
    (check,) = checks(session, upload)
    assert (check.verdict, check.code) == (verdict, code)
    document = registered(clerk, upload)
    assert document.signature_verdict == verdict
    assert app.extensions["store"].path(document.files[0].sha256).read_bytes() == content


@pytest.mark.parametrize(
    ("reason", "code"), [(FailureReason.TIMEOUT, "unreadable"), (FailureReason.BUSY, "not_checked")]
)
def test_a_worker_that_fails_leaves_that_fact_and_the_file(
    session: Any,
    app: Flask,
    actor_for_kind: Actors,
    signed: bytes,
    monkeypatch: pytest.MonkeyPatch,
    reason: FailureReason,
    code: str,
) -> None:
    def fail(*_: Any, **_more: Any) -> None:
        raise WorkerFailed(reason, "as if")

    monkeypatch.setattr(app.extensions["inspector"], "signatures", fail)
    upload = arrive(actor_for_kind(PostKind.CLERK), signed)
    (check,) = checks(session, upload)
    assert (check.verdict, check.code, check.signer) == ("indeterminate", code, "")


def test_a_file_that_defeats_the_inspection_is_looked_at_if_it_seems_signed(
    session: Any, app: Flask, actor_for_kind: Actors, signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **_more: Any) -> None:
        raise WorkerFailed(FailureReason.MEMORY)

    monkeypatch.setattr(app.extensions["inspector"], "inspect", fail)
    clerk = actor_for_kind(PostKind.CLERK)
    assert [check.code for check in checks(session, arrive(clerk, signed))] == ["no_anchors"]
    assert not checks(session, arrive(clerk, letter()))


@pytest.mark.clause("212/5.1")
def test_the_worst_signature_of_all_files_is_the_verdict_on_the_document(
    session: Any, program_trusts: Trust, actor_for_kind: Actors, signed: bytes
) -> None:
    program_trusts()
    clerk = actor_for_kind(PostKind.CLERK)
    document = registered(clerk, arrive(clerk, signed), arrive(clerk, letter(), "b.pdf"))
    assert document.signature_verdict == "valid"
    changed = arrive(clerk, signing.paint_on_page(signed), "c.pdf")
    incoming.attach(clerk, document.id, {"files": [changed.id]})
    assert session.get_one(Document, document.id).signature_verdict == "invalid"


def test_a_time_stamp_of_an_unknown_authority_makes_a_document_no_worse(
    session: Any, program_trusts: Trust, actor_for_kind: Actors, signed: bytes
) -> None:
    program_trusts()
    clerk = actor_for_kind(PostKind.CLERK)
    unknown = signing.issue("TSA lạ", "Không rõ", stamps=True)
    upload = arrive(clerk, signing.stamp_document(signed, signing.stamper(unknown, NOW)))
    assert [(check.ordinal, check.verdict) for check in checks(session, upload)] == [(1, "valid"), (2, "indeterminate")]
    assert registered(clerk, upload).signature_verdict == "valid"


def count(session: Any) -> int:
    return session.scalar(select(func.count()).select_from(SignatureCheck))


def test_the_same_bytes_again_are_checked_again_only_while_undecided(
    session: Any,
    program_trusts: Trust,
    actor_for_kind: Actors,
    signed: bytes,
    clock_at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = registered(clerk, arrive(clerk, signed))
    assert document.signature_verdict == "indeterminate"
    arrive(clerk, signed, "again.pdf")
    assert count(session) == 1, "nothing new was found"
    program_trusts()
    clock_at(NOW + timedelta(hours=1))
    upload = arrive(clerk, signed, "third.pdf")
    assert [check.verdict for check in checks(session, upload)] == ["valid"]
    assert count(session) == 2, "the earlier row stays"
    assert session.get_one(Document, document.id).signature_verdict == "valid", "also where the file was before"
    monkeypatch.setattr(signatures, "judged", lambda _: pytest.fail("decided: nothing to ask"))
    arrive(clerk, signed, "fourth.pdf")


def test_a_signed_file_that_no_document_took_is_cleared_away_with_its_checks(
    session: Any, actor_for_kind: Actors, signed: bytes, clock_at: Callable[[datetime], None]
) -> None:
    upload = arrive(actor_for_kind(PostKind.CLERK), signed)
    sha256 = upload.sha256
    clock_at(NOW + timedelta(days=2))
    files.clear_unclaimed(SYSTEM, NOW + timedelta(days=1))
    session.expire_all()
    assert session.get(Blob, sha256) is None
    assert count(session) == 0


# ---- the nightly job


def run_job() -> dict[str, Any]:
    result = jobs.WORK["check_signatures"](Actor.system("check_signatures"), lambda: False)
    assert result.outcome == Outcome.DONE
    return result.counts


@pytest.mark.clause("212/5.1")
def test_new_roots_and_lists_decide_at_night_what_was_open(
    session: Any,
    program_trusts: Trust,
    actor_for_kind: Actors,
    pki: Authority,
    rogue: Authority,
    signed: bytes,
    clock_at: Callable[[datetime], None],
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    good = registered(clerk, arrive(clerk, signed)).id
    bad = registered(clerk, arrive(clerk, sign(letter(), pki.people["revoked"]), "b.pdf")).id
    open_ = registered(clerk, arrive(clerk, sign(letter(), rogue.people["leader"]), "c.pdf")).id
    clock_at(NOW + timedelta(days=1))
    counts = run_job()
    assert (counts["roots"], counts["files"], counts["documents"]) == (0, 0, 0), "without roots there is nothing to ask"
    program_trusts()
    rows = count(session)
    counts = run_job()
    assert (counts["roots"], counts["files"], counts["decided"], counts["documents"]) == (1, 3, 2, 2)
    verdicts = {i: session.get_one(Document, i).signature_verdict for i in (good, bad, open_)}
    assert verdicts == {good: "valid", bad: "invalid", open_: "indeterminate"}
    assert count(session) == rows + 3, "the third has another reason now: its authority is unknown"
    events = session.scalars(select(Event).where(Event.tag == "signature.checked_again")).all()
    assert {(e.document_id, e.params["before"], e.params["after"]) for e in events} == {
        (good, "indeterminate", "valid"),
        (bad, "indeterminate", "invalid"),
    }
    clock_at(NOW + timedelta(days=2))
    assert run_job()["files"] == 1, "what is decided is not asked again"
    assert count(session) == rows + 3, "the same answer is not written twice"


def test_a_run_of_the_job_checks_so_many_files_and_no_more(
    session: Any, program_trusts: Trust, actor_for_kind: Actors, pki: Authority
) -> None:
    for number in range(3):
        arrive(actor_for_kind(PostKind.CLERK), sign(letter(f"Công văn {number}"), pki.people["leader"]))
    program_trusts()
    found = [signatures.check_again(SYSTEM, lambda: False, most=2)["decided"] for _ in range(3)]
    assert found == [2, 1, 0]
    assert signatures.check_again(SYSTEM, lambda: True)["files"] == 0


def test_a_trust_folder_with_files_that_say_nothing_is_a_finding(
    session: Any, program_trusts: Trust, app: Flask
) -> None:
    (program_trusts() / "broken.crt").write_text("nothing")
    result = jobs.WORK["check_signatures"](Actor.system("check_signatures"), lambda: False)
    assert (result.outcome, result.counts["unreadable"]) == (Outcome.FINDINGS, 1)


def test_a_list_that_has_become_old_leaves_what_was_decided(
    session: Any, program_trusts: Trust, actor_for_kind: Actors, signed: bytes, clock_at: Callable[[datetime], None]
) -> None:
    program_trusts()
    clerk = actor_for_kind(PostKind.CLERK)
    document = registered(clerk, arrive(clerk, signed)).id
    program_trusts(until=datetime(2026, 12, 31, tzinfo=UTC))
    clock_at(NOW + timedelta(days=60))
    assert run_job()["files"] == 0
    assert session.get_one(Document, document).signature_verdict == "valid"
