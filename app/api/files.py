"""Send files before the move that takes them: ``POST /api/v1/files/``."""

from typing import Any

from flask import request
from flask_appbuilder.api import BaseApi, expose, protect
from flask_appbuilder.security.decorators import permission_name

from app.api.governed import check_csrf, refusal, safely
from app.errors import DomainError
from app.operations.files import receive
from app.request import current_actor, file_limit


class FilesApi(BaseApi):
    """Tệp gửi lên trước; a move then names them by their ids."""

    resource_name = "files"
    class_permission_name = "incoming"
    csrf_exempt = True
    openapi_spec_tag = "Files"

    @expose("/", methods=["POST"])
    @protect(allow_browser_login=True)
    @safely
    @permission_name("list")
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
          responses:
            201: {description: 'Received: id, name, size and type of each'}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            422: {description: 'Refused: all obstacles; what was received is named too'}
        """
        check_csrf()
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
