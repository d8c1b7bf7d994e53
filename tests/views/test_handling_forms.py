"""The forms of settling, as the server answers them: the dialog keeps what was typed, one goes on to the next piece of
work, several documents are acted on at once, each with its own result."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import gettext
from sqlalchemy import event, func, select

from app.extensions import db
from app.models import Assignment, AssignmentReading, Document, Event
from app.operations import assignments, handling, terms
from app.operations.unit_of_work import unit_of_work
from app.rules.handling import LIFECYCLE
from app.views import incoming_page
from app.vocabulary import AssignmentKind, DelegationKind, HandlingState, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import SignedIn, pdf, text_of
from tests.fixtures.outside import Outside
from tests.fixtures.settling import DUE

Clients = Callable[[PostKind | None], SignedIn]


@pytest.fixture
def desk(outside: Outside) -> Outside:
    return outside


@pytest.fixture
def leader(client_for: Clients, desk: Outside) -> SignedIn:
    return client_for(PostKind.OFFICE_LEADER)


def version_on(page: Any) -> str:
    """The version that a form carries."""
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found
    return found[1]


def send(client: SignedIn, address: str, **form: Any) -> Any:
    """Open a form and send it as it was opened, with these values."""
    return client.send(address, version=version_on(client.get(address)), **form)


def checked(page: Any, value: str) -> str:
    """Which part of the dialog's row is chosen."""
    found = re.search(rf'name="assignees_kind_{value}" value="(\w+)" checked', page.text)
    return found[1] if found else ""


# ── the dialog ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/7.2", "212/S.2")
def test_a_leader_assigns_in_one_dialog(leader: SignedIn, desk: Outside) -> None:
    document = desk.presented()
    address = f"/handling/{document.id}/assign"
    page = leader.get(address)
    assert page.status_code == 200
    assert document.subject in page.text
    assert 'name="due_on" value="11/01/2027"' in page.text  # seven working days, by rule
    assert "01/01" in text_of(page)  # the day off that was passed over
    rows = {
        f"assignees_kind_u{desk.unit_id()}": "lead",
        f"assignees_kind_p{desk.person_id(PostKind.ARCHIVIST)}": "coordinate",
        f"assignees_due_p{desk.person_id(PostKind.ARCHIVIST)}": "7/1",
    }
    answer = leader.send(address, version=version_on(page), directions="Tham mưu trả lời", due_on="", **rows)
    assert answer.status_code == 302
    assert answer.location.endswith(f"/incoming/{document.id}#handling")
    held = {each.kind: each for each in desk.parts(document)}
    assert held["lead"].unit_id == desk.unit_id()
    assert held["lead"].due_on == DUE
    assert held["coordinate"].person_id == desk.person_id(PostKind.ARCHIVIST)
    assert held["coordinate"].due_on == DUE - timedelta(days=4)
    assert "Phòng Kinh tế" in text_of(leader.get(f"/incoming/{document.id}"))


@pytest.mark.clause("212/7.2", "212/8.1")
def test_a_unit_that_is_chosen_or_has_no_head_stays_as_the_heading_of_its_people(
    leader: SignedIn, desk: Outside
) -> None:
    """Else its people seem to belong to the unit before; and nobody would act for a unit without a head."""
    page = leader.get(f"/handling/{desk.assigned().id}/reassign")
    offered = page.text[page.text.index("data-offered") :]
    headed, headless = desk.unit_id(), desk.unit_id("Văn phòng")
    assert f'data-who="u{headless}"' not in page.text
    assert f'data-heading="u{headless}"' in offered
    assert f'data-who="u{headed}"' in page.text
    assert (f'data-heading="u{headed}"' in offered) is (f'data-who="u{headed}"' not in offered)


@pytest.mark.clause("212/7.2")
def test_changing_who_has_it_begins_with_the_directions_that_were_given(leader: SignedIn, desk: Outside) -> None:
    document = desk.assigned()
    told = {"assignees": [desk.unit()], "due_on": DUE, "reason": "Nói rõ thêm", "directions": "Trả lời trước giờ họp"}
    desk.do(handling.reassign, PostKind.OFFICE_LEADER, document.id, told)
    assert "Trả lời trước giờ họp</textarea>" in leader.get(f"/handling/{document.id}/reassign").text


