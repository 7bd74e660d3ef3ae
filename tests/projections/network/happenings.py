"""What happens in the tests of the network: letters, rests, departures, reviews, invoices and money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.billing import events as billing
from domain.event import Event
from domain.mission import events as mission
from domain.values import Currency, Function, Money, Rhythm, Weekday
from tests.projections.histories import (
    Happened,
    signed,
)


def agreed(
    mission_id: str = "M-1",
    *,
    cadre_id: str = "C-1",
    starts_on: date = date(2026, 3, 2),
    ends_on: date | None = None,
    half_days: int = 4,
    weekdays: tuple[Weekday, ...] | None = None,
    function: Function = Function.FINANCE,
    every: mission.ReviewEvery = mission.ReviewEvery.QUARTERLY,
) -> Happened:
    """A letter signed on 20 February 2026; reviews are far apart unless the test is about them."""
    happened = signed(mission_id, cadre_id)
    changed = {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "rhythm": Rhythm(half_days_per_week=half_days, weekdays=weekdays),
        "function": function,
        "review_every": every,
    }
    return replace(happened, event=happened.event.model_copy(update=changed))


def on(month: int, day: int) -> date:
    return date(2026, month, day)


def stopped(when: date) -> mission.MissionStopped:
    return mission.MissionStopped(on=when, decided_by=mission.StopDecidedBy.BOTH, reason="Fin")


def paused(from_on: date) -> mission.MissionPaused:
    return mission.MissionPaused(from_on=from_on, reason="Congés")


def resumed(when: date) -> mission.MissionResumed:
    return mission.MissionResumed(on=when)


def reviewed(held_on: date, next_on: date | None = None) -> mission.ReviewHeld:
    return mission.ReviewHeld(
        review_id=f"R-{held_on}",
        held_on=held_on,
        kind=mission.ReviewKind.MONTHLY,
        attendees=(),
        summary="Vu",
        next_review_on=next_on,
    )


def an_objective(set_on: date) -> mission.ObjectiveSet:
    return mission.ObjectiveSet(
        objective_id="O-1",
        statement="Clôturer plus vite",
        indicator=mission.Indicator(name="Délai", unit="jours", source="Compta"),
        baseline=Decimal(20),
        target=Decimal(5),
        due_on=date(2027, 1, 31),
        set_on=set_on,
    )


def measured(when: date) -> mission.IndicatorMeasured:
    return mission.IndicatorMeasured(objective_id="O-1", value=Decimal(12), measured_on=when)


def leaving(when: date, successor_id: str | None = None) -> mission.HandoverStarted:
    return mission.HandoverStarted(reason="Départ", leaving_on=when, successor_id=successor_id)


def handed_over(to: str, when: date) -> mission.HandedOver:
    return mission.HandedOver(to_cadre_id=to, effective_on=when, accepted_by="Jeanne D.")


def a_risk(risk_id: str = "Q-1", backup: str | None = None) -> mission.RiskIdentified:
    return mission.RiskIdentified(risk_id=risk_id, text="Paie", likelihood=2, impact=4, backup=backup)


def an_access(custodian: str | None = None) -> mission.AccessDocumented:
    return mission.AccessDocumented(
        access_id="A-1", system="Banque", level="lecture", custodian=custodian, documented_at="Manuel, p. 3"
    )


def an_invoice(number: str = "F-2026-00001", gross: str = "100") -> Happened:
    details = billing.PartyDetails(party_id="E-1")
    event = billing.InvoiceIssued(
        invoice_number=number,
        sequence=1,
        issuer_id="network",
        client_id="E-1",
        currency=Currency.XPF,
        month="2026-03",
        issued_on=on(3, 31),
        due_on=on(4, 30),
        issuer=details,
        client=details,
        lines=(),
        taxes=(),
        net=Decimal(gross),
        tax=Decimal(0),
        gross=Decimal(gross),
    )
    return Happened("invoices:network:2026", event, on(3, 31))


def xpf(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=Currency.XPF)


def shares(amount: str, number: str = "F-2026-00001") -> tuple[billing.Allocation, ...]:
    return (billing.Allocation(invoice_number=number, amount=xpf(amount)),)


def billed(event: Event, when: date) -> Happened:
    return Happened("payment:P-1", event, when)


def paid(amount: str, when: date) -> Happened:
    event = billing.PaymentRecorded(
        payment_id="P-1", received_on=when, amount=xpf(amount), allocations=shares(amount), matched_by=None
    )
    return billed(event, when)
