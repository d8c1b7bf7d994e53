"""Many rows at once, with the same history that changing them one by one would have left.

For imports and acts on many records: SQLAlchemy-Continuum writes two or three statements for each row, which is fine
for one act and not for ten thousand. Here a change and its version rows are one statement. Ten thousand rows a call
are a good measure; more is the caller's loop.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    JSON,
    BigInteger,
    Column,
    Insert,
    SmallInteger,
    String,
    Table,
    Text,
    bindparam,
    cast,
    func,
    inspect,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy_continuum import Operation, version_class, versioning_manager

from app.actor import Actor
from app.models import Event
from app.operations import events
from app.operations.unit_of_work import UnitOfWork, version_transaction

Row = Mapping[str, Any]


def insert(uow: UnitOfWork, model: type[Any], rows: Sequence[Row]) -> list[Any]:
    """Add rows of one table and their first versions; gives their keys, in the order of the rows.

    Each row names columns and values. A key that the database counts may be left out; a column that some rows name
    and others do not takes the default of the model there. Checks of the operation come before: this writes what it
    is given. Raises ``ValueError`` for a column that is unknown or computed, and ``IntegrityError`` of the database.
    """
    if not rows:
        return []
    table: Table = model.__table__
    _flush(uow.session)
    complete = _completed(uow.session, model, rows)
    (key,) = table.primary_key.columns
    names = [column.name for column in table.columns if column.name in complete[0]]
    values = _table_of(table, names, complete)
    made = table.insert().from_select(names, select(*(values.c[name] for name in names)))
    if _is_versioned(model):
        written = made.returning(*_versioned(model)).cte("written")
        uow.session.connection().execute(_version_rows(uow, model, written, Operation.INSERT))
    else:
        uow.session.connection().execute(made)
    keys = [row[key.name] for row in complete]
    uow.set_wise.update((model, each) for each in keys)
    return keys


def update(uow: UnitOfWork, model: type[Any], rows: Sequence[Row]) -> list[Any]:
    """Change rows of one versioned table, each to its own values; gives the keys of those that really changed.

    Each row names its key and the columns to set, the same in all rows; a row that has these values already gets no
    version, as ever. With ``version`` a row says which version was seen. Records that the session holds are read anew
    when they are next looked at; one changed here cannot be changed as a record in the same unit of work. Raises
    ``StaleDataError`` when a row is gone or another version holds, which an operation turns into
    :class:`~app.errors.Stale`; ``ValueError`` for columns that cannot be set.
    """
    if not rows:
        return []
    table: Table = model.__table__
    (key,) = table.primary_key.columns
    counter = inspect(model).version_id_col
    _flush(uow.session)
    _lock(uow.session, table, key, counter, rows)
    names = [name for name in rows[0] if name != key.name and (counter is None or name != counter.name)]
    _check_settable(model, names, rows)
    values = _table_of(table, [key.name, *names], rows)
    setting: dict[str, Any] = {name: values.c[name] for name in names}
    if counter is not None:
        setting[counter.name] = counter + 1
    same = [table.c[name].is_distinct_from(values.c[name]) for name in names]
    changed = (
        table.update()
        .values(setting)
        .where(key == values.c[key.name], or_(*same))
        .returning(*_versioned(model))
        .cte("written")
    )
    versions = version_class(model).__table__
    number = version_transaction(uow.session)
    closed = (
        versions.update()
        .values(end_transaction_id=number)
        .where(
            versions.c[key.name] == changed.c[key.name],
            versions.c.end_transaction_id.is_(None),
            versions.c.transaction_id != number,
        )
        .cte("closed")
    )
    statement = _version_rows(uow, model, changed, Operation.UPDATE).add_cte(closed)
    found = uow.session.connection().execute(statement.returning(versions.c[key.name])).scalars().all()
    _forget(uow.session, model, set(found))
    uow.set_wise.update((model, each) for each in found)
    return list(found)


def record_each(
    uow: UnitOfWork,
    actor: Actor,
    tag: str,
    subject_type: str,
    acts: Iterable[Mapping[str, Any]],
    *,
    basis: tuple[str, ...] = (),
) -> None:
    """Write one event for each act; ``acts`` hold what :func:`app.operations.events.record` takes beside these.

    Call it after the change, so that the events carry the number of its version transaction.
    """
    _flush(uow.session)
    number = version_transaction(uow.session, make=False)
    lines = [{**events.line(actor, tag, subject_type, basis=basis, **act), "transaction_id": number} for act in acts]
    insert(uow, Event, lines)


# ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _flush(session: Session) -> None:
    session.flush()  # what the rows point at, and changes made before, must stand in the database first


def _is_versioned(model: type[Any]) -> bool:
    return model in versioning_manager.version_class_map


def _versioned(model: type[Any]) -> list[Column[Any]]:
    """Columns that version rows keep."""
    kept = version_class(model).__table__.c
    return [column for column in model.__table__.columns if column.name in kept]


def _completed(session: Session, model: type[Any], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows with their defaults, first version and keys; all with the same columns."""
    table: Table = model.__table__
    named = {name for row in rows for name in row}
    known = {column.name for column in table.columns if not column.computed}
    if not named <= known:
        raise ValueError(f"{table.name}: cannot be given {sorted(named - known)}")
    counter = inspect(model).version_id_col
    fill: dict[str, Any] = {}
    for column in table.columns:
        if counter is not None and column.name == counter.name:
            fill[column.name] = lambda: 1
        elif column.default is not None and (column.default.is_scalar or column.default.is_callable):
            default: Any = column.default
            fill[column.name] = (lambda d=default: d.arg(None)) if default.is_callable else (lambda d=default: d.arg)
        elif column.name in named:
            if column.server_default is not None and any(column.name not in row for row in rows):
                raise ValueError(f"{table.name}.{column.name}: give it in all rows or in none")
            fill[column.name] = lambda: None
    counted = table.autoincrement_column
    if counted is not None and counted.name not in named:
        keys = iter(_allotted(session, table, counted, len(rows)))
        fill[counted.name] = lambda: next(keys)
    return [{name: row[name] if name in row else make() for name, make in fill.items()} for row in rows]


