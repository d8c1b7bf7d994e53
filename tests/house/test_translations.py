"""Every string a person may see has its Vietnamese, in our catalogue and in those for the libraries."""

import contextlib
import errno
import gettext
import importlib.util
import multiprocessing
import os
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import flask_babel
import polib
import pytest
from flask import Flask, render_template_string, session
from flask_appbuilder import AppBuilder
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import DateField, Form, IntegerField, StringField, validators

from app import translation

ROOT = Path(__file__).resolve().parents[2]
VIETNAMESE = ROOT / "translations" / "vi" / "LC_MESSAGES"


def _load_checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "bin" / "catalogues.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


catalogues = _load_checker()


# ---------------------------------------------------------------- the catalogues


@pytest.mark.parametrize("name", translation.CATALOGUES)
def test_every_string_of_the_code_and_of_the_installed_libraries_has_its_vietnamese(name: str) -> None:
    found = catalogues.extract(name)
    assert list(catalogues.faults(catalogues.read(VIETNAMESE / f"{name}.po"), found)) == []


def test_no_string_is_translated_in_two_ways() -> None:
    held = {name: catalogues.read(VIETNAMESE / f"{name}.po") for name in translation.CATALOGUES}
    assert list(catalogues.disagreements(held)) == []


def test_extraction_sees_the_strings_the_libraries_are_known_to_have() -> None:
    assert (None, "Record Count") in catalogues.extract("fab")
    admin = catalogues.extract("admin")
    assert admin[None, "Record was successfully deleted."].plural == "%(count)s records were successfully deleted."
    assert (None, "Reset Filters") in admin
    assert {(None, "This field is required."), (None, "File does not have an approved extension.")} <= set(
        catalogues.extract("wtforms")
    )


def test_extraction_sees_every_way_our_code_marks_a_string(tmp_path: Path) -> None:
    (tmp_path / "app" / "templates").mkdir(parents=True)
    (tmp_path / "babel.cfg").write_text((ROOT / "babel.cfg").read_text())
    (tmp_path / "app" / "code.py").write_text(
        '_("a"); gettext("b"); lazy_gettext("c"); N_("d"); ngettext("e", "es", 2); lazy_ngettext("f", "fs", 2)\n'
        'pgettext("register", "g"); gettext(WORDS.get(key, N_("j"))); gettext(params["not this"]); _("k" " and l")\n'
    )
    (tmp_path / "app" / "templates" / "page.html").write_text(
        "{{ _('h') }}{% trans n=2 %}i{% pluralize %}{{ n }} i{% endtrans %}"
    )
    found = catalogues.extract_ours(tmp_path)
    assert {msgid for _context, msgid in found} == {*"abcdefghij", "k and l"}
    assert found[None, "e"].plural == "es"
    assert found[None, "i"].plural == "%(n)s i"
    assert ("register", "g") in found


# ---------------------------------------------------------------- the checker


