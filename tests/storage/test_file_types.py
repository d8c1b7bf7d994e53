"""What a file is by its content, whatever its name says; and what is not taken in."""

import base64
import io
import struct
import zipfile

import pytest
from reportlab.pdfgen import canvas

from app.storage.compound import SIGNATURE
from app.storage.filetypes import ACCEPTED, MESSAGES, NOTICES, Problem
from app.storage.sniff import check, examine, sniff

OOXML_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>{}'
    '<Override PartName="/main.xml" ContentType="{}"/></Types>'
)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
WORD_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def packed(**entries) -> bytes:
    return packed_list(list(entries.items()))


def packed_list(entries) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


def ooxml(main: str, *, defaults="", more=()) -> bytes:
    return packed_list([("[Content_Types].xml", OOXML_TYPES.format(defaults, main)), ("main.xml", "<a/>"), *more])


def odf(kind: str, manifest="<manifest/>") -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    return packed_list([("mimetype", mimetype), ("content.xml", "<a/>"), ("META-INF/manifest.xml", manifest)])


def ole(*names: str) -> bytes:
    """A compound file of one FAT sector and as many directory sectors as the names need."""
    directory = b""
    for name in ("Root Entry", *names):
        raw = name.encode("utf-16-le") + b"\0\0"
        kind = 5 if name == "Root Entry" else 2
        directory += raw.ljust(64, b"\0") + struct.pack("<HB", len(raw), kind) + b"\0" * 61
    sectors = -(-len(directory) // 512)
    fat = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    header = SIGNATURE + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 10
    header += struct.pack("<LLLLLLLL", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<L", 0)
    header += b"\xff" * (512 - len(header))
    table = b"".join(struct.pack("<L", n) for n in fat).ljust(512, b"\xff")
    return header + table + directory.ljust(sectors * 512, b"\0")


def pdf() -> bytes:
    target = io.BytesIO()
    page = canvas.Canvas(target)
    page.drawString(100, 700, "1")
    page.save()
    return target.getvalue()


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body


def cms(*, detached: bool) -> bytes:
    data = bytes.fromhex("06092a864886f70d010701")
    content = der(0x30, data) if detached else der(0x30, data, der(0xA0, der(0x04, b"x" * 300)))
    signed = der(0x30, b"\x02\x01\x01", der(0x31, der(0x30, b"\x06\x01\x01")), content, der(0x31))
    return der(0x30, bytes.fromhex("06092a864886f70d010702"), der(0xA0, signed))


GOOD = {
    "pdf": pdf(),
    "docx": ooxml(WORD),
    "xlsx": ooxml(SHEET),
    "pptx": ooxml(SLIDES),
    "odt": odf("text"),
    "ods": odf("spreadsheet"),
    "odp": odf("presentation"),
    "doc": ole("WordDocument", "1Table"),
    "xls": ole("Workbook"),
    "ppt": ole("PowerPoint Document", "Current User", "a", "b", "c"),
    "rtf": b"{\\rtf1\\ansi T}",
    "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 30,
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "gif": b"GIF89a" + b"\0" * 20,
    "tif": b"II*\0\x08\0\0\0",
    "txt": "Kính gửi: Văn phòng Ủy ban\r\n\tSố 15 < 16\n".encode(),
    "xml": b'<?xml version="1.0"?>\n<record><a>1</a></record>',
    "zip": packed(a="1", b="2"),
    "p7m": cms(detached=False),
    "p7s": cms(detached=True),
}


@pytest.mark.parametrize("extension", sorted(GOOD))
def test_every_accepted_kind_is_recognised_by_its_content_alone(extension):
    found = sniff(io.BytesIO(GOOD[extension]))
    assert (found.extension, found.accepted) == (extension, True)
    assert found.label
    assert check(io.BytesIO(GOOD[extension]), f"tài liệu.{extension}") == []


@pytest.mark.parametrize("extension", sorted(GOOD))
def test_a_name_of_another_known_kind_is_refused(extension):
    other = "png" if extension != "png" else "pdf"
    codes = [p.code for p in check(io.BytesIO(GOOD[extension]), f"a.{other}")]
    assert codes == ["extension_mismatch"]


def test_a_path_is_read_like_a_stream(tmp_path):
    (tmp_path / "x").write_bytes(GOOD["docx"])
    assert sniff(tmp_path / "x") == sniff(str(tmp_path / "x")) == sniff(io.BytesIO(GOOD["docx"]))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\0\x03\0\0\0", "program"),
        (b"\x7fELF\x02\x01\x01", "program"),
        (b"#!/bin/sh\nrm -rf /\n", "program"),
        (b"@echo off\r\ndel *.*", "program"),
        (b"<?php system($_GET[0]);", "program"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "program"),
        (b"L\0\0\0\x01\x14\x02\0\0\0", "program"),
        (b"<!DOCTYPE html><html><body>x</body></html>", "active_content"),
        (b"\xef\xbb\xbf  \n<!-- x --><HTML>", "active_content"),
        (b"<script>alert(1)</script>", "active_content"),
        (b"Hello <script src=x></script>", "active_content"),
        (b"<html><body>%PDF-1.4 %%EOF", "active_content"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "active_content"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "active_content"),
        (b'<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg"/>', "active_content"),
        (b'<?xml version="1.0"?><a><h:script xmlns:h="http://www.w3.org/1999/xhtml"/></a>', "active_content"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "active_content"),
        ("﻿<html>".encode("utf-16"), "active_content"),
        (b"Rar!\x1a\x07\x01\0", "type_not_accepted"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "type_not_accepted"),
        (b"%!PS-Adobe-3.0\n", "type_not_accepted"),
        (b"\0\0\0\x18ftypmp42", "type_not_accepted"),
        (ole("\u4840\u3f3f", "Other"), "type_not_accepted"),
        (ole("__properties_version1.0"), "type_not_accepted"),
        (packed_list([("META-INF/MANIFEST.MF", "x"), ("A.class", "x")]), "program"),
        (packed_list([("mimetype", "application/epub+zip")]), "type_not_accepted"),
        (ooxml("application/vnd.ms-package.xps-fixeddocument+xml"), "type_not_accepted"),
        (b"\xc3\x28 not UTF-8", "unknown_type"),
        ("Cộng hòa".encode("utf-16-le"), "unknown_type"),
        (b"text with \0 in it", "unknown_type"),
        (b"\x93\x94\x95\x96", "unknown_type"),
        (b'<?xml version="1.0"?><a><b></a>', "damaged"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "damaged"),
        (b'<?xml version="1.0"?>' + b"<a>" * 5000 + b"</a>" * 5000, "damaged"),
        (b"%PDF-1.7\n1 0 obj", "pdf_truncated"),
        (pdf()[:-200], "pdf_truncated"),
        (pdf() + b"x" * 5000, "pdf_truncated"),
        (pdf() + packed(a="1"), "polyglot"),
        (GOOD["jpg"] + packed(a="1"), "polyglot"),
        (GOOD["docx"][:-30], "damaged"),
    ],
)
@pytest.mark.parametrize("name", ["tài liệu", "tài liệu.pdf"])
def test_what_the_office_does_not_take_in_is_refused_under_any_name(content, code, name):
    examination = examine(io.BytesIO(content), name)
    assert code in [p.code for p in examination.problems]
    assert not examination.acceptable


