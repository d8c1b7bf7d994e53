"""Languages: which catalogue answers, and how a Vietnamese office writes dates, numbers and sizes.

English is the source language and needs no catalogue; Vietnamese is in ``translations/vi/LC_MESSAGES``:
``messages.po`` is ours, ``fab.po``, ``admin.po`` and ``wtforms.po`` hold the strings of Flask-AppBuilder,
Flask-Admin and WTForms. They are compiled into one ``messages.mo``, and every library is made to look there,
so that a string is translated in one place only.
"""

import atexit
import gettext
import hashlib
import logging
import os
import shutil
import tempfile
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations
from flask import Flask, current_app, has_app_context
from flask_babel import get_translations

from app import clock

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent.parent / "translations"
#: The catalogues of a language, the one that wins first.
CATALOGUES = ("messages", "fab", "admin", "wtforms")
DOMAIN = "messages"


def compile_catalogues(folder: Path = FOLDER, spare: Path | None = None) -> Path:
    """Compile the catalogues that changed since they were last compiled; return the folder to read them from.

    The answer is the absolute path for ``BABEL_TRANSLATION_DIRECTORIES``. It is ``folder`` itself or, where
    that cannot be written to (a read-only installation), ``spare``, by default a new temporary folder that
    goes when the process ends. Several processes may do this at once. A catalogue with a syntax fault
    raises ``babel.messages.pofile.PoFileError``.
    """
    languages = sorted(path for path in folder.glob("*/LC_MESSAGES") if path.is_dir())
    try:
        for language in languages:
            _bring_up_to_date(language, language)
    except OSError as fault:
        log.info("translations folder cannot be written to (%s), compiling elsewhere", fault)
        spare = spare or _temporary_folder()
        for language in languages:
            _bring_up_to_date(language, spare / language.relative_to(folder))
        return spare.resolve()
    return folder.resolve()


def merged_catalogue(language: Path) -> Catalog:
    """One catalogue of all those in a language's folder; of two translations of a string the first wins."""
    merged = Catalog(locale=language.parent.name, domain=DOMAIN, project="van-thu", version=_digest(language))
    for name in CATALOGUES:
        path = language / f"{name}.po"
        if not path.exists():
            continue
        with path.open("rb") as stream:
            catalogue = read_po(stream, locale=language.parent.name, abort_invalid=True)
        for message in catalogue:
            translated = all(message.string) if isinstance(message.string, tuple) else bool(message.string)
            if message.id and translated and not message.fuzzy and not merged.get(message.id, message.context):
                merged.add(message.id, message.string, context=message.context)
    return merged


def _bring_up_to_date(source: Path, target: Path) -> None:
    compiled = target / f"{DOMAIN}.mo"
    if _compiled_from(compiled) == _digest(source):
        return
    catalogue = merged_catalogue(source)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target, prefix=f".{DOMAIN}-", suffix=".tmp", delete=False) as stream:
        temporary = Path(stream.name)
        try:
            write_mo(stream, catalogue)
            stream.flush()
            temporary.chmod(0o644)
            temporary.replace(compiled)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _digest(language: Path) -> str:
    """What the catalogues say, not when they were written: a copy or a checkout may set any date."""
    digest = hashlib.sha256()
    for name in CATALOGUES:
        path = language / f"{name}.po"
        digest.update(name.encode() + b"\0" + (path.read_bytes() if path.exists() else b"") + b"\0")
    return digest.hexdigest()


def _compiled_from(compiled: Path) -> str | None:
    """The digest a compiled catalogue carries in its heading; None if it is missing or damaged."""
    try:
        with compiled.open("rb") as stream:
            heading = gettext.GNUTranslations(stream).info()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError):
        log.warning("compiled catalogue %s is damaged and is compiled again", compiled)
        return None
    return heading.get("project-id-version", "").rpartition(" ")[2]


