"""The schema that migrations build is the one that models mean; both directions; every table takes a row."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_appbuilder import Model
from sqlalchemy import URL, Engine, create_engine, pool, text
from sqlalchemy.dialects.postgresql import JSONB

import app.models  # noqa: F401 - fills the metadata
from app import schema
from app.privileges import FUNCTIONS, privileges_of
from tests.fixtures.application import Databases

MakeDatabase = Callable[[], tuple[URL, URL]]


def _engine(url: URL) -> Engine:
    return create_engine(url, poolclass=pool.NullPool)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def test_migrations_build_what_the_models_mean_in_both_directions(new_database: MakeDatabase) -> None:
    owner, program = new_database()
    for _ in range(2):
        schema.upgrade(_text(owner), _text(program))
        with _engine(owner).connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"compare_type": True, "compare_server_default": True, "include_object": _not_a_partition},
            )
            assert compare_metadata(context, Model.metadata) == []
        assert schema.current(_text(owner)) == schema.head()
        schema.downgrade(_text(owner), "base")
    with _engine(owner).connect() as connection:
        left = connection.scalars(
            text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')")
        ).all()
    assert set(left) <= {"alembic_version"}


def _not_a_partition(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind in ("table", "index") and reflected and compare_to is None and "access_" in (name or ""))


def test_the_programs_account_can_put_a_row_into_every_table(databases: Databases, template: str) -> None:
    """Sequences that autogeneration forgets show up here, and privileges that are missing too."""
    full = databases.create("rows", template)  # of its own: a rollback gives no sequence back
    engine = create_engine(databases.url(full, "app"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        keys: dict[str, dict[str, Any]] = {}
        for table in Model.metadata.sorted_tables:
            values = {c.name: _value(c, keys) for c in table.c if _needed(c)}
            statement = table.insert().values(values).returning(*table.primary_key.columns)
            keys[table.name] = dict(connection.execute(statement).mappings().one())
            if table.name in ("person", "document"):  # some rows point at two different ones
                keys[f"another {table.name}"] = dict(connection.execute(statement).mappings().one())
        connection.rollback()
    engine.dispose()
    databases.drop(full)
    assert {name for name in keys if not name.startswith("another ")} == set(Model.metadata.tables)


SPECIAL: dict[str, Any] = {
    "document.kind": "working_paper",
    "document.state": "kept",
    "document.handling": None,
    "document.channel": None,
    "document_link.from_id": None,
    "account.password_origin": "own",
    "organisation.kind": "body",
    "organisation_code.scheme": "qd20",
    "post.kind": "clerk",
    "post_kind_role.post_kind": "clerk",
    "delegation.kind": "entry",
    "calendar_day.kind": "off",
    "number_series.kind": "incoming",
    "register_entry.state": "live",
    "register_entry.number": 1,
    "document_file.role": "main",
    "document_link.kind": "answers",
    "access.kind": "view",
    "blob.sha256": "0" * 64,
    "signature_check.verdict": "valid",
    "assignment.kind": "inform",
    "assignment.state": "open",
    "deadline_change.kind": "change",
    "deadline_change.state": "granted",
    "case_file.state": "open",
    "notice.kind": "assigned",
}


ASKED_FOR = {"deadline_rule.type_id"}
"""Columns that may be empty but for a condition of their table."""


def _needed(column: sa.Column[Any]) -> bool:
    if f"{column.table.name}.{column.name}" in ASKED_FOR:
        return True
    own_key = column.primary_key and not column.foreign_keys and isinstance(column.type, sa.Integer)
    versions_key = column.table.name.endswith("_version")
    return (
        not column.nullable
        and column.computed is None
        and column.server_default is None
        and (not own_key or versions_key or (column.table.name in ("number_counter",) and column.name == "year"))
    )


def _value(column: sa.Column[Any], keys: dict[str, dict[str, Any]]) -> Any:
    name = f"{column.table.name}.{column.name}"
    for foreign in column.foreign_keys:
        target = foreign.column
        if name in ("delegation.grantee_id", "document_link.to_id"):
            return keys[f"another {target.table.name}"][target.name]
        if target.table.name in keys:
            return keys[target.table.name][target.name]
    if name in SPECIAL:
        return SPECIAL[name]
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer):
        return 1
    if isinstance(kind, sa.DateTime):
        return datetime(2026, 1, 1, tzinfo=UTC) if kind.timezone else datetime(2026, 1, 1)  # noqa: DTZ001
    if isinstance(kind, sa.Date):
        return date(2026, 1, 1)
    if isinstance(kind, JSONB):
        return {}
    if isinstance(kind, sa.Uuid):
        return uuid4()
    return "x"


@pytest.mark.clause("212/16.4.a", "212/16.4.d")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor_name = 'x'",
        "DELETE FROM event",
        "TRUNCATE event",
        "UPDATE access SET actor_name = 'x'",
        "DELETE FROM access",
        "DELETE FROM access_default",
        "TRUNCATE access",
        "UPDATE transaction SET user_id = NULL",
        "DELETE FROM document_version",
        "DELETE FROM document",
        "DELETE FROM register_entry",
        "DELETE FROM number_counter",
        "DELETE FROM document_file",
        "UPDATE register_entry SET number = number + 1",
        "UPDATE document SET kind = 'outgoing'",
        "UPDATE signature_check SET verdict = 'valid'",
        "DELETE FROM signature_check",
        "UPDATE document_file SET sha256 = repeat('0', 64)",
        "UPDATE blob SET size = 0",
        "SELECT make_access_partition((now() + interval '3 years')::date)",
        "SELECT make_access_partition((now() - interval '11 years')::date)",
        "SELECT make_access_partition(NULL)",
        "SELECT guard_version_row()",
        "SELECT guard_document()",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DROP TABLE event",
        "CREATE TABLE mine (id int)",
        "SET ROLE postgres",
    ],
)
def test_the_database_itself_refuses_the_program_to_change_a_trail(
    databases: Databases, template: str, statement: str
) -> None:
    engine = create_engine(databases.url(template, "app"), poolclass=pool.NullPool)
    with (
        engine.connect() as connection,
        pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner|too far away"),
    ):
        connection.execute(text(statement))


def test_the_program_calls_only_the_functions_it_was_given(databases: Databases, template: str) -> None:
    engine = create_engine(databases.url(template, "app"), poolclass=pool.NullPool)
    query = (
        "SELECT p.oid::regprocedure::text, has_function_privilege(p.oid, 'EXECUTE') FROM pg_proc p"
        " WHERE pronamespace = 'public'::regnamespace"
    )
    with engine.connect() as connection:
        callable_ = dict(connection.execute(text(query)).all())
        assert connection.scalar(text("SELECT vi_fold('Đường')")) == "duong"
        connection.execute(text("SELECT make_access_partition((now() + interval '1 month')::date)"))
        connection.execute(text("SELECT make_access_partition((now() - interval '2 years')::date)"))
        connection.rollback()
    assert callable_ == FUNCTIONS


@pytest.mark.clause("212/16.4.d")
def test_a_version_row_is_closed_and_otherwise_never_changed(databases: Databases, template: str) -> None:
    full = databases.create("versions", template)
    engine = create_engine(databases.url(full, "app"), poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO setting_version (name, value, version, transaction_id, operation_type)"
                " VALUES ('a', '1', 1, 1, 0)"
            )
        )
        connection.execute(text("UPDATE setting_version SET value = '2'"))  # still taking shape
    with engine.begin() as connection:
        connection.execute(text("UPDATE setting_version SET end_transaction_id = 2"))
    for change in ("value = '3'", "end_transaction_id = 3", "end_transaction_id = NULL"):
        with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="never changed"):
            connection.execute(text(f"UPDATE setting_version SET {change}"))
    databases.drop(full)


@pytest.mark.clause("212/4.2", "212/16.4.d")
def test_a_number_is_given_once_and_what_came_with_it_never_changes(databases: Databases, template: str) -> None:
    full = databases.create("numbers", template)
    engine = create_engine(databases.url(full, "app"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO urgency_level (code, name, rank, version) VALUES ('normal', 'x', 0, 1)"))
        connection.execute(
            text(
                "INSERT INTO document (kind, state, subject, urgency, received_at, version)"
                " VALUES ('incoming', 'received', 'x', 'normal', now(), 1)"
            )
        )
        connection.execute(
            text(
                "UPDATE document SET state = 'registered', arrival_number = 1, arrival_year = 2026,"
                " arrival_date = '2026-01-01', registered_at = now(), handling = 'pending',"
                " submission_key = gen_random_uuid(), withheld = true"
            )
        )
    for change, said in {
        "arrival_number = 2": "never change",
        "arrival_number = NULL, registered_at = NULL, state = 'received'": "never change",
        "arrival_date = '2026-01-02'": "never change",
        "registered_at = now() + interval '1 hour'": "never change",
        "submission_key = gen_random_uuid()": "never changes",
        "withheld = false": "not given free",
    }.items():
        with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match=said):
            connection.execute(text(f"UPDATE document SET {change}"))
    engine.dispose()
    databases.drop(full)


def test_every_version_table_is_guarded(databases: Databases, template: str) -> None:
    engine = create_engine(databases.url(template, "owner"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        guarded = set(
            connection.scalars(
                text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'guard_version_row'")
            )
        )
    assert guarded == {t for t in Model.metadata.tables if t.endswith("_version")}


def test_governed_tables_have_no_delete() -> None:
    free = {t.name for t in Model.metadata.tables.values() if "DELETE" in privileges_of(t)}
    ours = {t for t in free if not t.startswith("ab_")}
    assert ours == {"blob", "calendar_day", "post_kind_role", "setting", "upload"}
