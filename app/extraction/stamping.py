"""Puts the arrival stamp over the first page of a copy of a PDF, by pyHanko.

Only the worker processes import this module (see :mod:`app.extraction.pool`). It writes nothing: it answers with
the bytes of an incremental update, which whoever asked appends to the original ones. So every byte that was received
is still in the copy, and a signature in it can still be told apart from what the program added.
"""

import base64
import io
import re
from pathlib import Path
from typing import Any, BinaryIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdf import PdfReader

from app.rules.arrival_stamp import EDGE, StampPosition, place

STAMP, NOTE = "/VanThuDen", "/VanThuBanSao"
"""Names of the two things laid over the page."""
_LEVELS = 60  # of the page tree, from the page upwards

_LOOKED_AT = 8 * 1024**2  # bytes of drawing
_MOST_OPEN = 200

ENCRYPTED, DAMAGED, TOO_SMALL = "encrypted", "damaged", "too_small"


class _Refused(Exception):
    """This file cannot be stamped; the message is one of the words above."""


def stamp_task(arguments: dict[str, Any]) -> dict[str, Any]:
    """``{"appendix": base64}``: what makes a stamped copy of the file at ``path``; or ``{"refused": word}``.

    ``overlay`` is the path of the two pages of ``app.reports.arrival_stamp.overlay``, ``position`` where the stamp
    stands on the page as a person sees it.
    """
    path, over = Path(arguments["path"]), Path(arguments["overlay"])
    try:
        with path.open("rb") as original, over.open("rb") as overlay:
            appendix = _appendix(original, overlay, StampPosition(arguments["position"]))
        _check(path, appendix)
    except _Refused as refusal:
        return {"refused": str(refusal)}
    return {"appendix": base64.b64encode(appendix).decode()}


def _appendix(original: BinaryIO, overlay: BinaryIO, position: StampPosition) -> bytes:
    if original.read(5) != b"%PDF-":  # with bytes before it, every place written in the file would be off
        raise _Refused(DAMAGED)
    size = original.seek(0, io.SEEK_END)
    original.seek(0)
    try:
        reader = PdfFileReader(original, strict=False)
        if reader.encrypted:
            raise _Refused(ENCRYPTED)
        writer = IncrementalPdfFileWriter.from_reader(reader)
        _lay_over(writer, PdfFileReader(overlay), position)
        tail = _Tail(size)
        writer.write(tail)
    except (_Refused, MemoryError):
        raise
    except Exception as error:
        raise _Refused(DAMAGED) from error
    return tail.getvalue()


def _lay_over(writer: IncrementalPdfFileWriter, overlay: PdfFileReader, position: StampPosition) -> None:
    reference, _ = writer.find_page_for_modification(0)
    page = reference.get_object()
    left, bottom, width, height = _seen_box(page)
    unit = _number(_inherited(page, "/UserUnit"), 1.0)
    unit = unit if 0 < unit <= 75_000 else 1.0
    turned = int(_number(_inherited(page, "/Rotate"), 0)) % 360
    shown = (height * unit, width * unit) if turned in (90, 270) else (width * unit, height * unit)
    corner = place(position, *shown)
    if corner is None:
        raise _Refused(TOO_SMALL)
    upright = {
        90: f"0 1 -1 0 {left + width:.4f} {bottom:.4f}",
        180: f"-1 0 0 -1 {left + width:.4f} {bottom + height:.4f}",
        270: f"0 -1 1 0 {left:.4f} {bottom + height:.4f}",
    }.get(turned, f"1 0 0 1 {left:.4f} {bottom:.4f}")
    scale = 1 / unit
    contents = _contents(page)
    drawn = ["Q " * (1 + _left_open(contents)) + f"q {upright} cm {scale:.6f} 0 0 {scale:.6f} 0 0 cm"]
    for name, (x, y) in ((STAMP, corner), (NOTE, (EDGE, EDGE / 2))):
        drawn.append(f"q 1 0 0 1 {x:.4f} {y:.4f} cm {name} Do Q")
    drawn.append("Q")
    # what the page itself draws may leave the paper turned or scaled: it is put between save and restore
    before = writer.add_object(generic.StreamObject(stream_data=b"q"))
    after = writer.add_object(generic.StreamObject(stream_data="\n".join(drawn).encode("ascii")))
    # new arrays and dictionaries of the page's own: the old ones may serve other pages too
    page[pdf_name("/Contents")] = generic.ArrayObject([before, *contents, after])
    forms = {pdf_name(STAMP): _form(writer, overlay, 0), pdf_name(NOTE): _form(writer, overlay, 1)}
    page[pdf_name("/Resources")] = _with_forms(_inherited(page, "/Resources"), forms)
    writer.mark_update(reference)


def _form(writer: IncrementalPdfFileWriter, overlay: PdfFileReader, number: int) -> generic.IndirectObject:
    """One page of the overlay as something that can be drawn."""
    page = overlay.root["/Pages"]["/Kids"][number]
    content = page["/Contents"]
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(generic.FloatObject(each) for each in page["/MediaBox"]),
            pdf_name("/Resources"): writer.import_object(page["/Resources"]),
        },
        stream_data=content.data,
    )
    form.compress()
    return writer.add_object(form)


