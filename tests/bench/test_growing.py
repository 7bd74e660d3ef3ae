"""The long history of the benchmarks is an honest one: the service would have recorded the same."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from itertools import islice

import pytest

from service.reconciling.checking import check
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.store.record import commitment, leaf_entry, leaf_hash, pseudonym, salt
from tests.bench.growing import Growth
from tests.bench.programme import Size
from tests.bench.years import Years
from tests.scenario import Network
from tests.servers import Database
from tests.service.worker.conftest import leading

SMALL = Size(cadres=2, clients=5, missions=40, first=date(2025, 10, 1), last=date(2026, 3, 31))


def test_every_command_makes_the_same_facts_with_all_of_history_before_it() -> None:
    network = Network()
    for deed in Years(SMALL).deeds():
        network.today = deed.submission.today
        made = network.do(deed.submission.command, deed.submission.mission_id)
        assert made == [fact.event for fact in deed.filed]
        assert [each.stream for each in network.recorded[-len(made) :]] == [fact.stream for fact in deed.filed]
    assert {each.event.TOPIC for each in network.recorded} >= {
        "billing.invoice_issued",
        "billing.payment_recorded",
        "mission.dispute_settled",
        "mission.expense_recorded",
        "mission.stopped",
    }


def test_the_years_are_the_same_each_time() -> None:
    first, second = (list(islice(Years(SMALL).deeds(), 500)) for _ in range(2))
    assert [(each.submission, each.filed) for each in first] == [(each.submission, each.filed) for each in second]


def test_what_has_grown_is_proved_and_balanced(database: Database) -> None:
    growth = Growth(SMALL, durable=False)
    growth.until(database.app_url, database.keys_url, 500)
    growth.until(database.app_url, database.keys_url, 2_000)
    with closing(KeyStore(database.keys_url, durable=False)) as keys, closing(Reader(database.app_url)) as reader:
        rows = reader.read_all(0, 10_000)
        assert len(rows) >= 2_000
        secrets = keys.stream_secrets({row.stream for row in rows})
        for row in rows:
            secret = secrets[row.stream].secret
            committed = commitment(salt(secret, row.version), row.topic, row.recorded_at, row.envelope, row.state)
            assert row.leaf == leaf_hash(leaf_entry(pseudonym(secret, row.stream), row.version, committed))
        with leading(database, keys) as bench:
            bench.work()
            checked = check(bench.connection, reader)
        assert not checked.differences
        assert checked.books.days
        assert checked.books.payments


def test_years_that_are_too_short_say_so(database: Database) -> None:
    tiny = Size(cadres=1, clients=1, missions=1, first=date(2026, 3, 1), last=date(2026, 3, 31))
    with pytest.raises(ValueError, match="let it work longer, or be larger"):
        Growth(tiny, durable=False).until(database.app_url, database.keys_url, 2_000)
