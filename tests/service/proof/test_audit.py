"""Whatever is altered in a stored history is noticed, by the check that is there for it; nothing else is."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest

from service.proof.audit import Known
from service.proof.findings import Kind
from service.proof.notes import COSIGNATURE, Checkpoint, SigningKey, read_note
from service.proof.policy import Policy
from tests.service.proof.stores import KEY, ORIGIN, POLICY, Store, built, events
from tests.service.proof.tampering import TAMPERS

TAMPERINGS = int(os.environ.get("RELAIS_TEST_TAMPERINGS", "10000"))
"""How often a history is altered in one run; all of them in every run of the tests."""
SHARES = 4


def small(random: Random) -> Store:
    count = random.randrange(8, 20)
    seals = sorted(random.sample(range(1, count), 3))
    return built(events(random, count, 4), [*seals, count])


def large(random: Random) -> Store:
    return built(events(random, 270, 20), [100, 101, 270])


@pytest.mark.parametrize("seed", range(30))
def test_a_clean_store_raises_no_alarm(seed: int) -> None:
    random = Random(seed)
    store = large(random) if seed % 10 == 0 else small(random)
    report = store.checked()
    assert report.findings == []
    assert (report.events, report.seals, report.checkpoints) == (len(store.rows), len(store.sealed), len(store.sealed))
    assert (report.unsealed, report.trust) == (0, "signed")
    assert (report.size, report.root) == (store.sealed[-1].size, store.sealed[-1].root)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_every_alteration_is_noticed_by_the_right_check(share: int) -> None:
    random = Random(share)
    tried: Counter[str] = Counter()
    stores = [small(random) for _ in range(10)]
    wide = large(random)
    for number in range(TAMPERINGS // SHARES):
        store = wide if number % 100 == 0 else stores[number % len(stores)]
        tamper = TAMPERS[(number + share) % len(TAMPERS)]
        seed = random.randrange(2**40)
        altered = tamper(Random(seed), store)
        report = altered.store.checked(altered.known or Known(POLICY, store.signed()))
        found = {finding.kind for finding in report.findings}
        what = f"{tamper.__name__} with seed {seed} of share {share}: {found}"
        assert found & altered.noticed_by, what
        if altered.position is not None:
            assert report.first_bad_position == altered.position, what
        tried[tamper.__name__] += 1
    assert len(tried) == len({tamper.__name__ for tamper in TAMPERS})


def test_events_that_wait_for_their_seal_are_counted_and_no_alarm() -> None:
    for count, sealed in ((12, 9), (600, 101)):
        report = built(events(Random(1), count, 3), [5, sealed]).checked()
        assert report.findings == []
        assert report.unsealed == count - sealed


def test_the_newest_seal_may_wait_for_its_signature_and_no_other() -> None:
    store = built(events(Random(1), 12, 3), [5, 9, 12])
    before = built(store.rows[:9], [5, 9]).signed()
    del store.notes[-1]
    assert store.checked(Known(POLICY, before)).findings == []
    assert store.checked(Known(POLICY, before)).trust == "unsigned"
    assert [each.kind for each in store.checked().findings] == [Kind.CHECKPOINT]


def test_an_empty_store_is_clean_and_unsigned() -> None:
    report = built([], []).checked(Known(POLICY))
    assert (report.findings, report.trust, report.size) == ([], "unsigned", 0)


def test_a_checkpoint_that_somebody_kept_is_compared() -> None:
    store = small(Random(3))
    first = store.sealed[0]
    good = Checkpoint(ORIGIN, first.size, first.root)
    assert store.checked(Known(POLICY, store.signed(), {"a statement": good})).findings == []
    for wrong, kind in (
        (good._replace(root=bytes(32)), Kind.FORKED),
        (good._replace(size=first.size + 1), Kind.FORKED),
        (good._replace(size=10**6), Kind.SHORTER),
    ):
        report = store.checked(Known(POLICY, store.signed(), {"a statement": wrong}))
        assert [each.kind for each in report.findings] == [kind]
        assert "a statement" in str(report.findings[0])


def test_a_witness_that_did_not_sign_is_not_claimed() -> None:
    witness = SigningKey("witness.example/w1", COSIGNATURE, bytes(32))
    policy = Policy.read(f"log {KEY.verifier}\nwitness w1 {witness.verifier}\nquorum w1\n")
    store = small(Random(4))
    assert store.checked(Known(policy, store.signed())).trust == "signed"
    last = store.notes[-1]
    note = read_note(last.note)
    cosigned = str(note.with_signatures([witness.sign(note.text, at=1_700_000_000)]))
    store.notes[-1] = last._replace(note=cosigned, level="witnessed")
    report = store.checked(Known(policy, store.signed()))
    assert (report.findings, report.trust) == ([], "witnessed 1 of 1")
    store.notes[-1] = last._replace(level="witnessed")
    assert [each.kind for each in store.checked(Known(policy, store.signed())).findings] == [Kind.SIGNATURE]


def test_witnesses_come_and_go_and_what_they_signed_once_is_no_alarm() -> None:
    """A checkpoint was judged by the policy of its day. Whoever hardens the policy later has altered nothing."""
    one, two = (SigningKey(f"witness.example/{number}", COSIGNATURE, bytes([number]) * 32) for number in (1, 2))
    store = small(Random(7))
    for place, row in enumerate(store.notes):
        note = read_note(row.note)
        cosigned = str(note.with_signatures([one.sign(note.text, at=1_700_000_000)]))
        store.notes[place] = row._replace(note=cosigned, level="witnessed", witnessed=1)
    lines = f"log {KEY.verifier}\nwitness a {one.verifier}\n"
    harder = f"{lines}witness b {two.verifier}\ngroup both all a b\nquorum both\n"
    left = f"log {KEY.verifier}\nwitness b {two.verifier}\nquorum b\n"
    for policy, trust in (
        (f"{lines}quorum a\n", "witnessed 1 of 1"),
        (harder, "signed, witnessed 1 of 2"),
        (left, "signed"),
    ):
        report = store.checked(Known(Policy.read(policy), store.signed()))
        assert report.findings == []
        assert report.trust.startswith(trust)
    store.notes[-1] = store.notes[-1]._replace(witnessed=2)
    report = store.checked(Known(Policy.read(f"{lines}quorum a\n"), store.signed()))
    assert [each.kind for each in report.findings] == [Kind.SIGNATURE], "more are claimed than have signed"


def test_what_is_found_is_told_in_words_and_not_without_end() -> None:
    store = small(Random(5))
    store.rows[:] = [row._replace(leaf=bytes(32)) for row in store.rows] * 1
    report = built(store.rows, [], None).checked(Known(POLICY))
    assert str(report.findings[0]) == "leaf_differs at position 1: its bytes are not those that were hashed"
    many = built([row._replace(leaf=bytes(32)) for row in events(Random(6), 50, 3)], [], None).checked(Known(POLICY))
    assert many.counted[Kind.LEAF] == 50
    assert len(many.findings) == 20
