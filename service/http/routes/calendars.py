"""A cadre's or a client's calendar: who asks with a token is given the link, who has the link reads."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from domain.party.events import Language
from projections.continuity.course import Course
from projections.continuity.queries import courses_for
from projections.missions import MISSIONS
from projections.missions.parties import PartyRow
from projections.missions.queries import parties_for
from service.calendars.entries import Reader, entries
from service.calendars.links import CalendarLinks, Owner
from service.calendars.writing import MEDIA_TYPE, written
from service.http.commands import ID
from service.http.etags import is_known
from service.http.openapi import problems
from service.http.policy import principal_of
from service.http.problems import Problem, not_found
from service.http.reading import Asked, caught_up, shown
from service.http.services import Services, services_of

router = APIRouter(tags=["calendars"])

HEADERS = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


class CalendarLink(BaseModel):
    """The secret link to a calendar. Whoever has it reads the calendar, until the link is withdrawn."""

    model_config = ConfigDict(frozen=True)
    path: str
    url: str
    """The same at the address by which this was asked."""


@router.get("/cadres/{cadre_id}/calendar", response_model=CalendarLink, responses=problems(401, 403, 404, 422, 503))
async def show_cadre_link(request: Request, cadre_id: str, asked: Annotated[Asked, Query()]) -> Response:
    """The secret link to a cadre's calendar."""
    return await _link(request, Owner(Role.CADRE, cadre_id), asked)


@router.delete("/cadres/{cadre_id}/calendar", status_code=204, responses=problems(401, 403, 404, 422, 503))
async def withdraw_cadre_link(request: Request, cadre_id: str) -> Response:
    """Withdraws the link to a cadre's calendar at once; the next one is another."""
    return await _withdrawn(request, Owner(Role.CADRE, cadre_id))


@router.get("/clients/{client_id}/calendar", response_model=CalendarLink, responses=problems(401, 403, 404, 422, 503))
async def show_client_link(request: Request, client_id: str, asked: Annotated[Asked, Query()]) -> Response:
    """The secret link to a client's calendar."""
    return await _link(request, Owner(Role.CLIENT, client_id), asked)


@router.delete("/clients/{client_id}/calendar", status_code=204, responses=problems(401, 403, 404, 422, 503))
async def withdraw_client_link(request: Request, client_id: str) -> Response:
    """Withdraws the link to a client's calendar at once; the next one is another."""
    return await _withdrawn(request, Owner(Role.CLIENT, client_id))


@router.get(
    "/calendars/{secret}.ics",
    response_class=Response,
    responses={"200": {"description": "The calendar.", "content": {"text/calendar": {}}}, **problems(404, 422, 503)},
)
async def show_calendar(request: Request, secret: str) -> Response:
    """A calendar for calendar programs: who has the link reads it, without a token."""
    services = services_of(request)
    owner = None if services.links is None else await run_in_threadpool(services.links.opens, secret)
    party = None if owner is None else await _party(services, owner)
    if owner is None or party is None:
        raise not_found("unknown_calendar")
    body = await _calendar(services, owner, party)
    headers = {"ETag": f'"{sha256(body).hexdigest()[:32]}"', **HEADERS}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="relais.ics"'
    return Response(body, headers=headers, media_type=MEDIA_TYPE)


async def _link(request: Request, owner: Owner, asked: Asked) -> Response:
    await caught_up(request, asked.min_position, MISSIONS.name)
    links = await _own(request, owner)
    path = await run_in_threadpool(links.path_of, owner)
    return shown(request, CalendarLink(path=path, url=str(request.base_url).rstrip("/") + path))


async def _withdrawn(request: Request, owner: Owner) -> Response:
    links = await _own(request, owner)
    await run_in_threadpool(links.withdraw, owner)
    return Response(status_code=204)


async def _own(request: Request, owner: Owner) -> CalendarLinks:
    """The links, for who may give this one out: the party itself, or a network admin."""
    principal, services = principal_of(request), services_of(request)
    sees = principal.role is Role.NETWORK_ADMIN or principal.actor.id == owner.party_id
    if not sees or not ID.fullmatch(owner.party_id) or await _party(services, owner) is None:
        raise not_found(f"unknown_{owner.role.value}")
    if services.links is None:
        raise Problem(503)
    return services.links


async def _party(services: Services, owner: Owner) -> PartyRow | None:
    """Whose calendar it is; who was forgotten has none."""
    rows = await services.questions.rows(parties_for(owner.role.value, [owner.party_id]), PartyRow)
    return next((row for row in rows if not row.forgotten), None)


async def _calendar(services: Services, owner: Owner, party: PartyRow) -> bytes:
    cadre_id = owner.party_id if owner.role is Role.CADRE else None
    client_id = owner.party_id if owner.role is Role.CLIENT else None
    courses = await services.questions.rows(courses_for(client_id=client_id, cadre_id=cadre_id), Course)
    language = Language(party.language or Language.FRENCH)
    reader = Reader(language, services.zone, services.holidays, cadre_id)
    today = services.today()

    def write() -> bytes:
        found = entries(courses, reader, today)
        return written(found, title=f"Relais · {owner.party_id}", language=language.value)

    return await run_in_threadpool(write)
