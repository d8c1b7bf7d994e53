"""Screens of the own delegations, of their written authority, and of handing over the work of who leaves."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Assignment, Delegation, DocumentFile, Person, Post
from app.operations import accounts, delegation, parties
from app.queries.settling import settling_of
from app.vocabulary import LIVING, DelegationKind, PostKind
from tests.fixtures.office import PEOPLE, SYSTEM, SignedIn, actor_of, pdf, text_of
from tests.fixtures.settling import Desk, person_id, unit

Clients = Callable[[PostKind | None], SignedIn]
NAME = {kind: PEOPLE[kind][0] for kind in PostKind}


def form(**changes: Any) -> dict[str, Any]:
    """A specialist is away for a few days; the head of department stands in."""
    return {
        "kind": "substitution",
        "grantee": NAME[PostKind.HEAD_OF_DEPARTMENT],
        "authority": "Đơn nghỉ phép ngày 28/12/2026",
        "valid_from": "30/12/2026",
        "valid_to": "05/01/2027",
        "scope": "all",
        "kinds": "all",
        **changes,
    }


def given(app: Flask, **between: PostKind) -> int:
    """A delegation of entry, by the program; its id."""
    with app.app_context():
        ids = {f"{role}_id": person_id(kind) for role, kind in between.items()}
        return delegation.grant(SYSTEM, DelegationKind.ENTRY, authority="Giấy ủy quyền số 7", **ids).id


def assigned(app: Flask) -> tuple[int, int]:
    """A document that the specialist leads: ids of the person and of the assignment."""
    with app.app_context():
        document = Desk(db.session()).assigned()
        part = db.session.scalars(select(Assignment).where(Assignment.document_id == document.id)).one()
        assert part.person_id is not None
        return part.person_id, part.id


def holder(app: Flask, assignment_id: int) -> int | None:
    with app.app_context():
        return db.session.get_one(Assignment, assignment_id).person_id


# ── my delegations ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/17.2")
def test_a_unit_is_asked_for_only_where_the_grantor_has_posts_in_several(app: Flask, client_for: Clients) -> None:
    client = client_for(PostKind.SPECIALIST)
    page = client.get("/my-delegations/new").text
    assert 'name="unit_id"' not in page
    assert page.count("data-tick-all") >= 3, "each kind of record, and the kinds of document, are ticked at once"
    with app.app_context():
        known = db.session.scalars(select(Post).where(Post.person_id == person_id(PostKind.SPECIALIST))).one()
        other = db.session.scalars(select(Post).where(Post.kind == PostKind.CLERK)).first()
        assert other is not None
        assert other.unit_id != known.unit_id
        more = parties.appoint(SYSTEM, known.person_id, other.unit_id, PostKind.SPECIALIST, "Chuyên viên")
        unit_ids = {str(known.unit_id), str(more.unit_id)}
    offered = re.search(r'<select[^>]*name="unit_id".*?</select>', client.get("/my-delegations/new").text, re.DOTALL)
    assert offered
    assert set(re.findall(r'value="(\d+)"', offered[0])) == unit_ids


@pytest.mark.clause("212/7.1", "212/17.2")
def test_who_is_away_says_who_stands_in_with_the_paper_and_takes_it_back(app: Flask, client_for: Clients) -> None:
    client = client_for(PostKind.SPECIALIST)
    answer = client.send("/my-delegations/new", **form(files=(pdf("Don nghi phep"), "don-nghi-phep.pdf")))
    assert answer.status_code == 302, text_of(answer)
    page = client.get(answer.location)
    assert "don-nghi-phep.pdf" in page.text
    with app.app_context():
        row = db.session.scalars(select(Delegation)).one()
        file = db.session.scalars(select(DocumentFile).where(DocumentFile.document_id == row.paper_id)).one()
        assert (row.valid_from, row.valid_to) == (date(2026, 12, 30), date(2027, 1, 5))
        row_id, file_id = row.id, file.id
    substitute = client_for(PostKind.HEAD_OF_DEPARTMENT)
    assert NAME[PostKind.SPECIALIST] in text_of(substitute.get("/my-delegations/"))
    assert substitute.get(f"/files/{file_id}").data.startswith(b"%PDF")
    assert substitute.send(f"/my-delegations/{row_id}/revoke").status_code == 403
    assert client.send(f"/my-delegations/{row_id}/revoke").status_code == 302
    with app.app_context():
        assert db.session.get_one(Delegation, row_id).revoked_at is not None


@pytest.mark.clause("212/17.2")
def test_a_refused_form_keeps_what_was_typed_and_the_file(app: Flask, client_for: Clients) -> None:
    client = client_for(PostKind.OFFICE_LEADER)
    answer = client.send(
        "/my-delegations/new",
        **form(authority="", kinds="some", valid_to="01/12/2026", files=(pdf(), "giay-uy-quyen.pdf")),
    )
    assert answer.status_code == 422
    assert "giay-uy-quyen.pdf" in answer.text
    assert NAME[PostKind.HEAD_OF_DEPARTMENT] in answer.text
    for field in ("authority", "valid_to", "type_ids"):
        assert f'href="#{field}"' in answer.text
    with app.app_context():
        assert db.session.scalars(select(Delegation)).all() == []


@pytest.mark.clause("212/17.2")
def test_the_paper_may_follow_and_until_then_the_screens_say_that_it_lacks(app: Flask, client_for: Clients) -> None:
    row_id = given(app, grantor=PostKind.SPECIALIST, grantee=PostKind.ASSISTANT)
    client, it = client_for(PostKind.SPECIALIST), client_for(PostKind.IT_CENTRE)
    listed = f"/delegations/{row_id}"
    assert listed in it.get("/delegations/?state=without_paper").text
    assert "tag soon" in client.get("/my-delegations/").text
    assert client.send(f"/my-delegations/{row_id}/paper").status_code == 422
    sent = client.send(f"/my-delegations/{row_id}/paper", files=(pdf(), "giay-uy-quyen.pdf"))
    assert sent.status_code == 302
    assert listed not in it.get("/delegations/?state=without_paper").text
    assert "tag soon" not in client.get("/my-delegations/").text


@pytest.mark.clause("212/16.2.a", "212/17.2")
def test_the_delegations_of_others_are_not_found_and_outside_nobody_has_any(app: Flask, client_for: Clients) -> None:
    row_id = given(app, grantor=PostKind.CLERK, grantee=PostKind.ASSISTANT)
    for kind in (PostKind.SPECIALIST, PostKind.OFFICE_LEADER):
        assert client_for(kind).get(f"/my-delegations/{row_id}").status_code == 404
        assert client_for(kind).send(f"/my-delegations/{row_id}/revoke").status_code == 404
    assistant = client_for(PostKind.ASSISTANT)
    assert assistant.get(f"/my-delegations/{row_id}").status_code == 200
    assert assistant.get("/my-delegations/new").status_code == 403
    assert client_for(PostKind.OUTSIDE).get("/my-delegations/").status_code == 403


def test_only_what_the_own_role_allows_is_offered_to_be_lent(client_for: Clients) -> None:
    page = client_for(PostKind.SPECIALIST).get("/my-delegations/new").text
    assert 'value="signing"' not in page
    assert 'value="incoming.register"' not in page
    assert 'value="incoming.register"' in client_for(PostKind.ADMIN_HEAD).get("/my-delegations/new").text


# ── handing over ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/17.2", "212/7.2")
def test_the_it_centre_is_led_to_what_is_open_and_closes_once_the_head_has_handed_over(
    app: Flask, client_for: Clients
) -> None:
    leaver, part = assigned(app)
    it, head = client_for(PostKind.IT_CENTRE), client_for(PostKind.ADMIN_HEAD)
    with app.app_context():
        user_id = actor_of(PostKind.SPECIALIST).user_id
        new = person_id(PostKind.HEAD_OF_DEPARTMENT)
    refused = it.send(f"/accounts/{user_id}/disable")
    assert refused.status_code == 422
    assert f"/hand-over/{leaver}" in refused.text
    seen = it.get(f"/hand-over/{leaver}")
    assert seen.status_code == 200
    assert 'name="scope"' not in seen.text
    assert it.send(f"/hand-over/{leaver}", to=NAME[PostKind.HEAD_OF_DEPARTMENT], reason="x").status_code == 403
    assert f'value="{part}"' in head.get(f"/hand-over/{leaver}").text
    sent = head.send(f"/hand-over/{leaver}", to=NAME[PostKind.HEAD_OF_DEPARTMENT], reason="Nghỉ hưu", scope="all")
    assert sent.status_code == 302, text_of(sent)
    assert holder(app, part) == new
    assert it.send(f"/accounts/{user_id}/disable").status_code == 302


@pytest.mark.clause("212/7.2")
def test_only_what_is_ticked_goes_over(app: Flask, client_for: Clients) -> None:
    leaver, part = assigned(app)
    _, other = assigned(app)
    head = client_for(PostKind.OFFICE_LEADER)
    to = NAME[PostKind.HEAD_OF_DEPARTMENT]
    nothing = head.send(f"/hand-over/{leaver}", to=to, reason="Điều động", scope="some")
    assert nothing.status_code == 422
    sent = head.send(f"/hand-over/{leaver}", to=to, reason="Điều động", scope="some", assignment=str(part))
    assert sent.status_code == 302
    assert holder(app, part) != leaver
    assert holder(app, other) == leaver


@pytest.mark.clause("212/7.2")
def test_a_part_says_from_whom_it_was_handed_over_and_the_story_why_once(app: Flask, client_for: Clients) -> None:
    leaver, part = assigned(app)
    head = client_for(PostKind.ADMIN_HEAD)
    sent = head.send(f"/hand-over/{leaver}", to=NAME[PostKind.HEAD_OF_DEPARTMENT], reason="Nghỉ hưu từ quý này")
    assert sent.status_code == 302
    with app.app_context():
        document = db.session.get_one(Assignment, part).document
        before = db.session.get_one(Person, leaver).full_name
        assert [each.handed_over_by for each in settling_of(db.session(), document).parts] == [before]
        page = head.get(f"/incoming/{document.id}")
    assert text_of(page).count("Nghỉ hưu từ quý này") == 1
    assert text_of(head.get(f"/hand-over/{leaver}")).count("Nghỉ hưu từ quý này") == 1


def test_a_hand_over_without_reason_or_person_comes_back_with_what_was_typed(app: Flask, client_for: Clients) -> None:
    leaver, part = assigned(app)
    head = client_for(PostKind.ADMIN_HEAD)
    answer = head.send(f"/hand-over/{leaver}", to="Người Không Có", reason="", scope="some", assignment=str(part))
    assert answer.status_code == 422
    assert "Người Không Có" in answer.text
    assert f'value="{part}" id="assignment-{part}" checked' in answer.text
    assert 'href="#to"' in answer.text
    assert 'href="#reason"' in answer.text


@pytest.mark.clause("212/16.2.a")
def test_an_office_leader_lets_somebody_go_and_the_rest_is_listed(app: Flask, client_for: Clients) -> None:
    leaver, part = assigned(app)
    head = client_for(PostKind.OFFICE_LEADER)
    refused = client_for(PostKind.ADMIN_HEAD)
    assert refused.send(f"/hand-over/{leaver}/let-go", reason="Ốm nặng").status_code == 403
    assert "let-go" not in refused.get(f"/hand-over/{leaver}").text
    assert head.send(f"/hand-over/{leaver}/let-go", reason="").status_code == 422
    assert head.send(f"/hand-over/{leaver}/let-go", reason="Ốm nặng").status_code == 302
    with app.app_context():
        assert not db.session.get_one(Person, leaver).user.active  # type: ignore[union-attr]
        assert db.session.get_one(Assignment, part).state in LIVING
        user_id = db.session.get_one(Person, leaver).user_id
    listed = head.get("/hand-over/")
    assert f"/hand-over/{leaver}" in listed.text
    page = client_for(PostKind.IT_CENTRE).get(f"/accounts/{user_id}").text
    assert re.search("cho người này nghỉ|let this person go although", page), "who enables it again is warned"


@pytest.mark.clause("212/16.2.a")
@pytest.mark.parametrize(
    "kind", [PostKind.CLERK, PostKind.SPECIALIST, PostKind.HEAD_OF_DEPARTMENT, PostKind.MANAGER, PostKind.OUTSIDE]
)
def test_nobody_else_sees_or_hands_over_the_work_of_a_leaver(app: Flask, client_for: Clients, kind: PostKind) -> None:
    leaver, part = assigned(app)
    client = client_for(kind)
    assert client.get("/hand-over/").status_code == 403
    assert client.get(f"/hand-over/{leaver}").status_code == 403
    assert client.send(f"/hand-over/{leaver}", to=NAME[PostKind.CLERK], reason="x").status_code == 403
    assert client.send(f"/hand-over/{leaver}/let-go", reason="x").status_code == 403
    assert holder(app, part) == leaver


@pytest.mark.clause("212/7.2", "212/16.2.a")
def test_a_unit_that_nobody_heads_any_more_stands_on_the_page_and_its_work_goes_to_somebody(
    app: Flask, client_for: Clients
) -> None:
    with app.app_context():
        whole = Desk(db.session()).parts(Desk(db.session()).assigned(unit()))[0]
        part, unit_id = whole.id, whole.unit_id
        specialist = person_id(PostKind.SPECIALIST)
    head = client_for(PostKind.ADMIN_HEAD)
    address = f"/hand-over/units/{unit_id}"
    assert address not in head.get("/hand-over/").text
    with app.app_context():
        accounts.disable(actor_of(PostKind.IT_CENTRE), actor_of(PostKind.HEAD_OF_DEPARTMENT).user_id)
    assert address in head.get("/hand-over/").text
    assert client_for(PostKind.IT_CENTRE).get(address).status_code == 403
    assert head.get("/hand-over/units/999999").status_code == 404
    nobody = head.send(address, to="Người Không Có", reason="")
    assert nobody.status_code == 422
    assert "Người Không Có" in nobody.text
    sent = head.send(address, to=NAME[PostKind.SPECIALIST], reason="Trưởng phòng nghỉ hưu")
    assert sent.status_code == 302, text_of(sent)
    assert holder(app, part) == specialist
    assert address not in head.get("/hand-over/").text
