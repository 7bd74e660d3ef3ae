"""A store in its database is checked as it lies there while the service goes on; each alteration is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import psycopg
import pytest

from service.proof.audit import Known, StoreAudit
from service.proof.blinding import Blinds
from service.proof.bundles import Asked, HistoryDisagrees
from service.proof.findings import Kind, Report
from service.proof.kept_in_database import KeptInDatabase, kept_in_database
from tests.servers import Database
from tests.service.proof.sealed import Network
from tests.service.proof.sealed_year import year

TABLES = ("events", "event_tags", "commands", "seals", "checkpoints", "tiles", "stream_heads", "map_tiles")
COUNT, LAST = 300, 304
AT = "where notification_id = {n}"
OF = "where size = (select size from relais.seals where number = {s})"
NEXT = "{n} % 300 + 1"
SWAP = f"update relais.events set notification_id = {NEXT} where notification_id = 9999"
SWAP = f"update relais.events set notification_id = {{n}} where notification_id = {NEXT}; {SWAP}"
EXCHANGE = (
    "update relais.events e set state = o.state, leaf = o.leaf from relais.events o where e.notification_id = {n}"
)
FIRST_NOTE = "id = (select min(id) from relais.checkpoints)"
OTHER_NOTE = f"(select max(note) from relais.checkpoints where not {FIRST_NOTE})"
ALTERATIONS: dict[str, tuple[str, set[Kind]]] = {
    "words": (f"update relais.events set state = '{{\"number\":0}}' {AT}", {Kind.LEAF}),
    "form": (f"update relais.events set state = ' ' || state {AT}", {Kind.BYTES}),
    "envelope": (f"update relais.events set envelope = '{{\"a\":1}}' {AT}", {Kind.LEAF}),
    "topic": (f"update relais.events set topic = 'mission.stopped#1' {AT}", {Kind.LEAF}),
    "instant": (f"update relais.events set recorded_at = recorded_at + interval '1 us' {AT}", {Kind.LEAF}),
    "hash": (f"update relais.events set leaf = sha256('x') {AT}", {Kind.LEAF}),
    "removal": (f"delete from relais.events {AT}", {Kind.POSITION}),
    "the end": ("delete from relais.events where notification_id >= {n}", {Kind.SHORTER}),
    "exchange": (f"{EXCHANGE} and o.notification_id = {NEXT}", {Kind.LEAF}),
    "order": (f"update relais.events set notification_id = 9999 {AT}; {SWAP}", {Kind.SEAL, Kind.VERSION}),
    "root": ("update relais.seals set root = sha256('x') where number = {s}", {Kind.SEAL}),
    "map root": ("update relais.seals set map_root = sha256('x') where number = {s}", {Kind.HEADS}),
    "seal": ("delete from relais.seals where number = {s}", {Kind.SEAL, Kind.SHORTER}),
    "note": (
        f"update relais.checkpoints set note = overlay(note placing '~' from {{n}} % 90 + 1) {OF}",
        {Kind.SIGNATURE},
    ),
    "exchanged notes": (f"update relais.checkpoints set note = {OTHER_NOTE} where {FIRST_NOTE}", {Kind.CHECKPOINT}),
    "lost note": (f"delete from relais.checkpoints {OF}", {Kind.CHECKPOINT}),
    "tile": ("update relais.tiles set nodes = overlay(nodes placing '\\x0000' from {n})", {Kind.TREE}),
    "lost tile": ("delete from relais.tiles", {Kind.TREE}),
    "head": ("update relais.stream_heads set count = count + 1 where seal = {s}", {Kind.HEADS}),
    "lost head": ("delete from relais.stream_heads where seal = {s}", {Kind.HEADS}),
    "piece": ("update relais.map_tiles set slots = slots || '\\x00'::bytea where seal = {s}", {Kind.HEADS}),
    "tag": ("insert into relais.event_tags values ('forged', 100000 + {n})", {Kind.TAG}),
    "command": ("insert into relais.commands values ('forged', 'x', array[{n}])", {Kind.COMMAND}),
}


@pytest.fixture
def filled(sealed: Network) -> Network:
    """A history of a few seals and a whole tile."""
    random = Random(9)
    for count in (100, 1, 150, 49):
        sealed.record(f"mission:M-{random.randrange(15)}" for _ in range(count))
        sealed.seal()
    return sealed


def known(sealed: Network) -> Known:
    return Known(sealed.folder.policy(), sealed.folder.last_signed())


def test_what_the_sealer_left_is_clean(filled: Network) -> None:
    with kept_in_database(filled.database.app_url, filled.database.keys_url) as kept:
        report = StoreAudit(kept, known(filled)).run()
    assert report.findings == []
    assert (report.events, report.seals, report.size, report.trust) == (COUNT, 4, LAST, "signed")


def test_what_is_added_meanwhile_does_not_confuse_the_check(filled: Network) -> None:
    with kept_in_database(filled.database.app_url, filled.database.keys_url) as kept:
        known_before = known(filled)
        assert kept.head() == COUNT
        filled.record(["mission:M-1"])
        filled.seal()
        report = StoreAudit(kept, known_before).run()
    assert (report.findings, report.events) == ([], COUNT)


WORDS = "update relais.personal_values set"
FIRST = "(position, path) = (select position, path from relais.personal_values order by position, path limit 1)"
SECOND = FIRST.replace("limit 1", "offset 1 limit 1")
CIPHERTEXT = "(select ciphertext from relais.personal_values where {})"


@pytest.mark.parametrize(
    "change",
    [
        f"{WORDS} ciphertext = set_byte(ciphertext, 20, 255 - get_byte(ciphertext, 20)) where {FIRST}",
        f"{WORDS} ciphertext = ciphertext || 'x' where {FIRST}",
        f"{WORDS} ciphertext = '' where {FIRST}",
        f"{WORDS} ciphertext = {CIPHERTEXT.format(SECOND)} where {FIRST}",
        f"{WORDS} path = '/elsewhere' where {FIRST}",
        f"{WORDS} position = 50, path = '/x' where {FIRST}",
        f"{WORDS} position = 100000 where {FIRST}",
    ],
)
def test_words_that_are_not_those_that_were_recorded_are_found(database: Database, tmp_path: Path, change: str) -> None:
    """They lie outside the hash so that they can be forgotten; what is kept of them answers to it all the same."""
    with year(database, tmp_path / "proof", 60) as found:
        trusted = Known(found.folder.policy(), found.folder.last_signed())
        with kept_in_database(database.app_url, database.keys_url) as kept:
            assert StoreAudit(kept, trusted).run().findings == []
        with psycopg.connect(database.superuser_url, autocommit=True) as superuser:
            superuser.execute("alter table relais.personal_values disable trigger all")
            assert superuser.execute(change.encode()).rowcount == 1
        with kept_in_database(database.app_url, database.keys_url) as kept:
            report = StoreAudit(kept, trusted).run()
        assert {each.kind for each in report.findings} == {Kind.WORDS}
        assert report.first_bad_position is not None


def test_words_that_were_forgotten_are_no_alarm(database: Database, tmp_path: Path) -> None:
    with year(database, tmp_path / "proof", 60) as found:
        found.keys.erase("cadre:C-001")
        with kept_in_database(database.app_url, database.keys_url) as kept:
            report = StoreAudit(kept, Known(found.folder.policy(), found.folder.last_signed())).run()
        assert report.findings == []


def test_a_bundle_with_words_that_were_altered_is_not_made(database: Database, tmp_path: Path) -> None:
    with year(database, tmp_path / "proof", 300) as found:
        with psycopg.connect(database.superuser_url, autocommit=True) as superuser:
            superuser.execute("alter table relais.personal_values disable trigger all")
            superuser.execute("update relais.personal_values set ciphertext = ciphertext || 'x'")
        with pytest.raises(HistoryDisagrees, match="relais verify"):
            found.bundles.mission("M-2025-001", Asked())


@pytest.fixture
def altering(filled: Network) -> Iterator[Callable[[str], Report]]:
    """Makes an alteration as a superuser, checks the store, and takes the alteration back."""
    blinds, keys = Blinds(filled.database.keys_url), filled.keys
    with closing(blinds), psycopg.connect(filled.database.superuser_url) as superuser:
        superuser.execute("set timezone = 'UTC'")
        for table in TABLES:
            superuser.execute(f"alter table relais.{table} disable trigger no_change".encode())
        superuser.execute("drop index relais.events_position")
        superuser.commit()

        def altered(statement: str) -> Report:
            superuser.execute(statement.encode())
            report = StoreAudit(KeptInDatabase(superuser, blinds, keys), known(filled)).run()
            superuser.rollback()
            return report

        yield altered


@pytest.mark.slow
def test_hundreds_of_alterations_by_a_superuser_are_noticed(altering: Callable[[str], Report]) -> None:
    random = Random(11)
    assert altering("select 1").findings == []
    for round_ in range(9):
        for name, (statement, expected) in ALTERATIONS.items():
            place, seal = random.randrange(1, COUNT + 1), random.randrange(1, 5)
            report = altering(statement.replace("{n}", str(place)).replace("{s}", str(seal)))
            found = {finding.kind for finding in report.findings}
            assert found & expected, f"{name} at {place}, seal {seal}, round {round_}: {found}"
    assert altering("select 1").findings == []
