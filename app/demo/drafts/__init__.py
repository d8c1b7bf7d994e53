"""Drafts of documents: prose with places to fill in, kept as text files so that it can be read and mended as prose.

A file holds drafts parted by ``----``. Each begins with ``name: value`` lines (the fields of :class:`Draft`; ``to``,
``copy``, ``basis``, ``ward`` and ``let`` may repeat), then a blank line, then the body with one paragraph on each
line. A line that begins with ``#`` is a heading, with ``=`` a centred bold line; ``%`` gives the caption of a table,
``|:`` its column widths (``>`` behind a width sets the column flush right), and lines with ``|`` its header and rows.
How places in curly brackets are filled is told in :mod:`app.demo.facts`.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from app.reports.letter import Block, Centred, Heading, Table

FILES = ("central.txt", "departments.txt", "city.txt", "communes.txt", "others.txt", "citizens.txt")


@dataclass(frozen=True)
class Draft:
    """A document in waiting."""

    key: str
    type: str
    """Code of the document type (``cong_van``); ``don`` is a letter of a citizen."""
    senders: tuple[str, ...]
    """Keys in the address book, ``@commune`` for any ward or commune; none for citizens."""
    unit: str
    """The unit of the Office that such a document belongs to."""
    subject: str
    body: tuple[Block, ...]
    field: str = ""
    """Drafting unit of the sender, as in the notation of a công văn and after ``Lưu: VT``."""
    notation: str = ""
    """Notation where it does not follow from type, sender and drafting unit."""
    to: tuple[str, ...] = ()
    copy: tuple[str, ...] = ()
    """Recipients before the record copy; ``Như trên;`` comes first by itself where there are addressees."""
    basis: tuple[str, ...] = ()
    authority: str = ""
    lead_in: str = "Kính gửi:"
    power: str = ""
    position: str = ""
    """Signature block where it is not that of the sender's head or deputy."""
    title: str = ""
    """Heading of a letter of a citizen (``Đơn kiến nghị``)."""
    reply: tuple[int, int] | None = None
    """From how many to how many working days after issue an answer is wanted (place ``{han}``)."""
    urgency: tuple[str, ...] = ("normal",)
    """Levels of urgency to choose from."""
    days: tuple[int, int] = (1, 31)
    """Days of the month on which such a document is issued (monthly reports come early in the next month)."""
    weight: int = 3
    ward: tuple[str, ...] = ()
    """Wards and communes that the text may be about; any when empty."""
    let: tuple[str, ...] = ()
    """Numbers settled before the text is filled: ``a = 10-90`` or ``sum = a+b``."""
    contact: bool = False
    """Whether the sender prints its address at the foot of page 1."""


_MANY = ("to", "copy", "basis", "ward", "let")


@cache
def all_drafts() -> tuple[Draft, ...]:
    """Every draft, in the order of the files."""
    folder = resources.files(__package__)
    texts = [folder.joinpath(name).read_text(encoding="utf-8") for name in FILES]
    return tuple(_draft(record.strip()) for text in texts for record in text.split("\n----\n"))


def _draft(record: str) -> Draft:
    head, _, body = record.partition("\n\n")
    values: dict[str, object] = {}
    for line in head.split("\n"):
        name, _, value = line.partition(":")
        value = value.strip().replace(" / ", "\n") if name in ("power", "position") else value.strip()
        if name in _MANY:
            values[name] = (*values.get(name, ()), value)  # type: ignore[misc]
        elif name in ("senders", "urgency"):
            values[name] = tuple(value.split())
        elif name in ("reply", "days"):
            low, high = value.split("-")
            values[name] = (int(low), int(high))
        elif name in ("weight", "contact"):
            values[name] = int(value)
        else:
            values[name] = value
    return Draft(body=_body(body), **{"senders": (), **values})  # type: ignore[arg-type]


def _body(text: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    caption, table = "", []
    for line in [*(part.strip() for part in text.split("\n")), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            blocks.append(_table(table, caption))
            caption, table = "", []
        if line.startswith("# "):
            blocks.append(Heading(line[2:]))
        elif line.startswith("= "):
            blocks.append(Centred(line[2:]))
        elif line.startswith("% "):
            caption = line[2:]
        elif line:
            blocks.append(line)
    return tuple(blocks)


def _table(lines: list[str], caption: str) -> Table:
    columns = lines[0].removeprefix("|:").split()
    header, *rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[1:]]
    return Table(
        header, tuple(rows), tuple(float(c.rstrip(">")) for c in columns),
        tuple(i for i, c in enumerate(columns) if c.endswith(">")), caption,
    )  # fmt: skip
