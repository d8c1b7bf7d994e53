"""However slow the machine or the network: nobody asks for a file that the page itself has sent away or handed on.

Each test holds what the page asks of a file, lets the file go, and only then lets the questions through: whatever is
still asked gets the answer 404, which the console tells and ``page_as`` does not forgive.
"""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app.models import Document, Upload
from app.vocabulary import PostKind
from tests.browser.conftest import PageAs, Site
from tests.fixtures.office import SENDER, pdf

pytestmark = pytest.mark.browser
FORM = "/incoming/new/register"
BYTES = re.compile(r"/uploads/\d+\?inline=1")
READING = re.compile(r"/incoming/reading\?")
LIBRARY = re.compile(r"/pdf\.min\.mjs")
SETTLED = 400
"""Milliseconds in which an answer of this machine reaches the page."""


class Held:
    """Questions of the page that are on their way, until they are let through."""

    def __init__(self, page: Page, *asked: re.Pattern[str]):
        self.page = page
        self.waiting: list[Route] = []
        for each in asked:
            page.route(each, self._keep)

    def _keep(self, route: Route) -> None:  # a method of Python's own has no place for what Playwright notes on it
        self.waiting.append(route)

    def wait_for(self, count: int) -> None:
        """Until the page has asked so often."""
        for _ in range(200):
            if len(self.waiting) >= count:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"asked {len(self.waiting)} times, not {count}")

    def release(self) -> None:
        """Let all of them through, and the answers come."""
        for each in self.waiting:
            each.continue_()
        self.page.wait_for_timeout(SETTLED)


def png() -> bytes:
    """A picture of one grey dot."""
    drawn = io.BytesIO()
    Image.new("L", (1, 1), 128).save(drawn, "PNG")
    return drawn.getvalue()


def put_in(
    page: Page, name: str = "giấy.pdf", content: bytes | None = None, media_type: str = "application/pdf"
) -> None:
    """Choose a file in the form, and wait until the server has it."""
    content = pdf(name).read() if content is None else content
    page.locator("#files").set_input_files({"name": name, "mimeType": media_type, "buffer": content})
    expect(page.locator(".staged-files li[data-upload]")).to_have_count(1)


def is_gone(site: Site, name: str) -> None:
    with site.session() as session:
        assert session.scalars(select(Upload).where(Upload.received_name == name)).all() == []


@pytest.mark.parametrize(("asked", "count"), [((BYTES, READING), 2), ((LIBRARY,), 1)], ids=["file", "viewer"])
def test_a_secret_goes_before_the_page_has_seen_it_and_nothing_asks_for_it_any_more(
    page_as: PageAs, site: Site, asked: tuple[re.Pattern[str], ...], count: int
) -> None:
    page = page_as(PostKind.CLERK)
    page.goto(FORM, wait_until="networkidle")
    held = Held(page, *asked)
    put_in(page, "mật.pdf")
    held.wait_for(count)
    page.locator("#secrecy").select_option("secret")
    page.locator("#vt-confirm [value=ok]").click()
    expect(page.locator("[data-secret-warning]")).to_be_visible()
    is_gone(site, "mật.pdf")
    held.release()
    expect(page.locator("[data-paper] > *")).to_have_count(0)
    expect(page.locator("[data-paper-empty]")).to_be_visible()


@pytest.mark.parametrize("name", ["một.pdf", "một.png"])
def test_a_file_may_be_taken_back_while_it_is_still_being_shown(page_as: PageAs, site: Site, name: str) -> None:
    page = page_as(PostKind.CLERK)
    page.goto(FORM, wait_until="networkidle")
    held = Held(page, BYTES, READING)
    if name.endswith(".png"):
        put_in(page, name, png(), "image/png")
    else:
        put_in(page, name)
    held.wait_for(2)
    with page.expect_response("**/uploads/forget"):
        page.locator(".staged-files li[data-upload] .btn").click()
    is_gone(site, name)
    held.release()
    expect(page.locator("[data-paper] > *")).to_have_count(0)


@pytest.mark.clause("212/16.1.a")
def test_a_form_may_be_sent_before_the_page_has_shown_its_file(page_as: PageAs, site: Site) -> None:
    page = page_as(PostKind.CLERK)
    page.goto(FORM, wait_until="networkidle")
    held = Held(page, BYTES, READING)
    put_in(page)
    held.wait_for(2)
    page.locator("#issuer").fill(SENDER)
    page.locator("#number_notation").fill("4711/STC-NS")
    page.locator("#type_id-typed").fill("cv")
    page.keyboard.press("Tab")
    page.locator("#subject").fill("Gửi trước khi xem")
    sending = Held(page, re.compile(r"/incoming/new/register\?"))
    page.keyboard.press("Alt+S")
    sending.wait_for(1)
    answer = sending.waiting[0].fetch(max_redirects=0)  # done there; here the old page still stands
    assert answer.status == 302
    with site.session() as session:
        assert session.scalars(select(Document).where(Document.number_notation == "4711/STC-NS")).one()
    held.release()
    sending.waiting[0].fulfill(response=answer)
    page.wait_for_url(re.compile(r"/incoming/\d+$"))


def test_files_that_could_not_be_deleted_are_listed_again_and_nobody_is_told_that_they_are_gone(
    page_as: PageAs, site: Site
) -> None:
    page_as.tolerate("500|503")
    page = page_as(PostKind.CLERK)
    page.goto(FORM, wait_until="networkidle")
    put_in(page, "mật.pdf")
    expect(page.locator(".paper canvas").first).to_be_visible()
    page.route("**/uploads/forget", lambda route: route.fulfill(status=503))
    page.locator("#secrecy").select_option("secret")
    page.locator("#vt-confirm [value=ok]").click()
    expect(page.locator("[data-secret-warning]")).to_have_text(re.compile("could not be deleted|Chưa xóa được"))
    expect(page.locator(".staged-files li[data-upload]")).to_have_count(1)
    expect(page.locator("#secrecy")).not_to_have_value("secret")
    page.unroute_all()
    page.locator("#secrecy").select_option("secret")
    with page.expect_response("**/uploads/forget"):
        page.locator("#vt-confirm [value=ok]").click()
    expect(page.locator(".staged-files li")).to_have_count(0)
    is_gone(site, "mật.pdf")
