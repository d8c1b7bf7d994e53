"""Rows and forms under the hand: the row one came from, many rows at once, menus within the window, words that stay."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.vocabulary import PostKind
from tests.browser.conftest import PageAs
from tests.fixtures.office import SENDER, pdf

pytestmark = pytest.mark.browser
ROWS = "[data-row] a.subj"
TRAY = "/incoming/waiting/"


def focused(page: Page) -> str:
    """Address of the link that has the focus."""
    return str(page.evaluate("document.activeElement.getAttribute('href') ?? ''"))


def whole_rows(page: Page) -> int:
    """How many rows are seen whole."""
    return int(
        page.evaluate(
            "[...document.querySelectorAll('tr[data-row]')]"
            ".filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"
        )
    )


@pytest.mark.parametrize("way", ["back", "link"])
def test_who_comes_back_to_the_list_stands_on_the_row_again(page_as: PageAs, way: str) -> None:
    page = page_as(PostKind.CLERK)
    page.set_viewport_size({"width": 1366, "height": 420})
    page.goto("/incoming/")
    row = page.locator(ROWS).last
    row.scroll_into_view_if_needed()
    address = row.get_attribute("href") or ""
    row.click()
    page.wait_for_url(f"**{address}")
    if way == "back":
        page.go_back()
    else:
        page.locator(".crumbs a").first.click()
    page.wait_for_url(re.compile(r"/incoming/\??$"))
    page.wait_for_function("address => document.activeElement.getAttribute('href') === address", arg=address)
    box = page.locator(ROWS).last.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 420 - box["height"]


def test_a_list_opened_anew_begins_at_its_top(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    page.locator(ROWS).last.click()
    page.wait_for_url(re.compile(r"/incoming/\d+$"))
    page.goto("/incoming/", wait_until="networkidle")
    assert focused(page) == ""


def test_the_compact_register_shows_fourteen_rows_on_a_screen_with_their_senders(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    page.locator(".densities button[value=compact]").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("table.register.compact th").nth(3)).to_be_visible()
    heights = page.evaluate("[...document.querySelectorAll('tr[data-row]')].map((row) => row.offsetHeight)")
    top = page.evaluate("document.querySelector('tr[data-row]').getBoundingClientRect().top")
    assert top + 14 * max(heights) <= 768
    assert whole_rows(page) == min(len(heights), whole_rows(page))
    expect(page.locator("td.c-issuer", has_text=SENDER).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.locator(".densities button[value=table]").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("table.register.compact")).to_have_count(0)


@pytest.mark.parametrize("height", [768, 560])
def test_the_menu_of_a_row_opens_within_the_window(page_as: PageAs, height: int) -> None:
    page = page_as(PostKind.CLERK)
    page.set_viewport_size({"width": 1366, "height": height})
    page.goto(TRAY, wait_until="networkidle")
    page.locator("#tray-files").set_input_files(
        [{"name": f"Giấy {n}.pdf", "mimeType": "application/pdf", "buffer": pdf(f"{n}").read()} for n in range(4)]
    )
    expect(page.locator("#tray tbody tr", has_text="Giấy 3")).to_be_visible()
    rows = page.locator("#tray details[data-menu] > summary")
    rows.last.evaluate("each => each.scrollIntoView({ block: 'end' })")
    rows.last.click()
    box = page.locator("#tray details[open] .more-menu").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= height
    page.keyboard.press("Escape")
    page.evaluate("scrollTo(0, 0)")
    rows.first.click()
    box = page.locator("#tray details[open] .more-menu").bounding_box()
    assert box is not None
    assert box["y"] >= 0


def test_words_that_are_no_type_stay_in_their_field_and_a_failed_save_keeps_them(page_as: PageAs) -> None:
    page_as.tolerate("422")
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/new/register", wait_until="networkidle")
    field = page.locator("#type_id-typed")
    field.press_sequentially("công hàm lạ")
    page.keyboard.press("Tab")
    expect(field).to_have_value("công hàm lạ")
    expect(page.locator(".choice-typed .error-text")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(field).to_have_value("công hàm lạ")
    expect(page.locator("#type_id")).to_have_value("")
    field.fill("tb")
    page.keyboard.press("Tab")
    expect(field).to_have_value("Thông báo")
    expect(page.locator(".choice-typed .error-text")).to_be_hidden()


def test_what_was_typed_and_not_yet_left_is_what_is_sent(page_as: PageAs) -> None:
    page_as.tolerate("422")
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/new/register", wait_until="networkidle")
    page.locator("#type_id-typed").press_sequentially("qd")
    with page.expect_navigation():
        page.keyboard.press("Alt+S")
    expect(page.locator("#type_id-typed")).to_have_value("Quyết định")


@pytest.mark.clause("212/5.3")
def test_whether_one_is_sure_is_asked_only_when_nothing_speaks_against_the_refusal(page_as: PageAs) -> None:
    page_as.tolerate("422")
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/new/refuse", wait_until="networkidle")
    with page.expect_navigation():
        page.locator("[data-main]").click()
    expect(page.locator("#vt-confirm")).to_be_hidden()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    page.locator("#refusal_code").select_option("other")
    page.locator("#issuer").fill(SENDER)
    page.locator("#subject").fill("Thư rác")
    with page.expect_navigation():  # “another reason” without a word of it
        page.locator("[data-main]").click()
    expect(page.locator("#vt-confirm")).to_be_hidden()
    page.locator("#reason").fill("Không phải văn bản")
    page.locator("[data-main]").click()
    expect(page.locator("#vt-confirm")).to_be_visible()
    with page.expect_navigation():
        page.locator("#vt-confirm [value=ok]").click()
    expect(page.locator(".alert-success")).to_be_visible()
