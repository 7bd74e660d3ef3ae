"""Money that a cadre spent for the client, billed at cost."""

from __future__ import annotations

from datetime import date as Date
from typing import ClassVar

from domain.event import NAMELESS, Command
from domain.values import Id, IsoDate, PositiveMoney, Sha256, Text


class RecordExpense(Command):
    """Enter money spent for the client."""

    NAME: ClassVar[str] = "record_expense"
    NAMES: ClassVar[str | None] = "expense_id"
    expense_id: Id = NAMELESS
    date: IsoDate
    amount: PositiveMoney
    label: Text
    receipt_sha256: Sha256 | None = None

    def business_date(self) -> Date:
        return self.date


class WithdrawExpense(Command):
    """Take an expense back before it is billed."""

    NAME: ClassVar[str] = "withdraw_expense"
    expense_id: Id
    reason: Text
