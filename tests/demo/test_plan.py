"""What happens in the demo office happens in working hours, one thing after the other, and never in the future."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest

from app.clock import VIETNAM
from app.demo.plan import make_plan
from app.demo.steps import SCANNER, Act, Brings, Signing
from app.reference.calendar import days_off, days_worked
from app.rules.calendar import is_working_day

MOMENTS = (
    datetime(2026, 6, 30, 8, 1, tzinfo=VIETNAM),
    datetime(2026, 6, 30, 8, 50, tzinfo=VIETNAM),
    datetime(2026, 6, 30, 12, 10, tzinfo=VIETNAM),
    datetime(2026, 6, 30, 23, 59, tzinfo=VIETNAM),
    datetime(2026, 6, 28, 15, 0, tzinfo=VIETNAM),  # a Sunday
    datetime(2026, 2, 18, 9, 0, tzinfo=VIETNAM),  # Tết
    datetime(2027, 1, 1, 0, 5, tzinfo=VIETNAM),
    datetime(2026, 2, 10, 2, 0, 0, 123456, tzinfo=VIETNAM),
)
at_any_moment = pytest.mark.parametrize("now", MOMENTS, ids=lambda now: now.strftime("%Y-%m-%d-%H%M"))


_NUMBERING = {Act.REGISTER, Act.GIVE_NUMBER}


@at_any_moment
def test_nothing_happens_after_the_present(now: datetime) -> None:
    plan = make_plan(212, 300, now)
    assert max(step.at for step in plan.steps) <= now
    assert all(item.received_at <= now for item in plan.items)


@at_any_moment
def test_a_document_is_written_then_received_then_registered_and_one_after_the_other(now: datetime) -> None:
    plan = make_plan(212, 300, now)
    for arrival in plan.arrivals:
        assert arrival.letter.issued_on <= arrival.received_at.date()
        assert arrival.typed.issued_on <= arrival.received_at.date()
        assert arrival.received_at < arrival.registered_at < arrival.received_at + timedelta(hours=3)
        assert arrival.received_at.date() == arrival.registered_at.date()
    assert all(a.registered_at < b.registered_at for a, b in pairwise(plan.arrivals))


@at_any_moment
def test_people_work_on_working_days_in_working_hours(now: datetime) -> None:
    for step in make_plan(212, 300, now).steps:
        assert is_working_day(step.at.date(), days_off(), days_worked()), step
        assert time(7, 30) <= step.at.time() <= time(17, 15), step


@at_any_moment
def test_the_last_two_working_days_are_not_empty(now: datetime) -> None:
    days = {arrival.registered_at.date() for arrival in make_plan(212, 300, now).arrivals}
    day, expected = now.date(), []
    if now.time() < time(8, 45):
        day -= timedelta(days=1)
    while len(expected) < 2:
        if is_working_day(day, days_off(), days_worked()):
            expected.append(day)
        day -= timedelta(days=1)
    assert set(expected) <= days


@at_any_moment
def test_what_follows_a_registration_follows_it(now: datetime) -> None:
    plan = make_plan(212, 300, now)
    for step in plan.steps:
        item = plan.items[step.index]
        if step.act is Act.RECEIVE or (step.act is Act.REFUSE and item.brings is Brings.NOTHING):
            assert step.at >= item.received_at
        elif step.act in (Act.REGISTER, Act.ADVANCE) or step.index >= len(plan.arrivals):
            assert step.at > item.received_at
        elif step.act is not Act.GIVE_NUMBER:
            assert step.at > plan.arrivals[step.index].entered_at
        if step.other is not None:  # the number of the one, or the scan of the other, must be there
            [begun] = [s.at for s in plan.steps if s.index == step.other and s.act in _NUMBERING | {Act.RECEIVE}][-1:]
            assert step.at > begun


@at_any_moment
def test_every_document_begins_once_and_goes_on_with_what_it_has_become(now: datetime) -> None:
    plan = make_plan(212, 300, now)
    for i, item in enumerate(plan.items):
        acts = [step.act for step in plan.steps if step.index == i and step.act not in (Act.VIEW, Act.DOWNLOAD)]
        assert len(set(acts)) == len(acts), (item.letter.file_name, acts)
        assert acts[0] in {Act.RECEIVE, Act.REGISTER, Act.ADVANCE, Act.REFUSE}
        numbered = [act for act in acts if act in _NUMBERING]
        assert len(numbered) == (i < len(plan.arrivals)), acts
        if acts[0] is Act.ADVANCE and numbered:
            assert acts[1] is Act.GIVE_NUMBER


def test_the_same_beginning_gives_the_same_plan() -> None:
    first, second = (make_plan(5, 60, MOMENTS[2]) for _ in range(2))
    assert first.steps == second.steps
    assert [a.letter for a in first.arrivals] == [a.letter for a in second.arrivals]
    assert [a.received_at for a in first.arrivals] == [a.received_at for a in second.arrivals]


def test_what_is_rare_in_an_office_is_rare_here() -> None:
    acts = [step.act for step in make_plan(212, 300, MOMENTS[3]).steps]
    assert acts.count(Act.REGISTER) + acts.count(Act.GIVE_NUMBER) == 300
    assert acts.count(Act.GIVE_NUMBER) == acts.count(Act.SEND_BACK) == acts.count(Act.JOIN) == 3
    assert acts.count(Act.REFUSE) == acts.count(Act.PAPER_COPY) == 6
    assert acts.count(Act.DISCARD) == 1
    assert acts.count(Act.ADVANCE) == 4
    assert acts.count(Act.CANCEL) == 9
    assert acts.count(Act.CORRECT) == 15
    assert acts.count(Act.ATTACH) == 24


@pytest.mark.parametrize("count", [1, 2, 5, 25])
def test_a_small_office_has_a_plan_too(count: int) -> None:
    plan = make_plan(212, count, MOMENTS[0])
    assert [step.act for step in plan.steps if step.act in _NUMBERING] != []
    assert sum(step.act in _NUMBERING for step in plan.steps) == count == len(plan.arrivals)


@at_any_moment
@pytest.mark.parametrize("count", [25, 300])
def test_the_tray_is_the_same_at_any_moment(count: int, now: datetime) -> None:
    plan = make_plan(212, count, now)
    last_day = max(step.at for step in plan.steps).date()
    ended = {step.index for step in plan.steps if step.act in (Act.REFUSE, Act.JOIN, Act.DISCARD)}
    ended |= {step.other for step in plan.steps if step.act is Act.PAPER_COPY}
    papers = [step for step in plan.steps if step.index >= len(plan.arrivals) and step.index not in ended]
    owing = [step for step in papers if step.act is Act.ADVANCE]
    assert [step.at.date() for step in owing] == [last_day]
    waiting = [step for step in papers if step.act is Act.RECEIVE]
    assert 7 <= len(waiting) <= 8  # a citizen does not write every week
    assert sum(step.who == SCANNER for step in waiting) == 3
    assert all(last_day - timedelta(days=12) < step.at.date() <= last_day for step in waiting)
    signed = sorted(plan.items[step.index].signing for step in waiting)
    assert signed[-3:] == [Signing.CHANGED, Signing.GOOD, Signing.UNKNOWN]
    assert set(signed[:-3]) == {Signing.NONE}
    assert 10 <= sum(bool(item.signing) for item in plan.items) <= 15


@at_any_moment
def test_no_two_letters_have_number_and_sender_in_common_unless_the_story_wants_it(now: datetime) -> None:
    plan = make_plan(212, 300, now)
    entered = [a.typed for a in plan.arrivals if a.first is None]
    ended = {step.other for step in plan.steps if step.act is Act.PAPER_COPY}
    kept = [(x.sender_name, x.number_notation) for x in entered if x.number_notation]
    assert len(kept) == len(set(kept))
    papers = [p for i, p in enumerate(plan.papers, len(plan.arrivals)) if i not in ended and p.brings is Brings.LETTER]
    again = [p for p in papers if (p.letter.sender_name, p.letter.number_notation) in kept]
    assert len(again) == 1  # the file that was sent twice


def test_a_second_registration_of_the_same_letter_is_cancelled_and_names_the_first() -> None:
    plan = make_plan(212, 300, MOMENTS[3])
    twins = [i for i, arrival in enumerate(plan.arrivals) if arrival.first is not None]
    assert len(twins) == 3
    for i in twins:
        first = plan.arrivals[i].first
        assert first is not None
        assert plan.arrivals.index(first) < i
        assert first.letter.number_notation == plan.arrivals[i].letter.number_notation
        reasons = [step.reason for step in plan.steps if step.index == i and step.act is Act.CANCEL]
        assert len(reasons) == 1
        assert "{first}" in reasons[0]
        assert next(step.reason for step in plan.steps if step.index == i and step.act is Act.REGISTER)


def test_a_slip_of_the_finger_is_one_that_the_correction_mends() -> None:
    plan = make_plan(212, 300, MOMENTS[3])
    corrected = {step.index for step in plan.steps if step.act is Act.CORRECT}
    assert {i for i, a in enumerate(plan.arrivals) if a.typed != a.letter} == corrected
    assert date(2026, 1, 1) <= min(step.at.date() for step in plan.steps)
