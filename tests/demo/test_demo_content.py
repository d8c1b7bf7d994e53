"""The demo office and its letters: believable, invented, the same every time."""

import dataclasses
import io
import itertools
import re
import unicodedata
from collections import Counter
from datetime import date, timedelta
from functools import cache

import pypdf
import pytest

from app.clock import in_vietnam
from app.demo.address_book import BY_KEY, COMMUNE_KEYS, CONTACTS, OWN_CODES
from app.demo.drafts import all_drafts
from app.demo.names import is_known
from app.demo.office import DELEGATIONS, PEOPLE, UNITS
from app.demo.texts import SPAN_DAYS, Letter, letters, signers, urgent
from app.reference.calendar import days_off, days_worked
from app.reference.document_types import types_on
from app.reference.organisations import OrganisationGroup
from app.reference.series import REGISTER_BOOKS
from app.reference.urgency import URGENCY_LEVELS
from app.reports.letter import Centred, Heading, Table, build
from app.rules.calendar import is_working_day
from app.vocabulary import Channel, CodeScheme, DelegationKind, OrganisationKind, PostKind

UNTIL = date(2026, 6, 30)


@cache
def sample() -> tuple[Letter, ...]:
    return tuple(letters(212, 300, UNTIL))


def texts(letter: Letter) -> list[str]:
    found = [letter.subject, letter.sender_name, letter.signer_name, *letter.content.addressees, *letter.content.bases]
    found += letter.content.recipients
    for block in letter.content.body:
        if isinstance(block, Table):
            found += [block.caption, *block.header, *(cell for row in block.rows for cell in row)]
        else:
            found.append(block.text if isinstance(block, Heading | Centred) else block)
    return found


# ── the office ──


def test_the_accounts_of_the_demo_are_the_agreed_ones() -> None:
    kinds = {p.user_name: p.kind for p in PEOPLE}
    expected = {
        **dict.fromkeys(("vanthu1", "vanthu2"), PostKind.CLERK),
        "hanhchinh": PostKind.ADMIN_HEAD,
        **dict.fromkeys(("chanhvp", "phovp1", "phovp2"), PostKind.OFFICE_LEADER),
        **{f"truongphong{i}": PostKind.HEAD_OF_DEPARTMENT for i in range(1, 5)},
        **{f"chuyenvien{i}": PostKind.SPECIALIST for i in range(1, 9)},
        **dict.fromkeys(("chutich", "phochutich1"), PostKind.STANDING_COMMITTEE),
        "troly": PostKind.ASSISTANT,
        "luutru": PostKind.ARCHIVIST,
        "quanly": PostKind.MANAGER,
        "quantri": PostKind.IT_CENTRE,
        "soxaydung": PostKind.OUTSIDE,
    }
    assert kinds == expected
    assert set(kinds.values()) == set(PostKind)


def test_everybody_holds_a_post_in_a_unit_that_exists() -> None:
    ours = {u.key for u in UNITS}
    for person in PEOPLE:
        outside = person.kind is PostKind.OUTSIDE
        assert person.unit in (BY_KEY if outside else ours), person.user_name
        assert person.email.endswith(".example")
    assert len({p.full_name for p in PEOPLE}) == len(PEOPLE)


def test_units_stand_below_units_named_before_them() -> None:
    seen: set[str | None] = {None}
    for unit in UNITS:
        assert unit.parent in seen
        seen.add(unit.key)
    assert {u.key for u in UNITS if u.kind is OrganisationKind.BODY} == {"ubnd", "van_phong"}


@pytest.mark.clause("212/17.2")
def test_people_let_others_enter_for_them_and_somebody_stands_in_for_who_is_away() -> None:
    lent = {(each.grantor, each.grantee): each for each in DELEGATIONS}
    assert {("hanhchinh", "troly"), ("phovp1", "vanthu1"), ("chuyenvien1", "troly"), ("phovp2", "phovp1")} <= set(lent)
    assert all(each.authority for each in DELEGATIONS)
    away = lent["phovp2", "phovp1"]
    assert away.kind is DelegationKind.SUBSTITUTION
    assert away.since is not None
    assert away.until is not None
    assert away.since <= 0 <= away.until


# ── the address book ──


