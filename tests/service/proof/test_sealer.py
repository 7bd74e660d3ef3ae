"""What is sealed is what the formats define, whatever the rhythm; what is not what was signed is never signed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import psycopg
import pytest

from service.proof.audit import Known, StoreAudit
from service.proof.folder import SignedHead
from service.proof.heads import heads_entry, root_from_proof
from service.proof.kept_in_database import kept_in_database
from service.proof.merkle import leaf_hash, root, verify_consistency, verify_inclusion
from service.proof.notes import read_checkpoint, read_note
from service.proof.policy import Level
from service.proof.sealer import SealingRefused
from tests.service.proof.sealed import ORIGIN, Network


def streams(random: Random, count: int, among: int) -> list[str]:
    return [f"mission:M-{random.randrange(among)}" for _ in range(count)]


@pytest.mark.parametrize(("counts", "among"), [([1, 1, 2, 5, 1], 2), ([3, 40, 1, 90, 250, 2], 60), ([300, 300], 400)])
def test_every_seal_is_the_definitions_and_everything_in_it_is_provable(
    sealed: Network, counts: list[int], among: int
) -> None:
    random = Random(sum(counts))
    for count in counts:
        sealed.record(streams(random, count, among))
        sealed.seal()
    defined = sealed.defined()
    assert len(defined) == len(counts)
    position = 0
    for number, (each, count) in enumerate(zip(defined, counts, strict=True), start=1):
        position += count
        found = sealed.log.sealed(len(each.entries))
        assert found is not None
        assert (found.number, found.last_position, found.streams) == (number, position, len(each.heads))
        assert (found.root, found.map_root) == (root(each.entries), each.map.root)
        assert sealed.log.covering(position) == found
        assert sealed.log.root_at(found.size) == found.root
        for index in random.sample(range(found.size), min(20, found.size)):
            proof = sealed.log.inclusion(index, found.size)
            assert verify_inclusion(each.entries[index], index, found.size, proof, found.root)
        for old in random.sample(range(found.size + 1), min(20, found.size)):
            proof = sealed.log.consistency(old, found.size)
            assert verify_consistency(old, root(each.entries[:old]), found.size, found.root, proof)
        for pseudonym, head in random.sample(
            sorted(each.heads.items(), key=lambda item: item[0]), min(20, len(each.heads))
        ):
            proved = sealed.log.head(pseudonym, found.size)
            assert proved is not None
            assert proved.head == head
            assert root_from_proof(pseudonym, head, proved.siblings) == found.map_root
            assert proved.siblings == each.map.proof(pseudonym)


def test_where_an_event_stands_in_the_tree_is_known(sealed: Network) -> None:
    random = Random(5)
    for count in (3, 1, 7):
        sealed.record(streams(random, count, 3))
        sealed.seal()
    sealed.record(["mission:M-1"])
    entries = sealed.defined()[-1].entries
    leaves = leaves_of(sealed)
    for position, leaf in enumerate(leaves[:-1], start=1):
        index = sealed.log.tree_index(position)
        assert index is not None
        assert entries[index] == leaf
    assert sealed.log.tree_index(12) is None
    assert sealed.log.covering(12) is None


def leaves_of(sealed: Network) -> list[bytes]:
    from service.store.reader import Reader

    with Reader(sealed.database.app_url) as reader:
        return [row.leaf for row in reader.read_all()]


def test_a_stream_that_came_later_has_no_head_before(sealed: Network) -> None:
    sealed.record(["mission:M-1"])
    sealed.seal()
    sealed.record(["mission:M-2"])
    sealed.seal()
    assert sealed.log.head(sealed.pseudonym("mission:M-2"), 2) is None
    assert sealed.log.head(sealed.pseudonym("mission:M-2"), 4) is not None
    with pytest.raises(ValueError, match="no seal of 3 entries"):
        sealed.log.head(sealed.pseudonym("mission:M-2"), 3)


def test_the_rhythm_of_sealing_changes_nothing_but_the_entries_of_the_seals(sealed: Network) -> None:
    sealed.record(streams(Random(1), 40, 5))
    with sealed.sealer(batch=7) as sealer:
        rounds = 0
        while sealer.seal():
            rounds += 1
    assert rounds == 6
    assert [found.number for found in sealed.log.page(2**62, 100)] == [6, 5, 4, 3, 2, 1]
    assert sealed.defined()[-1].entries[:7] == leaves_of(sealed)[:7]


def test_a_checkpoint_is_signed_by_the_log_and_says_so(sealed: Network) -> None:
    assert sealed.log.latest() is None
    sealed.record(["mission:M-1", "mission:M-2"])
    sealed.seal()
    found = sealed.log.latest_signed()
    assert found is not None
    assert found.note is not None
    checkpoint = read_checkpoint(read_note(found.note).text)
    assert checkpoint == (ORIGIN, 3, found.root)
    judged = sealed.folder.policy().judge(found.note)
    assert (judged.trust.level, found.level, found.witnessed, found.of) == (Level.SIGNED, "signed", 0, 0)
    assert sealed.folder.last_signed() == SignedHead(ORIGIN, 1, 3, 2, found.root)


def test_without_news_nothing_is_signed(sealed: Network) -> None:
    sealed.record(["mission:M-1"])
    sealed.seal()
    before = sealed.log.latest()
    sealed.seal()
    assert sealed.log.latest() == before


class Crash(Exception):
    """The power goes."""


@pytest.mark.parametrize("last", ["sealed", "remembered", "signed"])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_whatever_a_crash_interrupts_the_next_sealer_goes_on(sealed: Network, last: str, before: int) -> None:
    for _ in range(before):
        sealed.record(["mission:M-1", "mission:M-2"])
        sealed.seal()
    sealed.record(["mission:M-1", "mission:M-3"])
    with pytest.raises(Crash), sealed.sealer(step=crash_after(last)) as sealer:
        sealer.seal()
    sealed.seal()
    sealed.record(["mission:M-3"])
    sealed.seal()
    found = sealed.log.page(2**62, 100)
    assert [each.number for each in found] == list(range(before + 2, 0, -1))
    assert all(each.note for each in found)
    for each, defined in zip(found[::-1], sealed.defined(), strict=True):
        assert each.root == root(defined.entries)
    head = sealed.folder.last_signed()
    assert head is not None
    assert head.size == found[0].size


def crash_after(last: str) -> Callable[[str], None]:
    def step(done: str) -> None:
        if done == last:
            raise Crash

    return step


def refused(sealed: Network) -> SealingRefused:
    with pytest.raises(SealingRefused) as refusal:
        sealed.seal()
    return refusal.value


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("set state = '{\"number\":99}' where notification_id = 4", "history_altered"),
        (
            "set state = convert_to(convert_from(state, 'UTF8') || ' ', 'UTF8') where notification_id = 4",
            "history_altered",
        ),
        ("set envelope = '{\"a\":1}' where notification_id = 4", "history_altered"),
        ("set topic = 'mission.stopped#1' where notification_id = 4", "history_altered"),
        ("set recorded_at = recorded_at + interval '1 microsecond' where notification_id = 4", "history_altered"),
        ("set recorded_at = recorded_at - interval '1 hour' where notification_id = 4", "history_altered"),
        ("set leaf = sha256('forged') where notification_id = 4", "history_altered"),
        ("set originator_version = 9 where notification_id = 4", "stream_has_a_gap"),
        ("set originator_id = 'mission:M-9' where notification_id = 4", "secret_missing"),
        ("set notification_id = 40 where notification_id = 4", "history_has_a_gap"),
    ],
)
def test_an_event_that_is_not_what_was_hashed_is_not_sealed_and_is_named(
    sealed: Network, change: str, code: str
) -> None:
    sealed.record(["mission:M-1", "mission:M-2"])
    sealed.seal()
    sealed.record(["mission:M-1", "mission:M-2", "mission:M-1"])
    sealed.superuser(f"update relais.events {change}")
    refusal = refused(sealed)
    assert refusal.code == code
    assert refusal.position == (5 if code == "history_has_a_gap" else 4)
    assert sealed.record(["mission:M-3"]) == 6, "the service goes on"
    latest = sealed.log.latest()
    assert latest is not None
    assert latest.last_position == 2


def test_a_lost_event_is_noticed_before_the_next_is_sealed(sealed: Network) -> None:
    sealed.record(["mission:M-1", "mission:M-2", "mission:M-1"])
    sealed.superuser("delete from relais.events where notification_id = 2")
    assert (refused(sealed).code, refused(sealed).position) == ("history_has_a_gap", 3)


def truncate_after(position: int, size: int, number: int) -> list[str]:
    """What restoring an old backup does."""
    return [
        f"delete from relais.events where notification_id > {position}",
        f"update relais.log_head set position = {position}",
        f"delete from relais.seals where number > {number}",
        f"delete from relais.checkpoints where size > {size}",
        f"delete from relais.stream_heads where seal > {number}",
        f"delete from relais.map_tiles where seal > {number}",
    ]


def sealed_twice(sealed: Network) -> None:
    sealed.record(["mission:M-1", "mission:M-2"])
    sealed.seal()
    sealed.record(["mission:M-1"])
    sealed.seal()


def test_a_restored_old_backup_is_refused_even_when_it_grew_again(sealed: Network) -> None:
    sealed_twice(sealed)
    sealed.superuser(*truncate_after(2, 3, 1))
    assert refused(sealed).code == "log_shorter"
    sealed.versions["mission:M-1"] = 1
    sealed.record(["mission:M-1"] * 5)
    assert refused(sealed).code == "log_shorter"


def test_an_emptied_log_is_refused(sealed: Network) -> None:
    sealed_twice(sealed)
    sealed.superuser(*truncate_after(0, 0, 0))
    assert refused(sealed).code == "log_shorter"


def test_a_rewritten_tail_is_refused_even_when_everything_in_the_database_agrees(sealed: Network) -> None:
    sealed_twice(sealed)
    head = sealed.folder.last_signed()
    sealed.superuser(*truncate_after(2, 3, 1))
    sealed.versions["mission:M-1"] = 1
    sealed.record(["mission:M-2", "mission:M-1", "mission:M-1"])
    kept = (sealed.folder.path / "last-signed").read_text()
    (sealed.folder.path / "last-signed").unlink()
    sealed.superuser("update relais.checkpoints set note = replace(note, 'relais.example/log', 'another.example')")
    forging = sealed.sealer(batch=1)
    with forging as sealer:
        while sealer.seal():
            pass
    (sealed.folder.path / "last-signed").write_text(kept)
    assert sealed.folder.last_signed() == head
    assert refused(sealed).code == "log_forked"


def test_without_the_last_signed_head_a_log_that_was_signed_is_not_signed_on(sealed: Network) -> None:
    sealed_twice(sealed)
    (sealed.folder.path / "last-signed").unlink()
    assert refused(sealed).code == "head_missing"


@pytest.mark.parametrize("damage", ["", "{}", "not json", '{"origin": 1, "root": "!!"}'])
def test_a_damaged_head_is_not_taken_for_none(sealed: Network, damage: str) -> None:
    sealed_twice(sealed)
    (sealed.folder.path / "last-signed").write_text(damage)
    assert refused(sealed).code == "head_unreadable"


def test_a_folder_of_another_log_is_refused(sealed: Network) -> None:
    sealed_twice(sealed)
    with pytest.raises(SealingRefused) as refusal, sealed.sealer(origin="another.example/log"):
        pass
    assert refusal.value.code == "another_origin"


def test_without_its_key_a_log_is_not_signed_on_with_another(sealed: Network) -> None:
    sealed_twice(sealed)
    (sealed.folder.path / "log-keys").unlink()
    assert refused(sealed).code == "key_missing"
    (sealed.folder.path / "log-keys").write_text("damaged\n")
    assert refused(sealed).code == "keys_unreadable"


def test_a_key_that_the_policy_does_not_name_signs_nothing(sealed: Network) -> None:
    sealed_twice(sealed)
    (sealed.folder.path / "policy").write_text("quorum none\n")
    sealed.record(["mission:M-1"])
    assert refused(sealed).code == "key_unknown"


@pytest.mark.parametrize(
    "change",
    [
        "update relais.seals set root = sha256('forged') where number = 2",
        "update relais.seals set map_root = sha256('forged') where number = 1",
        "update relais.seals set streams = 9 where number = 2",
        "update relais.events set leaf = sha256('forged') where notification_id = 1",
    ],
)
def test_tables_that_do_not_add_up_are_not_signed_on(sealed: Network, change: str) -> None:
    sealed_twice(sealed)
    sealed.superuser(change)
    assert refused(sealed).code == "tree_damaged"


def sealed_and_not_signed(sealed: Network) -> None:
    sealed_twice(sealed)
    sealed.record(["mission:M-2", "mission:M-3", "mission:M-2"])
    with pytest.raises(Crash), sealed.sealer(step=crash_after("sealed")) as sealer:
        sealer.seal()


FORGERIES = {
    "an event rewritten with its hash": "update relais.events set leaf = sha256('forged') where notification_id = 4",
    "an event's words": "update relais.events set state = '{\"number\":9}' where notification_id = 5",
    "one event less for a client": "update relais.seals set map_root = sha256('forged') where number = 3",
    "more streams": "update relais.seals set streams = 9 where number = 3",
    "an event left out": "update relais.seals set last_position = 5, size = 8 where number = 3",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_seal_that_the_sealer_finds_unsigned_is_made_anew_before_it_is_signed(sealed: Network, forgery: str) -> None:
    """Whoever rules the database could wait for a crash, or cause one, and have a tree of its own making signed."""
    sealed_and_not_signed(sealed)
    head = sealed.folder.last_signed()
    sealed.superuser(forgery)
    with psycopg.connect(sealed.database.superuser_url, autocommit=True) as superuser:
        entries = forged_entries(superuser)
        superuser.execute("alter table relais.seals disable trigger no_change")
        superuser.execute("update relais.seals set root = %s where number = 3", [root(entries)])
    assert refused(sealed).code in ("history_altered", "stream_has_a_gap")
    assert sealed.folder.last_signed() == head, "and nothing was signed"


def forged_entries(superuser: psycopg.Connection[tuple[Any, ...]]) -> list[bytes]:
    """What the tables say that the tree is made of."""
    entries: list[bytes] = []
    before = 0
    for last, streams, map_root in superuser.execute(
        "select last_position, streams, map_root from relais.seals order by number"
    ).fetchall():
        leaves = superuser.execute(
            "select leaf from relais.events where notification_id > %s and notification_id <= %s"
            " order by notification_id",
            [before, last],
        ).fetchall()
        entries += [bytes(leaf) for (leaf,) in leaves]
        entries.append(leaf_hash(heads_entry(streams, bytes(map_root))))
        before = last
    return entries


@pytest.mark.parametrize(
    "change",
    [
        "update relais.map_tiles set slots = set_byte(slots, 40, 255 - get_byte(slots, 40)) where prefix = ''",
        "delete from relais.map_tiles",
        "delete from relais.map_tiles where seal = 2",
        "update relais.stream_heads set frontier = sha256('forged') where count = 1",
        "update relais.stream_heads set frontier = sha256('forged') where count = 2",
    ],
)
def test_what_is_kept_of_the_heads_is_believed_only_as_it_was_sealed(sealed: Network, change: str) -> None:
    """The map of the next seal is made of it: somebody's history would be signed as shorter, or as another."""
    sealed_twice(sealed)
    head = sealed.folder.last_signed()
    sealed.superuser(change)
    sealed.record(["mission:M-1", "mission:M-2", "mission:M-3"])
    assert refused(sealed).code == "tree_damaged"
    assert sealed.folder.last_signed() == head


