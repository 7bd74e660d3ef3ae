"""The handover dossier (dossier de passation), over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from projections.invoices import BILLING
from projections.missions import MISSIONS
from service.documents.dossier_page import dossier_page
from service.documents.dossier_shapes import DossierAnswer
from service.documents.gathering import Wanted, gathered
from service.http.documents import SHOWN_AS, Form, as_json, as_page, form_of
from service.http.openapi import problems
from service.http.policy import principal_of
from service.http.problems import not_found
from service.http.reading import caught_up, language_of
from service.http.routes.exposure import refuse_too_far_ahead
from service.http.routes.missions import MissionAsked, seen_mission
from service.http.services import services_of
from service.http.visibility import Sight, missions_seen

router = APIRouter(tags=["documents"])


class DossierAsked(MissionAsked):
    """As of when, and in which form."""

    format: Form | None = None


@router.get(
    "/missions/{mission_id}/dossier",
    response_model=DossierAnswer,
    responses={200: SHOWN_AS, **problems(401, 404, 406, 422, 503)},
)
async def show_dossier(request: Request, mission_id: str, asked: Annotated[DossierAsked, Query()]) -> Response:
    """All that a successor needs, in the order in which they need it; what is missing is said, not left out."""
    form = form_of(request, asked.format)
    await caught_up(request, asked.min_position, MISSIONS.name, BILLING.name)
    services = services_of(request)
    refuse_too_far_ahead("/as_of", asked.as_of, services.today())
    _, sight = await seen_mission(request, mission_id)
    within = await _within(request, sight)
    wanted = Wanted(
        mission_id,
        sight.date(asked.as_of or services.today()),
        known_at=asked.known_at,
        language=language_of(request),
        within=within,
    )
    dossier = await gathered(wanted, services.records, services.questions)
    if dossier is None:
        raise not_found("unknown_mission")
    if form is Form.JSON:
        return as_json(dossier, wanted.language.value)
    return as_page(dossier_page(dossier, only_own_invoices=within is not None), wanted.language.value)


async def _within(request: Request, sight: Sight) -> Sequence[str] | None:
    """To a cadre and an auditor, only the invoices that bill nothing but missions that they see as far as this one."""
    principal = principal_of(request)
    if principal.role not in {Role.CADRE, Role.AUDITOR}:
        return None
    seen = await missions_seen(services_of(request), principal)
    return [row.mission_id for row, other in seen if other.reaches(sight)]