def test_every_state_body_has_a_code_of_each_scheme_and_no_code_is_given_twice() -> None:
    codes = [code for c in CONTACTS for code in c.codes] + [code for own in OWN_CODES.values() for code in own]
    assert max(Counter(codes).values()) == 1
    for contact in CONTACTS:
        schemes = dict(contact.codes)
        if contact.group is OrganisationGroup.COMPANY:
            continue
        assert re.fullmatch(r"[A-Z]\d{2}(\.\d{2})*", schemes[CodeScheme.DECISION_20_2020])
        assert re.fullmatch(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}", schemes[CodeScheme.CIRCULAR_10_2016])


def test_the_address_book_stands_as_after_the_merger_of_july_2025() -> None:
    assert len(CONTACTS) >= 60
    assert len({c.key for c in CONTACTS}) == len(CONTACTS) == len({c.name for c in CONTACTS})
    names = " | ".join(c.name for c in CONTACTS)
    for gone in (
        "quận",
        "Quận",
        "huyện",
        "Huyện",
        "thị trấn",
        "Kế hoạch và Đầu tư",
        "Giao thông vận tải",
        "Tài nguyên",
    ):
        assert gone not in names
    assert {"đặc khu", "xã", "phường"} == {
        next(k for k in ("đặc khu", "xã", "phường") if f"dân {k} " in BY_KEY[key].name) for key in COMMUNE_KEYS
    }


def test_mail_addresses_lie_in_a_domain_that_cannot_exist() -> None:
    assert all(re.fullmatch(r"[a-z]+@[a-z0-9-]+\.example", c.email) for c in CONTACTS)


# ── the letters ──


def test_the_same_seed_gives_the_same_letters_and_another_seed_others() -> None:
    again = tuple(letters(212, 300, UNTIL))
    assert again == sample()
    assert build(again[17].content) == build(sample()[17].content)
    assert tuple(letters(213, 300, UNTIL)) != sample()


def test_letters_of_the_last_week_come_on_top() -> None:
    found = tuple(letters(212, 40, UNTIL, late=7))
    assert len(found) == 47
    assert sum(UNTIL - timedelta(days=10) < n.issued_on < UNTIL for n in found) >= 7


def test_only_what_comes_over_the_axis_bears_an_identifier_and_no_two_the_same() -> None:
    found = [n.identifier for n in sample() if n.identifier]
    assert len(found) == len(set(found)) == sum(n.channel is Channel.AXIS for n in sample())
    assert all(re.fullmatch(r"[A-Z]\d{2}(\.\d{2})*,\d{4}/\d{2}/\d{2},\S.*", one) and len(one) <= 200 for one in found)


def test_an_urgent_letter_bears_its_stamp() -> None:
    plain = next(n for n in sample() if n.urgency == "normal")
    assert (urgent(plain).urgency, urgent(plain).content.urgency) == ("urgent", "KHẨN")


def test_no_sender_uses_a_number_twice() -> None:
    numbered = [(n.sender_name, n.number_notation) for n in sample() if n.number_notation]
    assert len(set(numbered)) == len(numbered) > 250


def test_no_sender_writes_twice_about_the_very_same_thing() -> None:
    counts = Counter((n.sender_name, n.subject) for n in sample())
    assert max(counts.values()) == 1


def test_numbers_of_a_sender_rise_with_the_date() -> None:
    series: dict[tuple[str, str], list[tuple[date, int]]] = {}
    for letter in sorted(sample(), key=lambda n: n.issued_on):
        if letter.number:
            kind = letter.notation.split("-")[0] if letter.type_code != "cong_van" else ""
            series.setdefault((letter.sender_name, kind), []).append((letter.issued_on, int(letter.number)))
    for found in series.values():
        by_day = sorted(found)
        numbers = [n for _, n in by_day]
        for (day, number), (later, higher) in itertools.pairwise(by_day):
            assert number < higher or day == later, (by_day, numbers)


def test_many_types_groups_channels_and_levels_of_urgency_come_up() -> None:
    types = Counter(n.type_code for n in sample())
    assert len(types) >= 9
    assert types["cong_van"] < 0.65 * len(sample())
    assert {n.group for n in sample()} == set(OrganisationGroup) - {OrganisationGroup.OWN}
    assert {n.channel for n in sample()} == set(Channel)
    assert {n.urgency for n in sample()} == {u.code for u in URGENCY_LEVELS}


