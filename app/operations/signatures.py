"""Digital signatures of files: check them when a file arrives, keep what was found, check again (212/5.1).

A check never stands in the way of taking a file in: what could not be checked is kept as that. Files are judged
outside any transaction, because a worker may take seconds; what was found is written within one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.backends import inspector, store
from app.extraction.facts import SignatureFacts
from app.extraction.pool import FailureReason, WorkerFailed
from app.models import Document, SignatureCheck
from app.operations import bulk
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.queries.signatures import checks_of, documents_with, verdicts_of, worth_repeating
from app.rules.signatures import Code
from app.vocabulary import Verdict

MOST_AGAIN = 500
"""Files checked again in one run of the job."""
TOGETHER = 25
"""Of these, so many are written in one transaction."""

_PASSING = (FailureReason.BUSY, FailureReason.START, FailureReason.CLOSED)
_MARK = b"/ByteRange"
_STEP = 1 << 20

Found = Mapping[str, Sequence[SignatureFacts]]


def look(actor: Actor, sha256: str, facts: Mapping[str, Any]) -> Sequence[SignatureFacts]:
    """Check the signatures of a PDF that has just arrived; nothing where it has none, or where all is decided already.

    ``facts`` is what the inspection of the file said. A PDF that defeated the inspection is looked at all the same
    if it seems to be signed.
    """
    signed = facts.get("signatures") or ("unread" in facts and _seems_signed(sha256))
    if not signed or _is_decided(actor, sha256):
        return ()
    return judged(sha256)


def may_be_signed(facts: Mapping[str, Any]) -> bool:
    """Whether a file with these facts has signatures, or could not be read well enough to tell."""
    return bool(facts.get("signatures") or "unread" in facts)


def judged(sha256: str) -> Sequence[SignatureFacts]:
    """The signatures of a stored PDF as they are to be judged now; one that cannot be read is a fact too."""
    try:
        found = inspector().signatures(store().path(sha256), clock.now())
    except WorkerFailed as error:
        code = Code.NOT_CHECKED if error.reason in _PASSING else Code.UNREADABLE
        return (SignatureFacts(code=str(code), details={"problem": str(error)[:300]}),)
    return found or (SignatureFacts(details={"problem": "no signature could be found"}),)


def keep(uow: UnitOfWork, actor: Actor, found: Found) -> int:
    """Write what was found where it differs from the last check, and bring the verdict of the documents that hold the
    files up to date: the program's act, with its event, whoever sent the bytes once more.

    Returns how many documents have another verdict now.
    """
    session = uow.session
    last = checks_of(session, found)
    changed = [sha256 for sha256, facts in found.items() if facts and not _same(last.get(sha256, ()), facts)]
    if not changed:
        return 0
    for sha256 in changed:
        # the rows of a check share their instant, and a later check has a later one, also where the clock stands
        at = max([clock.now(), *(row.at + timedelta(microseconds=1) for row in last.get(sha256, ()))])
        session.add_all(_row(sha256, at, each) for each in found[sha256])
    session.flush()  # the verdicts of documents are read from the rows
    moved = _bring_up_to_date(uow, changed)
    acts = [
        {"subject_id": document_id, "document_id": document_id, "before": before, "after": now}
        for document_id, before, now in moved
    ]
    program = actor if actor.is_system else Actor.system("check_signatures", actor.via)
    bulk.record_each(uow, program, "signature.checked_again", "document", acts, basis=("212/5.1",))
    return len(moved)


def verdict_on(session: Session, document: Document) -> str:
    """The verdict on a document of the checks of all its files, for ``document.signature_verdict``."""
    session.flush()  # files that were just added
    return verdicts_of(session, [document.id])[document.id]


def check_again(actor: Actor, stopping: Callable[[], bool], *, most: int = MOST_AGAIN) -> dict[str, int]:
    """Judge once more what was undecided for want of a root, of a list of revoked certificates, or of a worker.

    At most ``most`` files a run. A new row is written only where the verdict changed. Returns counts, among them how
    many roots are set up and how many files of the trust folder cannot be read.
    """
    trust = inspector().trust()
    counts = {"roots": trust.roots, "unreadable": len(trust.unreadable), "files": 0, "decided": 0, "documents": 0}
    waiting = _waiting(actor, trusted=trust.roots > 0, most=most)
    for start in range(0, len(waiting), TOGETHER):
        found = dict(_judged_until(stopping, waiting[start : start + TOGETHER]))
        counts["files"] += len(found)
        counts["decided"] += sum(all(f.verdict != Verdict.INDETERMINATE for f in facts) for facts in found.values())
        counts["documents"] += _keep_again(actor, found)
        if stopping():
            break
    return counts


# ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────


@operation()
def _is_decided(actor: Actor, sha256: str, *, uow: UnitOfWork) -> bool:
    """Whether the same bytes came before and every signature was judged; what is undecided is judged again."""
    last = checks_of(uow.session, [sha256]).get(sha256, ())
    return bool(last) and all(check.verdict != Verdict.INDETERMINATE for check in last)


@operation()
def _waiting(actor: Actor, *, trusted: bool, most: int, uow: UnitOfWork) -> Sequence[str]:
    return uow.session.scalars(worth_repeating(clock.today(), trusted=trusted, most=most)).all()


def _judged_until(
    stopping: Callable[[], bool], sha256s: Sequence[str]
) -> Iterator[tuple[str, Sequence[SignatureFacts]]]:
    for sha256 in sha256s:
        if stopping():
            return
        if store().exists(sha256):  # missing bytes are another job's finding
            yield sha256, judged(sha256)


@operation()
def _keep_again(actor: Actor, found: Found, *, uow: UnitOfWork) -> int:
    return keep(uow, actor, found)


def _bring_up_to_date(uow: UnitOfWork, sha256s: Sequence[str]) -> list[tuple[int, str, str]]:
    session = uow.session
    holding = select(Document.id, Document.signature_verdict).where(Document.id.in_(documents_with(session, sha256s)))
    before = {row.id: row.signature_verdict for row in session.execute(holding)}
    now = verdicts_of(session, before)
    changed = [(each, verdict, now[each]) for each, verdict in before.items() if now[each] != verdict]
    bulk.update(uow, Document, [{"id": each, "signature_verdict": verdict} for each, _, verdict in changed])
    return changed


def _same(last: Sequence[SignatureCheck], facts: Sequence[SignatureFacts]) -> bool:
    return [(row.field, row.verdict, row.code) for row in last] == [(f.field, f.verdict, f.code) for f in facts]


def _row(sha256: str, at: datetime, facts: SignatureFacts) -> SignatureCheck:
    given = {name: value for name, value in vars(facts).items() if name != "signed_at"}
    return SignatureCheck(sha256=sha256, at=at, signed_at=facts.instant, **given)


def _seems_signed(sha256: str) -> bool:
    """Whether the mark of a signature stands somewhere in the bytes; nothing is parsed."""
    with store().path(sha256).open("rb") as file:
        tail = b""
        while piece := file.read(_STEP):
            if _MARK in tail + piece:
                return True
            tail = piece[-len(_MARK) :]
    return False
