"""Why a mission says no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from domain.event import CommandRejected
from domain.mission.events import Missing


class FunctionNotPractised(CommandRejected):
    """The cadre who holds a mission practises its function."""

    code: ClassVar[str] = "function_not_practised"


class InvalidPeriod(CommandRejected):
    """A period ends after it starts."""

    code: ClassVar[str] = "invalid_period"


class LetterSignedLate(CommandRejected):
    """The letter is signed before the work starts, or on that day."""

    code: ClassVar[str] = "letter_signed_late"


class PaymentTermUnlawful(CommandRejected):
    """The law caps the time to pay: 30 days in New Caledonia, 45 in France."""

    code: ClassVar[str] = "payment_term_unlawful"


class ScopeWithoutResponsibility(CommandRejected):
    """A mission without a responsibility is consulting."""

    code: ClassVar[str] = "scope_without_responsibility"


class NoObjective(CommandRejected):
    """No day is worked before a result was agreed."""

    code: ClassVar[str] = "no_objective"


class TargetEqualsBaseline(CommandRejected):
    """An objective moves its indicator."""

    code: ClassVar[str] = "target_equals_baseline"


class DueBeforeSet(CommandRejected):
    """An objective is due after the date that it is set on."""

    code: ClassVar[str] = "due_before_set"


class TooManyObjectives(CommandRejected):
    """Few objectives, and relevant: five are open at most."""

    code: ClassVar[str] = "too_many_objectives"


class MeasuredBeforeSet(CommandRejected):
    """An objective is measured from the date that it was set on."""

    code: ClassVar[str] = "measured_before_set"


class ObjectiveIsClosed(CommandRejected):
    """The objective is over."""

    code: ClassVar[str] = "objective_closed"


class BeforeStart(CommandRejected):
    """The mission had not started on that date."""

    code: ClassVar[str] = "before_start"


class AfterEnd(CommandRejected):
    """The letter's period was over on that date."""

    code: ClassVar[str] = "after_end"


class MissionIsStopped(CommandRejected):
    """The mission was stopped for good."""

    code: ClassVar[str] = "mission_stopped"


class MissionIsPaused(CommandRejected):
    """The mission rested on that date."""

    code: ClassVar[str] = "mission_paused"


class NotAWorkingDay(CommandRejected):
    """Sundays and public holidays are worked by exception only."""

    code: ClassVar[str] = "not_a_working_day"


class CadreOverbooked(CommandRejected):
    """A cadre delivers at most one whole day on one date, each half of it once, over all missions."""

    code: ClassVar[str] = "cadre_overbooked"


class AlreadyPaused(CommandRejected):
    """Pauses do not overlap."""

    code: ClassVar[str] = "already_paused"


class NotPaused(CommandRejected):
    """There is no pause to end."""

    code: ClassVar[str] = "not_paused"


class DaysDeliveredAfter(CommandRejected):
    """Days were delivered after that date already."""

    code: ClassVar[str] = "days_delivered_after"


class DayIsWithdrawn(CommandRejected):
    """The day was taken back, or credited."""

    code: ClassVar[str] = "day_withdrawn"


class DayIsDisputed(CommandRejected):
    """A dispute is settled before the day is approved."""

    code: ClassVar[str] = "day_disputed"


class AlreadyApproved(CommandRejected):
    """The client approved the day already."""

    code: ClassVar[str] = "already_approved"


class AlreadyDisputed(CommandRejected):
    """The day's dispute is open already."""

    code: ClassVar[str] = "already_disputed"


class NotDisputed(CommandRejected):
    """No dispute is open on the day."""

    code: ClassVar[str] = "not_disputed"


class DayAlreadyInvoiced(CommandRejected):
    """Only a credit note touches an invoiced day."""

    code: ClassVar[str] = "day_already_invoiced"


class NothingToApprove(CommandRejected):
    """No day of the month waits for approval."""

    code: ClassVar[str] = "nothing_to_approve"


class ExpenseAlreadyInvoiced(CommandRejected):
    """Only a credit note touches an invoiced expense."""

    code: ClassVar[str] = "expense_already_invoiced"


class ExpenseIsWithdrawn(CommandRejected):
    """The expense was taken back, or credited."""

    code: ClassVar[str] = "expense_withdrawn"


class CurrencyDiffers(CommandRejected):
    """A mission counts in one currency: that of its terms."""

    code: ClassVar[str] = "currency_mismatch"


class AmendmentBackdated(CommandRejected):
    """An amendment takes effect when it is signed, or later."""

    code: ClassVar[str] = "amendment_backdated"


class AmendmentOutOfOrder(CommandRejected):
    """An amendment takes effect after the one before it."""

    code: ClassVar[str] = "amendment_out_of_order"


class EffectiveBeforeInvoicedDay(CommandRejected):
    """An amendment leaves alone what was invoiced."""

    code: ClassVar[str] = "effective_before_invoiced_day"


class CurrencyChanged(CommandRejected):
    """Another currency needs a new mission."""

    code: ClassVar[str] = "currency_changed"


class IssuerChanged(CommandRejected):
    """Another issuer needs a new mission."""

    code: ClassVar[str] = "issuer_changed"


class BillingKindChanged(CommandRejected):
    """Another kind of billing needs a new mission."""

    code: ClassVar[str] = "billing_kind_changed"


class NotAnExtension(CommandRejected):
    """An extension moves the mission's end later, or removes it."""

    code: ClassVar[str] = "not_an_extension"


class HandoverAlreadyStarted(CommandRejected):
    """One handover at a time."""

    code: ClassVar[str] = "handover_started"


class HandoverNotStarted(CommandRejected):
    """No handover is open."""

    code: ClassVar[str] = "handover_not_started"


class SameCadre(CommandRejected):
    """A mission is handed over to another cadre."""

    code: ClassVar[str] = "same_cadre"


class HandoverIncomplete(CommandRejected):
    """The checklist does not hold on the date of the handover."""

    code: ClassVar[str] = "handover_incomplete"

    def __init__(self, detail: str, missing: Sequence[Missing]) -> None:
        super().__init__(detail)
        self.missing = tuple(missing)


class UnknownDay(CommandRejected):
    """The mission has no day under that id."""

    code: ClassVar[str] = "unknown_day"


class UnknownExpense(CommandRejected):
    """The mission has no expense under that id."""

    code: ClassVar[str] = "unknown_expense"


class UnknownObjective(CommandRejected):
    """The mission has no objective under that id."""

    code: ClassVar[str] = "unknown_objective"


class UnknownAction(CommandRejected):
    """The mission has no action under that id."""

    code: ClassVar[str] = "unknown_action"


class UnknownRisk(CommandRejected):
    """The mission has no risk under that id."""

    code: ClassVar[str] = "unknown_risk"


class UnknownAccess(CommandRejected):
    """The mission has no access under that id."""

    code: ClassVar[str] = "unknown_access"


class UnknownItem(CommandRejected):
    """The handover has no such item."""

    code: ClassVar[str] = "unknown_item"


class ActionIsClosed(CommandRejected):
    """The action is over."""

    code: ClassVar[str] = "action_closed"


class RiskIsClosed(CommandRejected):
    """The risk is over."""

    code: ClassVar[str] = "risk_closed"


class AccessIsRevoked(CommandRejected):
    """The access is no longer in force."""

    code: ClassVar[str] = "access_revoked"


class AlreadyCompleted(CommandRejected):
    """The item was completed already."""

    code: ClassVar[str] = "already_completed"
