"""Every delivered day is in exactly one bucket, and the buckets add up to what was delivered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given

from domain.event import Event
from domain.mission.events import DayDelivered, SettlementOutcome, Unit
from domain.values import Currency, DayRate, Terms
from projections.delivered_days import Bucket
from projections.reconciliation import Count, Line, compare, reconcile, reconciliation, with_billed
from tests.projections.histories import (
    HOURLY,
    RETAINER,
    START,
    Happened,
    amended,
    approved,
    credited,
    delivered,
    disputed,
    histories,
    invoiced,
    of_mission,
    recorded,
    released,
    settled,
    signed,
    terms,
    withdrawn,
)

FREE = terms(approval_required=False)
BUCKETS = [bucket.value for bucket in Bucket]


def line_of(*events: Event | Happened, agreed: Terms | None = None) -> Line:
    """The one line of a mission in which a day is delivered and then these things happen."""
    said = [event if isinstance(event, Happened) else of_mission(event) for event in events]
    (line,) = reconcile(recorded([signed(agreed=agreed), delivered(), *said])).items
    return line


@pytest.mark.parametrize(
    ("events", "agreed", "bucket"),
    [
        ([], None, "awaiting_approval"),
        ([], FREE, "ready"),
        ([approved("D-1")], None, "ready"),
        ([disputed()], None, "disputed"),
        ([disputed()], FREE, "disputed"),
        ([disputed(), settled(SettlementOutcome.APPROVED)], None, "ready"),
        ([disputed(), settled(SettlementOutcome.WITHDRAWN)], None, "withdrawn"),
        ([withdrawn()], None, "withdrawn"),
        ([withdrawn()], FREE, "withdrawn"),
        ([approved("D-1"), invoiced("D-1")], None, "invoiced"),
        ([approved("D-1"), invoiced("D-1"), credited("D-1")], None, "credited"),
        ([approved("D-1"), invoiced("D-1"), released("D-1")], None, "ready"),
        ([invoiced("D-1"), released("D-1")], FREE, "ready"),
        ([amended(START, FREE), invoiced("D-1"), released("D-1"), amended(START, terms())], None, "ready"),
        ([invoiced("D-1"), released("D-1"), disputed()], None, "disputed"),
        ([invoiced("D-1"), released("D-1"), withdrawn()], None, "withdrawn"),
        ([invoiced("D-1"), released("D-1"), invoiced("D-1")], None, "invoiced"),
        ([amended(START, FREE)], None, "ready"),
        ([amended(date(2026, 3, 3), FREE)], None, "ready"),
        ([amended(date(2026, 3, 4), FREE)], None, "awaiting_approval"),
        ([amended(START, terms())], FREE, "awaiting_approval"),
        ([amended(START, None)], None, "awaiting_approval"),
    ],
)
def test_a_day_stands_in_the_bucket_of_the_last_word(
    events: list[Event | Happened], agreed: Terms | None, bucket: str
) -> None:
    line = line_of(*events, agreed=agreed)
    quantities = {name: getattr(line, name) for name in BUCKETS}
    assert quantities == {name: Decimal(name == bucket) for name in BUCKETS}
    assert line.delivered == 1


def test_what_is_said_of_an_unknown_day_counts_for_nothing() -> None:
    assert reconcile(recorded([signed(), of_mission(withdrawn("D-9"))])).items == ()


def test_days_are_counted_per_mission_and_month() -> None:
    history = [
        signed("M-1"),
        signed("M-2"),
        delivered("D-1", date(2026, 3, 31), "0.5"),
        delivered("D-2", date(2026, 4, 1)),
        delivered("D-3", date(2026, 4, 2), mission_id="M-2"),
    ]
    found = [(line.mission_id, line.month, line.delivered) for line in reconcile(recorded(history)).items]
    assert found == [("M-1", "2026-03", Decimal("0.5")), ("M-1", "2026-04", 1), ("M-2", "2026-04", 1)]
    assert [line.mission_id for line in reconcile(recorded(history), "2026-04").items] == ["M-1", "M-2"]


def test_days_are_worth_their_price_in_the_currency_s_digits() -> None:
    history = [signed(), delivered("D-1"), delivered("D-2", date(2026, 3, 4), "0.5"), of_mission(approved("D-2"))]
    (line,) = reconcile(recorded(history)).items
    assert line.currency is Currency.XPF
    assert line.values.model_dump() == {
        "delivered": "127500",
        "withdrawn": "0",
        "awaiting_approval": "85000",
        "disputed": "0",
        "ready": "42500",
        "invoiced": "0",
        "credited": "0",
    }


def test_days_of_different_prices_are_rounded_apart() -> None:
    euros = terms(DayRate(rate=Decimal("333.33")), currency=Currency.EUR)
    dearer = terms(DayRate(rate=Decimal("333.35")), currency=Currency.EUR)
    history = [
        signed(agreed=euros),
        amended(date(2026, 3, 4), dearer),
        delivered("D-1", date(2026, 3, 3), "0.5"),
        delivered("D-2", date(2026, 3, 4), "0.5"),
    ]
    (line,) = reconcile(recorded(history)).items
    assert line.values.delivered == "333.35"  # 166.67 + 166.68, each rounded half up


def test_hours_have_a_price_and_a_day_of_a_retainer_is_worth_its_share_of_the_month() -> None:
    hours = reconcile(recorded([signed(agreed=terms(HOURLY)), delivered(quantity="2.25", unit=Unit.HOUR)]))
    assert hours.items[0].values.delivered == "27000"
    covered = reconcile(recorded([signed(agreed=terms(RETAINER)), delivered(quantity="0.5")]))
    assert covered.items[0].values.delivered == "37500"  # half of 600000 over 8 days
    none_included = RETAINER.model_copy(update={"included_days": Decimal(0)})
    extra = reconcile(recorded([signed(agreed=terms(none_included)), delivered()]))
    assert extra.items[0].values.delivered == "80000"


def test_each_bucket_names_the_facts_that_filled_it() -> None:
    history = [
        signed(),
        delivered("D-1"),
        delivered("D-2", date(2026, 3, 4)),
        of_mission(approved("D-1", "D-2")),
        of_mission(invoiced("D-1")),
        delivered("D-3", date(2026, 3, 5)),
    ]
    (line,) = reconcile(recorded(history)).items
    told = {name: positions for name, positions in line.facts.model_dump().items() if positions}
    assert told == {"delivered": (2, 3, 6), "ready": (4,), "invoiced": (5,), "awaiting_approval": (6,)}


def test_what_was_billed_stands_beside_what_was_delivered() -> None:
    answer = reconcile(recorded([signed(), delivered()]))
    assert answer.items[0].billed is None
    assert with_billed(answer, {("M-1", "2026-03"): Decimal(85000)}).items[0].billed == "85000"
    assert with_billed(answer, {("M-1", "2026-04"): Decimal(85000)}).items[0].billed == "0"
    without_terms = reconcile(recorded([delivered()]))
    assert with_billed(without_terms, {}).items[0].billed is None


def test_a_day_without_terms_waits_and_has_no_value() -> None:
    (line,) = reconcile(recorded([delivered()])).items
    assert line.awaiting_approval == 1
    assert line.currency is None
    assert line.values.delivered is None


@given(histories())
def test_the_buckets_add_up_to_what_the_events_say_was_delivered(history: list[Happened]) -> None:
    answer = reconcile(recorded(history))
    days: dict[tuple[str, str], Decimal] = {}
    for happened in history:
        if isinstance(happened.event, DayDelivered):
            days[happened.stream, happened.event.day_id] = happened.event.quantity
    assert sum((line.delivered for line in answer.items), Decimal(0)) == sum(days.values(), Decimal(0))
    for line in answer.items:
        assert sum(getattr(line, name) for name in BUCKETS) == line.delivered


def test_a_difference_is_named() -> None:
    answer = reconciliation(
        [], [Count("M-1", "2026-03", Decimal(2), Decimal("2.5")), Count("M-1", "2026-04", *[Decimal(1)] * 2)]
    )
    assert not answer.balanced
    assert [difference.model_dump() for difference in answer.differences] == [
        {"mission_id": "M-1", "month": "2026-03", "figure": "delivered", "rows": "2", "events": "2.5"}
    ]


def test_a_day_entered_twice_under_one_id_is_a_difference() -> None:
    answer = reconcile(recorded([signed(), delivered(), delivered()]))
    assert [(each.rows, each.events) for each in answer.differences] == [("1", "2")]


def test_the_read_model_is_compared_with_the_events_figure_by_figure() -> None:
    line, other = line_of(), line_of(approved("D-1"))
    assert compare([line], [line]) == []
    assert [(each.figure, each.rows, each.events) for each in compare([line], [other])] == [
        ("awaiting_approval", "1", "0"),
        ("ready", "0", "1"),
    ]
    assert [(each.figure, each.rows, each.events) for each in compare([], [line])] == [
        ("delivered", "0", "1"),
        ("awaiting_approval", "0", "1"),
    ]
    assert len(compare([line], [])) == 2


def test_the_answer_is_written_in_decimal_strings() -> None:
    answer = reconcile(recorded([signed(), delivered(quantity="0.5")])).model_dump(mode="json")
    assert answer["next_cursor"] is None
    assert answer["items"][0]["delivered"] == "0.5"
    assert answer["balanced"] is True
