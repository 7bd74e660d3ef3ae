"""What reports are told from: all rows of several missions at one moment, or the missions' histories up to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar

from domain.event import Event, Recorded
from domain.streams import mission_stream
from projections.kpi.billed import ChargeRow, DocumentRow, ExpenseRow
from projections.kpi.objectives import ObjectiveRow
from projections.kpi.queries import charges_of, documents_for, expenses_of, objectives_of, reached, risks_of
from projections.kpi.risks import RiskRow
from projections.missions.days import DayRow
from projections.missions.mission import MissionRow
from projections.missions.queries import days_in, days_worked_by, missions_for
from service.http.questions import read
from service.http.services import Services
from service.http.visibility import ALL, as_holder
from service.results.held import Held, held_then

R = TypeVar("R", bound=tuple[object, ...])
M = TypeVar("M", DayRow, ObjectiveRow, RiskRow, ExpenseRow)


@dataclass(frozen=True, slots=True)
class Moment:
    """As of which date and as known at which instant something is asked for; neither: as it stands."""

    as_of: date | None = None
    known_at: datetime | None = None

    @property
    def is_now(self) -> bool:
        """Whether the tables have the answer."""
        return self.as_of is None and self.known_at is None

    def until(self, last: date | None, today: date) -> Moment:
        """The moment for whoever sees nothing after a date."""
        return self if last is None else replace(self, as_of=min(self.as_of or today, last))


async def held_now(services: Services, mission_ids: Sequence[str], client_ids: Sequence[str]) -> list[Held]:
    """Missions as they stand, all rows of one moment."""
    missions, days, objectives, risks, expenses, charges, documents = await services.questions.together(
        [
            missions_for(services.today(), mission_ids=mission_ids),
            days_in(mission_ids),
            objectives_of(mission_ids),
            risks_of(mission_ids),
            expenses_of(mission_ids),
            charges_of(mission_ids),
            documents_for(client_ids),
        ]
    )
    day_rows, objective_rows = _by_mission(DayRow, days), _by_mission(ObjectiveRow, objectives)
    risk_rows, expense_rows = _by_mission(RiskRow, risks), _by_mission(ExpenseRow, expenses)
    charged = {row.mission_id: row for row in _rows(ChargeRow, charges)}
    issued = _rows(DocumentRow, documents)
    return [
        Held(
            mission=row,
            days=day_rows[row.mission_id],
            objectives=objective_rows[row.mission_id],
            risks=risk_rows[row.mission_id],
            expenses=expense_rows[row.mission_id],
            charge=charged.get(row.mission_id),
            documents=issued,
        )
        for row in _rows(MissionRow, missions)
    ]


def _rows(row: type[R], answer: Iterable[Sequence[Any]]) -> list[R]:
    return [read(row, cells) for cells in answer]


def _by_mission(row: type[M], answer: Iterable[Sequence[Any]]) -> dict[str, list[M]]:
    found: dict[str, list[M]] = defaultdict(list)
    for each in _rows(row, answer):
        found[each.mission_id].append(each)
    return found


class Past:
    """Missions at other moments: their histories, as far as the read model of results has come, and the documents."""

    def __init__(self, services: Services, upto: int, documents: Sequence[DocumentRow]) -> None:
        self._services, self._upto, self._documents = services, upto, documents

    @classmethod
    async def of(cls, services: Services, client_ids: Sequence[str]) -> Past:
        """The past of these clients' missions: what is billed and what is not are told up to one position."""
        [[(upto,)], documents] = await services.questions.together([reached(), documents_for(client_ids)])
        return cls(services, upto, _rows(DocumentRow, documents))

    async def history(self, mission_id: str) -> list[Recorded[Event]]:
        """What happened in a mission."""
        history = await self._services.records.stream(mission_stream(mission_id))
        return [recorded for recorded in history if recorded.position <= self._upto]

    def held(self, history: Iterable[Recorded[Event]], moment: Moment) -> Held | None:
        """A mission at a moment; None before it was."""
        return held_then(history, self._documents, as_of=moment.as_of, known_at=moment.known_at)


async def held_at(services: Services, rows: Sequence[MissionRow], moment: Moment) -> list[Held]:
    """Missions at a moment; without those that were not there yet."""
    clients = sorted({row.client_id for row in rows})
    if moment.is_now:
        return await held_now(services, [row.mission_id for row in rows], clients)
    past = await Past.of(services, clients)
    then = [past.held(await past.history(row.mission_id), moment) for row in rows]
    return [held for held in then if held is not None]


Worked: TypeAlias = tuple[DayRow, MissionRow]
"""A day, and the mission that it was worked on."""


async def held_by(services: Services, cadre_id: str, moment: Moment) -> tuple[list[tuple[Held, date]], list[Worked]]:
    """What a cadre answers for at a moment, each mission as of the date up to which it does; and what it worked."""
    today = services.today()
    on = moment.as_of or today
    days = await services.questions.rows(days_worked_by(cadre_id), DayRow)
    own = await services.questions.rows(missions_for(today, cadre_id=cadre_id), MissionRow)
    others = sorted({day.mission_id for day in days} - {row.mission_id for row in own})
    lent = await services.questions.rows(missions_for(today, mission_ids=others), MissionRow)
    answered_for: list[tuple[Held, date]] = []
    worked: list[Worked] = []
    for held in await held_at(services, [*own, *lent], moment):
        worked += [(day, held.mission) for day in held.days if day.cadre_id == cadre_id]
        sight = as_holder(cadre_id, held.mission, on)
        if sight == ALL:
            answered_for.append((held, on))
        elif sight is not None:
            until = moment.until(sight.until, today)
            answered_for += [(each, sight.date(on)) for each in await held_at(services, [held.mission], until)]
    return sorted(answered_for, key=lambda each: each[0].mission.mission_id), worked
