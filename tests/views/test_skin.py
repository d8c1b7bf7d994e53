"""The skin: what it promises to eyes, keyboards, phones and the content security policy."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask_appbuilder
import pytest
from flask import Blueprint, Flask, Response, jsonify, render_template_string
from flask_babel import Babel
from playwright.sync_api import Browser, Page
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas
from werkzeug.serving import make_server

from app.errors import Obstacle
from app.translation import register_filters
from app.vocabulary import PostKind

ROOT = Path(__file__).resolve().parents[2] / "app"
STATIC = ROOT / "static"
OURS = [
    path for folder in ("vt", "appbuilder", "admin", "errors") for path in (ROOT / "templates" / folder).rglob("*.html")
]
TOKENS = (STATIC / "vt" / "tokens.css").read_text()
VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'none'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'"
)
TEXT_ON_GROUND = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "accent", "late", "soon", "good")
        for ground in ("ground", "paper", "paper-2")
    ),
    *((kind, f"{kind}-soft") for kind in ("accent", "late", "soon", "good")),
    *(("ink", f"{kind}-soft") for kind in ("accent", "late", "soon", "good")),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-hover"),
    ("seal-ink", "seal"),
    ("late-ink", "late"),
]
SHAPES_ON_GROUND = [(shape, ground) for shape in ("line-strong", "focus") for ground in ("ground", "paper", "paper-2")]


def colours(block: str) -> dict[str, str]:
    """The colour tokens of one block of tokens.css."""
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))


def scheme(name: str) -> dict[str, str]:
    """All colours of a scheme; the dark one is said twice, by the device and by choice."""
    blocks = {
        "light": TOKENS.split(":root {", 1)[1].split("}", 1)[0],
        "device": TOKENS.split(':root:not([data-theme="light"]) {', 1)[1].split("}", 1)[0],
        "dark": TOKENS.split(':root[data-theme="dark"] {', 1)[1].split("}", 1)[0],
    }
    return colours(blocks[name])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(name: str) -> None:
    palette = scheme(name)
    poor = {pair: contrast(palette[pair[0]], palette[pair[1]]) for pair in TEXT_ON_GROUND}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_borders_of_fields_and_the_focus_ring_can_be_seen_in_both_schemes(name: str) -> None:
    palette = scheme(name)
    poor = {pair: contrast(palette[pair[0]], palette[pair[1]]) for pair in SHAPES_ON_GROUND}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 3} == {}


def test_the_chosen_dark_and_the_device_s_dark_are_the_same() -> None:
    assert scheme("device") == scheme("dark")
    assert scheme("dark").keys() == scheme("light").keys()


@pytest.mark.parametrize("weight", [400, 500, 600, 700])
def test_the_typeface_has_every_vietnamese_letter_in_every_weight(weight: int) -> None:
    faces = [face for face in re.findall(r"@font-face \{(.+?)\}", TOKENS) if f"font-weight: {weight};" in face]
    covered: set[int] = set()
    for face in faces:
        assert (STATIC / "vt" / re.search(r'url\("(.+?)"\)', face).group(1)).stat().st_size > 5000
        for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", face):
            covered.update(range(int(first, 16), int(last or first, 16) + 1))
    assert [letter for letter in VIETNAMESE + VIETNAMESE.upper() + "₫–…“”" if ord(letter) not in covered] == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_no_inline_style_handler_or_script(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"<style\b", source)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert "javascript:" not in source


def test_nothing_comes_from_another_host() -> None:
    files = [*OURS, *(STATIC / "vt").glob("*.css"), *(STATIC / "vt").glob("*.js")]
    assert [path.name for path in files if re.search(r"""["'(]\s*(https?:)?//[a-z]""", path.read_text())] == []


def test_what_is_shipped_stays_small_and_carries_its_licences() -> None:
    assert sum(path.stat().st_size for path in STATIC.rglob("*") if path.is_file()) < 4_000_000
    for licence in (
        "vendor/pdfjs/LICENSE",
        "vendor/pdfjs/wasm/LICENSE_OPENJPEG",
        "vendor/pdfjs/wasm/LICENSE_JBIG2",
        "vt/fonts/OFL.txt",
    ):
        assert (STATIC / licence).stat().st_size > 400


def test_every_part_of_the_library_s_pages_that_breaks_the_policy_is_replaced() -> None:
    theirs = Path(flask_appbuilder.__file__).parent / "templates" / "appbuilder" / "general"
    unused = {
        "widgets/list_block.html",
        "widgets/list_item.html",
        "widgets/list_link.html",
        "widgets/list_thumbnail.html",
    }
    broken = {
        str(path.relative_to(theirs))
        for folder in ("model", "widgets", ".")
        for path in theirs.joinpath(folder).glob("**/*.html" if folder != "." else "*.html")
        if re.search(r'\sstyle="|<script', path.read_text())
    }
    broken -= {name for name in broken if "chart" in name or "carousel" in name or name.startswith("security/")}
    ours = {
        str(path.relative_to(ROOT / "templates/appbuilder/general"))
        for path in OURS
        if "appbuilder/general" in str(path)
    }
    assert broken - ours - unused - {"model/search.html"} == set()


