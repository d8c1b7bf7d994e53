"""On which ground a document goes back to its sender, and how that is said (212/4.3, 212/5.3, 212/8.2.3). Pure."""

from enum import StrEnum

from app.vocabulary import Channel, IncomingState, RefusalReason

COMPETENCE_AND_FORM, EXCHANGE, SETTLING = "212/4.3", "212/5.3", "212/8.2.3"

_DECISION = "Quy định ban hành kèm theo Quyết định số 212/QĐ-VP ngày 11 tháng 7 năm 2019"
GROUNDS = {
    COMPETENCE_AND_FORM: f"khoản 3 Điều 4 {_DECISION}",
    EXCHANGE: f"khoản 3 Điều 5 {_DECISION}",
    SETTLING: f"điểm 2.3 khoản 2 Điều 8 {_DECISION}",
}
"""Clauses as papers word them."""

_OF_ANY_PAPER = frozenset({RefusalReason.COMPETENCE, RefusalReason.FORM, RefusalReason.INCOMPLETE})


class Person(StrEnum):
    """Who is spoken to: a body, or a citizen."""

    BODY = "body"
    CITIZEN = "citizen"


def ground_of(state: str, channel: str | None, reason: str) -> str:
    """The clause to name on the notice of a document that the registry sends back.

    Article 5 is about electronic documents that break the rules of exchange and were never taken in; all else that
    goes back does so under article 4: on paper, after registration, or for competence, content and form.
    """
    electronic = channel is not None and channel != Channel.PAPER
    if state == IncomingState.REFUSED and electronic and reason not in _OF_ANY_PAPER:
        return EXCHANGE
    return COMPETENCE_AND_FORM


def asked(person: Person = Person.BODY) -> str:
    """How the sender is spoken to."""
    return "Ông (Bà)" if person == Person.CITIZEN else "Quý cơ quan, đơn vị"


def request_of(secret: bool, person: Person = Person.BODY) -> str:
    """What the sender is asked to do with what came back."""
    if secret:
        return (
            f"Đề nghị {asked(person)} không gửi văn bản có nội dung bí mật nhà nước qua hệ thống này; "
            "việc gửi, nhận thực hiện theo quy định của pháp luật về bảo vệ bí mật nhà nước./."
        )
    return (
        f"Đề nghị {asked(person)} kiểm tra, hoàn chỉnh và gửi lại văn bản theo quy định "
        "hoặc gửi đến cơ quan có thẩm quyền giải quyết./."
    )


def closing(reason: str, person: Person, office: str) -> str:
    """Last sentence of the letter by which a document goes back, as its reason has it."""
    if reason == RefusalReason.DUPLICATE:
        return f"{office} thông báo để {asked(person)} biết./."
    if reason in (RefusalReason.COMPETENCE, RefusalReason.WRONG_ADDRESS):
        return f"Đề nghị {asked(person)} gửi văn bản đến cơ quan có thẩm quyền giải quyết./."
    return request_of(reason == RefusalReason.SECRET, person)