@pytest.mark.clause("212/7.1", "212/16.1.i")
def test_the_note_to_the_leader_and_the_reason_of_giving_back_stand_where_the_next_one_reads_them(
    leader: SignedIn, client_for: Clients, desk: Outside
) -> None:
    document = desk.presented()
    again = {"to_id": desk.person_id(PostKind.OFFICE_LEADER), "note": "Đề nghị xem trước 10 giờ"}
    desk.do(handling.present, PostKind.CLERK, document.id, again)
    assert again["note"] in text_of(leader.get(f"/incoming/{document.id}"))
    assert again["note"] in text_of(leader.get(f"/handling/{document.id}/assign"))
    desk.do(handling.decline, PostKind.OFFICE_LEADER, document.id, {"reason": "Thuộc khối nội chính"})
    page = text_of(client_for(PostKind.CLERK).get(f"/incoming/{document.id}"))
    settling = page[page.index("Chờ trình") :]
    assert "Thuộc khối nội chính" in settling[:600]


@pytest.mark.clause("212/7.2")
def test_who_assigns_second_reads_who_gave_it_to_whom_until_when_and_cannot_send_it_again(
    leader: SignedIn, desk: Outside
) -> None:
    document = desk.presented()
    address = f"/handling/{document.id}/assign"
    seen = version_on(leader.get(address))
    given = {"assignees": [desk.unit()], "due_on": DUE}
    desk.do(handling.assign, PostKind.OFFICE_LEADER, document.id, given)
    rows = {f"assignees_kind_p{desk.person_id(PostKind.ARCHIVIST)}": "lead"}
    answer = leader.send(address, version=seen, directions="Lưu trữ xem", **rows)
    assert answer.status_code == 409
    assert f"Phòng Kinh tế chủ trì, hạn {DUE:%d/%m/%Y}" in text_of(answer)
    assert "Lưu trữ xem</textarea>" in answer.text
    acts = answer.text[answer.text.index('class="form-acts"') :]
    assert "data-main" not in acts
    assert f'class="btn main" href="/incoming/{document.id}#handling"' in acts


@pytest.mark.clause("212/8.1", "212/16.1.i")
@pytest.mark.parametrize("verb", ["grant_extension", "refuse_extension"])
def test_who_decides_on_an_extension_reads_who_asked_why_and_from_which_day(
    leader: SignedIn, desk: Outside, verb: str
) -> None:
    document = desk.assigned(desk.person(PostKind.SPECIALIST))
    part = desk.part(document, PostKind.SPECIALIST)
    asked = {"due_on": DUE + timedelta(days=3), "reason": "Chờ số liệu của sở"}
    desk.do(terms.ask_extension, PostKind.SPECIALIST, part.id, asked)
    page = text_of(leader.get(f"/assignment/{part.id}/{verb}"))
    assert "Chờ số liệu của sở" in page
    assert f"{DUE:%d/%m/%Y}" in page
    assert f"{DUE + timedelta(days=3):%d/%m/%Y}" in page


@pytest.mark.clause("212/7.2", "212/16.2.b")
def test_the_paper_with_the_leaders_handwriting_stands_with_the_assignment_and_among_the_files(
    leader: SignedIn, desk: Outside
) -> None:
    document = desk.presented()
    rows = {f"assignees_kind_u{desk.unit_id()}": "lead"}
    scan = [(pdf("bút phê"), "but-phe.pdf")]
    assert send(leader, f"/handling/{document.id}/assign", files=scan, **rows).status_code == 302
    page = leader.get(f"/incoming/{document.id}").text
    files = page[page.index('id="files"') :]
    assert "but-phe.pdf" in files[: files.index('id="related"')]
    settling = page[page.index('class="handwriting"') :]
    link = re.search(r'href="([^"]+)"', settling[: settling.index("</p>")])
    assert link is not None
    assert leader.get(html.unescape(link[1])).status_code == 200


