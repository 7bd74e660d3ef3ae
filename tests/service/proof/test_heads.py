"""The heads map has one place for each stream, says how long it is, and proves it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.proof.heads import EMPTY_SUBTREE, Head, HeadsMap, head_leaf, heads_entry, root_from_proof

CLOSE = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=1, max_size=1).map(lambda last: bytes(31) + last),
    st.binary(min_size=1, max_size=2).map(lambda first: first.ljust(32, b"\0")),
)
HEADS = st.dictionaries(CLOSE, st.builds(Head, st.integers(1, 2**40), st.binary(min_size=32, max_size=32)), max_size=12)


def defined_root(heads: Mapping[bytes, Head], prefix: str = "") -> bytes:
    """The map's root as docs/reference/proof-log.md defines it, bit by bit."""
    inside = {key: head for key, head in heads.items() if f"{int.from_bytes(key):0256b}".startswith(prefix)}
    if not inside:
        return bytes(32)
    if len(inside) == 1:
        ((key, head),) = inside.items()
        leaf = b"relais/v1/head\0" + key + head.count.to_bytes(8, "big") + head.root
        return sha256(b"\x00" + leaf).digest()
    left, right = defined_root(inside, prefix + "0"), defined_root(inside, prefix + "1")
    return sha256(b"\x01" + left + right).digest()


@given(HEADS)
def test_the_root_is_the_definitions(heads: dict[bytes, Head]) -> None:
    assert HeadsMap(heads).root == defined_root(heads)


@given(HEADS)
def test_every_stream_is_proved_and_in_no_other_length(heads: dict[bytes, Head]) -> None:
    found = HeadsMap(heads)
    for pseudonym, head in heads.items():
        siblings = found.proof(pseudonym)
        assert root_from_proof(pseudonym, head, siblings) == found.root
        for wrong in (Head(head.count - 1, head.root), Head(head.count, sha256(head.root).digest())):
            assert root_from_proof(pseudonym, wrong, siblings) != found.root


@given(HEADS, CLOSE)
def test_a_stream_that_is_not_there_has_no_proof(heads: dict[bytes, Head], stranger: bytes) -> None:
    heads.pop(stranger, None)
    with pytest.raises(KeyError):
        HeadsMap(heads).proof(stranger)


def test_an_empty_map_has_a_root() -> None:
    assert HeadsMap({}).root == EMPTY_SUBTREE == bytes(32)


def test_two_streams_that_share_all_but_the_last_bit_are_told_apart() -> None:
    first, second = bytes(32), bytes(31) + b"\1"
    heads = {first: Head(1, bytes(32)), second: Head(2, bytes(32))}
    siblings = HeadsMap(heads).proof(second)
    assert len(siblings) == 256
    assert siblings[0] == head_leaf(first, heads[first])
    assert set(siblings[1:]) == {EMPTY_SUBTREE}
    assert root_from_proof(second, heads[second], siblings) == defined_root(heads)
    with pytest.raises(ValueError, match="256 deep"):
        root_from_proof(second, heads[second], [*siblings, bytes(32)])


def test_the_entry_of_a_seal_is_its_count_of_streams_and_the_maps_root() -> None:
    assert heads_entry(3, b"\7" * 32) == b"relais/v1/heads\0" + bytes(7) + b"\3" + b"\7" * 32
