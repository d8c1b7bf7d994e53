"""Password rules of both profiles, lockout, and when a password must be changed."""

from datetime import datetime, timedelta

import pytest

from app import clock
from app.rules.accounts import (
    HISTORY_KEPT,
    LOCK_TIME,
    MAX_FAILURES,
    PROFILES,
    lock_after_failure,
    must_change,
    password_obstacles,
)

NOW = datetime(2026, 12, 30, 9, 30, tzinfo=clock.VIETNAM)


def faults(password: str, profile: str = "QCVN", username: str = "hanhlt", *, used: bool = False) -> list[str]:
    found = password_obstacles(password, PROFILES[profile], username, used_before=used)
    assert all(each.field == "password" for each in found)
    return [str(each) for each in found]


@pytest.mark.parametrize("password", ["Abcdef1!", "Mật-khẩu-2026", "x" * 124 + "Aa1!"])
def test_qcvn_takes_eight_characters_of_all_four_kinds(password: str) -> None:
    assert faults(password) == []


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Abcde1!", "at least 8"),
        ("abcdefg1!", "capital letter"),
        ("ABCDEFG1!", "small letter"),
        ("Abcdefgh!", "digit"),
        ("Abcdefg12", "special character"),
        ("Aa1!" * 33, "at most 128"),
        ("Hanhlt@2026", "too easy"),
        ("HANHLT@2026a", "too easy"),
    ],
)
def test_qcvn_says_what_a_password_lacks(password: str, words: str) -> None:
    found = faults(password)
    assert len(found) == 1
    assert words in found[0]


def test_all_faults_of_a_password_are_said_at_once() -> None:
    assert len(faults("abc", used=True)) == 3


def test_asvs_asks_for_length_and_no_composition() -> None:
    assert faults("một câu dài dễ nhớ", "ASVS") == []
    assert "at least 15" in faults("Abcdef1!", "ASVS")[0]


def test_a_password_used_before_is_refused_in_every_profile() -> None:
    for profile in PROFILES:
        assert str(HISTORY_KEPT) in faults("Một-câu-dài-Dễ-nhớ-1", profile, used=True)[0]


def test_the_fifth_failure_locks_for_twelve_hours_and_no_earlier_one_does() -> None:
    assert (MAX_FAILURES, timedelta(hours=12)) == (5, LOCK_TIME)
    assert [lock_after_failure(n, NOW) for n in range(5)] == [None] * 5
    assert lock_after_failure(5, NOW) == NOW + timedelta(hours=12)


@pytest.mark.parametrize(
    ("origin", "demo", "age", "administrator", "profile", "due"),
    [
        ("assigned", True, 0, False, "QCVN", True),
        ("assigned", True, 0, False, "ASVS", True),
        ("demo", True, 400, True, "QCVN", False),
        ("demo", False, 0, False, "QCVN", True),
        ("own", False, 400, False, "QCVN", False),
        ("own", False, 60, True, "QCVN", False),
        ("own", False, 61, True, "QCVN", True),
        ("own", False, 400, True, "ASVS", False),
    ],
)
def test_when_a_password_must_be_changed(
    origin: str, demo: bool, age: int, administrator: bool, profile: str, due: bool
) -> None:
    found = must_change(origin, demo_allowed=demo, age_days=age, profile=PROFILES[profile] if administrator else None)
    assert found is due
