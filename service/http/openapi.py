"""The description of the API at `/openapi.json`: every body, answer and problem, made from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic.json_schema import models_json_schema

from domain.event import Command
from domain.mission.events import Gap

_ID = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
REF = "#/components/schemas/{model}"

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What went wrong, by a stable code, and what to do (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "pointer", "detail"],
                "properties": {
                    "in": {"type": "string", "description": "body, path, query or header"},
                    "pointer": {"type": "string", "description": "a JSON pointer to the field at fault"},
                    "detail": {"type": "string"},
                },
            },
        },
        "missing": {
            "type": "array",
            "description": "With `handover_incomplete`: all that the checklist lacks on the date of the handover.",
            "items": {
                "type": "object",
                "required": ["gap", "id"],
                "properties": {
                    "gap": {"type": "string", "enum": [gap.value for gap in Gap]},
                    "id": {"type": ["string", "null"], "description": "the objective, action, risk, access or item"},
                },
            },
        },
    },
}

_PROBLEMS = {
    400: "The request cannot be read.",
    401: "No valid token.",
    403: "The role may not do this.",
    404: "Not there, or not visible to this token.",
    406: "Not in that form.",
    409: "Refused by a rule; `code` says which.",
    412: "The version has moved on.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Not in the form asked for, or an Idempotency-Key used for another request.",
    500: "Something broke.",
    503: "Not available now, or the outcome is unknown; see `Retry-After`.",
}

KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body answers the same again and does nothing.",
    "schema": {"type": "string", "pattern": r"^[!#-\[\]-~]{1,128}$"},
}
_IF_MATCH_HEADER = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The version that the decision rests on; 412 when it has moved on.",
    "schema": {"type": "string"},
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Which problems an operation can answer."""
    return {
        str(status): {"description": _PROBLEMS[status], "content": {"application/problem+json": {"schema": _PROBLEM}}}
        for status in statuses
    }


def path_parameters(names: Sequence[str]) -> list[dict[str, Any]]:
    """The ids in an address."""
    return [{"name": name, "in": "path", "required": True, "schema": _ID} for name in names]


def command_operation(
    command: type[Command], path_ids: Sequence[str], status: HTTPStatus, told: Mapping[str, Any]
) -> dict[str, Any]:
    """What a command's operation takes and answers; what tells of its outcome may tell that nothing came of it."""
    outcomes = {status, HTTPStatus.OK} if told else {status}
    return {
        "parameters": [*path_parameters(path_ids), KEY_HEADER, _IF_MATCH_HEADER],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": REF.format(model=command.__name__)}}},
        },
        "responses": {
            **{str(int(each)): _answered(each, _accepted(command, path_ids, told)) for each in sorted(outcomes)},
            **problems(401, 403, 404, 409, 412, 413, 415, 422, 503),
        },
    }


def _answered(status: HTTPStatus, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "Carried out." if status == HTTPStatus.OK else "Something new.",
        "headers": {"ETag": {"schema": {"type": "string"}, "description": "The stream's version."}},
        "content": {"application/json": {"schema": schema}},
    }


def _accepted(command: type[Command], path_ids: Sequence[str], told: Mapping[str, Any]) -> dict[str, Any]:
    ids = [*path_ids, *([command.NAMES] if command.NAMES and command.NAMES not in path_ids else [])]
    return {
        "type": "object",
        "required": [*ids, "version", "position", *told],
        "properties": {
            **dict.fromkeys(ids, _ID),
            "version": {"type": "integer", "minimum": 0, "description": "The stream's version."},
            "position": {"type": "integer", "minimum": 0, "description": "The place in all history."},
            **told,
        },
    }


def complete(schema: dict[str, Any], asks: Mapping[type[Command], Sequence[str]], open_routes: Iterable[str]) -> None:
    """Adds to the framework's description what only the commands and the policy know."""
    _, definitions = models_json_schema([(command, "validation") for command in asks], ref_template=REF)
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas |= definitions.get("$defs", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    for command, path_ids in asks.items():
        _leave_out(schemas[command.__name__], path_ids)
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    schema["security"] = [{"token": []}]
    for path in open_routes:
        for operation in schema["paths"].get(path, {}).values():
            operation["security"] = []


def _leave_out(body: dict[str, Any], names: Sequence[str]) -> None:
    """Ids that stand in the address are not repeated in the body."""
    for name in names:
        body["properties"].pop(name, None)
    body["required"] = [name for name in body.get("required", ()) if name not in names]
