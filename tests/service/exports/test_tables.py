"""Tables for accountants: a row a line, exact amounts, no sum of two currencies, nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from domain.values import Currency
from projections.invoices.answers import invoices_view, payments_view
from projections.missions.answers import days_view
from service.exports import tables
from service.exports.csv_file import csv_file
from service.exports.sheets import Amount, Sheet, Words, total
from service.exports.tables import Asked
from service.exports.workbook import workbook
from tests.domain.billing.ledger import on
from tests.service.exports.kept import delivered, history, sample

JOURNALS = ("first-year", "careless")
LATER = on("2029-12-31")


def told(sheet: Sheet) -> list[dict[str, str]]:
    """A table as somebody reads its CSV file."""
    return list(csv.DictReader(io.StringIO(csv_file(sheet).decode(), newline="")))


def cells(content: bytes, page: str) -> list[tuple[Any, ...]]:
    """A page of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [tuple(row) for row in book[page].iter_rows(values_only=True)]


@pytest.mark.parametrize("name", JOURNALS)
def test_invoices_are_told_line_by_line_to_the_franc(name: str) -> None:
    rows = told(tables.invoices(sample(name), Asked())[0])
    answers = {each.invoice_number: each for each in invoices_view(history(name), LATER)}
    whole = {row["number"]: row for row in rows if (row["row"], row["document"]) == ("total", "invoice")}
    assert whole.keys() == answers.keys()
    for number, row in whole.items():
        answer = answers[number]
        figures = ("net", "tax", "gross", "paid", "credited", "outstanding", "currency", "client_id", "issuer_id")
        assert [row[figure] for figure in figures] == [str(getattr(answer, figure)) for figure in figures]
        lines = [row for row in rows if (row["row"], row["number"]) == ("line", number)]
        assert [line["net"] for line in lines] == [line.net for line in answer.lines]
        assert sum(Decimal(line["net"]) for line in lines) == Decimal(answer.net)
        taxes = [row for row in rows if (row["row"], row["number"]) == ("tax", number)]
        assert [tax["tax"] for tax in taxes] == [tax.tax for tax in answer.taxes]


@pytest.mark.parametrize("name", JOURNALS)
def test_sums_stand_apart_by_issuer_and_currency(name: str) -> None:
    rows, sums = tables.invoices(sample(name), Asked())
    added: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in told(rows):
        if row["row"] == "total":
            added[row["issuer_id"], row["currency"]] += Decimal(row["gross"])
    assert {(row["issuer_id"], row["currency"]): Decimal(row["gross"]) for row in told(sums)} == added


def test_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="EUR cannot be added to XPF"):
        total([Amount(Decimal(1), Currency.EUR)], Currency.XPF)


@pytest.mark.parametrize("name", JOURNALS)
def test_payments_are_told_with_what_they_pay(name: str) -> None:
    rows = told(tables.payments(sample(name), Asked())[0])
    for answer in payments_view(history(name), LATER):
        sign = -1 if answer.is_refund else 1
        (whole, *parts) = [row for row in rows if row["payment_id"] == answer.payment_id]
        assert Decimal(whole["amount"]) == sign * Decimal(answer.amount)
        assert Decimal(whole["unallocated"]) == sign * Decimal(answer.unallocated)
        given = [(part["invoice_number"], sign * Decimal(part["allocated"])) for part in parts]
        assert given == [(each.invoice_number, Decimal(each.amount)) for each in answer.allocations]


def test_days_are_told_each_in_its_bucket() -> None:
    rows = told(tables.days(delivered(history("first-year")), Asked())[0])
    missions = {row["mission_id"] for row in rows}
    assert len(rows) == 822
    for mission_id in missions:
        answers = days_view([each for each in history("first-year") if each.stream == f"mission:{mission_id}"])
        said = {row["day_id"]: (row["bucket"], row["quantity"]) for row in rows if row["mission_id"] == mission_id}
        assert said == {day.day_id: (day.bucket.value, format(day.quantity.normalize(), "f")) for day in answers}


def test_a_period_and_an_issuer_are_asked_for() -> None:
    asked = Asked(on("2025-05-01"), on("2025-06-30"), "I-001")
    for sheet, dated in (
        (tables.invoices(sample("first-year"), asked)[0], "issued_on"),
        (tables.payments(sample("first-year"), asked)[0], "received_on"),
        (tables.days(delivered(history("first-year")), asked)[0], "date"),
    ):
        rows = told(sheet)
        assert rows
        assert {row["issuer_id"] for row in rows if row.get("issuer_id")} <= {"I-001"}
        assert all("2025-05-01" <= row[dated] <= "2025-06-30" for row in rows)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+687", "'+687"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1+1", "' =1+1"),
        ("\t=1", "'\t=1"),
        ("Taxi, 3 h", "Taxi, 3 h"),
        ('dit "non"', 'dit "non"'),
    ],
)
def test_free_text_is_never_a_formula(typed: str, kept: str) -> None:
    sheet = Sheet(
        "s", "S", (("label", "Libellé"), ("amount", "Montant")), [(Words(typed), Amount(Decimal(-5), Currency.XPF))]
    )
    assert told(sheet) == [{"label": kept, "amount": "-5"}]
    (_, row) = cells(workbook([sheet]), "S")
    assert row == (typed, -5)


def test_a_csv_file_follows_its_standard() -> None:
    sheet = Sheet("s", "S", (("a", "A"), ("b", "B")), [(Words('x, "y"\nz'), on("2026-03-31")), (None, Decimal("0.50"))])
    assert csv_file(sheet) == b'a,b\r\n"x, ""y""\nz",2026-03-31\r\n,0.5\r\n'
    assert csv_file(sheet, marked=True).startswith(b"\xef\xbb\xbfa,b\r\n")


def test_a_workbook_holds_exact_numbers_and_says_their_currency() -> None:
    amounts = ["8.95", "1137.50", "-0.01", "9999999999.99"]
    rows = [(Amount(Decimal(amount), Currency.EUR), on("2026-03-31")) for amount in amounts]
    big = (Amount(Decimal("12345678901234567.89"), Currency.EUR), None)
    sheet = Sheet("s", "S", (("amount", "Montant"), ("date", "Date")), [*rows, big])
    content = workbook([sheet])
    read = openpyxl.load_workbook(io.BytesIO(content))["S"]
    assert [str(read.cell(row, 1).value) for row in range(2, 6)] == ["8.95", "1137.5", "-0.01", "9999999999.99"]
    assert read.cell(2, 1).number_format == '#,##0.00 "€"'
    assert str(read.cell(2, 2).value) == "2026-03-31 00:00:00"
    assert read.cell(6, 1).value == "12345678901234567.89"


def test_the_same_tables_are_the_same_bytes() -> None:
    sheets = tables.invoices(sample("first-year"), Asked())
    assert workbook(sheets) == workbook(tables.invoices(sample("first-year"), Asked()))


def test_a_workbook_reads_back_as_the_table() -> None:
    rows, sums = tables.invoices(sample("first-year"), Asked())
    content = workbook([rows, sums])
    read = cells(content, "Factures")
    assert read[0] == tuple(title for _, title in rows.columns)
    place = [name for name, _ in rows.columns].index("gross")
    for cell, row in zip(read[1:], rows.rows, strict=True):
        amount = row[place]
        assert (None if cell[place] is None else Decimal(str(cell[place]))) == (
            amount.value if isinstance(amount, Amount) else None
        )
    assert len(cells(content, "Totaux")) == len(sums.rows) + 1
    assert isinstance(rows.rows[0][4], date)
