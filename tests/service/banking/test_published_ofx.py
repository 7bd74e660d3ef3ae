"""The statements that the OFX specification prints as its examples, read where Debian's libofx-doc lays them."""

from __future__ import annotations

import gzip
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from bankfile import parse_bytes

from service.banking.formats import StatementFormat, read_statements
from service.banking.statements import Nature, Statement, StatementRefused
from tests.conftest import lacking

FOLDER = Path("/usr/share/doc/libofx-dev/ofx_sample_files")
SGML_HEADER = (
    b"OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:160\r\nSECURITY:NONE\r\nENCODING:USASCII\r\nCHARSET:1252\r\n"
    b"COMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"
)
XML_HEADER = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<?OFX OFXHEADER="200" VERSION="201" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
)
PRINTED = {
    "1.6": ("ofx_spec160_stmtrs_example.sgml", SGML_HEADER, 1996),
    "2.0.1": ("ofx_spec201_stmtrs_example.xml", XML_HEADER, 1999),
}
"""Statement download: the same figures in both generations, printed without the header that each asks for elsewhere."""
BESIDE_A_CARD, TWO_ACCOUNTS = "ofx-2.1.1-sect-16.5.3.2.ofx", "ofx-2.1.1-sect-16.5.4.2.ofx"
"""Whole files of version 2.1.1: an account and a credit card, and two accounts in the older generation."""
NO_STATEMENTS = ["ofx-2.1.1-sect-8.5.5.ofx", "ofx-2.1.1-sect-16.5.6.2.ofx", "another-example.xml"]
"""Whole files about other things: which accounts there are, and investments."""


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """The examples of the specification, so named where they are not installed."""
    if not FOLDER.exists():
        lacking(request, "libofx-doc")
    return FOLDER


def published(folder: Path, name: str) -> bytes:
    """An example as it lies there: Debian packs the longer ones."""
    file = folder / name
    return file.read_bytes() if file.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())


def in_euros(data: bytes) -> bytes:
    """The specification counts in dollars, in which nobody here is billed."""
    return re.sub(rb"<CURDEF>(USD|CAD)", b"<CURDEF>EUR", data)


def read(data: bytes) -> list[Statement]:
    return read_statements(in_euros(data), StatementFormat.OFX)


@pytest.mark.parametrize(("name", "header", "year"), PRINTED.values(), ids=PRINTED.keys())
def test_the_statement_that_the_specification_prints_is_read(folder: Path, name: str, header: bytes, year: int) -> None:
    (statement,) = read(header + published(folder, name))
    assert statement.account.number == "121099999999988"
    assert (statement.from_on, statement.until_on) == (date(year, 10, 1), date(year, 10, 28))
    assert (statement.opening, statement.closing) == (None, Decimal("200.29"))
    check, cash = statement.entries
    assert (check.nature, check.amount, check.booked_on) == (Nature.DEBIT, Decimal(-200), date(year, 10, 4))
    assert (check.bank_reference, check.references) == ("00002", ("1000",))
    assert (cash.nature, cash.amount, cash.booked_on) == (Nature.DEBIT, Decimal(-300), date(year, 10, 20))
    assert (cash.bank_reference, cash.references) == ("00003", ())


@pytest.mark.parametrize(("name", "header", "year"), PRINTED.values(), ids=PRINTED.keys())
def test_it_is_in_dollars_and_so_refused_with_its_line(folder: Path, name: str, header: bytes, year: int) -> None:
    data = header + published(folder, name)
    with pytest.raises(StatementRefused, match="XPF and EUR") as refused:
        read_statements(data, StatementFormat.OFX)
    assert refused.value.code == "currency_mismatch"
    (statement,) = re.finditer(rb"<STMTRS>", data)
    assert refused.value.line == 1 + data[: statement.start()].count(b"\n")
    assert str(year).encode() in data


@pytest.mark.parametrize("name", [name for name, _, _ in PRINTED.values()])
def test_without_its_header_a_file_is_no_ofx(folder: Path, name: str) -> None:
    with pytest.raises(StatementRefused, match="begins with no OFXHEADER"):
        read(published(folder, name))


def test_an_account_is_read_and_the_card_beside_it_is_not(folder: Path) -> None:
    (statement,) = read(published(folder, BESIDE_A_CARD))
    assert (statement.account.number, statement.closing) == ("000000123123456", Decimal("2156.56"))
    (bought,) = statement.entries
    assert (bought.amount, bought.booked_on) == (Decimal(-80), date(2005, 8, 24))
    assert (bought.bank_reference, bought.payer) == ("219378", "FrogKick Scuba Gear")


def test_two_accounts_of_one_file_are_two_statements(folder: Path) -> None:
    checking, savings = read(published(folder, TWO_ACCOUNTS))
    assert [each.account.number for each in (checking, savings)] == ["000000123123456", "000000123654321"]
    assert [each.closing for each in (checking, savings)] == [Decimal("2156.56"), Decimal(3452)]
    assert [(each.amount, each.references) for each in checking.entries] == [(Decimal("-80.32"), ("1044",))]
    assert not savings.entries


@pytest.mark.parametrize("name", NO_STATEMENTS)
def test_an_example_of_something_else_holds_no_statement(folder: Path, name: str) -> None:
    with pytest.raises(StatementRefused, match="holds no bank statement"):
        read(published(folder, name))


@pytest.mark.parametrize(("number", "entries"), [(1, 107), (2, 118), (3, 117)])
def test_a_long_made_up_statement_is_read_as_the_other_reader_does(folder: Path, number: int, entries: int) -> None:
    data = in_euros(published(folder, f"fake{number}.ofx"))
    (ours,) = read(data)
    theirs = parse_bytes(data)
    assert len(ours.entries) == entries
    assert [(each.amount, each.booked_on, each.bank_reference, each.payer) for each in ours.entries] == [
        (each.amount, each.date, each.bank_reference, each.counterparty_name) for each in theirs.transactions
    ]
    assert ours.closing == theirs.closing_balance


def test_files_that_broke_the_other_reader_are_refused_like_any_other(folder: Path) -> None:
    broken = [file for file in folder.iterdir() if re.match("downcast|failing|heap|null|use-after", file.name)]
    hostile = [file.read_bytes() for file in broken if file.suffix in {".ofx", ".xml"}]
    assert len(hostile) >= 7
    for data in hostile:
        for whole in (data, SGML_HEADER + data, XML_HEADER + data):
            with pytest.raises(StatementRefused):
                read(whole)
