"""Looking for words: numbers as the program prints them, words that stand in every row, names of organisations."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app import clock
from app.actor import Actor
from app.models import Document
from app.operations import incoming, parties
from app.queries import incoming as queries
from app.queries import listing
from app.queries.listing import ListQuery
from app.queries.parties import find_organisations, organisation_named, organisations_named, own_units
from app.vocabulary import OrganisationKind, PostKind
from tests.fixtures.office import SENDER, SYSTEM, registration

Actors = Callable[[PostKind], Actor]


@pytest.fixture
def clerk(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.CLERK)


@pytest.fixture
def thirty(session: Any, clerk: Actor) -> list[Document]:
    """Arrival numbers 1 to 30, with other numbers in their own notations; the last one's notation says 5."""
    made = [incoming.register(clerk, registration(number_notation=f"{100 + n}/STC-NS")) for n in range(1, 30)]
    return [*made, incoming.register(clerk, registration(number_notation="5/TB-SXD"))]


@pytest.mark.clause("212/16.6.c")
@pytest.mark.parametrize(
    "typed", ["5", "05", "số 5", "Số: 5", "số đến 5", "so den 05", "5/2026", "05/2026", "số 5/2026"]
)
@pytest.mark.parametrize("sort", [sort.name for sort in queries.SORTS])
def test_an_arrival_number_is_found_first_however_the_program_prints_it(
    session: Any, clerk: Actor, thirty: list[Document], typed: str, sort: str
) -> None:
    rows = queries.page(session, clerk, ListQuery(text=typed, sort=sort)).rows
    assert (rows[0].arrival_number, rows[0].arrival_year) == (5, 2026)


def test_an_arrival_number_of_another_year_is_not_found(session: Any, clerk: Actor, thirty: list[Document]) -> None:
    assert queries.page(session, clerk, ListQuery(text="5/2025")).total == 0


def test_what_is_asked_for_as_arrival_number_is_looked_for_as_nothing_else(
    session: Any, clerk: Actor, thirty: list[Document]
) -> None:
    assert [d.arrival_number for d in queries.page(session, clerk, ListQuery(text="số đến 5")).rows] == [5]
    numbers = [d.arrival_number for d in queries.page(session, clerk, ListQuery(text="số 5")).rows]
    assert numbers == [5, 30]


def test_a_number_and_notation_is_found_as_the_letter_has_it(
    session: Any, clerk: Actor, thirty: list[Document]
) -> None:
    found = queries.page(session, clerk, ListQuery(text="Số: 117/STC-NS")).rows
    assert [d.number_notation for d in found] == ["117/STC-NS"]


def test_rows_that_lead_stand_once_on_the_first_page_alone(session: Any, clerk: Actor, thirty: list[Document]) -> None:
    def page(**place: str) -> Any:
        return queries.page(session, clerk, ListQuery(text="1", size=4, **place))

    here, seen = page(), []
    while True:
        seen += [d.id for d in here.rows]
        if here.next is None:
            break
        here = page(after=here.next)
    assert len(seen) == len(set(seen)) == here.total
    assert seen[0] == thirty[0].id
    while here.previous is not None:
        here = page(before=here.previous)
    assert here.rows[0].id == thirty[0].id


