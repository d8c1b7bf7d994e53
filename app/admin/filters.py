"""Filters of the console's tables: by day in Vietnam, by exact value; what was typed never reaches the database raw."""

from datetime import datetime, time, timedelta
from typing import Any

from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger

from app import clock
from app.rules.dates import parse_day


class Day(BaseSQLAFilter):
    """A day typed freely."""

    def clean(self, value: str) -> datetime:
        """Midnight in Vietnam of the day typed (3/8, 03/08/2026, hôm nay). Raises ``ValueError``."""
        day = parse_day(value, clock.today())
        if day is None:
            raise ValueError(value)
        return datetime.combine(day, time.min, tzinfo=clock.VIETNAM)


class FromDay(Day):
    """On that day or later."""

    def apply(self, query: Any, value: datetime, alias: Any = None) -> Any:
        """Restrict the query."""
        return query.filter(self.get_column(alias) >= value)

    def operation(self) -> Any:
        """Its name."""
        return _("from day")


class ToDay(Day):
    """On that day or earlier."""

    def apply(self, query: Any, value: datetime, alias: Any = None) -> Any:
        """Restrict the query."""
        return query.filter(self.get_column(alias) < value + timedelta(days=1))

    def operation(self) -> Any:
        """Its name."""
        return _("to day")


class Is(BaseSQLAFilter):
    """Exactly that text or choice."""

    def clean(self, value: str) -> str:
        """The text without what PostgreSQL cannot hold. Raises ``ValueError``."""
        if "\0" in value:
            raise ValueError(value)
        return value.strip()

    def apply(self, query: Any, value: Any, alias: Any = None) -> Any:
        """Restrict the query."""
        return query.filter(self.get_column(alias) == value)

    def operation(self) -> Any:
        """Its name."""
        return _("is")


class IsNumber(Is):
    """Exactly that whole number."""

    def clean(self, value: str) -> int:  # type: ignore[override]
        """The number, within what the column holds. Raises ``ValueError``."""
        number = int(value)
        if abs(number) >= 2 ** (63 if isinstance(self.column.type, BigInteger) else 31):
            raise ValueError(value)
        return number


class IsSet(BaseSQLAFilter):
    """Whether there is anything in the column."""

    def __init__(self, column: Any, name: str):
        super().__init__(column, name, options=(("1", _("Yes")), ("0", _("No"))))

    def validate(self, value: str) -> bool:
        """Only the two choices."""
        return value in ("0", "1")

    def apply(self, query: Any, value: str, alias: Any = None) -> Any:
        """Restrict the query."""
        column = self.get_column(alias)
        return query.filter(column.is_not(None) if value == "1" else column.is_(None))

    def operation(self) -> Any:
        """Its name."""
        return _("is given")


def days(column: Any, name: Any) -> list[BaseSQLAFilter]:
    """Both ends of a period."""
    return [FromDay(column, name), ToDay(column, name)]
