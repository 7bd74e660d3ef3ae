"""Time delivered: a cadre delivers and withdraws days, the client approves or disputes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from domain.availability import CadreDay
from domain.event import NAMELESS, Command, Context
from domain.mission.events import (
    DayDelivered,
    DayDisputed,
    DaysApproved,
    DayWithdrawn,
    DisputeSettled,
    Half,
    Place,
    SettlementOutcome,
    Unit,
)
from domain.mission.period import reject_outside_period
from domain.mission.rejections import (
    AlreadyApproved,
    AlreadyDisputed,
    CadreOverbooked,
    DayAlreadyInvoiced,
    DayIsDisputed,
    DayIsWithdrawn,
    MissionIsPaused,
    NoObjective,
    NotAWorkingDay,
    NotDisputed,
    NothingToApprove,
    UnknownDay,
    UnknownObjective,
)
from domain.mission.state import Day, DayStatus, Mission
from domain.party.state import Cadre
from domain.rejections import AlreadyExists, InTheFuture, Malformed, UnknownCadre
from domain.values import Hourly, Id, Ids, IsoDate, Month, NullIsLeftOut, PositiveNumber, Text, month_of, plain


class DeliverDay(Command):
    """Enter time worked on one date: a day or half of one, or hours on an hourly mission."""

    NAME: ClassVar[str] = "deliver_day"
    NAMES: ClassVar[str | None] = "day_id"
    DATED: ClassVar[str | None] = "date"
    day_id: Id = NAMELESS
    date: IsoDate
    quantity: PositiveNumber
    half: Half | None = None
    place: Place | None = None
    summary: Text
    objective_ids: Ids | None = None
    cadre_id: Id | None = None
    """Who worked; left out, the cadre who holds the mission on that date."""
    exceptional: Annotated[bool, Field(strict=True), NullIsLeftOut] = False


class WithdrawDay(Command):
    """Take a delivered day back."""

    NAME: ClassVar[str] = "withdraw_day"
    day_id: Id
    reason: Text


class ApproveDays(Command):
    """Approve delivered days, named one by one or all that wait in a month."""

    NAME: ClassVar[str] = "approve_days"
    day_ids: Annotated[Ids, Field(min_length=1)] | None = None
    month: Month | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ApproveDays:
        if (self.day_ids is None) == (self.month is None):
            raise ValueError("name either day_ids or a month")
        return self


class DisputeDay(Command):
    """Dispute a delivered day, and say why."""

    NAME: ClassVar[str] = "dispute_day"
    day_id: Id
    reason: Text


class SettleDispute(Command):
    """Settle a disputed day: it is approved, or withdrawn."""

    NAME: ClassVar[str] = "settle_dispute"
    day_id: Id
    outcome: SettlementOutcome
    note: Text


MOST_HOURS = Decimal(8)
HOUR_STEP = Decimal("0.25")
WHOLE = Decimal(1)
HALF_A_DAY = Decimal("0.5")


def deliver_day(
    mission: Mission,
    command: DeliverDay,
    context: Context,
    *,
    used: bool,
    cadre: Cadre | None,
    taken: CadreDay,
) -> DayDelivered:
    """A day is worked within the mission, on an agreed result, by a cadre who has the time."""
    unit = _unit_of(mission)
    _reject_malformed_quantity(command, unit)
    if used:
        raise AlreadyExists(f"{command.day_id} is a day already: enter this one under another id")
    if not mission.objectives:
        raise NoObjective("no objective was ever set: set one before delivering days")
    if command.date > context.today:
        raise InTheFuture(f"the day is dated {command.date}: enter it once it is worked")
    reject_outside_period(mission, command.date)
    if mission.is_paused_on(command.date):
        raise MissionIsPaused(f"the mission rests on {command.date}: name a date outside its pauses")
    if not (command.exceptional or context.calendar.is_working_day(command.date)):
        raise NotAWorkingDay(
            f"{command.date} is a Sunday or a public holiday: say exceptional if it was worked all the same"
        )
    for objective_id in command.objective_ids or ():
        if objective_id not in mission.objectives:
            raise UnknownObjective(f"the mission has no objective {objective_id}: name one that was set")
    cadre_id = worked_by(mission, command)
    if cadre is None:
        raise UnknownCadre(f"{cadre_id} is no registered cadre: name one who is")
    return DayDelivered(
        day_id=command.day_id,
        date=command.date,
        quantity=command.quantity,
        unit=unit,
        half=_half_taken(command, unit, taken),
        place=command.place,
        summary=command.summary,
        objective_ids=command.objective_ids or (),
        cadre_id=cadre_id,
        exceptional=command.exceptional,
    )


def withdraw_day(mission: Mission, command: WithdrawDay) -> DayWithdrawn:
    """A day may be taken back until it is invoiced."""
    _day_that_counts(mission, command.day_id)
    return DayWithdrawn(day_id=command.day_id, reason=command.reason)


def approve_days(mission: Mission, command: ApproveDays) -> DaysApproved:
    """Days are approved all together, or none of them."""
    if command.month is not None:
        waiting = _waiting_in(mission, command.month)
        if not waiting:
            raise NothingToApprove(f"no day of {command.month} waits for approval")
        return DaysApproved(day_ids=waiting, month=command.month)
    day_ids = command.day_ids or ()
    for day_id in day_ids:
        day = _day_that_counts(mission, day_id)
        if day.status is DayStatus.DISPUTED:
            raise DayIsDisputed(f"the day {day_id} is disputed: settle the dispute instead")
        if day.status is DayStatus.APPROVED:
            raise AlreadyApproved(f"the day {day_id} is approved already")
    return DaysApproved(day_ids=day_ids)


def dispute_day(mission: Mission, command: DisputeDay) -> DayDisputed:
    """A day may be disputed until it is approved or invoiced."""
    day = _day_that_counts(mission, command.day_id)
    if day.status is DayStatus.APPROVED:
        raise AlreadyApproved(f"the day {command.day_id} is approved: ask its cadre to withdraw it")
    if day.status is DayStatus.DISPUTED:
        raise AlreadyDisputed(f"the day {command.day_id} is disputed already: settle the dispute")
    return DayDisputed(day_id=command.day_id, reason=command.reason)


def settle_dispute(mission: Mission, command: SettleDispute) -> DisputeSettled:
    """A disputed day ends approved, or withdrawn."""
    day = _day_that_counts(mission, command.day_id)
    if day.status is not DayStatus.DISPUTED:
        raise NotDisputed(f"the day {command.day_id} is not disputed: there is nothing to settle")
    return DisputeSettled(day_id=command.day_id, outcome=command.outcome, note=command.note)


def worked_by(mission: Mission, command: DeliverDay) -> str:
    """Who worked: the cadre named, or whoever holds the mission on that date."""
    return command.cadre_id or mission.holder_on(command.date)


def _unit_of(mission: Mission) -> Unit:
    _, terms = mission.terms[0]
    return Unit.HOUR if isinstance(terms.billing, Hourly) else Unit.DAY


def _reject_malformed_quantity(command: DeliverDay, unit: Unit) -> None:
    if unit is Unit.HOUR:
        if command.quantity > MOST_HOURS or command.quantity % HOUR_STEP:
            raise Malformed('an hourly mission takes steps of "0.25" hours, and "8" at most for one date')
        if command.half is not None:
            raise Malformed("hours take no half of a day: leave half out")
        return
    if command.quantity not in (HALF_A_DAY, WHOLE):
        raise Malformed('this mission takes days of "0.5" or "1"')
    if command.quantity == WHOLE and command.half is not None:
        raise Malformed('a whole day takes both halves: leave half out, or deliver "0.5"')


def _half_taken(command: DeliverDay, unit: Unit, taken: CadreDay) -> Half | None:
    if unit is Unit.HOUR:
        if not taken.has_room_for(command.quantity / MOST_HOURS):
            raise CadreOverbooked(f"{_TOO_MUCH}: {plain(taken.free * MOST_HOURS)} hours are left on {command.date}")
        return None
    wanted = tuple(Half) if command.quantity == WHOLE else (command.half or taken.first_free_half,)
    if not taken.has_room_for(command.quantity) or not taken.are_free(wanted):
        raise CadreOverbooked(f"{_TOO_MUCH}: choose a free half, another date or another cadre than on {command.date}")
    return wanted[0] if command.quantity == HALF_A_DAY else None


_TOO_MUCH = "a cadre delivers one whole day at most on one date, over all missions"


def _waiting_in(mission: Mission, month: str) -> tuple[str, ...]:
    waiting = [day for day in mission.days.unsettled() if month_of(day.date) == month and mission.awaits_approval(day)]
    return tuple(day.day_id for day in waiting)


def _day_that_counts(mission: Mission, day_id: str) -> Day:
    day = mission.days.get(day_id)
    if day is None:
        raise UnknownDay(f"the mission has no day {day_id}: name one that was delivered")
    if day.is_gone:
        raise DayIsWithdrawn(f"the day {day_id} was taken back: deliver it anew, under a new id")
    if day.status is DayStatus.INVOICED:
        raise DayAlreadyInvoiced(f"the day {day_id} is on {day.invoice_number}: issue a credit note instead")
    return day
