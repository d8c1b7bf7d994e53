"""Passwords and lockout by profile (QCVN 12:2026/BCA 3.6–3.7, or OWASP ASVS 5.0). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Obstacle
from app.rules.text import fold
from app.vocabulary import N_

MAX_FAILURES = 5
LOCK_TIME = timedelta(hours=12)
SESSION_TIME = timedelta(hours=12)
"""A session ends so long after signing in, whatever happens in it (ASVS 5.0, 7.3.2)."""
LONGEST_USER_NAME = 64
ADDRESS_FAILURES = 20
ADDRESS_WINDOW = timedelta(minutes=15)
"""So many failed sign-ins from one address within the window, and the address must wait."""
KNOWN_HERE = timedelta(days=30)
"""Who signed in from an address within this time is known there, and does not wait with the others."""
HISTORY_KEPT = 10
SPECIAL = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_COMMON = {
    "password",
    "12345678",
    "123456789",
    "qwerty123",
    "vanthu123",
    "matkhau",
    "matkhau123",
    "abcd1234",
    "admin123",
}


@dataclass(frozen=True)
class PasswordProfile:
    """Rules of one profile; ages in days, ``None`` means no periodic change."""

    name: str
    least: int
    composition: bool
    administrator_max_age: int | None


PROFILES = {
    "QCVN": PasswordProfile("QCVN", 8, composition=True, administrator_max_age=60),
    "ASVS": PasswordProfile("ASVS", 15, composition=False, administrator_max_age=None),
}


PASSWORD_LABEL = N_("Password")


def password_obstacles(
    password: str, profile: PasswordProfile, username: str, *, used_before: bool = False, label: str = PASSWORD_LABEL
) -> list[Obstacle]:
    """Why a new password is not good enough, all reasons at once; ``label`` is what the form calls its field."""
    called = {"label": label}
    found = []
    if len(password) < profile.least:
        found.append(
            Obstacle(N_("%(label)s: at least %(least)s characters."), "password", {**called, "least": profile.least})
        )
    if len(password) > 128:
        found.append(Obstacle(N_("%(label)s: at most 128 characters."), "password", called))
    if profile.composition:
        kinds = (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(c in SPECIAL for c in password),
        )
        if not all(kinds):
            found.append(
                Obstacle(
                    N_("%(label)s: needs a small letter, a capital letter, a digit and a special character."),
                    "password",
                    called,
                )
            )
    plain = fold(password)
    if plain in _COMMON or (len(username) >= 4 and username.lower() in plain):
        found.append(
            Obstacle(N_("%(label)s: too easy to guess. Do not use the user name or a common word."), "password", called)
        )
    if used_before:
        found.append(
            Obstacle(
                N_("%(label)s: used before. Choose one unlike the last %(kept)s."),
                "password",
                {**called, "kept": HISTORY_KEPT},
            )
        )
    return found


def lock_after_failure(failures: int, now: datetime) -> datetime | None:
    """Until when the account is locked after ``failures`` wrong passwords in a row; ``None``: not yet."""
    return now + LOCK_TIME if failures >= MAX_FAILURES else None


def address_must_wait(failures: int) -> bool:
    """Whether ``failures`` failed sign-ins from one address within the window are enough to let it wait."""
    return failures >= ADDRESS_FAILURES


def session_over(signed_in_at: datetime | None, now: datetime) -> bool:
    """Whether a session has lasted its time; one that does not say since when it is open has."""
    return signed_in_at is None or now - signed_in_at >= SESSION_TIME


def must_change(origin: str, *, demo_allowed: bool, age_days: int, profile: PasswordProfile | None) -> bool:
    """Whether the password must be changed before anything else.

    One that an administrator gave always; the demo office's password wherever the program does not run as a
    demo; an administrator's own after the profile's age. ``profile`` is given for administrators alone.
    """
    if origin == "assigned" or (origin == "demo" and not demo_allowed):
        return True
    limit = profile.administrator_max_age if profile is not None else None
    return origin == "own" and limit is not None and age_days > limit
