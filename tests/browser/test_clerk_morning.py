"""A clerk's morning, in one go, as a clerk has it: the tray, a paper copy, an urgent call, a refusal, the register.

What each screen does by itself is tested beside this; here it is that one leads to the next and nothing is lost.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Document, DocumentLink, Event, RegisterEntry
from app.vocabulary import IncomingState, PostKind
from tests.browser.conftest import PageAs, Site
from tests.browser.test_registering import letter, opened, payload
from tests.fixtures.office import PASSWORD, PEOPLE, pdf
from tests.fixtures.records import username_of

pytestmark = pytest.mark.browser


def sign_in(page: Page) -> None:
    page.goto("/login/")
    page.locator("#username").fill(username_of(PostKind.CLERK))
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def settled(page: Page) -> None:
    """The page after a form was sent: everything loaded, its scripts at rest."""
    page.wait_for_load_state("networkidle")


def sent(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)
    settled(page)


def numbered(site: Site, number_notation: str) -> Document:
    with site.session() as session:
        document = session.scalars(select(Document).where(Document.number_notation == number_notation)).one()
        session.expunge(document)  # it is looked at when the session is over
        return document


@pytest.mark.clause("212/4.1", "212/4.2", "212/4.3", "212/5.1", "212/5.3", "212/7.3", "212/16.1.g", "212/16.1.d")
def test_a_clerks_morning(page_as: PageAs, site: Site, tmp_path: Path) -> None:
    with site.session() as session:
        begun = max(session.scalars(select(RegisterEntry.number)))
        left = session.scalars(select(Document.id).where(Document.state == IncomingState.RECEIVED)).all()
    page = page_as(None)
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(PEOPLE[PostKind.CLERK][0])

    # the desk says what waits, and leads there
    page.locator("main").get_by_role("link", name=re.compile("Chờ vào sổ")).first.click()
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Chờ vào sổ")

    # three scans are dropped; the last one is the paper copy of the first
    page.locator("#tray-files").set_input_files([letter(9101), letter(9102), letter(9101) | {"name": "Bản giấy.pdf"}])
    expect(page.locator(".tray-sent li")).to_have_count(0)
    expect(page.locator("#tray tbody tr")).to_have_count(len(left) + 3)

    # the tray is worked off: what proposes itself with one key each, the paper copy with another
    done: dict[str, int] = {}
    sent(page, "v")
    for _ in range(len(left) + 3):
        expect(page.locator(".paper canvas, [data-paper-empty]:visible").first).to_be_visible()
        number = page.locator("#number_notation").input_value()
        if number not in ("9101/STC-NS", "9102/STC-NS"):
            sent(page, "Alt+N")  # from days before
            continue
        if number in done:  # the same again: shown beside the form before anything is sent
            expect(page.locator("#similar")).to_contain_text(f"{done[number]:02d}/2026")
            sent(page, "Alt+B")
        else:
            sent(page, "Enter")
            said = page.locator(".alert-success")
            expect(said).to_contain_text(re.compile(r"số đến \d+"))
            done[number] = int(re.findall(r"số đến (\d+)", said.inner_text())[0])
        if "/register" not in page.url:
            break
    first, second = numbered(site, "9101/STC-NS"), numbered(site, "9102/STC-NS")
    assert done == {"9101/STC-NS": first.arrival_number, "9102/STC-NS": second.arrival_number}
    assert sorted(done.values()) == [begun + 1, begun + 2]
    assert first.paper_received_at is not None
    with site.session() as session:
        links = select(DocumentLink.kind).where(DocumentLink.to_id == first.id)
        assert session.scalars(links).all() == ["paper_copy_of"]

    # the telephone rings: urgent, the leader permits it, the number comes later
    opened(page, "/incoming/new/advance")
    page.get_by_label("Lãnh đạo cho phép", exact=False).first.select_option(index=1)
    page.get_by_label("Lãnh đạo cho phép thế nào", exact=False).fill("Qua điện thoại lúc 07:40")
    page.locator("#issuer").fill("Sở Xây dựng")
    page.locator("#number_notation").fill("9103/SXD-KT")
    page.locator("#type_id-typed").fill("cong dien")
    page.keyboard.press("Tab")
    page.locator("#urgency").select_option("flash")
    page.locator("#subject").fill("Sạt lở bờ sông tại phường Bình Quới")
    sent(page, "Alt+S")
    urgent = numbered(site, "9103/SXD-KT")
    assert (urgent.state, urgent.arrival_number) == (IncomingState.URGENT, None)
    expect(page.locator("main")).to_contain_text("Qua điện thoại lúc 07:40")
    expect(page.locator("main")).to_contain_text("HỎA TỐC")
    page.get_by_role("link", name=re.compile("Cấp số đến")).first.click()
    settled(page)
    with page.expect_navigation():
        page.locator(".form-acts .btn.main").click()
    assert numbered(site, "9103/SXD-KT").arrival_number == begun + 3

    # one came to the wrong address
    opened(page, "/incoming/new/refuse")
    page.get_by_label("Lý do", exact=False).first.select_option("wrong_address")
    page.locator("#issuer").fill("Sở Tài chính")
    page.locator("#number_notation").fill("9104/STC-NS")
    page.locator("#subject").fill("Gửi nhầm cơ quan")
    page.locator("#files").set_input_files(payload("gửi nhầm.pdf", pdf("nham").read()))
    expect(page.locator(".staged-files li[data-upload]")).to_have_count(1)
    page.locator(".form-acts .btn.main").click()
    with page.expect_navigation():
        page.locator("#vt-confirm [value=ok]").click()
    settled(page)
    assert numbered(site, "9104/STC-NS").state == IncomingState.REFUSED
    expect(page.locator("main")).to_contain_text("Gửi sai địa chỉ")

    # the register has all that was numbered, found without marks, and nothing that was refused
    opened(page, "/incoming/")
    page.get_by_role("searchbox").first.press_sequentially("sat lo bo song")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("9103/SXD-KT")
    page.get_by_role("searchbox").first.fill("9104")
    expect(page.locator("[data-row]")).to_have_count(0)

    # a slip of the pen is mended with a reason; the page tells the whole story
    opened(page, f"/incoming/{second.id}/correct")
    page.locator("#subject").fill("Về việc bổ sung kinh phí chống ngập năm 2027 (đợt 2)")
    page.locator("#reason").fill("Thiếu đợt")
    with page.expect_navigation():
        page.locator(".form-acts .btn.main").click()
    settled(page)
    with site.session() as session:
        told = session.scalars(select(Event.tag).where(Event.document_id == second.id).order_by(Event.id)).all()
    assert told == ["incoming.receive", "incoming.register", "incoming.correct"]
    expect(page.get_by_role("heading", level=1)).to_contain_text("(đợt 2)")

    # the numbers of the morning run on without a gap
    with site.session() as session:
        numbers = session.scalars(select(RegisterEntry.number).order_by(RegisterEntry.number)).all()
    assert numbers == list(range(1, begun + 4))
