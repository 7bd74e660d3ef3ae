"""How a `POST` becomes a command: the body is the command, the ids in the path complete it, the token says who asks."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Command, CommandRejected
from domain.mission.rejections import HandoverIncomplete
from service.http.body import read_object
from service.http.etags import etag, expected_version
from service.http.exchange import REQUEST_ID
from service.http.openapi import command_operation
from service.http.policy import principal_of
from service.http.problems import Problem, malformed, malformed_body, not_found
from service.http.security import Principal
from service.http.services import services_of
from service.store.appending import CommandIdReused, OutcomeUnknown
from service.strict_json import Json, one_spelling
from service.submission import Accepted, Contended, Submission, VersionConflict

PATIENCE = 15.0
"""Seconds after which the outcome of a command is called unknown."""
KEY = re.compile(r"[!#-\[\]-~]{1,128}", re.ASCII)
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
"""An id or a number in a path."""
_PATH_IDS = re.compile(r"\{(\w+)\}")
_IDS_CHOSEN_HERE = uuid.UUID("6f0b3f0e-5a0d-5d0c-9c39-0c4a2f6f7b11")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it came in over HTTP."""

    command: Command
    path_ids: Mapping[str, str]
    key: str | None
    request: bytes
    """Address and body in one spelling: the same key with another request is refused."""


@dataclass(frozen=True, slots=True)
class Tells:
    """What an answer says besides ids, version and position, and its schema."""

    name: str
    schema: Mapping[str, Json]
    of: Callable[[Accepted], Json]


@dataclass(frozen=True, slots=True)
class Ask:
    """A `POST` that asks for one kind of command."""

    command: type[Command]
    path_ids: tuple[str, ...]
    status: HTTPStatus
    tells: Tells | None = None

    async def __call__(self, request: Request) -> Response:
        asked = await _read(request, self.command)
        accepted = await _carry_out(request, asked)
        return _answer(asked, accepted, self)


def command_route(
    router: APIRouter,
    path: str,
    command: type[Command],
    status: HTTPStatus = HTTPStatus.OK,
    tells: Tells | None = None,
) -> None:
    """Answers a `POST` with what a command did: 201 where it brought something new, else 200."""
    path_ids = tuple(_PATH_IDS.findall(path))
    router.add_api_route(
        path,
        Ask(command, path_ids, status, tells),
        methods=["POST"],
        status_code=status,
        name=command.NAME,
        operation_id=command.NAME,
        summary=command.NAME.replace("_", " ").capitalize(),
        description=command.__doc__,
        response_class=Response,
        openapi_extra=command_operation(command, path_ids, status, {} if tells is None else {tells.name: tells.schema}),
    )


async def _read(request: Request, command_type: type[Command]) -> Asked:
    path_ids = _ids_in(request)
    key = idempotency_key(request)
    body = await read_object(request)
    fields = {name: value for name, value in path_ids.items() if name != "mission_id"}
    repeated = path_ids.keys() & body.keys()
    if repeated:
        raise malformed(f"/{min(repeated)}", "stands in the address already; leave it out of the body")
    try:
        command = command_type.model_validate({**body, **fields})
    except ValidationError as error:
        raise malformed_body(error, body) from error
    named = command.named(_new_ids(principal_of(request), key))
    return Asked(named, path_ids, key, one_spelling({"path": request.url.path, "body": body}))


def _ids_in(request: Request) -> Mapping[str, str]:
    """The ids in the path. What is no id names nothing."""
    path_ids: dict[str, str] = request.path_params
    if not all(ID.fullmatch(value) for value in path_ids.values()):
        raise not_found()
    return path_ids


