"""The tree is RFC 6962's, to the byte, and its proofs prove what they say and nothing else."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from random import Random

import pytest

from service.proof.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The entries that RFC 6962's reference implementation publishes, and its roots of the first 1, 2, … 8 of them.
PUBLISHED_ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PUBLISHED = [leaf_hash(bytes.fromhex(entry)) for entry in PUBLISHED_ENTRIES]
LARGEST = 66
"""Every size up to here is tried with every index and every older size."""
ENTRIES = [leaf_hash(number.to_bytes(2, "big")) for number in range(LARGEST)]


@cache
def hash_of(start: int, end: int) -> bytes:
    """MTH of section 2.1, as the RFC writes it down, over our entries."""
    if end - start == 1:
        return ENTRIES[start]
    k = 1
    while k * 2 < end - start:
        k *= 2
    return sha256(b"\x01" + hash_of(start, start + k) + hash_of(start + k, end)).digest()


def test_the_published_roots_are_ours() -> None:
    assert root([]) == EMPTY_ROOT == sha256().digest()
    assert [root(PUBLISHED[: size + 1]).hex() for size in range(8)] == PUBLISHED_ROOTS


def test_the_published_proofs_are_ours() -> None:
    """Section 2.1.3 draws a log of seven entries and names the nodes of its proofs."""
    a, b, c, d, e, f, j = PUBLISHED[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l_ = node_hash(g, h), node_hash(i, j)
    assert inclusion_proof(PUBLISHED[:7], 0) == [b, h, l_]
    assert inclusion_proof(PUBLISHED[:7], 3) == [c, g, l_]
    assert inclusion_proof(PUBLISHED[:7], 4) == [f, j, k]
    assert inclusion_proof(PUBLISHED[:7], 6) == [i, k]
    assert consistency_proof(PUBLISHED[:7], 3) == [c, d, g, l_]
    assert consistency_proof(PUBLISHED[:7], 4) == [l_]
    assert consistency_proof(PUBLISHED[:7], 6) == [i, j, k]


def test_every_root_is_the_definitions() -> None:
    assert [root(ENTRIES[:size]) for size in range(1, LARGEST)] == [hash_of(0, size) for size in range(1, LARGEST)]


def test_every_entry_is_proved_in_every_log_and_nowhere_else() -> None:
    for size in range(1, LARGEST):
        for index in range(size):
            proof = inclusion_proof(ENTRIES[:size], index)
            assert [place for place in range(LARGEST) if accepts(index, place, size, proof)] == [index]
            assert [other for other in range(LARGEST) if accepts(index, index, other, proof, hash_of(0, size))] in (
                [size],
                same_shape(index, size),
            )


def accepts(index: int, place: int, size: int, proof: list[bytes], expected: bytes | None = None) -> bool:
    found = expected or hash_of(0, size)
    return verify_inclusion(ENTRIES[index], place, size, proof, found)


def same_shape(index: int, size: int) -> list[int]:
    """Sizes in which this entry's way up has the same turns: with the root at hand, they prove the same."""
    turns = [hash_way(index, other) for other in range(LARGEST)]
    return [other for other in range(LARGEST) if turns[other] == hash_way(index, size)]


def hash_way(index: int, size: int) -> list[str] | None:
    if index >= size:
        return None
    way = []
    start, end = 0, size
    while end - start > 1:
        k = 1
        while k * 2 < end - start:
            k *= 2
        left = index < start + k
        way.append("left" if left else "right")
        start, end = (start, start + k) if left else (start + k, end)
    return way


def test_a_proof_with_any_change_proves_nothing() -> None:
    random = Random(6962)
    refused = 0
    for size in range(1, LARGEST):
        for index in range(size):
            proof = inclusion_proof(ENTRIES[:size], index)
            for wrong in spoiled(proof, random):
                assert not verify_inclusion(ENTRIES[index], index, size, wrong, hash_of(0, size))
                refused += 1
            assert not verify_inclusion(leaf_hash(b"another"), index, size, proof, hash_of(0, size))
    assert refused > 10_000


def test_every_log_is_proved_the_beginning_of_every_later_one() -> None:
    random = Random(9162)
    refused = 0
    for new in range(1, LARGEST):
        for old in range(1, new + 1):
            proof = consistency_proof(ENTRIES[:new], old)
            assert verify_consistency(old, hash_of(0, old), new, hash_of(0, new), proof)
            for wrong in spoiled(proof, random):
                assert not verify_consistency(old, hash_of(0, old), new, hash_of(0, new), wrong)
                refused += 1
            forged = leaf_hash(b"forged")
            assert not verify_consistency(old, forged, new, hash_of(0, new), proof)
            assert not verify_consistency(old, hash_of(0, old), new, forged, proof)
    assert refused > 10_000


def spoiled(proof: list[bytes], random: Random) -> list[list[bytes]]:
    """Proofs that are nearly this one."""
    wrong = [[*proof, leaf_hash(b"more")], [leaf_hash(b"more"), *proof], [*proof, b""]]
    if proof:
        place = random.randrange(len(proof))
        changed = bytearray(proof[place])
        changed[random.randrange(32)] ^= 1 << random.randrange(8)
        wrong += [proof[:-1], proof[1:], [*proof[:place], bytes(changed), *proof[place + 1 :]]]
        wrong += [[*proof[:place], proof[place][:-1], *proof[place + 1 :]]]
    if len(proof) > 1 and proof != proof[::-1]:
        wrong.append(proof[::-1])
    return wrong


def test_the_empty_log_is_the_beginning_of_every_log() -> None:
    assert verify_consistency(0, EMPTY_ROOT, 5, hash_of(0, 5), [])
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not verify_consistency(0, hash_of(0, 1), 5, hash_of(0, 5), [])
    assert not verify_consistency(0, EMPTY_ROOT, 5, hash_of(0, 5), [hash_of(0, 1)])
    assert not verify_consistency(6, hash_of(0, 6), 5, hash_of(0, 5), [])
    assert consistency_proof(ENTRIES[:5], 0) == consistency_proof(ENTRIES[:5], 5) == []


def test_a_log_goes_on_from_what_it_remembers() -> None:
    for size in range(LARGEST):
        begun = Frontier()
        for entry in ENTRIES[:size]:
            begun.append(entry)
        resumed = Frontier.read(begun.size, bytes(begun))
        another = begun.copy()
        for entry in ENTRIES[size:]:
            resumed.append(entry)
        assert resumed.root == hash_of(0, LARGEST)
        assert another.root == begun.root == root(ENTRIES[:size])


def test_what_cannot_be_is_refused() -> None:
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match="has none at index"):
            inclusion_proof(ENTRIES[:3], wrong)
    with pytest.raises(ValueError, match="never had 4"):
        consistency_proof(ENTRIES[:3], 4)
    with pytest.raises(ValueError, match="2 whole subtrees"):
        Frontier(3, ENTRIES[:1])
