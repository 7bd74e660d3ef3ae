"""Which weak signals stand on a date: from the table as of now, from what was known then as of another time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias, cast

from pydantic import BaseModel, ConfigDict

from domain.event import Role
from domain.values import IsoDate
from projections.network.courses import Course
from projections.network.dependence import DependenceRow, dependences_of
from projections.network.engagements import held_on
from projections.network.invoices import INVOICES, InvoiceRow, owed_since
from projections.network.signals import RANKS, SIGNALS, Code, Severity, Thresholds
from projections.network.sources import Moment
from projections.network.watches import WatchRow, watches_of
from projections.read_model import Cells, Query, Row, rows_of

Place: TypeAlias = tuple[int, date, str, str, str]
"""Where a signal stands in a list."""


class Alert(NamedTuple):
    """A signal that stands, and since when, in the order of a list: the gravest and oldest first."""

    rank: int
    since: date
    code: str
    mission_id: str
    subject_id: str
    client_id: str
    subjects: tuple[str, ...]
    holders: tuple[str, ...]

    @property
    def key(self) -> Place:
        """Where it stands in a list."""
        return self[:5]


@dataclass(frozen=True, slots=True)
class Within:
    """Whose signals are asked for: None: everybody's."""

    mission_ids: Sequence[str] | None = None
    """Those of these missions, and of invoices that bill no other."""
    client_id: str | None = None
    cadre_id: str | None = None
    """Of clients that depend on one cadre: only on this one."""
    codes: tuple[Code, ...] = tuple(code for code in Code if code is not Code.SET_ASIDE)


EVERYTHING = Within()


def alerts_then(
    courses: Iterable[Course],
    invoices: Iterable[InvoiceRow],
    on: date,
    limits: Thresholds,
    *,
    moment: Moment,
    within: Within = EVERYTHING,
) -> list[Alert]:
    """Every signal that stood on a date, of what had occurred by then and was known."""
    known = list(courses)
    watches = (watch for course in known for watch in watches_of(course))
    found = [alert for watch in watches if (alert := _standing(watch, on, limits)) is not None]
    found += _dependent(dependences_of(course.engagement for course in known), on, limits)
    found += [alert for row in invoices if (alert := _late(row, on, limits, moment)) is not None]
    return sorted((alert for alert in found if _is_asked(alert, within)), key=lambda alert: alert.key)


def _is_asked(alert: Alert, within: Within) -> bool:
    of_another = alert.code == Code.DEPENDENCE and within.cadre_id not in (None, alert.subject_id)
    return alert.code in within.codes and not of_another


def _standing(watch: WatchRow, on: date, limits: Thresholds) -> Alert | None:
    code = Code(watch.code)
    days = limits.days(code, watch.visits)
    if on < watch.from_on or (watch.until_on is not None and on >= watch.until_on) or (on - watch.base_on).days < days:
        return None
    begun = watch.base_on + timedelta(days=days)
    return Alert(
        rank=RANKS[code],
        since=max(begun, watch.from_on),
        code=code.value,
        mission_id=watch.mission_id,
        subject_id=watch.subject_id,
        client_id=watch.client_id,
        subjects=watch.subjects,
        holders=watch.holders,
    )


def _dependent(rows: Iterable[DependenceRow], on: date, limits: Thresholds) -> Iterator[Alert]:
    for row in rows:
        if (
            row.functions == limits.dependence_functions
            and row.from_on <= on
            and (row.until_on is None or on < row.until_on)
        ):
            yield Alert(
                RANKS[Code.DEPENDENCE],
                row.from_on,
                Code.DEPENDENCE.value,
                "",
                row.cadre_id,
                row.client_id,
                row.missions,
                (),
            )


def _late(row: InvoiceRow, on: date, limits: Thresholds, moment: Moment) -> Alert | None:
    owed_from = owed_since(row, moment.as_of, moment.known_at)
    if owed_from is None or (on - row.due_on).days < limits.invoice_late_days or on < owed_from:
        return None
    since = max(row.due_on + timedelta(days=limits.invoice_late_days), owed_from)
    code = Code.INVOICE_LATE
    return Alert(RANKS[code], since, code.value, "", row.invoice_number, row.client_id, row.mission_ids, ())


