"""Signals about a client as a whole: the cadre that it depends on, and the invoices that it has not paid."""

from __future__ import annotations

from decimal import Decimal

from domain.billing import events as billing
from domain.values import Currency, Function
from projections.network.signals import Code
from tests.projections.histories import (
    Happened,
    of_mission,
    recorded,
)
from tests.projections.network.happenings import (
    agreed,
    an_invoice,
    billed,
    handed_over,
    on,
    paid,
    paused,
    shares,
    stopped,
    xpf,
)
from tests.projections.network.world import begins, since, told


def charges(*functions: Function, cadre_id: str = "C-1") -> list[Happened]:
    return [agreed(f"M-{number}", cadre_id=cadre_id, function=each) for number, each in enumerate(functions, 1)]


THREE = (Function.FINANCE, Function.SALES, Function.MARKETING)


def test_a_client_depends_on_one_cadre_from_the_third_function_on() -> None:
    two = charges(*THREE[:2])
    third = agreed("M-3", starts_on=on(4, 1), function=Function.MARKETING)
    begins(Code.DEPENDENCE, on(4, 1), *two, third)
    assert told(recorded([*two, third]), on(4, 5))[0][2] == ("C-1", "M-1", "M-2", "M-3")
    assert since(Code.DEPENDENCE, on(4, 5), *two, agreed("M-3", function=Function.SALES)) is None
    assert since(Code.DEPENDENCE, on(4, 5), *two, agreed("M-3", cadre_id="C-2", function=Function.MARKETING)) is None


def test_a_client_depends_on_one_cadre_until_a_function_ends_or_changes_hands() -> None:
    three = charges(*THREE)
    over = of_mission(stopped(on(4, 10)), on(4, 10), "M-3")
    assert since(Code.DEPENDENCE, on(4, 10), *three, over) == "2026-03-02"
    assert since(Code.DEPENDENCE, on(4, 11), *three, over) is None
    passed_on = of_mission(handed_over("C-2", on(4, 10)), on(4, 10), "M-3")
    assert since(Code.DEPENDENCE, on(4, 9), *three, passed_on) == "2026-03-02"
    assert since(Code.DEPENDENCE, on(4, 10), *three, passed_on) is None
    resting = of_mission(paused(on(4, 10)), on(4, 10), "M-3")
    assert since(Code.DEPENDENCE, on(4, 11), *three, resting) == "2026-03-02"


def test_a_function_that_another_took_over_earlier_than_agreed_is_that_others() -> None:
    """C-2 was to have it from 20 April; C-3 had it from the 10th on."""
    agreed_on = of_mission(handed_over("C-2", on(4, 20)), on(4, 1), "M-3")
    overtaken = [*charges(*THREE), agreed_on, of_mission(handed_over("C-3", on(4, 10)), on(4, 9), "M-3")]
    assert since(Code.DEPENDENCE, on(4, 9), *overtaken) == "2026-03-02"
    assert since(Code.DEPENDENCE, on(4, 10), *overtaken) is None


def test_a_stretch_of_dependence_that_ended_may_come_again() -> None:
    three = charges(*THREE)
    history = [*three, of_mission(stopped(on(4, 10)), on(4, 10), "M-3")]
    begins(Code.DEPENDENCE, on(5, 4), *history, agreed("M-4", starts_on=on(5, 4), function=Function.OPERATIONS))


def test_an_invoice_is_late_from_the_day_after_it_was_due_until_it_is_settled() -> None:
    begins(Code.INVOICE_LATE, on(5, 1), an_invoice())
    assert told(recorded([an_invoice()]), on(5, 1)) == [("invoice_late", "2026-05-01", ("F-2026-00001",))]
    assert since(Code.INVOICE_LATE, on(5, 20), an_invoice(), paid("60", on(5, 10))) == "2026-05-01"
    assert since(Code.INVOICE_LATE, on(5, 20), an_invoice(), paid("100", on(5, 10))) is None


def test_money_taken_back_makes_an_invoice_late_since_then() -> None:
    undone = billing.PaymentDeallocated(
        payment_id="P-1", invoice_number="F-2026-00001", amount=xpf("40"), reason="Erreur"
    )
    begins(Code.INVOICE_LATE, on(5, 20), an_invoice(), paid("100", on(4, 20)), billed(undone, on(5, 20)))
    withdrawn_payment = billing.PaymentWithdrawn(payment_id="P-1", reason="Erreur", undone=shares("100"))
    begins(Code.INVOICE_LATE, on(5, 20), an_invoice(), paid("100", on(4, 20)), billed(withdrawn_payment, on(5, 20)))
    refunded = billing.RefundRecorded(
        refund_id="P-2", invoice_number="F-2026-00001", amount=xpf("10"), paid_on=on(5, 20)
    )
    begins(Code.INVOICE_LATE, on(5, 20), an_invoice(), paid("100", on(4, 20)), billed(refunded, on(5, 20)))


def test_an_allocation_or_a_credit_note_settles_an_invoice_too() -> None:
    allocated = billing.PaymentAllocated(payment_id="P-1", allocations=shares("100"))
    assert since(Code.INVOICE_LATE, on(5, 20), an_invoice(), billed(allocated, on(5, 20))) is None
    credit = billing.CreditNoteIssued(
        credit_note_number="A-2026-00001",
        sequence=1,
        invoice_number="F-2026-00001",
        issuer_id="network",
        client_id="E-1",
        currency=Currency.XPF,
        issued_on=on(5, 20),
        reason="Erreur",
        effect=billing.CreditEffect.WITHDRAW,
        whole=True,
        lines=(),
        taxes=(),
        net=Decimal(100),
        tax=Decimal(0),
        gross=Decimal(100),
    )
    assert since(Code.INVOICE_LATE, on(5, 20), an_invoice(), billed(credit, on(5, 20))) is None
