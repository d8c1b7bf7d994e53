"""What a document's page and the forms of settling offer: the act that comes next, powers, days and people that serve,
and nothing that could only be refused."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.models import Assignment
from app.operations import assignments, settling, terms
from app.vocabulary import AssignmentKind, DelegationKind, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import SignedIn, text_of
from tests.fixtures.outside import Outside

Clients = Callable[[PostKind | None], SignedIn]
HEAD, SPECIALIST, LEADER = PostKind.HEAD_OF_DEPARTMENT, PostKind.SPECIALIST, PostKind.OFFICE_LEADER


@pytest.fixture
def desk(outside: Outside) -> Outside:
    return outside


def main_act(page: Any) -> str:
    """The verb of the filled button in the bar of a document's page; empty where none is filled."""
    start = page.text.index('class="acts sticky"')
    found = re.search(r'btn main" href="/\w+/\d+/(\w+)', page.text[start : page.text.index('role="tablist"', start)])
    return found[1] if found else ""


@pytest.mark.clause("212/7.2", "212/8.1")
def test_what_was_passed_on_is_with_its_people_and_no_act_of_the_head_comes_next(
    client_for: Clients, desk: Outside
) -> None:
    document = desk.assigned(desk.unit())
    part = desk.parts(document)[0]
    head = client_for(HEAD)
    assert main_act(head.get(f"/incoming/{document.id}")) == "pass_on"
    desk.do(assignments.pass_on, HEAD, part.id, {"assignees": [desk.person(SPECIALIST)]})
    page = head.get(f"/incoming/{document.id}")
    assert main_act(page) == ""
    assert f'href="/assignment/{part.id}/pass_on"' in page.text
    assert main_act(client_for(SPECIALIST).get(f"/incoming/{document.id}")) == "process"


