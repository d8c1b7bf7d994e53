"""Deadlines in the reader's words: why a day, how it stands; the answer to a day typed into a form."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app import clock
from app.models import Document
from app.queries import deadlines as queries
from app.rules import deadlines as rules
from app.rules.calendar import ONE_DAY, SATURDAY
from app.rules.dates import parse_day
from app.rules.deadlines import Sentence, Standing
from app.views.catalogue_words import with_weekday
from app.vocabulary import TermCounting

QUICK = (3, 5, 10, 15)
"""Working days that one press gives, counted from the day after today."""
MOST_DAYS = 400
TONES = {Standing.LATE: "late", Standing.SOON: "soon", Standing.IN_TIME: "good", Standing.NONE: ""}


@dataclass(frozen=True)
class Said:
    """A deadline as people read it. ``tone``: how it is coloured; ``words``: how it stands today; ``why``: what it
    rests on, sentence by sentence."""

    day: date | None
    words: str
    tone: str
    why: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the script of the dialog."""
        return {
            "due": self.day.strftime("%d/%m/%Y") if self.day else "",
            "said": with_weekday(self.day) if self.day else "",
            "words": self.words,
            "tone": self.tone,
            "why": list(self.why),
        }


def sentence(said: Sentence) -> str:
    """A sentence of the rules in the reader's language."""
    return gettext(said[0]) % said[1] if said[1] else gettext(said[0])


def standing(session: Session, day: date | None) -> Said:
    """How a deadline stands today."""
    found = queries.stand_of(session, day)
    return Said(day, sentence(rules.stand_words(found)), TONES[found.standing])


def by_rule(session: Session, document: Document) -> Said:
    """The deadline that a document has by rule, and why (212/4.4)."""
    found = queries.proposed(session, document)
    said = standing(session, found.due_on)
    return Said(said.day, said.words, said.tone, tuple(sentence(each) for each in rules.why(found)))


def after(session: Session, days: int) -> Said:
    """So many working days from the day after today, and which days were passed over. Raises ``ValueError`` for fewer
    than one or more than ``MOST_DAYS``."""
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(days)
    today, calendar = clock.today(), queries.calendar(session)
    term = rules.Term(days, TermCounting.WORKING, "", "")
    found = rules.deadline(today, term, calendar)
    first = calendar.next_working(today + ONE_DAY)
    counted = gettext("%(days)s working days, from %(day)s on", days=days, day=first.strftime("%d/%m/%Y"))
    said = standing(session, found.due_on)
    passed = [sentence(each) for each in rules.why(found)[2:]]  # what stands before it is of terms by rule
    return Said(said.day, said.words, said.tone, (counted, *passed))


def typed(session: Session, text: str) -> Said:
    """A day as somebody typed it, with what its calendar says. Raises ``ValueError`` for what is no date."""
    day = parse_day(text, clock.today())
    calendar, today = queries.calendar(session), clock.today()
    said = standing(session, day)
    why = []
    if day in calendar.off:
        why.append(
            gettext(
                "%(day)s is a day off: %(name)s", day=day.strftime("%d/%m"), name=rules.day_name(day, calendar.off[day])
            )
        )
    elif not calendar.is_working(day):
        why.append(gettext("%(day)s is a day off", day=with_weekday(day)))
    if today < day and (day - today).days <= MOST_DAYS:
        between = [today + ONE_DAY * each for each in range(1, (day - today).days)]
        named = [each for each in between if each in calendar.off and each.weekday() < SATURDAY]
        why += [
            gettext("not counted: %(day)s %(name)s", day=f"{each:%d/%m}", name=rules.day_name(each, calendar.off[each]))
            for each in named
        ]
    return Said(day, said.words, said.tone, tuple(why))