def invoices_then(moment: Moment, within: Within) -> Query:
    """The invoices that were due and of which something may have been outstanding."""
    return rows_of(
        INVOICES,
        f"""
        i WHERE {moment.has("i")} AND (i.chased_on IS NOT NULL OR {moment.may_differ("i")})
          AND (%(mission_ids)s::text[] IS NULL OR i.mission_ids <@ %(mission_ids)s)
          AND (%(client_id)s::text IS NULL OR i.client_id = %(client_id)s)
        """,
        {**moment.parameters, "mission_ids": _listed(within.mission_ids), "client_id": within.client_id},
    )


_INVOICES = Cells(InvoiceRow)


def invoices_of(answer: Sequence[Row]) -> Iterator[InvoiceRow]:
    """The answer, read."""
    return (cast(InvoiceRow, _INVOICES.read(cells)) for cells in answer)


def alerts_now(
    on: date,
    limits: Thresholds,
    within: Within = EVERYTHING,
    *,
    after: Place | None = None,
    limit: int | None = None,
) -> Query:
    """The signals that stand on a date, of all that is recorded, in the order of a list.

    Each part is found by its index on the date from which it counts; a test holds this and `alerts_then` together.
    """
    watched = [code for code in within.codes if code not in (Code.INVOICE_LATE, Code.DEPENDENCE)]
    key = after or (None, None, None, None, None)
    return Query(
        """
        WITH asked AS MATERIALIZED (
            SELECT * FROM unnest(%(codes)s::text[], %(days)s::int[], %(ranks)s::int[]) AS asked (code, days, rank)
        ), found AS (
            SELECT asked.rank, greatest(
                       w.base_on + CASE WHEN w.visits IS NULL THEN asked.days
                           ELSE greatest(asked.days, (7 * %(intervals)s::int + w.visits - 1)::int / w.visits::int) END,
                       w.from_on)::date AS since,
                   w.code, w.mission_id, w.subject_id, w.client_id, w.subjects, w.holders
            FROM asked JOIN rm.network_watches w
              ON w.code = asked.code AND w.base_on <= %(on)s::date - asked.days AND w.from_on <= %(on)s::date
            WHERE (w.until_on IS NULL OR w.until_on > %(on)s::date)
              AND (%(mission_ids)s::text[] IS NULL OR w.mission_id = ANY(%(mission_ids)s))
              AND (%(client_id)s::text IS NULL OR w.client_id = %(client_id)s)
            UNION ALL
            SELECT %(dependence_rank)s::int, d.from_on, %(dependence)s::text, '', d.cadre_id, d.client_id,
                   d.missions, '{}'::text[]
            FROM rm.network_dependences d
            WHERE d.functions = %(functions)s::bigint AND d.from_on <= %(on)s::date
              AND (d.until_on IS NULL OR d.until_on > %(on)s::date)
              AND (%(client_id)s::text IS NULL OR d.client_id = %(client_id)s)
              AND (%(cadre_id)s::text IS NULL OR d.cadre_id = %(cadre_id)s)
            UNION ALL
            SELECT %(late_rank)s::int, greatest(i.chased_on + %(late_days)s::int, i.owed_from), %(late)s::text, '',
                   i.invoice_number, i.client_id, i.mission_ids, '{}'::text[]
            FROM rm.network_invoices i
            WHERE i.chased_on <= %(on)s::date - %(late_days)s::int AND i.owed_from <= %(on)s::date
              AND %(late_is_asked)s::boolean
              AND (%(mission_ids)s::text[] IS NULL OR i.mission_ids <@ %(mission_ids)s)
              AND (%(client_id)s::text IS NULL OR i.client_id = %(client_id)s)
        )
        SELECT rank, since, code, mission_id, subject_id, client_id, subjects, holders FROM found
        WHERE since <= %(on)s::date
          AND (%(after_rank)s::int IS NULL OR (rank, since, code, mission_id, subject_id)
               > (%(after_rank)s::int, %(after_since)s::date, %(after_code)s::text, %(after_mission)s::text,
                  %(after_subject)s::text))
        ORDER BY rank, since, code, mission_id, subject_id LIMIT %(limit)s
        """,
        {
            "codes": [code.value for code in watched],
            "days": cast("list[str]", [limits.days(code) for code in watched]),
            "ranks": cast("list[str]", [RANKS[code] for code in watched]),
            "intervals": limits.no_day_intervals,
            "on": on,
            "mission_ids": _listed(within.mission_ids),
            "client_id": within.client_id,
            "cadre_id": within.cadre_id,
            "functions": limits.dependence_functions if Code.DEPENDENCE in within.codes else -1,
            "dependence": Code.DEPENDENCE.value,
            "dependence_rank": RANKS[Code.DEPENDENCE],
            "late": Code.INVOICE_LATE.value,
            "late_rank": RANKS[Code.INVOICE_LATE],
            "late_days": limits.invoice_late_days,
            "late_is_asked": Code.INVOICE_LATE in within.codes,
            "after_rank": key[0],
            "after_since": key[1],
            "after_code": key[2],
            "after_mission": key[3],
            "after_subject": key[4],
            "limit": limit,
        },
    )


