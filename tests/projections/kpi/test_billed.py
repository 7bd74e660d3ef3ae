"""What of a mission was billed, as the results count it: documents, retainer months, included time, expenses, risks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.billing.events import CreditEffect, CreditNoteIssued, InvoiceIssued, Line
from domain.event import Event, Sealed
from domain.mission.events import (
    DaysCredited,
    DaysInvoiced,
    DaysReleased,
    ExpenseRecorded,
    ExpenseWithdrawn,
    RiskClosed,
    RiskIdentified,
)
from domain.values import Currency, Money
from projections.kpi.billed import CHARGES, DOCUMENTS, EXPENSES, DocumentKind, ExpenseStanding
from projections.kpi.risks import RISKS, open_risks
from tests.domain.billing.ledger import a_day_at, days, expenses, invoice, mission, terms
from tests.projections.histories import Happened, of_mission, recorded

NUMBER, NOTE, ISSUED_ON = "F-2026-00001", "A-2026-00001", date(2026, 3, 31)


def billed() -> InvoiceIssued:
    """Two days and an expense of M-1, one day of M-2."""
    return invoice(
        mission(
            terms(a_day_at("85000")),
            ready=days("D-1 2026-03-02 1", "D-2 2026-03-03 1"),
            spent=expenses("X-1 2026-03-04 1500"),
        ),
        mission(terms(a_day_at("60000")), mission_id="M-2", ready=days("D-3 2026-03-03 0.5")),
        month="2026-03",
    )


def taken_back(lines: tuple[Line, ...]) -> CreditNoteIssued:
    net = sum((line.net for line in lines), Decimal(0))
    return CreditNoteIssued(
        credit_note_number=NOTE,
        sequence=1,
        invoice_number=NUMBER,
        issuer_id="network",
        client_id="E-1",
        currency=Currency.XPF,
        issued_on=ISSUED_ON,
        reason="Erreur",
        effect=CreditEffect.WITHDRAW,
        whole=False,
        lines=lines,
        taxes=(),
        net=net,
        tax=Decimal(0),
        gross=net,
    )


def test_a_document_says_what_it_bills_of_each_mission() -> None:
    said = billed()
    history = [Happened("invoices:network:2026", said, ISSUED_ON)]
    history += [Happened("credit-notes:network:2026", taken_back(said.lines[:1]), ISSUED_ON)]
    bill, note = DOCUMENTS.rows(recorded(history)).values()
    assert (bill.kind, bill.net_of("M-1"), bill.net_of("M-2"), bill.net_of("M-3")) == (
        DocumentKind.INVOICE,
        Decimal(171500),
        Decimal(30000),
        Decimal(0),
    )
    assert (note.kind, note.net_of("M-1"), note.net_of("M-2")) == (
        DocumentKind.CREDIT_NOTE,
        Decimal(170000),
        Decimal(0),
    )


def of_invoice(kind: type[DaysInvoiced], **fields: object) -> DaysInvoiced:
    return kind.model_validate({"invoice_number": NUMBER, "month": "2026-03", "issued_on": ISSUED_ON, **fields})


def of_note(kind: type[DaysCredited | DaysReleased], **fields: object) -> DaysCredited | DaysReleased:
    return kind.model_validate({"credit_note_number": NOTE, "invoice_number": NUMBER, "issued_on": ISSUED_ON, **fields})


INCLUDED = of_invoice(
    DaysInvoiced, day_ids=("D-1", "D-2"), included={"D-1": "1", "D-2": "0.5"}, retainer_months=("2026-02", "2026-03")
)


@pytest.mark.parametrize(
    ("later", "months", "included"),
    [
        ([], ("2026-02", "2026-03"), {"D-1": "1", "D-2": "0.5"}),
        ([of_note(DaysCredited, day_ids=("D-1",))], ("2026-02", "2026-03"), {"D-2": "0.5"}),
        ([of_note(DaysReleased, day_ids=("D-1", "D-2"), retainer_months=("2026-03",))], ("2026-02",), {}),
        ([of_invoice(DaysInvoiced, retainer_months=("2026-01",))], ("2026-01", "2026-02", "2026-03"), None),
        ([of_invoice(DaysInvoiced, day_ids=("D-9",))], ("2026-02", "2026-03"), None),
    ],
    ids=["nothing", "credited", "given back", "another month", "nothing of a retainer"],
)
def test_a_retainers_months_and_what_they_include_are_counted_once(
    later: list[Event], months: tuple[str, ...], included: dict[str, str] | None
) -> None:
    [row] = CHARGES.rows(recorded([of_mission(each) for each in [INCLUDED, *later]])).values()
    assert row.months == months
    assert {day_id: str(quantity) for day_id, quantity in row.included.items()} == (
        {"D-1": "1", "D-2": "0.5"} if included is None else included
    )


@pytest.mark.parametrize("kind", [DaysCredited, DaysReleased])
def test_what_was_never_charged_is_not_taken_back(kind: type[DaysCredited | DaysReleased]) -> None:
    assert CHARGES.rows(recorded([of_mission(of_note(kind, day_ids=("D-1",)))])) == {}


SPENT = ExpenseRecorded(
    expense_id="X-1", date=date(2026, 3, 4), amount=Money(amount=Decimal(1500), currency=Currency.XPF), label="Taxi"
)


@pytest.mark.parametrize(
    ("later", "standing"),
    [
        ([], ExpenseStanding.OPEN),
        ([ExpenseWithdrawn(expense_id="X-1", reason="Offert")], ExpenseStanding.WITHDRAWN),
        ([of_invoice(DaysInvoiced, expense_ids=("X-1",))], ExpenseStanding.INVOICED),
        ([of_note(DaysCredited, expense_ids=("X-1",))], ExpenseStanding.CREDITED),
        ([of_note(DaysReleased, expense_ids=("X-1",))], ExpenseStanding.OPEN),
    ],
    ids=["recorded", "withdrawn", "invoiced", "credited", "given back"],
)
def test_an_expense_stands_where_the_last_word_put_it(later: list[Event], standing: ExpenseStanding) -> None:
    [row] = EXPENSES.rows(recorded([of_mission(each) for each in [SPENT, *later]])).values()
    assert (row.amount, row.standing) == (Decimal(1500), standing)


def test_what_is_said_of_an_expense_or_a_risk_that_is_not_known_yet_makes_none() -> None:
    said = [ExpenseWithdrawn(expense_id="X-1", reason="Offert"), RiskClosed(risk_id="Q-1", on=ISSUED_ON)]
    history = recorded([of_mission(each) for each in said])
    assert (EXPENSES.rows(history), RISKS.rows(history)) == ({}, {})


def risk(risk_id: str, likelihood: int, impact: int, text: str | Sealed = "Une seule personne sait") -> RiskIdentified:
    return RiskIdentified(risk_id=risk_id, text=text, likelihood=likelihood, impact=impact)


def test_open_risks_are_told_the_worst_first() -> None:
    gone = Sealed.model_validate({"$c": "0" * 64})
    said = [
        risk("Q-1", 2, 3),
        risk("Q-2", 5, 5),
        risk("Q-3", 3, 5, gone),
        risk("Q-4", 3, 2),
        RiskClosed(risk_id="Q-2", on=ISSUED_ON),
    ]
    told = open_risks(RISKS.rows(recorded([of_mission(each) for each in said])).values())
    assert [(each.risk_id, each.severity, each.text is None) for each in told] == [
        ("Q-3", 15, True),
        ("Q-1", 6, False),
        ("Q-4", 6, False),
    ]
