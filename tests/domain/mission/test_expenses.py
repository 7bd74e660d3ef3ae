"""Expenses: rule 6, and what billing does to them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.event import CommandRejected
from domain.mission.events import DaysCredited, DaysInvoiced, DaysReleased, ExpenseRecorded, ExpenseWithdrawn
from domain.mission.rejections import (
    AfterEnd,
    BeforeStart,
    CurrencyDiffers,
    ExpenseAlreadyInvoiced,
    ExpenseIsWithdrawn,
    UnknownExpense,
)
from domain.rejections import AlreadyExists, InTheFuture
from tests.bodies import asked, on, running, signed
from tests.domain.mission.test_days import with_billing

INVOICED = DaysInvoiced(
    invoice_number="F-2026-00001", month="2026-03", issued_on=on("2026-03-31"), expense_ids=("X-1",)
)
BACK = {
    "credit_note_number": "A-1",
    "invoice_number": "F-2026-00001",
    "issued_on": "2026-03-31",
    "expense_ids": ["X-1"],
}


def test_money_spent_for_the_client_is_recorded() -> None:
    scenario = signed().when(asked("record_expense")).then_done()
    (event,) = scenario.events
    assert isinstance(event, ExpenseRecorded)
    assert event.model_dump(mode="json")["amount"] == {"amount": "12045", "currency": "XPF"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"date": "2026-04-01"}, InTheFuture),
        ({"date": "2026-03-01"}, BeforeStart),
        ({"amount": {"amount": "10.50", "currency": "EUR"}}, CurrencyDiffers),
    ],
)
def test_an_expense_that_breaks_a_rule_is_refused(changes: dict[str, object], why: type[CommandRejected]) -> None:
    signed().when(asked("record_expense", **changes)).then_rejected(why)


def test_an_expense_at_the_bounds_is_taken() -> None:
    signed().when(asked("record_expense", date="2026-03-02")).then_done()
    signed().when(asked("record_expense", date="2026-03-31")).then_done()
    later = signed().on(on("2026-07-10"))
    later.when(asked("record_expense", date="2026-06-30")).then_done()
    later.when(asked("record_expense", expense_id="X-2", date="2026-07-01")).then_rejected(AfterEnd)


def test_an_expense_s_id_is_used_once() -> None:
    signed().given(asked("record_expense")).when(asked("record_expense")).then_rejected(AlreadyExists)


@pytest.mark.parametrize("amount", ["0", "-1", "12.5"])
def test_an_amount_is_more_than_nothing_in_the_currency_s_digits(amount: str) -> None:
    with pytest.raises(ValidationError):
        asked("record_expense", amount={"amount": amount, "currency": "XPF"})


def test_an_expense_is_withdrawn_once() -> None:
    recorded = signed().given(asked("record_expense"))
    recorded.when(asked("withdraw_expense")).then(ExpenseWithdrawn(expense_id="X-1", reason="Payé par le client"))
    recorded.when(asked("withdraw_expense")).then_rejected(ExpenseIsWithdrawn)
    signed().when(asked("withdraw_expense")).then_rejected(UnknownExpense)


def test_only_a_credit_note_touches_an_invoiced_expense() -> None:
    invoiced = with_billing(running().given(asked("record_expense")), INVOICED)
    invoiced.when(asked("withdraw_expense")).then_rejected(ExpenseAlreadyInvoiced)


def test_a_credited_expense_is_over_and_a_released_one_is_not() -> None:
    recorded = running().given(asked("record_expense"))
    credited = with_billing(recorded, INVOICED, DaysCredited.model_validate(BACK))
    credited.when(asked("withdraw_expense")).then_rejected(ExpenseIsWithdrawn)
    again = running().given(asked("record_expense"))
    released = with_billing(again, INVOICED, DaysReleased.model_validate(BACK))
    released.when(asked("withdraw_expense")).then_done()
