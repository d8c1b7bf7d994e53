"""A clerk registers without a mouse: proposals, duplicates, files, secrets, and the tray worked off by keyboard."""

import dataclasses
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import func, select

from app.backends import store
from app.models import Document, DocumentFile, Upload
from app.reports.letter import LetterContent, build
from app.rules.dates import parse_day
from app.vocabulary import IncomingState, PostKind
from tests.browser.conftest import PageAs, Site
from tests.fixtures.office import SENDER, pdf
from tests.fixtures.signing import Authority, paint_on_page, sign

pytestmark = pytest.mark.browser
FORM = "/incoming/new/register"
TRAY = "/incoming/waiting/"
_NUMBERS = count(5000)
LETTER = LetterContent(
    superior="ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH",
    agency="SỞ TÀI CHÍNH",
    number="4000",
    notation="STC-NS",
    place="Thành phố Hồ Chí Minh",
    issued_on=date(2026, 12, 28),
    subject="bổ sung kinh phí chống ngập năm 2027",
    addressees=("Ủy ban nhân dân Thành phố",),
    body=("Sở Tài chính kính trình Ủy ban nhân dân Thành phố xem xét, quyết định./.",),
    recipients=("Như trên;", "Lưu: VT, NS."),
    position="GIÁM ĐỐC",
    signer="Vũ Đình Thuần",
)


def payload(name: str, content: bytes, media_type: str = "application/pdf") -> FilePayload:
    return {"name": name, "mimeType": media_type, "buffer": content}


def letter(number: int) -> FilePayload:
    """A letter that says everything about itself."""
    return payload(f"Scan_{number}.pdf", build(dataclasses.replace(LETTER, number=str(number))))


def opened(page: Page, address: str = FORM) -> Page:
    """The page when its scripts have done their work."""
    page.goto(address, wait_until="networkidle")
    return page


def is_filled(page: Page) -> None:
    expect(page.locator(".proposed").first).to_be_visible()


def registered_numbers(site: Site) -> list[str]:
    with site.session() as session:
        query = select(Document.number_notation).where(Document.state == IncomingState.REGISTERED)
        return list(session.scalars(query.order_by(Document.id)))


def type_paper(page: Page, number: str) -> None:
    """By keyboard alone, from the issuing body to the abstract."""
    keyboard = page.keyboard
    page.locator("#issuer").focus()
    keyboard.press("Control+a")
    keyboard.type("so tai chinh")
    expect(page.locator("#issuer ~ .lookup-list li[role=option]")).to_have_count(1)
    keyboard.press("Tab")
    keyboard.type(number)
    keyboard.press("Tab")
    keyboard.type("28/12")
    keyboard.press("Tab")
    keyboard.type("cong v")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.type("Về việc kiểm thử")


# ── the form ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_paper_that_says_all_about_itself_is_registered_with_one_key(page_as: PageAs, site: Site) -> None:
    number = next(_NUMBERS)
    page = opened(page_as(PostKind.CLERK))
    page.locator("#files").set_input_files(letter(number))
    is_filled(page)
    expect(page.locator("#number_notation")).to_have_value(f"{number}/STC-NS")
    expect(page.locator("#issuer")).to_have_value(SENDER)
    expect(page.locator("#subject")).to_have_value(re.compile("chống ngập"))
    expect(page.locator(".paper canvas").first).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    assert f"{number}/STC-NS" in registered_numbers(site)
    said = page.locator(".alert-success")
    expect(said.get_by_role("link")).to_have_count(2)
    expect(page.locator("#number_notation")).to_have_value("")
    expect(page.locator("#issuer")).to_have_value(SENDER)
    assert page.evaluate("document.activeElement.id") == "number_notation"


def test_a_paper_typed_by_hand_needs_no_mouse_and_enter_in_the_abstract_registers_it(
    page_as: PageAs, site: Site
) -> None:
    number = f"{next(_NUMBERS)}/STC-NS"
    page = opened(page_as(PostKind.CLERK))
    type_paper(page, number)
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("dòng hai")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with site.session() as session:
        document = session.scalars(select(Document).where(Document.number_notation == number)).one()
        assert document.issuer_id is not None
        assert document.issued_on == date(2026, 12, 28)
        assert document.type is not None
        assert document.type.name == "Công văn"
        assert document.subject == "Về việc kiểm thử\ndòng hai"