def alert_of(row: Sequence[object]) -> Alert:
    """A row of `alerts_now`, read."""
    alert = Alert(*cast("tuple[int, date, str, str, str, str, tuple[str], tuple[str]]", tuple(row)))
    return alert._replace(subjects=tuple(alert.subjects), holders=tuple(alert.holders))


def _listed(mission_ids: Sequence[str] | None) -> list[str] | None:
    return None if mission_ids is None else list(mission_ids)


class ToDo(BaseModel):
    """What to do, in both languages."""

    model_config = ConfigDict(frozen=True)
    fr: str
    en: str


class Who(BaseModel):
    """Who should act: a role, and the cadre's or the client's id where the role has one."""

    model_config = ConfigDict(frozen=True)
    role: Role
    id: str | None


class AlertAnswer(BaseModel):
    """A weak signal, since which date it stands, what it is about, who should act and how."""

    model_config = ConfigDict(frozen=True)
    code: Code
    severity: Severity
    since: IsoDate
    mission_id: str | None
    client_id: str | None
    subject_ids: tuple[str, ...]
    """The objective, days, risk, access, invoice, or the cadre and missions, that it is about."""
    who: Who
    to_do: ToDo


def alert_answer(alert: Alert, on: date, limits: Thresholds) -> AlertAnswer:
    """A signal as it is told on a date."""
    code = Code(alert.code)
    signal = SIGNALS[code]
    return AlertAnswer(
        code=code,
        severity=signal.severity,
        since=alert.since,
        mission_id=alert.mission_id or None,
        client_id=alert.client_id or None,
        subject_ids=_subjects(alert, code, on, limits),
        who=Who(role=signal.who, id=_who(alert, signal.who, on)),
        to_do=ToDo(fr=signal.fr, en=signal.en),
    )


def _subjects(alert: Alert, code: Code, on: date, limits: Thresholds) -> tuple[str, ...]:
    """What a signal is about on a date: of the days that wait, those that have waited long enough."""
    own = (alert.subject_id,) if alert.subject_id else ()
    if code is Code.AWAITING_APPROVAL:
        return tuple(
            day_id
            for since, day_id in (subject.split(" ", 1) for subject in alert.subjects)
            if (on - date.fromisoformat(since)).days >= limits.days(code)
        )
    if code is Code.DEPENDENCE:
        held = [subject.split(" ", 2) for subject in alert.subjects]
        ids = (
            each for begins, ends, each in held if begins <= on.isoformat() and (ends == "-" or on.isoformat() < ends)
        )
        return (*own, *sorted(ids))
    return own


def _who(alert: Alert, role: Role, on: date) -> str | None:
    if role is Role.CADRE:
        holders = [holder.split(" ", 1) for holder in alert.holders]
        return held_on([(date.fromisoformat(from_on), cadre_id) for from_on, cadre_id in holders], on)
    return alert.client_id if role is Role.CLIENT else None
