"""A specialist's session: opens what was assigned, asks for an opinion and for more time, and settles it."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Assignment, AssignmentReading, Document
from app.operations import handling
from app.vocabulary import HandlingOutcome, HandlingState, PostKind
from tests.browser.conftest import PageAs, Site
from tests.browser.test_leader_day import actor, add, fits, opened, presented

pytestmark = pytest.mark.browser


def assigned(site: Site, what: str) -> int:
    """A document that the leader assigned to the specialist."""
    document_id, *_ = presented(site, what)
    with site.session():
        person = actor(PostKind.SPECIALIST).person_id
        rows = {"assignees": [{"unit_id": None, "person_id": person, "kind": "lead", "due_on": None}]}
        handling.assign(actor(PostKind.OFFICE_LEADER), document_id, {**rows, "directions": "Tham mưu trả lời"})
    return document_id


def open_act(page: Page, verb: str) -> None:
    """Open the form of an act from the page of the document, wherever its button stands."""
    link = page.locator(f"a[href$='/{verb}'], a[href*='/{verb}?']").first
    if not link.is_visible():
        page.locator(".acts.sticky details.more > summary").first.click()
    link.click()
    page.wait_for_load_state("networkidle")


def send(page: Page) -> None:
    with page.expect_navigation():
        page.locator(".form-acts [data-main]").click()
    page.wait_for_load_state("networkidle")


@pytest.mark.clause("212/8.1", "212/8.2.1", "212/10.1.b", "212/16.1.i")
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_specialists_day(page_as: PageAs, site: Site, phone: bool) -> None:
    what = "rà soát quy hoạch" if phone else "thẩm định giá đất"
    document_id = assigned(site, what)
    address = f"/incoming/{document_id}"

    # the work stands in the list, and opening it is on record
    page = page_as(PostKind.SPECIALIST, phone=phone)
    page.goto("/work/")
    page.get_by_role("link", name=f"Về việc {what} đợt 1").click()
    opened(page, what)
    expect(page.locator("#handling")).to_contain_text("Tham mưu trả lời")
    assert fits(page)
    with site.session() as session:
        read = select(AssignmentReading.assignment_id).join(
            Assignment, Assignment.id == AssignmentReading.assignment_id
        )
        assert session.scalars(read.where(Assignment.document_id == document_id)).all()

    # another is asked, and gives an opinion
    open_act(page, "ask")
    add(page, "bui van son")
    page.locator("#question").fill("Có hồ sơ gốc trong kho không?")
    send(page)
    colleague = page_as(PostKind.ARCHIVIST, phone=phone)
    colleague.goto(address)
    open_act(colleague, "contribute")
    colleague.locator("#text").fill("Có, hộp số 12")
    send(colleague)
    page.goto(address)
    expect(page.locator("#handling")).to_contain_text("Có, hộp số 12")

    # more time is asked for, and granted by who assigned it
    open_act(page, "ask_extension")
    page.locator("#due_on").fill("22/1/2027")
    page.locator("#reason").fill("Chờ bản vẽ")
    send(page)
    leader = page_as(PostKind.OFFICE_LEADER, phone=phone)
    leader.goto(address)
    expect(leader.locator("#handling")).to_contain_text("Chờ bản vẽ")
    leader.locator(".acts.sticky .btn.main").click()
    leader.wait_for_load_state("networkidle")
    expect(leader.locator("#due_on")).to_have_value("22/01/2027")
    send(leader)
    assert fits(leader)

    # it is settled
    page.goto(address)
    expect(page.locator(".settling-now")).to_contain_text("22/01/2027")
    open_act(page, "file")
    page.locator("#note").fill("Lưu tham khảo")
    send(page)
    with site.session() as session:
        document = session.get_one(Document, document_id)
        assert (document.handling, document.outcome) == (HandlingState.SETTLED, HandlingOutcome.FILED)
