"""Verify (kiểm tra toàn vẹn): whether the store still holds the files that the records name (212/16.4.d)."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.backends import store
from app.extensions import db
from app.models import Blob
from app.operations import events
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.storage.sanity import Finding, FindingKind, compare

BATCH = 5000
SETTLED_AFTER = timedelta(hours=1)
"""A file that no record names counts as a finding only when it is older: a younger one may be on its way in."""
NAMED_IN_EVENT = 50
"""So many findings are named in the event; the counts are of all."""


class VerificationStopped(Exception):
    """The comparison was asked to stop before its end."""


def verify_files(
    actor: Actor,
    *,
    deep: bool,
    report: Callable[[Finding], None] = lambda _finding: None,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Compare all records with the store, ``deep`` by reading every file again; nothing is mended.

    ``report`` gets each finding at once. Returns the number of findings by kind, empty when all is well; findings
    are put on record as an event. Raises :class:`VerificationStopped` when ``stopping`` answers true.
    """
    settled_before = int((clock.now() - SETTLED_AFTER).timestamp() * 1_000_000_000)
    counts: dict[str, int] = {}
    named: list[str] = []
    for finding in compare(_recorded(stopping), store(), deep=deep):
        if _passing(finding, settled_before):
            continue
        report(finding)
        counts[finding.kind] = counts.get(finding.kind, 0) + 1
        if len(named) < NAMED_IN_EVENT:
            named.append(f"{finding.kind} {finding.sha256}")
    if counts:
        _put_on_record(actor, deep, counts, named)
    return counts


def _recorded(stopping: Callable[[], bool]) -> Iterator[tuple[str, int]]:
    """All records in order, in short transactions: reading all files takes hours, and a long one keeps old rows."""
    last = ""
    while True:
        with Session(db.engine, join_transaction_mode="create_savepoint") as own:
            query = select(Blob.sha256, Blob.size).where(Blob.sha256 > last).order_by(Blob.sha256).limit(BATCH)
            rows = own.execute(query).all()
        if not rows:
            return
        for sha256, size in rows:
            if stopping():
                raise VerificationStopped
            yield sha256, size
        last = rows[-1].sha256


def _passing(finding: Finding, settled_before: int) -> bool:
    """Whether it is only somebody at work: a file just coming in, or a record cleared away meanwhile."""
    if finding.kind is FindingKind.ORPHAN:
        return (finding.touched_ns or 0) > settled_before
    if finding.kind is FindingKind.MISSING:
        with Session(db.engine, join_transaction_mode="create_savepoint") as own:
            return own.get(Blob, finding.sha256) is None
    return False


@operation()
def _put_on_record(actor: Actor, deep: bool, counts: dict[str, int], named: list[str], *, uow: UnitOfWork) -> None:
    events.record(uow, actor, "files.findings", "store", "files", deep=deep, counts=counts, findings=named)
