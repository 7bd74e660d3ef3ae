"""(b) Read models catch up with a history: beside the package's runner, and beside plain SQL."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from time import perf_counter

import psycopg

from projections.read_model import ReadModel
from service.projections.leading import Leader
from service.projections.telling import History
from service.store.door import Append, Door
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.worker import READ_MODELS
from tests.bench import package
from tests.bench.measure import interleave, ratio, spread
from tests.bench.report import Row
from tests.bench.stage import Stage
from tests.bench.synthetic import days

PEER_EVENTS = 5_000
"""The package's runner commits once per event: a longer history only takes longer."""

IN_SQL = """
create temporary table sql_events on commit drop as
    select notification_id, originator_id, topic, recorded_at, leaf, convert_from(state, 'UTF8')::jsonb as state
    from relais.events;
create temporary table sql_days on commit drop as
    select state ->> 'day_id' as day_id, originator_id, (state ->> 'date')::date as date,
           (state ->> 'quantity')::numeric as quantity, state ->> 'cadre_id' as cadre_id, notification_id
    from sql_events where topic = 'mission.day_delivered#1';
create unique index on sql_days (day_id);
create temporary table sql_missions on commit drop as
    select originator_id, state ->> 'client_id' as client_id, state ->> 'cadre_id' as cadre_id,
           state -> 'terms' as terms,
           notification_id
    from sql_events where topic = 'mission.signed#1';
create unique index on sql_missions (originator_id);
create temporary table sql_trail on commit drop as
    select notification_id, originator_id, topic, recorded_at, state, encode(leaf, 'hex') as leaf,
           'a sentence about ' || topic || ' of ' || originator_id as sentence from sql_events;
create unique index on sql_trail (notification_id);
create temporary table sql_buckets on commit drop as
    select originator_id, to_char(date, 'YYYY-MM') as month, sum(quantity) as delivered, count(*) as days
    from sql_days group by 1, 2;
"""


def run(stage: Stage, events: int, rounds: int) -> list[Row]:
    """Events per second until nothing is behind."""
    with (
        closing(KeyStore(stage.keys)) as keys,
        closing(Door(stage.history)) as door,
        closing(Reader(stage.history)) as reader,
    ):
        before = reader.head()
        fresh = days(keys, f"catch-up-{before}", max(0, events - before))
        for first in range(0, len(fresh), 500):
            door.append(Append(fresh[first : first + 500]))
        head = reader.head()
    one = next(model for model in READ_MODELS if model.name == "reconciliation")
    first_three = [model for model in READ_MODELS if model.name in ("missions", "audit_trail", "reconciliation")]
    series = interleave(
        {
            "one": lambda: head / _seconds(stage, [one]),
            "three": lambda: head / _seconds(stage, first_three),
            "sql": lambda: head / _sql_seconds(stage),
            "package": lambda: package.catch_up_rate(stage.reference, PEER_EVENTS),
        },
        rounds,
    )
    pairs = (
        ("one read model, to the package's runner", "one", "package", 60.0),
        ("three in one pass, to plain SQL", "three", "sql", 0.5),
    )
    return [
        Row(
            what,
            of,
            series[of].median,
            to,
            series[to].median,
            ratio(series[of], series[to]),
            *spread(series[of], series[to]),
            goal,
        )
        for what, of, to, goal in pairs
    ]


def _seconds(stage: Stage, models: Sequence[ReadModel]) -> float:
    with (
        psycopg.connect(stage.history, autocommit=True) as connection,
        closing(KeyStore(stage.keys)) as keys,
        closing(History(Reader(stage.history), keys)) as history,
    ):
        forget_read_models(connection)
        leader = Leader(connection, models, history)
        started = perf_counter()
        while leader.work():
            pass
        return perf_counter() - started


def _sql_seconds(stage: Stage) -> float:
    with psycopg.connect(stage.superuser) as connection:
        started = perf_counter()
        connection.execute(IN_SQL.encode())
        return perf_counter() - started


def forget_read_models(connection: psycopg.Connection) -> None:
    """Read models are made from nothing each time."""
    found = connection.execute(
        "select format('%I', c.relname), c.relkind = 'v' from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'rm' and c.relkind in ('r', 'v') order by c.relkind = 'v' desc"
    ).fetchall()
    for name, is_view in found:
        connection.execute(f"DROP {'VIEW' if is_view else 'TABLE'} rm.{name}".encode())
