"""Drawn marks on a page: round seal, handwritten signature, urgency stamp. All vectors, none of it text."""

import math
import random
import zlib
from functools import lru_cache

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from app.reports import layout
from app.reports.outlines import glyph, path_code

SEAL_RED = Color(0.83, 0.07, 0.10)
INK_BLUE = Color(0.09, 0.16, 0.52)
SEAL_DIAMETER = 34 * mm
SIGNATURE_SIZE = (44 * mm, 17 * mm)
URGENCY_STAMPS = {"KHẨN": 20 * mm, "THƯỢNG KHẨN": 40 * mm, "HỎA TỐC": 30 * mm}
"""Widths of the stamps; all are 8 mm high (Decree 30/2020/NĐ-CP, appendix I)."""


def draw_seal(canvas: Canvas, x: float, y: float, ring: str, foot: str = "", centre: str = "") -> None:
    """A round seal centred on (x, y).

    ``ring`` runs along the upper arc, ``foot`` along the lower one (a star when empty); ``centre`` stands in
    the middle on lines of its own, and without it the middle shows the emblem of State bodies.
    """
    layout.register_fonts()
    canvas.saveState()
    canvas.translate(x, y)
    # No hand presses a seal quite straight; the same seal always leans the same way.
    canvas.rotate(zlib.crc32((ring + centre).encode()) % 7 - 3)
    canvas.setFillColor(SEAL_RED)
    canvas.setStrokeColor(SEAL_RED)
    canvas.setFillAlpha(0.85)
    canvas.setStrokeAlpha(0.85)
    r = SEAL_DIAMETER / 2
    for radius, width in ((r - 0.8, 1.6), (r - 3.2, 0.5), (r * 0.64, 0.6)):
        canvas.setLineWidth(width)
        canvas.circle(0, 0, radius, stroke=1, fill=0)
    canvas.drawPath(PDFPathObject([_seal_code(ring, foot, centre)]), stroke=0, fill=1)
    canvas.restoreState()


