"""How signatures stand on a page: sentence, remedy, folded details, one offer, and nothing smuggled in."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template_string

from app.rules.signatures import Code, verdict_of

PAGE = """{% import 'incoming/_signature.html' as signature %}
{% call signature.signature_line(checks) %}<a href="/refuse">refuse it</a>{% endcall %}"""
PLAIN = "{% import 'incoming/_signature.html' as signature %}{{ signature.signature_line(checks) }}"


def check(code: str, signer: str = "Nguyễn Văn A") -> Any:
    return SimpleNamespace(
        verdict=verdict_of(Code(code)),
        code=code,
        signer=signer,
        organisation="Sở Tài chính",
        issuer="CA",
        serial="1F",
        signed_at=None,
        time_source="",
        details={},
    )


def drawn(app: Flask, page: str, *checks: Any) -> str:
    with app.test_request_context():
        return render_template_string(page, checks=checks)


@pytest.mark.clause("212/5.1")
def test_an_invalid_signature_warns_and_offers_once_what_to_do(app: Flask) -> None:
    html = drawn(app, PAGE, check("trusted"), check("revoked"), check("digest_mismatch"))
    assert html.count('class="sig"') == 1
    assert html.count('class="sig late"') == 2
    assert html.count("/refuse") == 1
    assert html.index('class="sig late"') < html.index("/refuse")
    assert html.count("<details>") == 3


def test_a_valid_or_undecided_signature_offers_no_refusal(app: Flask) -> None:
    html = drawn(app, PAGE, check("trusted"), check("no_chain"))
    assert "/refuse" not in html
    assert 'class="sig soon"' in html


def test_an_unsigned_file_draws_nothing(app: Flask) -> None:
    assert not drawn(app, PAGE).strip()
    assert not drawn(app, PLAIN).strip()


def test_what_a_certificate_says_is_text_and_nothing_else(app: Flask) -> None:
    html = drawn(app, PLAIN, check("trusted", "<script>alert(1)</script>%(x)s"), check("revoked", "<b>%s"))
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html