def test_a_refusal_keeps_every_row_and_every_word(leader: SignedIn, desk: Outside) -> None:
    document = desk.presented()
    rows = {
        f"assignees_kind_u{desk.unit_id()}": "coordinate",
        f"assignees_kind_p{desk.person_id(PostKind.ARCHIVIST)}": "inform",
        f"assignees_due_p{desk.person_id(PostKind.ARCHIVIST)}": "32/13",
    }
    answer = send(leader, f"/handling/{document.id}/assign", directions="Nghiên cứu kỹ", due_on="ngày nào đó", **rows)
    assert answer.status_code == 422
    assert checked(answer, f"u{desk.unit_id()}") == "coordinate"
    assert checked(answer, f"p{desk.person_id(PostKind.ARCHIVIST)}") == "inform"
    assert 'value="32/13"' in answer.text
    assert 'value="ngày nào đó"' in answer.text
    assert "Nghiên cứu kỹ</textarea>" in answer.text
    assert desk.parts(document) == []


@pytest.mark.clause("212/7.2")
def test_without_a_lead_or_with_two_nothing_is_assigned_and_the_reason_stands_with_the_rows(
    leader: SignedIn, desk: Outside
) -> None:
    document = desk.presented()
    address = f"/handling/{document.id}/assign"
    one, other = f"assignees_kind_u{desk.unit_id()}", f"assignees_kind_p{desk.person_id(PostKind.ARCHIVIST)}"
    for rows in ({one: "coordinate"}, {one: "lead", other: "lead"}, {}):
        answer = send(leader, address, directions="Tham mưu", **rows)
        assert answer.status_code == 422
        assert 'id="assignees-error"' in answer.text
        assert "Tham mưu</textarea>" in answer.text


def test_of_two_leaders_one_wins_and_the_other_keeps_what_was_typed(leader: SignedIn, desk: Outside) -> None:
    document = desk.assigned()
    address = f"/handling/{document.id}/reassign"
    seen = version_on(leader.get(address))
    again = {"assignees": [desk.unit()], "due_on": DUE, "reason": "Đúng lĩnh vực hơn"}
    desk.do(handling.reassign, PostKind.OFFICE_LEADER, document.id, again)
    rows = {f"assignees_kind_p{desk.person_id(PostKind.ARCHIVIST)}": "lead"}
    answer = leader.send(address, version=seen, reason="Chuyển lưu trữ", **rows)
    assert answer.status_code == 409
    assert checked(answer, f"p{desk.person_id(PostKind.ARCHIVIST)}") == "lead"
    assert "Chuyển lưu trữ</textarea>" in answer.text
    changed = answer.text[answer.text.index("what-changed") :]
    assert "Phan Gia Lộc" in changed
    assert "Trần Minh Khôi" in changed[: changed.index("</section>")]  # who led before
    assert leader.send(address, version=version_on(answer), reason="Chuyển lưu trữ", **rows).status_code == 302


@pytest.mark.clause("212/7.2")
def test_assigning_again_after_the_lead_was_given_back_begins_with_who_still_has_a_part(
    leader: SignedIn, desk: Outside
) -> None:
    """Else those who co-ordinate would lose it, though nobody meant that."""
    helps = desk.person(PostKind.ARCHIVIST, AssignmentKind.COORDINATE, DUE - timedelta(3))
    document = desk.assigned(desk.person(PostKind.SPECIALIST), helps)
    given_back = desk.part(document, PostKind.SPECIALIST)
    desk.do(assignments.give_back, PostKind.SPECIALIST, given_back.id, {"reason": "Không thuộc phòng"})
    page = leader.get(f"/handling/{document.id}/assign")
    assert checked(page, f"p{helps['person_id']}") == "coordinate"
    assert (DUE - timedelta(3)).strftime("%d/%m/%Y") in page.text

    def pass_by() -> None:
        with unit_of_work():
            part = next(each for each in db.session.scalars(select(Assignment)) if each.kind == "coordinate")
            part.due_on = NOW.date() - timedelta(days=1)

    desk.within(pass_by)
    page = leader.get(f"/handling/{document.id}/assign")
    rows = {f"assignees_kind_u{desk.unit_id()}": "lead", f"assignees_kind_p{helps['person_id']}": "coordinate"}
    due = re.search(rf'name="assignees_due_p{helps["person_id"]}"[^>]*value="([^"]*)"', page.text)
    assert due is not None
    assert due[1] == ""
    answer = send(leader, f"/handling/{document.id}/assign", due_on=DUE.strftime("%d/%m/%Y"), **rows)
    assert answer.status_code == 302
    assert {part.kind for part in desk.parts(document)} == {"lead", "coordinate"}