def test_tab_takes_the_one_body_that_begins_with_what_was_typed_and_escape_keeps_the_words(page_as: PageAs) -> None:
    page = opened(page_as(PostKind.CLERK))
    issuer, chosen = page.locator("#issuer"), page.locator("[name=issuer_id]")
    issuer.press_sequentially("so xay")
    page.keyboard.press("Tab")  # before the list is there
    expect(issuer).to_have_value("Sở Xây dựng")
    expect(chosen).not_to_have_value("")
    issuer.fill("")
    issuer.press_sequentially("so xay")
    expect(page.locator("#issuer ~ .lookup-list li[role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(issuer).to_have_value("so xay")
    expect(chosen).to_have_value("")


def test_what_somebody_typed_stays_whatever_the_file_says(page_as: PageAs) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#number_notation").press_sequentially("77/ABC-XYZ")
    page.locator("#files").set_input_files(letter(next(_NUMBERS)))
    is_filled(page)
    expect(page.locator("#number_notation")).to_have_value("77/ABC-XYZ")
    marks = page.locator(".field:has(#subject) .proposed")
    expect(marks).to_have_count(1)
    page.locator("#subject").press_sequentially(" sửa")
    expect(marks).to_have_count(0)


def test_a_correction_begins_with_what_is_on_record_whatever_the_file_says(page_as: PageAs, site: Site) -> None:
    number = next(_NUMBERS)
    page = opened(page_as(PostKind.CLERK))
    page.locator("#files").set_input_files(letter(number))
    is_filled(page)
    page.locator("#subject").fill("Trích yếu do văn thư sửa")
    with page.expect_navigation():
        page.keyboard.press("Alt+S")
    opened(page, f"{page.url}/correct")
    expect(page.locator(".paper canvas").first).to_be_visible()
    expect(page.locator("#subject")).to_have_value("Trích yếu do văn thư sửa")
    expect(page.locator(".proposed")).to_have_count(0)


@pytest.mark.parametrize(("typed", "name"), [("qd", "Quyết định"), ("tb", "Thông báo"), ("to tr", "Tờ trình")])
def test_the_type_is_chosen_by_abbreviation_or_first_letters_without_marks(
    page_as: PageAs, typed: str, name: str
) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#type_id-typed").focus()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")  # chooses; the form is not sent
    expect(page.locator("#type_id-typed")).to_have_value(name)
    assert page.locator("#type_id").evaluate("each => each.selectedOptions[0].textContent") == name
    assert page.url.endswith(page.url[page.url.index(FORM) :])


def test_the_notation_proposes_the_type_until_somebody_chooses_one(page_as: PageAs) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#number_notation").press_sequentially("15/QĐ-STC")
    expect(page.locator("#type_id-typed")).to_have_value("Quyết định")
    page.locator("#type_id-typed").fill("tb")
    page.keyboard.press("Tab")
    page.locator("#number_notation").press_sequentially("X")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#type_id-typed")).to_have_value("Thông báo")


@pytest.mark.parametrize("today", [date(2027, 1, 5), date(2026, 12, 30), date(2026, 6, 15)])
def test_page_and_server_read_the_same_day_in_what_people_write(page_as: PageAs, today: date) -> None:
    page = opened(page_as(PostKind.CLERK))
    read = """async ([texts, today]) => {
        const { read } = await import("/static/vt/dates.js");
        return texts.map((text) => read(text, new Date(today))?.toISOString().slice(0, 10) ?? null);
    }"""
    texts = [
        "28/12",
        "3/8",
        "5-1",
        "1.7",
        "29/2",
        "3/8/26",
        "03/08/2026",
        "2026-08-03",
        "hôm nay",
        "hôm qua",
        "hôm kia",
        "+7",
    ]

    def by_server(text: str) -> str | None:
        try:
            return parse_day(text, today).isoformat()
        except ValueError:
            return None

    expected = [by_server(text) for text in texts]
    assert page.evaluate(read, [texts, today.isoformat()]) == expected


def test_on_one_screen_every_required_field_and_the_buttons_are_reached_without_the_page_moving(
    page_as: PageAs,
) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#files").set_input_files(letter(next(_NUMBERS)))
    is_filled(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= 768
    for control in page.locator(".entry [required]:not(.sr-only), [data-main]").all():
        box = control.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 768, control
    for control in page.locator(".entry input:visible, .entry textarea:visible").all():
        control.focus()
        assert page.evaluate("window.scrollY") == 0


def test_on_a_phone_the_form_comes_first_and_a_link_leads_to_the_paper(page_as: PageAs) -> None:
    page = opened(page_as(PostKind.CLERK, phone=True))
    page.locator("#files").set_input_files(letter(next(_NUMBERS)))
    is_filled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    def top(place: Locator) -> float:
        box = place.bounding_box()
        assert box is not None
        return box["y"]

    assert top(page.locator("#issuer")) < top(page.locator("#paper"))
    page.locator(".to-paper").click()
    assert 0 <= top(page.locator("#paper")) < 400


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_files_the_bad_one_says_why_and_the_good_one_is_shown_at_once(page_as: PageAs) -> None:
    page_as.tolerate("422")
    page = opened(page_as(PostKind.CLERK))
    bad = payload("chương trình.exe", b"MZ\x90\x00" + b"\0" * 300, "application/octet-stream")
    page.locator("#files").set_input_files([bad, payload("công văn.pdf", pdf("tốt", 3).read())])
    failed = page.locator(".staged-files .failed")
    expect(failed).to_contain_text("chương trình.exe")
    expect(failed.locator(".error-text")).not_to_be_empty()
    expect(page.locator(".staged-files li[data-upload]")).to_have_count(1)
    expect(page.locator(".paper .pdf-bar")).to_contain_text("/ 3")
    page.locator(".staged-files li[data-upload] .btn").click()
    expect(page.locator("[data-paper-empty]")).to_be_visible()


def test_of_several_files_each_is_shown_when_it_is_asked_for(page_as: PageAs) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#files").set_input_files(
        [payload("một.pdf", pdf("1", 1).read()), payload("bốn.pdf", pdf("4", 4).read())]
    )
    expect(page.locator(".staged-files li[data-upload]")).to_have_count(2)
    page.get_by_role("button", name=re.compile("bốn.pdf")).first.click()
    expect(page.locator(".paper .pdf-bar:visible")).to_contain_text("/ 4")
    page.get_by_role("button", name=re.compile("một.pdf")).first.click()
    expect(page.locator(".paper .pdf-bar:visible")).to_contain_text("/ 1")


def test_an_invalid_signature_warns_and_leads_to_the_refusal_with_all_that_was_typed(
    page_as: PageAs, pki: Authority
) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#number_notation").press_sequentially("99/ABC")
    with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread, signing wants one of its own
        signed = aside.submit(sign, build(LETTER), pki.people["leader"]).result()
    page.locator("#files").set_input_files(payload("hỏng.pdf", paint_on_page(signed)))
    page.locator("[data-signature] [data-refuse]").click()
    page.wait_for_url("**/incoming/new/refuse")
    expect(page.locator("#number_notation")).to_have_value("99/ABC")
    expect(page.locator(".staged-files")).to_contain_text("hỏng.pdf")


def test_leaving_a_form_that_somebody_began_asks_first(page_as: PageAs) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#subject").press_sequentially("Dở dang")
    page.get_by_role("navigation").locator(f"a[href='{TRAY}']").first.click()
    expect(page.locator("#vt-confirm")).to_be_visible()
    page.locator("#vt-confirm [value=cancel]").click()
    expect(page.locator("#subject")).to_have_value("Dở dang")
    untouched = opened(page_as(PostKind.CLERK))
    untouched.get_by_role("navigation").locator(f"a[href='{TRAY}']").first.click()
    untouched.wait_for_url(f"**{TRAY}")


# ── duplicates ───────────────────────────────────────────────────────────────────────────────────────────────────────


def twice(page_as: PageAs) -> tuple[Page, str]:
    """A form in which a paper is typed that is registered already."""
    number = f"{next(_NUMBERS)}/STC-NS"
    page = opened(page_as(PostKind.CLERK))
    type_paper(page, number)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    type_paper(page, number.replace("/", " / ").lower())
    expect(page.locator("#similar .similar-line")).to_be_visible()
    return page, number


@pytest.mark.clause("212/16.1.g")
def test_while_typing_the_document_found_is_shown_and_may_be_registered_once_more_with_a_reason(
    page_as: PageAs, site: Site
) -> None:
    page, _ = twice(page_as)
    expect(page.locator("#similar .similar-line")).to_contain_text("/2026")
    page.keyboard.press("Alt+Y")
    assert page.evaluate("document.activeElement.id") == "duplicate_reason"
    page.keyboard.type("Gửi lại bản đã ký")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with site.session() as session:
        again = session.scalars(select(Document).order_by(Document.id.desc()).limit(1)).one()
        assert again.duplicate_of_id is not None


@pytest.mark.clause("212/7.3")
def test_while_typing_it_may_be_said_that_it_is_the_paper_copy(page_as: PageAs, site: Site) -> None:
    page, number = twice(page_as)
    page.locator("#files").set_input_files(payload("bản giấy.pdf", pdf("bản giấy").read()))
    expect(page.locator(".paper canvas").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    with page.expect_navigation():
        page.keyboard.press("Alt+B")
    with site.session() as session:
        found = session.scalars(select(Document).where(Document.number_notation == number)).one()
        assert found.paper_received_at is not None
        assert session.scalar(select(func.count()).where(DocumentFile.document_id == found.id)) == 1


def test_while_typing_one_may_give_up_and_nothing_is_registered(page_as: PageAs, site: Site) -> None:
    page, _ = twice(page_as)
    before = registered_numbers(site)
    page.locator("[data-give-up]").click()
    page.wait_for_url(re.compile(r"/incoming/$"))
    assert registered_numbers(site) == before


def test_on_saving_the_same_answers_stand_beside_the_form_with_everything_typed(page_as: PageAs) -> None:
    page_as.tolerate("422")
    page, _ = twice(page_as)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("#similar [name=instead]").first).to_be_visible()
    expect(page.locator("#duplicate_reason")).to_be_visible()
    expect(page.locator("#subject")).to_have_value("Về việc kiểm thử")


# ── state secrets ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_choosing_a_secrecy_stops_with_advice_and_the_files_are_gone(page_as: PageAs, site: Site) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#files").set_input_files(payload("mật.pdf", pdf("bí mật").read()))
    expect(page.locator(".staged-files li[data-upload]")).to_have_count(1)
    with site.session() as session:
        sha256 = session.scalars(select(Upload.sha256).where(Upload.received_name == "mật.pdf")).one()
    page.locator("#subject").press_sequentially("Nội dung mật")
    page.locator("#secrecy").select_option("secret")
    page.locator("#vt-confirm [value=ok]").click()
    expect(page.locator("[data-secret-warning]")).to_be_visible()
    expect(page.locator("#subject")).to_have_value("")
    expect(page.locator(".staged-files li")).to_have_count(0)
    with site.session() as session:
        assert session.scalars(select(Upload).where(Upload.received_name == "mật.pdf")).all() == []
        assert not store().exists(sha256)


def test_a_paper_that_bears_a_secrecy_mark_is_not_registered_before_somebody_answered(
    page_as: PageAs, site: Site
) -> None:
    number = f"{next(_NUMBERS)}/BC-STC"
    drawn = io.BytesIO()
    canvas = Canvas(drawn, invariant=True)
    for at, words in enumerate(("SO TAI CHINH", "MAT", f"So: {number}", "BAO CAO", "Noi dung bao cao")):
        canvas.drawString(80, 780 - 24 * at, words)
    canvas.save()
    page = opened(page_as(PostKind.CLERK))
    page.locator("#files").set_input_files(payload("có dấu.pdf", drawn.getvalue()))
    expect(page.locator("[data-secret-warning]")).to_be_visible()
    expect(page.locator("#secrecy")).to_have_value("")
    type_paper(page, number)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "secrecy"
    assert number not in registered_numbers(site)
    page.locator("#secrecy").select_option("secret")  # and then thinks better of it: still no answer
    page.locator("#vt-confirm [value=cancel]").click()
    expect(page.locator("#secrecy")).to_have_value("")
    page.locator("#secrecy").select_option("none")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert number in registered_numbers(site)


def test_a_secrecy_chosen_by_mistake_costs_nothing(page_as: PageAs) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator("#subject").press_sequentially("Nội dung thường")
    page.locator("#secrecy").select_option("secret")
    page.locator("#vt-confirm [value=cancel]").click()
    expect(page.locator("#secrecy")).to_have_value("none")
    expect(page.locator("#subject")).to_have_value("Nội dung thường")


# ── the tray ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_files_put_into_the_tray_stand_in_it_at_once_and_a_bad_one_says_why(page_as: PageAs) -> None:
    page_as.tolerate("422")
    page = opened(page_as(PostKind.CLERK), TRAY)
    bad = payload("xấu.exe", b"MZ\x90\x00" + b"\0" * 300, "application/octet-stream")
    page.locator("#tray-files").set_input_files([letter(next(_NUMBERS)), bad])
    expect(page.locator("#tray")).to_contain_text("Scan_")
    expect(page.locator(".tray-sent .failed")).to_contain_text("xấu.exe")


def test_the_tray_is_worked_off_by_keyboard_alone(page_as: PageAs, site: Site) -> None:
    page = opened(page_as(PostKind.CLERK), TRAY)
    numbers = [next(_NUMBERS) for _ in range(3)]
    with site.session() as session:
        waiting = select(func.count()).where(Document.state == IncomingState.RECEIVED)
        before = session.scalar(waiting) or 0
    page.locator("#tray-files").set_input_files([letter(number) for number in numbers])
    expect(page.locator(".tray-sent li")).to_have_count(0)
    expect(page.locator("#tray tbody tr")).to_have_count(before + 3)
    page.keyboard.press("v")
    ours = {f"{number}/STC-NS" for number in numbers}
    for _ in range(before + 3):
        page.wait_for_url(re.compile(r"/incoming/\d+/register$"))
        page.wait_for_load_state("networkidle")
        is_ours = page.locator("#number_notation").input_value() in ours
        with page.expect_navigation():  # what others left in the tray is skipped
            page.keyboard.press("Enter" if is_ours else "Alt+N")
    done = registered_numbers(site)
    assert [f"{number}/STC-NS" in done for number in numbers] == [True] * 3


def test_the_keys_of_the_page_are_listed(page_as: PageAs) -> None:
    page = opened(page_as(PostKind.CLERK))
    page.locator(".page-head [data-keys-help]").click()
    listed = page.locator("#vt-keys")
    for key in ("Enter", "Alt+S", "Alt+O", "Alt+R", "Alt+U", "Ctrl+Enter"):
        expect(listed.locator("kbd", has_text=re.compile(f"^{re.escape(key)}$"))).to_have_count(1)


def test_the_form_works_without_script(page_as: PageAs, site: Site) -> None:
    browser = page_as.browser
    context = browser.new_context(base_url=site.address, java_script_enabled=False)
    context.add_cookies([site.cookie(PostKind.CLERK)])
    page = context.new_page()
    page.goto(FORM)
    number = f"{next(_NUMBERS)}/STC-NS"
    page.locator("#issuer").fill(SENDER)
    page.locator("#number_notation").fill(number)
    page.locator("#type_id").select_option(label="Công văn")
    page.locator("#subject").fill("Không cần kịch bản")
    page.locator("#files").set_input_files(payload("a.pdf", io.BytesIO(pdf("a").read()).read()))
    page.locator("#subject").press("Tab")
    page.locator("#number_notation").press("Enter")
    page.wait_for_load_state()
    assert number in registered_numbers(site)
    context.close()
