"""Slips by which a document goes where it belongs: transfer slip, notice to the sender, return letter (212/8.2). Pure.

What they say is Vietnamese always: they are records and leave the house. Layout and notation follow Decree 30/2020,
appendices I and III (forms 1.4 and 1.5); number and day stay open until the paper is signed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.errors import Obstacle
from app.rules.return_grounds import GROUNDS, SETTLING, Person, asked, closing
from app.vocabulary import N_, LinkKind, OutgoingState, PostKind, RefusalReason, WorkingPaperState

TRANSFER, RETURN = "transfer", "return"
"""What slips are prepared for: a document goes on to another body, or back to its sender."""
OPEN_NUMBER = " " * 8
"""Stands where the number will stand: it is given after the signature."""
OPEN_DAY = "ngày      tháng      năm {year}"
_MOST_SUBJECT = 500
_DOTS = "…" * 12
"""Stands for what nobody has said yet; only previews have it."""

STATES: dict[str, str] = {
    OutgoingState.PREPARING: N_("In preparation, unsigned"),
    OutgoingState.ISSUED: N_("Issued"),
    OutgoingState.ABANDONED: N_("Put aside"),
    WorkingPaperState.KEPT: N_("Paper of the matter"),
}
"""States of documents that are not incoming ones → label."""


class SlipKind(StrEnum):
    """Transfer slip (phiếu chuyển), notice to the sender (phiếu báo), return letter (công văn trả lại)."""

    TRANSFER = "transfer"
    NOTICE = "notice"
    RETURN = "return"


SLIPS_OF: dict[str, tuple[SlipKind, ...]] = {
    TRANSFER: (SlipKind.TRANSFER, SlipKind.NOTICE),
    RETURN: (SlipKind.RETURN,),
}
"""What for → the slips it takes, the one that settles the document first."""
LINKS: dict[SlipKind, LinkKind] = {
    SlipKind.TRANSFER: LinkKind.FORWARDS,
    SlipKind.NOTICE: LinkKind.ANSWERS,
    SlipKind.RETURN: LinkKind.ANSWERS,
}
"""What a slip is to the document that it is about."""
LETTER = "cong_van"
TYPE_CODES: dict[SlipKind, str] = {
    SlipKind.TRANSFER: "phieu_chuyen",
    SlipKind.NOTICE: "phieu_bao",
    SlipKind.RETURN: LETTER,
}
"""Code of the type in the catalogue. Where the catalogue has no such type on the day – the notice exists since Decree
30 (05/03/2020) – it is an ordinary letter (công văn)."""

_REASONS: dict[RefusalReason, str] = {
    RefusalReason.SIGNATURE: "chữ ký số không hợp lệ hoặc không có chữ ký số",
    RefusalReason.NOT_INTACT: "văn bản không toàn vẹn: đã bị thay đổi hoặc không đọc được",
    RefusalReason.INCOMPLETE: "thiếu tài liệu kèm theo",
    RefusalReason.METADATA: "thông tin mô tả không khớp với văn bản",
    RefusalReason.WRONG_ADDRESS: "gửi không đúng nơi nhận",
    RefusalReason.COMPETENCE: "nội dung không thuộc thẩm quyền giải quyết của Văn phòng",
    RefusalReason.FORM: "không đúng thể thức hoặc định dạng theo quy định",
    RefusalReason.DUPLICATE: "văn bản này đã được tiếp nhận trước đó",
    RefusalReason.SECRET: "văn bản có nội dung thuộc phạm vi bí mật nhà nước",
    RefusalReason.OTHER: "",
}
"""Why something goes back, as the letter words it; another reason is said in own words alone."""


@dataclass(frozen=True)
class TypeRow:
    """A type of the catalogue as it holds on the day."""

    id: int
    name: str
    abbreviation: str


@dataclass(frozen=True)
class Signatory:
    """Who is to sign: ``power`` and ``position`` as they stand above the signature, in capitals."""

    name: str = ""
    power: str = ""
    position: str = "CHÁNH VĂN PHÒNG"


@dataclass(frozen=True)
class SlipFacts:
    """What slips tell of the document, the office and who signs. What is not known stays empty."""

    office: str
    """Full name of the office, as sentences have it."""
    superior: str
    agency: str
    place: str
    abbreviation: str
    """Of the office, in notations (``VP``)."""
    unit: str
    """Abbreviation of the unit that drafts, else its name."""
    unit_code: str
    """Abbreviation of that unit for the notation of a letter; empty where it has none."""
    types: Mapping[str, TypeRow]
    """Types of the catalogue on the day, by code: those of :data:`TYPE_CODES` that hold."""
    on: date
    type_name: str
    number_notation: str
    issued_on: date | None
    subject: str
    issuer: str
    issuer_is_person: bool = False
    arrival_number: str = ""
    arrival_date: date | None = None
    signatory: Signatory = Signatory()


@dataclass(frozen=True)
class Slip:
    """All that stands on one slip, and what it is on record."""

    kind: SlipKind
    type_id: int | None
    type_name: str
    """As its title; empty for a letter, whose abstract stands below the number."""
    called: str
    """What it is called (``Phiếu chuyển``)."""
    notation: str
    subject: str
    """Abstract, without ``Về việc``."""
    addressee: str
    body: tuple[str, ...]
    recipients: tuple[str, ...]
    superior: str
    agency: str
    place: str
    on: date
    signatory: Signatory

    @property
    def recorded_subject(self) -> str:
        """Abstract as registers have it."""
        return f"Về việc {self.subject}"[:_MOST_SUBJECT]


def slips(purpose: str, facts: SlipFacts, values: Mapping[str, Any]) -> tuple[Slip, ...]:
    """The slips of a purpose, from the inputs of its move (212/8.2.2, 8.2.3, S.3).

    ``values``: of a transfer ``recipient`` (``{"name": …}``), ``content``, ``reply_by`` (date); of a return
    ``refusal_code``, ``reason``. What is missing stands as dots (a preview asks before all is said). Nobody is told
    of a transfer where nobody is known to have sent the document. Raises ``KeyError`` for an unknown purpose.
    """
    made = {SlipKind.TRANSFER: _transfer, SlipKind.NOTICE: _notice, SlipKind.RETURN: _return}
    kinds = [kind for kind in SLIPS_OF[purpose] if kind != SlipKind.NOTICE or facts.issuer]
    return tuple(made[kind](facts, values) for kind in kinds)


def transfer_obstacles(values: Mapping[str, Any], issuer_id: int | None, issuer: str) -> list[Obstacle]:
    """What speaks against a transfer: it would go to the very body that sent the document."""
    to = values.get("recipient") or {}
    same = to.get("id") is not None and to.get("id") == issuer_id
    if to and (same or to.get("name", "").casefold() == issuer.casefold()):
        message = N_("Competent body: it is the sender itself. Choose another body, or return the document.")
        return [Obstacle(message, "recipient", code="to_sender")]
    return []


def signatory(kind: str, title: str, unit: str, name: str, head: str = "Chánh Văn phòng") -> Signatory:
    """The signature block of whoever holds a post (Decree 30, appendix I, 7a).

    The head signs as such, a deputy for the head (KT.), a head of department by the head's order (TL.), a deputy head
    of department for the head of department, by that order. ``head``: title of the head of the Office.
    """
    position = title.strip() or head
    deputy = position.casefold().startswith("phó ")
    if kind == PostKind.OFFICE_LEADER:
        return Signatory(name, f"KT. {head.upper()}" if deputy else "", position.upper())
    order = f"TL. {head.upper()}"
    if deputy:
        leads = _of_unit(_capital(position[4:]), unit)
        return Signatory(name, f"{order}\nKT. {leads.upper()}", position.upper())
    return Signatory(name, order, _of_unit(position, unit).upper())


def _of_unit(title: str, unit: str) -> str:
    """``Trưởng phòng`` of ``Phòng Kinh tế``: ``Trưởng phòng Kinh tế``; a title that says more stays as it is."""
    if title.casefold() == "trưởng phòng" and unit.casefold().startswith("phòng "):
        return f"{title} {unit[6:]}"
    return title


# ── the three slips ──────────────────────────────────────────────────────────────────────────────────────────────


def _transfer(facts: SlipFacts, values: Mapping[str, Any]) -> Slip:
    to, sender = _recipient(values), _sender(facts)
    begins = f"{facts.office} chuyển {_kind_of(facts)} nêu trên (gửi kèm) đến {to}"
    *tail, last = _wished(begins, values, sender, "đề nghị")
    tail.append(f"{last}./.")
    return _slip(
        SlipKind.TRANSFER, facts, f"chuyển {_cited(facts)}", to, (_received(facts), *tail), ((facts.issuer, "để biết"),)
    )


def _wished(begins: str, values: Mapping[str, Any], whom: str, asked_to: str) -> list[str]:
    """What the competent body is asked to do and by when it is to answer, the same in the slip and in the notice of it:
    paragraphs, the last without its full stop."""
    content = (values.get("content") or "").strip()
    answer = f"trả lời {whom} {_until(values.get('reply_by'))}"
    if not content:
        return [f"{begins} để xem xét, giải quyết theo thẩm quyền và {answer}"]
    if _is_phrase(content):
        return [f"{begins} để {_lower(content.rstrip(' .;,'))}; kết quả giải quyết {asked_to} {answer}"]
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    wishes = f"{begins} để xem xét, giải quyết theo thẩm quyền, với nội dung đề nghị như sau:"
    return [wishes, *lines, f"Kết quả giải quyết {asked_to} {answer}"]


def _notice(facts: SlipFacts, values: Mapping[str, Any]) -> Slip:
    to, you = _recipient(values), _you(facts)
    notation = _notation(SlipKind.TRANSFER, facts)[1]
    day = OPEN_DAY.format(year=facts.on.year)
    slip = f"Phiếu chuyển số{OPEN_NUMBER}/{notation} {day}".replace("  ", "\u00a0\u00a0")
    begins = f"{facts.office} đã chuyển {_kind_of(facts)} nêu trên đến {to} ({slip})"
    *before, last = _wished(begins, values, you, "được đề nghị")
    passed = (*before, f"{last}.")
    body = (
        _received(facts, yours=True),
        f"Nội dung văn bản thuộc thẩm quyền giải quyết của {to}. {passed[0]}",
        *passed[1:],
        f"{facts.office} thông báo để {you} biết và liên hệ {to} khi cần thiết./.",
    )
    return _slip(SlipKind.NOTICE, facts, f"thông báo chuyển {_cited(facts)}", _sender(facts), body, ((to, "để biết"),))


def _return(facts: SlipFacts, values: Mapping[str, Any]) -> Slip:
    code = values.get("refusal_code") or ""
    known = _REASONS.get(RefusalReason(code), "") if code in set(RefusalReason) else ""
    words = " ".join((values.get("reason") or "").split()).rstrip(" .;,")
    why = ". ".join(part for part in (known, _capital(words) if known else words) if part) or _DOTS
    secret = code == RefusalReason.SECRET
    person = Person.CITIZEN if facts.issuer_is_person else Person.BODY
    body = (
        _received(facts, yours=True, secret=secret),
        f"Căn cứ {GROUNDS[SETTLING]}, {facts.office} trả lại {_kind_of(facts)} nêu trên. Lý do: {why}.",
        closing(code, person, facts.office),
    )
    cited = _cited(facts) if not secret else f"văn bản của {facts.issuer}"
    return _slip(SlipKind.RETURN, facts, f"trả lại {cited}", _sender(facts), body)


def _slip(
    kind: SlipKind,
    facts: SlipFacts,
    subject: str,
    addressee: str,
    body: tuple[str, ...],
    copies: Sequence[tuple[str, str]] = (),
) -> Slip:
    row, notation = _notation(kind, facts)
    typed = _is_typed(kind, facts)
    called = {SlipKind.TRANSFER: "Phiếu chuyển", SlipKind.NOTICE: "Phiếu báo", SlipKind.RETURN: "Công văn trả lại"}
    kept = f"Lưu: VT, {facts.unit}." if facts.unit else "Lưu: VT."
    return Slip(
        kind=kind,
        type_id=row.id if row else None,
        type_name=row.name if row and typed else "",
        called=called[kind],
        notation=notation,
        subject=subject,
        addressee=addressee,
        body=body,
        recipients=("Như trên;", *(f"{name} ({why});" for name, why in copies if name), kept),
        superior=facts.superior,
        agency=facts.agency,
        place=facts.place,
        on=facts.on,
        signatory=facts.signatory,
    )


def _is_typed(kind: SlipKind, facts: SlipFacts) -> bool:
    return TYPE_CODES[kind] != LETTER and TYPE_CODES[kind] in facts.types


def _notation(kind: SlipKind, facts: SlipFacts) -> tuple[TypeRow | None, str]:
    """``PC-VP`` for what has a named type; ``VP-KT`` for a letter (Decree 30, appendix I, II.3)."""
    if _is_typed(kind, facts):
        row = facts.types[TYPE_CODES[kind]]
        return row, f"{row.abbreviation}-{facts.abbreviation}"
    parts = [facts.abbreviation, *([facts.unit_code] if facts.unit_code else [])]
    return facts.types.get(LETTER), "-".join(parts)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _received(facts: SlipFacts, *, yours: bool = False, secret: bool = False) -> str:
    """What the Office received; of a state secret nothing is told but that it came."""
    number = f"số đến {facts.arrival_number}" if facts.arrival_number else ""
    arrived = f"{number} ngày {_day(facts.arrival_date)}" if number and facts.arrival_date else number
    whose = f" của {_you(facts)}" if yours else f" của {_sender(facts)}" if facts.issuer else ""
    what = f"{facts.office} nhận được {_named(facts)}{whose}" + (f" ({arrived})" if arrived else "")
    return f"{what}." if secret else f"{what}, nội dung: “{facts.subject.strip().rstrip('.')}”."


def _named(facts: SlipFacts) -> str:
    """``Công văn số 1482/STC-NS ngày 28 tháng 12 năm 2026``."""
    number = f"số {facts.number_notation}" if facts.number_notation else ""
    dated = f"ngày {_long_day(facts.issued_on)}" if facts.issued_on else ""
    return " ".join(part for part in (_kind_of(facts), number, dated) if part)


def _cited(facts: SlipFacts) -> str:
    """As abstracts name it: ``Công văn số 1482/STC-NS của Sở Tài chính``."""
    number = f"số {facts.number_notation}" if facts.number_notation else ""
    whose = f"của {_sender(facts)}" if facts.issuer else ""
    return " ".join(part for part in (_kind_of(facts), number, whose) if part)


def _kind_of(facts: SlipFacts) -> str:
    return facts.type_name or "văn bản"


def _sender(facts: SlipFacts) -> str:
    if not facts.issuer:
        return "nơi gửi văn bản"
    titled = re.match(r"(ông|bà|ông \(bà\))\s", facts.issuer, re.IGNORECASE)
    return f"ông (bà) {facts.issuer}" if facts.issuer_is_person and not titled else facts.issuer


def _you(facts: SlipFacts) -> str:
    return asked(Person.CITIZEN if facts.issuer_is_person else Person.BODY)


def _recipient(values: Mapping[str, Any]) -> str:
    return (values.get("recipient") or {}).get("name") or _DOTS


def _until(day: date | None) -> str:
    return f"trước ngày {_long_day(day)}" if day else "theo quy định"


def _is_phrase(text: str) -> bool:
    """Whether it goes on within a sentence: one line, one sentence, not too long."""
    return "\n" not in text and len(text) <= 250 and ". " not in text


def _day(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def _long_day(day: date) -> str:
    return f"{day.day:02d} tháng {day.month if day.month > 2 else f'{day.month:02d}'} năm {day.year}"


def _lower(text: str) -> str:
    """The first letter small, unless an abbreviation begins there."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
