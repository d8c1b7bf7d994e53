"""Letters as drawn outlines, for seals: they are pictures, so their letters must not come out as text.

Reads the TrueType outlines of the fonts that the reports embed anyway; straight lines and curves come back
in thousandths of the font size, ready for a path on a page.
"""

import struct
from functools import cache
from typing import NamedTuple

from reportlab.pdfbase import pdfmetrics

_ON_CURVE, _X_SHORT, _Y_SHORT, _REPEAT, _X_SAME, _Y_SAME = 1, 2, 4, 8, 16, 32
_WORDS, _XY_VALUES, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO = 1, 2, 8, 32, 64, 128


class Point(NamedTuple):
    """A point of a contour; ``on`` is false for the control point of a quadratic curve."""

    x: float
    y: float
    on: bool


Contour = tuple[Point, ...]


@cache
def glyph(font_name: str, letter: str) -> tuple[tuple[Contour, ...], float]:
    """Contours and advance width of a letter, in thousandths of the font size."""
    face = pdfmetrics.getFont(font_name).face
    scale = 1000 / face.unitsPerEm
    contours = _contours(face, face.charToGlyph.get(ord(letter), 0))
    scaled = tuple(tuple(Point(p.x * scale, p.y * scale, p.on) for p in contour) for contour in contours)
    return scaled, pdfmetrics.stringWidth(letter, font_name, 1000)


def _contours(face, index: int) -> list[list[Point]]:
    start, end = face.glyphPos[index], face.glyphPos[index + 1]
    if start == end:
        return []
    data = face.get_table("glyf")[start:end]
    (count,) = struct.unpack_from(">h", data)
    return _simple(data, count) if count >= 0 else _composite(face, data)


def _composite(face, data: bytes) -> list[list[Point]]:
    found: list[list[Point]] = []
    at, flags = 10, _MORE
    while flags & _MORE:
        flags, index = struct.unpack_from(">HH", data, at)
        at += 4
        dx, dy = struct.unpack_from(">hh" if flags & _WORDS else ">bb", data, at)
        at += 4 if flags & _WORDS else 2
        at += 2 if flags & _SCALE else 4 if flags & _XY_SCALE else 8 if flags & _TWO_BY_TWO else 0
        if not flags & _XY_VALUES:
            dx = dy = 0
        found += [[Point(p.x + dx, p.y + dy, p.on) for p in contour] for contour in _contours(face, index)]
    return found


def _simple(data: bytes, count: int) -> list[list[Point]]:
    ends = struct.unpack_from(f">{count}H", data, 10)
    at = 10 + 2 * count
    at += 2 + struct.unpack_from(">H", data, at)[0]
    total = ends[-1] + 1
    flags: list[int] = []
    while len(flags) < total:
        flag = data[at]
        at += 1
        repeat = 1
        if flag & _REPEAT:
            repeat += data[at]
            at += 1
        flags += [flag] * repeat
    xs, at = _coordinates(data, at, flags, _X_SHORT, _X_SAME)
    ys, at = _coordinates(data, at, flags, _Y_SHORT, _Y_SAME)
    points = [Point(x, y, bool(f & _ON_CURVE)) for x, y, f in zip(xs, ys, flags, strict=True)]
    begins = [0, *(e + 1 for e in ends[:-1])]
    return [points[b : e + 1] for b, e in zip(begins, ends, strict=True)]


def _coordinates(data: bytes, at: int, flags: list[int], short: int, same: int) -> tuple[list[int], int]:
    values, value = [], 0
    for flag in flags:
        if flag & short:
            value += data[at] if flag & same else -data[at]
            at += 1
        elif not flag & same:
            value += struct.unpack_from(">h", data, at)[0]
            at += 2
        values.append(value)
    return values, at


def path_code(contour: Contour, place) -> list[str]:
    """Drawing operators of one closed contour; ``place(x, y)`` turns letter space into page space."""
    if not any(p.on for p in contour):
        return []
    first = next(i for i, p in enumerate(contour) if p.on)
    points = [*contour[first:], *contour[:first], contour[first]]
    x, y = place(points[0].x, points[0].y)
    code = [f"{x:.2f} {y:.2f} m"]
    current, control = points[0], None
    for point in points[1:]:
        if control is None:
            if point.on:
                x, y = place(point.x, point.y)
                code.append(f"{x:.2f} {y:.2f} l")
                current = point
            else:
                control = point
            continue
        # Two control points in a row imply a point on the curve half-way between them.
        target = point if point.on else Point((control.x + point.x) / 2, (control.y + point.y) / 2, True)
        code.append(_cubic(current, control, target, place))
        current, control = target, None if point.on else point
    if control is not None:
        code.append(_cubic(current, control, points[0], place))
    code.append("h")
    return code


def _cubic(start: Point, control: Point, end: Point, place) -> str:
    numbers = [
        *place(start.x + (control.x - start.x) * 2 / 3, start.y + (control.y - start.y) * 2 / 3),
        *place(end.x + (control.x - end.x) * 2 / 3, end.y + (control.y - end.y) * 2 / 3),
        *place(end.x, end.y),
    ]
    return " ".join(f"{n:.2f}" for n in numbers) + " c"
