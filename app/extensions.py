"""Bare instances, bound to the application in ``create_app``."""

from flask_appbuilder import AppBuilder
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_wtf.csrf import CSRFProtect

# A test's outer transaction is joined by savepoints; in production the mode changes nothing.
db = get_sqla_class()(session_options={"join_transaction_mode": "create_savepoint"})
appbuilder = AppBuilder(base_template="vt/base.html", update_perms=False)
csrf = CSRFProtect()
