"""A billing run: who gets an invoice, under which number, due when, and what it means to the missions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.billing.engagement import Engagement
from domain.billing.events import InvoiceIssued
from domain.billing.invoicing import IssueInvoices, issue_invoices
from domain.billing.rejections import IssuedOnGoesBackwards, MonthNotOver
from domain.billing.series import Series, fold, invoice_numbers_in
from domain.mission.events import DaysInvoiced
from domain.rejections import InTheFuture
from domain.values import Currency, Tax, TaxScheme
from tests.domain.billing.ledger import (
    a_day_at,
    a_retainer,
    context,
    days,
    expenses,
    filed,
    invoice,
    invoices,
    mission,
    on,
    terms,
)
from tests.refusals import refusing

WORKED = days("D-1 2026-03-02 1")
IN_FRANCS = terms(a_day_at("85000"))
IN_EUROS = terms(
    a_day_at("650"), currency=Currency.EUR, payment_days=45, tax=Tax(scheme=TaxScheme.NONE, exemption_reason=None)
)
BY_A_CADRE = terms(a_day_at("90000"), issuer_id="I-001")


def test_a_client_gets_one_invoice_a_month_whatever_the_number_of_its_missions() -> None:
    issued = invoice(
        mission(IN_FRANCS, mission_id="M-2", ready=WORKED),
        mission(IN_FRANCS, mission_id="M-1", ready=WORKED),
        month="2026-03",
    )
    assert [line.mission_id for line in issued.lines] == ["M-1", "M-2"]


def test_invoices_are_numbered_by_client_issuer_and_currency() -> None:
    run = invoices(
        mission(IN_FRANCS, mission_id="M-1", client_id="E-2", ready=WORKED),
        mission(IN_FRANCS, mission_id="M-2", client_id="E-1", ready=WORKED),
        mission(IN_EUROS, mission_id="M-3", client_id="E-1", ready=WORKED),
        mission(BY_A_CADRE, mission_id="M-4", client_id="E-1", ready=WORKED),
        month="2026-03",
        issued_on="2026-04-03",
    )
    assert [(each.invoice_number, each.client_id, each.currency) for each in run] == [
        ("F-I-001-2026-00001", "E-1", "XPF"),
        ("F-2026-00001", "E-1", "EUR"),
        ("F-2026-00002", "E-1", "XPF"),
        ("F-2026-00003", "E-2", "XPF"),
    ]


def test_a_series_goes_on_where_it_stood_and_starts_anew_each_year() -> None:
    stood = {"invoices:network:2026": Series(41, on("2026-04-03")), "invoices:network:2027": Series()}
    worked = mission(IN_FRANCS, ready=WORKED)
    assert invoices(worked, month="2026-03", issued_on="2026-04-03", series=stood)[0].invoice_number == "F-2026-00042"
    assert invoices(worked, month="2026-03", issued_on="2027-01-02", series=stood)[0].invoice_number == "F-2027-00001"


def test_an_invoice_is_due_after_the_shortest_term_of_the_missions_on_it() -> None:
    short = terms(a_day_at("85000"), payment_days=15)
    idle = mission(terms(a_day_at("85000"), payment_days=5), mission_id="M-3")
    issued = invoice(
        mission(IN_FRANCS, mission_id="M-1", ready=WORKED),
        mission(IN_FRANCS, ("2026-04-03", short), mission_id="M-2", ready=WORKED),
        idle,
        month="2026-03",
        issued_on="2026-04-03",
    )
    assert issued.due_on == on("2026-04-18")


@pytest.mark.parametrize(
    "nothing",
    [
        mission(IN_FRANCS),
        mission(terms(a_day_at("0")), ready=WORKED),
        mission(terms(a_retainer("600000", "4", "80000")), ready=WORKED, charged=["2026-01", "2026-02", "2026-03"]),
    ],
)
def test_nothing_billable_or_nothing_but_lines_at_0_makes_no_invoice(nothing: Engagement) -> None:
    assert filed(nothing, month="2026-03") == []


def test_a_line_at_0_stands_on_an_invoice_that_bills_something_else() -> None:
    issued = invoice(mission(terms(a_day_at("0")), ready=WORKED, spent=expenses("X-1 2026-03-02 900")), month="2026-03")
    assert [line.net for line in issued.lines] == [0, 900]


@pytest.mark.parametrize(("issued_on", "refused"), [("2026-03-30", True), ("2026-03-31", False)])
def test_a_month_is_billed_on_its_last_day_or_later(issued_on: str, refused: bool) -> None:
    run = IssueInvoices(month="2026-03", issued_on=on(issued_on))
    if refused:
        with refusing(MonthNotOver):
            issue_invoices(run, [], {}, {}, context())
    else:
        assert issue_invoices(run, [], {}, {}, context()) == []


@pytest.mark.parametrize(("today", "refused"), [("2026-04-02", True), ("2026-04-03", False)])
def test_an_invoice_is_not_dated_in_the_future(today: str, refused: bool) -> None:
    run = IssueInvoices(month="2026-03", issued_on=on("2026-04-03"))
    if refused:
        with refusing(InTheFuture):
            issue_invoices(run, [], {}, {}, context(today))
    else:
        assert issue_invoices(run, [], {}, {}, context(today)) == []


def test_dates_never_go_backwards_within_a_series_and_one_refusal_refuses_the_run() -> None:
    stood = {"invoices:network:2026": Series(1, on("2026-04-04"))}
    fine, late = mission(BY_A_CADRE, mission_id="M-1", ready=WORKED), mission(IN_FRANCS, mission_id="M-2", ready=WORKED)
    assert len(invoices(fine, month="2026-03", issued_on="2026-04-03", series=stood)) == 1
    assert len(invoices(late, month="2026-03", issued_on="2026-04-04", series=stood)) == 1
    with refusing(IssuedOnGoesBackwards):
        invoices(fine, late, month="2026-03", issued_on="2026-04-03", series=stood)


def test_each_mission_learns_what_was_billed_of_it() -> None:
    retained = mission(
        terms(a_retainer("600000", "1.5", "80000")),
        starts_on="2026-02-01",
        ready=days("D-1 2026-03-02 1", "D-2 2026-03-03 1"),
        spent=expenses("X-1 2026-03-02 900"),
    )
    series, billed = filed(retained, month="2026-03", issued_on="2026-04-03")
    assert isinstance(series.event, InvoiceIssued)
    assert series.tags == ("invoice:F-2026-00001", "payer:E-1")
    assert billed.stream == "mission:M-1"
    assert billed.event == DaysInvoiced(
        invoice_number="F-2026-00001",
        month="2026-03",
        issued_on=on("2026-04-03"),
        day_ids=("D-1", "D-2"),
        included={"D-1": Decimal(1), "D-2": Decimal("0.5")},
        retainer_months=("2026-02", "2026-03"),
        expense_ids=("X-1",),
    )


def test_the_amounts_of_an_invoice_add_up() -> None:
    issued = invoice(
        mission(IN_FRANCS, ready=WORKED), mission(IN_FRANCS, mission_id="M-2", ready=WORKED), month="2026-03"
    )
    assert issued.net == sum(line.net for line in issued.lines) == sum(tax.net for tax in issued.taxes) == 170000
    assert issued.gross == issued.net + issued.tax == 180200


def test_mentions_follow_the_law_of_the_invoice() -> None:
    caledonian, french = (invoice(mission(each, ready=WORKED), month="2026-03") for each in (IN_FRANCS, IN_EUROS))
    assert [each.code for each in caledonian.mentions] == ["basis", "early_payment", "late_penalty"]
    assert [each.code for each in french.mentions] == [
        "exemption",
        "basis",
        "early_payment",
        "late_penalty",
        "recovery_indemnity",
    ]
    assert french.mentions[0].text == french.taxes[0].exemption_reason == "TVA non applicable, art. 293 B du CGI"
    assert "40 €" in french.mentions[-1].text
    assert "livrés et acceptés" in caledonian.mentions[0].text


@pytest.mark.parametrize(
    ("currency", "scheme", "caledonian"),
    [
        (Currency.XPF, TaxScheme.NONE, True),
        (Currency.EUR, TaxScheme.TGC, True),
        (Currency.EUR, TaxScheme.TVA, False),
    ],
)
def test_the_law_is_caledonian_in_francs_or_under_tgc(currency: Currency, scheme: TaxScheme, caledonian: bool) -> None:
    agreed = terms(a_day_at("600"), currency=currency, tax=Tax(scheme=scheme))
    issued = invoice(mission(agreed, ready=WORKED), month="2026-03")
    assert ("recovery_indemnity" not in [each.code for each in issued.mentions]) is caledonian


def test_a_series_knows_its_last_document() -> None:
    first, second = invoices(
        *(mission(IN_FRANCS, mission_id=f"M-{n}", client_id=f"E-{n}", ready=WORKED) for n in (1, 2)),
        month="2026-03",
        issued_on="2026-04-03",
    )
    assert fold(None, [first, second]) == Series(2, on("2026-04-03"))


@pytest.mark.parametrize(
    ("reference", "numbers"),
    [
        ("VIR F-2026-00001 MERCI", ("F-2026-00001",)),
        ("facture F-2026-00001.", ("F-2026-00001",)),
        ("(F-I-001-2026-00002)", ("F-I-001-2026-00002",)),
        ("F-2026-00001,F-2026-00002", ("F-2026-00001", "F-2026-00002")),
        ("F-2026-00001/F-2026-00001", ("F-2026-00001",)),
        ("F-2026-000012", ("F-2026-000012",)),
        ("XF-2026-00001", ()),
        ("F-2026-00001A", ()),
        ("F-2026-0001", ()),
        ("avoir A-2026-00001", ()),
        ("", ()),
    ],
)
def test_invoice_numbers_are_read_as_whole_words(reference: str, numbers: tuple[str, ...]) -> None:
    assert invoice_numbers_in(reference) == numbers
