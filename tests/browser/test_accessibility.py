"""Everybody can work with it: WCAG 2.2 AA by axe-core, on a desk and on a phone, in light and in dark."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask_appbuilder.security.sqla.models import Role
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.models import Assignment, Document, DocumentFile, Organisation, Person
from app.vocabulary import LIVING, HandlingState, PostKind
from tests.browser.conftest import DESKTOP, PHONE, PageAs, Site
from tests.fixtures.clock import NOW
from tests.fixtures.office import signed_in
from tests.fixtures.records import WITHOUT_POST, username_of
from tests.pages.crawler import Walk

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUICK = {"resultTypes": ["violations"], "preload": False}
EVERYTHING = {"runOnly": {"type": "tag", "values": TAGS}, "rules": {"target-size": {"enabled": True}}}
"""All rules; that of the size of targets (2.5.8) is off in axe-core unless it is asked for."""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What depends on the colour scheme alone."""
GRAVE = ("serious", "critical")
TABS = 12
"""How many steps with the Tab key are watched on each page."""


def document(session: Session) -> int:
    """A registered document with a PDF."""
    query = select(Document.id).join(DocumentFile, DocumentFile.document_id == Document.id)
    return session.scalars(query.where(Document.state == "registered").order_by(Document.id)).first() or 0


def first(column: Any) -> Callable[[Session], Any]:
    """The first row's value."""
    return lambda session: session.scalars(select(column).order_by(column)).first()


def busy(session: Session) -> int:
    """Somebody with work in hand."""
    query = select(Assignment.person_id).where(Assignment.person_id.is_not(None), Assignment.state.in_(LIVING))
    return session.scalars(query.order_by(Assignment.id)).first() or 0


def settled_by(state: HandlingState) -> Callable[[Session], Any]:
    """A document in a state of settling."""
    return lambda session: session.scalars(select(Document.id).where(Document.handling == state)).first()


MISSING = "page that is not there"
SCREENS: dict[str, tuple[PostKind | str | None, str, Callable[[Session], Any] | None]] = {
    "sign-in": (None, "/login/", None),
    "desk": (PostKind.CLERK, "/", None),
    "desk without post": (WITHOUT_POST, "/", None),
    "register": (PostKind.CLERK, "/incoming/", None),
    "register nothing found": (PostKind.CLERK, "/incoming/?q=khongcogihet", None),
    "work": (PostKind.SPECIALIST, "/work/", None),
    "work of a unit": (PostKind.HEAD_OF_DEPARTMENT, "/work/?scope=unit", None),
    "work followed": (PostKind.OFFICE_LEADER, "/work/follow/", None),
    "to be presented": (PostKind.CLERK, "/handling/", None),
    "waiting for assignment": (PostKind.OFFICE_LEADER, "/handling/?handling=presented", None),
    "desk of a head": (PostKind.HEAD_OF_DEPARTMENT, "/", None),
    "register form": (PostKind.CLERK, "/incoming/new/register", None),
    "tray": (PostKind.CLERK, "/incoming/waiting/", None),
    "document": (PostKind.CLERK, "/incoming/{}", document),
    "correction form": (PostKind.CLERK, "/incoming/{}/correct", document),
    "cancellation form": (PostKind.ADMIN_HEAD, "/incoming/{}/cancel_number", document),
    "document being settled": (PostKind.OFFICE_LEADER, "/incoming/{}#handling", settled_by(HandlingState.ASSIGNED)),
    "dialog of an assignment": (PostKind.OFFICE_LEADER, "/handling/{}/assign", settled_by(HandlingState.PRESENTED)),
    "change of an assignment": (PostKind.OFFICE_LEADER, "/handling/{}/reassign", settled_by(HandlingState.ASSIGNED)),
    "several at once": (PostKind.OFFICE_LEADER, "/handling/bulk/assign?id={}", settled_by(HandlingState.PRESENTED)),
    "catalogue": (PostKind.CLERK, "/document-types/list/", None),
    "catalogue row": (PostKind.ADMIN_HEAD, "/organisations/show/{}", first(Organisation.id)),
    "catalogue form": (PostKind.IT_CENTRE, "/organisations/edit/{}", first(Organisation.id)),
    "own units": (PostKind.CLERK, "/organisations/units", None),
    "calendar": (PostKind.ADMIN_HEAD, "/calendar/list/", None),
    "people": (PostKind.IT_CENTRE, "/people/", None),
    "person": (PostKind.IT_CENTRE, "/people/{}", first(Person.id)),
    "accounts": (PostKind.IT_CENTRE, "/accounts/", None),
    "notices": (PostKind.HEAD_OF_DEPARTMENT, "/notices/", None),
    "choices of notices": (PostKind.HEAD_OF_DEPARTMENT, "/notices/choices", None),
    "change of password": (PostKind.SPECIALIST, "/password/", None),
    "roles": (PostKind.IT_CENTRE, "/roles/", None),
    "role": (PostKind.IT_CENTRE, "/roles/{}", first(Role.id)),
    "roles of posts": (PostKind.IT_CENTRE, "/roles/posts", None),
    "delegations": (PostKind.IT_CENTRE, "/delegations/", None),
    "delegation form": (PostKind.IT_CENTRE, "/delegations/new", None),
    "own delegations": (PostKind.CLERK, "/my-delegations/", None),
    "own delegation form": (PostKind.SPECIALIST, "/my-delegations/new", None),
    "work left behind": (PostKind.OFFICE_LEADER, "/hand-over/", None),
    "hand-over": (PostKind.ADMIN_HEAD, "/hand-over/{}", busy),
    "settings": (PostKind.IT_CENTRE, "/settings/", None),
    "console": (PostKind.IT_CENTRE, "/quan-tri/", None),
    "console table": (PostKind.IT_CENTRE, "/quan-tri/events/", None),
    MISSING: (PostKind.CLERK, "/khong-co", None),
}

