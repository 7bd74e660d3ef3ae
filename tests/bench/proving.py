"""(p) The proof: what leaves cost the append, whether sealing keeps up, how fast a proof and a whole check are."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from time import perf_counter

import psycopg

from service.databases import HISTORY_NAME, KEYS_NAME
from service.embedded import EmbeddedPostgres
from service.proof.audit import Known, StoreAudit
from service.proof.blinding import Blinds
from service.proof.folder import ProofFolder
from service.proof.kept_in_database import kept_in_database
from service.proof.log import Log
from service.proof.sealer import Connections, Sealer
from service.store.door import Append, Door, NewEvent
from service.store.keys import KeyStore
from service.store.migrate import APP, OWNER, SEALER, install, migrate
from service.store.reader import Reader
from tests.bench.growing import Growth
from tests.bench.measure import interleave, percentile, ratio, spread
from tests.bench.report import Figure, Row
from tests.bench.stage import SERVER
from tests.bench.synthetic import days

GROUP = 50
"""Events that go through the door together."""
A_SLICE = 4_000
PROOFS = 1_000
ORIGIN = "relais.example/log"
WITHOUT_LEAVES = """
create or replace function relais.leaf(
    pseudonym bytea, version bigint, salt bytea, topic text, recorded_us bigint, envelope bytea, state bytea
) returns bytea language sql stable as $$ select pseudonym $$
"""
"""The same append where a leaf costs nothing: what makes it hands back what it is given."""


def run(folder: Path, events: int, rounds: int, grown: Path | None = None) -> list[Row | Figure]:
    """All figures on a history of so many events: a copy of one that is there already, or one that is grown."""
    if grown is not None:
        shutil.copytree(grown, folder, symlinks=True)
    with EmbeddedPostgres(folder, SERVER) as server:
        install(server.url())
        migrate(server.url(OWNER, HISTORY_NAME), server.url(OWNER, KEYS_NAME))
        history, keys = server.url(APP, HISTORY_NAME), server.url(APP, KEYS_NAME)
        Growth().until(history, keys, events)
        proof = ProofFolder(folder / "proof")
        connect = (server.url(SEALER, HISTORY_NAME), server.url(SEALER, KEYS_NAME))
        found: list[Row | Figure] = _sealed(connect, proof)
        found += _proved(history, keys)
        found += _verified(history, keys, proof)
        found += _appended(server.url(database=HISTORY_NAME), history, keys, rounds)
        return found


def _sealed(connect: tuple[str, str], folder: ProofFolder) -> list[Row | Figure]:
    with closing(Connections.to(*connect)) as connections:
        connections.writer.leads()
        sealer = Sealer(connections, folder, ORIGIN)
        sealer.resume()
        before = connections.log.latest()
        started = perf_counter()
        while sealer.seal():
            pass
        seconds = perf_counter() - started
        after = connections.log.latest()
    sealed = (after.last_position if after else 0) - (before.last_position if before else 0)
    return [Figure("sealing a backlog", f"{sealed / seconds:,.0f} events/s ({sealed:,} in {seconds:.1f} s)")]


def _proved(history: str, keys: str) -> list[Row | Figure]:
    random = Random(1)
    with Log(history) as log, Reader(history) as reader, closing(Blinds(keys)) as blinds:
        sealed = log.latest()
        if sealed is None:
            return []
        positions = [random.randrange(1, sealed.last_position + 1) for _ in range(PROOFS)]
        streams = {row.position: row.stream for row in reader.read_positions(positions)}
        known = {stream: blind.pseudonym for stream, blind in blinds.of(streams.values()).items()}
        indexes = [log.tree_index(position) or 0 for position in positions]
        sizes = [each.size for each in log.page(sealed.size, 500)]
        included = _timed(lambda index: log.inclusion(index, sealed.size), indexes)
        heads = _timed(lambda key: log.head(key, sealed.size), [known[streams[each]] for each in positions])
        consistent = _timed(lambda size: log.consistency(size, sealed.size), sizes)
        longest = max(len(log.inclusion(index, sealed.size)) for index in indexes)
    size = f"{sealed.size:,} entries"
    return [
        Figure(f"inclusion proof, {size}", included, "< 1 ms"),
        Figure(f"head of a stream with its map proof, {sealed.streams:,} streams", heads, "< 1 ms"),
        Figure(f"consistency proof, {size}", consistent, "< 1 ms"),
        Figure("longest inclusion proof", f"{longest} hashes", "20 at a million"),
    ]


def _timed(prove: Callable[..., object], questions: list[object] | list[int] | list[bytes]) -> str:
    taken = []
    for question in questions:
        started = perf_counter()
        prove(question)
        taken.append(perf_counter() - started)
    return f"{percentile(taken, 0.5) * 1000:.2f} ms (p99 {percentile(taken, 0.99) * 1000:.2f} ms)"


def _verified(history: str, keys: str, folder: ProofFolder) -> list[Row | Figure]:
    started = perf_counter()
    with kept_in_database(history, keys) as kept:
        report = StoreAudit(kept, Known(folder.policy(), folder.last_signed())).run()
    seconds = perf_counter() - started
    plain, count = _plain_sha256(history)
    rate, other = report.events / seconds, count / plain
    what = f"relais verify, {len(report.findings)} findings"
    return [
        Row(what, "verify", rate, "plain SHA-256 of the same bytes", other, rate / other, rate / other, rate / other)
    ]


def _plain_sha256(history: str) -> tuple[float, int]:
    """The hashing alone, of the same bytes, already in memory."""
    seconds, count, position = 0.0, 0, 0
    with Reader(history) as reader:
        while rows := reader.read_all(position, 20_000):
            position = rows[-1].position
            batch = [row.state + row.envelope + row.topic.encode() for row in rows]
            started = perf_counter()
            for data in batch:
                sha256(data).digest()
            seconds += perf_counter() - started
            count += len(batch)
    return seconds, count


def _appended(superuser: str, history: str, keys: str, rounds: int) -> list[Row | Figure]:
    with closing(KeyStore(keys)) as store, closing(Door(history)) as door:
        batches = _batches(store, rounds * 2 + 2)

        def append() -> float:
            events = next(batches)
            started = perf_counter()
            for first in range(0, len(events), GROUP):
                door.append(Append(events[first : first + GROUP]))
            return len(events) / (perf_counter() - started)

        def without() -> float:
            with _without_leaves(superuser):
                return append()

        append()
        series = interleave({"with": append, "without": without}, rounds)
    with_, bare = series["with"], series["without"]
    lowest, highest = spread(bare, with_)
    what = f"append without leaves, {GROUP} events at once"
    return [Row(what, "without", bare.median, "with", with_.median, ratio(bare, with_), lowest, highest, 1.1)]


def _batches(keys: KeyStore, how_many: int) -> Iterator[list[NewEvent]]:
    for number in range(how_many):
        yield days(keys, f"leaf{perf_counter():.0f}-{number}", A_SLICE)


@contextmanager
def _without_leaves(superuser: str) -> Iterator[None]:
    with psycopg.connect(superuser, autocommit=True) as connection:
        (source,) = connection.execute("select pg_get_functiondef('relais.leaf'::regproc)").fetchall()[0]
        connection.execute(WITHOUT_LEAVES.encode())
        try:
            yield
        finally:
            connection.execute(source.encode())