def draw_signature(canvas: Canvas, x: float, y: float, name: str) -> None:
    """A signature as drawn by hand in blue ink, centred on (x, y); the same name always signs alike."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.setStrokeColor(INK_BLUE)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for width, shift in ((1.25, 0.0), (0.7, 0.45)):
        canvas.setLineWidth(width)
        canvas.saveState()
        canvas.translate(shift, -shift)
        canvas.drawPath(PDFPathObject([_signature_code(name)]), stroke=1, fill=0)
        canvas.restoreState()
    canvas.restoreState()


def draw_urgency(canvas: Canvas, x: float, top: float, text: str) -> float:
    """The red frame with the level of urgency, centred on ``x`` below ``top``; gives its height."""
    layout.register_fonts()
    height, width = 8 * mm, URGENCY_STAMPS.get(text) or layout.width_of(text, layout.BOLD, 13) + 6 * mm
    canvas.saveState()
    canvas.setStrokeColor(SEAL_RED)
    canvas.setFillColor(SEAL_RED)
    canvas.setLineWidth(1.2)
    canvas.rect(x - width / 2, top - height, width, height, stroke=1, fill=0)
    canvas.setFont(layout.BOLD, 13)
    canvas.drawCentredString(x, top - height / 2 - 4.5, text)
    canvas.restoreState()
    return height


@lru_cache(maxsize=512)
def _seal_code(ring: str, foot: str, centre: str) -> str:
    r = SEAL_DIAMETER / 2
    inner, outer = r * 0.64, r - 3.2
    size = (outer - inner) * 0.66
    baseline = inner + (outer - inner - size * 0.70) / 2
    code: list[str] = []
    if foot:
        foot_angle = _arc_text(code, foot, size, baseline, below=True, most=2.0)
        _arc_text(code, ring, size, baseline, below=False, most=2 * math.pi - foot_angle - 0.7)
        for side in (-1, 1):
            angle = -math.pi / 2 + side * (foot_angle / 2 + 0.22)
            middle = (inner + outer) / 2
            code += _star(middle * math.cos(angle), middle * math.sin(angle), size * 0.38)
    else:
        _arc_text(code, ring, size, baseline, below=False, most=5.2)
        code += _star(0, -(inner + outer) / 2, size * 0.5)
    if centre:
        _centre_text(code, centre.split("\n"), inner * 1.72)
    else:
        code += _emblem(inner * 0.86)
    return "n " + " ".join(code)


def _arc_text(code: list[str], text: str, size: float, radius: float, *, below: bool, most: float) -> float:
    """Letters along a circle, on the upper arc or (reading from left to right as well) the lower; gives the angle."""
    spacing = size * 0.08
    outside = radius + size * 0.70 if below else radius
    middle = radius + size * 0.35
    squeeze = min(1.0, most * middle / sum(_advance(c, size) + spacing for c in text))
    total = sum((_advance(c, size) + spacing) * squeeze for c in text) / middle
    angle = -math.pi / 2 - total / 2 if below else math.pi / 2 + total / 2
    for letter in text:
        step = (_advance(letter, size) + spacing) * squeeze / middle
        here = angle + step / 2 if below else angle - step / 2
        turn = here + math.pi / 2 if below else here - math.pi / 2
        place = _placer(outside * math.cos(here), outside * math.sin(here), turn, size, size * squeeze, letter)
        for contour in glyph(layout.BOLD, letter)[0]:
            code += path_code(contour, place)
        angle += step if below else -step
    return total


def _advance(letter: str, size: float) -> float:
    return glyph(layout.BOLD, letter)[1] * size / 1000


def _placer(x: float, y: float, turn: float, height: float, width: float, letter: str):
    half = glyph(layout.BOLD, letter)[1] / 2
    cos, sin = math.cos(turn), math.sin(turn)

    def place(gx: float, gy: float) -> tuple[float, float]:
        px, py = (gx - half) * width / 1000, gy * height / 1000
        return x + px * cos - py * sin, y + px * sin + py * cos

    return place


def _centre_text(code: list[str], lines: list[str], width: float) -> None:
    widest = max(sum(_advance(c, 1) for c in line) for line in lines)
    size = min(width / widest, 11.5 if len(lines) < 3 else 9)
    leading = size * 1.32
    y = (len(lines) - 1) * leading / 2 - size * 0.34
    for line in lines:
        x = -sum(_advance(c, size) for c in line) / 2
        for letter in line:
            advance = _advance(letter, size)
            place = _placer(x + advance / 2, y, 0, size, size, letter)
            for contour in glyph(layout.BOLD, letter)[0]:
                code += path_code(contour, place)
            x += advance
        y -= leading


def _star(x: float, y: float, radius: float) -> list[str]:
    points = []
    for i in range(10):
        r = radius if i % 2 == 0 else radius * 0.382
        angle = math.pi / 2 + i * math.pi / 5
        points.append((x + r * math.cos(angle), y + r * math.sin(angle)))
    return _polygon(points)


def _polygon(points: list[tuple[float, float]]) -> list[str]:
    first, *rest = points
    return [f"{first[0]:.2f} {first[1]:.2f} m", *(f"{x:.2f} {y:.2f} l" for x, y in rest), "h"]


def _grain(x: float, y: float, angle: float, length: float) -> list[str]:
    dx, dy = math.cos(angle) * length / 2, math.sin(angle) * length / 2
    nx, ny = -dy * 0.55, dx * 0.55
    a, b = (x - dx, y - dy), (x + dx, y + dy)
    return [
        f"{a[0]:.2f} {a[1]:.2f} m",
        f"{a[0] + nx:.2f} {a[1] + ny:.2f} {b[0] + nx:.2f} {b[1] + ny:.2f} {b[0]:.2f} {b[1]:.2f} c",
        f"{b[0] - nx:.2f} {b[1] - ny:.2f} {a[0] - nx:.2f} {a[1] - ny:.2f} {a[0]:.2f} {a[1]:.2f} c",
        "h",
    ]


def _emblem(radius: float) -> list[str]:
    """The emblem in the small: star, ears of rice on both sides, half a cog-wheel and the ribbon below."""
    code = _star(0, radius * 0.34, radius * 0.36)
    for side in (-1, 1):
        for row, reach in ((0, 0.98), (1, 0.84)):
            for i in range(13):
                angle = math.radians(-62 + i * 10.5)
                x, y = side * reach * radius * math.cos(angle), reach * radius * math.sin(angle)
                along = angle + math.pi / 2 + (0.5 if row else -0.3)
                direction = along if side > 0 else math.pi - along
                code += _grain(x, y, direction, radius * 0.21)
    teeth = []
    cx, cy, r1, r2 = 0.0, -radius * 0.62, radius * 0.36, radius * 0.27
    for i in range(0, 181, 9):
        r = r1 if (i // 9) % 2 == 0 else r2
        for edge in (-3.6, 3.6):
            angle = math.radians(i + edge)
            teeth.append((cx + r * math.cos(angle), cy + r * math.sin(angle)))
    hole = [(cx + radius * 0.15 * math.cos(math.radians(a)), cy + radius * 0.15 * math.sin(math.radians(a)))
            for a in range(180, -1, -15)]  # fmt: skip
    code += _polygon([*teeth, *hole])
    band = radius * 0.50
    code += _polygon(
        [(-band, -radius * 0.72), (band, -radius * 0.72), (band * 0.86, -radius * 0.90), (-band * 0.86, -radius * 0.90)]
    )
    return code


def _loop(rng: random.Random, tall: float) -> list[tuple[float, float]]:
    return [
        (0.0, rng.uniform(2, 7)), (rng.uniform(3, 6), tall * 0.8), (rng.uniform(7, 11), tall),
        (rng.uniform(7, 10), tall * 0.45), (rng.uniform(2, 5), -rng.uniform(3, 9)),
        (-rng.uniform(3, 8), rng.uniform(-2, 3)), (rng.uniform(4, 8), rng.uniform(7, 10)),
    ]  # fmt: skip


def _sweep(rng: random.Random, tall: float) -> list[tuple[float, float]]:
    return [
        (rng.uniform(14, 20), tall * 0.85), (rng.uniform(7, 10), tall), (0.0, tall * 0.72),
        (rng.uniform(2, 6), tall * 0.45), (rng.uniform(8, 13), tall * 0.2), (rng.uniform(2, 6), -rng.uniform(4, 9)),
        (-rng.uniform(4, 9), rng.uniform(-1, 3)),
        (rng.uniform(3, 8), rng.uniform(3, 7)),
    ]  # fmt: skip


def _crossed(rng: random.Random, tall: float) -> list[tuple[float, float]]:
    return [
        (-rng.uniform(6, 11), tall * 0.75), (rng.uniform(0, 4), tall * 0.95), (rng.uniform(14, 22), tall),
        (rng.uniform(8, 11), tall * 0.85), (rng.uniform(3, 6), tall * 0.3), (0.0, -rng.uniform(1, 5)),
        (-rng.uniform(4, 7), rng.uniform(0, 3)), (rng.uniform(3, 8), rng.uniform(5, 9)),
    ]  # fmt: skip


def _pillars(rng: random.Random, tall: float) -> list[tuple[float, float]]:
    return [
        (0.0, -rng.uniform(2, 6)), (rng.uniform(1, 3), tall * 0.6), (rng.uniform(2, 4), tall),
        (rng.uniform(5, 8), rng.uniform(0, 3)), (rng.uniform(9, 12), tall * 0.8), (rng.uniform(10, 12), tall * 0.9),
        (rng.uniform(12, 15), rng.uniform(-4, 1)),
    ]  # fmt: skip


_INITIALS = (_loop, _sweep, _crossed, _pillars)
"""Ways in which people begin a signature."""


@lru_cache(maxsize=512)
def _signature_code(name: str) -> str:
    rng = random.Random(zlib.crc32(name.encode()))  # noqa: S311 - the shape of a picture, no secret
    tall = rng.uniform(17, 26)
    points = rng.choice(_INITIALS)(rng, tall)
    x = points[-1][0] + rng.uniform(4, 8)
    loops, lean = rng.uniform(0, 0.8), rng.uniform(1, 5)
    for i in range(rng.randint(3, 8)):
        high = rng.uniform(5, 13) * (1 - i * 0.06)
        points.append((x, high))
        if rng.random() < loops:
            points.append((x - rng.uniform(2.5, 4.5), high * 0.5))
        points.append((x + rng.uniform(0.5, lean), rng.uniform(-3, 2)))
        x += rng.uniform(4.5, 8.5)
    points.append((x + 3, rng.uniform(8, 15)))
    points.append((x + rng.uniform(9, 18), rng.uniform(9, 17)))
    if rng.random() < 0.6:
        points += [
            (x + rng.uniform(4, 9), rng.uniform(-1, 3)),
            (x * 0.45, -rng.uniform(6, 9)),
            (rng.uniform(2, 12), -rng.uniform(8, 11)),
            (x * 0.55, -rng.uniform(3, 7)),
            (x + rng.uniform(12, 24), -rng.uniform(0, 4)),
        ]
    width, height = SIGNATURE_SIZE[0] * rng.uniform(0.72, 1), SIGNATURE_SIZE[1] * rng.uniform(0.7, 1)
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    low, high = min(p[1] for p in points), max(p[1] for p in points)
    placed = [((px - left) / (right - left) * width - width / 2, (py - low) / (high - low) * height - height / 2)
              for px, py in points]  # fmt: skip
    return "n " + _spline(placed)


def _spline(points: list[tuple[float, float]]) -> str:
    """A smooth curve through all points (Catmull-Rom, as Bézier pieces)."""
    padded = [points[0], *points, points[-1]]
    code = [f"{points[0][0]:.2f} {points[0][1]:.2f} m"]
    for i in range(1, len(padded) - 2):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = padded[i - 1 : i + 3]
        code.append(
            f"{x1 + (x2 - x0) / 6:.2f} {y1 + (y2 - y0) / 6:.2f} {x2 - (x3 - x1) / 6:.2f} {y2 - (y3 - y1) / 6:.2f} "
            f"{x2:.2f} {y2:.2f} c"
        )
    return " ".join(code)