FOCUS = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element), place = element.getBoundingClientRect();
    const ring = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
    const inside = place.bottom > 0 && place.top < innerHeight && place.right > 0 && place.left < innerWidth;
    return {ring, inside, what: element.outerHTML.slice(0, 120)};
}"""
OVERFLOW = """() => {
    const room = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= innerWidth) return [];
    const shown = (each) => each.checkVisibility() && !each.closest('.chips'); // chips scroll by themselves
    const beyond = (each) => each.getBoundingClientRect().right > room + 1;
    return [...document.querySelectorAll('body *')].filter(each => shown(each) && beyond(each))
        .slice(0, 5).map(each => each.outerHTML.slice(0, 120));
}"""


def settle(page: Page) -> None:
    """Wait until everything is drawn, a document too."""
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    if page.locator("[data-pdf-viewer]").count():
        page.wait_for_selector("[data-pdf-viewer] .textLayer, [data-pdf-viewer] .pdf-message")


def violations(axe: Axe, page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe-core finds that keeps people from working."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.axe_script)
    found = page.evaluate("options => axe.run(document, options).then(found => found.violations)", rules | QUICK)
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]} – {' '.join(node['failureSummary'].split())[:200]}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"][:4]
    ]


def focus_faults(page: Page) -> list[str]:
    """Elements that the Tab key reaches without their being seen to have the focus."""
    found = []
    page.evaluate("document.activeElement.blur()")
    for _step in range(TABS):
        page.keyboard.press("Tab")
        seen = page.evaluate(FOCUS)
        if seen is not None and not (seen["ring"] and seen["inside"]):
            found.append(f"focus cannot be seen: {seen['what']}")
    return found


@pytest.fixture(scope="session")
def axe() -> Axe:
    """axe-core, as the package brings it along: no network."""
    return Axe()


@pytest.mark.browser
@pytest.mark.parametrize("screen", list(SCREENS))
def test_nothing_on_a_screen_keeps_anybody_from_working(page_as: PageAs, site: Site, axe: Axe, screen: str) -> None:
    visitor, address, key = SCREENS[screen]
    if screen == MISSING:
        page_as.tolerate("status of 404")
    with site.session() as session:
        address = address.format(key(session) if key else "")
    page, faults = page_as(visitor), []
    for look, size in (("desk", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(size)
        page.goto(address)
        settle(page)
        faults += [f"{look}: wider than the screen: {each}" for each in page.evaluate(OVERFLOW)]
        if look == "phone":  # at the end the bar that follows the thumb rests in its place and covers nothing
            page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        faults += [f"{look}: {each}" for each in violations(axe, page, EVERYTHING)]
        page.evaluate("scrollTo(0, 0)")
        page.emulate_media(color_scheme="dark")
        faults += [f"{look}, dark: {each}" for each in violations(axe, page, COLOURS)]
        page.emulate_media(color_scheme="light")
        faults += [f"{look}: {each}" for each in focus_faults(page)]
    assert not faults, "\n".join(dict.fromkeys(faults))


def a_page_of_each_screen(site: Site, visitor: PostKind) -> list[str]:
    """One address of every screen that this person reaches by links."""
    with clock.set_to(NOW):
        client = signed_in(site.app, username_of(visitor))
        walk = Walk(site.app, client, lambda _page, _nonce: (), records=1, queries=1)
        return sorted({walk.screen_of(address): address for address in walk.run("/").pages}.values())


@pytest.mark.browser
@pytest.mark.parametrize("visitor", [PostKind.CLERK, PostKind.IT_CENTRE], ids=str)
def test_no_screen_is_wider_than_a_phone(page_as: PageAs, site: Site, visitor: PostKind) -> None:
    page, faults = page_as(visitor, phone=True), []
    addresses = a_page_of_each_screen(site, visitor)
    for address in addresses:
        page.goto(address)
        settle(page)
        faults += [f"{address}: {each}" for each in page.evaluate(OVERFLOW)]
    assert len(addresses) >= 20
    assert not faults, "\n".join(faults)


BROKEN = """<!doctype html><html lang="vi"><head><title>Thử</title><style>
    body { color: #bbb; background: #fff } a:focus { outline: none } .wide { width: 3000px }
    .tiny { display: inline-block; width: 9px; height: 9px; padding: 0; border: 0 }
    </style></head><body><main><h1>Thử</h1><p>Chữ quá nhạt để đọc được</p><p class="wide">Rộng</p>
    <a href="#x">Liên kết</a><img src="data:,"><input>
    <button class="tiny"></button><button class="tiny"></button></main></body></html>"""


@pytest.mark.browser
def test_what_keeps_people_from_working_is_noticed(page_as: PageAs, axe: Axe) -> None:
    page = page_as(None)
    page.set_content(BROKEN)
    kinds = {each.split()[0] for each in violations(axe, page, EVERYTHING)}
    assert {"color-contrast", "image-alt", "label", "button-name", "target-size"} <= kinds
    assert page.evaluate(OVERFLOW) != []
    assert any("Liên kết" in each for each in focus_faults(page))