# --- macros ----------------------------------------------------------------------------------------------------------


def bare_app() -> Flask:
    """The templates and static files alone: no tables, no person, English sentences."""
    app = Flask("skin", template_folder=str(ROOT / "templates"), static_folder=str(STATIC))
    app.config["SECRET_KEY"] = "skin"
    Babel(app, default_locale="en")
    register_filters(app)
    theirs = Path(flask_appbuilder.__file__).parent
    app.register_blueprint(
        Blueprint(
            "appbuilder",
            __name__,
            template_folder=str(theirs / "templates"),
            static_folder=str(theirs / "static" / "appbuilder"),
            static_url_path="/static/appbuilder",
        )
    )
    return app


@pytest.fixture
def drawn() -> Callable[..., str]:
    """Draws a piece of a template with the macros at hand."""
    app = bare_app()

    def draw(source: str, **values: Any) -> str:
        with app.test_request_context("/"):
            return render_template_string("{% import 'vt/macros.html' as vt %}" + source, **values)

    return draw


def test_a_fault_is_tied_to_its_field(drawn: Callable[..., str]) -> None:
    page = drawn(
        "{% call(described) vt.field('Trích yếu', id='subject', hint='Ngắn gọn', errors=['Còn thiếu'], "
        "required=true) %}"
        '<input id="subject" aria-describedby="{{ described }}">{% endcall %}'
    )
    assert 'for="subject"' in page
    assert 'aria-describedby="subject-hint subject-error"' in page
    assert 'id="subject-hint"' in page
    assert 'id="subject-error"' in page
    assert "Còn thiếu" in page
    assert "(required)" in page


def test_values_are_escaped_and_an_empty_one_shows_a_dash(drawn: Callable[..., str]) -> None:
    page = drawn(
        "{{ vt.facts([('Nơi gửi', sender), ('Người ký', ''), ('Số trang', 0)]) }}", sender="<script>alert(1)</script>"
    )
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert page.count("–") == 1
    assert "<dd>0</dd>" in page


@pytest.mark.parametrize(
    ("code", "word", "look"),
    [("urgent", "Urgent", "khan"), ("very_urgent", "Very urgent", "thuong-khan"), ("flash", "FLASH", "hoa-toc")],
)
def test_urgency_is_said_in_words_and_not_by_colour_alone(
    drawn: Callable[..., str], code: str, word: str, look: str
) -> None:
    assert drawn("{{ vt.tag_urgency(code) }}", code=code) == f'<span class="tag {look}">{word}</span>'


def test_the_ordinary_level_has_no_tag(drawn: Callable[..., str]) -> None:
    assert drawn("{{ vt.tag_urgency('normal') }}{{ vt.tag_urgency('') }}") == ""


def test_a_pager_draws_no_control_that_leads_nowhere(drawn: Callable[..., str]) -> None:
    assert drawn("{{ vt.pager() }}") == ""
    page = drawn("{{ vt.pager(next_url='?after=9') }}")
    assert 'rel="next" href="?after=9"' in page
    assert 'rel="prev"' not in page
    assert 'rel="first"' not in page


def test_obstacles_name_the_field_and_fill_in_their_values(drawn: Callable[..., str]) -> None:
    found = [Obstacle("Only %(n)s left", field="number", params={"n": 3}), "Sổ đã khóa"]
    page = drawn("{{ vt.obstacles(found) }}{{ vt.obstacles([]) }}", found=found)
    assert '<a href="#number">Only 3 left</a>' in page
    assert "Sổ đã khóa" in page
    assert page.count('role="alert"') == 1


def test_a_story_gives_the_time_of_vietnam_and_quotes_instructions(drawn: Callable[..., str]) -> None:
    entry = {
        "at": datetime(2026, 11, 23, 2, 14, tzinfo=UTC),
        "text": "giao chủ trì",
        "words": "<b>gấp</b>",
        "kind": "system",
    }
    page = drawn("{{ vt.timeline([entry]) }}", entry=entry)
    assert "23/11/2026 09:14" in page
    assert "<blockquote>&lt;b&gt;gấp&lt;/b&gt;</blockquote>" in page
    assert 'class="sys"' in page


