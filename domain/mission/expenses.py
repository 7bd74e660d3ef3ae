"""Money that a cadre spent for the client, billed at cost."""

from __future__ import annotations

from typing import ClassVar

from domain.event import NAMELESS, Command, Context
from domain.mission.currency import reject_other_currency
from domain.mission.events import ExpenseRecorded, ExpenseWithdrawn
from domain.mission.period import reject_outside_period
from domain.mission.rejections import ExpenseAlreadyInvoiced, ExpenseIsWithdrawn, UnknownExpense
from domain.mission.state import ExpenseStatus, Mission
from domain.rejections import AlreadyExists, InTheFuture
from domain.values import Id, IsoDate, PositiveMoney, Sha256, Text


class RecordExpense(Command):
    """Enter money spent for the client."""

    NAME: ClassVar[str] = "record_expense"
    NAMES: ClassVar[str | None] = "expense_id"
    DATED: ClassVar[str | None] = "date"
    expense_id: Id = NAMELESS
    date: IsoDate
    amount: PositiveMoney
    label: Text
    receipt_sha256: Sha256 | None = None


class WithdrawExpense(Command):
    """Take an expense back before it is billed."""

    NAME: ClassVar[str] = "withdraw_expense"
    expense_id: Id
    reason: Text


def record_expense(mission: Mission, command: RecordExpense, context: Context) -> ExpenseRecorded:
    """Money is spent within the mission's period, a pause or not, in the mission's currency."""
    if command.expense_id in mission.expenses:
        raise AlreadyExists(f"{command.expense_id} is an expense of the mission already: choose another id")
    if command.date > context.today:
        raise InTheFuture(f"the expense is dated {command.date}: enter it once it is spent")
    reject_outside_period(mission, command.date)
    reject_other_currency(mission, command.amount)
    return ExpenseRecorded.model_validate(dict(command))


def withdraw_expense(mission: Mission, command: WithdrawExpense) -> ExpenseWithdrawn:
    """An expense may be taken back until it is invoiced."""
    expense = mission.expenses.get(command.expense_id)
    if expense is None:
        raise UnknownExpense(f"the mission has no expense {command.expense_id}: name one that was recorded")
    if expense.status in (ExpenseStatus.WITHDRAWN, ExpenseStatus.CREDITED):
        raise ExpenseIsWithdrawn(f"the expense {command.expense_id} was taken back already")
    if expense.status is ExpenseStatus.INVOICED:
        raise ExpenseAlreadyInvoiced(
            f"{command.expense_id} is on {expense.invoice_number}: issue a credit note instead"
        )
    return ExpenseWithdrawn(expense_id=command.expense_id, reason=command.reason)