@pytest.mark.parametrize(("cap", "window", "far"), [(1000, 7, 9), (1000, 4000, 9), (20, 4, 9), (20, 1, 30), (20, 1, 2)])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", [sort.name for sort in queries.SORTS])
def test_pages_of_a_search_are_the_same_however_it_is_carried_out(
    session: Any,
    clerk: Actor,
    monkeypatch: pytest.MonkeyPatch,
    cap: int,
    window: int,
    far: int,
    descending: bool,
    sort: str,
) -> None:
    chance = random.Random(16)
    wanted = set()
    for number in range(40):
        rare = chance.random() < (0.9 if number > 25 else 0.2)
        day = clock.today() - timedelta(days=chance.randrange(9)) if number % 4 else None
        made = incoming.register(
            clerk, registration(subject="Chống hạn" if rare else "Việc khác", issued_on=day, number_notation="")
        )
        wanted |= {made.id} if rare else set()
    whole = [d.id for d in queries.page(session, clerk, ListQuery(sort=sort, descending=descending, size=100)).rows]
    for name, value in (("COUNT_CAP", cap), ("WINDOW", window), ("FAR_WINDOW", far)):
        monkeypatch.setattr(listing, name, value)
    seen: list[int] = []
    place = ""
    while True:
        query = ListQuery(text="chong han", sort=sort, descending=descending, size=3, after=place)
        here = queries.page(session, clerk, query)
        assert here.total == min(len(wanted), cap)
        assert here.more_than_total is (len(wanted) > cap)
        seen += [d.id for d in here.rows]
        if here.next is None:
            break
        place = here.next
    assert seen == [each for each in whole if each in wanted]


def test_the_count_of_a_search_stops_at_the_cap_and_says_so(
    session: Any, clerk: Actor, thirty: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNT_CAP", 10)
    for window in (5, 4000):
        monkeypatch.setattr(listing, "WINDOW", window)
        page = queries.page(session, clerk, ListQuery(text="kinh phi"))
        assert (page.total, page.more_than_total) == (10, True)


def test_a_word_of_every_row_is_looked_for_along_the_order_and_never_gathered(
    session: Any, clerk: Actor, thirty: list[Document]
) -> None:
    """The statement that reads the rows takes them from a limited walk, so that no plan can sort all matches."""
    statements: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert len(queries.page(session, clerk, ListQuery(text="kinh phí")).rows) == 25
    finally:
        event.remove(engine, "before_cursor_execute", note)
    searching = [statement for statement in statements if "@@" in statement]
    assert len(searching) == 2
    assert all("LIMIT" in s.split("@@", 1)[1].split(") AS anon")[0] for s in searching)


# ── organisations ────────────────────────────────────────────────────────────────────────────────────────────────


def test_wildcards_in_a_name_are_letters_like_others(session: Any) -> None:
    parties.add_organisation(SYSTEM, "Công ty 100% A_B", kind=OrganisationKind.BODY, abbreviation="")
    parties.add_organisation(SYSTEM, "Công ty 1000 AxB", kind=OrganisationKind.BODY, abbreviation="")
    assert [o.name for o in find_organisations(session, "100% a_b")] == ["Công ty 100% A_B"]
    assert organisation_named(session, "công ty 100% a_b").name == "Công ty 100% A_B"  # type: ignore[union-attr]
    assert organisation_named(session, "công ty 100% axb") is None


def test_an_organisation_is_named_by_its_whole_name_with_its_marks(session: Any) -> None:
    assert [o.name for o in organisations_named(session, "  sở  tài chính ")] == [SENDER]
    assert organisations_named(session, "so tai chinh") == []
    assert organisations_named(session, "Sở Tài") == []


def test_own_units_are_suggested_only_where_asked_for(session: Any) -> None:
    assert "Phòng Kinh tế" not in [o.name for o in find_organisations(session, "phong kinh")]
    assert "Phòng Kinh tế" in [o.name for o in find_organisations(session, "phong kinh", own=True)]


def test_a_new_unit_is_known_at_once_to_whoever_made_it(session: Any) -> None:
    before = dict(own_units(session))
    made = parties.add_organisation(
        SYSTEM, "Tổ Mới", kind=OrganisationKind.UNIT, parent_id=min(before), ours=True, abbreviation=""
    )
    assert set(own_units(session)) == {*before, made.id}


@pytest.mark.parametrize("typed", ["😀", "%", "'", "…"])
def test_signs_that_are_no_word_find_nothing_instead_of_everything(session: Any, clerk: Actor, typed: str) -> None:
    incoming.register(clerk, registration())
    assert queries.page(session, clerk, ListQuery(text=typed)).rows == []
    assert len(queries.page(session, clerk, ListQuery(text="  ")).rows) == 1
