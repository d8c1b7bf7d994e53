"""People and posts: rights follow from the posts held today, and end with them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.actor import Actor
from app.errors import Forbidden, NotFound, Refused, Stale
from app.models import Event, Organisation, Person, Post
from app.operations import accounts, parties
from app.queries import people as queries
from app.queries.actors import actor_for
from app.vocabulary import PostKind, Via
from tests.fixtures.clock import NOW
from tests.fixtures.office import OUTSIDE, PEOPLE, actor_of

Actors = Callable[[PostKind], Actor]
TODAY = NOW.date()


@pytest.fixture
def it(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


def unit(session: Any, name: str = "Phòng Kinh tế") -> int:
    return session.scalars(select(Organisation.id).where(Organisation.name == name)).one()


def newcomer(session: Any, it: Actor) -> tuple[int, User]:
    person = parties.add_person(it, "Phạm Thị Mới")
    account = accounts.open_account(it, person.id, "moipt", "Mo-Tai-Khoan@1")
    return person.id, session.get_one(User, account.user_id)


@pytest.mark.clause("212/16.2.a", "212/17.1")
def test_rights_begin_with_the_first_day_of_a_post_and_end_after_its_last(
    session: Any, it: Actor, clock_at: Callable[[datetime], None]
) -> None:
    person_id, user = newcomer(session, it)
    parties.appoint(
        it,
        person_id,
        unit(session),
        PostKind.CLERK,
        "Văn thư",
        valid_from=TODAY + timedelta(days=1),
        valid_to=TODAY + timedelta(days=3),
    )
    for days in range(6):
        clock_at(NOW + timedelta(days=days))
        actor = actor_for(session, user, Via.WEB)
        assert ("register incoming" in actor.permissions) is (1 <= days <= 3), days


def test_ending_a_post_keeps_its_row_and_ends_its_rights(
    session: Any, it: Actor, clock_at: Callable[[datetime], None]
) -> None:
    clerk = actor_of(PostKind.CLERK)
    post = parties.end_post(it, clerk.posts[0].post_id, TODAY)
    assert session.get_one(Post, post.id).valid_to == TODAY
    assert "register incoming" in actor_of(PostKind.CLERK).permissions
    clock_at(NOW + timedelta(days=1))
    assert actor_of(PostKind.CLERK).permissions == frozenset()
    with pytest.raises(Refused, match="has ended already"):
        parties.end_post(it, post.id, TODAY + timedelta(days=30))


def test_a_post_does_not_end_before_it_began(session: Any, it: Actor) -> None:
    with pytest.raises(Refused, match="earlier than the first day"):
        parties.end_post(it, actor_of(PostKind.CLERK).posts[0].post_id, date(2019, 7, 10))


def test_an_appointment_says_all_faults_at_once(session: Any, it: Actor) -> None:
    person_id, _user = newcomer(session, it)
    with pytest.raises(Refused) as caught:
        parties.appoint(it, person_id, unit(session, OUTSIDE), PostKind.CLERK, " ", valid_to=TODAY - timedelta(days=1))
    assert [o.field for o in caught.value.obstacles] == ["title", "valid_to", "kind"]
    with pytest.raises(Refused) as caught:
        parties.appoint(it, person_id, unit(session), PostKind.OUTSIDE, "x" * 101)
    assert [o.field for o in caught.value.obstacles] == ["title", "kind"]


def test_the_same_post_is_not_held_twice_at_a_time_but_may_be_taken_up_again(session: Any, it: Actor) -> None:
    person_id, _user = newcomer(session, it)
    first = parties.appoint(it, person_id, unit(session), PostKind.SPECIALIST, "Chuyên viên", valid_to=date(2027, 1, 9))
    for start, end in ((TODAY, None), (date(2027, 1, 9), None), (date(2020, 1, 1), TODAY)):
        with pytest.raises(Refused, match="holds it in this unit"):
            parties.appoint(
                it, person_id, unit(session), PostKind.SPECIALIST, "Chuyên viên", valid_from=start, valid_to=end
            )
    again = parties.appoint(
        it, person_id, unit(session), PostKind.SPECIALIST, "Chuyên viên", valid_from=date(2027, 1, 10)
    )
    assert again.id != first.id
    parties.appoint(it, person_id, unit(session), PostKind.HEAD_OF_DEPARTMENT, "Phụ trách phòng")


def test_a_change_made_meanwhile_is_not_overwritten(session: Any, it: Actor) -> None:
    person = parties.add_person(it, "Phạm Thị Mới")
    seen = person.version
    parties.change_person(it, person.id, "Phạm Thị Mới Hơn", expected_version=seen)
    with pytest.raises(Stale):
        parties.change_person(it, person.id, "Phạm Thị Khác", expected_version=seen)
    post = parties.appoint(it, person.id, unit(session), PostKind.SPECIALIST, "Chuyên viên")
    seen = post.version
    parties.end_post(it, post.id, TODAY + timedelta(days=9), expected_version=seen)
    with pytest.raises(Stale):
        parties.end_post(it, post.id, TODAY + timedelta(days=1), expected_version=seen)


def test_the_account_shows_the_name_of_its_person(session: Any, it: Actor) -> None:
    person_id, user = newcomer(session, it)
    parties.change_person(it, person_id, "Phạm Thị Mới Hơn", email="moi@hcm.gov.vn")
    assert (user.get_full_name(), user.email) == ("Phạm Thị Mới Hơn", "moi@hcm.gov.vn")


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"full_name": "  "}, ["full_name"]),
        ({"full_name": "x" * 101}, ["full_name"]),
        ({"full_name": "Phạm Thị Mới", "email": "không phải thư"}, ["email"]),
        ({"full_name": "", "email": "a@b", "phone": "1" * 31}, ["full_name", "email", "phone"]),
    ],
)
def test_particulars_are_checked_all_at_once(
    session: Any, it: Actor, values: dict[str, str], fields: list[str]
) -> None:
    for act in (lambda: parties.add_person(it, **values), lambda: parties.change_person(it, it.person_id, **values)):
        with pytest.raises(Refused) as caught:
            act()
        assert [o.field for o in caught.value.obstacles] == fields


@pytest.mark.clause("212/16.4.a")
def test_each_act_on_a_person_is_on_record(session: Any, it: Actor) -> None:
    person = parties.add_person(it, "Phạm Thị Mới")
    post = parties.appoint(it, person.id, unit(session), PostKind.SPECIALIST, "Chuyên viên")
    parties.change_person(it, person.id, "Phạm Thị Mới Hơn")
    parties.end_post(it, post.id, TODAY)
    events = session.scalars(
        select(Event).where(Event.subject_type == "person", Event.subject_id == str(person.id)).order_by(Event.id)
    ).all()
    assert [e.tag for e in events] == ["person.added", "post.given", "person.changed", "post.ended"]
    assert {e.actor_name for e in events} == {PEOPLE[PostKind.IT_CENTRE][0]}


def test_people_stand_in_vietnamese_order_of_given_names(session: Any, it: Actor) -> None:
    for name in ("Lê Văn Đông", "Lê Văn Dũng", "Lê Văn Ân", "Lê Văn Ánh", "Đỗ Văn An", "Bùi Văn An"):
        parties.add_person(it, f"{name}")
    names = [row.full_name for row in queries.people(session, "van").rows]
    wanted = ["Bùi Văn An", "Đỗ Văn An", "Lê Văn Ánh", "Lê Văn Ân", "Lê Văn Dũng", "Lê Văn Đông"]
    assert [name for name in names if name in wanted] == wanted


@pytest.mark.parametrize("typed", ["Lê Thị Hạnh", "le thi hanh", "HANH", "hạ", "le h", "clerk"])
def test_a_person_is_found_with_and_without_marks_and_by_user_name(session: Any, typed: str) -> None:
    assert "Lê Thị Hạnh" in [row.full_name for row in queries.people(session, typed).rows]


@pytest.mark.parametrize("typed", ["anh", "%", "_", "hanhx", "\\"])
def test_only_beginnings_of_words_count(session: Any, typed: str) -> None:
    assert "Lê Thị Hạnh" not in [row.full_name for row in queries.people(session, typed).rows]


def test_pages_of_people_follow_each_other_both_ways_without_a_gap(session: Any, it: Actor) -> None:
    for n in range(40):
        parties.add_person(it, f"Trần Văn {chr(65 + n % 26)}{n}")
    seen: list[str] = []
    page = queries.people(session, "tran van")
    firsts = []
    while True:
        firsts.append(page.rows[0].full_name)
        seen += [row.full_name for row in page.rows]
        if page.next is None:
            break
        page = queries.people(session, "tran van", after=page.next)
    everybody = session.scalars(select(Person.full_name).where(Person.full_name.like("Trần Văn%"))).all()
    assert len(seen) == len(set(seen)) == len(everybody)
    back = queries.people(session, "tran van", before=page.previous)
    assert back.rows[0].full_name == firsts[-2]


def test_a_unit_takes_in_the_units_below_it(session: Any) -> None:
    found = queries.people(session, "", unit_id=unit(session, "Phòng Hành chính - Tổ chức"))
    assert PEOPLE[PostKind.CLERK][0] in [row.full_name for row in found.rows]
    found = queries.people(session, "", kind=PostKind.SPECIALIST)
    assert [row.full_name for row in found.rows] == [PEOPLE[PostKind.SPECIALIST][0]]


@pytest.mark.clause("212/17.1")
@pytest.mark.parametrize("kind", [kind for kind in PostKind if kind != PostKind.IT_CENTRE])
def test_only_the_it_centre_adds_people_and_gives_posts(session: Any, actor_for_kind: Actors, kind: PostKind) -> None:
    actor = actor_for_kind(kind)
    for act in (
        lambda: parties.add_person(actor, "Phạm Thị Mới"),
        lambda: parties.change_person(actor, 1, "Phạm Thị Mới"),
        lambda: parties.appoint(actor, actor.person_id, unit(session), PostKind.IT_CENTRE, "Quản trị"),
        lambda: parties.end_post(actor, actor.posts[0].post_id, TODAY),
    ):
        with pytest.raises(Forbidden):
            act()


def test_people_posts_and_units_that_do_not_exist_are_not_found(session: Any, it: Actor) -> None:
    for act in (
        lambda: parties.change_person(it, 99_999, "Không Ai"),
        lambda: parties.appoint(it, 99_999, unit(session), PostKind.CLERK, "Văn thư"),
        lambda: parties.appoint(it, it.person_id, 99_999, PostKind.CLERK, "Văn thư"),
        lambda: parties.end_post(it, 99_999, TODAY),
    ):
        with pytest.raises(NotFound):
            act()
