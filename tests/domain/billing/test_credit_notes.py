"""A credit note takes back named days at their invoice's prices, or exactly what is left."""

from __future__ import annotations

import pytest

from domain.billing.account import Account, evolve
from domain.billing.engagement import Engagement
from domain.billing.events import CreditEffect, CreditNoteIssued, LineKind
from domain.billing.rejections import AlreadyCredited, DayNotOnInvoice, IssuedOnGoesBackwards
from domain.billing.series import Series
from domain.event import CommandRejected
from domain.mission.events import DaysCredited, DaysReleased
from domain.party.events import PersonForgotten
from domain.rejections import InTheFuture
from domain.values import Currency, Tax, TaxScheme
from tests.domain.billing.ledger import (
    a_day_at,
    a_retainer,
    an_hour_at,
    credit_note,
    credited,
    days,
    expenses,
    invoice,
    mission,
    on,
    said,
    terms,
    tgc,
)
from tests.refusals import refusing

THREE_DAYS = mission(terms(a_day_at("85000")), ready=days("D-1 2026-03-02 1", "D-2 2026-03-03 0.5", "D-3 2026-03-04 1"))
RETAINED = mission(
    terms(a_retainer("600000", "1.5", "80000")),
    starts_on="2026-03-01",
    ready=days("D-1 2026-03-02 1", "D-2 2026-03-03 1"),
    spent=expenses("X-1 2026-03-02 900"),
)
ODD_HOURS = mission(
    terms(an_hour_at("13333")), ready=days("D-1 2026-03-02 0.5", "D-2 2026-03-03 0.5", "D-3 2026-03-04 0.5")
)


def account(*missions: Engagement) -> Account:
    return Account(invoice(*missions, month="2026-03", issued_on="2026-04-03"))


def test_named_days_are_credited_at_the_invoices_prices() -> None:
    note = credit_note(account(THREE_DAYS), "D-1", "D-2")
    assert [said(line) for line in note.lines] == ["M-1 2026-03 time 1.5 × 85000 at 6 % = 127500"]
    assert note.net == 127500
    assert note.gross == note.net + note.tax == 135150
    assert not note.whole
    assert note.credit_note_number == "A-2029-00001"


def test_a_split_day_is_credited_on_both_its_lines() -> None:
    note = credit_note(account(RETAINED), "D-2")
    assert [said(line) for line in note.lines] == [
        "M-1 2026-03 time 0.5 × 0 at 6 % = 0",
        "M-1 2026-03 time 0.5 × 80000 at 6 % = 40000",
    ]


def test_a_whole_invoice_is_credited_to_the_franc() -> None:
    credited_all = credit_note(account(RETAINED))
    issued = account(RETAINED).invoice
    assert credited_all.lines == issued.lines
    assert (credited_all.net, credited_all.tax, credited_all.whole) == (issued.net, issued.tax, True)


def test_the_last_days_of_an_invoice_of_nothing_but_days_take_exactly_what_is_left() -> None:
    odd = account(ODD_HOURS)  # 1.5 × 13333 = 19999.5 → 20000, and each half hour alone 6666.5 → 6667
    first, second = evolve(odd, credit_note(odd, "D-1")), credit_note(odd, "D-2")
    last = credit_note(evolve(first, second), "D-3")
    assert last.net == 20000 - 2 * 6667 == 6666
    assert last.tax == odd.invoice.tax - first.credit_notes[0].tax - second.tax
    assert last.whole


def test_the_rest_of_an_invoice_balances_what_rounding_left_on_its_lines() -> None:
    odd = account(mission(terms(an_hour_at("13333")), ready=ODD_HOURS.ready, spent=expenses("X-1 2026-03-02 900")))
    for day in ("D-1", "D-2", "D-3"):
        odd = evolve(odd, credit_note(odd, day))
    rest = credit_note(odd)
    assert [said(line) for line in rest.lines] == [
        "M-1 2026-03 rounding 0 × 13333 at 6 % = -1",
        "M-1 2026-03 expense 1 × 900 at 6 % = 900",
    ]
    assert evolve(odd, rest).outstanding == 0


def test_after_a_partial_credit_the_whole_takes_the_rest() -> None:
    partly = evolve(account(RETAINED), credit_note(account(RETAINED), "D-1"))
    rest = credit_note(partly)
    assert evolve(partly, rest).outstanding == 0
    assert {day.day_id for line in rest.lines for day in line.days} == {"D-2"}
    assert {line.kind for line in rest.lines if line.days} == {LineKind.TIME}


def test_the_rest_gives_back_the_tax_that_rounding_left_of_days_credited_one_by_one() -> None:
    at_6 = mission(terms(a_day_at("85008")), ready=days("D-1 2026-03-02 1", "D-2 2026-03-03 1", "D-3 2026-03-04 1"))
    at_11 = mission(terms(a_day_at("90000"), tax=tgc("11")), mission_id="M-2", ready=days("D-9 2026-03-05 1"))
    mixed = account(at_6, at_11)  # 6 % of 255024 is 15301, and of each day 5100
    for day in ("D-1", "D-2", "D-3"):
        mixed = evolve(mixed, credit_note(mixed, day))
    rest = credit_note(mixed)
    assert [f"{tax.rate:f} %: {tax.net:f} + {tax.tax:f}" for tax in rest.taxes] == ["6 %: 0 + 1", "11 %: 90000 + 9900"]
    assert evolve(mixed, rest).outstanding == 0


