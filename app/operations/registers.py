"""Give and cancel numbers (cấp số, hủy số): unique, without gap, in order of time (212/4.2, 212/9.2, 212/16.1.dd)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.models import NumberCounter, NumberSeries, RegisterEntry
from app.operations.unit_of_work import UnitOfWork
from app.rules.registers import NextNumber, next_number
from app.vocabulary import EntryState


def lock_series(uow: UnitOfWork, *series_ids: int) -> None:
    """Lock number series until the end of the transaction; several always in the order of their ids.

    ``FOR NO KEY UPDATE``: other transactions may still point at the series, but not number in it.
    """
    query = select(NumberSeries.id).where(NumberSeries.id.in_(series_ids)).order_by(NumberSeries.id)
    uow.session.execute(query.with_for_update(key_share=True)).all()


def take_number(uow: UnitOfWork, series_id: int) -> tuple[NextNumber, datetime]:
    """The next number of a series and the instant it is given. The caller commits soon: others wait.

    The series row is locked first and the clock read after, else numbers and times disagree in half the rows;
    date and year follow from that instant in Vietnam. A rollback gives the number back.
    """
    (number,), instant = take_numbers(uow, series_id, 1)
    return number, instant


def take_numbers(uow: UnitOfWork, series_id: int, count: int) -> tuple[list[NextNumber], datetime]:
    """The next ``count`` numbers of a series, one after another, all given at one instant; see :func:`take_number`."""
    if count < 1:
        raise ValueError(count)
    lock_series(uow, series_id)
    last = uow.session.scalar(select(func.max(NumberCounter.last_at)).where(NumberCounter.series_id == series_id))
    now = clock.now()
    instant = now if last is None or now > last else last  # a clock set back must not undo the order of time
    year = clock.in_vietnam(instant).year
    statement = (
        insert(NumberCounter)
        .values(series_id=series_id, year=year, last_number=count, last_at=instant)
        .on_conflict_do_update(
            index_elements=["series_id", "year"],
            set_={"last_number": NumberCounter.last_number + count, "last_at": instant},
        )
        .returning(NumberCounter.last_number)
    )
    final = uow.session.execute(statement).scalar_one()
    return [next_number(final - count + at, instant) for at in range(count)], instant


def enter(
    uow: UnitOfWork, series_id: int, document_id: int, number: NextNumber, instant: datetime, state: EntryState
) -> RegisterEntry:
    """Write the line of the register for a number just taken."""
    entry = RegisterEntry(
        series_id=series_id,
        year=number.year,
        number=number.number,
        entry_date=number.day,
        registered_at=instant,
        document_id=document_id,
        state=state,
    )
    uow.session.add(entry)
    return entry


def cancel_entry(uow: UnitOfWork, document_id: int, reason: str) -> RegisterEntry:
    """Mark a document's living line as cancelled, with its reason; the number is never given again."""
    entry = uow.session.scalars(
        select(RegisterEntry)
        .where(RegisterEntry.document_id == document_id, RegisterEntry.state != EntryState.CANCELLED)
        .with_for_update()
    ).one()
    entry.state = EntryState.CANCELLED
    entry.reason = reason
    return entry
