"""What is read from history, or from any JSON, is judged as what comes from elsewhere is."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.values import IsoDate, Number

DATES: TypeAdapter[date] = TypeAdapter(IsoDate)
NUMBERS: TypeAdapter[Decimal] = TypeAdapter(Number)


@pytest.mark.parametrize("text", ["2026-03-02", "0001-01-01", "9999-12-31", "2024-02-29"])
def test_a_date_is_ten_characters(text: str) -> None:
    assert DATES.validate_json(json.dumps(text)) == DATES.validate_python(text) == date.fromisoformat(text)


@pytest.mark.parametrize("text", ["0", "-1", "12.5", "0.000000000001", "123456789012345678"])
def test_a_number_is_a_decimal_string(text: str) -> None:
    assert NUMBERS.validate_json(json.dumps(text)) == NUMBERS.validate_python(text) == Decimal(text)


@pytest.mark.parametrize(
    "value",
    ["86400", 86400, "2026-03-02T00:00:00", "2026-3-2", "2026-03-02\n", "٢026-03-02", "2023-02-29", "0000-01-01", True],
)
def test_nothing_else_is_a_date(value: object) -> None:
    assert_refused(DATES, value)


@pytest.mark.parametrize(
    "value", [1, 0.5, "1e3", "NaN", "Infinity", "01", "1.", ".5", "+1", " 1", "1\n", "١", "1" * 19, True]
)
def test_nothing_else_is_a_number(value: object) -> None:
    assert_refused(NUMBERS, value)


def assert_refused(values: TypeAdapter[Any], value: object) -> None:
    with pytest.raises(ValidationError):
        values.validate_python(value)
    with pytest.raises(ValidationError):
        values.validate_json(json.dumps(value))
