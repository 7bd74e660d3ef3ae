"""A snapshot saves time and nothing else: whatever becomes of it, decisions stand on history alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import psycopg
import pytest
from hypothesis import assume, given, settings
from pydantic import BaseModel, ValidationError
from structlog.testing import capture_logs
from typing_extensions import override

from domain.billing.engagement import engagement_of
from domain.billing.exposure import exposure_of
from domain.calendar import WorkingCalendar
from domain.deciding import Needs, fold_stream
from domain.event import Event, Personal, Recorded, Sealed, State
from domain.mission.events import DaysInvoiced
from domain.mission.state import Mission
from domain.party.state import Client
from domain.streams import kind_of
from service.command_service import CommandService
from service.history import Memory
from service.snapshot_forms import FORMS
from service.snapshots import EVERY, Keeper, Seal, fingerprint
from service.store.connections import DatabaseUnreachable
from service.store.gathering import Gathered, Gatherer
from service.store.keys import KeyStore
from service.store.snapshots import Place, SnapshotTable
from tests.servers import Database
from tests.service.commands.asking import outcome, verdict
from tests.service.commands_by_hand import asked, day, decision, running_missions
from tests.service.reconciling.histories import STEPS, Billing, lived
from tests.strategies import Asking

LAST = date(2027, 12, 31)
LONG = Needs(streams=frozenset({"mission:M-0"}))
OTHER_LONG = Needs(streams=frozenset({"mission:M-1"}))


@pytest.fixture
def keys(database: Database) -> Iterator[KeyStore]:
    keys = KeyStore(database.keys_url, durable=False)
    yield keys
    keys.close()


@pytest.fixture
def seal(keys: KeyStore) -> Seal:
    return Seal(keys)


@pytest.fixture
def gatherer(database: Database) -> Iterator[Gatherer]:
    gatherer = Gatherer(database.app_url)
    yield gatherer
    gatherer.close()


@pytest.fixture
def long_history(database: Database) -> Database:
    """Two missions of many events, with a day that waits for approval in each, and the snapshots that were kept."""
    with started_on(database) as service:
        service.execute_many(running_missions(2))
        for mission_id in ("M-0", "M-1"):
            service.execute(day(mission_id, f"D-{mission_id}"))
            service.execute_many([decision(mission_id, f"R-{number}") for number in range(EVERY)])
    return database


def started_on(database: Database) -> CommandService:
    return CommandService.on(database.app_url, database.keys_url, WorkingCalendar(), durable=False)


def kept(database: Database) -> dict[str, int]:
    with psycopg.connect(database.app_url) as connection:
        found = connection.execute("select stream, version from rm.stream_snapshots").fetchall()
    return dict(found)


def spoil(database: Database, change: str) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        assert connection.execute(change.encode()).rowcount != 0


def from_history(gatherer: Gatherer, keys: KeyStore, needs: Needs = LONG) -> Mission:
    """A mission folded from its first event: no snapshot was made by code of that name."""
    as_of, _ = Memory(gatherer, Seal(keys, "no code at all")).as_of_now((), needs)
    (state,) = as_of.facts.streams.values()
    assert isinstance(state, Mission)
    return state


class Spy(Gatherer):
    """Tells how often it was asked, and for how much."""

    asked = 0
    events = 0
    snapshots = 0

    @override
    def gather(self, *args: Any, **options: Any) -> Gathered:
        gathered = super().gather(*args, **options)
        self.asked += 1
        self.events += len(gathered.streams)
        self.snapshots += len(gathered.snapshots)
        return gathered


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_a_snapshot_and_what_came_after_add_up_to_the_whole_history(
    steps: tuple[list[Asking], list[Billing | list[Asking]]],
) -> None:
    seal = Seal(FixedSecret())
    by_stream: defaultdict[str, list[Recorded[Event]]] = defaultdict(list)
    for recorded in lived(*steps):
        by_stream[recorded.stream].append(recorded)
    assert {kind_of(stream) for stream in by_stream} & FORMS.keys()
    for stream, history in by_stream.items():
        if kind_of(stream) in FORMS:
            whole = fold_stream(stream, None, [each.event for each in history])
            for cut in {1, len(history) // 3, 2 * len(history) // 3, len(history)} - {0}:
                require_same(reopened(seal, stream, history, cut), whole)


def reopened(seal: Seal, stream: str, history: list[Recorded[Event]], cut: int) -> State | None:
    """A stream folded to a version, sealed, opened, and folded to its end."""
    before = fold_stream(stream, None, [each.event for each in history[:cut]])
    assert before is not None
    opened = seal.opened(seal.sealed(before, cut, Place(stream, history[cut - 1].position, b"leaf" * 8)))
    assert opened == before
    return fold_stream(stream, opened, [each.event for each in history[cut:]])


def require_same(found: State | None, whole: State | None) -> None:
    assert found == whole
    if isinstance(found, Mission) and isinstance(whole, Mission):
        assert found.days.unsettled() == whole.days.unsettled()
        assert list(found.expenses) == list(whole.expenses)


@settings(max_examples=20, deadline=None)
@given(STEPS)
def test_what_is_settled_is_not_read_until_somebody_asks_for_it(
    steps: tuple[list[Asking], list[Billing | list[Asking]]],
) -> None:
    history = lived(*steps)
    billed = [each.stream for each in history if isinstance(each.event, DaysInvoiced)]
    assume(billed)
    of_mission = [each.event for each in history if each.stream == billed[0]]
    mission = fold_stream(billed[0], None, of_mission)
    assert isinstance(mission, Mission)
    form = FORMS["mission"]
    written = form.write(mission)
    opened = form.read(replace(written, settled="not to be read"))
    assert engagement_of(opened, "2027-12") == engagement_of(mission, "2027-12")
    assert exposure_of(opened, LAST) == exposure_of(mission, LAST)
    with pytest.raises(ValidationError):
        list(opened.days)
    assert dict(form.read(written).days) == dict(mission.days)


class FixedSecret(KeyStore):
    """A network's secret, without its database."""

    def __init__(self) -> None:
        pass

    @override
    def network_secret(self, name: str) -> bytes:
        return name.encode().ljust(32, b"\0")


