"""A body means one thing only, or it is refused."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.http.body import MAX_DEPTH, canonical, parse, parse_object
from service.http.problems import Problem

HOSTILE = {
    "not JSON": b"{",
    "empty": b"",
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "a number that overflows": b'{"a":1e999}',
    "a huge whole number": b'{"a":' + b"9" * 10_000 + b"}",
    "a name twice": b'{"a":1,"a":2}',
    "a name twice, further in": b'{"b":[{"a":1,"a":2}]}',
    "a name twice, spelt differently": b'{"a":1,"\\u0061":2}',
    "not UTF-8": b'{"a":"\xff"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "lone surrogate": b'{"a":"\\ud800"}',
    "lone surrogate in a name": b'{"\\udc00":1}',
    "surrogate in raw bytes": b'{"a":"\xed\xa0\x80"}',
    "NUL": b'{"a":"\\u0000"}',
    "too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "deep enough to break a parser": b"[" * 100_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "two values": b"{}{}",
    "single quotes": b"{'a':1}",
    "trailing comma": b'{"a":1,}',
    "a control character in a text": b'{"a":"\x01"}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_is_refused(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        parse(body)

    assert refused.value.status == 422


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null", b"true"])
def test_a_body_is_an_object(body: bytes) -> None:
    with pytest.raises(Problem):
        parse_object(body)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_what_is_as_deep_as_allowed_is_read() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_good_json_is_read_as_it_was_written(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value


@given(st.dictionaries(texts, values, max_size=4))
def test_a_body_has_one_spelling(value: dict[str, object]) -> None:
    shuffled = dict(reversed(value.items()))

    assert canonical(parse(json.dumps(value).encode())) == canonical(
        parse(json.dumps(shuffled, indent=3, ensure_ascii=False).encode())
    )


@given(st.binary(max_size=40))
def test_no_bytes_break_the_parser(body: bytes) -> None:
    with suppress(Problem):
        parse(body)
