"""Fills the places in a draft, so that one letter agrees with itself.

In a draft stand
- ``[[a|b|c]]``: one of the alternatives;
- ``{name:10-90}``: a whole number from the range, ``{name:1.5-9.5}`` one with a decimal; the name keeps its
  number, and ``{#name:1000-9999}`` writes it without points (years, numbers of documents);
- ``{a+b-c}`` and ``{a%b}``: sum of named numbers, and a as percentage of b;
- ``{ngay+5}``, ``{dd-5}``: a day so many days after or before the date of the letter, moved to a working day, in
  words or figures;
- ``{name}``: one of the facts below, or a number already named. A capital (``{Ngay-4}``) begins a sentence.
"""

import random
import re
from collections.abc import Callable
from datetime import date, timedelta

from app.demo.names import name as invented_name
from app.demo.places import PROJECTS, STREETS
from app.reference.calendar import days_off, days_worked
from app.reports.letter import written_date
from app.rules.calendar import add_working_days, is_working_day

_PLACE = re.compile(r"\{([^{}]+)\}")
_CHOICE = re.compile(r"\[\[([^\[\]]+)\]\]")
_DAY = re.compile(r"^(ngay|dd)([+-]\d+)$")
_RANGE = re.compile(r"^#?(\w+):([\d.]+)-([\d.]+)$")
_SUM = re.compile(r"^\w+([+-]\w+)+$")
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_ROMAN = ("I", "II", "III", "IV")
_FIELDS = {
    "kinh_te": "KT", "do_thi": "ĐT", "van_xa": "VX", "noi_chinh": "NCPC", "du_an": "DA", "tiep_dan": "NCPC",
    "tin_hoc": "KSTT",
}  # fmt: skip
_DAYTIMES = ("8 giờ 00 phút", "8 giờ 30 phút", "9 giờ 00 phút", "13 giờ 30 phút", "14 giờ 00 phút", "15 giờ 00 phút")


def number_text(value: float) -> str:
    """A number as Vietnamese write it: ``1.234,5``."""
    text = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,"))


def month_text(month: int) -> str:
    """Months 1 and 2 with a leading zero."""
    return f"{month:02d}" if month < 3 else str(month)


def working_day_near(day: date, step: int) -> date:
    """``day``, or the nearest working day in the direction of ``step``."""
    while not is_working_day(day, days_off(), days_worked()):
        day += timedelta(days=step)
    return day


