"""The signals and the scorecard from the tables are those of the events alone: as of now and as of any date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.event import Event, Recorded
from domain.mission.events import (
    AccessDocumented,
    AccessRevoked,
    DayDelivered,
    DaysCredited,
    DayWithdrawn,
    DisputeSettled,
    ObjectiveClosed,
    ObjectiveSet,
    RiskClosed,
    RiskIdentified,
    SettlementOutcome,
)
from projections.network import NETWORK, STANDINGS, alerts, indicators
from projections.network.alerts import Alert, alert_of
from projections.network.courses import StandingRow, standing_of
from projections.network.indicators import Scorecard, Worked
from projections.network.signals import Thresholds
from projections.network.sources import Moment, courses, sources
from projections.read_model import Cells, Query, as_known, rows_of
from service.embedded import EmbeddedPostgres
from service.store.keys import KeyStore
from service.store.opening import open_rows
from service.store.reader import Reader, StoredRow
from tests.journal_world import World, expected, journal
from tests.projections.histories import Happened, histories, of_mission
from tests.projections.network.happenings import agreed, reviewed
from tests.projections.network.world import LIMITS, alerts_on, scorecard_on
from tests.servers import Database
from tests.service.worker.conftest import Bench, leading
from tests.service.worker.recording import Recorder
from tests.service.worker.test_rebuilding import fresh

_STANDINGS = Cells(STANDINGS.row)


def ask(bench: Bench, query: Query) -> list[tuple[object, ...]]:
    with bench.connection.cursor(binary=True) as cursor:
        return cursor.execute(query.sql.encode(), dict(query.parameters)).fetchall()


def from_tables(bench: Bench, on: date, limits: Thresholds = LIMITS) -> list[Alert]:
    """The signals as the service tells them of now."""
    return [alert_of(row) for row in ask(bench, alerts.alerts_now(on, limits))]


def then(bench: Bench, on: date, moment: Moment) -> list[Alert]:
    """The signals as the service tells them of another time."""
    known = list(courses([ask(bench, query) for query in sources(None, moment)], moment))
    invoices = alerts.invoices_of(ask(bench, alerts.invoices_then(moment, alerts.EVERYTHING)))
    return alerts.alerts_then(known, invoices, on, LIMITS, moment=moment)


def figures(bench: Bench, on: date, moment: Moment | None) -> Scorecard:
    """The scorecard as the service tells it."""
    at = moment or Moment()
    if moment is None:
        standings = [cast(StandingRow, _STANDINGS.read(cells)) for cells in ask(bench, rows_of(STANDINGS, "", {}))]
    else:
        standings = [standing_of(each) for each in courses([ask(bench, each) for each in sources(None, at)], at)]
    parties = ask(bench, indicators.parties_in(at))
    return indicators.scorecard(
        standings,
        [
            Worked(*cast("tuple[str, Decimal, list[str]]", row))
            for row in ask(bench, indicators.worked_by(on, at, None))
        ],
        [str(row[0]) for row in parties if row[1] == "cadre"],
        [str(row[0]) for row in parties if row[1] == "client"],
        on,
    )


def kept(database: Database, keys: KeyStore) -> list[Recorded[Event]]:
    with Reader(database.app_url) as reader:
        rows: list[StoredRow] = []
        while found := reader.read_all(rows[-1].position if rows else 0):
            rows += found
        return list(open_rows(rows, reader, keys))


def assert_told_alike(bench: Bench, history: Sequence[Recorded[Event]], on: date, known_at: datetime | None) -> None:
    """What is asked of another time is what the history cut there says."""
    moment, cut = Moment(on, known_at), as_known(history, as_of=on, known_at=known_at)
    assert sorted(then(bench, on, moment)) == sorted(alerts_on(cut, on))
    assert figures(bench, on, moment) == scorecard_on(cut, on)


def boundaries(bench: Bench) -> list[date]:
    """Some dates on which something that is watched ends."""
    query = "SELECT DISTINCT until_on FROM rm.network_watches WHERE until_on IS NOT NULL ORDER BY 1"
    return [cast(date, on) for (on,) in ask(bench, Query(query, {}))][:12]


def test_of_two_reviews_on_one_date_the_later_recorded_counts(
    database: Database, keys: KeyStore, history: Recorder
) -> None:
    def review(satisfaction: int, next_on: date) -> Happened:
        held = reviewed(date(2026, 3, 10), next_on).model_copy(update={"satisfaction": satisfaction})
        return of_mission(held, date(2026, 3, 10))

    history.record([agreed(), review(5, date(2026, 5, 1)), review(2, date(2026, 4, 1))])
    with leading(database, keys, [NETWORK]) as bench:
        bench.work()
        for moment in (None, Moment(date(2026, 4, 8))):
            assert figures(bench, date(2026, 4, 8), moment).satisfaction == "2.00"
        told = {alert.code: alert.since for alert in from_tables(bench, date(2026, 4, 8))}
        assert told["review_overdue"] == date(2026, 4, 8)


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_of_a_sample_year_the_tables_tell_what_the_events_tell_on_any_date(
    name: str, database: Database, keys: KeyStore, history: Recorder
) -> None:
    world, figures_expected = World().run(journal(name)), expected(name)
    history.record(Happened(each.stream, each.event, each.occurred_on) for each in world.network.recorded)
    today = date.fromisoformat(figures_expected["today"])
    with leading(database, keys, [NETWORK]) as bench:
        bench.work()
        events = kept(database, keys)
        for on in (today, today + timedelta(days=40)):
            assert from_tables(bench, on) == sorted(alerts_on(events, on))
            assert figures(bench, on, None) == scorecard_on(events, on)
        for on in boundaries(bench):
            assert from_tables(bench, on) == sorted(alerts_on(events, on)), on
        card = figures(bench, today, None).model_dump()
        assert {name: card[name] for name in figures_expected["network"]} == figures_expected["network"]
        for back in range(1, 400, 31):
            assert_told_alike(bench, events, today - timedelta(days=back), None)
        halfway = events[len(events) // 2].recorded_at
        assert_told_alike(bench, events, today - timedelta(days=60), halfway)
        assert bench.status(NETWORK).parked == ()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(most=40), batch_size=st.integers(1, 7), days=st.integers(0, 60))
def test_tables_and_events_tell_alike_for_any_history(
    postgres: EmbeddedPostgres, history: list[Happened], batch_size: int, days: int
) -> None:
    with fresh(postgres) as (database, keys, recorder), leading(database, keys, [NETWORK], batch_size) as bench:
        recorder.record(history)
        bench.work()
        events, on = kept(database, keys), date(2026, 3, 2) + timedelta(days=days)
        assert from_tables(bench, on) == sorted(alerts_on(events, on))
        assert figures(bench, on, None) == scorecard_on(events, on)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(most=40).map(lambda drawn: list(lawful(drawn))), days=st.integers(0, 30))
def test_another_time_is_told_as_the_history_cut_there_for_any_lawful_history(
    postgres: EmbeddedPostgres, history: list[Happened], days: int
) -> None:
    with fresh(postgres) as (database, keys, recorder), leading(database, keys, [NETWORK]) as bench:
        recorder.record(history)
        bench.work()
        events, on = kept(database, keys), date(2026, 3, 2) + timedelta(days=days)
        assert_told_alike(bench, events, on, None)
        assert_told_alike(bench, events, on, events[len(events) // 2].recorded_at)


def lawful(history: Sequence[Happened]) -> Iterator[Happened]:
    """A day's id names one day, on its own date, and what was taken back does not come back; points are alike."""
    there: set[tuple[str, str]] = set()
    used: set[tuple[str, str]] = set()
    for happened in history:
        event, stream = happened.event, happened.stream
        names = {
            value for name, value in dict(event).items() if name in ("day_id", "objective_id", "risk_id", "access_id")
        }
        ids = [(stream, each) for each in {*names, *getattr(event, "day_ids", ())}]
        if isinstance(event, DayDelivered | ObjectiveSet | RiskIdentified | AccessDocumented):
            if not used.intersection(ids):
                there.update(ids)
                used.update(ids)
                yield replace(happened, occurred_on=event.date) if isinstance(event, DayDelivered) else happened
        elif there.issuperset(ids):
            over = isinstance(event, DayWithdrawn | DaysCredited | ObjectiveClosed | RiskClosed | AccessRevoked)
            if over or (isinstance(event, DisputeSettled) and event.outcome is SettlementOutcome.WITHDRAWN):
                there.difference_update(ids)
            yield happened
