"""What is found out about a PDF file, and that no PDF file brings the program down."""

import io
import time
import zlib

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from reportlab.pdfgen import canvas

from app.extraction.facts import PdfFacts
from app.extraction.inspector import Inspector
from app.extraction.pool import FailureReason, WorkerConfig, WorkerFailed


@pytest.fixture(scope="module")
def inspector():
    inspector = Inspector(WorkerConfig(size=1, task_seconds=3, cpu_seconds=3, memory=512 * 1024**2))
    yield inspector
    inspector.close()


def plain(pages=2, title="Công văn số 15") -> bytes:
    target = io.BytesIO()
    page = canvas.Canvas(target)
    page.setTitle(title)
    for number in range(1, pages + 1):
        page.drawString(100, 700, f"Page {number} of the document")
        page.showPage()
    page.save()
    return target.getvalue()


def changed(change) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain())))
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def raw(*objects: bytes, trailer=b"") -> bytes:
    """A PDF file from the bodies of its objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Root 1 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, at)
    return out


@pytest.fixture
def inspect(inspector, tmp_path):
    def inspect(content: bytes) -> PdfFacts:
        path = tmp_path / "a.pdf"
        path.write_bytes(content)
        return inspector.inspect(path)

    return inspect


def test_an_ordinary_file_tells_its_pages_title_version_and_text(inspect):
    facts = inspect(plain())
    assert (facts.page_count, facts.title, facts.damaged, facts.repaired, facts.encrypted) == (
        2,
        "Công văn số 15",
        False,
        False,
        False,
    )
    assert facts.pdf_version in ("1.3", "1.4")
    assert facts.text_excerpt.startswith("Page 1 of the document")
    assert (facts.has_javascript, facts.has_embedded_files, facts.has_signatures) == (False, False, 0)


def test_a_scan_has_an_empty_text(inspect):
    facts = inspect(raw(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"))  # fmt: skip
    assert (facts.page_count, facts.text_excerpt, facts.damaged) == (1, "", False)


def action(code="app.alert(1)"):
    return DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(code)})


def on_open(writer):
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(action())


def on_page(writer):
    writer.pages[1][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action()})


def after_another_action(writer):
    harmless = DictionaryObject({NameObject("/S"): NameObject("/URI"), NameObject("/Next"): ArrayObject([action()])})
    link = DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): harmless})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])


def for_the_document(writer):
    names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("start"), action()])})
    writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): writer._add_object(names)})


def on_a_field(writer):
    keystroke = DictionaryObject({NameObject("/K"): action()})
    field = DictionaryObject({NameObject("/FT"): NameObject("/Tx"), NameObject("/AA"): keystroke})
    form = DictionaryObject({NameObject("/Fields"): ArrayObject([writer._add_object(field)])})
    writer._root_object[NameObject("/AcroForm")] = form


@pytest.mark.parametrize("where", [on_open, on_page, after_another_action, for_the_document, on_a_field])
def test_a_script_is_found_wherever_it_hangs(inspect, where):
    assert inspect(changed(where)).has_javascript


def test_an_attachment_is_found(inspect):
    assert inspect(changed(lambda writer: writer.add_attachment("a.exe", b"MZ"))).has_embedded_files


def signed(writer, filled=True):
    value = DictionaryObject({NameObject("/Type"): NameObject("/Sig"), NameObject("/Contents"): ByteStringObject(b"x")})
    fields = []
    for number in range(2):
        field = DictionaryObject(
            {NameObject("/FT"): NameObject("/Sig"), NameObject("/T"): TextStringObject(f"Signature{number}")}
        )
        if filled:
            field[NameObject("/V")] = writer._add_object(DictionaryObject(value))
        fields.append(writer._add_object(field))
    parent = DictionaryObject({NameObject("/T"): TextStringObject("group"), NameObject("/Kids"): ArrayObject(fields)})
    form = DictionaryObject(
        {NameObject("/Fields"): ArrayObject([writer._add_object(parent)]), NameObject("/SigFlags"): NumberObject(3)}
    )
    writer._root_object[NameObject("/AcroForm")] = writer._add_object(form)


def test_filled_signature_fields_are_counted_and_empty_ones_are_not(inspect):
    assert inspect(changed(signed)).has_signatures == 2
    assert inspect(changed(lambda writer: signed(writer, filled=False))).has_signatures == 0


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_file_with_a_password_is_encrypted_and_not_damaged(inspect, algorithm):
    facts = inspect(changed(lambda writer: writer.encrypt("secret", "owner", algorithm=algorithm)))
    assert (facts.encrypted, facts.damaged, facts.text_excerpt) == (True, False, None)


def test_a_file_that_only_forbids_printing_is_read(inspect):
    facts = inspect(changed(lambda writer: writer.encrypt("", "owner", algorithm="AES-256")))
    assert (facts.encrypted, facts.page_count) == (False, 2)


def test_a_version_in_the_catalogue_overrules_the_header(inspect):
    def newer(writer):
        writer._root_object[NameObject("/Version")] = NameObject("/2.0")

    assert inspect(changed(newer)).pdf_version == "2.0"


def test_characters_that_the_database_cannot_hold_are_replaced(inspect):
    assert inspect(plain(title="a\0b")).title == "a\ufffdb"


def test_a_file_whose_index_was_rebuilt_says_so(inspect):
    content = plain()
    facts = inspect(content.replace(b"startxref\n", b"startxref\n9"))
    assert (facts.page_count, facts.repaired, facts.damaged) == (2, True, False)
    assert facts.reason


def test_a_file_cut_off_in_the_middle_is_damaged_or_repaired_and_never_sound(inspect):
    content = plain(pages=20)
    for part in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        facts = inspect(content[: int(len(content) * part)])
        assert facts.damaged or facts.repaired
        assert facts.reason


PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
ONE_PAGE = (
    CATALOGUE,
    PAGES,
    (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1"
        b"/BaseFont/Helvetica>>>>>>>>"
    ),
)


def stream(content: bytes, more=b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), more, content)


def deflated(content: bytes, times=1) -> bytes:
    for _ in range(times):
        content = zlib.compress(content, 9)
    return stream(content, b"/Filter[" + b"/FlateDecode" * times + b"]")


LOOPED_INDEX = (
    b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF\n"
)

HOSTILE = {
    "empty": b"",
    "text": b"hello",
    "header only": b"%PDF-1.7\n",
    "zeros": b"%PDF-1.7\n" + b"\0" * 1_000_000,
    "bomb of one stream": raw(*ONE_PAGE, deflated(b"\0" * 300_000_000)),
    "bomb of nested streams": raw(*ONE_PAGE, deflated(b"\0" * 100_000_000, times=3)),
    "nested arrays": raw(b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 200_000 + b"]" * 200_000 + b">>", PAGES),
    "nested dictionaries": raw(b"<</Type/Catalog/Pages 2 0 R/X " + b"<</A" * 100_000 + b">>" * 100_000 + b">>", PAGES),
    "index in a circle": LOOPED_INDEX,
    "pages in a circle": raw(CATALOGUE, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"),
    "pages that lie about their number": raw(CATALOGUE, b"<</Type/Pages/Kids[]/Count 999999999>>"),
    "object that refers to itself": raw(b"<</Type/Catalog/Pages 2 0 R>>", b"2 0 R"),
    "fields in a circle": raw(
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", PAGES, ONE_PAGE[2], b"<</T(x)/Kids[4 0 R 4 0 R]>>"
    ),
    "actions in a circle": raw(
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", PAGES, ONE_PAGE[2], b"<</S/URI/Next[4 0 R 4 0 R]>>"
    ),
    "length in a circle": raw(*ONE_PAGE, b"<</Length 4 0 R>>stream\nx\nendstream"),
    "huge declared length": raw(*ONE_PAGE, b"<</Length 99999999999>>stream\nx\nendstream"),
    "huge number": raw(b"<</Type/Catalog/Pages 2 0 R/X " + b"9" * 100_000 + b">>", PAGES, ONE_PAGE[2], stream(b"")),
    "unknown encryption": raw(*ONE_PAGE, stream(b""), trailer=b"/Encrypt<</Filter/X/V 99>>/ID[(a)(b)]"),
    "encryption by itself": raw(*ONE_PAGE, b"4 0 R", trailer=b"/Encrypt 4 0 R"),
    "title that is no text": raw(*ONE_PAGE, stream(b""), trailer=b"/Info<</Title[1 2]>>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_at_most_its_worker(inspect, name):
    started = time.monotonic()
    outcome = inspect_or_reason(inspect, HOSTILE[name])
    assert time.monotonic() - started < 10
    if isinstance(outcome, PdfFacts):
        assert outcome.damaged or outcome.encrypted or outcome.page_count <= 2
    else:
        assert outcome in (FailureReason.TIMEOUT, FailureReason.MEMORY, FailureReason.DIED)
    assert inspect(plain()).page_count == 2


def test_a_page_whose_text_takes_too_long_costs_the_excerpt_and_not_the_facts(inspect, monkeypatch):
    monkeypatch.setattr("app.extraction.inspector.EXCERPT_SECONDS", 0.4)
    facts = inspect(raw(*ONE_PAGE, deflated(b"BT /F 9 Tf (x) Tj ET\n" * 3_000_000)))
    assert (facts.page_count, facts.damaged, facts.text_excerpt) == (1, False, None)


def inspect_or_reason(inspect, content: bytes) -> PdfFacts | FailureReason:
    try:
        return inspect(content)
    except WorkerFailed as failed:
        return failed.reason


def test_text_is_bounded_in_pages_and_characters(inspector, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(plain(pages=5))
    assert inspector.text_of(path, max_pages=2, max_chars=10_000).count("Page") == 2
    assert inspector.text_of(path, max_pages=5, max_chars=10) == "Page 1 of "


def test_text_of_what_is_no_pdf_is_a_failure_and_the_pool_goes_on(inspector, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"hello")
    with pytest.raises(WorkerFailed) as raised:
        inspector.text_of(path, 1, 100)
    assert raised.value.reason is FailureReason.ERROR
    with pytest.raises(WorkerFailed):
        inspector.inspect(tmp_path / "nowhere.pdf")


@pytest.mark.parametrize(
    "message",
    [{"page_count": "1"}, {"page_count": True}, {"unknown": 1}, {"text_excerpt": 1}, {"title": None}],
)
def test_an_answer_of_the_wrong_shape_is_never_taken_for_facts(message):
    with pytest.raises(ValueError, match="unexpected"):
        PdfFacts.from_message(message)
