"""The caller's own notices: ``GET /api/v1/notices/``, and marking them read."""

from typing import Any

from flask import request, url_for
from flask_appbuilder.api import BaseApi, expose, protect
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app.api.governed import MAX_PAGE, check_csrf, read_body, refusal, safely
from app.errors import DomainError
from app.extensions import db
from app.models import Notice
from app.operations import notices as operations
from app.queries import notices as queries
from app.request import PK, current_actor
from app.rules.notices import details, path_of, sentence
from app.rules.text import whole_number


class NoticesApi(BaseApi):
    """Thông báo của người gọi."""

    resource_name = "notices"
    class_permission_name = "notice"
    csrf_exempt = True
    openapi_spec_tag = "Notices"

    @expose("/", methods=["GET"])
    @protect(allow_browser_login=True)
    @safely
    @permission_name("list")
    def list_records(self) -> Any:
        """List the caller's notices
        ---
        get:
          summary: The caller's notices in the program, the newest first, with keyset paging
          parameters:
          - {in: query, name: after, description: 'Place in the list', schema: {type: string}}
          - {in: query, name: before, description: 'Place in the list', schema: {type: string}}
          - {in: query, name: page_size, description: 'At most 100', schema: {type: integer}}
          responses:
            200: {description: 'Notices, how many are unread (up to 100), addresses of the neighbouring pages'}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {description: Not allowed to this actor}
        """
        args = request.args
        size = min(max(whole_number(args.get("page_size", "")) or 25, 1), MAX_PAGE)
        actor = current_actor()
        page = queries.of_person(db.session(), actor, args.get("after", ""), args.get("before", ""), size)
        here: dict[str, Any] = {"page_size": size}
        name = f"{self.endpoint}.list_records"
        return self.response(
            200,
            result=[as_dict(row) for row in page.rows],
            unread=queries.unread(db.session(), actor).count,
            next=url_for(name, **here, after=page.next) if page.next else None,
            previous=url_for(name, **here, before=page.previous) if page.previous else None,
        )

    @expose(f"/{PK}/read", methods=["POST"])
    @protect(allow_browser_login=True)
    @safely
    @permission_name("edit")
    def read(self, pk: int) -> Any:
        """Mark one notice read
        ---
        post:
          summary: Mark one of the caller's notices read; once it is, nothing changes
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200: {description: The notice}
            401: {$ref: '#/components/responses/401'}
            403: {description: Not allowed to this actor}
            404: {description: 'No such notice, or one of somebody else'}
        """
        check_csrf()
        try:
            notice = operations.read(current_actor(), pk)
        except DomainError as error:
            return refusal(self, error)
        return self.response(200, result=as_dict(notice))

    @expose("/read", methods=["POST"])
    @protect(allow_browser_login=True)
    @safely
    @permission_name("edit")
    def read_all(self) -> Any:
        """Mark all notices read
        ---
        post:
          summary: Mark the caller's notices read, up to the one that was seen last
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    until: {type: integer, description: 'Id of the newest notice seen; all without it'}
          responses:
            200: {description: How many were unread}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {description: Not allowed to this actor}
        """
        check_csrf()
        until = read_body().get("until")
        try:
            count = operations.read_all(current_actor(), until if type(until) is int and abs(until) < 2**63 else None)
        except DomainError as error:
            return refusal(self, error)
        return self.response(200, read=count)


def as_dict(notice: Notice) -> dict[str, Any]:
    """A notice for programs: its kind, the sentence in the caller's language, where it leads; instants with zone."""
    told = queries.told(notice)
    return {
        "id": notice.id,
        "kind": notice.kind,
        "text": sentence(told, gettext),
        "details": details(told, gettext),
        "at": notice.at.isoformat(),
        "read_at": notice.read_at.isoformat() if notice.read_at is not None else None,
        "document_id": notice.document_id,
        "assignment_id": notice.assignment_id,
        "path": path_of(notice.document_id, notice.assignment_id),
    }
