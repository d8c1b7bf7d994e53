"""Settling through the REST door: lists of what is to be done, the tree of one document, moves as routes."""

from collections.abc import Callable

import pytest

from app.vocabulary import AssignmentKind, PostKind
from tests.fixtures.office import SignedIn
from tests.fixtures.outside import Outside
from tests.fixtures.settling import DUE

Clients = Callable[[PostKind | None], SignedIn]


def post(client: SignedIn, address: str, **body: object) -> object:
    return client.post(f"/api/v1/{address}", json=body, headers={"X-CSRFToken": client.token()})


@pytest.mark.clause("212/7.2")
def test_a_program_assigns_and_reads_the_tree(client_for: Clients, outside: Outside) -> None:
    document = outside.presented()
    leader = client_for(PostKind.OFFICE_LEADER)
    rows = [
        {"unit_id": outside.unit_id(), "kind": "lead"},
        {"person_id": outside.person_id(PostKind.ARCHIVIST), "kind": "inform"},
    ]
    body = {"assignees": rows, "directions": "Tham mưu", "version": document.version}
    answer = post(leader, f"handling/{document.id}/assign", **body)
    assert answer.status_code == 200, answer.text
    result = leader.get(f"/api/v1/handling/{document.id}").json
    assert result["result"]["handling"] == "assigned"
    assert result["result"]["due_on"] == DUE.isoformat()
    assert {each["kind"] for each in result["result"]["assignments"]} == {"lead", "inform"}
    assert "reassign" in result["moves"]
    again = post(leader, f"handling/{document.id}/assign", **body)
    assert again.status_code == 409


def test_lists_show_what_is_to_be_done_and_whose(client_for: Clients, outside: Outside) -> None:
    presented = outside.presented()
    document = outside.assigned(
        outside.person(PostKind.SPECIALIST), outside.person(PostKind.ARCHIVIST, AssignmentKind.COORDINATE)
    )
    leader = client_for(PostKind.OFFICE_LEADER)
    waiting = leader.get("/api/v1/handling/?handling=presented&presented_to_id=me").json
    assert [each["id"] for each in waiting["result"]] == [presented.id]
    mine = client_for(PostKind.SPECIALIST).get("/api/v1/assignment/").json
    assert [(each["document_id"], each["kind"]) for each in mine["result"]] == [(document.id, "lead")]
    given = leader.get("/api/v1/assignment/?scope=given").json
    assert given["count"] == 2
    short = leader.get("/api/v1/assignment/?scope=given&page_size=1").json
    assert (len(short["result"]), bool(short["next"])) == (1, True)
    outside.presented()
    short = leader.get("/api/v1/handling/?handling=presented&page_size=1").json
    assert (len(short["result"]), bool(short["next"])) == (1, True)


def test_of_an_assignment_one_learns_what_may_be_done_with_it(client_for: Clients, outside: Outside) -> None:
    document = outside.assigned()
    part = outside.part(document, PostKind.SPECIALIST)
    client = client_for(PostKind.SPECIALIST)
    found = client.get(f"/api/v1/assignment/{part.id}").json
    assert "ask_extension" in found["moves"]
    assert found["result"]["standing"] == "in_time"
    refused = post(client, f"assignment/{part.id}/ask_extension", version=found["result"]["version"])
    assert refused.status_code == 422
    assert {each["field"] for each in refused.json["obstacles"]} == {"due_on", "reason"}