@pytest.mark.parametrize(
    ("before", "named", "refusal"),
    [
        ((), ("D-9",), DayNotOnInvoice),
        ((), ("D-1", "D-9"), DayNotOnInvoice),
        (("D-1",), ("D-1", "D-2"), AlreadyCredited),
        (("D-1", "D-2", "D-3"), (), AlreadyCredited),
        (("D-1", "D-2", "D-3"), ("D-1",), AlreadyCredited),
        (("D-1", "D-2", "D-3"), ("D-9",), AlreadyCredited),
    ],
)
def test_what_is_not_on_the_invoice_or_credited_before_is_refused(
    before: tuple[str, ...], named: tuple[str, ...], refusal: type[CommandRejected]
) -> None:
    three = account(THREE_DAYS)
    if before:
        three = evolve(three, credit_note(three, *before))
    with refusing(refusal):
        credited(three, *named)


def test_the_days_that_stand_in_the_way_are_named() -> None:
    three = account(THREE_DAYS)
    with refusing(DayNotOnInvoice, "F-2026-00001 does not bill D-8, D-9;"):
        credited(three, "D-1", "D-9", "D-8")
    with refusing(AlreadyCredited, "D-1, D-2 was credited before"):
        credited(evolve(three, credit_note(three, "D-2", "D-1")), "D-1", "D-2", "D-3")


def test_days_that_bore_no_tax_are_credited_for_the_same_reason() -> None:
    exempt = terms(a_day_at("650"), currency=Currency.EUR, tax=Tax(scheme=TaxScheme.NONE))
    billed = account(mission(exempt, ready=days("D-1 2026-03-02 1", "D-2 2026-03-03 1")))
    (tax,) = credit_note(billed, "D-1").taxes
    assert tax.exemption_reason == billed.invoice.taxes[0].exemption_reason != ""


@pytest.mark.parametrize("day", ["2026-04-02", "2029-12-30"])
def test_a_credit_note_is_dated_after_its_invoice_and_its_series(day: str) -> None:
    with refusing(IssuedOnGoesBackwards):
        credited(account(THREE_DAYS), issued_on=day, series=Series(3, on("2029-12-31")))


def test_a_credit_note_may_bear_the_date_of_its_invoice() -> None:
    assert credited(account(THREE_DAYS), issued_on="2026-04-03")


def test_a_credit_note_is_not_dated_in_the_future() -> None:
    with refusing(InTheFuture):
        credited(account(THREE_DAYS), issued_on="2030-01-02")


def test_when_the_time_was_wrong_the_days_are_credited_and_the_cadres_dates_freed() -> None:
    note, taken_back = credited(account(RETAINED))
    assert note.tags == ("invoice:F-2026-00001",)
    assert taken_back.stream == "mission:M-1"
    assert isinstance(taken_back.event, DaysCredited)
    assert taken_back.event.day_ids == ("D-1", "D-2")
    assert taken_back.event.retainer_months == ("2026-03",)
    assert taken_back.event.expense_ids == ("X-1",)
    assert taken_back.tags == ("cadre-day:C-001:2026-03-02", "cadre-day:C-001:2026-03-03")


def test_when_the_invoice_was_wrong_the_days_are_released_and_no_date_is_freed() -> None:
    _, taken_back = credited(account(THREE_DAYS), "D-3", effect=CreditEffect.REBILL)
    assert isinstance(taken_back.event, DaysReleased)
    assert taken_back.event.day_ids == ("D-3",)
    assert taken_back.tags == ()


def test_credit_notes_of_a_cadres_company_have_a_series_of_their_own() -> None:
    own = account(mission(terms(a_day_at("85000"), issuer_id="I-001"), ready=days("D-1 2026-03-02 1")))
    note = credited(own, series=Series(4, on("2029-01-01")))[0]
    assert note.stream == "credit-notes:I-001:2029"
    assert credit_note(own).credit_note_number == "A-I-001-2029-00001"


def test_a_mission_of_which_only_a_rounding_is_left_learns_nothing() -> None:
    odd = account(ODD_HOURS, mission(terms(a_day_at("85000")), mission_id="M-2", ready=days("D-9 2026-03-02 1")))
    for day in ("D-1", "D-2", "D-3"):
        odd = evolve(odd, credit_note(odd, day))
    note, *taken_back = credited(odd)
    assert isinstance(note.event, CreditNoteIssued)
    assert [line.kind for line in note.event.lines] == ["rounding", "time"]
    assert [each.stream for each in taken_back] == ["mission:M-2"]


def test_what_does_not_bear_on_an_invoice_leaves_its_account_as_it_is() -> None:
    three = account(THREE_DAYS)
    assert evolve(three, PersonForgotten(party_id="E-1", reason="Demande")) == three


def test_the_rest_leaves_out_lines_and_rates_that_were_credited_before() -> None:
    at_11 = mission(terms(a_day_at("90000"), tax=tgc("11")), mission_id="M-2", ready=days("D-9 2026-03-02 1"))
    at_0 = mission(terms(a_day_at("0"), tax=tgc("3")), mission_id="M-3", ready=days("D-10 2026-03-02 1"))
    mixed = account(THREE_DAYS, at_11, at_0)
    rest = credit_note(evolve(mixed, credit_note(mixed, "D-1", "D-2", "D-3")))
    assert [line.mission_id for line in rest.lines] == ["M-2", "M-3"]
    assert [f"{tax.rate:f} %: {tax.net:f} + {tax.tax:f}" for tax in rest.taxes] == ["3 %: 0 + 0", "11 %: 90000 + 9900"]


def test_a_credit_note_names_its_invoice() -> None:
    assert [(each.code, each.text) for each in credit_note(account(THREE_DAYS)).mentions] == [
        ("credited_invoice", "Avoir sur la facture F-2026-00001 du 03/04/2026.")
    ]
