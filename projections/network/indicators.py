"""The network's scorecard: each figure with its definition, the missions behind it, its goal, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict

from domain.values import IsoDate, Number
from projections.network.courses import StandingRow
from projections.network.dates import months_later
from projections.network.parties import PARTIES
from projections.network.sources import Moment, said
from projections.network.verdict import EXTENDED, REAL_MISSIONS, RULE, Evidence, Reason, Verdict, Words, judged
from projections.read_model import Query, rows_of

FIRST_MONTHS = 3
FIRST_WEEKS = timedelta(weeks=8)
WEEKS = 4
TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


class Worked(NamedTuple):
    """What a cadre delivered over the last four weeks, and in which missions."""

    cadre_id: str
    days: Decimal
    mission_ids: Sequence[str]


class Indicator(BaseModel):
    """A figure, what it means, and what is behind it."""

    model_config = ConfigDict(frozen=True)
    indicator: str
    value: int | str | None
    unit: str
    definition: Words
    goal: str | None
    reached_on: IsoDate | None
    """The date on which the goal was reached, while it is."""
    response_rate: str | None
    """Beside what people were asked: the percentage of missions with an answer."""
    mission_ids: tuple[str, ...]
    """The missions that make the figure."""
    out_of_mission_ids: tuple[str, ...]
    """All missions that it looks at."""


class CadreTime(BaseModel):
    """A cadre's days per week over the last four weeks, the date itself included."""

    model_config = ConfigDict(frozen=True)
    cadre_id: str
    days_per_week: Number
    mission_ids: tuple[str, ...]


class ClientMissions(BaseModel):
    """A client's missions in force."""

    model_config = ConfigDict(frozen=True)
    client_id: str
    missions_in_force: int
    mission_ids: tuple[str, ...]


class Scorecard(BaseModel):
    """How the network fares on a date. Means and shares are null where there is nothing to count."""

    model_config = ConfigDict(frozen=True)
    as_of: IsoDate
    real_missions_first_three_months: int
    first_three_months_end_on: IsoDate | None
    extension_rate: str | None
    satisfaction: str | None
    satisfaction_response_rate: str | None
    positioning_clarity: str | None
    positioning_response_rate: str | None
    cadres: tuple[CadreTime, ...]
    clients: tuple[ClientMissions, ...]
    indicators: tuple[Indicator, ...]
    verdict: Verdict | None
    """Of the whole network; null to who sees only a part of it."""
    reasons: tuple[Reason, ...]
    rule: str
    """The date of the rule by which the verdict was given."""


def worked_by(on: date, moment: Moment, mission_ids: Sequence[str] | None) -> Query:
    """What each cadre delivered over the last four weeks, the date itself included."""
    counts = f"{moment.has('d')} AND (d.gone_on IS NULL OR NOT ({moment.has('d', 'gone_on', 'gone_at')}))"
    among = "true" if mission_ids is None else "d.mission_id = ANY(%(ids)s)"
    return Query(
        said(
            "SELECT d.cadre_id, sum(d.days), array_agg(DISTINCT d.mission_id) FROM rm.network_days d",
            f"WHERE d.date > %(on)s::date - 7 * {WEEKS} AND d.date <= %(on)s::date AND {counts} AND {among}",
            "GROUP BY 1",
        ),
        {**moment.parameters, "on": on, "ids": None if mission_ids is None else list(mission_ids)},
    )


def parties_in(moment: Moment) -> Query:
    """The cadres and clients that were registered."""
    return rows_of(PARTIES, f"p WHERE {moment.has('p')}", moment.parameters)


def scorecard(
    standings: Sequence[StandingRow],
    worked: Sequence[Worked],
    cadre_ids: Sequence[str],
    client_ids: Sequence[str],
    on: date,
    *,
    of_all: bool = True,
) -> Scorecard:
    """The scorecard of these missions, cadres and clients on a date."""
    missions = sorted(standings, key=lambda row: row.mission_id)
    everything = _ids(missions)
    deadline = _deadline(missions)
    real = _real(missions, deadline, on)
    reached = [row for row in missions if on - row.starts_on >= FIRST_WEEKS]
    extended = [row for row in reached if _still_ran(row)]
    scored = [row for row in missions if row.satisfaction is not None]
    answered = [row for row in missions if row.answers]
    rate = _share(len(extended), len(reached))
    mean = _mean([row.satisfaction for row in missions if row.satisfaction is not None])
    clarity = _share(sum(row.as_cadre for row in missions), sum(row.answers for row in missions))
    scores, answers = _share(len(scored), len(missions)), _share(len(answered), len(missions))
    verdict, reasons = judged(
        Evidence(
            on=on,
            deadline=deadline,
            real_missions=len(real),
            extension_rate=rate,
            satisfaction=mean,
            satisfaction_response_rate=scores,
            clarity=clarity,
        )
    )
    indicators = (
        _indicator("real_missions_first_three_months", len(real), _ids(real), everything, goal=_real_goal(real)),
        _indicator("extension_rate", _text(rate), _ids(extended), _ids(reached), goal=_extended_goal(reached)),
        _indicator("satisfaction", _text(mean), _ids(scored), everything, response_rate=_text(scores)),
        _indicator("satisfaction_response_rate", _text(scores), _ids(scored), everything),
        _indicator("positioning_clarity", _text(clarity), _ids(answered), everything, response_rate=_text(answers)),
    )
    return Scorecard(
        as_of=on,
        real_missions_first_three_months=len(real),
        first_three_months_end_on=deadline,
        extension_rate=_text(rate),
        satisfaction=_text(mean),
        satisfaction_response_rate=_text(scores),
        positioning_clarity=_text(clarity),
        positioning_response_rate=_text(answers),
        cadres=_cadres(worked, cadre_ids),
        clients=_clients(missions, client_ids, on),
        indicators=indicators,
        verdict=verdict if of_all else None,
        reasons=tuple(reasons) if of_all else (),
        rule=RULE,
    )


