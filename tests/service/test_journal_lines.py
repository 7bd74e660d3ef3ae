"""A journal's lines are read strictly: what is no command is refused with what is wrong and what to do."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from domain.event import Actor, Role
from service.journal_lines import MAX_LINE_BYTES, Line, Malformed, parse, read_lines

LINE: dict[str, Any] = {
    "id": "j-1",
    "command": "deliver_day",
    "mission": "M-1",
    "at": "2026-03-03T17:40:00+11:00",
    "by": {"role": "cadre", "id": "C-001"},
    "data": {"day_id": "D-1", "date": "2026-03-03", "quantity": "1", "summary": "Budget"},
}


def line(**changes: Any) -> bytes:
    """The example line with some fields changed, or left out where they are `...`."""
    return json.dumps({name: value for name, value in {**LINE, **changes}.items() if value is not ...}).encode()


def data(**changes: Any) -> bytes:
    return line(data={name: value for name, value in {**LINE["data"], **changes}.items() if value is not ...})


def test_a_line_is_a_command_with_who_gave_it_and_when() -> None:
    entry = parse(Line(7, line()))
    assert (entry.number, entry.id, entry.mission_id) == (7, "j-1", "M-1")
    assert entry.command.NAME == "deliver_day"
    assert entry.at.isoformat() == "2026-03-03T17:40:00+11:00"
    assert entry.by == Actor(Role.CADRE, "C-001")


def test_a_line_says_the_same_whatever_the_order_of_its_fields() -> None:
    shuffled = json.dumps(dict(reversed(LINE.items())), indent=None, separators=(", ", " : ")).encode()
    assert parse(Line(1, line())).content == parse(Line(1, shuffled)).content


@pytest.mark.parametrize(
    "changes", [{"at": "2026-03-03T17:40:01+11:00"}, {"by": {"role": "cadre"}}, {"mission": "M-2"}]
)
def test_a_line_with_anything_changed_says_something_else(changes: dict[str, Any]) -> None:
    assert parse(Line(1, line())).content != parse(Line(1, line(**changes))).content


HOSTILE = {
    "no JSON": (b"deliver a day, please", "no JSON"),
    "half a line": (line()[:40], "no JSON"),
    "not UTF-8": ('{"id": "é"}'.encode("latin-1"), "UTF-8"),
    "a list": (b"[]", "JSON object"),
    "a number": (b"17", "JSON object"),
    "a field twice": (b'{"id": "j-1", "id": "j-2"}', "`id` stands there twice"),
    "a field twice, deep inside": (
        line().replace(b'"day_id"', b'"date": "2026-03-04", "day_id"'),
        "`date` stands there twice",
    ),
    "NaN": (line().replace(b'"1"', b"NaN"), "NaN is no number"),
    "minus infinity": (line().replace(b'"1"', b"-Infinity"), "-Infinity is no number"),
    "a float beyond all floats": (line().replace(b'"1"', b"1e999"), "too large"),
    "an integer of ten thousand digits": (line().replace(b'"1"', b"1" * 10_000), "too large"),
    "ten thousand brackets": (b'{"id":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "nested deeper"),
    "a NUL": (data(summary="a\0b"), "cannot be stored"),
    "half a character": (line().replace(b"Budget", rb"\ud83d"), "cannot be stored"),
    "no id": (line(id=...), "id: is missing"),
    "an id with a space": (line(id="j 1"), "id: "),
    "an id that is a number": (line(id=1), "id: "),
    "no command": (line(command=...), "command: is missing"),
    "a command of another program": (line(command="drop_table"), "no command `drop_table`"),
    "no date of its own": (line(at=...), "at: is missing"),
    "an instant without offset": (line(at="2026-03-03T17:40:00"), "at: write the instant with its offset"),
    "a date only": (line(at="2026-03-03"), "at: write the instant"),
    "a date that no calendar has": (line(at="2026-02-30T17:40:00+11:00"), "at: write the instant"),
    "an instant as seconds": (line(at=1772513400), "at: "),
    "nobody": (line(by=...), "by: is missing"),
    "an unknown role": (line(by={"role": "boss"}), "by.role: "),
    "a person's name in by": (line(by={"role": "cadre", "name": "Anne"}), "by.name: is not a field here"),
    "no data": (line(data=...), "data: is missing"),
    "data as text": (line(data="{}"), "data: "),
    "a field of no line": (line(currency="XPF"), "currency: is not a field here"),
    "a field of no day": (data(rate="85000"), "data.rate: is not a field here"),
    "a day without date": (data(date=...), "data.date: is missing"),
    "a date the American way": (data(date="03/03/2026"), "data.date: write the date as YYYY-MM-DD"),
    "a quantity as a number": (data(quantity=1), "data.quantity: write the number as a decimal string"),
    "a quantity in other digits": (data(quantity="١"), "data.quantity: write the number as a decimal string"),
    "an id with an accent": (data(day_id="été-1"), "data.day_id: write the id with letters without accents"),
    "a line's id with a space": (line(id="j 1"), "id: write the id with letters without accents"),
    "true as text": (data(exceptional="true"), "data.exceptional: "),
    "true as a number": (data(exceptional=1), "data.exceptional: "),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_command_is_refused_with_its_reason(text: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(Line(1, text))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value), "the report is one line a refusal"


def test_a_mission_command_names_its_mission() -> None:
    with pytest.raises(Malformed, match="mission: is missing"):
        parse(Line(1, line(mission=...)))


def test_a_command_on_no_single_mission_names_none() -> None:
    client = {"cadre_id": "C-1", "name": "Anne A.", "email": "anne@example.nc", "functions": ["finance"]}
    with pytest.raises(Malformed, match="mission: "):
        parse(Line(1, line(command="register_cadre", data=client)))
    assert parse(Line(1, line(command="register_cadre", data=client, mission=...))).mission_id is None


def test_blank_lines_are_ignored_and_keep_their_numbers() -> None:
    assert [read.number for read in read_lines(io.BytesIO(b"\n{}\n  \t\r\n\n{}"))] == [2, 5]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert [read.text for read in read_lines(io.BytesIO(b"\xef\xbb\xbf{}\r\n"))] == [b"{}\r\n"]


def test_an_endless_line_is_refused_and_the_next_one_read() -> None:
    endless, ordinary = read_lines(io.BytesIO(b"x" * (3 * MAX_LINE_BYTES + 7) + b"\n" + line()))
    with pytest.raises(Malformed, match="longer than"):
        parse(endless)
    assert ordinary.number == 2
    assert parse(ordinary).id == "j-1"
