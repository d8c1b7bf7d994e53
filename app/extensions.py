"""Bare instances, bound to the application in ``create_app``."""

from flask_appbuilder import AppBuilder
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_wtf.csrf import CSRFProtect

# A test's outer transaction is joined by savepoints; in production the mode changes nothing. What an operation made is
# not read again after its commit: a session lives for one request, and whoever acts anew reads anew, locked.
db = get_sqla_class()(session_options={"join_transaction_mode": "create_savepoint", "expire_on_commit": False})
appbuilder = AppBuilder(base_template="vt/base.html", update_perms=False)
csrf = CSRFProtect()
