"""The walk finds what is linked, notices what does not answer, and comes to an end."""

from typing import Any

import pytest
from flask import Flask, redirect, request

from tests.pages.checker import Page
from tests.pages.crawler import QUERIES, RECORDS, Findings, Walk


def site(start: str, **pages: str) -> Flask:
    """A program of a few pages besides the first one."""
    app = Flask("walked")
    app.testing = True

    def draw(body: str) -> str:
        return f'<html lang="vi"><title>Trang</title><body><h1 id="dau">Trang</h1>{body}</body></html>'

    app.add_url_rule("/", "start", lambda: draw(start))
    for name, body in pages.items():
        app.add_url_rule(f"/{name}", name, lambda body=body: draw(body))
    app.add_url_rule("/ban-ghi/<int:pk>", "record", lambda pk: draw(f'<a href="/ban-ghi/{pk + 1}">tiếp</a>'))
    app.add_url_rule("/hong", "broken", lambda: 1 / 0)
    app.add_url_rule("/chuyen", "moved", lambda: redirect("/den"))
    app.add_url_rule("/lang/en", "language", lambda: 1 / 0)
    return app


def walked(start: str, **pages: str) -> Findings:
    app = site(start, **pages)
    return Walk(app, app.test_client(), lambda page, nonce: page.faults(None, nonce)).run("/")


def kinds(findings: Findings) -> set[tuple[str, str]]:
    return {(fault.kind, address) for fault, addresses in findings.faults.items() for address in addresses}


def test_links_redirects_frames_and_forms_are_followed_and_languages_are_not() -> None:
    found = walked(
        start='<a href="/chuyen">a</a><form action="/tim"><input name="q"></form><a href="/lang/en">English</a>'
        '<a href="https://elsewhere.vn/">ra ngoài</a><a href="mailto:a@b.vn">thư</a>',
        den='<iframe src="/khung"></iframe>',
        tim="",
        khung="",
    )
    assert set(found.pages) == {"/", "/den", "/tim?q=", "/khung"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('<a href="/khong-co">x</a>', "a link that answers 404"),
        ('<div data-lookup="/khong-co"></div>', "a link that answers 404"),
        ('<a href="/hong">x</a>', "error of the program"),
        ('<a href="/den#khong-co">x</a>', "fragment that leads nowhere"),
        ('<p style="color: red">x</p>', "inline style"),
    ],
)
def test_what_does_not_answer_or_is_wrong_is_reported_with_its_page(body: str, kind: str) -> None:
    found = walked(start=body + '<a href="/den#dau">y</a>', den="")
    assert {each for each, _address in kinds(found)} == {kind}
    assert kind in found.report()


def test_many_pages_of_one_shape_do_not_keep_the_walk_going() -> None:
    endless = "".join(f'<a href="/den?trang={n}">x</a>' for n in range(50))
    found = walked(start='<a href="/ban-ghi/1">x</a>' + endless, den="")
    assert len([address for address in found.pages if address.startswith("/ban-ghi/")]) == RECORDS
    assert len([address for address in found.pages if address.startswith("/den")]) == QUERIES


def test_a_page_beside_the_links_may_be_asked_for_and_its_answer_is_judged() -> None:
    app = site("")
    walk = Walk(app, app.test_client(), lambda _page, _nonce: [])
    walk.look("/khong-co", {404})
    assert walk.findings.report() == ""
    walk.look("/khong-co", {200})
    assert "answers 404" in walk.findings.report()


def test_a_report_names_each_fault_once_with_a_few_of_its_pages() -> None:
    found: Any = Findings()
    for address in "abcde":
        for fault in Page("<html lang='vi'><title>x</title><body><h1>x</h1><p style='a'>").faults(None):
            found.add(fault, address)
    assert found.report().count("inline style") == 1
    assert "on a, b, c and 2 more" in found.report()


def test_a_form_is_sent_empty_once_and_its_answer_judged() -> None:
    sent = []
    app = site('<form method="post" action="/luu"><input name="a" value="x"></form>' * 2)
    app.add_url_rule("/luu", "save", lambda: sent.append(dict(request.form)) or "<p style='a'>", methods=["POST"])
    walk = Walk(app, app.test_client(), lambda page, nonce: page.policy_faults(nonce))
    walk.run("/")
    assert walk.send_empty() == 1
    assert sent == [{"a": ""}]
    assert "inline style" in walk.findings.report()
