"""What the program's own database account may do, table by table; the owner alone migrates.

The event and access trails can be added to and read, never changed (212/16.4.a); governed tables have no
DELETE at all; numbers, their dates and what was received cannot be updated (``frozen``, 212/4.2, 212/16.4.d), or
once only (trigger ``guard_document``: the number of what waited for one); a trigger on version rows lets
SQLAlchemy-Continuum close a row and refuses any other change.
"""

from flask_appbuilder import Model
from sqlalchemy import Connection, Table, text

import app.models  # noqa: F401 - fills the metadata

ALL = "SELECT, INSERT, UPDATE, DELETE"
FUNCTIONS = {
    "vi_fold(text)": True,
    "make_access_partition(date)": True,
    "guard_version_row()": False,
    "guard_document()": False,
}
"""Functions of ours, and whether the program calls them: directly, or through a computed column. A trigger needs
no right of whoever changes the row."""


def privileges_of(table: Table) -> str:
    """The privileges of the program's account on a table, as GRANT writes them."""
    if table.name.endswith("_version") and "end_transaction_id" in table.c:
        return "SELECT, INSERT, UPDATE"
    if table.name == "transaction":
        return "SELECT, INSERT"
    granted = table.info.get("privileges", ALL)
    frozen = table.info.get("frozen", ())
    if frozen:
        free = ", ".join(column.name for column in table.columns if column.name not in frozen and not column.computed)
        granted = granted.replace("UPDATE", f"UPDATE ({free})")
    return granted


def apply_privileges(connection: Connection, role: str) -> None:
    """Give ``role`` exactly the privileges above on every table of the program, and nothing else.

    Run by the owner after each migration. Where owner and program are one account (a given
    ``DATABASE_URL`` alone) there is nothing to restrict, and nothing is done.
    """
    owner = connection.scalar(text("SELECT current_user"))
    if role == owner:
        return
    quote = connection.dialect.identifier_preparer.quote
    name = quote(role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {name}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {name}"))
    for table in Model.metadata.sorted_tables:
        connection.execute(text(f"REVOKE ALL ON {quote(table.name)} FROM {name}"))
        connection.execute(text(f"GRANT {privileges_of(table)} ON {quote(table.name)} TO {name}"))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"))
    for function, called in FUNCTIONS.items():
        connection.execute(text(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC, {name}"))
        if called:
            connection.execute(text(f"GRANT EXECUTE ON FUNCTION {function} TO {name}"))