def _faults_of(body: str, expected: dict | None = None) -> list[str]:
    return list(catalogues.faults(polib.pofile(f'msgid ""\nmsgstr ""\n\n{body}'), expected))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('msgid "Save"\nmsgstr ""', "untranslated"),
        ('#, fuzzy\nmsgid "Save"\nmsgstr "Lưu"', "fuzzy"),
        ('#~ msgid "Save"\n#~ msgstr "Lưu"', "obsolete"),
        ('msgid "Hello %(name)s"\nmsgstr "Chào %(nam)s"', "placeholders differ"),
        ('msgid "Hello %(name)s"\nmsgstr "Chào"', "placeholders differ"),
        ('msgid "Field \'%s\'"\nmsgstr "Trường"', "placeholders differ"),
        ('msgid "Only {extensions}"\nmsgstr "Chỉ nhận"', "placeholders differ"),
        ('msgid "Whole"\nmsgstr "Đủ 100%"', "placeholders differ"),
        ('msgid "one"\nmsgid_plural "%(num)d files"\nmsgstr[0] "một tệp"', "placeholders differ"),
        ('msgid "one"\nmsgid_plural "%(num)d files"\nmsgstr[0] ""', "untranslated"),
        ('msgid "Read <b>this</b>"\nmsgstr "Đọc <b>điều này<b>"', "HTML tags differ"),
        ('msgid "Sign in with "\nmsgstr "Đăng nhập bằng"', "white space at the ends differs"),
        ('msgid "Name:"\nmsgstr "Tên"', "punctuation at the end differs"),
        ('msgid "Save"\nmsgstr "Lu\u031bu"', "not in Unicode form NFC"),
        ('msgid "Cancel"\nmsgstr "Huỷ"', "tone mark in another place"),
        ('msgid "Incoming documents"\nmsgstr "Incoming documents"', "same as the English"),
    ],
)
def test_a_broken_entry_is_noticed(body: str, fault: str) -> None:
    found = _faults_of(body)
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_a_sound_entry_is_no_fault() -> None:
    body = (
        'msgid "Read <b>%(name)s</b> in {place}: 100%% done..."\n'
        'msgstr "Đọc <b>%(name)s</b> ở {place}: xong 100%%…"\n\n'
        '# other punctuation\nmsgid "Ref. no."\nmsgstr "Số"\n\n'
        'msgid "one"\nmsgid_plural "%(num)d files"\nmsgstr[0] "%(num)d tệp"\n\n'
        'msgid "OCR"\nmsgstr "OCR"\n\nmsgid "Officer"\nmsgstr "Sĩ quan, quý ông, khóa"\n'
    )
    assert _faults_of(body) == []


def test_a_string_the_catalogue_lacks_or_has_too_much_is_noticed() -> None:
    found = _faults_of('msgid "Save"\nmsgstr "Lưu"', {(None, "Cancel"): catalogues.Found()})
    assert [fault.partition(":")[0] for fault in found] == ["missing", "obsolete"]


def test_two_translations_of_a_librarys_string_are_noticed_and_ours_may_overrule() -> None:
    def one(string: str) -> polib.POFile:
        return polib.pofile(f'msgid ""\nmsgstr ""\n\nmsgid "Save"\nmsgstr "{string}"')

    assert list(catalogues.disagreements({"messages": one("Ghi"), "fab": one("Lưu")})) == []
    assert len(list(catalogues.disagreements({"fab": one("Ghi"), "admin": one("Lưu")}))) == 1


def test_no_template_shows_a_string_without_the_values_it_needs() -> None:
    assert list(catalogues.template_faults()) == []


def test_a_template_that_would_fail_when_shown_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "{{ _('%(count)s chosen') }}\n{{ _('Paid 100%') }}\n{{ _('%(count)s left', count=2) }}{{ _('100%%') }}"
        "{{ ngettext('%(num)s file', '%(num)s files', 2) }}{% trans n=2 %}{{ n }} of 100%{% endtrans %}"
    )
    assert list(catalogues.template_faults(tmp_path)) == [
        "page.html:1: no value for count in '%(count)s chosen'",
        "page.html:2: a bare % in 'Paid 100%', write %%",
    ]


def test_a_broken_file_and_a_string_held_twice_are_noticed(tmp_path: Path) -> None:
    broken, twice = tmp_path / "broken.po", tmp_path / "twice.po"
    broken.write_text('msgid ""\nmsgstr ""\n\nmsgid "Save\nmsgstr "Lưu"\n')
    twice.write_text('msgid ""\nmsgstr ""\n\nmsgid "Save"\nmsgstr "Lưu"\n\nmsgid "Save"\nmsgstr "Ghi"\n')
    with pytest.raises(ValueError, match="line 4 is broken"):
        catalogues.read(broken)
    with pytest.raises(ValueError, match="Save"):
        catalogues.read(twice)