def _deadline(missions: Sequence[StandingRow]) -> date | None:
    """Three calendar months after the earliest letter; in a shorter month its last date (30 November: 28 February)."""
    return months_later(min(row.signed_on for row in missions), FIRST_MONTHS) if missions else None


def _real(missions: Sequence[StandingRow], deadline: date | None, on: date) -> list[StandingRow]:
    """In order of their first day: those with one up to the deadline."""
    delivered = [
        row
        for row in missions
        if deadline is not None and row.first_day_on is not None and row.first_day_on <= deadline
    ]
    return sorted(
        (row for row in delivered if _first_day(row) <= on), key=lambda row: (_first_day(row), row.mission_id)
    )


def _first_day(row: StandingRow) -> date:
    return row.first_day_on or date.max


Goal: TypeAlias = tuple[str, date | None]
"""What is aimed at, and when it was reached."""
NO_GOAL = (None, None)


def _real_goal(real: Sequence[StandingRow]) -> Goal:
    return str(REAL_MISSIONS), _first_day(real[REAL_MISSIONS - 1]) if len(real) >= REAL_MISSIONS else None


def _still_ran(row: StandingRow) -> bool:
    """Whether a mission was in force eight weeks after its start; at rest, or on its last date, it is."""
    return row.over_on is None or row.over_on > row.starts_on + FIRST_WEEKS


def _extended_goal(reached: Sequence[StandingRow]) -> Goal:
    """Reached on the date from which the share has been at its goal without a break."""
    since, ran = None, 0
    for number, row in enumerate(sorted(reached, key=lambda row: row.starts_on), 1):
        ran += _still_ran(row)
        if 100 * ran < EXTENDED * number:
            since = None
        elif since is None:
            since = row.starts_on + FIRST_WEEKS
    return str(EXTENDED), since


def _cadres(worked: Sequence[Worked], cadre_ids: Sequence[str]) -> tuple[CadreTime, ...]:
    by_id = {each.cadre_id: each for each in worked}
    return tuple(
        CadreTime(
            cadre_id=cadre_id,
            days_per_week=by_id[cadre_id].days / WEEKS if cadre_id in by_id else Decimal(0),
            mission_ids=tuple(sorted(by_id[cadre_id].mission_ids)) if cadre_id in by_id else (),
        )
        for cadre_id in sorted({*cadre_ids, *by_id})
    )


def _clients(missions: Sequence[StandingRow], client_ids: Sequence[str], on: date) -> tuple[ClientMissions, ...]:
    held: dict[str, list[str]] = {
        client_id: [] for client_id in sorted({*client_ids, *(m.client_id for m in missions)})
    }
    for row in missions:
        if row.starts_on <= on and (row.over_on is None or on < row.over_on):
            held[row.client_id].append(row.mission_id)
    return tuple(
        ClientMissions(client_id=client_id, missions_in_force=len(ids), mission_ids=tuple(ids))
        for client_id, ids in held.items()
    )


def _ids(rows: Sequence[StandingRow]) -> tuple[str, ...]:
    return tuple(row.mission_id for row in rows)


def _share(part: int, whole: int) -> Decimal | None:
    """A percentage, one decimal, half up."""
    return (Decimal(100 * part) / whole).quantize(TENTH, rounding=ROUND_HALF_UP) if whole else None


def _mean(scores: Sequence[int]) -> Decimal | None:
    """Two decimals, half up."""
    return (Decimal(sum(scores)) / len(scores)).quantize(HUNDREDTH, rounding=ROUND_HALF_UP) if scores else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _indicator(
    name: str,
    value: int | str | None,
    ids: tuple[str, ...],
    of: tuple[str, ...],
    *,
    goal: Goal | tuple[None, None] = NO_GOAL,
    response_rate: str | None = None,
) -> Indicator:
    unit, definition = DEFINITIONS[name]
    return Indicator(
        indicator=name,
        value=value,
        unit=unit,
        definition=definition,
        goal=goal[0],
        reached_on=goal[1],
        response_rate=response_rate,
        mission_ids=ids,
        out_of_mission_ids=of,
    )


DEFINITIONS = {
    "real_missions_first_three_months": (
        "missions",
        Words(
            fr="Missions dont un jour a été livré, et ni retiré ni crédité, au plus tard trois mois après la date de "
            "signature de la première lettre de mission, ce jour compris.",
            en="Missions with a day delivered, and neither withdrawn nor credited, up to and including the date three "
            "calendar months after the first letter of engagement was signed.",
        ),
    ),
    "extension_rate": (
        "%",
        Words(
            fr="Part des missions commencées depuis huit semaines ou plus qui couraient encore à huit semaines ; "
            "une mission en pause court.",
            en="Of the missions that began eight weeks ago or more, the share still running at eight weeks; "
            "a paused mission runs.",
        ),
    ),
    "satisfaction": (
        "1-5",
        Words(
            fr="Moyenne de la dernière note donnée par le dirigeant dans chaque mission.",
            en="Mean of the latest score that the dirigeant gave in each mission.",
        ),
    ),
    "satisfaction_response_rate": (
        "%",
        Words(fr="Part des missions qui ont une note.", en="Share of the missions that have a score."),
    ),
    "positioning_clarity": (
        "%",
        Words(
            fr="Part de oui parmi toutes les réponses à : cette personne tient-elle la fonction, ou conseille-t-elle ?",
            en="Share of yes among all answers to: does this person run the function, or advise on it?",
        ),
    ),
}
"""What each indicator counts, and in what."""
