"""The letter of engagement as it binds on a date, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.party.events import Language
from domain.streams import cadre_stream, client_stream, issuer_stream, mission_stream
from domain.values import IsoDate
from projections.contacts import contact_view
from projections.letter.agreed import letter_view
from projections.letter.shapes import LetterAnswer
from projections.missions import MISSIONS
from service.documents.letter import letter_page
from service.http.documents import SHOWN_AS, Form, as_json, as_page, form_of
from service.http.openapi import problems
from service.http.problems import not_found
from service.http.reading import caught_up
from service.http.routes.missions import MissionAsked, seen_mission
from service.http.services import services_of

router = APIRouter(tags=["documents"])


class LetterAsked(MissionAsked):
    """Which facts count, by `as_of` and `known_at`; on which date the terms are wanted (that of the facts)."""

    on: IsoDate | None = None
    format: Form | None = None


@router.get(
    "/missions/{mission_id}/letter",
    response_model=LetterAnswer,
    responses={200: SHOWN_AS, **problems(401, 404, 406, 422, 503)},
)
async def show_letter(request: Request, mission_id: str, asked: Annotated[LetterAsked, Query()]) -> Response:
    """The terms in force on a date, amendments merged and marked: the letter of engagement (lettre de mission)."""
    form = form_of(request, asked.format)
    await caught_up(request, asked.min_position, MISSIONS.name)
    services = services_of(request)
    _, sight = await seen_mission(request, mission_id)
    history = await services.records.stream(mission_stream(mission_id))
    as_of = sight.date(asked.as_of or services.today())
    on = None if asked.on is None else sight.date(asked.on)
    letter = letter_view(history, as_of, on=on, known_at=asked.known_at)
    if letter is None:
        raise not_found("unknown_mission")
    if form is Form.JSON:
        return as_json(letter, Language.FRENCH.value)
    parties = {
        client_stream(letter.client_id): letter.client_id,
        cadre_stream(letter.cadre_id): letter.cadre_id,
        issuer_stream(letter.terms.issuer_id): letter.terms.issuer_id,
    }
    client, cadre, issuer = [
        contact_view(party_id, await services.records.stream(stream), as_of=as_of, known_at=asked.known_at)
        for stream, party_id in parties.items()
    ]
    return as_page(letter_page(letter, client, cadre, issuer), Language.FRENCH.value)
