"""A delegation for certain kinds of document covers those and no other, whatever its giver may do."""

from dataclasses import replace

import pytest

from app.actor import Actor, Principal
from app.rules.incoming import CANCEL_NUMBER, REGISTER
from app.rules.lifecycle import Move, Relation, Subject, obstacles
from app.vocabulary import Power

CLERK = frozenset({Relation.REGISTRY_CLERK})
GRANTOR = Principal(7, "Lê Thị Hạnh", (), frozenset({"register incoming", "cancel_number incoming"}), 3)
ACTING = Actor(1, 2, "Đỗ Thu Trang").acting_for(replace(GRANTOR, type_ids=frozenset({10, 11})), Power.ENTRY)


@pytest.mark.clause("212/17.2")
@pytest.mark.parametrize(
    ("move", "state", "type_id", "covered"),
    [
        (CANCEL_NUMBER, "registered", 10, True),
        (CANCEL_NUMBER, "registered", 12, False),
        (CANCEL_NUMBER, "registered", None, False),
        (REGISTER, "received", None, False),
        (REGISTER, "received", 11, True),
        (REGISTER, "", None, True),  # its kind is judged as soon as it is said
        (REGISTER, "", 12, False),
    ],
)
def test_the_kind_of_the_document_decides(move: Move, state: str, type_id: int | None, covered: bool) -> None:
    found = obstacles(move, ACTING, Subject(state, CLERK, type_id))
    assert (found == []) is covered
    assert {each.code for each in found} <= {"forbidden"}


@pytest.mark.clause("212/17.2")
@pytest.mark.parametrize("type_id", [None, 12])
def test_a_delegation_without_kinds_covers_all_and_the_own_power_is_never_narrowed(type_id: int | None) -> None:
    subject = Subject("registered", CLERK, type_id)
    assert obstacles(CANCEL_NUMBER, replace(ACTING, on_behalf_of=GRANTOR), subject) == []
    own = Actor(1, 7, "Lê Thị Hạnh", permissions=GRANTOR.permissions)
    assert obstacles(CANCEL_NUMBER, own, subject) == []


def test_whose_work_it_is_follows_the_power_in_use() -> None:
    assert ACTING.effective_person_id == 7
    assert replace(ACTING, on_behalf_of=None).effective_person_id == 2
    assert Actor.system("job").effective_person_id is None
