"""The register in a browser: it narrows while one types, the address follows, Back restores, no mouse is needed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.vocabulary import PostKind

pytestmark = pytest.mark.browser
PageAs = Callable[..., Page]
BOX = "#list-q"
ROWS = "[data-row] a.subj"


def chip(page: Page, label: str) -> Any:
    """The chip of a filter."""
    return page.locator(".chips summary", has_text=label)


def typed(page: Page, text: str) -> None:
    """Type into the box and wait for the list that answers."""
    with page.expect_response(lambda answer: "q=" in answer.url):
        page.locator(BOX).press_sequentially(text, delay=15)
    expect(page.locator("#list-part")).not_to_have_attribute("aria-busy", "true")


def test_the_list_narrows_while_one_types_and_the_address_follows(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    whole = page.locator(ROWS).count()
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    typed(page, "bao so")
    expect(page.locator(ROWS)).to_have_count(1)
    assert whole > 1
    expect(page.locator(BOX)).to_be_focused()
    expect(page).to_have_url(re.compile(r"/incoming/\?q=bao(\+|%20)so$"))
    expect(page.locator("[data-list-said]")).to_have_text("1 văn bản")


def test_back_restores_the_list_as_it_was(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    page.locator(BOX).focus()
    typed(page, "bao so")
    page.locator(ROWS).first.click()
    expect(page).to_have_url(re.compile(r"/incoming/\d+"))
    page.go_back()
    expect(page.locator(BOX)).to_have_value("bao so")
    expect(page.locator(ROWS)).to_have_count(1)


def test_a_filter_is_chosen_in_its_chip_taken_away_again_and_each_is_a_step_back(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    whole = page.locator(ROWS).count()
    chip(page, "Mức độ khẩn").click()
    page.locator(".pop[open]").get_by_role("link", name="Hỏa tốc").click()
    expect(page).to_have_url(re.compile(r"urgency=flash"))
    expect(page.locator(".chip.on")).to_contain_text("Hỏa tốc")
    expect(page.locator(ROWS)).not_to_have_count(whole)
    page.go_back()
    expect(page.locator(ROWS)).to_have_count(whole)
    page.go_forward()
    expect(page.locator(".chip.on")).to_contain_text("Hỏa tốc")
    page.locator(".chip-off").click()
    expect(page.locator(ROWS)).to_have_count(whole)


def test_a_sender_is_looked_up_in_the_filter(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    chip(page, "Nơi gửi").click()
    expect(page.locator(".pop[open] input[data-lookup]")).to_be_focused()
    page.keyboard.type("so tai", delay=15)
    page.get_by_role("option", name="Sở Tài chính").click()
    expect(page).to_have_url(re.compile(r"issuer_id=\d+$"))
    expect(page.locator(".chip.on")).to_contain_text("Sở Tài chính")


def test_rows_are_walked_and_opened_with_the_keyboard(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    page.keyboard.press("j")
    expect(page.locator(ROWS).nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(ROWS).nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(ROWS).nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/incoming/\d+"))
    first = page.url
    for key, there in (("j", False), ("k", True)):
        expect(page.get_by_role("tab").first).to_be_visible()
        page.keyboard.press(key)
        expect(page).to_have_url(first) if there else expect(page).not_to_have_url(first)


def test_a_press_anywhere_in_a_row_opens_it(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    page.locator("[data-row]").first.locator("td").last.click()
    expect(page).to_have_url(re.compile(r"/incoming/\d+"))


def test_the_keys_of_a_page_are_told(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    for words in ("Vào sổ văn bản đến", "Đến ô tìm kiếm", "Dòng sau"):
        expect(dialog).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()


def test_keys_do_nothing_while_somebody_types(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    page.locator(BOX).focus()
    typed(page, "nj?")
    expect(page.locator(BOX)).to_have_value("nj?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_columns_and_density_are_chosen_and_stay(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/?urgency=flash")
    page.get_by_text("Cột", exact=True).click()
    page.get_by_role("checkbox", name="Sổ đăng ký").check()
    page.get_by_role("button", name="Áp dụng").click()
    expect(page.locator("th", has_text="Sổ đăng ký")).to_be_visible()
    expect(page).to_have_url(re.compile(r"urgency=flash$"))
    page.get_by_role("button", name="Thẻ nhỏ").click()
    expect(page.locator(".doc-cards.of-small")).to_be_visible()
    page.goto("/incoming/")
    expect(page.locator(".doc-cards.of-small")).to_be_visible()


def test_the_part_of_a_document_is_in_the_address_and_the_story_is_filtered_at_once(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK)
    page.goto("/incoming/")
    page.locator(ROWS).last.click()
    page.get_by_role("tab", name="Lịch sử").click()
    expect(page).to_have_url(re.compile(r"#story$"))
    page.reload()
    expect(page.locator("#story")).to_be_visible()
    expect(page.locator("#facts")).not_to_be_visible()
    looks: Any = page.locator("#story-lines > [data-trail=look]")
    expect(looks.first).to_be_visible()
    page.locator("#story").get_by_role("button", name="Việc đã làm").click()
    expect(looks.first).not_to_be_visible()
    expect(page.locator("#story-lines > [data-trail=act]").first).to_be_visible()


def test_on_a_phone_every_value_of_a_row_says_what_it_is_and_nothing_runs_over(page_as: PageAs) -> None:
    page = page_as(PostKind.CLERK, phone=True)
    page.goto("/incoming/")
    row = page.locator("[data-row]").first
    labels = row.locator("td:not(.about, .tick)").evaluate_all(
        "cells => cells.map(cell => getComputedStyle(cell, '::before').content)"
    )
    assert labels
    assert "none" not in labels
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    chip(page, "Loại văn bản").click()
    box = page.locator(".pop[open] .pop-body").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
