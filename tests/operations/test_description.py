"""A field of the description is kept, offered again and told: nothing typed once is lost by the next correction."""

from collections.abc import Callable
from datetime import date
from typing import Any

from app.actor import Actor
from app.operations import incoming
from app.queries.choices import choices
from app.queries.incoming import values_of
from app.rules.incoming import ARRIVAL, CORRECT, DESCRIPTION, REASON
from app.rules.lifecycle import InputType
from app.vocabulary import PostKind
from tests.fixtures.office import registration

SOMETHING: dict[InputType, Any] = {InputType.DATE: date(2026, 12, 1), InputType.INTEGER: 3}
"""A value for each type of input; text says its own name."""


def test_every_field_of_the_description_comes_back_in_the_form_of_a_correction(
    session: Any, actor_for_kind: Callable[[PostKind], Actor]
) -> None:
    given = registration()
    given |= {i.name: SOMETHING.get(i.type, f"giá trị {i.name}") for i in DESCRIPTION if i.name not in given}
    given |= {i.name: choices(session, i.choices)[-1][0] for i in DESCRIPTION if i.choices}
    given["issued_on"] = SOMETHING[InputType.DATE]
    kept = values_of(incoming.register(actor_for_kind(PostKind.CLERK), given))
    assert set(kept) == {i.name for i in CORRECT.inputs if not i.on_demand} - {REASON.name}
    assert all(kept.pop(i.name) for i in ARRIVAL)
    assert kept.pop("issuer")["name"] == given["issuer"]["name"]
    assert kept == {name: given[name] for name in kept}
