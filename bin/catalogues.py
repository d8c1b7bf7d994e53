"""Translation catalogues: extract, compile, check.

    bin/translations extract [--drop-obsolete]   bring the .po files up to date with code and libraries
    bin/translations compile                     merge the .po files of each language into its messages.mo
    bin/translations check                       say every fault of the .po files; exit status 1 if there is one

Ours is ``messages.po``; ``fab.po``, ``admin.po`` and ``wtforms.po`` hold the strings of the libraries as they
are installed, so that an upgrade shows its new strings here.
"""

import argparse
import ast
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import polib
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from jinja2 import Environment, nodes

from app.translation import CATALOGUES, DOMAIN, FOLDER, compile_catalogues

ROOT = FOLDER.parent
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **parse_keywords(
        [
            "lazy_gettext",
            "_gettext",
            "_ngettext:1,2",
            "lazy_ngettext:1,2",
            "lazy_pgettext:1c,2",
            "lazy_npgettext:1c,2,3",
        ]
    ),
}
LIBRARIES = {
    "fab": ("flask_appbuilder",),
    "admin": ("flask_admin",),
    "wtforms": ("wtforms", "flask_wtf"),
}
SKIPPED_FOLDERS = {"tests", "static", "locale", "translations", "recaptcha", "__pycache__"}
HEADING = {
    "Project-Id-Version": "van-thu",
    "Language": "vi",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}

#: Context and English text: what identifies a string.
Key = tuple[str | None, str]


@dataclass
class Found:
    """A string found in code: its plural, the files it stands in, what the code says to the translator."""

    plural: str = ""
    files: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)


# ---------------------------------------------------------------- extraction