def test_changing_an_assignment_begins_with_who_has_it(leader: SignedIn, desk: Outside) -> None:
    rows = [
        desk.person(PostKind.SPECIALIST),
        desk.person(PostKind.ARCHIVIST, AssignmentKind.COORDINATE, DUE - timedelta(3)),
    ]
    document = desk.assigned(*rows)
    page = leader.get(f"/handling/{document.id}/reassign")
    assert checked(page, f"p{desk.person_id(PostKind.SPECIALIST)}") == "lead"
    assert checked(page, f"p{desk.person_id(PostKind.ARCHIVIST)}") == "coordinate"
    assert 'value="08/01/2027"' in page.text
    chosen = page.text[page.text.index("data-chosen") : page.text.index("data-offered")]
    assert chosen.count("data-who=") == 2


@pytest.mark.clause("212/7.2")
def test_a_head_is_offered_the_own_people_alone(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(desk.unit())
    part = desk.parts(document)[0]
    page = client_for(PostKind.HEAD_OF_DEPARTMENT).get(f"/assignment/{part.id}/pass_on")
    assert f'data-who="p{desk.person_id(PostKind.SPECIALIST)}"' in page.text
    assert f'data-who="p{desk.person_id(PostKind.ARCHIVIST)}"' not in page.text
    rows = {f"assignees_kind_p{desk.person_id(PostKind.SPECIALIST)}": "lead"}
    answer = send(client_for(PostKind.HEAD_OF_DEPARTMENT), f"/assignment/{part.id}/pass_on", **rows)
    assert answer.status_code == 302
    below = desk.part(document, PostKind.SPECIALIST)
    assert (below.parent_id, below.kind) == (part.id, "lead")


def test_asking_for_an_opinion_has_no_parts_to_choose(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned()
    part = desk.part(document, PostKind.SPECIALIST)
    client = client_for(PostKind.SPECIALIST)
    address = f"/assignment/{part.id}/ask"
    page = client.get(address)
    assert 'value="lead"' not in page.text
    rows = {f"assignees_kind_p{desk.person_id(PostKind.ARCHIVIST)}": "coordinate"}
    assert send(client, address, question="Có hồ sơ gốc không?", **rows).status_code == 302
    asked = desk.part(document, PostKind.ARCHIVIST)
    assert (asked.kind, asked.directions) == ("coordinate", "Có hồ sơ gốc không?")


@pytest.mark.clause("212/17.2")
def test_who_is_away_is_shown_with_who_stands_in(leader: SignedIn, desk: Outside) -> None:
    until = NOW.date() + timedelta(days=5)
    desk.lend(DelegationKind.SUBSTITUTION, PostKind.SPECIALIST, PostKind.ARCHIVIST, valid_to=until)
    away = desk.person_id(PostKind.SPECIALIST)
    page = leader.get(f"/handling/{desk.presented().id}/assign")
    row = page.text[page.text.index(f'data-who="p{away}"') :]
    assert "Bùi Văn Sơn" in row[: row.index("</li>")]


@pytest.mark.clause("212/7.1", "212/17.2")
def test_a_clerk_enters_it_for_the_leader_with_the_leaders_handwriting(client_for: Clients, desk: Outside) -> None:
    document = desk.presented()
    grantor = desk.person_id(PostKind.OFFICE_LEADER)
    given = desk.lend(DelegationKind.ENTRY, PostKind.OFFICE_LEADER, PostKind.CLERK)
    clerk = client_for(PostKind.CLERK)
    address = f"/handling/{document.id}/assign"
    page = clerk.get(address)
    assert f'<option value="{given.id}"' in page.text
    rows = {f"assignees_kind_u{desk.unit_id()}": "lead"}
    answer = clerk.send(
        address,
        version=version_on(page),
        acting_for=str(given.id),
        files=[(pdf("bút phê"), "bút phê.pdf")],
        **rows,
    )
    assert answer.status_code == 302
    assert desk.parts(document)[0].assigned_by_id == grantor
    query = select(Event).where(Event.tag == "handling.assign")
    told = desk.within(lambda: db.session.scalars(query).one())
    assert (told.actor_name, told.on_behalf_of_name) == ("Lê Thị Hạnh", "Phan Gia Lộc")
    assert "Bút phê" in text_of(clerk.get(f"/incoming/{document.id}"))


def test_directions_given_often_are_offered(leader: SignedIn, desk: Outside) -> None:
    for words in ("Tham mưu trước thứ Sáu", "Dự họp", "Tham mưu trước thứ Sáu"):
        desk.assigned(directions=words)
    page = leader.get(f"/handling/{desk.presented().id}/assign")
    offered = re.findall(r'<button type="button" class="chip" value="([^"]+)"', page.text)
    assert offered[:2] == ["Tham mưu trước thứ Sáu", "Dự họp"]


@pytest.mark.clause("212/4.4")
def test_a_day_says_what_it_comes_to_and_which_days_off_were_passed_over(leader: SignedIn) -> None:
    days = leader.get("/handling/deadline?days=5").json
    assert days["due"] == "07/01/2027"
    assert any("01/01" in why for why in days["why"])
    assert not any(why.count("01/01") > 1 for why in days["why"])
    typed = leader.get("/handling/deadline?on=1/1").json
    assert typed["due"] == "01/01/2027"
    assert "01/01" in typed["why"][0]
    assert leader.get("/handling/deadline?on=thứ tám").status_code == 422
    assert leader.get("/handling/deadline?days=0").status_code == 422


def test_what_is_not_ones_own_is_refused_and_says_so(client_for: Clients, desk: Outside) -> None:
    document = desk.presented()
    answer = client_for(PostKind.SPECIALIST).get(f"/handling/{document.id}/assign")
    assert answer.status_code == 403
    assert client_for(None).get(f"/handling/{document.id}/assign").status_code == 302
    assert client_for(PostKind.OFFICE_LEADER).get("/handling/9999999/assign").status_code == 404


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def bar(page: Any) -> str:
    """The bar of acts of a document's page."""
    start = page.text.index('class="acts sticky"')
    return str(page.text[start : page.text.index('role="tablist"', start)])


def test_the_page_offers_one_next_act_and_no_act_twice(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(desk.unit(), desk.person(PostKind.ARCHIVIST, AssignmentKind.COORDINATE))
    nexts = {
        PostKind.HEAD_OF_DEPARTMENT: "pass_on",
        PostKind.ARCHIVIST: "contribute",
        PostKind.OFFICE_LEADER: "",
    }
    for kind, verb in nexts.items():
        acts = bar(client_for(kind).get(f"/incoming/{document.id}"))
        assert re.findall(r'btn main" href="/\w+/\d+/(\w+)', acts) == ([verb] if verb else [])
        verbs = re.findall(r'href="(/(?:handling|assignment)/\d+/\w+)', acts)
        names = [each.rsplit("/", 1)[1] for each in verbs]
        assert len(names) == len(set(names))
        assert verbs


@pytest.mark.clause("212/8.1", "212/16.1.h")
def test_the_page_says_who_has_what_until_when_and_what_is_asked(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned(directions="Tham mưu trả lời Sở Tài chính")
    part = desk.part(document, PostKind.SPECIALIST)
    later = {"due_on": DUE + timedelta(days=7), "reason": "Chờ số liệu"}
    desk.do(terms.ask_extension, PostKind.SPECIALIST, part.id, later)
    page = client_for(PostKind.OFFICE_LEADER).get(f"/incoming/{document.id}")
    said = text_of(page)
    for words in ("Trần Minh Khôi", "Tham mưu trả lời Sở Tài chính", "11/01/2027", "18/01/2027", "Chờ số liệu"):
        assert words in said
    assert re.findall(r'btn main" href="(/assignment/\d+/\w+)', bar(page)) == [f"/assignment/{part.id}/grant_extension"]
    assert f"/assignment/{part.id}/refuse_extension" in page.text


def test_the_first_opening_by_its_holder_is_on_record_once(client_for: Clients, desk: Outside) -> None:
    document = desk.assigned()
    part = desk.part(document, PostKind.SPECIALIST)
    readings = select(func.count()).select_from(AssignmentReading).where(AssignmentReading.assignment_id == part.id)
    client_for(PostKind.OFFICE_LEADER).get(f"/incoming/{document.id}")
    assert desk.within(lambda: db.session.scalar(readings)) == 0
    for _ in range(2):
        client_for(PostKind.SPECIALIST).get(f"/incoming/{document.id}")
    assert desk.within(lambda: db.session.scalar(readings)) == 1


@pytest.mark.clause("212/16.1.m")
def test_the_sender_sees_how_far_it_is_and_not_who_has_it(client_for: Clients, desk: Outside) -> None:
    registered = desk.registered(issuer={"id": None, "name": "Sở Xây dựng"}, number_notation="88/SXD-QLN")
    document = desk.presented(registered)
    rows = {"assignees": [desk.person(PostKind.SPECIALIST)], "directions": "Nội bộ"}
    desk.do(handling.assign, PostKind.OFFICE_LEADER, document.id, rows)
    said = text_of(client_for(PostKind.OUTSIDE).get(f"/incoming/{document.id}"))
    assert "Trần Minh Khôi" not in said
    assert "Nội bộ" not in said
    assert desk.within(lambda: gettext(LIFECYCLE.states[HandlingState.ASSIGNED])) in said


@pytest.mark.clause("212/16.1.i")
def test_after_an_act_the_next_piece_of_work_opens_until_the_list_is_done(client_for: Clients, desk: Outside) -> None:
    rows = [desk.person(PostKind.ARCHIVIST), desk.person(PostKind.SPECIALIST, AssignmentKind.INFORM)]
    documents = [desk.assigned(*rows) for _ in range(2)]
    one, other = (desk.part(each, PostKind.SPECIALIST) for each in documents)
    client = client_for(PostKind.SPECIALIST)
    client.get("/work/")
    page = client.get(f"/incoming/{documents[0].id}?work={one.id}")
    assert "1 / 2" in text_of(page)
    address = f"/assignment/{one.id}/acknowledge?work={one.id}"
    assert f'href="{address}"' in page.text
    form = client.get(address)
    onward = re.search(r'name="next_url" value="([^"]+)"', form.text)
    assert onward
    answer = client.send(address, version=version_on(form), then="next", work=str(one.id), next_url=onward[1])
    assert answer.location == f"/incoming/{documents[1].id}?work={other.id}"
    last = f"/assignment/{other.id}/acknowledge?work={other.id}"
    form = client.get(last)
    stayed = client.send(last, version=version_on(form), then="", work=str(other.id), next_url="https://evil.example/")
    assert stayed.location == f"/incoming/{documents[1].id}?work={other.id}#handling"
    assert 'name="next_url" value="/work/"' in form.text


# ── several at once ──────────────────────────────────────────────────────────────────────────────────────────────────


def bulk_form(page: Any) -> dict[str, Any]:
    """What the form for several records carries."""
    found: dict[str, Any] = dict(re.findall(r'name="(version_\d+)" value="(\d+)"', page.text))
    found["id"] = re.findall(r'name="id" value="(\d+)"', page.text)
    (found["submission_key"],) = re.findall(r'name="submission_key" value="([^"]+)"', page.text)
    return found


@pytest.mark.clause("212/7.1")
def test_several_documents_are_presented_with_one_form_and_each_has_its_result(
    client_for: Clients, desk: Outside
) -> None:
    clerk = client_for(PostKind.CLERK)
    one, other, done = desk.registered(), desk.registered(), desk.assigned()
    page = clerk.get(f"/handling/bulk/present?id={one.id}&id={other.id}&id={done.id}&back=/incoming/")
    form = bulk_form(page)
    assert form["id"] == [str(one.id), str(other.id), str(done.id)]
    answer = clerk.send(
        "/handling/bulk/present", back="/incoming/", to_id=str(desk.person_id(PostKind.OFFICE_LEADER)), **form
    )
    assert answer.status_code == 200
    assert answer.text.count('class="done"') == 2
    assert answer.text.count('class="not-done"') == 1
    assert f'href="/incoming/{done.id}' in answer.text[answer.text.index('class="not-done"') :].split("</li>")[0]
    assert 'href="/incoming/"' in answer.text
    states = {each: desk.get(Document, each).handling for each in (one.id, other.id)}
    assert set(states.values()) == {HandlingState.PRESENTED}


def test_a_form_for_several_that_is_sent_twice_does_nothing_twice(client_for: Clients, desk: Outside) -> None:
    leader = client_for(PostKind.OFFICE_LEADER)
    parts = [desk.part(desk.assigned(), PostKind.SPECIALIST) for _ in range(2)]
    address = "/assignment/bulk/chase?" + "&".join(f"id={each.id}" for each in parts)
    form = bulk_form(leader.get(address))
    first = leader.send("/assignment/bulk/chase", message="Báo cáo tiến độ", **form)
    assert first.text.count('class="done"') == 2
    assert leader.send("/assignment/bulk/chase", message="Báo cáo tiến độ", **form).status_code == 302
    form["submission_key"] = "00000000-0000-4000-8000-000000000000"  # at the same moment: the session knows nothing yet
    again = leader.send("/assignment/bulk/chase", message="Báo cáo tiến độ", **form)
    assert again.text.count('class="not-done"') == 2
    counts = [desk.get(Assignment, each.id).chase_count for each in parts]
    assert counts == [1, 1]


def test_what_is_wrong_with_the_form_itself_brings_it_back_with_everything_typed(
    leader: SignedIn, desk: Outside
) -> None:
    documents = [desk.presented(), desk.presented()]
    address = "/handling/bulk/assign?" + "&".join(f"id={each.id}" for each in documents)
    form = bulk_form(leader.get(address))
    rows = {f"assignees_kind_u{desk.unit_id()}": "coordinate"}
    answer = leader.send("/handling/bulk/assign", directions="Tham mưu", **rows, **form)
    assert answer.status_code == 422
    assert checked(answer, f"u{desk.unit_id()}") == "coordinate"
    assert "Tham mưu</textarea>" in answer.text
    rows = {f"assignees_kind_u{desk.unit_id()}": "lead"}
    answer = leader.send("/handling/bulk/assign", directions="Tham mưu", **rows, **bulk_form(answer))
    assert answer.text.count('class="done"') == 2
    assert text_of(answer).count(f"{DUE:%d/%m/%Y}") == 2  # which day each got


def test_a_way_back_leads_nowhere_but_into_the_program(client_for: Clients, desk: Outside) -> None:
    clerk = client_for(PostKind.CLERK)
    document = desk.registered()
    for back in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        page = clerk.get("/handling/bulk/present", query_string={"id": document.id, "back": back})
        assert "evil.example" not in page.text
        assert "javascript:" not in page.text
    assert clerk.get("/handling/bulk/reassign?id=1").status_code == 404
    assert clerk.get("/handling/bulk/present").status_code == 302


# ── cost ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def statements_of(app: Flask, work: Callable[[], Any]) -> list[str]:
    """The statements that a request makes."""
    found: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            found.append(statement)

    with app.app_context():
        engine = db.session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert work().status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return found


@pytest.mark.parametrize("kind", [PostKind.SPECIALIST, PostKind.OFFICE_LEADER, PostKind.CLERK], ids=str)
def test_the_settling_of_a_document_costs_its_page_few_statements(
    app: Flask, client_for: Clients, desk: Outside, monkeypatch: pytest.MonkeyPatch, kind: PostKind
) -> None:
    document = desk.assigned(desk.unit(), desk.person(PostKind.SPECIALIST, AssignmentKind.COORDINATE))
    client, address = client_for(kind), f"/incoming/{document.id}"
    client.get(address)  # the first opening is put on record
    with_it = statements_of(app, lambda: client.get(address))
    monkeypatch.setattr(incoming_page, "settling_page", lambda *_: None)
    without = statements_of(app, lambda: client.get(address))
    more = [each for each in with_it if each not in without]
    assert len(with_it) - len(without) <= 5, "\n".join(" ".join(each.split())[:150] for each in more)
