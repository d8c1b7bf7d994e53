"""What is known about the digital signatures of files, and which checks are worth repeating (212/5.1)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from app.models import DocumentFile, SignatureCheck
from app.rules.signatures import CURABLE, Code, counting, overall
from app.vocabulary import FileRole, Verdict

_NOT_ARRIVED = (FileRole.DRAFT, FileRole.DERIVED)
"""Files that the Office made itself say nothing about what arrived."""


def checks_of(session: Session, sha256s: Iterable[str]) -> Mapping[str, Sequence[SignatureCheck]]:
    """The newest check of each file that has signatures: its rows, in the order of the signatures."""
    names = set(sha256s)
    if not names:
        return {}
    query = select(SignatureCheck).where(_newest(SignatureCheck.sha256.in_(names)))
    found: dict[str, list[SignatureCheck]] = {}
    for check in session.scalars(query.order_by(SignatureCheck.sha256, SignatureCheck.ordinal)):
        found.setdefault(check.sha256, []).append(check)
    return found


def verdicts_of(session: Session, document_ids: Iterable[int]) -> Mapping[int, str]:
    """The overall verdict on each document, of the newest checks of its files; empty where nothing is signed."""
    ids = set(document_ids)
    query = select(DocumentFile.document_id, DocumentFile.sha256)
    query = query.where(DocumentFile.document_id.in_(ids), DocumentFile.role.not_in(_NOT_ARRIVED))
    files = session.execute(query).all()
    checks = checks_of(session, (sha256 for _, sha256 in files))
    found: dict[int, list[str]] = {document_id: [] for document_id in ids}
    for document_id, sha256 in files:
        found[document_id] += counting(checks.get(sha256, ()))
    return {document_id: overall(verdicts) for document_id, verdicts in found.items()}


def documents_with(session: Session, sha256s: Iterable[str]) -> Sequence[int]:
    """Documents that hold one of these files."""
    query = select(DocumentFile.document_id).where(DocumentFile.sha256.in_(set(sha256s)))
    return session.scalars(query.distinct().order_by(DocumentFile.document_id)).all()


def worth_repeating(day: date, *, trusted: bool, most: int) -> Select[str]:
    """Files whose newest check is undecided for a reason that time can cure, at most ``most``.

    ``trusted``: whether any root is set up; without one only what could not be checked at all is tried again. Where
    there are more, each day begins elsewhere, so that all have their turn.
    """
    codes = CURABLE if trusted else {Code.NOT_CHECKED}
    undecided = (SignatureCheck.verdict == Verdict.INDETERMINATE.value) & SignatureCheck.code.in_(sorted(codes))
    query = select(SignatureCheck.sha256).where(undecided, _newest(undecided)).group_by(SignatureCheck.sha256)
    return query.order_by(func.md5(SignatureCheck.sha256 + day.isoformat())).limit(most)


def _newest(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of the files that the condition chooses, the rows of their last check: those of one check share their instant."""
    chosen = select(SignatureCheck.sha256).where(condition)
    last = select(SignatureCheck.sha256, func.max(SignatureCheck.at)).where(SignatureCheck.sha256.in_(chosen))
    return tuple_(SignatureCheck.sha256, SignatureCheck.at).in_(last.group_by(SignatureCheck.sha256))