def test_the_notation_follows_from_type_and_sender() -> None:
    for letter in sample():
        if letter.sender is None:
            assert letter.number_notation == ""
            continue
        short = types_on(letter.issued_on)[letter.type_code].abbreviation
        contact = BY_KEY[letter.sender]
        if short:
            assert letter.notation == f"{short}-{contact.abbreviation}"
        elif contact.group is not OrganisationGroup.COMPANY:
            assert letter.notation.startswith(f"{contact.abbreviation}-")
        assert re.fullmatch(r"\d{2,}", letter.number)


def test_letters_are_issued_on_working_days_and_received_in_office_hours_afterwards() -> None:
    for letter in sample():
        arrival = in_vietnam(letter.received_at)
        assert (UNTIL - letter.issued_on).days < SPAN_DAYS
        assert letter.issued_on <= arrival.date() <= UNTIL
        assert is_working_day(letter.issued_on, days_off(), days_worked())
        assert is_working_day(arrival.date(), days_off(), days_worked())
        assert 7 <= arrival.hour < 17
        assert letter.reply_by is None or letter.reply_by > letter.issued_on


def test_letters_come_in_the_order_of_receipt() -> None:
    instants = [n.received_at for n in sample()]
    assert instants == sorted(instants)


def test_letters_fit_the_fields_of_the_register() -> None:
    books = {b.code for b in REGISTER_BOOKS}
    units = {u.key for u in UNITS}
    for letter in sample():
        assert len(letter.subject) <= 500
        assert len(letter.number_notation) <= 50
        assert len(letter.sender_name) <= 200
        assert len(letter.signer_name) <= 100
        assert letter.book in books
        assert letter.unit in units
        assert letter.type_code in types_on(letter.issued_on)


def test_no_place_is_left_open_and_all_text_is_in_normal_form_c() -> None:
    for letter in sample():
        for text in texts(letter):
            assert not re.search(r"[{}\[\]|]|\blet:|None", text), (letter.draft, text)
            assert unicodedata.is_normalized("NFC", text)
            assert "  " not in text


def test_nothing_is_filler_text() -> None:
    everything = " ".join(t for letter in sample() for t in texts(letter)).lower()
    for word in ("lorem", "ipsum", "todo", "xxx", "test"):
        assert word not in everything


def test_every_draft_can_be_filled() -> None:
    seen = {letter.draft for letter in letters(1, 900, UNTIL)}
    assert seen == {draft.key for draft in all_drafts()}
    assert len(seen) == len(all_drafts()) >= 40


def test_letters_have_one_to_three_pages_and_some_have_each() -> None:
    counts = Counter()
    for letter in sample()[::3]:
        counts[len(pypdf.PdfReader(io.BytesIO(build(letter.content))).pages)] += 1
    longest = next(n for n in letters(1, 900, UNTIL) if n.draft == "stc_giai_ngan")
    counts[len(pypdf.PdfReader(io.BytesIO(build(longest.content))).pages)] += 1
    assert set(counts) == {1, 2, 3}


def test_the_page_says_what_the_register_says() -> None:
    for letter in sample()[::25]:
        reader = pypdf.PdfReader(io.BytesIO(build(letter.content)))
        page = re.sub(r"\s+", "", "".join(p.extract_text() for p in reader.pages))
        for text in (letter.number_notation, letter.signer_name, letter.subject.removeprefix("Về việc ")):
            assert re.sub(r"\s+", "", text) in page


def test_every_sender_has_the_same_signers_whatever_the_seed() -> None:
    for letter in sample():
        draft = next(d for d in all_drafts() if d.key == letter.draft)
        if letter.sender and not draft.power:
            assert letter.signer_name in signers(BY_KEY[letter.sender])


def test_nobody_bears_the_name_of_a_known_office_holder() -> None:
    names = (
        {p.full_name for p in PEOPLE} | {s for c in CONTACTS for s in signers(c)} | {n.signer_name for n in sample()}
    )
    assert [name for name in names if is_known(name)] == []


def test_a_letter_is_plain_data() -> None:
    assert dataclasses.is_dataclass(sample()[0].content)
    assert hash(sample()[0]) == hash(next(iter(letters(212, 300, UNTIL))))