@pytest.mark.parametrize(
    "content",
    [
        b"junk of a printer\r\n" + pdf(),
        pdf() + b"\0" * 4000,
        pdf() + b"\r\n  \n",
    ],
)
def test_a_pdf_with_harmless_dust_around_it_is_taken_in(content):
    assert check(io.BytesIO(content), "a.pdf") == []


def test_a_pdf_header_too_far_down_is_no_pdf():
    assert sniff(io.BytesIO(b"\0" * 1024 + pdf())).media_type != "application/pdf"


@pytest.mark.parametrize("bad", ["a.exe", "a.pdf.js", "A.SCR", "a.lnk ", "a.pdf.hta.", "a\u202efdp.exe"])
def test_a_name_that_a_computer_would_run_is_refused_whatever_the_content(bad):
    assert "dangerous_name" in [p.code for p in check(io.BytesIO(GOOD["pdf"]), bad)]


def test_a_cleaned_name_is_told_but_does_not_block():
    examination = examine(io.BytesIO(GOOD["pdf"]), "a\u202eb.pdf")
    assert [p.code for p in examination.problems] == ["name_cleaned"]
    assert examination.acceptable
    assert examination.name == "ab.pdf"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (ooxml(WORD_MACROS), "a.docm"),
        (ooxml(WORD, more=[("word/vbaProject.bin", "x")]), "a.docx"),
        (
            ooxml(WORD, defaults='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
            "a.docx",
        ),
        (ole("WordDocument", "Macros"), "a.doc"),
        (ole("Workbook", "_VBA_PROJECT_CUR"), "a.xls"),
        (packed_list([("mimetype", "application/vnd.oasis.opendocument.text"), ("Basic/a.xml", "x")]), "a.odt"),
    ],
)
def test_macros_are_told(content, name):
    examination = examine(io.BytesIO(content), name)
    assert [p.code for p in examination.problems] == ["macros"]
    assert examination.acceptable


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (ole("EncryptedPackage", "EncryptionInfo"), "a.docx"),
        (ole("EncryptedPackage", "EncryptionInfo"), "a.xlsx"),
        (odf("text", '<m:manifest xmlns:m="x"><m:encryption-data/></m:manifest>'), "a.odt"),
        (der(0x30, bytes.fromhex("06092a864886f70d010703"), der(0xA0, b"x" * 50)), "a.p7m"),
    ],
)
def test_a_password_is_told(content, name):
    examination = examine(io.BytesIO(content), name)
    assert [p.code for p in examination.problems] == ["encrypted"]


