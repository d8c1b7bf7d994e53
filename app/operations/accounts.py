"""Accounts (tài khoản): sign in with lockout, passwords by profile, open, disable, unlock; each act on record."""

import logging
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from app import clock
from app.actor import Actor
from app.errors import NotFound, Obstacle, Refused, refuse_if
from app.models import Account, Event, PasswordHistory, Person
from app.operations import events
from app.operations.base import operation, require
from app.operations.roles import hold_the_key, keep_the_key
from app.operations.unit_of_work import UnitOfWork
from app.queries import leavers
from app.queries.actors import actor_for
from app.queries.settings import setting
from app.rules import accounts as rules
from app.rules.text import clean
from app.vocabulary import N_, Via

log = logging.getLogger(__name__)
NOUN = "account"
_FAILED = ("account.sign_in_failed", "account.sign_in_locked")
_FAKE_HASH = generate_password_hash("no account has this password")


class SignInRefused(Refused):
    """Sign-in did not succeed; ``locked`` tells the person what to do next."""

    def __init__(self, obstacle: Obstacle, *, locked: bool = False):
        super().__init__(obstacle)
        self.locked = locked


WRONG = Obstacle(N_("The user name or the password is wrong."), code="wrong_password")
CROWDED = Obstacle(
    N_(
        "Too many failed sign-ins came from your network address. Wait %(minutes)s minutes, then try again; "
        "if it is urgent, tell the IT centre."
    ),
    params={"minutes": int(rules.ADDRESS_WINDOW.total_seconds() // 60)},
    code="address_must_wait",
)
LOCKED = Obstacle(
    N_(
        "The account is locked after %(failures)s wrong passwords. Ask the IT centre to unlock it, "
        "or try again after %(until)s."
    ),
    code="locked",
)


def sign_in(username: str, password: str, *, via: Via = Via.WEB, request_id: str = "", remote_addr: str = "") -> User:
    """Check user name and password, count failures, lock after five. Returns the account's user row.

    A failure is written down before the refusal is raised, so counting cannot be rolled back with it. An unknown
    user name costs the same time as a known one and gets the same answer; what was typed for it is not kept, it
    may be a password. An address with too many failures must wait, and nothing more is written down for it: who
    signed in from there lately still signs in with the right password, so that one stranger does not shut a whole
    office out that shares its address. Raises :class:`SignInRefused`.
    """
    actor = replace(Actor.system("sign-in", via), request_id=request_id)
    outcome = _try_password(actor, clean(username), password, remote_addr)
    if isinstance(outcome, User):
        return outcome
    raise SignInRefused(outcome, locked=outcome.code == "locked")


@operation()
def _try_password(actor: Actor, username: str, password: str, remote_addr: str, *, uow: UnitOfWork) -> User | Obstacle:
    session = uow.session
    user = None
    if len(username) <= rules.LONGEST_USER_NAME:
        user = session.scalars(select(User).where(func.lower(User.username) == username.lower())).one_or_none()
    account = session.get(Account, user.id, with_for_update=True, populate_existing=True) if user else None
    now = clock.now()
    crowded = bool(remote_addr) and rules.address_must_wait(_failures_from(session, remote_addr, now))
    if crowded and not (user and account and user.active and _known_from(session, user, account, remote_addr, now)):
        check_password_hash(_FAKE_HASH, password)
        log.warning("sign-in refused: too many failures from %s", remote_addr)
        return CROWDED
    if user is None or account is None or not user.active:
        check_password_hash(_FAKE_HASH, password)
        named = {"username": user.username} if user else {}
        events.record(uow, actor, "account.sign_in_failed", NOUN, user.id if user else "", **named, address=remote_addr)
        return WRONG
    if account.locked_until and account.locked_until > now:
        check_password_hash(_FAKE_HASH, password)
        events.record(uow, actor, "account.sign_in_locked", NOUN, user.id, username=user.username, address=remote_addr)
        return _locked(account)
    if account.locked_until:
        account.locked_until, account.failures = None, 0
    if check_password_hash(user.password or "", password):
        account.failures = 0
        actor = actor_for(session, user, actor.via, actor.request_id)  # who did it is proved now
        events.record(uow, actor, "account.signed_in", NOUN, user.id, username=user.username, address=remote_addr)
        return user
    account.failures += 1
    account.locked_until = rules.lock_after_failure(account.failures, now)
    events.record(uow, actor, "account.sign_in_failed", NOUN, user.id, username=user.username, address=remote_addr)
    if account.locked_until:
        events.record(uow, actor, "account.locked", NOUN, user.id, username=user.username)
        return _locked(account)
    return CROWDED if crowded else WRONG


def _failures_from(session: Session, address: str, now: datetime) -> int:
    query = (
        select(Event.id)
        .where(Event.tag.in_(_FAILED), Event.at > now - rules.ADDRESS_WINDOW, Event.params["address"].astext == address)
        .limit(rules.ADDRESS_FAILURES)
    )
    return len(session.scalars(query).all())


def _known_from(session: Session, user: User, account: Account, address: str, now: datetime) -> bool:
    """Whether the account signed in from the address lately, and is not locked."""
    if account.locked_until and account.locked_until > now:
        return False
    query = select(Event.id).where(
        Event.subject_type == NOUN,
        Event.subject_id == str(user.id),
        Event.tag == "account.signed_in",
        Event.at > now - rules.KNOWN_HERE,
        Event.params["address"].astext == address,
    )
    return session.scalar(query.limit(1)) is not None


def _locked(account: Account) -> Obstacle:
    assert account.locked_until is not None  # noqa: S101 - the caller just looked
    until = clock.in_vietnam(account.locked_until).strftime("%d/%m/%Y %H:%M")
    return replace(LOCKED, params={"failures": rules.MAX_FAILURES, "until": until})


@operation()
def sign_out(actor: Actor, *, uow: UnitOfWork) -> None:
    """Đăng xuất: all sessions and tokens of the account end, so that no copy of a cookie outlives the sign-out."""
    user, account = _locked_rows(uow, actor.user_id)
    account.session_mark = _mark()
    events.record(uow, actor, "account.signed_out", NOUN, user.id, username=user.username)


@operation()
def open_account(
    actor: Actor, person_id: int, username: str, password: str, *, origin: str = "assigned", uow: UnitOfWork
) -> Account:
    """Mở tài khoản cho một người. The password must be changed at first sign-in unless ``origin`` is the demo's.

    Raises Forbidden, Refused with all obstacles at once.
    """
    require(actor, NOUN, "add")
    session = uow.session
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    name = clean(username).lower()
    found = _username_obstacles(session, name)
    if person.user_id is not None:
        found.append(Obstacle(N_("This person already has an account."), "person"))
    found += rules.password_obstacles(password, _profile(session), name)
    refuse_if(found)
    user = User(first_name="", last_name="", username=name, email="", active=True)
    user.password = generate_password_hash(password)
    _mirror(session, person, user)
    session.add(user)
    session.flush()  # the account row needs the user's id
    account = Account(user_id=user.id, password_origin=origin, password_changed_at=clock.now(), session_mark=_mark())
    session.add(account)
    session.add(PasswordHistory(user_id=user.id, password_hash=user.password, at=clock.now()))
    person.user_id = user.id
    events.record(uow, actor, "account.added", NOUN, user.id, username=name, person=person.full_name)
    return account


def mirror_person(session: Session, person: Person) -> None:
    """Bring name and address of the account in line with its person; nothing to do without an account."""
    if person.user_id is not None:
        _mirror(session, person, session.get_one(User, person.user_id))


def _mirror(session: Session, person: Person, user: User) -> None:
    first, _, last = person.full_name.rpartition(" ")
    user.first_name, user.last_name = (first or last)[:64], (last if first else "")[:64]
    # Flask-AppBuilder wants each address once; two people may share a mailbox, the person's row keeps it.
    address = person.email if len(person.email) <= 320 else ""
    taken = select(User.id).where(func.lower(User.email) == address.lower(), User.username != user.username)
    with session.no_autoflush:
        free = bool(address) and session.scalar(taken) is None
    user.email = address if free else f"{user.username}@localhost"


def _username_obstacles(session: Session, name: str) -> list[Obstacle]:
    if not 3 <= len(name) <= rules.LONGEST_USER_NAME or not all(
        c.isascii() and (c.isalnum() or c in "._-") for c in name
    ):
        return [
            Obstacle(
                N_("User name: 3 to 64 characters, only letters without marks, digits, dot, dash and underscore."),
                "username",
            )
        ]
    if session.scalar(select(User.id).where(func.lower(User.username) == name)) is not None:
        return [Obstacle(N_("User name: already taken. Choose another."), "username")]
    return []


@operation()
def change_password(actor: Actor, current: str, new: str, *, uow: UnitOfWork) -> Account:
    """Đổi mật khẩu của chính mình; all other sessions end. Raises Refused with all obstacles at once."""
    user, account = _locked_rows(uow, actor.user_id)
    found = []
    if not check_password_hash(user.password or "", current):
        found.append(Obstacle(N_("Current password: wrong."), "current"))
    found += _new_password_obstacles(uow.session, user, new, N_("New password"))
    refuse_if(found)
    _set_password(uow, user, account, new, "own")
    events.record(uow, actor, "account.password_changed", NOUN, user.id, username=user.username)
    return account


@operation()
def assign_password(actor: Actor, user_id: int, new: str, *, uow: UnitOfWork) -> Account:
    """Cấp lại mật khẩu: the owner must change it at the next sign-in; unlocks too. Not for the own account."""
    require(actor, NOUN, "assign_password")
    if user_id == actor.user_id:
        raise Refused(Obstacle(N_("Change your own password on the page “Change password”.")))
    user, account = _locked_rows(uow, user_id)
    refuse_if(_new_password_obstacles(uow.session, user, new))
    _set_password(uow, user, account, new, "assigned")
    account.failures, account.locked_until = 0, None
    events.record(uow, actor, "account.password_assigned", NOUN, user.id, username=user.username)
    return account


@operation()
def unlock(actor: Actor, user_id: int, *, uow: UnitOfWork) -> Account:
    """Mở khóa tài khoản đã khóa vì sai mật khẩu."""
    require(actor, NOUN, "unlock")
    user, account = _locked_rows(uow, user_id)
    if not account.locked_until:
        raise Refused(Obstacle(N_("The account is not locked.")))
    account.failures, account.locked_until = 0, None
    events.record(uow, actor, "account.unlocked", NOUN, user.id, username=user.username)
    return account


@operation()
def disable(actor: Actor, user_id: int, *, uow: UnitOfWork) -> Account:
    """Ngừng tài khoản: nobody signs in with it, its open sessions end at once. Not the own one, nor the last
    that may change roles (212/17.1), nor that of somebody with whom work or powers still lie, unless the head let the
    person go. Raises Forbidden, NotFound, Refused.
    """
    require(actor, NOUN, "disable")
    if user_id == actor.user_id:
        raise Refused(Obstacle(N_("You cannot disable your own account.")))
    user, _ = _locked_rows(uow, user_id)
    if not user.active:
        raise Refused(Obstacle(N_("The account is disabled already.")))
    person_id = uow.session.scalar(select(Person.id).where(Person.user_id == user_id))
    if person_id is not None:
        refuse_if(leavers.obstacles(uow.session, person_id))
    return shut(uow, actor, user_id)


def shut(uow: UnitOfWork, actor: Actor, user_id: int, **params: Any) -> Account:
    """Disable an account, for an operation that has judged it. Raises Refused for the last that may change roles."""
    user, account = _locked_rows(uow, user_id)
    holders = hold_the_key(uow, clock.today())
    user.active = False
    account.session_mark = _mark()
    keep_the_key(uow, actor, holders, clock.today())
    events.record(uow, actor, "account.disabled", NOUN, user.id, username=user.username, **params)
    return account


@operation()
def enable(actor: Actor, user_id: int, *, uow: UnitOfWork) -> Account:
    """Cho tài khoản hoạt động lại. Raises Forbidden, NotFound, Refused."""
    require(actor, NOUN, "enable")
    user, account = _locked_rows(uow, user_id)
    if user.active:
        raise Refused(Obstacle(N_("The account is active already.")))
    user.active = True
    events.record(uow, actor, "account.enabled", NOUN, user.id, username=user.username)
    return account


def suggest_password() -> str:
    """A random password that every profile accepts: four groups of letters and digits, none easily confused."""
    small, capital, digits = "abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
    groups = []
    for _ in range(4):
        letters = [secrets.choice(small), secrets.choice(capital), secrets.choice(digits), secrets.choice(small)]
        secrets.SystemRandom().shuffle(letters)
        groups.append("".join(letters))
    return "-".join(groups)


def _locked_rows(uow: UnitOfWork, user_id: int | None) -> tuple[User, Account]:
    account = uow.session.get(Account, user_id, with_for_update=True, populate_existing=True) if user_id else None
    if account is None:
        raise NotFound
    return uow.session.get_one(User, user_id), account


def _profile(session: Session) -> rules.PasswordProfile:
    return rules.PROFILES[setting(session, "password_profile")]


def _new_password_obstacles(
    session: Session, user: User, new: str, label: str = rules.PASSWORD_LABEL
) -> list[Obstacle]:
    query = select(PasswordHistory.password_hash).where(PasswordHistory.user_id == user.id)
    used = session.scalars(query.order_by(PasswordHistory.id.desc()).limit(rules.HISTORY_KEPT)).all()
    before = any(check_password_hash(each, new) for each in used)
    return rules.password_obstacles(new, _profile(session), user.username, used_before=before, label=label)


def _set_password(uow: UnitOfWork, user: User, account: Account, new: str, origin: str) -> None:
    user.password = generate_password_hash(new)
    account.password_origin = origin
    account.password_changed_at = clock.now()
    account.session_mark = _mark()
    uow.session.add(PasswordHistory(user_id=user.id, password_hash=user.password, at=clock.now()))


def _mark() -> str:
    """What an open session must carry; a new mark ends all sessions opened before (ASVS 7.4)."""
    return secrets.token_hex(16)