@pytest.mark.parametrize("kind", FORMS)
def test_no_word_that_may_name_a_person_has_a_place_in_a_snapshot(kind: str) -> None:
    kept = set(types_within(FORMS[kind].written._type))
    assert Personal not in kept
    assert Sealed not in kept


def test_the_types_of_a_party_would_be_noticed() -> None:
    assert {Personal, Sealed} <= set(types_within(Client))


def types_within(hint: Any) -> Iterator[Any]:
    """Every type that a value of a type may hold, and what its fields are marked with."""
    if get_origin(hint) is Annotated:
        yield from (type(mark) for mark in hint.__metadata__)
    yield hint
    for inner in get_args(hint):
        yield from types_within(inner)
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint, include_extras=True)
        for field in fields(hint):
            yield from types_within(hints[field.name])
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        for each in get_type_hints(hint, include_extras=True).values():
            yield from types_within(each)


def test_a_server_that_has_just_started_reads_the_snapshot_and_what_came_after_at_once(
    long_history: Database, gatherer: Gatherer, keys: KeyStore, seal: Seal
) -> None:
    assert kept(long_history).keys() == {"mission:M-0", "mission:M-1"}
    with started_on(long_history) as service:
        service.execute(decision("M-0", "R-last"))
    spy = Spy(long_history.app_url)
    as_of, _ = Memory(spy, seal).as_of_now((), LONG)
    assert (spy.asked, spy.snapshots) == (1, 1)
    assert spy.events < EVERY
    assert as_of.version("mission:M-0") == kept(long_history)["mission:M-0"] + spy.events
    assert as_of.facts.mission("M-0") == from_history(gatherer, keys)
    spy.close()


def test_snapshots_are_renewed_as_history_goes_on(long_history: Database) -> None:
    before = kept(long_history)["mission:M-0"]
    with started_on(long_history) as service:
        service.execute_many([decision("M-0", f"again-{number}") for number in range(EVERY - 1)])
        service.execute(decision("M-0", "once-more"))
    assert kept(long_history)["mission:M-0"] >= before + EVERY


