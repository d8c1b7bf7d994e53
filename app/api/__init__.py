"""JSON for phones, the portal and partner systems: the same operations through generated routes."""

from flask import Flask
from flask_appbuilder import AppBuilder


def register(app: Flask, appbuilder: AppBuilder) -> None:  # noqa: ARG001 - one signature for all entries
    """All REST routes; their OpenAPI description is at ``/api/v1/_openapi``."""
    from app.api.files import FilesApi
    from app.api.handling import AssignmentApi, HandlingApi
    from app.api.incoming import IncomingApi
    from app.api.notices import NoticesApi

    appbuilder.add_api(IncomingApi)
    appbuilder.add_api(HandlingApi)
    appbuilder.add_api(AssignmentApi)
    appbuilder.add_api(FilesApi)
    appbuilder.add_api(NoticesApi)
