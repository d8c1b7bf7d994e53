"""The manuals name what there is: every setting, every command; and their links lead somewhere."""

import re
from pathlib import Path

import pytest

import config

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
LARGEST_PICTURE = 250 * 1024


def test_the_manual_of_operation_has_every_setting_with_its_default() -> None:
    rows = dict(
        re.findall(
            r"^\| `([A-Z_]+)` \| (.*?) \|", (ROOT / "docs/van-hanh.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    expected = {}
    for name, default in config.defaults().items():
        shown = str(int(default)) if isinstance(default, bool) else str(default)
        expected[config.environment_name(name)] = f"`{shown}`" if shown else "trống"
    assert {name: rows[name] for name in rows if name in expected} == expected


def test_the_manual_of_operation_has_every_command_and_no_other() -> None:
    from app.cli import accounts, jobs, maintenance, records, setup  # noqa: F401 - importing declares the commands

    text = (ROOT / "docs/van-hanh.md").read_text(encoding="utf-8").partition("## 8. ")[2].partition("## 9. ")[0]
    listed = re.findall(r"^\| `([a-z-]+)[^|`]*` \| [^|]+ \| [^|]*\d[^|]* \|$", text, re.MULTILINE)
    assert sorted(listed) == sorted(records.commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_of_a_page_is_there(page: Path) -> None:
    targets = [t for t in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_no_picture_is_too_large_and_each_is_shown_or_made() -> None:
    made = re.findall(r'Picture\("([a-z-]+)"', (ROOT / "bin/pictures.py").read_text(encoding="utf-8"))
    pictures = list((ROOT / "docs/images").glob("*.png"))
    assert {picture.stem for picture in pictures} == set(made)
    assert [p.name for p in pictures if p.stat().st_size > LARGEST_PICTURE] == []