def _temporary_folder() -> Path:
    folder, owner = Path(tempfile.mkdtemp(prefix="van-thu-translations-")), os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # a forked worker must not take the catalogues from the others
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def _catalogue() -> Any:
    """The catalogue of the present language; outside an application, the source text itself."""
    if not has_app_context() or "babel" not in current_app.extensions:
        return NullTranslations()
    return get_translations()


@lru_cache(maxsize=1)
def _vietnamese() -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, compile_catalogues(), ["vi"], fallback=True)


def vietnamese(message: str) -> str:
    """A string in the language of the office, whoever reads the screen: for what is sent and kept.

    Needs no request and no Flask-Babel, so that jobs may ask too.
    """
    return _vietnamese().gettext(message)


class FormTranslations:
    """What WTForms asks for the text of a fault, in the language of the present request."""

    def gettext(self, string: str) -> str:
        """The translation of a string."""
        return _catalogue().ugettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The translation of a string that counts ``n`` things."""
        return _catalogue().ungettext(singular, plural, n)


def install_form_translations() -> None:
    """Let every form (WTForms, Flask-WTF, Flask-AppBuilder, Flask-Admin) find its messages in our catalogue.

    The libraries look in the catalogues WTForms brings along, where there is no Vietnamese. Calling this
    again changes nothing.
    """
    from flask_admin.form import BaseForm
    from flask_wtf import FlaskForm
    from wtforms.meta import DefaultMeta

    translations = FormTranslations()
    for meta in (DefaultMeta, FlaskForm.Meta, BaseForm.Meta):
        meta.get_translations = lambda _meta, _form: translations


def install_admin_translations() -> None:
    """Let Flask-Admin's screens find their strings in our catalogue.

    Flask-Admin's own Vietnamese is a machine's ("empty" reads "which product"), and it puts its own before
    any other. Calling this again changes nothing.
    """
    from flask_admin import babel

    babel.domain.get_translations = _catalogue


def vn_date(value: date | datetime | None) -> str:
    """A day as dd/mm/yyyy, in every language; an instant gives its day in Vietnam; nothing for None.

    Raises ``ValueError`` for a datetime without zone.
    """
    if value is None:
        return ""
    day = _wall_clock(value) if isinstance(value, datetime) else value
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def vn_datetime(value: datetime | None) -> str:
    """An instant as dd/mm/yyyy HH:MM in Vietnam, in every language; nothing for None.

    Raises ``ValueError`` for a datetime without zone.
    """
    if value is None:
        return ""
    wall = _wall_clock(value)
    return f"{vn_date(value)} {wall.hour:02d}:{wall.minute:02d}"


def _wall_clock(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant without zone cannot be shown")
    return clock.in_vietnam(value)


def vn_number(value: float | Decimal | None, decimals: int | None = None) -> str:
    """A number as 1.234.567,89, in every language; nothing for None.

    ``decimals`` fixes how many digits stand after the comma; without it there are as many as the number has.
    """
    if value is None:
        return ""
    if decimals is None:
        return format_decimal(value, locale="vi", decimal_quantization=False)
    return format_decimal(value, format="#,##0" + ("." + "0" * decimals if decimals else ""), locale="vi")


def vn_size(value: int | None) -> str:
    """A number of bytes as people read it: 512 byte, 1,2 MB (1 KB is 1024 bytes, as on their desktops)."""
    if value is None:
        return ""
    if value < 1024:
        return f"{vn_number(value)} byte"
    units, power = ("KB", "MB", "GB", "TB"), 1
    while power < len(units) and round(Decimal(value) / 1024**power, 1) >= 1024:
        power += 1
    return f"{vn_number(round(Decimal(value) / 1024**power, 1).normalize())} {units[power - 1]}"


def register_filters(app: Flask) -> None:
    """Give templates the filters vn_date, vn_datetime, vn_number and vn_size."""
    app.jinja_env.filters.update(vn_date=vn_date, vn_datetime=vn_datetime, vn_number=vn_number, vn_size=vn_size)
