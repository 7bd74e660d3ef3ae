"""The small things all else is made of: ids, dates, money, texts, working days, names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from domain.calendar import WorkingCalendar
from domain.commands import COMMANDS
from domain.event import Command, Context
from domain.mission.reviews import HoldReview
from domain.values import Currency, Id, IsoDate, Money, Month, NonNegativeNumber, Number, Text, month_of, plain
from tests.bodies import BODIES, asked, on
from tests.scenario import ADMIN, CALENDAR


class Everything(BaseModel):
    """A field of each kind."""

    id: Id | None = None
    date: IsoDate | None = None
    number: Number | None = None
    not_negative: NonNegativeNumber | None = None
    month: Month | None = None
    text: Text | None = None


def parse(kind: str, value: object) -> object:
    """What a field of that kind makes of a value."""
    return getattr(Everything.model_validate({kind: value}), kind)


@pytest.mark.parametrize("value", ["M-2026-001", "a", "9", "A.b_c-d", "x" * 64])
def test_an_id_is_taken(value: str) -> None:
    assert parse("id", value) == value


@pytest.mark.parametrize("value", ["", "-a", ".a", "a b", "é", "x" * 65, "a\n", 7, "a/b"])
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        parse("id", value)


def test_a_date_is_ten_characters() -> None:
    assert parse("date", "2026-03-31") == parse("date", date(2026, 3, 31)) == date(2026, 3, 31)


@pytest.mark.parametrize(
    "value", ["2026-3-31", "20260331", "2026-02-30", "2026-03-31T00:00:00", 1, datetime(2026, 3, 31, tzinfo=UTC)]
)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        parse("date", value)


@pytest.mark.parametrize("value", ["1.5", "0", "-3", "1200000"])
def test_a_number_is_a_decimal_string(value: str) -> None:
    assert parse("number", value) == parse("number", Decimal(value)) == Decimal(value)


@pytest.mark.parametrize("value", ["", "1,5", "01", "+1", "1e3", "NaN", ".5", "5.", 1.5, 1, "1" * 20, "²"])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        parse("number", value)


def test_some_numbers_are_not_negative() -> None:
    assert parse("not_negative", "0") == 0
    with pytest.raises(ValidationError):
        parse("not_negative", "-1")


def test_a_number_is_written_as_short_as_it_is() -> None:
    assert [plain(Decimal(text)) for text in ("1.50", "1200", "0.00", "-0.0", "1E+3")] == [
        "1.5",
        "1200",
        "0",
        "0",
        "1000",
    ]


def test_money_is_given_out_with_the_currency_s_digits() -> None:
    assert Money.model_validate({"amount": "650", "currency": "EUR"}).model_dump(mode="json")["amount"] == "650.00"
    assert Money.model_validate({"amount": "85000", "currency": "XPF"}).model_dump(mode="json")["amount"] == "85000"
    assert Money.model_validate({"amount": "650.0", "currency": "EUR"}) == Money(
        amount=Decimal(650), currency=Currency.EUR
    )


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("1.5", "XPF"), ("1500.0", "XPF"), ("0.00", "XPF"), ("1.555", "EUR"), ("1.550", "EUR"), ("1", "USD")],
)
def test_money_is_written_with_no_more_digits_than_its_currency_has(amount: str, currency: str) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount, "currency": currency})
    with pytest.raises(ValidationError):
        Money.model_validate_json(json.dumps({"amount": amount, "currency": currency}))


@pytest.mark.parametrize(("amount", "currency"), [("1500", "XPF"), ("12", "EUR"), ("12.5", "EUR"), ("12.50", "EUR")])
def test_money_may_be_written_with_fewer(amount: str, currency: str) -> None:
    assert Money.model_validate({"amount": amount, "currency": currency}).amount == Decimal(amount)


CREDIT_NOTE = {"invoice_number": "F-2026-00001", "issued_on": "2026-04-15", "reason": "Jours facturés à tort"}


@pytest.mark.parametrize(("name", "body"), sorted({**BODIES, "issue_credit_note": CREDIT_NOTE}.items()))
def test_what_may_be_left_out_of_a_command_may_be_null(name: str, body: Mapping[str, object]) -> None:
    fields = COMMANDS[name].model_fields.items()
    for optional in (field for field, info in fields if not info.is_required() and field not in ID_OF_SOMETHING_NEW):
        without = {field: value for field, value in body.items() if field != optional}
        assert told(name, without | {optional: None}) == told(name, without)


ID_OF_SOMETHING_NEW = {kind.NAMES for kind in COMMANDS.values()}
"""Whoever writes one down has chosen it."""


def told(name: str, body: object) -> object:
    """The command as JSON states it, or nothing where it is none."""
    try:
        return COMMANDS[name].model_validate_json(json.dumps(body))
    except ValidationError:
        return None


def test_amounts_round_half_up_away_from_zero() -> None:
    assert [Currency.XPF.round(Decimal(text)) for text in ("0.5", "1.5", "-0.5", "2.4")] == [1, 2, -1, 2]
    assert Currency.EUR.round(Decimal("138.125")) == Decimal("138.13")


@given(st.decimals(-(10**9), 10**9, places=4), st.sampled_from(Currency))
def test_a_rounded_amount_fits_and_is_near(amount: Decimal, currency: Currency) -> None:
    rounded = currency.round(amount)
    assert currency.fits(rounded)
    assert abs(rounded - amount) * 2 <= Decimal(1).scaleb(-currency.digits)
    assert Decimal(currency.text(amount)) == rounded


def test_a_month_is_the_month_of_its_dates() -> None:
    assert parse("month", "2026-03") == month_of(date(2026, 3, 31))
    for wrong in ("2026-13", "2026-3", "0000-01", 202603):
        with pytest.raises(ValidationError):
            parse("month", wrong)


def test_a_text_says_something_in_one_way() -> None:
    assert parse("text", "Noume\u0301a") == "Nouméa"
    for wrong in ("", "  ", "a\x00b", "\ud800", 7):
        with pytest.raises(ValidationError):
            parse("text", wrong)


def test_people_work_neither_on_sundays_nor_on_the_territory_s_holidays() -> None:
    caledonia, france = WorkingCalendar(), WorkingCalendar("FR")
    assert not caledonia.is_working_day(on("2026-03-29"))
    assert caledonia.is_working_day(on("2026-03-28"))
    assert (caledonia.is_working_day(on("2026-09-24")), france.is_working_day(on("2026-09-24"))) == (False, True)
    assert not caledonia.is_working_day(on("2026-07-14"))


@pytest.mark.parametrize(
    ("stated", "today", "occurred_on"),
    [
        ("2026-03-10", "2026-03-31", "2026-03-10"),
        ("2026-03-10", "2026-03-10", "2026-03-10"),
        ("2026-03-10", "2026-03-09", "2026-03-09"),
    ],
)
def test_a_fact_occurs_on_the_date_stated_unless_it_lies_ahead(stated: str, today: str, occurred_on: str) -> None:
    context = Context(on(today), ADMIN, CALENDAR)
    assert context.occurred_on(asked("pause_mission", from_on=stated)) == on(occurred_on)


DATED = {
    "sign_mission": "2026-02-20",
    "amend_mission": "2026-03-25",
    "extend_mission": "2026-03-25",
    "pause_mission": "2026-03-16",
    "resume_mission": "2026-03-23",
    "stop_mission": "2026-03-20",
    "set_objective": "2026-03-02",
    "revise_objective": "2026-03-20",
    "close_objective": "2026-03-20",
    "record_measurement": "2026-03-10",
    "deliver_day": "2026-03-10",
    "record_expense": "2026-03-10",
    "hold_review": "2026-03-10",
    "record_decision": "2026-03-10",
    "close_action": "2026-03-20",
    "close_risk": "2026-03-20",
    "revoke_access": "2026-03-20",
    "hand_over": "2026-03-31",
}


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_command_states_its_business_date_or_none(name: str) -> None:
    stated = DATED.get(name)
    assert asked(name).business_date() == (None if stated is None else on(stated))


@pytest.mark.parametrize("name", sorted(BODIES))
def test_what_the_caller_leaves_nameless_is_named_by_the_service(name: str) -> None:
    command = asked(name)
    assert command.named(lambda: "new") == command
    if command.NAMES is None:
        return
    nameless: Command = asked(name, **{command.NAMES: ...})
    assert getattr(nameless.named(lambda: "new"), command.NAMES) == "new"


def test_a_review_s_decisions_are_named_too() -> None:
    numbers = count(1)
    decided = [{"text": "Changer de banque"}, {"decision_id": "K-7", "text": "Reporter l'achat"}]
    review = asked("hold_review", review_id=..., decisions=decided).named(lambda: f"new-{next(numbers)}")
    assert isinstance(review, HoldReview)
    assert review.review_id == "new-1"
    assert [decision.decision_id for decision in review.decisions] == ["new-2", "K-7"]


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_field_that_a_command_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        asked(name, surprise="!")
