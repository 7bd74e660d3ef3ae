"""The law as dated data: what holds on a date, and what held before."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.billing.events import TaxAmount
from domain.billing.mentions import exemption_on, invoice_mentions
from domain.law import known_rates, longest_payment_days, records_kept_until
from domain.values import Currency, TaxScheme
from tests.domain.billing.ledger import on

FRENCH = ["basis", "early_payment", "late_penalty", "recovery_indemnity"]


@pytest.mark.parametrize(
    ("scheme", "currency", "days"),
    [
        (TaxScheme.TGC, Currency.XPF, 30),
        (TaxScheme.TGC, Currency.EUR, 30),
        (TaxScheme.NONE, Currency.XPF, 30),
        (TaxScheme.TVA, Currency.EUR, 45),
        (TaxScheme.NONE, Currency.EUR, 45),
    ],
)
def test_new_caledonia_allows_30_days_and_france_45(scheme: TaxScheme, currency: Currency, days: int) -> None:
    assert longest_payment_days(scheme, currency, on("2026-03-31")) == days
    assert longest_payment_days(scheme, currency, on("1999-12-31")) == days  # before our first row, the row holds


def test_the_tgc_has_four_rates_since_october_2018() -> None:
    assert known_rates(TaxScheme.TGC, on("2018-10-01")) == tuple(Decimal(rate) for rate in (3, 6, 11, 22))
    assert known_rates(TaxScheme.TGC, on("2018-09-30")) == ()


def test_there_is_a_reason_where_there_is_no_tax() -> None:
    today = on("2026-03-31")
    assert exemption_on(TaxScheme.NONE, Currency.XPF, None, today) == "Franchise en base – TGC non applicable"
    assert exemption_on(TaxScheme.NONE, Currency.XPF, "Export", today) == "Export"
    assert exemption_on(TaxScheme.TGC, Currency.XPF, None, today) is None


@pytest.mark.parametrize(("day", "codes"), [("2012-12-31", ["basis"]), ("2013-01-01", FRENCH)])
def test_an_invoice_carries_the_sentences_of_its_own_date(day: str, codes: list[str]) -> None:
    tax = TaxAmount(scheme=TaxScheme.TVA, rate=Decimal(20), net=Decimal(1), tax=Decimal(0))
    assert [each.code for each in invoice_mentions(Currency.EUR, [tax], on(day))] == codes


@pytest.mark.parametrize("issued_on", ["2026-01-01", "2026-03-31", "2026-12-31"])
def test_documents_are_kept_to_the_end_of_the_tenth_year_after_theirs(issued_on: str) -> None:
    assert records_kept_until(on(issued_on)) == on("2036-12-31")
