"""What accountants take away: tables of invoices, payments and days; the journals of sales and bank."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from domain.values import Currency, Id, IsoDate
from projections.invoices import BILLING
from projections.missions import MISSIONS
from service.exports.exporting import JOURNAL_TYPE, MEDIA_TYPES, CannotExport, Format, House, Name, Wanted, export
from service.http.openapi import problems
from service.http.problems import malformed, not_found
from service.http.reading import Asked, caught_up
from service.http.services import services_of

router = APIRouter(tags=["exports"])
FILES = {
    media_type.partition(";")[0]: {"schema": {"type": "string"}} for media_type in (*MEDIA_TYPES.values(), JOURNAL_TYPE)
}


class ExportAsked(Asked):
    """Which part of the books is asked for, and in which form."""

    first: Annotated[IsoDate | None, Field(alias="from")] = None
    last: Annotated[IsoDate | None, Field(alias="to")] = None
    issuer: Id | None = None
    currency: Currency | None = None
    format: Format = Format.CSV
    bom: bool = False


@router.get(
    "/exports/{name}",
    response_class=Response,
    responses={200: {"description": "The file.", "content": FILES}, **problems(401, 403, 404, 422, 503)},
)
async def show_export(request: Request, name: str, asked: Annotated[ExportAsked, Query()]) -> Response:
    """A file for the accountant: `invoices`, `payments`, `days`, `sales-journal` or `bank-journal`."""
    if name not in set(Name):
        raise not_found()
    await caught_up(request, asked.min_position, BILLING.name, MISSIONS.name)
    services = services_of(request)
    wanted = Wanted(Name(name), asked.first, asked.last, asked.issuer, asked.currency, asked.format, asked.bom)
    house = House(services.today(), services.zone, services.chart_of_accounts)
    try:
        file = await export(wanted, services.questions, house)
    except CannotExport as error:
        raise malformed(f"/{error.option}", error.detail, "query") from error
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, headers=headers, media_type=file.media_type)
