"""Column vocabulary, naming convention and the set-up of row versions. Must be imported before any model.

The order matters: the naming convention before anything else touches Flask-AppBuilder's metadata, its
``User`` before the mappers are configured, versioning before the first versioned class.
"""

from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from flask_appbuilder import Model

Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

import sqlalchemy as sa  # noqa: E402 - the convention comes first
from flask_appbuilder.security.sqla.models import User  # noqa: E402, F401 - before configure_mappers()
from sqlalchemy.orm import mapped_column  # noqa: E402
from sqlalchemy_continuum import Operation, UnitOfWork, make_versioned, versioning_manager  # noqa: E402
from sqlalchemy_continuum.plugins import FlaskPlugin  # noqa: E402

from app.actor import Actor  # noqa: E402

ACTING: ContextVar[Actor | None] = ContextVar("acting", default=None)
"""The actor of the operation that runs now; versions are signed with the account of this actor."""


def _acting_user_id() -> int | None:
    actor = ACTING.get()
    return actor.user_id if actor is not None else None


class _Versions(UnitOfWork):
    """Closes the version before by one statement, and looks for none where a counted key is new.

    Continuum's own way reads it by a subquery and changes it as a record: a seventh of the time of registering.
    """

    def update_version_validity(self, parent: Any, version_obj: Any) -> None:
        """Give the version that held until now the number of this transaction as its end."""
        versions: sa.Table = version_obj.__table__
        if version_obj.operation_type == Operation.INSERT and parent.__table__.autoincrement_column is not None:
            return
        number = self.current_transaction.id
        same = [versions.c[key.name] == getattr(version_obj, key.name) for key in parent.__table__.primary_key]
        before = (versions.c.end_transaction_id.is_(None), versions.c.transaction_id != number)
        self.version_session.execute(versions.update().where(*same, *before).values(end_transaction_id=number))


versioning_manager.uow_class = _Versions
make_versioned(plugins=[FlaskPlugin(current_user_id_factory=_acting_user_id)], user_cls="User")

BigId = Annotated[int, mapped_column(sa.BigInteger, primary_key=True)]
Instant = Annotated[datetime, mapped_column(sa.DateTime(timezone=True))]


def one_of(column: str, enum: type[StrEnum], name: str | None = None) -> sa.CheckConstraint:
    """A CHECK that holds a text column to the values of an enumeration."""
    values = ", ".join(f"'{member.value}'" for member in enum)
    return sa.CheckConstraint(f"{column} IN ({values})", name=name or f"{column}_known")


APPEND_ONLY = {"privileges": "SELECT, INSERT"}
"""Table info: the program's account may add and read, never change or delete."""
NO_UPDATE = {"privileges": "SELECT, INSERT, DELETE"}
"""Table info: rows come and go, and are never changed."""
NO_DELETE = {"privileges": "SELECT, INSERT, UPDATE"}
"""Table info: the program's account may not delete rows."""
