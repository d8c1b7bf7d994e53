"""The checks of a page notice what they are there for, and let pass what is right."""

import pytest

from tests.pages.checker import Page, Words

WORDS = Words(
    translations={
        "Save": "Lưu",
        "Search": "Tìm",
        "Web": "Web",
        "is": "là",
        "Nothing matches": "Không có gì khớp",
        "Nothing is changed. Change a field, or go back.": "Chưa có gì thay đổi.",
        "Fault %(code)s: ask the IT centre": "Lỗi %(code)s: hỏi Trung tâm Tin học",
        "Read <b>this</b> first": "Đọc <b>điều này</b> trước",
        "Untranslated sentence of ours": "",
        "E-mail": "email",
    },
    values=frozenset({"registered", "own_post", "email", "job"}),
    tags=frozenset({"incoming.register"}),
    data=frozenset({"tài khoản admin_head"}),
)


def faults(body: str, nonce: str = "n0", head: str = "<title>Trang</title>") -> list[str]:
    """Kinds of fault of a page that is sound but for its body."""
    page = Page(f'<!doctype html><html lang="vi"><head>{head}</head><body><h1>Đầu đề</h1>{body}</body></html>')
    return sorted({fault.kind for fault in page.faults(WORDS, nonce)})


@pytest.mark.parametrize(
    "body",
    [
        "<p>Save</p>",
        "<p> Save: </p>",
        "<p><b>12</b> Save</p>",
        "<p>Sắp xếp · Search</p>",
        '<a href="/" title="Save">Lưu</a>',
        '<button aria-label="Save">×</button>',
        '<input placeholder="Search">',
        '<img alt="Save" src="/a.png">',
        '<input type="submit" value="Save">',
        "<select><option>Save</option></select>",
        '<optgroup label="Search"></optgroup>',
        '<div data-words=\'{"close": "Save"}\'></div>',
        '<form method="post" data-confirm-label="Save"></form>',
        '<div class="d-none">{"operation": "Nothing matches"}</div>',
        "<p>Kết quả: Nothing matches</p>",
        "<p>Fault 404: ask the IT centre</p>",
        "<p>Read <b>this</b> first</p>",
        "<p>Untranslated sentence of ours</p>",
        '<p lang="vi">Save</p>',
    ],
)
def test_english_is_noticed_wherever_a_person_sees_or_hears_it(body: str) -> None:
    assert faults(body) == ["English"]


def test_english_in_the_title_is_noticed() -> None:
    assert faults("", head="<title>Search · Văn Thư</title>") == ["English"]


@pytest.mark.parametrize(
    "body",
    [
        "<p>Lưu văn bản in do an toàn, so sánh</p>",
        '<a href="/lang/en" lang="en">Save</a>',
        "<p>Việc <code>own_post registered</code></p>",
        "<script src='/a.js'></script><p>Web</p>",
        "<p>Gửi qua email</p>",
        "<p>Hệ thống mở tài khoản của bà Hạnh</p>",
        "<p>tài khoản admin_head</p>",
        '<input type="hidden" value="registered"><input type="date" value="2026-12-30">',
        '<time datetime="2026-12-30T09:30">30/12/2026 09:30</time>',
        "<p>Số 212/QĐ-VP, 12/12/2026, mã 000.00.01.H29</p>",
        '<p data-sort="registered">1.234.567</p>',
        "<p>/quan-tri/events/export/csv/</p>",
        "<p>van_ban_2026-12-30.pdf</p>",
    ],
)
def test_what_is_right_passes(body: str) -> None:
    assert faults(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "<p>Ngày 2026-12-30</p>",
        "<p>2026-12-30 09:30</p>",
        "<p>2026-12-30T09:30:00+07:00</p>",
        '<input value="2026-12-30">',
        '<span title="2026-12-30">hôm nay</span>',
        "<p>12/30/2026</p>",
        "<p>9:30 AM</p>",
        "<p>Dec 30, 2026</p>",
    ],
)
def test_a_date_written_another_way_is_noticed(body: str) -> None:
    assert faults(body) == ["date not as the office writes it"]