def test_an_exchange_message_is_named_as_such():
    message = b'<e:edXML xmlns:e="http://www.mic.gov.vn/TBT/QCVN_102_2016"><e:edXMLEnvelope/></e:edXML>'
    assert sniff(io.BytesIO(message)).label == "edXML"
    assert check(io.BytesIO(message), "a.edxml") == []


def test_a_signature_in_letters_is_recognised():
    pem = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(cms(detached=True)) + b"-----END PKCS7-----\n"
    assert sniff(io.BytesIO(pem)).extension == "p7s"


def test_a_compound_file_that_runs_in_a_circle_is_given_up():
    looped = bytearray(ole("a", "b", "c", "d", "e"))
    looped[512:520] = struct.pack("<LL", 0xFFFFFFFD, 1)  # the first directory sector follows itself
    assert not sniff(io.BytesIO(bytes(looped))).accepted


@pytest.mark.parametrize("cut", [9, 100, 511, 513, 600])
def test_a_compound_file_cut_anywhere_is_no_accepted_kind(cut):
    assert not sniff(io.BytesIO(ole("WordDocument")[:cut])).accepted


def test_every_message_can_be_formed_from_its_parameters():
    params = dict.fromkeys(("type", "extension", "count", "limit", "limit_mb", "entry"), "x")
    for code in MESSAGES:
        assert "%(" not in str(Problem(code, params))
    assert set(MESSAGES) >= NOTICES


def test_nothing_that_can_run_is_ever_shown_inside_a_page():
    viewable = {media_type for media_type, kind in ACCEPTED.items() if kind.inline_viewable}
    assert viewable == {"application/pdf", "image/png", "image/jpeg", "image/gif", "text/plain"}
