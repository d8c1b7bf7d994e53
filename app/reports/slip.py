"""Phiếu chuyển, phiếu báo, công văn trả lại: a slip as an unsigned draft in the official layout (212/8.2, 212/S.3).

Number, day and signature are left to whoever signs and to the registry: nothing on the page is made up.
"""

from app.reports.letter import LetterContent, build
from app.rules.slips import OPEN_DAY, OPEN_NUMBER, Slip


def slip_pdf(slip: Slip) -> bytes:
    """The slip as PDF bytes; the same slip always gives the same bytes."""
    return build(
        LetterContent(
            superior=slip.superior,
            agency=slip.agency,
            number=OPEN_NUMBER,
            notation=slip.notation,
            place=slip.place,
            date_words=OPEN_DAY.format(year=slip.on.year),
            type_name=slip.type_name,
            subject=f"Về việc {slip.subject}" if slip.type_name else slip.subject,
            addressees=(slip.addressee,),
            body=slip.body,
            recipients=slip.recipients,
            power=slip.signatory.power,
            position=slip.signatory.position,
            signer=slip.signatory.name,
            signed=False,
        )
    )