def python_calls(
    stream: BinaryIO,
    keywords: Collection[str],
    _comment_tags: Collection[str],
    options: Mapping[str, str],  # noqa: ARG001
) -> Iterator[tuple[int, str, tuple[str | None, ...], list[str]]]:
    """Babel's protocol for an extractor, read from the syntax tree.

    Babel's own goes by tokens: it takes ``gettext(params["label"])`` for the string "label", and overlooks a
    marked string inside the brackets of another call.
    """
    for node in ast.walk(ast.parse(stream.read())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in keywords:
            constants = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
            yield node.lineno, name, tuple(text if isinstance(text, str) else None for text in constants), []


LIBRARY_METHODS = [("**.py", python_calls), ("**/templates/**.html", "jinja2")]


def _collect(found: dict[Key, Found], messages: Iterable[tuple], prefix: str) -> None:
    for filename, _line, message, comments, context in messages:
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if not singular:
            continue
        entry = found.setdefault((context, singular), Found())
        entry.plural = entry.plural or plural or ""
        entry.files.add(prefix + Path(filename).as_posix())
        entry.comments += [comment for comment in comments if comment not in entry.comments]


def _folders_except(skipped: set[str]) -> Callable[[str], bool]:
    return lambda path: Path(path).name not in skipped and not Path(path).name.startswith(".")


def extract_ours(root: Path = ROOT) -> dict[Key, Found]:
    """Every string our own code and templates mark for translation (babel.cfg says where)."""
    with (root / "babel.cfg").open(encoding="utf-8") as stream:
        patterns, options = parse_mapping_cfg(stream)
    methods = [(pattern, python_calls if method == "python" else method) for pattern, method in patterns]
    found: dict[Key, Found] = {}
    wanted = _folders_except({"node_modules", "data", "tests", "migrations", "docs", "__pycache__"})
    messages = extract_from_dir(
        root,
        methods,
        options,
        KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=wanted,
    )
    _collect(found, messages, "")
    return found


def extract_library(name: str) -> dict[Key, Found]:
    """Every string of an installed library, ``name`` being that of its catalogue."""
    found: dict[Key, Found] = {}
    for package in LIBRARIES[name]:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise LookupError(f"{package} is not installed")
        folder = Path(spec.submodule_search_locations[0])
        wanted = _folders_except(SKIPPED_FOLDERS)
        messages = extract_from_dir(folder, LIBRARY_METHODS, keywords=KEYWORDS, directory_filter=wanted)
        _collect(found, messages, f"{package}/")
    return found


def extract(name: str) -> dict[Key, Found]:
    """Every string that the catalogue ``name`` has to translate."""
    return extract_ours() if name == DOMAIN else extract_library(name)


# ---------------------------------------------------------------- bringing a catalogue up to date


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt or None, entry.msgid


def merge(po: polib.POFile, found: Mapping[Key, Found], *, drop_obsolete: bool = False) -> None:
    """Make the entries of ``po`` those of ``found``: translations stay, nothing is guessed.

    A string that is gone becomes obsolete (``#~``) and comes back with its translation when the code has it
    again; ``drop_obsolete`` removes it instead. A string that is new, or whose plural changed, has no translation.
    """
    known = {_key(entry): entry for entry in sorted(po, key=lambda entry: not entry.obsolete)}
    entries: list[polib.POEntry] = []
    for key, item in found.items():
        old = known.pop(key, None)
        entry = polib.POEntry(msgctxt=key[0], msgid=key[1], msgid_plural=item.plural)
        if old is not None and old.msgid_plural == item.plural:
            entry.msgstr, entry.msgstr_plural, entry.tcomment = old.msgstr, old.msgstr_plural, old.tcomment
            entry.flags = ["fuzzy"] if old.fuzzy else []
        elif item.plural:
            entry.msgstr_plural = {0: ""}
        if _PLACEHOLDER.search(key[1] + item.plural):
            entry.flags.append("python-format")
        entry.occurrences = [(file, "") for file in sorted(item.files)]
        entry.comment = "\n".join(item.comments)
        entries.append(entry)
    gone = [] if drop_obsolete else [entry for entry in known.values() if entry.translated() or entry.obsolete]
    for entry in gone:
        entry.obsolete, entry.occurrences = True, []
    po.clear()
    po.extend(sorted(entries, key=_order) + sorted(gone, key=_order))


def borrow(po: polib.POFile, libraries: Iterable[polib.POFile]) -> None:
    """Give entries without translation the one a library's catalogue has for the very same string."""
    for library in libraries:
        known = {_key(entry): entry for entry in library if entry.translated() and not entry.obsolete}
        for entry in po.untranslated_entries():
            other = known.get(_key(entry))
            if other is not None and other.msgid_plural == entry.msgid_plural:
                entry.msgstr, entry.msgstr_plural = other.msgstr, dict(other.msgstr_plural)


def _order(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgid.casefold(), entry.msgid, entry.msgctxt or ""


def read(path: Path) -> polib.POFile:
    """A catalogue from its file, or an empty one. A syntax fault or a string held twice raises ValueError."""
    if path.exists():
        _refuse_broken_lines(path)
        po = polib.pofile(str(path), wrapwidth=110, check_for_duplicates=True)
    else:
        po = polib.POFile(wrapwidth=110)
    po.metadata = dict(HEADING)
    return po


_LINE = re.compile(r'\s*(?:#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+)?"(?:[^"\\]|\\.)*"\s*)?')


def _refuse_broken_lines(path: Path) -> None:
    """Neither polib nor Babel minds an unclosed or a bare quotation mark: the text would be cut in silence."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not _LINE.fullmatch(line):
            raise ValueError(f"line {number} is broken: {line}")


def write(po: polib.POFile, path: Path) -> None:
    """Write a catalogue in one step: who reads at that moment sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}-", delete=False
    ) as stream:
        stream.write(f"{po}".rstrip("\n") + "\n")
    Path(stream.name).chmod(0o644)
    Path(stream.name).replace(path)


# ---------------------------------------------------------------- checking

_PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%[sdirfx%]|%|\{\w*(?:[.\[!:][^{}]*)?\}")
_TAG = re.compile(r"<(/?[A-Za-z][\w-]*)[^<>]*>")
#: Hóa, hủy, not hoá, huỷ: the tone stands where Decree 30/2020 writes it.
_TONE = re.compile(r"(?<!q)(?:o[áàảãạéèẻẽẹ]|u[ýỳỷỹỵ])(?!\w)", re.IGNORECASE)
_ENDS = ("...", "…", ".", ":", "?", "!", ",", ";")
_OTHER_PUNCTUATION = "other punctuation"


def faults(po: polib.POFile, expected: Mapping[Key, Found] | None = None) -> Iterator[str]:
    """Every fault of a catalogue, in words; with ``expected``, also what it lacks and what it has too much.

    An entry whose translator comment says "other punctuation" may end differently from the English.
    """
    present = {_key(entry) for entry in po if not entry.obsolete}
    for context, msgid in sorted((expected or {}).keys() - present, key=str):
        yield f"missing: {_shown(msgid, context)} is in the code and not in the catalogue"
    for entry in po:
        shown = _shown(entry.msgid, entry.msgctxt)
        if entry.obsolete:
            yield f"obsolete: {shown}"
            continue
        if expected is not None and _key(entry) not in expected:
            yield f"obsolete: {shown} is not in the code any more"
        elif expected is not None and expected[_key(entry)].plural != entry.msgid_plural:
            yield f"plural: {shown} has another plural in the code"
        if entry.fuzzy:
            yield f"fuzzy: {shown}"
        strings = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if not strings or not all(strings):
            yield f"untranslated: {shown}"
            continue
        for string in strings:
            for fault in _faults_of_string(entry.msgid_plural or entry.msgid, string, entry.tcomment):
                yield f"{fault}: {shown} → {string!r}"


def _shown(msgid: str, context: str | None) -> str:
    return f"{msgid!r} ({context})" if context else repr(msgid)


def _faults_of_string(source: str, string: str, comment: str) -> Iterator[str]:
    if Counter(_PLACEHOLDER.findall(source)) != Counter(_PLACEHOLDER.findall(string)):
        yield "placeholders differ"
    if Counter(_TAG.findall(source)) != Counter(_TAG.findall(string)):
        yield "HTML tags differ"
    if _edges(source) != _edges(string):
        yield "white space at the ends differs"
    if _end(source) != _end(string) and _OTHER_PUNCTUATION not in comment:
        yield "punctuation at the end differs"
    if not unicodedata.is_normalized("NFC", string):
        yield "not in Unicode form NFC"
    if _TONE.search(unicodedata.normalize("NFC", string)):
        yield "tone mark in another place than in hóa, hủy"
    if string == source and len(re.findall(r"[^\W\d_]{2,}", _PLACEHOLDER.sub("", source))) > 1:
        yield "same as the English"


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _end(text: str) -> str:
    end = next((end for end in _ENDS if text.rstrip().endswith(end)), "")
    return "…" if end == "..." else end


def template_faults(templates: Path = ROOT / "app" / "templates") -> Iterator[str]:
    """Calls in templates that would fail when shown: there, every string is formatted, with or without values."""
    environment = Environment(
        autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]
    )
    environment.newstyle_gettext = True
    for path in sorted(templates.rglob("*.html")) + sorted(templates.rglob("*.txt")):
        for call in environment.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            name = call.node.name if isinstance(call.node, nodes.Name) else ""
            if name not in {"_", "gettext", "ngettext", "pgettext", "npgettext"} or call.dyn_kwargs:
                continue
            given = {keyword.key for keyword in call.kwargs} | ({"num"} if name in {"ngettext", "npgettext"} else set())
            for argument in call.args:
                text = argument.value if isinstance(argument, nodes.Const) else ""
                lacking = set(re.findall(r"%\((\w+)\)", text if isinstance(text, str) else "")) - given
                if lacking:
                    yield f"{path.name}:{call.lineno}: no value for {', '.join(sorted(lacking))} in {text!r}"
                if isinstance(text, str) and "%" in re.sub(r"%%|%\(\w+\)", "", text):
                    yield f"{path.name}:{call.lineno}: a bare % in {text!r}, write %%"


