"""Column vocabulary, naming convention and the set-up of row versions. Must be imported before any model.

The order matters: the naming convention before anything else touches Flask-AppBuilder's metadata, its
``User`` before the mappers are configured, versioning before the first versioned class.
"""

from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from functools import cache
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
from sqlalchemy.orm import Mapper, Session, mapped_column, object_mapper  # noqa: E402
from sqlalchemy_continuum import Operation, UnitOfWork, make_versioned, versioning_manager  # noqa: E402
from sqlalchemy_continuum.plugins import FlaskPlugin  # noqa: E402
from sqlalchemy_continuum.utils import versioned_column_properties  # noqa: E402

from app.actor import Actor  # noqa: E402

ACTING: ContextVar[Actor | None] = ContextVar("acting", default=None)
"""The actor of the operation that runs now; versions are signed with the account of this actor."""


def _acting_user_id() -> int | None:
    actor = ACTING.get()
    return actor.user_id if actor is not None else None


@cache
def _kept_of(mapper: Mapper[Any]) -> tuple[str, ...]:
    return tuple(each.key for each in versioned_column_properties(mapper.class_))


class _Versions(UnitOfWork):
    """Closes the version before by one statement, and looks for none where a counted key is new; asks a class once for
    what is kept of it, and a session for changes only until there is a transaction.

    Continuum's own way reads the version before by a subquery and changes it as a record, and goes through all columns
    at each flush: a fifth of the time of registering.
    """

    def is_modified(self, session: Session) -> bool:
        """Whether versions may have to be written: always, once one was."""
        return self.current_transaction is not None or super().is_modified(session)

    def assign_attributes(self, parent_obj: Any, version_obj: Any) -> None:
        """Give the version the values that the record has now."""
        if version_obj.operation_type == Operation.DELETE:
            super().assign_attributes(parent_obj, version_obj)
            return
        for name in _kept_of(object_mapper(parent_obj)):
            setattr(version_obj, name, getattr(parent_obj, name))

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
