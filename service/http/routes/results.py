"""What the missions of a client or a cadre have brought against what they cost."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from domain.values import Currency, IsoDate, PositiveNumber
from projections.invoices import BILLING
from projections.invoices.invoices import InvoiceRow
from projections.invoices.queries import InvoicesAsked, invoices_for
from projections.kpi import KPI
from projections.kpi.queries import known_upto
from projections.missions import MISSIONS
from projections.missions.mission import MissionRow
from projections.missions.queries import missions_for, parties_for
from service.http.checkpoints import PrintedCheckpoint, printed_checkpoint
from service.http.commands import ID
from service.http.gathering import Moment, held_at, held_by
from service.http.openapi import problems
from service.http.policy import principal_of
from service.http.problems import malformed, not_found
from service.http.reading import Asked, Instant, caught_up, shown
from service.http.routes.missions import seen_mission
from service.http.services import Services, services_of
from service.results.held import Held
from service.results.reports import Frame, cadre_report, client_report, owed_by
from service.results.shapes import CadreReport, ClientReport, MissionResults
from service.results.telling import Hire, mission_results, told

router = APIRouter(tags=["results"])


class PrintedReport(ClientReport):
    """A client's statement of all its missions, and the newest checkpoint of the log; null before the first."""

    checkpoint: PrintedCheckpoint | None


class ResultsAsked(Asked):
    """As of which date, as known at which instant, and against which full-time hire results are asked for."""

    as_of: IsoDate | None = None
    known_at: Instant | None = None
    yearly_cost: PositiveNumber | None = None
    working_days: Annotated[int, Field(ge=1, le=366)] | None = None

    @property
    def moment(self) -> Moment:
        """The moment that is asked about."""
        return Moment(self.as_of, self.known_at)

    def hire(self, services: Services, currency: Currency | None) -> Hire | None:
        """The hire to compare with, at a cost in the mission's currency."""
        if self.yearly_cost is None:
            return None
        if currency is not None and not currency.fits(self.yearly_cost):
            digits = "no decimals" if currency.digits == 0 else f"{currency.digits} decimals at most"
            raise malformed("/yearly_cost", f"{currency} takes {digits}", "query")
        return Hire(self.yearly_cost, self.working_days or services.working_days)


class ReportAsked(ResultsAsked):
    """The same of a report; the currency is that of the yearly cost."""

    currency: Currency | None = None

    def frame(self, services: Services) -> Frame:
        """What the report is told within."""
        if (self.yearly_cost is None) != (self.currency is None):
            raise malformed("/currency", "state yearly_cost and currency together, or neither", "query")
        return Frame(self.as_of or services.today(), self.known_at, self.hire(services, self.currency), self.currency)


@router.get("/missions/{mission_id}/results", response_model=MissionResults, responses=problems(401, 404, 422, 503))
async def show_results(request: Request, mission_id: str, asked: Annotated[ResultsAsked, Query()]) -> Response:
    """What a mission has cost and brought as of a date; with `yearly_cost`, whether a full-time hire were cheaper."""
    await caught_up(request, asked.min_position, MISSIONS.name, KPI.name)
    services = services_of(request)
    held, on = await seen_held(request, mission_id, asked.moment)
    figures = told(held, on, services.today())
    return shown(request, mission_results(figures, asked.hire(services, figures.currency)))


async def seen_held(request: Request, mission_id: str, moment: Moment) -> tuple[Held, date]:
    """A mission as far as this token sees it, and as of which date."""
    services = services_of(request)
    row, sight = await seen_mission(request, mission_id)
    for held in await held_at(services, [row], moment.until(sight.until, services.today())):
        return held, sight.date(moment.as_of or services.today())
    raise not_found("unknown_mission")


@router.get("/clients/{client_id}/report", response_model=PrintedReport, responses=problems(401, 403, 404, 422, 503))
async def report_on_client(request: Request, client_id: str, asked: Annotated[ReportAsked, Query()]) -> Response:
    """All missions of a client in one report: time, money, risks and objectives, as of one date.

    It carries the log's newest checkpoint, as an invoice does.
    """
    await caught_up(request, asked.min_position, MISSIONS.name, KPI.name, BILLING.name)
    services, frame = services_of(request), asked.frame(services_of(request))
    await _known(request, Role.CLIENT, client_id)
    rows = await services.questions.rows(missions_for(services.today(), client_id=client_id), MissionRow)
    missions = await held_at(services, rows, asked.moment)
    invoices = await services.questions.rows(invoices_for(frame.on, InvoicesAsked(client_id)), InvoiceRow)
    upto = None if asked.known_at is None else await _known_upto(services, asked)
    report = client_report(
        client_id,
        [told(each, frame.on, services.today()) for each in missions],
        owed_by(invoices, frame.on, upto),
        frame,
    )
    return shown(request, PrintedReport(**dict(report), checkpoint=await printed_checkpoint(services)))


@router.get("/cadres/{cadre_id}/report", response_model=CadreReport, responses=problems(401, 403, 404, 422, 503))
async def report_on_cadre(request: Request, cadre_id: str, asked: Annotated[ReportAsked, Query()]) -> Response:
    """All missions that a cadre holds or held in one report, and the days that it worked, as of one date."""
    await caught_up(request, asked.min_position, MISSIONS.name, KPI.name)
    services, frame = services_of(request), asked.frame(services_of(request))
    await _known(request, Role.CADRE, cadre_id)
    answered_for, worked = await held_by(services, cadre_id, asked.moment)
    missions = [told(held, on, services.today()) for held, on in answered_for]
    return shown(request, cadre_report(cadre_id, missions, worked, frame))


async def _known(request: Request, role: Role, party_id: str) -> None:
    """A party that this token may ask about: its history may have been entered later than it happened."""
    principal = principal_of(request)
    may = principal.role is Role.NETWORK_ADMIN or (principal.role is role and principal.actor.id == party_id)
    asked = may and ID.fullmatch(party_id)
    if not asked or not await services_of(request).questions.ask(parties_for(role.value, [party_id])):
        raise not_found(f"unknown_{role.value}")


async def _known_upto(services: Services, asked: ReportAsked) -> int:
    """The position of the last fact that was known."""
    [[position]] = await services.questions.ask(known_upto(asked.known_at)) if asked.known_at else [[0]]
    return int(position)
