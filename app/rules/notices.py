"""Notices (thông báo): what people are told of, in which words, by which ways and at which hours (212/16.1.l). Pure.

Sentences are catalogue entries with named parameters; whoever shows them hands over the translator, because the
program shows them in the reader's language and mails them in Vietnamese, the language of the office.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from app.clock import in_vietnam
from app.vocabulary import N_, AssignmentKind, NoticeKind

Translate = Callable[[str], str]


class Way(StrEnum):
    """How somebody is told: in the program, by e-mail at once, in the mail of each morning."""

    BELL = "bell"
    MAIL = "mail"
    DIGEST = "digest"


WAYS: dict[Way, str] = {
    Way.BELL: N_("In the program"),
    Way.MAIL: N_("By e-mail at once"),
    Way.DIGEST: N_("In the daily summary"),
}

KINDS: dict[NoticeKind, str] = {
    NoticeKind.PRESENTED: N_("A document is presented to me"),
    NoticeKind.ASSIGNED: N_("Work is assigned to me"),
    NoticeKind.CHASED: N_("I am urged to settle something"),
    NoticeKind.DUE_SOON: N_("My work is due soon"),
    NoticeKind.OVERDUE: N_("Work is overdue"),
    NoticeKind.EXTENSION_ASKED: N_("I am asked for more time"),
    NoticeKind.DEADLINE: N_("The deadline of my work changes"),
    NoticeKind.OPINION: N_("An opinion is asked for or given"),
    NoticeKind.GIVEN_BACK: N_("Work that I assigned is given back"),
    NoticeKind.WITHDRAWN: N_("Work is withdrawn from me"),
    NoticeKind.SETTLED: N_("A document is settled"),
    NoticeKind.REOPENED: N_("A settled document is opened again"),
}
"""Kinds in the order in which people choose; labels are catalogue entries."""

_AT_ONCE = {
    NoticeKind.PRESENTED,
    NoticeKind.ASSIGNED,
    NoticeKind.CHASED,
    NoticeKind.OVERDUE,
    NoticeKind.EXTENSION_ASKED,
}
DEFAULT_WAYS: dict[NoticeKind, frozenset[Way]] = {
    kind: frozenset({Way.BELL, Way.MAIL if kind in _AT_ONCE else Way.DIGEST}) for kind in NoticeKind
}
"""How somebody is told who has not chosen otherwise."""


def ways_of(chosen: Mapping[str, Iterable[str]] | None, kind: NoticeKind) -> frozenset[Way]:
    """The ways in which a person is told of a kind; ``chosen`` is what is stored, kinds missing there as by default."""
    if chosen is None or kind not in chosen:
        return DEFAULT_WAYS[kind]
    return frozenset(Way(way) for way in chosen[kind] if way in set(Way))


# ── quiet hours ──────────────────────────────────────────────────────────────────────────────────────────────────


def hour(text: str) -> time | None:
    """A time of day written ``HH:MM``; ``None`` for nothing. Raises ``ValueError`` for anything else."""
    if not text:
        return None
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise ValueError(f"no time of day: {text!r}")
    return time(int(hours), int(minutes))


def loud_at(now: datetime, quiet_from: str, quiet_to: str) -> datetime:
    """The first instant from ``now`` on that lies outside the quiet hours of a person; ``now`` itself when it does.

    Hours are those of a clock in Vietnam, the end is not quiet any more; they may cross midnight. Without both of
    them, or when both are the same, no hour is quiet.
    """
    start, end = hour(quiet_from), hour(quiet_to)
    if start is None or end is None or start == end:
        return now
    wall = in_vietnam(now)
    clock_time = wall.time().replace(tzinfo=None)
    quiet = start <= clock_time < end if start < end else clock_time >= start or clock_time < end
    if not quiet:
        return now
    day = wall.date() if clock_time < end else wall.date() + timedelta(days=1)
    return datetime.combine(day, end, tzinfo=wall.tzinfo).astimezone(now.tzinfo)


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────

_SENTENCES: dict[tuple[NoticeKind, str], str] = {
    (NoticeKind.PRESENTED, ""): N_("%(who)s presented %(what)s to you for directions."),
    (NoticeKind.ASSIGNED, AssignmentKind.LEAD): N_("%(who)s assigned %(what)s to you: to lead."),
    (NoticeKind.ASSIGNED, AssignmentKind.COORDINATE): N_("%(who)s assigned %(what)s to you: to co-ordinate."),
    (NoticeKind.ASSIGNED, AssignmentKind.INFORM): N_("%(who)s sent you %(what)s, to know of it."),
    (NoticeKind.ASSIGNED, ""): N_("%(who)s assigned %(what)s to you."),
    (NoticeKind.OPINION, "asked"): N_("%(who)s asks for your opinion on %(what)s."),
    (NoticeKind.OPINION, "contributed"): N_("%(who)s has done the part of the work on %(what)s."),
    (NoticeKind.OPINION, ""): N_("%(who)s gave an opinion on %(what)s."),
    (NoticeKind.GIVEN_BACK, ""): N_("%(who)s gave %(what)s back."),
    (NoticeKind.GIVEN_BACK, "declined"): N_("%(who)s sent %(what)s back without directions."),
    (NoticeKind.WITHDRAWN, ""): N_("%(who)s withdrew %(what)s from you."),
    (NoticeKind.DEADLINE, ""): N_("%(who)s changed the deadline for %(what)s."),
    (NoticeKind.DEADLINE, "granted"): N_("%(who)s granted more time for %(what)s."),
    (NoticeKind.DEADLINE, "refused"): N_("%(who)s refused more time for %(what)s."),
    (NoticeKind.DEADLINE, "suspended"): N_("%(who)s suspended the work on %(what)s."),
    (NoticeKind.DEADLINE, "resumed"): N_("%(who)s resumed the work on %(what)s."),
    (NoticeKind.EXTENSION_ASKED, ""): N_("%(who)s asks for more time for %(what)s."),
    (NoticeKind.CHASED, ""): N_("%(who)s urges you to settle %(what)s."),
    (NoticeKind.SETTLED, ""): N_("%(who)s settled %(what)s."),
    (NoticeKind.REOPENED, ""): N_("%(who)s opened %(what)s again."),
    (NoticeKind.DUE_SOON, ""): N_("%(what)s is due soon."),
    (NoticeKind.OVERDUE, ""): N_("%(what)s is overdue."),
    (NoticeKind.OVERDUE, "assigned"): N_("%(what)s, which you assigned, is overdue."),
}
"""Kind and variant → sentence. A variant that is not here is told like the kind itself."""

_DETAILS: dict[str, str] = {
    "unit": N_("Unit: %(value)s."),
    "holder": N_("Held by: %(value)s."),
    "due": N_("Deadline: %(value)s."),
    "due_asked": N_("Deadline asked for: %(value)s."),
    "directions": N_("Directions: %(value)s."),
    "reason": N_("Reason: %(value)s."),
    "note": N_("Note: %(value)s."),
}
"""Parameters that are told after the sentence, in this order."""
WRITTEN = frozenset({"directions", "reason", "note"})
"""Those that people wrote: they may say what the document says."""

SUBJECT_TOLD = 140
"""Characters of an abstract that a sentence quotes."""
DETAIL_LENGTH = 300
"""Characters of a detail that are told; the page has the whole of it."""


@dataclass(frozen=True)
class Told:
    """A notice as plain data, with what is known of its document."""

    kind: NoticeKind
    actor_name: str
    params: Mapping[str, Any]
    number: int | None = None
    year: int | None = None
    subject: str = ""


def _day(text: Any) -> str:
    try:
        return f"{date.fromisoformat(str(text)):%d/%m/%Y}"
    except ValueError:
        return str(text)


def _cut(text: str, length: int) -> str:
    """A text in one line and no longer than that; cut between words, so that it can be read."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.-–") + "…"