@pytest.mark.parametrize("many", [1, 300, 700])
def test_what_a_crash_left_unsigned_is_signed_once_it_was_made_anew(sealed: Network, many: int) -> None:
    sealed.record(["mission:M-1"] * many)
    sealed_and_not_signed(sealed)
    with sealed.sealer() as sealer:
        assert not sealer.seal()
    latest = sealed.log.latest()
    assert latest is not None
    assert (latest.number, latest.trust) == (3, "signed")
    sealed.record(["mission:M-2"] * 600)
    sealed.seal()
    with kept_in_database(sealed.database.app_url, sealed.database.keys_url) as kept:
        report = StoreAudit(kept, Known(sealed.folder.policy(), sealed.folder.last_signed())).run()
    assert report.findings == []


def test_a_new_name_goes_on_with_the_same_history(sealed: Network, tmp_path: object) -> None:
    """After a disaster: the old name is never signed with again, and the new one begins in a folder of its own."""
    from service.proof.folder import ProofFolder

    sealed_twice(sealed)
    old = sealed.log.latest()
    sealed.folder = ProofFolder(sealed.folder.path.parent / "second")
    with sealed.sealer(origin="relais.example/log/2") as sealer:
        sealed.record(["mission:M-1"])
        assert sealer.seal()
    found = sealed.log.latest()
    assert old is not None
    assert found is not None
    assert found.note is not None
    assert found.note.startswith("relais.example/log/2\n")
    proof = sealed.log.consistency(old.size, found.size)
    assert verify_consistency(old.size, old.root, found.size, found.root, proof)


def test_one_sealer_leads_at_a_time(sealed: Network) -> None:
    with sealed.sealer():
        other = sealed.connect()
        assert not other.writer.leads()
        other.close()
    with sealed.sealer():
        pass
