"""The sample statements, read and changed as a test says."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.banking.formats import StatementFormat, read_statements
from service.banking.statements import Statement, StatementRefused

FOLDER = Path(__file__).parents[2] / "data" / "bank"
CAMT, TWO_DAYS = "nc-may.camt053.xml", "fr-two-days.camt053.xml"
KINDS = {".xml": StatementFormat.CAMT053, ".ofx": StatementFormat.OFX, ".csv": StatementFormat.CSV}


def sample(name: str, *changes: tuple[str, str], encoding: str = "utf-8") -> bytes:
    """A sample file, with one text in another's place."""
    text = (FOLDER / name).read_bytes().decode(encoding)
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text.encode(encoding)


def read(name: str, *changes: tuple[str, str], encoding: str = "utf-8") -> Statement:
    """The only statement of a sample file."""
    (statement,) = read_statements(sample(name, *changes, encoding=encoding), KINDS[Path(name).suffix])
    return statement


def refusal(name: str, *changes: tuple[str, str], encoding: str = "utf-8") -> StatementRefused:
    """Why a sample file is refused once it is changed."""
    with pytest.raises(StatementRefused) as refused:
        read(name, *changes, encoding=encoding)
    return refused.value