def _what(told: Told, translate: Translate) -> str:
    subject = _cut(told.subject, SUBJECT_TOLD) or "…"
    if told.number is None:
        return translate(N_("the document “%(subject)s”")) % {"subject": subject}
    number = f"{told.number}/{told.year}"
    return translate(N_("document %(number)s “%(subject)s”")) % {"number": number, "subject": subject}


def _who(told: Told, translate: Translate) -> str:
    name = told.actor_name
    if not name or name.startswith("system:"):
        name = translate(N_("The program"))
    principal = told.params.get("for")
    return translate(N_("%(who)s, for %(whom)s,")) % {"who": name, "whom": principal} if principal else name


def sentence(told: Told, translate: Translate) -> str:
    """What happened: who did what with which document. Begins with a capital letter."""
    words = _SENTENCES.get((told.kind, str(told.params.get("variant", "")))) or _SENTENCES[(told.kind, "")]
    said = translate(words) % {"who": _who(told, translate), "what": _what(told, translate)}
    return said[:1].upper() + said[1:]


def details(told: Told, translate: Translate) -> list[str]:
    """What else is known of it: deadline, directions, reason; each a sentence, each shortened."""
    lines = []
    for name, words in _DETAILS.items():
        value = told.params.get(name)
        if value not in (None, ""):
            shown = _day(value) if name.startswith("due") else str(value).strip().rstrip(".")
            lines.append(translate(words) % {"value": _cut(shown, DETAIL_LENGTH)})
    return lines


