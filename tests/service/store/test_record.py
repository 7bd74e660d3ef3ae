"""What history writes is what docs/reference/record-format.md says, byte for byte, for ever."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from unicodedata import normalize

import pytest
import rfc8785
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from domain.catalogue import ALL_EVENTS, stored_topic
from domain.event import Actor, Event, PersonalText, Role, Sealed
from domain.values import IsoDate, Number
from service.store.door import Append, Door, NewEvent
from service.store.hashing import hmac_sha256
from service.store.reader import Reader
from service.store.record import (
    Envelope,
    NotCanonical,
    PersonalValueAltered,
    SubjectForgotten,
    canonical,
    commitment,
    envelope_bytes,
    leaf_entry,
    leaf_hash,
    open_fields,
    pseudonym,
    read_canonical,
    read_envelope,
    salt,
    seal_fields,
)
from service.store.sealing import Place, decrypt, encrypt, field_digest, field_salt, personal_paths, sealed_elsewhere
from tests.servers import Database

GOLDEN = Path(__file__).parents[2] / "golden" / "record"


def golden(name: str) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads((GOLDEN / name).read_text("utf-8"))
    return vectors


# The format once more, from the specification alone.


def u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def tag(use: str) -> bytes:
    return f"relais/v1/{use}".encode()


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def leaf_from_the_specification(vector: dict[str, Any]) -> dict[str, str]:
    secret, version = bytes.fromhex(vector["secret"]), vector["version"]
    kind, _, name = vector["stream"].partition(":")
    named = sha(tag(kind), b"\0", secret, name.encode())
    blind = mac(secret, tag("salt"), u64(version))
    committed = sha(
        tag("event\0"),
        blind,
        lp(vector["topic"].encode()),
        u64(vector["recorded_at"]),
        lp(vector["envelope"].encode()),
        lp(vector["state"].encode()),
    )
    entry = tag("leaf\0") + named + u64(version) + committed
    return {
        "pseudonym": named.hex(),
        "salt": blind.hex(),
        "commitment": committed.hex(),
        "entry": entry.hex(),
        "leaf": sha(b"\0", entry).hex(),
    }


def field_from_the_specification(vector: dict[str, Any]) -> dict[str, str]:
    key, nonce = bytes.fromhex(vector["subject_key"]), bytes.fromhex(vector["nonce"])
    path, value = vector["path"].encode(), vector["words"].encode()
    place = lp(vector["stream"].encode()) + u64(vector["version"]) + lp(path)
    blind = mac(key, tag("field-salt\0"), place)
    digest = sha(tag("field\0"), blind, path, b"\0", value)
    padded = lp(value) + bytes(-len(lp(value)) % 64)
    sealed = AESGCM(mac(key, tag("field-key\0"), place)).encrypt(nonce, padded, tag("field-value\0") + place + digest)
    return {"field_salt": blind.hex(), "digest": digest.hex(), "kept": (nonce + sealed).hex()}


# Canonical bytes


@pytest.mark.parametrize("vector", golden("canonical.json"), ids=lambda vector: vector["why"])
def test_values_are_written_in_the_frozen_bytes(vector: dict[str, Any]) -> None:
    assert canonical(vector["value"]) == bytes.fromhex(vector["bytes"])
    assert canonical(read_canonical(bytes.fromhex(vector["bytes"]))) == bytes.fromhex(vector["bytes"])


def nfc_texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | nfc_texts()
    keys = st.text(st.characters(max_codepoint=127), max_size=6)
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))


@given(values())
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    data = canonical(value)
    assert rfc8785.dumps(json.loads(data)) == data
    assert canonical(read_canonical(data)) == data


@given(nfc_texts())
def test_a_text_is_written_the_same_however_its_accents_were_typed(text: str) -> None:
    composed = {"text": normalize("NFC", text)}
    assert canonical({"text": normalize("NFD", text)}) == canonical(composed) == rfc8785.dumps(composed)


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 2**53, -(2**53), {"é": 1}, {1: 2}, "\ud800", b"x", date(2026, 1, 1)]
)
def test_what_another_reader_might_misread_is_not_written(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b"1.0",
        b"1e3",
        b"-0",
        b"NaN",
        b"9007199254740992",
        b"1" * 5000,
        b'"\\u00e9"',
        b'"\\/"',
        b'"\\u001F"',
        '"e\u0301"'.encode(),
        b'"\\ud800"',
        b"\xff",
        b"",
        b"[1,]",
        b"[" * 100_000,
    ],
)
def test_bytes_that_history_would_not_have_written_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(data)


@given(st.binary(max_size=64), st.binary(max_size=200))
def test_keyed_hashes_are_the_standard_ones(key: bytes, message: bytes) -> None:
    assert hmac_sha256(key, message) == mac(key, message)


def test_a_key_is_never_longer_than_a_block() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        hmac_sha256(bytes(65), b"")


# Envelope and leaf


def test_an_envelope_is_read_as_it_was_written() -> None:
    full = Envelope(
        actor=Actor(Role.NETWORK_ADMIN),
        occurred_on=date(2026, 3, 3),
        by=Actor(Role.CADRE, "C-001"),
        claimed_at=datetime.fromisoformat("2026-03-03T17:40:00+11:00"),
        command_id="journal:j-000123",
        correlation_id="r-1",
        causation_id="journal:j-000122",
        principal="operator-1",
    )
    bare = Envelope(actor=Actor(Role.CLIENT, "CL-1"), occurred_on=date(2026, 3, 3))
    assert read_envelope(envelope_bytes(full)) == full
    assert read_envelope(envelope_bytes(bare)) == bare
    assert envelope_bytes(bare) == b'{"actor":{"id":"CL-1","role":"client"},"occurred_on":"2026-03-03"}'
    assert canonical(read_canonical(envelope_bytes(full))) == envelope_bytes(full)


@pytest.mark.parametrize("vector", golden("leaf.json"), ids=lambda vector: vector["stream"])
def test_a_leaf_is_what_the_specification_says(vector: dict[str, Any]) -> None:
    expected = leaf_from_the_specification(vector)
    assert expected == {name: vector[name] for name in expected}

    secret, version = bytes.fromhex(vector["secret"]), vector["version"]
    named, blind = pseudonym(secret, vector["stream"]), salt(secret, version)
    recorded_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=vector["recorded_at"])
    committed = commitment(blind, vector["topic"], recorded_at, vector["envelope"].encode(), vector["state"].encode())
    entry = leaf_entry(named, version, committed)
    assert (named.hex(), blind.hex(), committed.hex(), entry.hex(), leaf_hash(entry).hex()) == tuple(expected.values())


def test_streams_of_different_kinds_never_share_a_pseudonym() -> None:
    assert pseudonym(bytes(32), "client:X-1") != pseudonym(bytes(32), "cadre:X-1")


@pytest.mark.parametrize("stream", ["mission", "mission:", "leaf:x", "heads:x", ":x"])
def test_only_a_known_kind_of_stream_has_a_pseudonym(stream: str) -> None:
    with pytest.raises(ValueError, match="is no kind of stream"):
        pseudonym(bytes(32), stream)


# Personal words


class Head(BaseModel):
    name: PersonalText
    email: PersonalText | None = None


class Noted(Event):
    """An event with something personal at every depth."""

    TOPIC: ClassVar[str] = "test.noted"
    day: IsoDate
    hours: Number
    summary: PersonalText
    attendees: tuple[PersonalText, ...] = ()
    head: Head | None = None
    heads: list[Head] = Field(default_factory=list)
    remark: PersonalText | None = None


KEY = bytes(range(32))
NOTED = Noted(
    day=date(2026, 3, 3),
    hours=Decimal("1.50"),
    summary="Vu Noe\u0301mie",
    attendees=("Jean", "Marie"),
    head=Head(name="Awa"),
    heads=[Head(name="Ida", email="ida@example.nc")],
)


def test_the_personal_fields_of_an_event_are_found_at_every_depth() -> None:
    assert personal_paths(Noted) == (
        "/attendees/*",
        "/head/email",
        "/head/name",
        "/heads/*/email",
        "/heads/*/name",
        "/remark",
        "/summary",
    )


def test_history_keeps_no_personal_word() -> None:
    state, side = seal_fields(NOTED, "mission:M-1", 2, KEY)
    for word in ("Vu", "Jean", "Marie", "Awa", "Ida", "example"):
        assert word.encode() not in state
        assert not any(word.encode() in ciphertext for _, ciphertext in side)
    assert [path for path, _ in side] == [
        "/summary",
        "/attendees/0",
        "/attendees/1",
        "/head/name",
        "/heads/0/name",
        "/heads/0/email",
    ]
    assert canonical(read_canonical(state)) == state
    assert isinstance(Noted.model_validate_json(state).summary, Sealed)


def test_words_open_again_in_their_place() -> None:
    state, side = seal_fields(NOTED, "mission:M-1", 2, KEY)
    opened = Noted.model_validate_json(open_fields(state, "mission:M-1", 2, dict(side), KEY))
    assert opened == NOTED.model_copy(update={"summary": "Vu Noémie"})


def test_erased_words_stay_sealed_and_the_rest_stays_readable() -> None:
    state, side = seal_fields(NOTED, "mission:M-1", 2, KEY)
    left = dict(side[1:])
    opened = Noted.model_validate_json(open_fields(state, "mission:M-1", 2, left, KEY))
    assert isinstance(opened.summary, Sealed)
    assert opened.attendees == ("Jean", "Marie")
    assert open_fields(state, "mission:M-1", 2, dict(side), None) == state


def test_nothing_personal_is_recorded_of_somebody_forgotten() -> None:
    with pytest.raises(SubjectForgotten):
        seal_fields(NOTED, "client:CL-1", 2, None)


def test_words_that_another_event_has_sealed_are_sealed_anew() -> None:
    elsewhere = Sealed.model_validate({"$c": "ab" * 32})
    copied = NOTED.model_copy(update={"summary": elsewhere, "remark": elsewhere})
    assert sealed_elsewhere(copied) == {"ab" * 32}
    state, side = seal_fields(copied, "mission:M-1", 2, KEY, {"ab" * 32: "as it was said"})
    opened = Noted.model_validate_json(open_fields(state, "mission:M-1", 2, dict(side), KEY))
    assert (opened.summary, opened.remark) == ("as it was said", "as it was said")
    assert b"abab" not in state


def test_words_that_another_event_has_lost_stay_lost() -> None:
    erased = Sealed.model_validate({"$c": "ab" * 32})
    state, side = seal_fields(NOTED.model_copy(update={"summary": erased}), "mission:M-1", 2, KEY)
    assert "/summary" not in dict(side)
    opened = Noted.model_validate_json(open_fields(state, "mission:M-1", 2, dict(side), KEY))
    assert opened.summary == erased


@pytest.mark.parametrize(
    "place", [("mission:M-2", 2, "/summary"), ("mission:M-1", 3, "/summary"), ("mission:M-1", 2, "/attendees/0")]
)
def test_words_moved_to_another_place_are_refused(place: tuple[str, int, str]) -> None:
    here, there = Place("mission:M-1", 2, "/summary"), Place(*place)
    digest = field_digest(field_salt(KEY, here), here.path, b"words")
    kept = encrypt(KEY, here, digest, b"words", bytes(12))
    assert decrypt(KEY, here, digest, kept) == "words"
    with pytest.raises(PersonalValueAltered):
        decrypt(KEY, there, digest, kept)


def test_words_exchanged_by_somebody_who_has_the_key_are_refused() -> None:
    place = Place("mission:M-1", 2, "/summary")
    digest = field_digest(field_salt(KEY, place), place.path, b"the true words")
    with pytest.raises(PersonalValueAltered):
        decrypt(KEY, place, digest, encrypt(KEY, place, digest, b"other words", bytes(12)))


@given(st.integers(min_value=0, max_value=10_000), st.sampled_from([None, 0, 20]))
def test_any_altered_byte_of_kept_words_is_noticed(at: int, cut: int | None) -> None:
    place = Place("mission:M-1", 2, "/summary")
    digest = field_digest(field_salt(KEY, place), place.path, b"words")
    kept = bytearray(encrypt(KEY, place, digest, b"words", bytes(12)))
    kept[at % len(kept)] ^= 1 << at % 8
    with pytest.raises(PersonalValueAltered):
        decrypt(KEY, place, digest, bytes(kept[:cut]))


@given(st.text(max_size=200).filter(lambda text: text.isprintable()))
def test_the_length_of_kept_words_shows_in_steps_of_64_only(words: str) -> None:
    place = Place("mission:M-1", 2, "/summary")
    kept = encrypt(KEY, place, bytes(32), words.encode(), bytes(12))
    assert (len(kept) - 12 - 16) % 64 == 0


@pytest.mark.parametrize("vector", golden("field.json"), ids=lambda vector: vector["path"])
def test_a_sealed_field_is_what_the_specification_says(vector: dict[str, Any]) -> None:
    expected = field_from_the_specification(vector)
    assert expected == {name: vector[name] for name in expected}

    key, words = bytes.fromhex(vector["subject_key"]), vector["words"].encode()
    place = Place(vector["stream"], vector["version"], vector["path"])
    digest = field_digest(field_salt(key, place), place.path, words)
    kept = encrypt(key, place, digest, words, bytes.fromhex(vector["nonce"]))
    assert (field_salt(key, place).hex(), digest.hex(), kept.hex()) == tuple(expected.values())
    assert decrypt(key, place, digest, kept) == vector["words"]


# Against the rest of the project


def test_the_door_hashes_what_the_specification_says(database: Database) -> None:
    vectors = golden("leaf.json")
    events = [
        NewEvent(
            stream=vector["stream"],
            version=1,
            topic=vector["topic"],
            state=vector["state"].encode(),
            envelope=vector["envelope"].encode(),
            tags=(),
            side=(),
            pseudonym=pseudonym(bytes.fromhex(vector["secret"]), vector["stream"]),
            salt=salt(bytes.fromhex(vector["secret"]), 1),
        )
        for vector in vectors
    ]
    with Door(database.app_url, durable=False) as door:
        door.append(Append(events))
    reader = Reader(database.reader_url)
    rows = reader.read_all()
    reader.close()
    for vector, row in zip(vectors, rows, strict=True):
        recorded_at = (row.recorded_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        expected = leaf_from_the_specification(vector | {"version": 1, "recorded_at": recorded_at})
        assert row.leaf.hex() == expected["leaf"]


def test_the_manual_names_every_personal_field_and_whose_it_is() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "reference" / "record-format.md").read_text("utf-8")
    table = manual.partition("<!-- personal fields: begin -->")[2].partition("<!-- personal fields: end -->")[0]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines() if "`" in line]
    written = {(topic, path): whose for topic, path, whose in rows}
    known = {(stored_topic(event), path) for event in ALL_EVENTS for path in personal_paths(event)}
    assert set(written) == known, "write the table in docs/reference/record-format.md as the events are"
    for (topic, _), whose in written.items():
        assert whose in WHOSE[topic.partition(".")[0]]


WHOSE = {
    "client": ["the client's"],
    "cadre": ["the cadre's"],
    "issuer": ["the issuer's"],
    "mission": ["the mission's"],
    "billing": ["the invoice series'", "the credit note series'", "the payment's"],
}


@pytest.mark.parametrize("event", ALL_EVENTS, ids=stored_topic)
def test_every_event_of_the_catalogue_can_be_searched_for_personal_fields(event: type[Event]) -> None:
    free_text = {"name", "email", "address", "iban", "tax_number", "summary", "note", "payer", "attendees"}
    sealed = {path.split("/")[1] for path in personal_paths(event)}
    assert free_text & event.model_fields.keys() <= sealed