def idempotency_key(request: Request) -> str | None:
    """The key under which a request may be sent again, if it has one."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1:
        raise malformed("/Idempotency-Key", "send it once: a retry is known by one key", "header")
    key = keys[0][1:-1] if len(keys[0]) > 2 and keys[0][0] == keys[0][-1] == '"' else keys[0]
    if not KEY.fullmatch(key):
        raise malformed("/Idempotency-Key", "write 1 to 128 visible ASCII characters", "header")
    return key


def _new_ids(principal: Principal, key: str | None) -> Callable[[], str]:
    """Ids that the service chooses: under a key always the same ones, so that a retry names the same thing."""
    if key is None:
        return lambda: str(uuid.uuid4())
    numbers = count()
    return lambda: str(uuid.uuid5(_IDS_CHOSEN_HERE, f"{principal.name} {key} {next(numbers)}"))


def command_id(principal: Principal, key: str) -> str:
    """What history knows a keyed request by."""
    return f"http:{principal.name}:{key}"


async def _carry_out(request: Request, asked: Asked) -> Accepted:
    """Hands the command to the writer and waits for what became of it."""
    services, principal = services_of(request), principal_of(request)
    submission = Submission(
        command=asked.command,
        mission_id=asked.path_ids.get("mission_id"),
        actor=principal.actor,
        claimed_by=None,
        claimed_at=None,
        today=services.today(),
        command_id=command_id(principal, asked.key) if asked.key else None,
        request=asked.request,
        expected_version=expected_version(request),
        correlation_id=request.scope[REQUEST_ID],
        principal=principal.name,
    )
    outcome = asyncio.wrap_future(services.commands.submit(submission))
    done, _ = await asyncio.wait({outcome}, timeout=PATIENCE)
    if not done:
        raise _unknown(asked)
    try:
        return outcome.result()
    except CommandRejected as rejected:
        raise rejection(rejected, asked.path_ids) from rejected
    except VersionConflict as conflict:
        raise Problem(412) from conflict
    except Contended as contended:
        raise Problem(
            503, "contended", "Others change the same things too fast; nothing was recorded. Ask again."
        ) from contended
    except CommandIdReused as reused:
        raise Problem(
            422,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request; use a new key for a new request.",
        ) from reused
    except OutcomeUnknown as unknown:
        raise _unknown(asked) from unknown


def rejection(rejected: CommandRejected, path_ids: Mapping[str, str]) -> Problem:
    """A refusal as an answer: 404 for what the path names, 403 for the wrong role, else 409."""
    absent = {"unknown_" + name.removesuffix("_id").removesuffix("_number") for name in path_ids}
    if rejected.code in absent:
        return not_found(rejected.code)
    status = {"not_allowed": 403, "malformed": 422}.get(rejected.code, 409)
    return Problem(status, rejected.code, rejected.detail, more=_more(rejected))


def _more(rejected: CommandRejected) -> Mapping[str, object]:
    """What a refusal tells a program: each thing that a handover lacks, by kind and id."""
    if not isinstance(rejected, HandoverIncomplete):
        return {}
    return {"missing": [lack.model_dump(mode="json") for lack in rejected.missing]}


def _unknown(asked: Asked) -> Problem:
    advice = (
        "send the same request again with the same Idempotency-Key"
        if asked.key
        else "look whether it was carried out before you send it again, and use an Idempotency-Key next time"
    )
    return Problem(503, "outcome_unknown", f"It is not known whether the command was carried out: {advice}.")


def _answer(asked: Asked, accepted: Accepted, ask: Ask) -> Response:
    """Where the facts stand, and the ids of the things they are about."""
    names = type(asked.command).NAMES
    content: dict[str, Json] = dict(asked.path_ids)
    if names:
        content[names] = getattr(asked.command, names)
    content |= {"version": accepted.version, "position": accepted.position}
    if ask.tells:
        content[ask.tells.name] = ask.tells.of(accepted)
    return Response(
        json.dumps(content, separators=(",", ":")).encode(),
        ask.status if accepted.positions else HTTPStatus.OK,
        {"ETag": etag(accepted.version)},
        "application/json",
    )
