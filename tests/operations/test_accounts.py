"""Accounts: counting failures, locking, passwords and their history, sessions that end, who may do what."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Engine, func, select
from werkzeug.security import check_password_hash

from app import clock
from app.actor import Actor
from app.errors import Forbidden, NotFound, Refused
from app.extensions import db
from app.models import Account, Event, Person
from app.operations import accounts, parties
from app.operations.roles import keep_the_key
from app.queries.actors import actor_for
from app.queries.roles import key_holders
from app.rules.accounts import HISTORY_KEPT, PROFILES, password_obstacles
from app.vocabulary import PostKind, Via
from tests.fixtures.clock import NOW
from tests.fixtures.office import PASSWORD, SYSTEM, actor_of

Actors = Callable[[PostKind], Actor]


@pytest.fixture
def it(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


def account_of(session: Any, kind: PostKind) -> Account:
    user_id = session.scalars(select(User.id).where(User.username == kind.value)).one()
    return session.get_one(Account, user_id, populate_existing=True)


def fail(username: str, times: int = 1) -> accounts.SignInRefused:
    for _ in range(times):
        with pytest.raises(accounts.SignInRefused) as caught:
            accounts.sign_in(username, "không phải mật khẩu")
    return caught.value


def tags(session: Any, user_id: int) -> list[str]:
    query = select(Event.tag).where(Event.subject_type == "account", Event.subject_id == str(user_id))
    return list(session.scalars(query.order_by(Event.id)))


@pytest.mark.clause("212/17.1")
def test_a_failure_is_counted_although_the_sign_in_is_refused(session: Any) -> None:
    account = account_of(session, PostKind.CLERK)
    assert not fail("clerk").locked
    session.rollback()
    assert account_of(session, PostKind.CLERK).failures == 1
    assert tags(session, account.user_id)[-1] == "account.sign_in_failed"


def test_a_good_password_forgets_the_failures_before_it(session: Any) -> None:
    fail("clerk", 4)
    accounts.sign_in("clerk", PASSWORD)
    assert account_of(session, PostKind.CLERK).failures == 0
    assert not fail("clerk", 4).locked


@pytest.mark.clause("212/17.1")
def test_the_fifth_wrong_password_locks_even_against_the_right_one_for_twelve_hours(
    session: Any, clock_at: Callable[[datetime], None]
) -> None:
    assert fail("clerk", 5).locked
    assert account_of(session, PostKind.CLERK).locked_until == NOW + timedelta(hours=12)
    clock_at(NOW + timedelta(hours=12, seconds=-1))
    with pytest.raises(accounts.SignInRefused) as caught:
        accounts.sign_in("clerk", PASSWORD)
    assert caught.value.locked
    clock_at(NOW + timedelta(hours=12, seconds=1))
    accounts.sign_in("clerk", PASSWORD)
    assert account_of(session, PostKind.CLERK).locked_until is None


def test_after_the_lock_has_run_out_the_count_begins_anew(session: Any, clock_at: Callable[[datetime], None]) -> None:
    fail("clerk", 5)
    clock_at(NOW + timedelta(hours=13))
    assert not fail("clerk", 4).locked
    assert fail("clerk").locked


@pytest.mark.clause("212/17.1")
def test_the_it_centre_unlocks_and_the_account_is_good_at_once(session: Any, it: Actor) -> None:
    fail("clerk", 5)
    account = account_of(session, PostKind.CLERK)
    accounts.unlock(it, account.user_id)
    assert accounts.sign_in("clerk", PASSWORD).username == "clerk"
    assert tags(session, account.user_id)[-3:] == ["account.locked", "account.unlocked", "account.signed_in"]
    with pytest.raises(Refused, match="not locked"):
        accounts.unlock(it, account.user_id)


def test_unknown_wrong_and_disabled_answer_with_the_same_words(session: Any, it: Actor) -> None:
    accounts.disable(it, account_of(session, PostKind.SPECIALIST).user_id)
    answers = {str(fail(name)) for name in ("clerk", "khong-co-ai", "", "specialist")}
    assert len(answers) == 1


@pytest.mark.clause("212/17.1")
def test_none_of_the_last_ten_passwords_is_taken_again_and_the_eleventh_is(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    used = [PASSWORD, *(f"Lan-Thu-{n}@Doi" for n in range(HISTORY_KEPT - 1))]
    for before, new in itertools.pairwise(used):
        accounts.change_password(clerk, before, new)
    for old in used:
        with pytest.raises(Refused, match="used before"):
            accounts.change_password(clerk, used[-1], old)
    accounts.change_password(clerk, used[-1], "Them-Mot-Lan@2026")
    accounts.change_password(clerk, "Them-Mot-Lan@2026", PASSWORD)


def test_changing_the_own_password_needs_the_current_one_and_says_all_faults_at_once(
    session: Any, actor_for_kind: Actors
) -> None:
    with pytest.raises(Refused) as caught:
        accounts.change_password(actor_for_kind(PostKind.CLERK), "sai", "ngắn")
    assert [o.field for o in caught.value.obstacles] == ["current", "password", "password"]


@pytest.mark.parametrize("act", ["change", "assign", "disable"])
def test_sessions_end_when_password_or_state_changes(session: Any, it: Actor, actor_for_kind: Actors, act: str) -> None:
    account = account_of(session, PostKind.CLERK)
    mark = account.session_mark
    if act == "change":
        accounts.change_password(actor_for_kind(PostKind.CLERK), PASSWORD, "Moi-Hoan-Toan@1")
    elif act == "assign":
        accounts.assign_password(it, account.user_id, "Moi-Hoan-Toan@1")
    else:
        accounts.disable(it, account.user_id)
    assert account_of(session, PostKind.CLERK).session_mark not in ("", mark)


def test_a_given_password_unlocks_and_must_be_changed_by_its_owner(session: Any, it: Actor) -> None:
    fail("clerk", 5)
    account = account_of(session, PostKind.CLERK)
    accounts.assign_password(it, account.user_id, "Cap-Lai@2026")
    assert accounts.sign_in("clerk", "Cap-Lai@2026").id == account.user_id
    assert account_of(session, PostKind.CLERK).password_origin == "assigned"
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in("clerk", PASSWORD)


def test_nobody_gives_themselves_a_password_or_disables_the_own_account(session: Any, it: Actor) -> None:
    with pytest.raises(Refused, match="Change your own password"):
        accounts.assign_password(it, it.user_id, "Tu-Cap-Cho-Minh@1")
    with pytest.raises(Refused, match="your own account"):
        accounts.disable(it, it.user_id)


@pytest.mark.clause("212/17.1")
def test_a_disabled_account_signs_nobody_in_until_it_is_enabled(session: Any, it: Actor) -> None:
    account = account_of(session, PostKind.CLERK)
    accounts.disable(it, account.user_id)
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in("clerk", PASSWORD)
    with pytest.raises(Refused, match="disabled already"):
        accounts.disable(it, account.user_id)
    accounts.enable(it, account.user_id)
    accounts.sign_in("clerk", PASSWORD)
    with pytest.raises(Refused, match="active already"):
        accounts.enable(it, account.user_id)


def test_the_last_account_that_may_change_roles_is_never_disabled(session: Any, it: Actor) -> None:
    with pytest.raises(Refused, match="Nobody could change roles"):
        accounts.disable(SYSTEM, it.user_id)
    session.rollback()
    assert session.get_one(User, it.user_id).active


def test_opening_says_all_faults_at_once_and_keeps_nothing(session: Any, it: Actor) -> None:
    person = parties.add_person(it, "Phạm Thị Mới")
    with pytest.raises(Refused) as caught:
        accounts.open_account(it, person.id, "Có dấu", "ngắn")
    assert {o.field for o in caught.value.obstacles} == {"username", "password"}
    with pytest.raises(Refused, match="already taken"):
        accounts.open_account(it, person.id, "CLERK", "Mo-Tai-Khoan@1")
    assert session.get_one(Person, person.id).user_id is None


def test_an_account_belongs_to_one_person_and_is_due_to_change_its_password(session: Any, it: Actor) -> None:
    person = parties.add_person(it, "Phạm Thị Mới", email="chung@hcm.gov.vn")
    account = accounts.open_account(it, person.id, "moipt", "Mo-Tai-Khoan@1")
    user = session.get_one(User, account.user_id)
    assert (account.password_origin, user.email, user.get_full_name()) == (
        "assigned",
        "chung@hcm.gov.vn",
        "Phạm Thị Mới",
    )
    assert check_password_hash(user.password, "Mo-Tai-Khoan@1")
    with pytest.raises(Refused, match="already has an account"):
        accounts.open_account(it, person.id, "moipt2", "Mo-Tai-Khoan@1")


def test_two_people_may_share_a_mailbox(session: Any, it: Actor) -> None:
    for name, username in (("Phạm Thị Mới", "moipt"), ("Lê Văn Cũng", "cunglv")):
        person = parties.add_person(it, name, email="chung@hcm.gov.vn")
        accounts.open_account(it, person.id, username, "Mo-Tai-Khoan@1")
    emails = session.scalars(select(User.email).where(User.username.in_(["moipt", "cunglv"])).order_by(User.id))
    assert list(emails) == ["chung@hcm.gov.vn", "cunglv@localhost"]


def test_a_suggested_password_is_good_in_every_profile_and_never_the_same() -> None:
    found = {accounts.suggest_password() for _ in range(50)}
    assert len(found) == 50
    for password in found:
        assert all(password_obstacles(password, profile, "hanhlt") == [] for profile in PROFILES.values())


ACTS: dict[str, Callable[[Actor, int], Any]] = {
    "add": lambda actor, _user_id: accounts.open_account(actor, 1, "lau", "Mo-Tai-Khoan@1"),
    "assign_password": lambda actor, user_id: accounts.assign_password(actor, user_id, "Cap-Lai@2026"),
    "unlock": accounts.unlock,
    "disable": accounts.disable,
    "enable": accounts.enable,
}


@pytest.mark.clause("212/17.1")
@pytest.mark.parametrize("kind", [kind for kind in PostKind if kind != PostKind.IT_CENTRE])
@pytest.mark.parametrize("act", ACTS)
def test_only_the_it_centre_administers_accounts(
    session: Any, actor_for_kind: Actors, kind: PostKind, act: str
) -> None:
    with pytest.raises(Forbidden):
        ACTS[act](actor_for_kind(kind), account_of(session, PostKind.CLERK).user_id)


@pytest.mark.parametrize("act", [name for name in ACTS if name != "add"])
def test_an_account_that_does_not_exist_is_not_found(session: Any, it: Actor, act: str) -> None:
    with pytest.raises(NotFound):
        ACTS[act](it, 99_999)


@pytest.mark.concurrency
@pytest.mark.clause("212/17.1")
def test_two_administrators_who_disable_each_other_do_not_both_succeed(
    app: Flask, real_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging, judged = Barrier(2), Barrier(2)

    def together(*args: Any) -> None:
        for point in (judging, judged):  # both stand here at once unless something keeps one away
            with suppress(BrokenBarrierError):
                point.wait(timeout=2)
            if point is judging:
                keep_the_key(*args)

    monkeypatch.setattr(accounts, "keep_the_key", together)
    with app.app_context():
        first = actor_of(PostKind.IT_CENTRE)
        person = parties.add_person(SYSTEM, "Vũ Thị Hai")
        parties.appoint(SYSTEM, person.id, first.posts[0].unit_id, PostKind.IT_CENTRE, "Quản trị viên")
        other = accounts.open_account(SYSTEM, person.id, "haivt", "Quan-Tri-Hai@1").user_id
        second = actor_for(db.session(), db.session.get_one(User, other), Via.WEB)
    ready = Barrier(2)

    def disable(actor: Actor, user_id: int) -> bool:
        with app.app_context():
            ready.wait(timeout=20)
            try:
                accounts.disable(actor, user_id)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(disable, first, other), pool.submit(disable, second, first.user_id)]
        assert sorted(each.result(timeout=30) for each in done) == [False, True]
    with app.app_context():
        assert len(key_holders(db.session(), clock.today())) == 1


# ── failures from one address ────────────────────────────────────────────────────────────────────────────────────

HERE, THERE = "203.0.113.7", "198.51.100.9"


def guess(username: str, address: str, times: int = 1, password: str = "không phải mật khẩu") -> str:  # noqa: S107
    """The code of the last refusal."""
    for _ in range(times):
        with pytest.raises(accounts.SignInRefused) as caught:
            accounts.sign_in(username, password, remote_addr=address)
    return caught.value.obstacles[0].code


def trail_length(session: Any) -> int:
    return session.scalar(select(func.count()).select_from(Event))


def test_what_strangers_type_never_gets_into_the_trail_but_their_address_does(session: Any) -> None:
    for name in ("khong-co-ai", "Mat-Khau-Go-Nham@1", "x" * 65, "y" * 100_000):
        assert guess(name, HERE) == "wrong_password"
        event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert (event.tag, event.subject_id, event.params) == ("account.sign_in_failed", "", {"address": HERE})


def test_after_twenty_failures_an_address_waits_and_writes_nothing_more(session: Any) -> None:
    for n in range(20):
        assert guess(f"doan{n}", HERE) == "wrong_password"
    before = trail_length(session)
    assert guess("doan", HERE, times=5) == "address_must_wait"
    assert guess("clerk", HERE, password=PASSWORD) == "address_must_wait"
    assert trail_length(session) == before
    assert guess("doan", THERE) == "wrong_password"
    assert accounts.sign_in("clerk", PASSWORD, remote_addr=THERE).username == "clerk"
    with clock.set_to(NOW + timedelta(minutes=15, seconds=1)):
        assert accounts.sign_in("clerk", PASSWORD, remote_addr=HERE).username == "clerk"


def test_knocking_at_a_locked_account_counts_for_the_address_too(session: Any) -> None:
    assert guess("clerk", HERE, times=20) == "locked"
    before = trail_length(session)
    assert guess("clerk", HERE, times=3) == "address_must_wait"
    assert trail_length(session) == before


def test_who_signed_in_from_an_address_lately_is_not_shut_out_by_a_stranger_there(session: Any) -> None:
    accounts.sign_in("clerk", PASSWORD, remote_addr=HERE)
    guess("doan", HERE, times=20)
    assert accounts.sign_in("clerk", PASSWORD, remote_addr=HERE).username == "clerk"
    assert guess("specialist", HERE, password=PASSWORD) == "address_must_wait", "never seen there"
    assert guess("clerk", HERE) == "address_must_wait", "a wrong password gets the same answer as anybody's"
    assert account_of(session, PostKind.CLERK).failures == 1
    assert guess("clerk", HERE, times=4) == "locked"
    assert guess("clerk", HERE, password=PASSWORD) == "address_must_wait"


def test_after_thirty_days_an_address_knows_nobody(session: Any) -> None:
    accounts.sign_in("clerk", PASSWORD, remote_addr=HERE)
    with clock.set_to(NOW + timedelta(days=30, minutes=1)):
        guess("doan", HERE, times=20)
        assert guess("clerk", HERE, password=PASSWORD) == "address_must_wait"


def test_signing_out_ends_every_session_of_the_account(session: Any, actor_for_kind: Actors) -> None:
    mark = account_of(session, PostKind.CLERK).session_mark
    other = account_of(session, PostKind.SPECIALIST).session_mark
    accounts.sign_out(actor_for_kind(PostKind.CLERK))
    assert account_of(session, PostKind.CLERK).session_mark not in ("", mark)
    assert account_of(session, PostKind.SPECIALIST).session_mark == other