def test_bringing_a_catalogue_up_to_date_keeps_translations_and_guesses_none(tmp_path: Path) -> None:
    path = tmp_path / "messages.po"
    path.write_text('msgid ""\nmsgstr ""\n\nmsgid "Save"\nmsgstr "Lưu"\n\nmsgid "Cancel"\nmsgstr "Hủy bỏ"\n')
    po = catalogues.read(path)
    catalogues.merge(po, {(None, "Save"): catalogues.Found(), (None, "Cancel all"): catalogues.Found()})
    catalogues.write(po, path)
    po = catalogues.read(path)
    assert po.find("Save").msgstr == "Lưu"
    assert po.find("Cancel all").msgstr == ""
    assert [entry.msgid for entry in po.obsolete_entries()] == ["Cancel"]
    catalogues.merge(po, {(None, "Cancel"): catalogues.Found()})
    assert po.find("Cancel").msgstr == "Hủy bỏ"
    assert not po.find("Cancel").obsolete


def test_a_new_string_takes_over_what_a_library_says_for_the_very_same_one_and_no_other() -> None:
    heading = 'msgid ""\nmsgstr ""\n\n'
    ours = polib.pofile(heading + "".join(f'msgid "{text}"\nmsgstr ""\n\n' for text in ("Save", "Save it")))
    catalogues.borrow(ours, [polib.pofile(heading + 'msgid "Save"\nmsgstr "Lưu"')])
    assert [(entry.msgid, entry.msgstr) for entry in ours] == [("Save", "Lưu"), ("Save it", "")]


# ---------------------------------------------------------------- compiling


def _folder_with(tmp_path: Path, **bodies: str) -> Path:
    language = tmp_path / "translations" / "vi" / "LC_MESSAGES"
    language.mkdir(parents=True, exist_ok=True)
    for name, body in bodies.items():
        (language / f"{name}.po").write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{body}')
    return tmp_path / "translations"


def _compiled(folder: Path) -> gettext.GNUTranslations:
    with (folder / "vi" / "LC_MESSAGES" / "messages.mo").open("rb") as stream:
        return gettext.GNUTranslations(stream)


def test_our_translation_wins_over_that_of_a_library_and_a_gap_is_filled(tmp_path: Path) -> None:
    folder = _folder_with(
        tmp_path,
        messages='msgid "Save"\nmsgstr "Ghi"\n\nmsgid "Edit"\nmsgstr ""\n\nmsgid "File"\nmsgstr "Tệp tin"\n',
        fab='msgid "Save"\nmsgstr "Lưu"\n\nmsgid "Edit"\nmsgstr "Sửa"\n\n#, fuzzy\nmsgid "Add"\nmsgstr "Đoán"\n',
        admin='msgid "File"\nmsgid_plural "%(num)s files"\nmsgstr[0] "%(num)s tệp"\n',
    )
    assert translation.compile_catalogues(folder) == folder
    compiled = _compiled(folder)
    assert [compiled.gettext(text) for text in ("Save", "Edit", "Add", "File")] == ["Ghi", "Sửa", "Add", "Tệp tin"]


def test_only_a_changed_catalogue_is_compiled_again(tmp_path: Path) -> None:
    folder = _folder_with(tmp_path, messages='msgid "Save"\nmsgstr "Lưu"\n')
    translation.compile_catalogues(folder)
    compiled = folder / "vi" / "LC_MESSAGES" / "messages.mo"
    first = compiled.stat().st_ino
    translation.compile_catalogues(folder)
    assert compiled.stat().st_ino == first
    _folder_with(tmp_path, messages='msgid "Save"\nmsgstr "Ghi"\n')
    os.utime(folder / "vi" / "LC_MESSAGES" / "messages.po", (0, 0))  # an older date does not hide the change
    translation.compile_catalogues(folder)
    assert _compiled(folder).gettext("Save") == "Ghi"
    compiled.write_bytes(b"damaged")
    translation.compile_catalogues(folder)
    assert _compiled(folder).gettext("Save") == "Ghi"


