"""REST routes of a governed noun, generated from its lifecycle: list, one, and ``POST …/<id>/<verb>`` per move.

Each carries its OpenAPI entry with the clause it stands on. A browser's cookie needs the CSRF token; a bearer
token does not.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import request, url_for
from flask_appbuilder.api import BaseApi, expose, protect
from flask_appbuilder.security.decorators import permission_name
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, HTTPException

from app.actor import Actor
from app.api.inputs import SCHEMA_OF, read_values
from app.errors import DomainError, Obstacle, Refused, Stale
from app.extensions import csrf
from app.messages import as_json
from app.operations.base import act
from app.queries.listing import ListQuery, Page
from app.request import PK, chosen_actor, current_actor, look
from app.rules.lifecycle import Lifecycle, Move, Subject
from app.rules.text import whole_number
from app.vocabulary import N_

log = logging.getLogger(__name__)
MAX_PAGE = 100


def check_csrf() -> None:
    """Demand the token of every request that is not made with a bearer token; raises 400."""
    if not request.headers.get("Authorization", "").startswith("Bearer "):
        csrf.protect()


class GovernedApi(BaseApi):
    """Base of the REST routes of a governed record; ``build`` adds a route for each move."""

    lifecycle: Lifecycle
    csrf_exempt = True  # bearer requests carry no cookie; check_csrf asks all others for the token
    allow_browser_login = True

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """One page of what the actor may see."""
        raise NotImplementedError

    def load(self, actor: Actor, pk: int) -> Any:
        """One record that the actor may see. Raises NotFound."""
        raise NotImplementedError

    def subject(self, actor: Actor, record: Any) -> Subject:
        """What the rules need to know of it."""
        raise NotImplementedError

    def links(self, record: Any) -> dict[str, int]:
        """In whose stories a look at the record stands."""
        raise NotImplementedError

    def as_dict(self, record: Any) -> dict[str, Any]:
        """The record for programs."""
        raise NotImplementedError

    def as_row(self, record: Any) -> dict[str, Any]:
        """The record as a row of the list."""
        return self.as_dict(record)

    def facet_names(self) -> list[str]:
        """Names of the filters that the list takes."""
        raise NotImplementedError

    def list_records(self) -> Any:
        """Keyset-paged list; ``next`` and ``previous`` are addresses."""
        args = request.args
        size = args.get("page_size", "")
        query = ListQuery(
            text=args.get("q", "")[:200],
            facets={name: args[name] for name in self.facet_names() if args.get(name)},
            sort=args.get("sort", ""),
            descending=args.get("dir", "desc") != "asc",
            after=args.get("after", ""),
            before=args.get("before", ""),
            size=min(max(whole_number(size) or 25, 1), MAX_PAGE),
        )
        page = self.query_page(current_actor(), query)
        if page.faults:
            raise Refused(*page.faults)
        here: dict[str, Any] = {k: v for k, v in args.items() if k not in ("after", "before")}
        name = f"{self.endpoint}.list_records"
        return self.response(
            200,
            result=[self.as_row(row) for row in page.rows],
            count=page.total,
            count_is_capped=page.more_than_total,
            next=url_for(name, **here, after=page.next) if page.next else None,
            previous=url_for(name, **here, before=page.previous) if page.previous else None,
        )

    def get_record(self, pk: int) -> Any:
        """One record with the moves that the caller may make on it now."""
        actor = current_actor()
        record = self.load(actor, pk)
        look(actor, self.lifecycle.subject_type, pk, self.links(record))
        moves = self.lifecycle.allowed_moves(actor, self.subject(actor, record))
        return self.response(200, result=self.as_dict(record), moves=[move.verb for move in moves])

    def _perform(self, move: Move, pk: int | None) -> Any:
        check_csrf()
        body = read_body()
        values, obstacles = read_values(move, body)
        key, faults = _key(request.headers.get("Idempotency-Key"))
        obstacles += faults
        version = body.get("version") if type(body.get("version")) is int else None
        if pk is not None and version is None:
            message = N_("version: missing. Send the whole number that the record had as “version” when you read it.")
            obstacles.append(Obstacle(message, "version", code="missing"))
        try:
            if obstacles:
                raise Refused(*obstacles)
            record = act(
                chosen_actor(str(body.get("acting_for") or "")),
                move,
                pk,
                values,
                expected_version=version,
                submission_key=key,
            )
        except DomainError as error:
            return refusal(self, error)
        return self.response(201 if pk is None else 200, id=record.id, result=self.as_dict(record))


def refusal(api: BaseApi, error: DomainError) -> Any:
    """A refusal as JSON: all obstacles, and for a lost race what changed."""
    body: dict[str, Any] = {"obstacles": as_json(error)}
    if isinstance(error, Stale):
        body["changes"] = json.loads(json.dumps(error.changes, default=str))
    return api.response(error.status, **body)


def read_body() -> dict[str, Any]:
    """The JSON object of the request. Raises 400 for anything else."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise BadRequest("a JSON object is expected")
    return body


def _key(text: str | None) -> tuple[uuid.UUID | None, list[Obstacle]]:
    try:
        return (uuid.UUID(text) if text else None), []
    except ValueError:
        message = N_("Idempotency-Key: must be a UUID, another for each record.")
        return None, [Obstacle(message, "Idempotency-Key", code="no_key")]


