"""The bell in a browser: it counts without the page being loaded anew, opens in place, and says what is new."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Document, Person
from app.operations.notices import read_all, tell
from app.operations.unit_of_work import unit_of_work
from app.queries.actors import actor_for
from app.vocabulary import NoticeKind, PostKind, Via
from tests.browser.conftest import PageAs, Site
from tests.fixtures.office import PEOPLE

pytestmark = pytest.mark.browser
HEAD = PostKind.HEAD_OF_DEPARTMENT


def somebody(session: Session, kind: PostKind) -> Actor:
    """Who holds a kind of post in the filled office."""
    person = session.scalars(select(Person).where(Person.full_name == PEOPLE[kind][0])).one()
    assert person.user is not None
    return actor_for(session, person.user, Via.WEB)


def tell_head(site: Site, kind: NoticeKind = NoticeKind.CHASED) -> None:
    """The leader tells the head of department of something."""
    with site.session() as session, unit_of_work() as uow:
        document = session.scalars(select(Document).where(Document.state == "registered").order_by(Document.id)).first()
        assert document is not None
        leader, head = somebody(session, PostKind.OFFICE_LEADER), somebody(session, HEAD)
        tell(uow, leader, kind, [head.person_id], document=document, reason="Việc gấp")


def nothing_unread(site: Site) -> None:
    """The head of department has read everything."""
    with site.session() as session:
        read_all(somebody(session, HEAD))


def look_again(page: Page) -> None:
    """Come back to the page: it asks at once instead of after twenty seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.clause("212/16.1.l")
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_the_bell_counts_without_the_page_being_loaded_anew(page_as: PageAs, site: Site, phone: bool) -> None:
    nothing_unread(site)
    page = page_as(HEAD, phone=phone)
    page.goto("/")
    title = page.title()
    badge = page.locator(".phone-bar [data-bell-count]" if phone else ".side-head [data-bell-count]")
    expect(badge).to_be_hidden()
    page.evaluate("window.stays = true")
    tell_head(site)
    look_again(page)
    expect(badge).to_have_text("1")
    expect(badge).to_be_visible()
    expect(page.locator("[data-bell-said]")).to_contain_text("Phan Gia Lộc")
    assert page.title() == f"(1) {title}"
    assert page.evaluate("window.stays")


def test_the_panel_opens_by_key_and_leads_to_the_document(page_as: PageAs, site: Site) -> None:
    nothing_unread(site)
    tell_head(site)
    page = page_as(HEAD)
    page.goto("/incoming/")
    bell = page.locator(".side-head [data-bell]")
    bell.focus()
    page.keyboard.press("Enter")
    panel = page.locator("#bell-panel")
    expect(panel).to_be_visible()
    expect(bell).to_have_attribute("aria-expanded", "true")
    first = panel.locator("li a").first
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(bell).to_be_focused()
    bell.click()
    first.click()
    page.wait_for_url("**/incoming/*")
    expect(page.locator(".side-head [data-bell-count]")).to_be_hidden()


def test_all_are_marked_read_in_the_panel(page_as: PageAs, site: Site) -> None:
    tell_head(site)
    page = page_as(HEAD)
    page.goto("/")
    page.locator(".side-head [data-bell]").click()
    expect(page.locator("#bell-panel .unread").first).to_be_visible()
    page.locator("[data-bell-read] button").click()
    expect(page.locator("#bell-panel .unread")).to_have_count(0)
    expect(page.locator(".side-head [data-bell-count]")).to_be_hidden()


def test_a_page_whose_session_is_over_stops_asking(page_as: PageAs, site: Site) -> None:
    page = page_as(HEAD)
    page.goto("/")
    page.context.clear_cookies()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        look_again(page)
        page.wait_for_timeout(300)
    assert len([each for each in asked if "/notices/" in each and "/login/" not in each]) == 1


def test_on_a_phone_the_bell_opens_the_page_of_all_notices(page_as: PageAs, site: Site) -> None:
    tell_head(site)
    page = page_as(HEAD, phone=True)
    page.goto("/")
    page.locator(".phone-bar [data-bell]").tap()
    page.wait_for_url("**/notices/")
    expect(page.locator(".notices > li").first).to_be_visible()
