"""Received names: what people and file systems can be shown without being misled."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage.filetypes import DetectedType, matches_extension
from app.storage.names import MAX_BYTES, hides_something, safe_name


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("Công văn số 15.pdf", "Công văn số 15.pdf"),
        (unicodedata.normalize("NFD", "Tờ trình về việc nộp lưu.docx"), "Tờ trình về việc nộp lưu.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\an\\Báo cáo.doc", "Báo cáo.doc"),
        ("/a/b/c.pdf/", "c.pdf"),
        ("..", "tep"),
        ("", "tep"),
        ("   . ", "tep"),
        ("\0\x01\x1f", "tep"),
        ("a\x00b\nc.pdf", "ab c.pdf"),
        ("Quyết định\u202efdp.exe", "Quyết địnhfdp.exe"),
        ("a\u200b\u2066b\ufeff.pdf", "ab.pdf"),
        ("a\u00a0b\u3000c.pdf", "a b c.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("nul", "_nul"),
        ("Console.pdf", "Console.pdf"),
        ('a<b>c:d"e|f?g*.pdf', "a_b_c_d_e_f_g_.pdf"),
        ("15/QĐ-UBND.pdf", "QĐ-UBND.pdf"),
        (".htaccess", "htaccess"),
        ("tên.pdf. . .", "tên.pdf"),
        ("a\ud800.pdf", "a.pdf"),
    ],
)
def test_a_received_name_becomes_a_harmless_one(received, expected):
    assert safe_name(received) == expected


@pytest.mark.parametrize("letter", ["a", "ế", "ữ", "漢", "😀", "x\u0323\u0308"])
def test_a_long_name_is_cut_between_letters_and_keeps_its_extension(letter):
    name = safe_name(letter * 500 + ".docx")
    assert MAX_BYTES - 10 <= len(name.encode()) <= MAX_BYTES
    assert name.endswith(".docx")
    assert set(unicodedata.normalize("NFD", name[:-5])) == set(unicodedata.normalize("NFD", letter))


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_and_the_result_is_always_fit(received):
    name = safe_name(received)
    assert safe_name(name) == name
    assert 0 < len(name.encode()) <= MAX_BYTES
    assert name == unicodedata.normalize("NFC", name)
    assert not set(name) & set('/\\<>:"|?*\0')
    assert not hides_something(name)
    assert name not in (".", "..")


@pytest.mark.parametrize("name", ["a\u202egpj.exe", "a\u200b.pdf", "a\x00.pdf", "a\n.pdf"])
def test_a_name_that_hides_its_end_is_noticed(name):
    assert hides_something(name)


@pytest.mark.parametrize(
    ("media_type", "name", "fits"),
    [
        ("application/pdf", "a.pdf", True),
        ("application/pdf", "A.PDF", True),
        ("application/pdf", "a.PDF .", True),
        ("application/pdf", "a.docx", False),
        ("application/pdf", "a.pdf.exe", False),
        ("application/pdf", "Công văn 12.5", True),
        ("application/pdf", "Báo cáo số 15.BC", True),
        ("application/pdf", "no extension", True),
        ("image/jpeg", "a.jpeg", True),
        ("application/rtf", "a.doc", True),
        ("application/msword", "a.rtf", False),
    ],
)
def test_an_extension_fits_the_content_or_it_does_not(media_type, name, fits):
    assert matches_extension(DetectedType(media_type, "", ""), name) is fits