class Facts:
    """The facts of one letter: drawn when first asked for, and the same ever after."""

    def __init__(
        self,
        rng: random.Random,
        issued_on: date,
        *,
        unit: str,
        sender: str,
        short: str = "",
        wards: tuple[str, ...] = (),
        own_ward: str = "",
        project: bool = False,
        due: date | None = None,
    ):
        self._rng = rng
        self._day = issued_on
        self._field = _FIELDS.get(unit, "TH")
        self._numbers: dict[str, float] = {}
        self._texts: dict[str, str] = {"co_quan": sender, "short": short}
        self._places(wards, own_ward, project)
        self._times(due)

    def let(self, line: str) -> None:
        """Settle a number beforehand: ``a = 10-90`` or ``total = a+b``."""
        name, _, value = (part.strip() for part in line.partition("="))
        if value[0].isdigit():
            self._fill(f"{name}:{value}")
        else:
            self._numbers[name] = self._sum(value)

    def know(self, name: str, value: str) -> None:
        """Settle a fact beforehand."""
        self._texts[name] = value

    def fill(self, text: str) -> str:
        """The text with every place filled. Raises ``KeyError`` for a place nobody knows."""
        text = _CHOICE.sub(lambda found: self._rng.choice(found[1].split("|")), text)
        return _PLACE.sub(lambda found: self._fill(found[1]), text)

    def _fill(self, place: str) -> str:
        if place[0].isupper():
            filled = self._fill(place[0].lower() + place[1:])
            return filled[0].upper() + filled[1:]
        if day := _DAY.match(place):
            moved = self._moved(int(day[2]))
            return written_date(moved) if day[1] == "ngay" else f"{moved:%d/%m/%Y}"
        if drawn := _RANGE.match(place):
            name, low, high = drawn.groups()
            if name not in self._numbers:
                self._numbers[name] = (
                    round(self._rng.uniform(float(low), float(high)), 1)
                    if "." in low
                    else self._rng.randint(int(low), int(high))
                )
            return str(self._numbers[name]) if place[0] == "#" else number_text(self._numbers[name])
        if "%" in place:
            part, whole = place.split("%")
            return number_text(round(self._numbers[part] * 100 / self._numbers[whole], 1))
        if _SUM.match(place):
            return number_text(self._sum(place))
        if place in self._numbers:
            return number_text(self._numbers[place])
        if place not in self._texts:
            self._texts[place] = self._drawn(place)
        return self._texts[place]

    def _sum(self, expression: str) -> float:
        total = 0.0
        for sign, name in re.findall(r"([+-]?)(\w+)", expression):
            total += -self._numbers[name] if sign == "-" else self._numbers[name]
        return int(total) if total == int(total) else round(total, 1)

    def _moved(self, days: int) -> date:
        return working_day_near(self._day + timedelta(days=days), 1 if days > 0 else -1)

    def _drawn(self, place: str) -> str:
        makers: dict[str, Callable[[], str]] = {
            "gio": lambda: self._rng.choice(_DAYTIMES),
            "vb_ubnd": lambda: self._cited("Công văn", f"UBND-{self._field}", 900, 7800),
            "vb_vp": lambda: self._cited("Công văn", f"VP-{self._field}", 1200, 14800),
            "tb_vp": lambda: self._cited("Thông báo", "TB-VP", 60, 940),
            "nam_sinh": lambda: str(self._rng.randint(1948, 1992)),
            "nguoi": self._person,
            "ong_ba": self._person_title,
        }
        return makers[place]()

    def _person(self) -> str:
        full, gender = invented_name(self._rng)
        self._texts["ong_ba"] = "ông" if gender == "nam" else "bà"
        self._texts["nguoi"] = full
        return full

    def _person_title(self) -> str:
        self._person()
        return self._texts["ong_ba"]

    def _cited(self, kind: str, notation: str, low: int, high: int) -> str:
        day = self._moved(-self._rng.randint(6, 32))
        return f"{kind} số {self._rng.randint(low, high)}/{notation} {written_date(day)}"

    def _places(self, wards: tuple[str, ...], own_ward: str, project: bool) -> None:
        texts, rng = self._texts, self._rng
        pool = [w for w in (wards or tuple(STREETS)) if w != own_ward]
        if project:
            works = {w: ways for w, ways in PROJECTS.items() if not own_ward or own_ward in ways}
            if works:
                texts["du_an_gt"] = rng.choice(sorted(works))
                pool = [w for w in works[texts["du_an_gt"]] if w != own_ward]
        first, second = (*rng.sample(pool, 2),) if len(pool) > 1 else (pool[0], pool[0])
        texts["phuong"], texts["phuong2"] = first, second
        streets = rng.sample(STREETS[own_ward or first], 3)
        texts["duong"], texts["duong2"], texts["duong3"] = streets
        texts.setdefault("du_an_gt", f"nâng cấp, mở rộng {streets[0]}")
        texts["don_vi"] = own_ward
        texts["loai_dv"] = own_ward.partition(" ")[0] if not own_ward.startswith("đặc khu") else "đặc khu"
        texts["dia_chi"] = f"số {rng.randint(3, 480)}/{rng.randint(2, 64)} {streets[0]}, {first}, Thành phố Hồ Chí Minh"

    def _times(self, due: date | None) -> None:
        texts, day, rng = self._texts, self._day, self._rng
        before, after = day.replace(day=1) - timedelta(days=1), day.replace(day=28) + timedelta(days=5)
        quarter = (day.month - 1) // 3
        meeting = add_working_days(day, rng.randint(3, 6), days_off(), days_worked())
        school = day.year if day.month < 9 else day.year + 1
        texts |= {
            "nam": str(day.year), "nam_truoc": str(day.year - 1), "nam_sau": str(day.year + 1),
            "thang": month_text(day.month),
            "thang_truoc": month_text(before.month), "thang_sau": month_text(after.month),
            "nam_thang_truoc": str(before.year), "nam_thang_sau": str(after.year),
            "quy": f"quý {_ROMAN[quarter]}",
            "quy_sau": f"quý {_ROMAN[(quarter + 1) % 4]} năm {day.year + (quarter == 3)}",
            "nua_nam": "6 tháng đầu" if day.month < 7 else "6 tháng cuối",
            "nam_hoc": f"{school} - {school + 1}",
            "hop": written_date(meeting), "thu_hop": _WEEKDAYS[meeting.weekday()],
            "hop_truoc": written_date(working_day_near(meeting - timedelta(days=1), -1)),
        }  # fmt: skip
        if due:
            texts["han"] = written_date(due)
