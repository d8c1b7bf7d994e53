"""What a clerk reads about a digital signature: one sentence, what to do, and everything else on demand (212/5.1)."""

from datetime import UTC, datetime
from itertools import combinations_with_replacement
from types import SimpleNamespace
from typing import Any

import pytest

from app.rules import signatures as rules
from app.rules.signatures import Code, Level
from app.vocabulary import Verdict


def check(code: str = "trusted", **changes: Any) -> Any:
    row = {
        "verdict": rules.verdict_of(Code(code)),
        "code": code,
        "signer": "Nguyễn Văn A",
        "organisation": "Sở Tài chính",
        "issuer": "CA",
        "serial": "1F",
        "signed_at": datetime(2026, 8, 3, 2, 14, tzinfo=UTC),
        "time_source": "claimed",
        "details": {"kind": "signature"},
    }
    return SimpleNamespace(**{**row, **changes})


def said(row: Any) -> str:
    sentence = rules.sentence(row)
    return sentence.message % sentence.params if sentence.params else sentence.message


@pytest.mark.clause("212/5.1")
def test_a_valid_signature_says_who_when_and_that_all_is_well() -> None:
    assert said(check()) == (
        "Digital signature valid: Nguyễn Văn A, Sở Tài chính signed at 09:14 on 03/08/2026; "
        "the document is intact, the certificate trusted."
    )
    assert "signed by Nguyễn Văn A, Sở Tài chính;" in said(check(signed_at=None))
    assert (rules.level(check()), rules.remedy(check())) == (Level.GOOD, "")


@pytest.mark.clause("212/5.1")
@pytest.mark.parametrize("code", [code for code in Code if code != Code.TRUSTED])
def test_every_other_outcome_has_its_sentence_and_its_remedy(code: Code) -> None:
    row = check(code)
    invalid = rules.verdict_of(code) == Verdict.INVALID
    assert ("NOT valid" in said(row)) == invalid
    assert ("not determined" in said(row)) == (not invalid)
    assert rules.level(row) == (Level.LATE if invalid else Level.SOON)
    assert rules.remedy(row)


def test_outcomes_do_not_share_their_sentences() -> None:
    sentences = [said(check(code)) for code in Code]
    assert len(set(sentences)) == len(sentences)


def test_a_revoked_certificate_is_named_with_its_day() -> None:
    revoked = check("revoked", details={"revoked_at": "2026-06-01T20:00:00+00:00"})
    assert said(revoked).endswith("was revoked on 02/06/2026.")


def test_a_code_of_another_version_of_the_program_is_still_said() -> None:
    assert said(check(verdict="indeterminate", code="trusted", signed_at=None))
    assert said(SimpleNamespace(**{**vars(check()), "verdict": "indeterminate", "code": "of tomorrow"}))


@pytest.mark.clause("212/5.1")
def test_the_worst_verdict_is_that_of_the_document() -> None:
    worst = ["invalid", "indeterminate", "valid"]
    assert rules.overall([]) == ""
    for some in combinations_with_replacement(worst, 3):
        assert rules.overall(some) == min(some, key=worst.index)


def test_a_time_stamp_counts_for_a_document_only_when_it_is_broken() -> None:
    stamp = {"kind": "timestamp"}
    assert rules.counting([check(), check("no_chain", details=stamp)]) == ["valid"]
    assert rules.counting([check(), check("changed_after_signing", details=stamp)]) == ["valid", "invalid"]
    assert rules.counting([check(details=stamp)]) == []


def test_what_new_roots_cannot_cure_is_not_asked_again() -> None:
    assert all(rules.verdict_of(code) == Verdict.INDETERMINATE for code in rules.CURABLE)
    assert Code.EXPIRED not in rules.CURABLE
    assert Code.UNREADABLE not in rules.CURABLE


def test_data_behind_a_good_signature_is_worth_a_look() -> None:
    row = check(details={"kind": "signature", "appended": 12})
    assert rules.level(row) == Level.SOON
    assert "other data was put behind it" in said(row)
    assert rules.remedy(row)


def test_signatures_of_one_seal_are_one_line() -> None:
    leader, seal = check(), check(signer="Sở Tài chính", organisation="", serial="2A")
    lines = rules.lines([leader, seal, seal, seal])
    assert [(line.count, line.who) for line in lines] == [(1, ""), (3, "")]
    changed = check("changed_after_signing", signer="Sở Tài chính", organisation="", serial="2A")
    assert [(line.count, line.who) for line in rules.lines([seal, changed])] == [(1, ""), (1, "Sở Tài chính")]


def test_signatures_of_nobody_known_are_not_thrown_together() -> None:
    unread = check("unreadable", signer="", organisation="", issuer="", serial="")
    assert [line.count for line in rules.lines([unread, unread])] == [1, 1]


def test_a_time_stamp_is_said_to_be_one() -> None:
    stamp = {"kind": "timestamp"}
    assert said(check(details=stamp)).startswith("Time stamp valid")
    assert said(check("no_chain", details=stamp)).startswith("Time stamp not determined")
    assert said(check("changed_after_signing", details=stamp)).startswith("Time stamp NOT valid")
    assert rules.remedy(check("no_chain", details=stamp)) == "", "nothing to be done about it"


def test_details_leave_out_what_is_not_known_and_give_hours_with_their_zone() -> None:
    row = check(details={"coverage": "entire_file", "valid_to": "2030-01-01T00:00:00+00:00"})
    shown = {label: (value, is_entry) for label, value, is_entry in rules.details(row)}
    assert shown["Signed at"] == ("03/08/2026 09:14:00 +07:00", False)
    assert shown["Certificate valid until"] == ("01/01/2030", False)
    assert shown["Signature covers"] == ("the whole file", True)
    assert "Certificate revoked at" not in shown
