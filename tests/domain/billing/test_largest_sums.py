"""The highest prices that may be agreed add up to figures that history can tell again."""

from __future__ import annotations

import pytest

from domain.catalogue import read_event, stored_topic
from domain.values import Currency, DayRate, Hourly
from tests.domain.billing.ledger import a_day_at, an_hour_at, days, invoice, mission, terms

DEAREST = "9" * 18


@pytest.mark.parametrize("currency", list(Currency))
@pytest.mark.parametrize("billing", [a_day_at(DEAREST), an_hour_at(DEAREST)])
def test_an_invoice_at_the_highest_price_can_be_read_again(billing: DayRate | Hourly, currency: Currency) -> None:
    worked = days("D-1 2026-03-02 1", "D-2 2026-03-03 1", "D-3 2026-03-04 1")
    issued = invoice(mission(terms(billing, currency=currency), ready=worked), month="2026-03")
    assert issued.net == 3 * int(DEAREST)
    assert read_event(stored_topic(type(issued)), issued.model_dump_json().encode()) == issued
