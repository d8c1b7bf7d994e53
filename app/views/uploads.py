"""Files on their way in and out: limits, staged uploads, serving bytes with the look on record."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, abort, jsonify, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import accesses
from app.actor import Actor
from app.backends import store
from app.errors import Obstacle, Refused
from app.extensions import db
from app.messages import say
from app.models import Blob, Upload
from app.operations.files import forget, receive
from app.operations.registry import number_of
from app.queries.incoming import file_of, page
from app.queries.listing import ListQuery
from app.queries.parties import find_organisations
from app.queries.people import find_people
from app.request import PK, current_actor, file_limit, other_powers, remote_addr
from app.rules.lifecycle import permission_key
from app.rules.lifecycles import may_send_files
from app.rules.text import BIGINT, whole_number
from app.storage.base import Missing
from app.translation import vn_size
from app.vocabulary import AccessKind

SHOWN_INLINE = ("application/pdf", "image/png", "image/jpeg")
"""What a browser may show in the page."""


def staged(actor: Actor, upload_ids: Sequence[int]) -> list[Upload]:
    """The actor's own uploads that wait for a form to succeed, in the order given."""
    if not upload_ids:
        return []
    query = select(Upload).where(
        Upload.id.in_(upload_ids), Upload.user_id == actor.user_id, Upload.claimed_at.is_(None)
    )
    found = {upload.id: upload for upload in db.session.scalars(query.options(joinedload(Upload.blob)))}
    return [found[i] for i in upload_ids if i in found]


def ids_in(text: str | None) -> list[int]:
    """Ids as addresses carry them, parted by commas; anything else is left out."""
    found = (whole_number(part, BIGINT) for part in (text or "").split(",")[:200])
    return [each for each in found if each is not None]


def send_bytes(blob: Blob, title: str, *, inline: bool) -> Response:
    """The bytes as they were received, for the page or to keep; nothing in them may run. 404 where they are lost."""
    try:
        path = store().path(blob.sha256)
    except Missing:
        abort(404)
    response = send_file(
        path,
        mimetype=blob.media_type,
        as_attachment=not inline,
        download_name=title,
        conditional=True,
        etag=blob.sha256,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'self'; sandbox"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "private, no-store"
    return response


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
        inline = "inline" in request.args and file.blob.media_type in SHOWN_INLINE
        response = send_bytes(file.blob, file.title, inline=inline)
        accesses.record(
            actor,
            AccessKind.VIEW if inline else AccessKind.DOWNLOAD,
            subject=("document", file.document_id),
            document_id=file.document_id,
            file_id=file.id,
            what="" if inline else file.title,
            remote_addr=remote_addr(),
        )
        return response


class UploadView(BaseView):
    """Tệp đang chờ vào văn bản: sent as soon as it is chosen, shown beside the form, taken back; one's own alone."""

    route_base = "/uploads"
    class_permission_name = "incoming"
    base_permissions = ["can_list"]

    @expose("/", methods=["POST"])
    def receive(self) -> Any:
        """Take in the files of the request, each by itself: ``{"uploads": […], "faults": [{name, message}]}``."""
        actor = _sender()
        taken, faults = [], []
        for file in request.files.getlist("files"):
            if not file.filename:
                continue
            try:
                upload = receive(actor, file.stream, file.filename, file_limit())  # type: ignore[arg-type]
            except Refused as error:
                faults.append({"name": file.filename, "message": " ".join(_beside_name(o) for o in error.obstacles)})
            else:
                taken += [as_shown(each) for each in staged(actor, [upload.id])]
        if not taken and not faults:
            faults.append({"name": "", "message": gettext("No file came with this request. Choose it again.")})
        return jsonify(uploads=taken, faults=faults), 422 if faults and not taken else 201

    @expose(f"/{PK}")
    def show(self, pk: int) -> Any:
        """The bytes of an own upload, in the page where a browser can show them."""
        actor = _sender()
        uploads = staged(actor, [pk])
        if not uploads:
            abort(404)
        inline = "inline" in request.args and uploads[0].blob.media_type in SHOWN_INLINE
        return send_bytes(uploads[0].blob, uploads[0].received_name, inline=inline)

    @expose("/forget", methods=["POST"])
    def forget(self) -> Any:
        """Take own uploads back at once, with their bytes: one removed from the form, or all of a state secret."""
        return jsonify(forgotten=forget(_sender(), ids_in(request.form.get("ids"))))


def _beside_name(obstacle: Obstacle) -> str:
    """The sentence as it stands beside the file's name, which it need not say again."""
    return say(replace(obstacle, params={k: v for k, v in obstacle.params.items() if k != "file"}))


def as_shown(upload: Upload) -> dict[str, Any]:
    """An upload as the page shows it."""
    blob = upload.blob
    return {
        "id": upload.id,
        "name": upload.received_name,
        "size": vn_size(blob.size),
        "pages": blob.page_count,
        "type": blob.media_type,
        "src": url_for("UploadView.show", pk=upload.id, inline=1),
        "reading": url_for("ArrivalsView.reading", upload=upload.id),
    }


def _sender() -> Actor:
    """Whoever may send files at all, by the own posts or by a delegation; everybody else is refused."""
    actor = current_actor()
    if actor.user_id is None:
        abort(401)
    if not may_send(actor):
        abort(403)
    return actor


def may_send(actor: Actor) -> bool:
    """Whether any act that takes files is open to this person."""
    return any(may_send_files(each) for each in (actor, *other_powers()))


class LookupView(BaseView):
    """Gợi ý khi gõ: organisations and documents by beginnings of words, with or without marks."""

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

    @expose("/people")
    def people(self) -> Any:
        """People as ``organisations`` gives bodies, with their posts; for people of the Office: who settles what is no
        business of others."""
        actor = current_actor()
        if permission_key("incoming", "list") not in actor.permissions or not any(post.ours for post in actor.posts):
            abort(403)
        found = find_people(db.session(), request.args.get("q", "")[:100])
        return jsonify([{"id": each.id, "label": each.name, "hint": each.hint} for each in found])

    @expose("/documents")
    def documents(self) -> Any:
        """Documents of the register by number, notation, abstract or sender, as ``organisations`` gives bodies; the
        label is the arrival number with its year."""
        actor = current_actor()
        if permission_key("incoming", "list") not in actor.permissions:
            abort(403)
        found = page(db.session(), actor, ListQuery(text=request.args.get("q", "")[:100], size=8)).rows
        return jsonify(
            [
                {"id": each.id, "label": number_of(each), "hint": f"{each.number_notation} · {each.subject}"[:120]}
                for each in found
            ]
        )
