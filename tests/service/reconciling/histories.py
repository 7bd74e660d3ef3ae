"""Days, bills, credits and payments of a small world, decided by the domain in an order that nobody chose."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from domain.billing.events import InvoiceIssued, PaymentRecorded
from domain.commands import COMMANDS
from domain.event import Command, Event, Recorded
from tests.bodies import on
from tests.scenario import ADMIN, Scenario
from tests.strategies import HISTORIES, Asking, live

ISSUED_ON = ["2026-03-31", "2026-03-31", "2026-04-01"]


@dataclass(frozen=True)
class Billing:
    """Somebody bills, credits, pays or gives back; which document is counted off among those that are there."""

    kind: str
    which: int = 0
    parts: int = 1
    fields: dict[str, object] = field(default_factory=dict)


_WHICH = st.integers(0, 5)
BILLINGS = st.one_of(
    st.sampled_from(ISSUED_ON).map(lambda day: Billing("run", fields={"issued_on": day})),
    st.builds(
        lambda which, parts, effect, day: Billing("credit", which, parts, {"effect": effect, "issued_on": day}),
        _WHICH,
        st.integers(0, 2),
        st.sampled_from(["withdraw", "rebill"]),
        st.sampled_from(ISSUED_ON),
    ),
    st.builds(lambda which, parts: Billing("pay", which, parts), _WHICH, st.integers(1, 3)),
    st.builds(lambda which: Billing("refund", which), _WHICH),
    st.builds(lambda which: Billing("withdraw", which), _WHICH),
)
STEPS = st.tuples(HISTORIES, st.lists(st.one_of(BILLINGS, HISTORIES.map(lambda askings: askings[:3])), max_size=14))
"""Ten days of work, then billing and more work by turns."""


def lived(askings: list[Asking], steps: list[Billing | list[Asking]]) -> list[Recorded[Event]]:
    """What the domain makes of it all: what it refuses changes nothing."""
    scenario = live(askings).by(ADMIN).on(on("2026-04-01"))
    for number, step in enumerate(steps):
        if isinstance(step, Billing):
            command = _command(scenario, number, step)
            if command is not None:
                scenario.by(ADMIN).when(command, None)
        else:
            for asking in step:
                scenario.by(asking.actor).when(asking.command, asking.mission_id)
    return scenario.network.recorded


def _command(scenario: Scenario, number: int, step: Billing) -> Command | None:
    events = [recorded.event for recorded in scenario.network.recorded]
    issued = [event for event in events if isinstance(event, InvoiceIssued)]
    payments = [event.payment_id for event in events if isinstance(event, PaymentRecorded)]
    invoice = issued[step.which % len(issued)] if issued else None
    body: dict[str, object] | None = None
    match step.kind:
        case "run":
            body = {"month": "2026-03", **step.fields}
        case "withdraw" if payments:
            body = {"payment_id": payments[step.which % len(payments)], "reason": "Saisi deux fois"}
        case "credit" if invoice is not None:
            on_it = sorted({day.day_id for line in invoice.lines for day in line.days})[: step.parts]
            body = {"invoice_number": invoice.invoice_number, "reason": "Erreur", "day_ids": on_it or None}
            body |= step.fields
        case "pay" if invoice is not None:
            amount = {"amount": invoice.currency.text(invoice.currency.round(invoice.gross / step.parts))}
            body = {"payment_id": f"P-{number}", "received_on": "2026-04-01", "reference": invoice.invoice_number}
            body["amount"] = {**amount, "currency": invoice.currency}
        case "refund" if invoice is not None:
            money = {"amount": "100", "currency": invoice.currency}
            body = {"refund_id": f"R-{number}", "invoice_number": invoice.invoice_number, "amount": money}
            body["paid_on"] = "2026-04-01"
    names = {
        "run": "issue_invoices",
        "withdraw": "withdraw_payment",
        "credit": "issue_credit_note",
        "pay": "record_payment",
        "refund": "record_refund",
    }
    return None if body is None else COMMANDS[names[step.kind]].model_validate(body)
