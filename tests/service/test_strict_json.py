"""JSON means one thing only, or it is refused with what is wrong: to a request and to a journal's line alike."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.http.body import parse_object
from service.http.problems import Problem
from service.journal_lines import Line, Malformed, parse
from service.strict_json import MAX_DEPTH, NotStrict, one_spelling, strict_json

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
    "a name twice that is no text": b'{"\\ud800\\n":1,"\\ud800\\n":2}',
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


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_is_refused(text: bytes) -> None:
    with pytest.raises(NotStrict) as refused:
        strict_json(text)
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable(), "the report is one line a refusal"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_request_and_a_line_of_a_journal_are_told_the_same(text: bytes) -> None:
    with pytest.raises(NotStrict) as refused:
        strict_json(text)
    with pytest.raises(Malformed) as of_a_line:
        parse(Line(1, text))
    with pytest.raises(Problem) as of_a_body:
        parse_object(text)
    assert str(of_a_line.value) == str(refused.value)
    assert [error.detail for error in of_a_body.value.errors] == [str(refused.value)]


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert strict_json(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_what_is_as_deep_as_allowed_is_read() -> None:
    assert strict_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_good_json_is_read_as_it_was_written(value: object) -> None:
    assert strict_json(json.dumps(value).encode()) == value


@given(st.dictionaries(texts, values, max_size=4))
def test_what_means_the_same_has_one_spelling(value: dict[str, object]) -> None:
    shuffled = dict(reversed(value.items()))

    assert one_spelling(strict_json(json.dumps(value).encode())) == one_spelling(
        strict_json(json.dumps(shuffled, indent=3, ensure_ascii=False).encode())
    )


@given(st.binary(max_size=40))
def test_no_bytes_break_the_parser(body: bytes) -> None:
    with suppress(NotStrict):
        strict_json(body)