@pytest.mark.parametrize(
    "body",
    [
        "<p>registered</p>",
        "<p>Trạng thái: registered</p>",
        "<p>Thẩm quyền own_post</p>",
        "<td>job</td>",
        "<p>None</p>",
        "<p>Do None ký</p>",
        "<p>null</p>",
        "<p>nan</p>",
        "<p>True</p>",
        "<p>[]</p>",
        "<p>Còn %(count)s việc</p>",
        "<p>Chào {{ name }}</p>",
        "<p>Sở &amp;amp; ban ngành</p>",
        "<p>&lt;b&gt;gấp&lt;/b&gt;</p>",
        '<p title="[object Object]">x</p>',
    ],
)
def test_a_raw_value_is_noticed(body: str) -> None:
    assert faults(body) == ["raw value"]


def test_the_tag_of_an_event_is_noticed() -> None:
    assert faults("<p>đã làm incoming.register</p>") == ["tag of an event"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<script>alert(1)</script>", "script without nonce"),
        ('<script nonce="other">alert(1)</script>', "script without nonce"),
        ('<p style="color: red">x</p>', "inline style"),
        ("<style>p { color: red }</style>", "inline style"),
        ('<button onclick="go()">x</button>', "inline handler"),
        ('<a href="javascript:go()">x</a>', "inline handler"),
        ('<img alt="" src="https://elsewhere.vn/a.png">', "another host"),
        ('<script src="//elsewhere.vn/a.js"></script>', "another host"),
        ('<a href="#nowhere">x</a>', "fragment that leads nowhere"),
        ('<label for="nowhere">x</label>', "reference that leads nowhere"),
        ('<input aria-describedby="nowhere">', "reference that leads nowhere"),
        ('<p id="a">x</p><p id="a">y</p>', "id held twice"),
        ("<h1>x</h1>", "headings of the first rank"),
    ],
)
def test_what_breaks_the_policy_or_leads_nowhere_is_noticed(body: str, kind: str) -> None:
    assert faults(body) == [kind]


def test_a_script_with_the_answers_nonce_and_data_for_scripts_pass() -> None:
    assert faults('<script nonce="n0">go()</script><script type="application/json">{"a": 1}</script>') == []
    assert faults('<a href="#here">x</a><p id="here">y</p><a href="#top">z</a>') == []


def test_a_page_without_title_or_language_is_noticed() -> None:
    kinds = {fault.kind for fault in Page("<html><body><h1>x</h1></body></html>").faults(None)}
    assert kinds == {"page without title", "page without language"}


def test_links_and_forms_give_the_addresses_that_a_browser_asks_for() -> None:
    page = Page(
        '<html><body><a href="/a?b=1#c">x</a><iframe src="/f"></iframe>'
        '<form action="/list?old=1"><input name="q" value="hai từ"><select name="s"><option value="">–'
        '<option value="1" selected>một</select><button>Tìm</button></form><form method="post" action="/never"></form>'
        '<script src="/s.js"></script><div data-lookup="/tim"></div></body></html>'
    )
    assert list(page.links()) == ["/a?b=1#c", "/f", "/list?q=hai+t%E1%BB%AB&s=1"]
    assert list(page.fetched()) == ["/s.js", "/tim"]


def test_a_form_to_fill_in_is_given_empty_and_a_mere_button_is_not_one() -> None:
    page = Page(
        '<html><body><form method="post" action="/luu"><input type="hidden" name="k" value="1">'
        '<input name="a" value="x"><textarea name="b">y</textarea></form>'
        '<form method="post"><input type="hidden" name="k" value="1"></form></body></html>'
    )
    assert list(page.forms_to_fill()) == [("/luu", [("k", "1"), ("a", ""), ("b", "")])]