def test_a_read_only_installation_compiles_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _folder_with(tmp_path, messages='msgid "Save"\nmsgstr "Lưu"\n')
    real = tempfile.NamedTemporaryFile

    def read_only(*args, dir=None, **kwargs):  # noqa: A002 - the name the library gives it
        if Path(dir).is_relative_to(folder):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(*args, dir=dir, **kwargs)

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", read_only)
    spare = tmp_path / "spare"
    assert translation.compile_catalogues(folder, spare) == spare
    assert _compiled(spare).gettext("Save") == "Lưu"
    unnamed = translation.compile_catalogues(folder)
    assert unnamed not in {folder, spare}
    assert _compiled(unnamed).gettext("Save") == "Lưu"


def test_processes_that_compile_at_once_leave_one_sound_catalogue(tmp_path: Path) -> None:
    folder = _folder_with(tmp_path, messages='msgid "Save"\nmsgstr "Lưu"\n')
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert set(pool.map(translation.compile_catalogues, [folder] * 12)) == {folder}
    assert _compiled(folder).gettext("Save") == "Lưu"
    assert sorted(path.name for path in (folder / "vi" / "LC_MESSAGES").iterdir()) == ["messages.mo", "messages.po"]


# ---------------------------------------------------------------- what people read


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A small application under Flask-AppBuilder with our catalogues, in Vietnamese by default."""
    spare = tmp_path_factory.mktemp("compiled")
    for name in translation.CATALOGUES:
        target = spare / "vi" / "LC_MESSAGES" / f"{name}.po"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((VIETNAMESE / f"{name}.po").read_bytes())
    app = Flask("office")
    app.config.update(
        SECRET_KEY="x" * 32,
        SQLALCHEMY_DATABASE_URI="sqlite://",
        WTF_CSRF_ENABLED=False,
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_TRANSLATION_DIRECTORIES=str(translation.compile_catalogues(spare)),
        LANGUAGES={"vi": {"flag": "vn", "name": "Tiếng Việt"}, "en": {"flag": "gb", "name": "English"}},
        FAB_CREATE_DB=False,
        FAB_UPDATE_PERMS=False,
    )
    with app.app_context():
        db = get_sqla_class()()
        db.init_app(app)
        AppBuilder().init_app(app, db.session)
    translation.install_form_translations()
    translation.install_admin_translations()
    translation.register_filters(app)
    return app


class _Fields:
    name = StringField(validators=[validators.DataRequired(), validators.Length(max=3)])
    copies = IntegerField(validators=[validators.Optional()])
    day = DateField(validators=[validators.Optional()])


class PlainForm(_Fields, Form):
    """Bare WTForms."""


class WebForm(_Fields, FlaskForm):
    """Flask-WTF."""


class BuilderForm(_Fields, DynamicForm):
    """Flask-AppBuilder."""


def _admin_form() -> type[Form]:
    from flask_admin.form import BaseForm

    return type("AdminForm", (_Fields, BaseForm), {})


@pytest.mark.parametrize("kind", [lambda: PlainForm, lambda: WebForm, lambda: BuilderForm, _admin_form])
def test_the_faults_of_every_kind_of_form_are_told_in_the_language_of_the_reader(office: Flask, kind) -> None:
    sent = MultiDict({"name": "", "copies": "x", "day": "x"})
    with office.test_request_context("/", method="POST"):
        form = kind()(sent)
        assert not form.validate()
        assert form.name.errors == ["Trường này là bắt buộc: hãy nhập giá trị."]
        assert form.copies.errors == ["Phải nhập một số nguyên."]
        assert form.day.errors == ["Ngày không hợp lệ: hãy kiểm tra lại ngày, tháng, năm."]
        long = kind()(MultiDict({"name": "dài quá"}))
        assert not long.validate()
        assert long.name.errors == ["Không được nhập quá 3 ký tự."]
    with office.test_request_context("/", method="POST"):
        session["locale"] = "en"
        form = kind()(sent)
        assert not form.validate()
        assert form.name.errors == ["This field is required."]


def test_a_refused_upload_is_told_in_vietnamese(office: Flask) -> None:
    class Upload(FlaskForm):
        """A form that takes one scan."""

        scan = FileField(validators=[FileAllowed(["pdf"])])

    with office.test_request_context("/", method="POST"):
        form = Upload(MultiDict({"scan": FileStorage(filename="a.exe")}))
        assert not form.validate()
        assert form.scan.errors == ["Loại tệp không được chấp nhận, chỉ nhận: pdf"]


def test_a_form_outside_the_application_still_tells_its_faults(office: Flask) -> None:
    for place in (contextlib.nullcontext(), Flask("without languages").app_context()):
        with place:
            form = PlainForm(MultiDict({"name": ""}))
            assert not form.validate()
            assert form.name.errors == ["This field is required."]


def test_the_strings_of_the_shell_and_of_the_admin_come_from_our_catalogues(office: Flask) -> None:
    from flask_admin.babel import gettext as admin_gettext
    from flask_admin.babel import ngettext as admin_ngettext

    with office.test_request_context("/"):
        assert flask_babel.gettext("Login") == "Đăng nhập"
        assert flask_babel.gettext("Record Count") == "Số bản ghi"
        assert admin_gettext("empty") == "để trống"
        one, many = "Record was successfully deleted.", "%(count)s records were successfully deleted."
        assert admin_ngettext(one, many, 1, count=1) == "Đã xóa 1 bản ghi."
        assert admin_ngettext(one, many, 5, count=5) == "Đã xóa 5 bản ghi."
    with office.test_request_context("/"):
        session["locale"] = "en"
        assert flask_babel.gettext("Login") == "Login"
        assert admin_gettext("empty") == "empty"
        assert admin_ngettext("one", "%(num)s things", 5) == "5 things"


def test_a_job_without_a_request_speaks_vietnamese(office: Flask) -> None:
    with office.app_context():
        assert flask_babel.gettext("Login") == "Đăng nhập"


def test_dates_and_numbers_are_written_as_the_office_writes_them_in_every_language(office: Flask) -> None:
    page = "{{ d|vn_date }}|{{ t|vn_date }}|{{ t|vn_datetime }}|{{ 1234567|vn_number }}|{{ 1258291|vn_size }}"
    for language in ("vi", "en"):
        with office.test_request_context("/"):
            session["locale"] = language
            late = datetime(2026, 3, 4, 18, 5, tzinfo=UTC)
            shown = render_template_string(page, d=date(2026, 1, 2), t=late)
            assert shown == "02/01/2026|05/03/2026|05/03/2026 01:05|1.234.567|1,2 MB"


@pytest.mark.parametrize(
    ("number", "decimals", "shown"),
    [
        (0, None, "0"),
        (-1234, None, "-1.234"),
        (Decimal("1234.5"), None, "1.234,5"),
        (Decimal("1234.5"), 2, "1.234,50"),
        (2.25, None, "2,25"),
        (1234, 0, "1.234"),
        (None, None, ""),
    ],
)
def test_a_number_has_points_between_thousands_and_a_comma(number, decimals: int | None, shown: str) -> None:
    assert translation.vn_number(number, decimals) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 byte"),
        (1023, "1.023 byte"),
        (1024, "1 KB"),
        (1024 * 10, "10 KB"),
        (1024 * 1024 - 1, "1 MB"),
        (1258291, "1,2 MB"),
        (5 * 1024**3, "5 GB"),
        (3 * 1024**5, "3.072 TB"),
        (None, ""),
    ],
)
def test_a_size_is_written_in_the_unit_people_know(size: int | None, shown: str) -> None:
    assert translation.vn_size(size) == shown


def test_nothing_is_written_for_no_date_and_an_instant_without_zone_is_refused() -> None:
    assert translation.vn_date(None) == translation.vn_datetime(None) == ""
    naive = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001 - the very thing that is refused
    for show in (translation.vn_date, translation.vn_datetime):
        with pytest.raises(ValueError, match="without zone"):
            show(naive)