def disagreements(catalogues: Mapping[str, polib.POFile]) -> Iterator[str]:
    """Strings that two catalogues hold differently, so that one of the two would never be shown.

    Ours may overrule a library's on purpose; two libraries have to agree, and a string that has a plural in one
    catalogue must have it in all.
    """
    seen: dict[Key, tuple[str, polib.POEntry]] = {}
    for name, po in catalogues.items():
        for entry in po:
            if entry.obsolete:
                continue
            other, first = seen.setdefault(_key(entry), (name, entry))
            shown = _shown(entry.msgid, entry.msgctxt)
            if first.msgid_plural != entry.msgid_plural:
                yield f"plural: {shown} differs between {other}.po and {name}.po"
            elif other != DOMAIN and (first.msgstr, first.msgstr_plural) != (entry.msgstr, entry.msgstr_plural):
                yield f"two translations: {shown} in {other}.po and {name}.po"


def check(folder: Path = FOLDER) -> list[str]:
    """Every fault of every language, each with the file it is in."""
    answer = list(template_faults(folder.parent / "app" / "templates"))
    expected = {name: extract(name) for name in CATALOGUES}
    for language in sorted(folder.glob("*/LC_MESSAGES")):
        catalogues = {}
        for name in CATALOGUES:
            path = language / f"{name}.po"
            where = path.relative_to(folder.parent).as_posix()
            try:
                catalogues[name] = po = read(path)
            except (OSError, ValueError) as fault:
                answer.append(f"{where}: {fault}")
                continue
            answer += [f"{where}: {fault}" for fault in faults(po, expected[name])]
        answer += [f"{language.parent.name}: {fault}" for fault in disagreements(catalogues)]
    return answer


# ---------------------------------------------------------------- commands


def _extract_command(*, drop_obsolete: bool) -> int:
    for name in CATALOGUES:
        found = extract(name)
        for language in sorted(FOLDER.glob("*/LC_MESSAGES")):
            path = language / f"{name}.po"
            po = read(path)
            merge(po, found, drop_obsolete=drop_obsolete or name != DOMAIN)
            if name == DOMAIN:
                borrow(po, (read(language / f"{library}.po") for library in LIBRARIES))
            write(po, path)
            print(
                f"{path.relative_to(ROOT)}: {len(found)} strings, {len(po.untranslated_entries())} untranslated, "
                f"{len(po.obsolete_entries())} obsolete"
            )
        if name == DOMAIN:
            template = polib.POFile(wrapwidth=110)
            template.metadata = {
                key: value for key, value in HEADING.items() if key not in {"Language", "Plural-Forms"}
            }
            merge(template, found)
            write(template, FOLDER / f"{DOMAIN}.pot")
    return 0


def _compile_command() -> int:
    print(f"compiled: {compile_catalogues()}")
    return 0


def _check_command() -> int:
    found = check()
    for fault in found:
        print(fault, file=sys.stderr)
    print(f"translations: {len(found)} faults" if found else "translations: no faults")
    return 1 if found else 0


def main() -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bin/translations")
    commands = parser.add_subparsers(dest="command", required=True)
    extracting = commands.add_parser("extract", help="bring the .po files up to date with code and libraries")
    extracting.add_argument("--drop-obsolete", action="store_true", help="forget translations the code has no use for")
    commands.add_parser("compile", help="compile the .po files")
    commands.add_parser("check", help="say every fault of the .po files")
    arguments = parser.parse_args()
    if arguments.command == "extract":
        return _extract_command(drop_obsolete=arguments.drop_obsolete)
    return _compile_command() if arguments.command == "compile" else _check_command()


if __name__ == "__main__":
    sys.exit(main())