def _allotted(session: Session, table: Table, column: Column[Any], count: int) -> Sequence[int]:
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    query = select(func.nextval(sequence)).select_from(func.generate_series(1, count).alias())
    return session.connection().execute(query).scalars().all()


def _table_of(table: Table, names: Sequence[str], rows: Sequence[Row]) -> TableValuedAlias:
    """The values as a table in the statement: one JSON text, whatever the number of rows."""
    text = json.dumps([{name: row[name] for name in names} for row in rows], default=_plain, ensure_ascii=False)
    # text without its length: a cast would cut what is too long, where an assignment refuses it
    columns = [Column(name, Text() if isinstance(table.c[name].type, String) else table.c[name].type) for name in names]
    given = cast(bindparam("rows", text, type_=Text()), JSON)
    return func.json_to_recordset(given).table_valued(*columns, name="given").render_derived(with_types=True)


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # an instant is one too
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"no column takes {value!r}")


def _version_rows(uow: UnitOfWork, model: type[Any], written: CTE, operation: int) -> Insert:
    """One version row for each row written; a row with a version of this very transaction keeps only the last."""
    versions = version_class(model).__table__
    names = [column.name for column in _versioned(model)]
    number = version_transaction(uow.session)
    source = select(*(written.c[name] for name in names), literal(number, BigInteger), literal(operation, SmallInteger))
    statement = upsert(versions).from_select([*names, "transaction_id", "operation_type"], source)
    if operation == Operation.INSERT:
        return statement
    keys = [column.name for column in versions.primary_key.columns]
    again = {name: statement.excluded[name] for name in [*names, "operation_type"] if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=again)


def _check_settable(model: type[Any], names: Sequence[str], rows: Sequence[Row]) -> None:
    table: Table = model.__table__
    kept = {column.name for column in _versioned(model)}
    frozen = set(table.info.get("frozen", ()))
    if not names or not set(names) <= kept - frozen:
        raise ValueError(f"{table.name}: cannot set {sorted(set(names) - (kept - frozen))}")
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError(f"{table.name}: all rows must set the same columns")


def _lock(session: Session, table: Table, key: Column[Any], counter: Column[Any] | None, rows: Sequence[Row]) -> None:
    """Lock the rows in the order of their keys, as everybody does, and compare what was seen of them."""
    keys = [row[key.name] for row in rows]
    if len(set(keys)) < len(keys):
        raise ValueError(f"{table.name}: a row is given twice")
    wanted = select(key, counter if counter is not None else literal(None)).where(
        key == func.any(bindparam("keys", keys, type_=ARRAY(key.type)))
    )
    locked = session.connection().execute(wanted.order_by(key).with_for_update(key_share=True)).all()
    holds = {row[0]: row[1] for row in locked}
    seen = counter.name if counter is not None else ""
    for row in rows:
        if row[key.name] not in holds or (seen in row and row[seen] != holds[row[key.name]]):
            raise StaleDataError(f"{table.name} {row[key.name]}: gone, or changed by somebody else")


def _forget(session: Session, model: type[Any], keys: set[Any]) -> None:
    for record in list(session.identity_map.values()):
        if isinstance(record, model) and inspect(record).identity[0] in keys:
            session.expire(record)
