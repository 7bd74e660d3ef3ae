"""The law as dated data: what holds on a date, and what held before."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.billing.law import exemption_on, known_rates, longest_payment_days, mentions_on
from domain.values import Currency, TaxScheme
from tests.domain.billing.ledger import on


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


def test_a_document_before_the_law_carries_none_of_its_sentences() -> None:
    assert mentions_on(Currency.EUR, (), on("2026-03-31")) == ()