def test_without_script_the_document_is_still_a_link(drawn: Callable[..., str]) -> None:
    page = drawn("{{ vt.pdf_viewer('/tep/1', 'Tờ trình \"số 1\"', '/tep/1/tai') }}")
    assert 'data-src="/tep/1"' in page
    assert 'href="/tep/1/tai"' in page
    assert "Tờ trình &#34;số 1&#34;" in page


@pytest.mark.parametrize("code", [400, 403, 404, 409, 413, 429, 500, 503])
def test_a_fault_has_a_plain_sentence_a_next_step_and_needs_no_database(code: int) -> None:
    app = bare_app()
    with app.test_request_context("/"):
        page = app.jinja_env.get_template(f"errors/{code}.html").render(
            app.jinja_env.globals | {"request_id": "9f3c21"}
        )
    assert f"Fault {code}" in page
    assert "What you can do" in page
    assert "9f3c21" in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("code", [500, 503])
def test_when_the_database_is_gone_the_page_asks_it_nothing(code: int) -> None:
    class Trap:
        app_name, languages, get_url_for_index = "Văn Thư", {}, "/"

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"asked for {name}")

    app = bare_app()
    with app.test_request_context("/"):
        page = app.jinja_env.get_template(f"errors/{code}.html").render({"appbuilder": Trap(), "current_user": Trap()})
    assert "Văn Thư" in page


# --- the shell in the program ----------------------------------------------------------------------------------------


def test_a_signed_in_page_has_one_heading_a_skip_link_and_marks_where_one_is(client_for: Callable[..., Any]) -> None:
    client = client_for(PostKind.CLERK)
    front = client.get("/", follow_redirects=True).get_data(as_text=True)
    first = re.search(r'<li><a href="([^"]+)"', front).group(1)
    page = client.get(first, follow_redirects=True).get_data(as_text=True)
    assert f'<li><a href="{first}" aria-current="page">' in page
    assert page.count("<h1") == 1
    assert 'class="skip" href="#main"' in page
    assert 'id="main"' in page
    assert '<html lang="vi"' in page
    assert "Lê Thị Hạnh" in page
    assert re.search(r'<form method="post" action="/logout/">\s*<input type="hidden" name="csrf_token"', page)


def test_the_sign_in_page_shows_no_menu(client_for: Callable[..., Any]) -> None:
    page = client_for(None).get("/login/").get_data(as_text=True)
    assert 'id="side"' not in page
    assert 'autocomplete="current-password"' in page


# --- in a browser ----------------------------------------------------------------------------------------------------

SHEET = """{% extends 'vt/base.html' %}{% import 'vt/macros.html' as vt %}{% block content %}<h1>Thử</h1>
{{ vt.pdf_viewer(src, 'Công văn') }}
<form method="post">{{ vt.lookup('issuer', 'issuer_id', '/tim', 'Nơi gửi') }}
{{ vt.date_input('dated', 'Ngày') }}<input type="date" id="iso" name="iso" value="2026-08-03" data-vn-date>
{{ vt.file_drop('files', 'Tệp', limit=1000) }}
<button class="btn main" type="submit" data-confirm="Vào sổ?">Vào sổ</button></form>
{% endblock %}"""


def document() -> bytes:
    """Three pages, the second across, with Vietnamese text in an embedded font."""
    pdfmetrics.registerFont(TTFont("Skin", ROOT / "reports" / "fonts" / "LiberationSerif-Regular.ttf"))
    sheet = canvas.Canvas("", pagesize=A4)
    for number, size in enumerate((A4, landscape(A4), A4), 1):
        sheet.setPageSize(size)
        sheet.setFont("Skin", 13)
        sheet.drawString(72, size[1] - 90, f"Trang {number}: bổ sung kinh phí chống ngập, đường Nguyễn Huệ")
        sheet.showPage()
    return sheet.getpdfdata()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A site of one page on this machine, under the program's content security policy."""
    app, content, posted = bare_app(), document(), []
    app.add_url_rule("/", "page", lambda: render_template_string(SHEET, src="/tep"))
    app.add_url_rule("/hong", "broken_page", lambda: render_template_string(SHEET, src="/tep-hong"))
    app.add_url_rule("/", "post", lambda: posted.append(1) or f"<p id=n>{len(posted)}</p>", methods=["POST"])
    app.add_url_rule("/tep", "file", lambda: Response(content, mimetype="application/pdf"))
    app.add_url_rule("/tep-hong", "broken", lambda: Response(b"no document", mimetype="application/pdf"))
    # the plain answer above names no icon, so the browser asks for the usual one, sooner or later
    app.add_url_rule("/favicon.ico", "icon", lambda: Response(status=204))
    app.add_url_rule("/tim", "lookup", lambda: jsonify([{"id": 7, "label": "Sở Tài chính", "hint": "H29.12"}]))

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a phone's width; at the end nothing may have broken the policy or thrown."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN", timezone_id="America/Lima")
    opened, faults = context.new_page(), []
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    yield opened
    assert faults == []
    context.close()


