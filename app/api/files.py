"""Send files before the move that takes them: ``POST /api/v1/files/``."""

from typing import Any

from flask import request
from flask_appbuilder.api import BaseApi, expose, protect
from flask_appbuilder.security.decorators import permission_name

from app.api.governed import check_csrf, refusal, safely
from app.errors import DomainError, Forbidden
from app.operations.base import NOT_ALLOWED
from app.operations.files import receive
from app.request import chosen_actor, current_actor, file_limit
from app.rules.lifecycles import may_send_files


class FilesApi(BaseApi):
    """Tệp gửi lên trước; a move then names them by their ids."""

    resource_name = "files"
    class_permission_name = "api"
    csrf_exempt = True
    openapi_spec_tag = "Files"

    @expose("/", methods=["POST"])
    @protect(allow_browser_login=True)
    @safely
    @permission_name("use")
    def post(self) -> Any:
        """Receive files
        ---
        post:
          summary: Receive files; each by itself, one bad file does not cost the others
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  properties:
                    files: {type: array, items: {type: string, format: binary}}
                    acting_for: {type: integer, description: 'Delegation by which the caller acts for another'}
          responses:
            201: {description: 'Received: id, name, size and type of each'}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {description: No move that takes files is open to the caller}
            422: {description: 'Refused: all obstacles; what was received is named too'}
        """
        check_csrf()
        if not may_send_files(chosen_actor(request.form.get("acting_for"))):
            return refusal(self, Forbidden(NOT_ALLOWED))
        received, refused = [], []
        for file in request.files.getlist("files"):
            try:
                upload = receive(current_actor(), file.stream, file.filename or "", file_limit())  # type: ignore[arg-type]
            except DomainError as error:
                refused.append(error)
            else:
                blob = upload.blob
                received.append(
                    {"id": upload.id, "name": upload.received_name, "size": blob.size, "type": blob.media_type}
                )
        if refused:
            answer = refusal(self, type(refused[0])(*(o for e in refused for o in e.obstacles)))
            answer.json["result"] = received
            return self.response(refused[0].status, **answer.json)
        return self.response(201, result=received)
