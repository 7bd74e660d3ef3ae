"""Where a mission stands on a date, told from its row; its fold answers as of any date, as known at any instant."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.event import Event, Recorded
from domain.mission.events import Half, Place, ReviewEvery, Unit
from domain.values import Function, IsoDate, Letter, Number, Rhythm, Scope, Terms, eve
from projections.delivered_days import Bucket, bucket
from projections.missions.days import DAYS, DayRow
from projections.missions.mission import MISSION, Agreement, Handover, LastReview, MissionRow, Pause, Stop
from projections.read_model import as_known


class Status(StrEnum):
    """Whether the cadre is at work for the client on a date."""

    SIGNED = "signed"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ENDED = "ended"


class HeldBy(BaseModel):
    """A cadre, and the dates on which it holds the mission; the last one is the eve of the handover."""

    model_config = ConfigDict(frozen=True)
    cadre_id: str
    from_on: IsoDate
    until_on: IsoDate | None = None


class MissionAnswer(BaseModel):
    """A mission as of a date: its status, who holds it, what is agreed, what comes next."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    version: int
    position: int
    recorded_at: datetime
    as_of: IsoDate
    status: Status
    client_id: str
    cadre_id: str
    holders: tuple[HeldBy, ...]
    function: Function
    title: str | None
    starts_on: IsoDate
    ends_on: IsoDate | None
    stop: Stop | None
    pauses: tuple[Pause, ...]
    letter: Letter
    scope: Scope
    rhythm: Rhythm
    terms: Terms
    amendments: tuple[Agreement, ...]
    review_every: ReviewEvery
    last_review: LastReview | None
    next_review_on: IsoDate | None
    satisfaction: int | None
    acts_as_cadre: bool | None
    handover: Handover | None
    open_objectives: tuple[str, ...]
    open_actions: tuple[str, ...]
    open_risks: tuple[str, ...]
    accesses: tuple[str, ...]


class DayAnswer(BaseModel):
    """A delivered day, and the bucket in which it is counted."""

    model_config = ConfigDict(frozen=True)
    mission_id: str
    day_id: str
    date: IsoDate
    cadre_id: str
    quantity: Number
    unit: Unit
    half: Half | None
    place: Place | None
    summary: str | None
    objective_ids: tuple[str, ...]
    exceptional: bool
    bucket: Bucket
    invoice_number: str | None
    credit_note_number: str | None


def mission_view(
    history: Iterable[Recorded[Event]], on: date, *, as_of: date | None = None, known_at: datetime | None = None
) -> MissionAnswer | None:
    """A mission from its stream, as it had occurred by a date and was known at an instant; None before it was."""
    rows = list(MISSION.rows(as_known(history, as_of=as_of, known_at=known_at)).values())
    return mission_answer(rows[0], on if as_of is None else as_of) if rows else None


def days_view(
    history: Iterable[Recorded[Event]], *, as_of: date | None = None, known_at: datetime | None = None
) -> list[DayAnswer]:
    """The days of a mission from its stream, in order of date."""
    known = as_known(history, as_of=as_of, known_at=known_at)
    agreements = [row.agreements for row in MISSION.rows(known).values()]
    days = sorted(DAYS.rows(known).values(), key=lambda day: (day.date, day.day_id))
    return [day_answer(day, agreements[0] if agreements else ()) for day in days]


def mission_answer(row: MissionRow, on: date) -> MissionAnswer:
    """A mission's row, told as of a date."""
    agreed = in_force(row.agreements, on)
    return MissionAnswer(
        mission_id=row.mission_id,
        version=row.version,
        position=row.position,
        recorded_at=row.recorded_at,
        as_of=on,
        status=status(row, on),
        client_id=row.client_id,
        cadre_id=holder(row, on),
        holders=_holders(row),
        function=row.function,
        title=row.title,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        stop=row.stop,
        pauses=row.pauses,
        letter=agreed.letter,
        scope=agreed.scope,
        rhythm=agreed.rhythm,
        terms=agreed.terms,
        amendments=row.agreements[1:],
        review_every=row.review_every,
        last_review=row.last_review,
        next_review_on=next_review(row, on),
        satisfaction=None if row.satisfaction is None else row.satisfaction.score,
        acts_as_cadre=None if row.acts_as_cadre is None else row.acts_as_cadre.acts_as_cadre,
        handover=row.handover,
        open_objectives=row.open_objectives,
        open_actions=row.open_actions,
        open_risks=row.open_risks,
        accesses=row.accesses,
    )


def day_answer(day: DayRow, agreements: tuple[Agreement, ...]) -> DayAnswer:
    """A day's row, counted in its bucket under the terms in force on its date."""
    required = in_force(agreements, day.date).terms.approval_required if agreements else True
    return DayAnswer(
        mission_id=day.mission_id,
        day_id=day.day_id,
        date=day.date,
        cadre_id=day.cadre_id,
        quantity=day.quantity,
        unit=day.unit,
        half=day.half,
        place=day.place,
        summary=day.summary,
        objective_ids=day.objective_ids,
        exceptional=day.exceptional,
        bucket=bucket(day.standing, required),
        invoice_number=day.invoice_number,
        credit_note_number=day.credit_note_number,
    )


def status(row: MissionRow, on: date) -> Status:
    """The first that holds of stopped, ended, signed, paused; else the mission runs. Last dates are worked."""
    if row.stopped_on is not None and on > row.stopped_on:
        return Status.STOPPED
    if row.ends_on is not None and on > row.ends_on:
        return Status.ENDED
    if on < row.starts_on:
        return Status.SIGNED
    if any(pause.from_on <= on and (pause.resumed_on is None or on < pause.resumed_on) for pause in row.pauses):
        return Status.PAUSED
    return Status.RUNNING


def holder(row: MissionRow, on: date) -> str:
    """Who holds the mission on a date; before its start, who is to."""
    held = [each.cadre_id for each in row.holders if each.from_on <= on]
    return held[-1] if held else row.holders[0].cadre_id


def in_force(agreements: tuple[Agreement, ...], on: date) -> Agreement:
    """The letter, or the latest amendment that has taken effect."""
    taken = [each for each in agreements if each.effective_on is None or each.effective_on <= on]
    return taken[-1]


def next_review(row: MissionRow, on: date) -> date | None:
    """The date that the last review set, else the one that the letter's rhythm of reviews asks for; none once over."""
    if status(row, on) in (Status.STOPPED, Status.ENDED):
        return None
    if row.next_review_on is not None:
        return row.next_review_on
    return _later(row.starts_on if row.last_review is None else row.last_review.held_on, row.review_every)


def _later(on: date, every: ReviewEvery) -> date | None:
    """A week, a month or a quarter later; nothing comes after the last date of the calendar."""
    if every is ReviewEvery.WEEKLY:
        return on + timedelta(days=7) if on <= _LAST_WEEK else None
    months = on.month - 1 + (1 if every is ReviewEvery.MONTHLY else 3)
    year, month = on.year + months // 12, months % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1])) if year <= date.max.year else None


_LAST_WEEK = date.max - timedelta(days=7)


def _holders(row: MissionRow) -> tuple[HeldBy, ...]:
    ends = [eve(each.from_on) for each in row.holders[1:]]
    return tuple(
        HeldBy(cadre_id=each.cadre_id, from_on=each.from_on, until_on=until)
        for each, until in zip(row.holders, [*ends, None], strict=True)
    )
