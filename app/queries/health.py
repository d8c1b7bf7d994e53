"""How database and trails are: what the overview of the technical console shows."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DatabaseHealth:
    """Facts of the database. ``size`` in bytes; ``separated``: our account cannot change the event trail."""

    server: str
    revision: str
    size: int
    separated: bool


def database_health(session: Session) -> DatabaseHealth:
    """Ask the server itself; what the settings say may be something else."""
    row = session.execute(
        text(
            "SELECT current_setting('server_version') AS server,"
            " (SELECT version_num FROM alembic_version) AS revision,"
            " pg_database_size(current_database()) AS size,"
            " NOT (has_table_privilege('event', 'UPDATE') OR has_table_privilege('event', 'DELETE')"
            " OR has_table_privilege('event', 'TRUNCATE')) AS separated"
        )
    ).one()
    return DatabaseHealth(row.server.split()[0], row.revision or "", row.size, row.separated)