@pytest.mark.browser
def test_a_document_is_drawn_and_its_text_is_found_without_diacritics(page: Page, site: str) -> None:
    page.goto(site)
    page.wait_for_selector(".textLayer span")
    assert page.locator(".pdf-page").count() == 3
    page.click('.pdf-bar [aria-expanded="false"]')
    page.keyboard.type("CHONG NGAP, duong")
    page.wait_for_selector(".textLayer mark.current")
    assert page.inner_text(".pdf-find [role=status]") == "1 of 3"
    assert page.locator("mark.current").first.text_content() == "chống ngập, đường"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_a_damaged_document_says_so_and_offers_the_file(page: Page, site: str) -> None:
    page.goto(f"{site}/hong")
    page.wait_for_selector(".pdf-message.failed")
    assert "damaged" in page.inner_text(".pdf-message.failed")
    assert page.get_attribute(".pdf-message.failed a", "href") == "/tep-hong"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("3/8/26", "03/08/2026"),
        ("03082026", "03/08/2026"),
        ("2026-8-3", "03/08/2026"),
        ("31/2/2026", "31/2/2026"),
        ("29-2-2028", "29/02/2028"),
    ],
)
def test_a_date_is_typed_freely_and_no_day_is_invented(page: Page, site: str, typed: str, becomes: str) -> None:
    page.goto(site)
    page.fill("#dated", typed)
    page.keyboard.press("Tab")
    assert page.input_value("#dated") == becomes
    assert page.eval_on_selector("#dated", "field => field.checkValidity()") is (typed != becomes)


@pytest.mark.browser
def test_today_is_vietnam_s_whatever_zone_the_computer_is_in(page: Page, site: str) -> None:
    page.clock.set_fixed_time("2026-11-22T18:30:00Z")  # 01:30 of the 23rd in Vietnam, the 22nd in Lima
    page.goto(site)
    for typed, becomes in (
        ("hôm nay", "23/11/2026"),
        ("+7", "30/11/2026"),
        ("mai", "24/11/2026"),
        ("-1", "22/11/2026"),
    ):
        page.fill("#dated", typed)
        page.press("#dated", "Tab")
        assert page.input_value("#dated") == becomes


@pytest.mark.browser
def test_an_iso_field_shows_our_way_and_sends_its_own(page: Page, site: str) -> None:
    page.goto(site)
    assert page.input_value("#iso") == "03/08/2026"
    page.fill("#iso", "2/9/2026")
    page.press("#iso", "Tab")
    assert page.eval_on_selector("[name=iso]", "field => field.value") == "2026-09-02"


@pytest.mark.browser
def test_a_choice_by_keyboard_fills_in_the_id_and_free_text_takes_it_away(page: Page, site: str) -> None:
    page.goto(site)
    page.fill("#issuer", "so tai")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert (page.input_value("#issuer"), page.input_value("[name=issuer_id]")) == ("Sở Tài chính", "7")
    page.fill("#issuer", "Sở Tài chính Bến Tre")
    assert page.input_value("[name=issuer_id]") == ""


@pytest.mark.browser
def test_one_of_several_files_can_be_taken_back_and_one_too_large_is_named(page: Page, site: str) -> None:
    page.goto(site)
    small, large = (
        {"name": name, "mimeType": "application/pdf", "buffer": b"x" * size}
        for name, size in (("a.pdf", 10), ("b.pdf", 5000))
    )
    page.set_input_files("#files", [small, large])
    assert "larger than" in page.inner_text("ul.files li:nth-child(2)")
    assert page.eval_on_selector("#files", "field => field.checkValidity()") is False
    page.click("ul.files li:nth-child(2) button")
    assert page.eval_on_selector("#files", "field => [...field.files].map(file => file.name)") == ["a.pdf"]
    assert page.eval_on_selector("#files", "field => field.checkValidity()") is True


@pytest.mark.browser
def test_an_act_asks_first_and_is_sent_once_however_often_one_presses(page: Page, site: str) -> None:
    page.goto(site)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    page.click("form .btn.main")
    page.click("dialog [value=cancel]")
    assert sent == []
    page.click("form .btn.main")
    with page.expect_navigation():
        page.evaluate("""() => {
            document.querySelector('dialog [value=ok]').click();
            setTimeout(() => document.querySelector('form .btn.main').click(), 0);
        }""")
    assert sent == ["POST"]


@pytest.mark.browser
def test_the_chosen_colours_are_kept(page: Page, site: str) -> None:
    page.goto(site)
    page.click("[data-theme-choice] [value=dark]")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 22, 26)"
