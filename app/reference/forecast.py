"""Days off of years that the calendar does not have yet, computed by the package ``holidays``: a forecast.

The State decides Tết, the second National Day and swapped days year by year; what is computed here is replaced by the
calendar as soon as it has a single day of the year. Nothing is loaded before somebody asks for such a year: a long
term around New Year, or the calendar's own page.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType


@cache
def forecast(year: int) -> Mapping[date, str]:
    """The days off that the law and the lunar calendar let expect in a year, with their Vietnamese names, by date."""
    from holidays import country_holidays  # several megabytes that an ordinary day never needs

    return MappingProxyType(dict(sorted(country_holidays("VN", years=year, language="vi").items())))


class Expected(Mapping[date, str]):
    """Days off as the calendar has them and, for years of which it has no row at all, as they are expected.

    Looked up day by day; iterating gives the calendar's own days alone.
    """

    def __init__(self, stored: Mapping[date, str], years: frozenset[int]):
        self._stored = stored
        self._years = years

    def __getitem__(self, day: date) -> str:
        return (self._stored if day.year in self._years else forecast(day.year))[day]

    def __iter__(self) -> Iterator[date]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)
