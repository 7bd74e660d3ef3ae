"""However a bundle is altered, what is still accepted says the same or less, and nothing makes the verifier fall."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pytest

from tests.verifier.corpus import cases, extract_bundle, invoice_bundle, mission_bundle, world
from tests.verifier.making import Json, Log, file_of, policy
from tests.verifier.mutations import mutants
from tests.verifier.oracle import says_no_more
from verifier.relais_verify import Refused, verify

MUTANTS = 4_000


@cache
def small_world() -> Log:
    """A mission of two events beside another one: every bit of its bundle can be tried."""
    log = Log("small")
    log.record("mission:M", "mission.signed#1", {"mission_id": "M", "title": "Été"}, ["/title"])
    log.record("mission:N", "mission.signed#1", {"mission_id": "N"})
    log.record("mission:M", "mission.resumed#1", {"on": "2026-03-03"})
    log.seal()
    return log


BUNDLES = {
    "a mission": lambda: mission_bundle(since=world().sizes[0], withheld=[(4, "/attendees/1")]),
    "single events": extract_bundle,
    "an invoice": invoice_bundle,
}
SMALL: dict[str, Callable[[], dict[str, Json]]] = {
    "a small mission": lambda: small_world().bundle("mission", "M", histories=["mission:M"]),
    "a small extract": lambda: small_world().bundle("extract", "M", extracts={"mission:M": [1, 2]}),
    "a small invoice": invoice_bundle,
}


def accepted(files: Iterable[bytes], trusted: str) -> tuple[int, list[dict[str, Any]]]:
    """How many there were, and what was said of those that are accepted; anything but a refusal is a failure."""
    number, statements, reasons = 0, [], list[str]()
    for file in files:
        number += 1
        try:
            statements.append(verify(file, trusted.encode()))
        except Refused as refused:
            reasons.append(str(refused))
    assert all(reasons)
    return number, statements


def flipped(file: bytes) -> Iterable[bytes]:
    for bit in range(len(file) * 8):
        made = bytearray(file)
        made[bit // 8] ^= 1 << bit % 8
        yield bytes(made)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_no_flipped_bit_makes_a_bundle_say_something_else(name: str) -> None:
    file = file_of(SMALL[name]())
    true = verify(file, policy().encode())
    number, statements = accepted(flipped(file), policy())
    assert number == len(file) * 8
    assert all(says_no_more(told, true) for told in statements)
    fewer = [told for told in statements if told["trust"]["witnesses"] < 3]
    assert fewer, "a witness whose name or key id was altered is a stranger, and passed over"
    assert all(told == true for told in statements if told not in fewer)


@pytest.mark.parametrize("name", BUNDLES)
def test_no_rearrangement_makes_a_bundle_say_something_else(name: str) -> None:
    bundle: dict[str, Json] = BUNDLES[name]()
    others = [
        world().bundle("mission", "M-2", histories=["mission:M-2"]),
        mission_bundle(size=world().sizes[0]),
        extract_bundle(size=world().sizes[1]),
    ]
    true = verify(file_of(bundle), policy().encode())
    number, statements = accepted(mutants(bundle, others, MUTANTS, seed=5), policy())
    assert number == MUTANTS
    assert statements
    assert [told for told in statements if not says_no_more(told, true)] == []


def test_no_rearrangement_passes_without_a_policy_for_more_than_agreement_with_itself() -> None:
    bundle = mission_bundle()
    _, statements = accepted(mutants(bundle, [extract_bundle()], MUTANTS // 4, seed=6), policy("none"))
    assert statements
    for told in statements:
        assert told["trust"]["level"] == "signed"


def test_bytes_put_in_or_cut_off_anywhere_are_refused_or_change_nothing() -> None:
    whole = file_of(mission_bundle())
    true = verify(whole, policy().encode())
    for at in range(0, len(whole), 97):
        made = [whole[:at], whole[at:], whole[:at] + b"\0" + whole[at:], whole[:at] + b"[" * 5000 + whole[at:]]
        _, statements = accepted(made, policy())
        assert all(says_no_more(told, true) for told in statements)


def test_hostile_policies_are_refused_in_words() -> None:
    whole, trusted = file_of(mission_bundle()), policy().encode()
    true = verify(whole, trusted)
    for bit in range(0, len(trusted) * 8, 3):
        made = bytearray(trusted)
        made[bit // 8] ^= 1 << bit % 8
        try:
            told = verify(whole, bytes(made))
        except Refused:
            continue
        assert told["events"] == true["events"]
        assert told["trust"]["witnesses"] <= true["trust"]["witnesses"]


def test_the_corpus_has_more_lies_than_truths() -> None:
    assert sum(case.code is not None for case in cases()) > 100
