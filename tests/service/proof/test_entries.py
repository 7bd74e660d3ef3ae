"""The entries that an auditor is given are those of the sealed tree, all of them, and tell no name and no word."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from typing_extensions import override

from service.embedded import EmbeddedPostgres
from service.proof.bundles import HistoryDisagrees
from service.proof.entries import Entries
from service.proof.log import Sealed
from service.proof.merkle import leaf_hash, root
from service.store.keys import KeyStore, Secrets
from service.store.reader import Reader
from tests.journal_world import journal
from tests.servers import cloned_database
from tests.service.proof.sealed import Network
from tests.service.proof.sealed_year import Year, year
from verifier.relais_audit import Altered, audit

SEALS = 25
BASE64 = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


@pytest.fixture(scope="module")
def lived(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """The sample year, sealed again and again as it went on."""
    lines = journal("first-year")
    step = len(lines) // SEALS + 1
    folder = tmp_path_factory.mktemp("proof") / "folder"
    with cloned_database(postgres) as database, year(database, folder, 2) as found:
        for start in range(2, len(lines), step):
            found.live(lines[start : start + step])
            found.seal()
        yield found


def entries_of(lived: Year) -> Entries:
    return Entries(lived.reader, lived.keys, lived.log)


def newest(lived: Year) -> Sealed:
    sealed = lived.log.latest_signed()
    assert sealed is not None
    return sealed


def test_the_sample_year_is_audited_blindly_and_nothing_is_bad(lived: Year) -> None:
    sealed = newest(lived)
    told = audit(entries_of(lived).file(sealed), lived.policy, [(sealed.note or "").encode()])
    assert told["checkpoint"] == {"origin": "relais.example/log", "root": sealed.root.hex(), "size": sealed.size}
    assert (told["events"], told["streams"]) == (lived.reader.head(), sealed.streams)
    assert told["checkpoints"] == sealed.number >= SEALS
    assert told["trust"]["level"] == "signed"


def words_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from words_in(each)


def test_no_name_no_id_and_no_word_of_the_year_is_in_it(lived: Year) -> None:
    said = {word for line in journal("first-year") for word in words_in(json.loads(line))}
    rows = lived.reader.read_all(0, 100_000)
    said |= {row.stream for row in rows} | {row.topic for row in rows}
    file = b"".join(entries_of(lived).file(newest(lived)))
    kept = b"".join(b64decode(json.loads(line).get("entry", "")) for line in file.splitlines())
    telling = {word for word in said if len(word) >= 4 and not BASE64.issuperset(word)}
    assert len(telling) > 1_000
    assert not [word for word in telling if word.encode() in file or word.encode() in kept]
    long = {word for word in said if len(word) >= 8}
    assert not [word for word in long if word.encode() in file or word.encode() in kept]
    secrets = lived.keys.stream_secrets({row.stream for row in rows})
    assert not [each for each in secrets.values() if each.secret in kept or (each.key or each.secret) in kept]


@pytest.mark.parametrize("limit", [1, 7, 256, 5_000])
def test_pages_of_any_length_are_together_the_tree(lived: Year, limit: int) -> None:
    made, size = entries_of(lived), newest(lived).size
    upto = size if limit > 1 else 60
    found = [each for start in range(0, upto, limit) for each in made.read(start, limit)]
    assert [each.index for each in found] == [*range(upto)]
    assert root([leaf_hash(each.entry) for each in found]) == lived.log.root_at(upto)
    assert made.read(size, limit) == []
    assert made.read(size + 9, limit) == []


def test_what_no_signature_covers_is_not_shown(sealed: Network) -> None:
    with Reader(sealed.database.app_url) as reader:
        made = Entries(reader, sealed.keys, sealed.log)
        assert made.read(0, 10) == []
        sealed.record(["mission:M-1", "mission:M-2"])
        assert made.read(0, 10) == []
        sealed.seal()
        sealed.record(["mission:M-1"])
        assert [each.index for each in made.read(0, 10)] == [0, 1, 2]
        assert [each.note is None for each in made.read(0, 10)] == [True, True, False]


def test_what_was_rewritten_with_all_power_over_the_database_is_named_by_who_sees_no_content(sealed: Network) -> None:
    for _ in range(3):
        sealed.record(["mission:M-1", "mission:M-2"])
        sealed.seal()
    last = sealed.log.latest_signed()
    assert last is not None
    with Reader(sealed.database.app_url) as reader:
        made = Entries(reader, sealed.keys, sealed.log)
        assert audit(made.file(last))["entries"] == 9
        sealed.superuser("update relais.events set state = '{\"number\":7}' where notification_id = 3")
        with pytest.raises(Altered) as found:
            audit(made.file(last))
        assert (found.value.code, found.value.first, found.value.last) == ("root_differs", 3, 5)
        sealed.superuser("delete from relais.events where notification_id = 3")
        with pytest.raises(HistoryDisagrees, match="after position 0 are not there"):
            made.read(0, 5)


class Emptied(KeyStore):
    """A database of keys that lost what it knew."""

    @override
    def stream_secrets(self, streams: Iterable[str], *, create: bool = False) -> Mapping[str, Secrets]:
        return {}


def test_without_its_key_no_entry_can_be_made(sealed: Network) -> None:
    sealed.record(["mission:M-1"])
    sealed.seal()
    with Reader(sealed.database.app_url) as reader, closing(Emptied(sealed.database.keys_url)) as keys:
        made = Entries(reader, keys, sealed.log)
        with pytest.raises(HistoryDisagrees, match="no key blinds mission:M-1"):
            made.read(0, 5)