def path_of(document_id: int | None, assignment_id: int | None) -> str:
    """Where the document of a notice is opened, below the program's address."""
    if document_id is None:
        return "/notices/"
    return f"/incoming/{document_id}" + (f"?assignment={assignment_id}" if assignment_id is not None else "")


def stored(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as they are kept: days as ISO text, what is empty left out."""
    kept = {name: value.isoformat() if isinstance(value, date) else value for name, value in params.items()}
    return {name: value for name, value in kept.items() if value not in (None, "")}


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Paragraph:
    """Some lines of a mail, with what they lead to: ``path`` below the program's address, under the words ``link``."""

    lines: tuple[str, ...]
    path: str = ""
    link: str = ""
    heading: str = ""
    document_id: int | None = None
    """The document that it names, among several of one mail: left out where it is withheld by the time of sending."""


@dataclass(frozen=True)
class Letter:
    """A mail as plain data: its subject, and paragraphs that the adapter writes as text and as HTML."""

    subject: str
    paragraphs: tuple[Paragraph, ...]
    closing: tuple[str, ...] = ()
    choices: str = ""
    """Words of the link to the page where notices are chosen."""


SUBJECT_LENGTH = 150
CHOICES_PATH = "/notices/choices"


def letter(told: Told, path: str, translate: Translate) -> Letter:
    """The mail about one notice."""
    subject = f"{translate(_SUBJECTS[told.kind])}: {told.subject}" if told.subject else translate(_SUBJECTS[told.kind])
    lines = (sentence(told, translate), *details(told, translate))
    return Letter(
        _cut(subject, SUBJECT_LENGTH),
        (Paragraph(lines, path, translate(OPEN)),),
        (translate(CLOSING),),
        translate(CHOOSE),
    )


CLOSING = N_("The program Văn Thư sends this by itself; please do not answer it.")
CHOOSE = N_("Choose what you are told of")
OPEN = N_("Open the document")
OPEN_ALL = N_("See all")
_SUBJECTS: dict[NoticeKind, str] = {
    NoticeKind.PRESENTED: N_("Presented to you"),
    NoticeKind.ASSIGNED: N_("Assigned to you"),
    NoticeKind.OPINION: N_("Opinion"),
    NoticeKind.GIVEN_BACK: N_("Given back"),
    NoticeKind.WITHDRAWN: N_("Withdrawn"),
    NoticeKind.DEADLINE: N_("Deadline changed"),
    NoticeKind.EXTENSION_ASKED: N_("More time asked for"),
    NoticeKind.CHASED: N_("Please settle"),
    NoticeKind.SETTLED: N_("Settled"),
    NoticeKind.REOPENED: N_("Opened again"),
    NoticeKind.DUE_SOON: N_("Due soon"),
    NoticeKind.OVERDUE: N_("Overdue"),
}


# ── the daily summary ────────────────────────────────────────────────────────────────────────────────────────────

MOST_LINES = 20
"""Entries of each part of a daily summary; what is more is counted."""


@dataclass(frozen=True)
class Work:
    """Work that a daily summary tells of: its document and deadline; ``unit`` when it is the unit's as a whole."""

    due_on: date
    path: str
    number: int | None = None
    year: int | None = None
    subject: str = ""
    unit: str = ""
    document_id: int | None = None


@dataclass(frozen=True)
class Digest:
    """What one person's daily summary tells; the lists hold at most :data:`MOST_LINES` and one more."""

    day: date
    late: tuple[Work, ...] = ()
    soon: tuple[Work, ...] = ()
    notices: tuple[tuple[Told, str, int | None], ...] = ()
    """Each with its path and the id of its document."""

    def __bool__(self) -> bool:
        return bool(self.late or self.soon or self.notices)


def wants_digest(chosen: Mapping[str, Iterable[str]] | None) -> bool:
    """Whether a person gets the daily summary at all: who chose it for at least one kind."""
    return any(Way.DIGEST in ways_of(chosen, kind) for kind in NoticeKind)


def digest_letter(digest: Digest, translate: Translate) -> Letter:
    """The daily summary as a mail: work overdue, work due soon, notices not read yet."""
    parts = (
        (digest.late, N_("%(count)s overdue"), N_("Work overdue")),
        (digest.soon, N_("%(count)s due soon"), N_("Work due soon")),
    )
    counts: list[str] = []
    paragraphs: list[Paragraph] = []
    for work, words, title in parts:
        if work:
            counts.append(translate(words) % {"count": _count(work)})
            paragraphs += _headed(translate(title), [_work(each, translate) for each in work[:MOST_LINES]])
            paragraphs += _more(len(work) - MOST_LINES, "/", translate)
    if digest.notices:
        counts.append(translate(N_("%(count)s notices")) % {"count": _count(digest.notices)})
        shown = [
            Paragraph((sentence(told, translate), *details(told, translate)), path, translate(OPEN), document_id=about)
            for told, path, about in digest.notices[:MOST_LINES]
        ]
        paragraphs += _headed(translate(N_("Notices you have not read")), shown)
        paragraphs += _more(len(digest.notices) - MOST_LINES, "/notices/", translate)
    subject = translate(N_("Summary of %(day)s: %(counts)s")) % {
        "day": f"{digest.day:%d/%m/%Y}",
        "counts": ", ".join(counts),
    }
    return Letter(_cut(subject, SUBJECT_LENGTH), tuple(paragraphs), (translate(CLOSING),), translate(CHOOSE))


def _count(items: tuple[Any, ...]) -> str:
    return str(len(items)) if len(items) <= MOST_LINES else f"{MOST_LINES}+"


def _work(work: Work, translate: Translate) -> Paragraph:
    what = _what(Told(NoticeKind.OVERDUE, "", {}, work.number, work.year, work.subject), translate)
    lines = [what[:1].upper() + what[1:], translate(_DETAILS["due"]) % {"value": f"{work.due_on:%d/%m/%Y}"}]
    if work.unit:
        lines.append(translate(_DETAILS["unit"]) % {"value": work.unit})
    return Paragraph(tuple(lines), work.path, translate(OPEN), document_id=work.document_id)


def _headed(title: str, paragraphs: list[Paragraph]) -> list[Paragraph]:
    return [replace(paragraphs[0], heading=title), *paragraphs[1:]]


def _more(count: int, path: str, translate: Translate) -> list[Paragraph]:
    return [Paragraph((translate(N_("And more, in the program.")),), path, translate(OPEN_ALL))] if count > 0 else []
