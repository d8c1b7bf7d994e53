"""Settling in the demo office: what people do follows from what came, in working hours, and never in the future."""

from collections import Counter
from datetime import datetime, time
from functools import cache
from itertools import pairwise

import pytest

from app.demo.address_book import BY_KEY
from app.demo.office import DELEGATIONS, PEOPLE, UNITS
from app.demo.plan import make_plan
from app.demo.settling_plan import make_settling
from app.demo.settling_steps import Deed, Work
from app.demo.steps import Act, Plan
from app.reference.calendar import days_off, days_worked
from app.rules.calendar import is_working_day
from tests.demo.test_plan import MOMENTS, at_any_moment

ENDS = (Deed.FILE, Deed.COMPLETE)


@cache
def made(now: datetime, count: int = 300) -> tuple[Plan, tuple[Work, ...]]:
    """What came and what was done, as of an instant."""
    plan = make_plan(212, count, now)
    return plan, make_settling(212, plan, now)


def on(works: tuple[Work, ...], index: int) -> list[Work]:
    """What was done to one document."""
    return [work for work in works if work.index == index]


@at_any_moment
def test_nothing_is_settled_after_the_present_or_out_of_hours(now: datetime) -> None:
    _, works = made(now)
    assert max(work.at for work in works) <= now
    for work in works:
        assert is_working_day(work.at.date(), days_off(), days_worked()), work
        assert time(7, 30) <= work.at.time() <= time(17, 15), work


@at_any_moment
def test_a_document_is_settled_after_it_is_registered_one_act_after_the_other(now: datetime) -> None:
    plan, works = made(now)
    for index in range(len(plan.arrivals)):
        own = on(works, index)
        assert all(a.at < b.at for a, b in pairwise([w for w in own if w.deed is not Deed.SEE]))
        if own:
            assert own[0].at > plan.arrivals[index].registered_at
            assert own[0].deed in (Deed.PRESENT, Deed.ROUTE)


@pytest.mark.clause("212/7.1")
def test_what_was_cancelled_or_sent_back_is_presented_to_nobody() -> None:
    plan, works = made(MOMENTS[3])
    gone = {step.index for step in plan.steps if step.act in (Act.CANCEL, Act.SEND_BACK)}
    assert not gone & {work.index for work in works}


@at_any_moment
def test_most_of_it_is_settled_and_some_of_every_state_is_in_work(now: datetime) -> None:
    plan, works = made(now)
    last = {work.index: work.deed for work in works if work.deed is not Deed.SEE}
    counts = Counter(last.values())
    settled = sum(counts[deed] for deed in ENDS)
    assert 0.55 < settled / len(plan.arrivals) < 0.8
    for deed in (Deed.PRESENT, Deed.ASSIGN, Deed.SUSPEND, Deed.ASK_EXTENSION, Deed.GIVE_BACK):
        assert counts[deed] >= 1, deed
    assert {
        Deed.PASS_ON,
        Deed.CHASE,
        Deed.GRANT_EXTENSION,
        Deed.REFUSE_EXTENSION,
        Deed.RESUME,
        Deed.REOPEN,
        Deed.ROUTE,
    } <= {work.deed for work in works}


@pytest.mark.clause("212/8.2.2")
def test_outcomes_have_the_shares_of_an_office() -> None:
    _, works = made(MOMENTS[3])
    counts = Counter(work.deed for work in works)
    assert counts[Deed.FILE] > counts[Deed.TRANSFER] > counts[Deed.RETURN] >= 2
    assert counts[Deed.PROCESS] > counts[Deed.TRANSFER]
    assert counts[Deed.COMPLETE] < counts[Deed.PROCESS] + counts[Deed.TRANSFER] + counts[Deed.RETURN]


@at_any_moment
def test_whoever_acts_works_here_and_whoever_is_given_something_exists(now: datetime) -> None:
    _, works = made(now)
    people, units = {each.user_name for each in PEOPLE} - {"soxaydung"}, {each.key for each in UNITS}
    lent = {(each.grantee, each.grantor) for each in DELEGATIONS}
    for work in works:
        assert work.who in people
        assert not work.behalf or (work.who, work.behalf) in lent
        assert all(share.holder in people | units for share in work.shares)
        assert work.values.get("recipient", "thu_tuong") in BY_KEY


@pytest.mark.clause("212/17.2")
def test_a_leader_who_is_away_does_nothing_the_other_one_acts_for_him() -> None:
    now = MOMENTS[3]
    _, works = made(now)
    away = [work for work in works if (now.date() - work.at.date()).days <= 6 and work.deed is not Deed.READ]
    assert not [work for work in away if work.who == "phovp2"]
    assert [work for work in away if (work.who, work.behalf) == ("phovp1", "phovp2")]


def test_the_same_beginning_gives_the_same_acts() -> None:
    plan = make_plan(5, 60, MOMENTS[2])
    assert make_settling(5, plan, MOMENTS[2]) == make_settling(5, make_plan(5, 60, MOMENTS[2]), MOMENTS[2])


@pytest.mark.parametrize("count", [1, 2, 5, 25])
def test_a_small_office_settles_too(count: int) -> None:
    _, works = made(MOMENTS[0], count)
    assert len({work.index for work in works} - {-1}) < count
    assert count < 25 or {Deed.ASSIGN, Deed.SUSPEND, Deed.COMPLETE} <= {work.deed for work in works}
