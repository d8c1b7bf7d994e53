"""A leader's session: from the list of what was presented to the next document, by keyboard, and with one thumb."""

import re

import pytest
from flask_appbuilder.security.sqla.models import User
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.actor import Actor
from app.extensions import db
from app.models import Assignment, Document
from app.operations import handling, incoming
from app.queries.actors import actor_for
from app.vocabulary import LIVING, HandlingState, PostKind, Via
from tests.browser.conftest import PageAs, Site
from tests.fixtures.office import PEOPLE, registration
from tests.fixtures.records import username_of

pytestmark = pytest.mark.browser


def actor(kind: PostKind) -> Actor:
    """The person of the filled office who holds this kind of post. Needs a session of the site."""
    user = db.session.scalars(select(User).where(User.username == username_of(kind))).one()
    return actor_for(db.session(), user, Via.WEB)


def presented(site: Site, what: str) -> list[int]:
    """Three documents presented to the leader."""
    made = []
    with site.session():
        clerk = actor(PostKind.CLERK)
        to = {"to_id": str(actor(PostKind.OFFICE_LEADER).person_id)}
        for number in range(1, 4):
            document = incoming.register(clerk, registration(subject=f"Về việc {what} đợt {number}"))
            handling.present(clerk, document.id, to)
            made.append(document.id)
    return made


def held(site: Site, document_id: int) -> dict[str, Assignment]:
    """What is held of a document, by part."""
    with site.session() as session:
        query = select(Assignment).where(Assignment.document_id == document_id, Assignment.state.in_(LIVING))
        found = {each.kind: each for each in session.scalars(query)}
        for each in found.values():
            session.expunge(each)
        return found


def state(site: Site, document_id: int) -> str | None:
    with site.session() as session:
        return session.scalar(select(Document.handling).where(Document.id == document_id))


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def opened(page: Page, what: str) -> None:
    """A document's page, at rest."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(what)
    page.wait_for_load_state("networkidle")


def add(page: Page, typed: str) -> None:
    """Find somebody by typing, and add them with Enter."""
    box = page.locator("#who-find")
    box.fill(typed)
    expect(page.locator("#who-found [role=option]").first).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("")


@pytest.mark.clause("212/7.1", "212/7.2", "212/S.2")
def test_a_leader_assigns_one_document_after_another_without_the_mouse(page_as: PageAs, site: Site) -> None:
    one, other, last = presented(site, "bố trí vốn")
    page = page_as(PostKind.OFFICE_LEADER)
    page.goto("/handling/?handling=presented&q=bố+trí+vốn")
    page.get_by_role("link", name="Về việc bố trí vốn đợt 1").click()
    opened(page, "đợt 1")
    expect(page.locator(".steps")).to_contain_text("1 / 3")

    page.keyboard.press("e")
    expect(page.locator("#who-find")).to_be_focused()
    assert fits(page)
    add(page, "phong kinh te")
    add(page, "bui van son")
    chosen = page.locator("[data-chosen] > li")
    expect(chosen).to_have_count(2)
    expect(chosen.nth(0)).to_have_class(re.compile(r"\bleads\b"))
    expect(chosen.nth(1).locator("input[value=coordinate]")).to_be_checked()
    chosen.nth(1).locator("input[value=lead]").check(force=True)  # exactly one leads
    expect(chosen.nth(0).locator("input[value=coordinate]")).to_be_checked()
    chosen.nth(0).locator("input[value=lead]").check(force=True)
    page.locator("#directions").fill("Tham mưu trước thứ Sáu")
    page.locator("[data-days='5']").click()
    expect(page.locator("#due_on")).to_have_value("07/01/2027")
    expect(page.locator("[data-due-said]")).to_contain_text("01/01")  # the day off that is passed over
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    opened(page, "đợt 2")
    expect(page.locator(".steps")).to_contain_text("1 / 2")
    parts = held(site, one)
    assert parts["lead"].person_id is None
    assert parts["coordinate"].person_id is not None
    assert parts["lead"].directions == "Tham mưu trước thứ Sáu"

    # what is refused comes back as it was; what was often said is at hand
    page.keyboard.press("e")
    page.locator("[data-phrases] button", has_text="Tham mưu trước thứ Sáu").click()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("#assignees-error")).to_be_visible()
    expect(page.locator("#directions")).to_have_value("Tham mưu trước thứ Sáu")
    page_as.tolerate("422")
    add(page, "khoi")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    opened(page, "đợt 3")
    assert held(site, other)["lead"].person_id is not None

    # the list ends, and one is back in it
    page.keyboard.press("e")
    add(page, "phong kinh te")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/handling/\?"))
    assert state(site, last) == HandlingState.ASSIGNED


@pytest.mark.clause("212/7.2")
def test_on_the_phone_one_thumb_is_enough(page_as: PageAs, site: Site) -> None:
    one, other, _ = presented(site, "nạo vét kênh")
    page = page_as(PostKind.OFFICE_LEADER, phone=True)
    page.goto("/handling/?handling=presented&q=nạo+vét+kênh")
    page.get_by_role("link", name="Về việc nạo vét kênh đợt 1").tap()
    opened(page, "đợt 1")
    main = page.locator(".acts.sticky .btn.main")
    expect(main).to_be_in_viewport()
    main.tap()
    expect(page.locator("#who-find")).to_be_visible()
    assert fits(page)
    assert not page.evaluate("document.activeElement?.matches('input')")  # no keyboard springs up by itself
    page.locator(".everybody > summary").tap()
    row = page.locator(".offered [data-who]", has_text=PEOPLE[PostKind.SPECIALIST][0])
    row.locator(".part-of.lead").tap()
    expect(page.locator("[data-chosen] > li")).to_have_count(1)
    page.locator("[data-days='3']").tap()
    expect(page.locator("#due_on")).to_have_value("05/01/2027")
    send = page.locator(".form-acts .btn.main")
    expect(send).to_be_in_viewport()  # always at hand
    assert send.bounding_box()["height"] >= 44
    with page.expect_navigation():
        send.tap()
    opened(page, "đợt 2")
    assert fits(page)
    assert held(site, one)["lead"].due_on.isoformat() == "2027-01-05"

    # staying with the document is the second button
    page.locator(".acts.sticky .btn.main").tap()
    page.locator("#who-find").fill("kinh te")
    page.locator("#who-found [role=option]").first.tap()
    with page.expect_navigation():
        page.locator("[data-stay]").tap()
    opened(page, "đợt 2")
    assert state(site, other) == HandlingState.ASSIGNED