def _contents(page: generic.DictionaryObject) -> list[Any]:
    """References to what the page draws; none for an empty page."""
    if "/Contents" not in page:
        return []
    raw = page.raw_get("/Contents")
    found = _drawing(raw)
    if found is None:
        return [raw]
    if isinstance(found, generic.ArrayObject):
        return [found.raw_get(at) for at in range(len(found))]
    if isinstance(found, generic.NullObject):
        return []
    if isinstance(found, generic.StreamObject):
        return [raw]
    raise _Refused(DAMAGED)


# strings, comments and inline pictures may hold a "q" that is none
_SAVES = re.compile(
    rb"\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)|<[0-9A-Fa-f\s]*>|%[^\r\n]*|\bID\s.*?\sEI\b"
    rb"|(?<![^\s\[\]()<>/{}%])([qQ])(?![^\s\[\]()<>/{}%])",
    re.DOTALL,
)


def _left_open(contents: list[Any]) -> int:
    """How many states a careless page saves and never restores; what is drawn after it would stand in the wrong place.

    0 where the content is too long to be looked at.
    """
    depth, room = 0, _LOOKED_AT
    for each in contents:
        stream = _drawing(each)
        if not isinstance(stream, generic.StreamObject):
            continue
        try:
            data = stream.data
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - what cannot be decoded, viewers do not draw either
            data = b""
        room -= len(data)
        if room < 0:
            return 0
        for found in _SAVES.finditer(data):
            if found[1] is not None:
                depth = max(0, depth + (1 if found[1] == b"q" else -1))
    return min(depth, _MOST_OPEN)


def _drawing(raw: Any) -> Any:
    """What a reference leads to; ``None`` for what cannot be read here, which viewers may still know to mend."""
    try:
        return raw.get_object() if isinstance(raw, generic.IndirectObject) else raw
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a hostile file makes the parser raise anything at all
        return None


def _with_forms(resources: Any, forms: dict[Any, Any]) -> generic.DictionaryObject:
    """A copy of a page's resources, with the two forms among them; what they hold stays where it is."""
    copied = _copy(resources)
    drawings = _copy(_value(copied, "/XObject"))
    drawings.update(forms)
    copied[pdf_name("/XObject")] = drawings
    return copied


def _copy(found: Any) -> generic.DictionaryObject:
    if not isinstance(found, generic.DictionaryObject):
        return generic.DictionaryObject()
    return generic.DictionaryObject({name: found.raw_get(name) for name in found})


def _value(holder: generic.DictionaryObject, name: str) -> Any:
    """What a dictionary holds, followed to where it lies; its own ``get`` would give the reference."""
    try:
        return holder[name]
    except KeyError:
        return None


def _inherited(page: generic.DictionaryObject, name: str) -> Any:
    """A value of the page, else of the nearest node above it that has one."""
    node: Any = page
    for _ in range(_LEVELS):
        if not isinstance(node, generic.DictionaryObject):
            return None
        found = _value(node, name)
        if found is not None and not isinstance(found, generic.NullObject):
            return found
        node = _value(node, "/Parent")
    return None


def _seen_box(page: generic.DictionaryObject) -> tuple[float, float, float, float]:
    """What of the page is seen: left, bottom, width, height in its own units."""
    media = _box(_inherited(page, "/MediaBox")) or (0.0, 0.0, 612.0, 792.0)
    crop = _box(_inherited(page, "/CropBox")) or media
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    if right - left < 1 or top - bottom < 1:  # a crop box that lies beside the page is not obeyed by viewers
        left, bottom, right, top = media
    width, height = right - left, top - bottom
    return left, bottom, width, height


def _box(found: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(found, generic.ArrayObject) or len(found) != 4:
        return None
    sides = [_number(each, float("nan")) for each in found]
    if not all(abs(side) < 1e6 for side in sides):  # false for what is no number, too
        return None
    left, right = sorted((sides[0], sides[2]))
    bottom, top = sorted((sides[1], sides[3]))
    return (left, bottom, right, top) if right > left and top > bottom else None


def _number(found: Any, otherwise: float) -> float:
    try:
        return float(found)
    except (TypeError, ValueError):
        return otherwise


def _check(path: Path, appendix: bytes) -> None:
    """Read the copy as somebody else would: an update that does not fit the file must not leave the house."""
    try:
        copy = PdfReader(io.BytesIO(path.read_bytes() + appendix), strict=False)
        drawings = copy.pages[0]["/Resources"]["/XObject"]  # type: ignore[index]
        held = STAMP in drawings and NOTE in drawings
    except MemoryError:
        raise
    except Exception as error:
        raise _Refused(DAMAGED) from error
    if not held:
        raise _Refused(DAMAGED)


class _Tail(io.BytesIO):
    """Keeps what is written after the first ``skipped`` bytes, and counts as if it kept all."""

    def __init__(self, skipped: int):
        super().__init__()
        self._skipped = skipped
        self._passed = 0

    def write(self, data: Any) -> int:
        """Take bytes; those of the original are let go."""
        view = memoryview(data).cast("B")
        dropped = min(len(view), self._skipped - self._passed)
        self._passed += dropped
        if self._passed == self._skipped and not super().tell():
            super().write(b"\n")  # the original may end without a line break
        super().write(view[dropped:])
        return len(view)

    def tell(self) -> int:
        """The place in the whole file."""
        return self._passed + super().tell()