@pytest.mark.clause("212/8.2.2")
def test_while_an_answer_waits_to_go_out_that_is_the_next_act_of_who_leads(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(desk.unit())
    values = {"recipient": {"id": None, "name": "Sở Xây dựng"}}
    desk.do(settling.transfer, HEAD, document.id, values)
    page = client_for(HEAD).get(f"/incoming/{document.id}")
    assert main_act(page) == "complete"
    assert f"/assignment/{desk.parts(document)[0].id}/give_back" not in page.text  # an answer is prepared


@pytest.mark.clause("212/17.2")
def test_a_form_offers_only_the_powers_that_make_the_act_possible(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(desk.person(SPECIALIST))
    given = desk.lend(DelegationKind.ENTRY, SPECIALIST, HEAD)
    page = client_for(HEAD).get(f"/handling/{document.id}/file")
    offered = re.search(r'<select id="acting_for".*?</select>', page.text, re.DOTALL)
    assert offered
    assert re.findall(r'<option value="(\d*)"', offered[0]) == [str(given.id)]


@pytest.mark.clause("212/8.2.1")
def test_a_form_opened_too_late_says_so_instead_of_asking_for_anything(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(desk.person(SPECIALIST))
    desk.do(settling.file, SPECIALIST, document.id, {})
    leader = client_for(LEADER)
    answer = leader.get(f"/handling/{document.id}/reassign")
    assert answer.status_code == 409
    assert f'href="/incoming/{document.id}#handling"' in answer.text
    assert "<textarea" not in answer.text
    assert leader.get(f"/handling/{document.id}/reopen").status_code == 200


@pytest.mark.clause("212/17.2")
def test_a_finished_part_of_what_is_settled_is_not_offered_to_be_restored(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(desk.unit(), desk.person(SPECIALIST, AssignmentKind.COORDINATE))
    part = desk.part(document, SPECIALIST)
    desk.do(assignments.contribute, SPECIALIST, part.id, {"text": "Đồng ý"})
    leader, restore = client_for(LEADER), f"/assignment/{part.id}/restore"
    assert restore in leader.get(f"/incoming/{document.id}").text
    desk.do(settling.file, HEAD, document.id, {})
    assert restore not in leader.get(f"/incoming/{document.id}").text


@pytest.mark.clause("212/8.1")
def test_within_a_unit_no_day_is_offered_behind_its_own_deadline_and_not_the_unit_itself(
    client_for: Clients, desk: Outside
) -> None:
    document = desk.assigned(desk.unit(), due_on=(NOW + timedelta(days=5)).date())
    page = client_for(HEAD).get(f"/assignment/{desk.parts(document)[0].id}/pass_on")
    days = [int(each) for each in re.findall(r'data-days="(\d+)"', page.text)]
    assert 15 not in days
    assert 10 not in days
    assert f'name="assignees_kind_u{desk.unit_id()}"' not in page.text
    assert f'name="assignees_kind_p{desk.person_id(SPECIALIST)}"' in page.text


@pytest.mark.clause("212/8.1", "212/4.4")
def test_what_is_suspended_is_said_in_the_words_of_the_lists(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(desk.person(SPECIALIST))
    part: Assignment = desk.part(document, SPECIALIST)
    desk.do(terms.suspend, SPECIALIST, part.id, {"waiting_for": "Sở Tài chính trả lời"})
    shown = text_of(client_for(SPECIALIST).get(f"/incoming/{document.id}"))
    assert shown.count("tạm dừng, không tính hạn") >= 2
    assert not re.search(r"còn \d+ ngày làm việc", shown)


@pytest.mark.clause("212/16.2.b", "212/17.2")
def test_who_entered_a_part_for_whoever_gave_it_stands_with_it(client_for: Clients, desk: Outside) -> None:
    document = desk.presented()
    desk.lend(DelegationKind.ENTRY, LEADER, PostKind.CLERK)
    clerk = client_for(PostKind.CLERK)
    form = clerk.get(f"/handling/{document.id}/assign").text
    version = re.search(r'name="version" value="(\d+)"', form)
    power = re.search(r'<select id="acting_for".*?<option value="(\d+)"', form, re.DOTALL)
    assert version
    assert power
    rows = {f"assignees_kind_u{desk.unit_id()}": "lead"}
    sent = clerk.send(f"/handling/{document.id}/assign", version=version[1], acting_for=power[1], **rows)
    assert sent.status_code == 302
    parts = clerk.get(f"/incoming/{document.id}").text
    parts = parts[parts.index('class="parts"') : parts.index('id="facts"')]
    assert "Phan Gia Lộc" in parts
    assert "Lê Thị Hạnh" in parts


@pytest.mark.clause("212/8.1", "212/10.1.b")
def test_a_question_to_several_stands_with_each_also_when_one_has_answered(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(desk.unit())
    part = desk.parts(document)[0]
    asked = [desk.person(SPECIALIST), desk.person(PostKind.ARCHIVIST)]
    desk.do(assignments.ask, HEAD, part.id, {"assignees": asked, "question": "Số liệu năm 2026?"})
    page = f"/incoming/{document.id}"
    assert client_for(HEAD).get(page).text.count("<blockquote>Số liệu năm 2026?</blockquote>") == 2
    desk.do(assignments.contribute, SPECIALIST, desk.part(document, SPECIALIST).id, {"text": "Có"})
    assert client_for(HEAD).get(page).text.count("<blockquote>Số liệu năm 2026?</blockquote>") == 2


@pytest.mark.clause("212/16.1.h")
def test_to_look_at_what_is_new_takes_nothing_out_of_the_list_one_came_from(client_for: Clients, desk: Outside) -> None:
    documents = [desk.assigned(desk.person(SPECIALIST)) for _ in range(2)]
    first, second = (desk.part(each, SPECIALIST).id for each in documents)
    specialist = client_for(SPECIALIST)
    specialist.get("/work/?new=yes")
    page = specialist.get(f"/incoming/{documents[0].id}?work={first}")
    again = specialist.get(f"/incoming/{documents[0].id}?work={first}")
    for each in (page, again):
        assert "1 / 2" in text_of(each)
        assert f"/incoming/{documents[1].id}?work={second}" in each.text
    assert re.search(r'href="/work/[^"]*" aria-current="page"', again.text)