def test_short_streams_and_parties_are_not_kept(database: Database) -> None:
    with started_on(database) as service:
        service.execute_many(running_missions(1))
        for number in range(EVERY + 1):
            service.execute(asked("correct_client", client_id="CL-1", name=f"Menuiserie {number}"))
    with psycopg.connect(database.app_url) as connection:
        (laid_out,) = connection.execute("select to_regclass('rm.stream_snapshots')").fetchone() or (None,)
    assert laid_out is None or kept(database) == {}


SPOILT = {
    "a state in which the day was approved": (
        "update rm.stream_snapshots set state = convert_to("
        "replace(convert_from(state, 'UTF8'), '\"delivered\"', '\"approved\"'), 'UTF8')"
    ),
    "a state in which the day is another's": (
        "update rm.stream_snapshots set state = convert_to(replace(convert_from(state, 'UTF8'), 'C-1', 'C-2'), 'UTF8')"
    ),
    "a state without an end": "update rm.stream_snapshots set state = substr(state, 1, length(state) - 1)",
    "no state": "update rm.stream_snapshots set state = ''",
    "another seal": "update rm.stream_snapshots set mac = sha256(mac)",
    "no seal": "update rm.stream_snapshots set mac = ''",
    "an earlier version": "update rm.stream_snapshots set version = version - 1",
    "a version that nobody reached": "update rm.stream_snapshots set version = 1000000",
    "a version before the first": "update rm.stream_snapshots set version = -1",
    "an earlier position": "update rm.stream_snapshots set position = position - 1",
    "a position before the first": "update rm.stream_snapshots set position = -1",
    "the other mission's": (
        "update rm.stream_snapshots s set state = o.state, mac = o.mac, version = o.version, position = o.position"
        " from rm.stream_snapshots o where o.stream <> s.stream"
    ),
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT.keys())
def test_a_snapshot_that_was_tampered_with_changes_no_decision_and_is_told(
    long_history: Database, gatherer: Gatherer, keys: KeyStore, seal: Seal, change: str
) -> None:
    spoil(long_history, change)
    with capture_logs() as told:
        as_of, _ = Memory(gatherer, seal).as_of_now((), LONG)
    assert [each["event"] for each in told] == ["snapshot_not_believed"]
    assert as_of.facts.mission("M-0") == from_history(gatherer, keys)
    with started_on(long_history) as service:
        assert verdict(outcome(service, asked("approve_days", "M-0", day_ids=["D-M-0"]))) == "Accepted"
        assert verdict(outcome(service, asked("approve_days", "M-0", day_ids=["D-M-0"]))) == "already_approved"
    with capture_logs() as told:
        as_of, _ = Memory(gatherer, seal).as_of_now((), LONG)
    assert told == [], "who folded it all kept a better one"
    assert as_of.facts.mission("M-0") == from_history(gatherer, keys)


def test_a_snapshot_by_code_that_folds_otherwise_is_not_read(
    long_history: Database, gatherer: Gatherer, keys: KeyStore
) -> None:
    spoil(long_history, "update rm.stream_snapshots set state = '{}'")
    spy = Spy(long_history.app_url)
    with capture_logs() as told:
        as_of, _ = Memory(spy, Seal(keys, "tomorrow's code")).as_of_now((), LONG)
    assert (spy.snapshots, told) == (0, [])
    assert as_of.version("mission:M-0") == spy.events
    spy.close()


def test_a_snapshot_that_says_to_be_by_todays_code_and_is_not_is_not_believed(
    long_history: Database, gatherer: Gatherer, keys: KeyStore, seal: Seal
) -> None:
    spoil(long_history, "delete from rm.stream_snapshots")
    keeper = Keeper(SnapshotTable(long_history.app_url), Seal(keys, "yesterday's code"))
    keeper.keep("mission:M-0", 12, from_history(gatherer, keys))
    keeper.close()
    spoil(long_history, f"update rm.stream_snapshots set fold = '{fingerprint()}'")
    with capture_logs() as told:
        as_of, _ = Memory(gatherer, seal).as_of_now((), LONG)
    assert [each["event"] for each in told] == ["snapshot_not_believed"]
    assert as_of.facts.mission("M-0") == from_history(gatherer, keys)


