"""Files on their way in and out: limits, staged uploads, serving bytes with the look on record."""

from collections.abc import Sequence
from typing import Any

from flask import abort, jsonify, request, send_file
from flask_appbuilder import BaseView, expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import accesses
from app.actor import Actor
from app.backends import store
from app.extensions import db
from app.models import Upload
from app.queries.incoming import file_of
from app.queries.parties import find_organisations
from app.request import PK, current_actor, remote_addr
from app.rules.lifecycle import permission_key
from app.storage.base import Missing
from app.vocabulary import AccessKind


def staged(actor: Actor, upload_ids: Sequence[int]) -> list[Upload]:
    """The actor's own uploads that wait for a form to succeed, in the order given."""
    query = select(Upload).where(
        Upload.id.in_(upload_ids), Upload.user_id == actor.user_id, Upload.claimed_at.is_(None)
    )
    found = {upload.id: upload for upload in db.session.scalars(query.options(joinedload(Upload.blob)))}
    return [found[i] for i in upload_ids if i in found]


class FileView(BaseView):
    """Tệp của văn bản: shown in the page or downloaded; each look is on record (212/16.2.a)."""

    route_base = "/files"
    class_permission_name = "incoming"
    base_permissions = ["can_download"]

    @expose(f"/{PK}")
    def download(self, pk: int) -> Any:
        """The bytes as they were received. ``?inline=1`` shows a PDF or picture in the page."""
        actor = current_actor()
        if permission_key("incoming", "download") not in actor.permissions:
            if actor.user_id is None:
                abort(401)
            abort(403)
        file = file_of(db.session(), actor, pk)
        if file is None:
            abort(404)
        inline = "inline" in request.args and file.blob.media_type in ("application/pdf", "image/png", "image/jpeg")
        try:
            path = store().path(file.sha256)
        except Missing:
            abort(404)
        accesses.record(
            actor,
            AccessKind.VIEW if inline else AccessKind.DOWNLOAD,
            subject=("document", file.document_id),
            document_id=file.document_id,
            file_id=file.id,
            what="" if inline else file.title,
            remote_addr=remote_addr(),
        )
        response = send_file(
            path,
            mimetype=file.blob.media_type,
            as_attachment=not inline,
            download_name=file.title,
            conditional=True,
            etag=file.sha256,
        )
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'self'; sandbox"
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Cache-Control"] = "private, no-store"
        return response


class LookupView(BaseView):
    """Gợi ý khi gõ: organisations by beginnings of words, with or without marks."""

    route_base = "/lookup"
    class_permission_name = "incoming"
    base_permissions = ["can_list"]

    @expose("/organisations")
    def organisations(self) -> Any:
        """Suggestions as JSON ``[{id, label, hint}]`` for ``?q=``."""
        if permission_key("incoming", "list") not in current_actor().permissions:
            abort(403)
        found = find_organisations(db.session(), request.args.get("q", "")[:100])
        return jsonify([{"id": o.id, "label": o.name, "hint": o.abbreviation} for o in found])