def safely(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Answer in JSON with the status that fits: what HTTP refuses, a database that is away, a fault of the program."""

    @wraps(handler)
    def run(self: BaseApi, *args: Any, **kwargs: Any) -> Any:
        try:
            return handler(self, *args, **kwargs)
        except HTTPException as error:
            return self.response(error.code or 500, message=error.name)
        except OperationalError:
            log.exception("the database is away")
            return self.response(503, message="Service Unavailable")
        except Exception:
            log.exception("a request of the API failed")
            return self.response(500, message="Internal Server Error")

    return run


def refusing(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals of a reading route into their JSON answer."""

    def run(self: GovernedApi, *args: Any, **kwargs: Any) -> Any:
        try:
            return handler(self, *args, **kwargs)
        except DomainError as error:
            return refusal(self, error)

    return run


def build(base: type[GovernedApi], facets: Mapping[str, str]) -> type[GovernedApi]:
    """The API class of a noun: ``base`` with the routes of its lifecycle's moves."""
    noun = base.lifecycle.noun
    methods: dict[str, Any] = {
        "resource_name": noun,
        "class_permission_name": noun,
        "openapi_spec_tag": base.lifecycle.label,
        "list_records": _route(refusing(base.list_records), "list_records", "/", "GET", "list", _list_entry(facets)),
        "get_record": _route(refusing(base.get_record), "get_record", f"/{PK}", "GET", "show", _READ_ENTRY),
    }
    for move in base.lifecycle.moves.values():
        if move.creates:
            entry = _move_entry(move, creating=True)
            methods[move.verb] = _route(_handler(move), move.verb, f"/{move.verb}", "POST", move.verb, entry)
        if move.sources:
            name = f"{move.verb}_on" if move.creates else move.verb
            entry = _move_entry(move, creating=False)
            methods[name] = _route(_handler(move), name, f"/{PK}/{move.verb}", "POST", move.verb, entry)
    return type(base.__name__.removeprefix("Base"), (base,), methods)


def _handler(move: Move) -> Callable[..., Any]:
    def make(self: GovernedApi, pk: int | None = None) -> Any:
        return self._perform(move, pk)

    return make


def _route(function: Callable[..., Any], name: str, path: str, method: str, verb: str, entry: str) -> Any:
    function.__name__ = name
    function.__qualname__ = name
    function.__doc__ = entry
    # Whether an actor may make a move is decided by the operation (a delegation may allow what no role does);
    # so a move's route asks only for the right to use this interface at all.
    permission = verb if method == "GET" else "list"
    guarded = protect(allow_browser_login=True)(safely(permission_name(permission)(function)))
    return expose(path, methods=[method])(guarded)


_ANSWERS = """      responses:
        {status}:
          description: Done
          content: {{application/json: {{schema: {{type: object}}}}}}
        400: {{$ref: '#/components/responses/400'}}
        401: {{$ref: '#/components/responses/401'}}
        403: {{description: Not allowed to this actor on this record now}}
        404: {{description: 'No such record, or none that the actor may see'}}
        409: {{description: 'Wrong state, or changed meanwhile'}}
        422: {{description: 'Refused: all obstacles, each with its field'}}
"""


def _list_entry(facets: Mapping[str, str]) -> str:
    names = {"q": "Beginnings of words, marks aside", "after": "Place in the list", "before": "Place in the list"}
    names |= {"sort": "Order", "dir": "asc or desc", "page_size": f"At most {MAX_PAGE}", **facets}
    lines = "".join(
        f"      - {{in: query, name: {n}, description: '{d}', schema: {{type: string}}}}\n" for n, d in names.items()
    )
    return f"""List with keyset paging
    ---
    get:
      summary: List with keyset paging
      parameters:
{lines}{_ANSWERS.format(status=200)}"""


_READ_ENTRY = f"""One record and the moves allowed on it now
    ---
    get:
      summary: One record and the moves allowed on it now
      parameters:
      - {{in: path, name: pk, required: true, schema: {{type: integer}}}}
{_ANSWERS.format(status=200)}"""


def _move_entry(move: Move, *, creating: bool) -> str:
    path = "" if creating else "      - {in: path, name: pk, required: true, schema: {type: integer}}\n"
    schema = {
        "type": "object",
        "required": [*(i.name for i in move.inputs if i.required), *([] if creating else ["version"])],
        "properties": {
            **{i.name: {**SCHEMA_OF[i.type], "description": i.label} for i in move.inputs},
            "version": {
                "type": "integer",
                "description": "Version of the record as it was read; 409 when it changed since",
            },
            "acting_for": {"type": "integer", "description": "Delegation by which the caller acts for another"},
        },
    }
    for each in move.inputs:
        if each.max_length:
            schema["properties"][each.name]["maxLength"] = each.max_length  # type: ignore[index]
    return f"""{move.label}
    ---
    post:
      summary: {json.dumps(move.label)}
      description: {json.dumps("Ground: " + ", ".join(move.basis))}
      x-basis: {json.dumps(list(move.basis))}
      parameters:
{path}      - {{in: header, name: Idempotency-Key, schema: {{type: string, format: uuid}}}}
      requestBody:
        required: true
        content: {{application/json: {{schema: {json.dumps(schema)}}}}}
{_ANSWERS.format(status=201 if creating else 200)}"""