def test_a_snapshot_of_a_history_that_took_another_course_is_not_believed(
    long_history: Database, gatherer: Gatherer, keys: KeyStore, seal: Seal
) -> None:
    """After a restore from a backup, other events may stand at the same versions."""
    table = SnapshotTable(long_history.app_url)
    state = from_history(gatherer, keys, OTHER_LONG)
    place = table.places({"mission:M-0": 20})["mission:M-0"]
    table.keep([seal.sealed(state, 20, place._replace(leaf=bytes(32)))], seal.fold)
    table.close()
    as_of, _ = Memory(gatherer, seal).as_of_now((), LONG)
    assert as_of.facts.mission("M-0") == from_history(gatherer, keys)


def test_a_snapshot_of_another_network_is_not_believed(
    long_history: Database, gatherer: Gatherer, keys: KeyStore
) -> None:
    with capture_logs() as told:
        as_of, _ = Memory(gatherer, Seal(FixedSecret())).as_of_now((), LONG)
    assert [each["event"] for each in told] == ["snapshot_not_believed"]
    assert as_of.facts.mission("M-0") == from_history(gatherer, keys)


def test_an_old_snapshot_that_was_put_back_is_as_good_as_any(
    long_history: Database, gatherer: Gatherer, keys: KeyStore, seal: Seal
) -> None:
    spoil(long_history, "create table rm.set_aside as select * from rm.stream_snapshots")
    with started_on(long_history) as service:
        service.execute(asked("withdraw_day", "M-0", day_id="D-M-0", reason="Saisi deux fois"))
        service.execute_many([decision("M-0", f"again-{number}") for number in range(2 * EVERY)])
    spoil(long_history, "delete from rm.stream_snapshots")
    spoil(long_history, "insert into rm.stream_snapshots select * from rm.set_aside")
    as_of, _ = Memory(gatherer, seal).as_of_now((), LONG)
    assert as_of.facts.mission("M-0") == from_history(gatherer, keys)


def test_a_snapshot_of_what_came_after_the_first_look_is_not_seen(
    long_history: Database, gatherer: Gatherer, keys: KeyStore, seal: Seal
) -> None:
    as_of, _ = Memory(gatherer, seal).as_of_now()
    before = from_history(gatherer, keys)
    with started_on(long_history) as service:
        service.execute_many([decision("M-0", f"again-{number}") for number in range(EVERY)])
    assert kept(long_history)["mission:M-0"] > len(before.decisions)
    as_of.load(LONG)
    assert as_of.facts.mission("M-0") == before


@pytest.mark.parametrize("gone", ["drop table rm.stream_snapshots", "truncate rm.stream_snapshots"])
def test_snapshots_may_be_thrown_away_at_any_hour(long_history: Database, gone: str) -> None:
    with started_on(long_history) as service:
        service.execute(decision("M-0", "R-before"))
        with psycopg.connect(long_history.app_url, autocommit=True) as connection:
            connection.execute(gone.encode())
        service.execute_many([decision(mission, f"R-after-{n}") for mission in ("M-0", "M-1") for n in range(EVERY)])
    assert kept(long_history).keys() == {"mission:M-0", "mission:M-1"}


class NobodyThere(SnapshotTable):
    @override
    def places(self, versions: Mapping[str, int]) -> dict[str, Place]:
        raise DatabaseUnreachable(f"nobody there to ask for {len(versions)}")


class MistakeOfOurs(SnapshotTable):
    @override
    def places(self, versions: Mapping[str, int]) -> dict[str, Place]:
        raise RuntimeError(f"wrong about {len(versions)}")


def test_where_snapshots_cannot_be_written_nobody_notices_but_the_log(long_history: Database, seal: Seal) -> None:
    for table, said in ((NobodyThere, "snapshots_not_kept"), (MistakeOfOurs, "snapshots_failed")):
        with capture_logs() as told:
            keeper = Keeper(table(long_history.app_url), seal)
            for version in range(2):
                keeper.keep(f"mission:M-{version}", 1, State())
            keeper.close()
        assert {each["event"] for each in told} == {said}


def test_many_servers_that_start_at_once_lay_out_one_table(database: Database) -> None:
    gatherers = [Gatherer(database.app_url) for _ in range(6)]
    with ThreadPoolExecutor(len(gatherers)) as starting:
        assert [found.head for found in starting.map(lambda each: each.gather((), {}, {}), gatherers)] == [0] * 6
    for each in gatherers:
        each.close()
