"""Go on, adjust or stop: the rule, line by line as docs/explanation/network.md has it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from projections.network.verdict import Evidence, State, Verdict, judged

DEADLINE = date(2026, 5, 20)
GOOD = Evidence(
    on=date(2026, 6, 30),
    deadline=DEADLINE,
    real_missions=2,
    extension_rate=Decimal("50.0"),
    satisfaction=Decimal("3.50"),
    satisfaction_response_rate=Decimal("50.0"),
    clarity=Decimal("80.0"),
)
NOTHING = Evidence(
    on=DEADLINE,
    deadline=DEADLINE,
    real_missions=0,
    extension_rate=None,
    satisfaction=None,
    satisfaction_response_rate=Decimal("0.0"),
    clarity=None,
)


def states(evidence: Evidence) -> str:
    """The four criteria, each by its first letter: m(et), o(pen), x: missed."""
    return "".join({State.MET: "m", State.OPEN: "o", State.MISSED: "x"}[each.state] for each in judged(evidence)[1])


def verdict(**figures: object) -> tuple[str, Verdict]:
    evidence = GOOD.model_copy(update=figures)
    return states(evidence), judged(evidence)[0]


def test_all_that_is_asked_for_just_met_is_to_go_on() -> None:
    assert verdict() == ("mmmm", Verdict.GO_ON)


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({"real_missions": 1}, "xmmm"),
        ({"extension_rate": Decimal("49.9")}, "mxmm"),
        ({"satisfaction": Decimal("3.49")}, "mmxm"),
        ({"satisfaction_response_rate": Decimal("49.9")}, "mmxm"),
        ({"satisfaction": None}, "mmxm"),
        ({"clarity": Decimal("79.9")}, "mmmx"),
        ({"clarity": None}, "mmmx"),
    ],
)
def test_one_thing_missed_is_to_adjust(figures: dict[str, object], told: str) -> None:
    assert verdict(**figures) == (told, Verdict.ADJUST)


def test_as_much_missed_as_met_is_to_adjust_and_more_is_to_stop() -> None:
    assert verdict(real_missions=1, clarity=None) == ("xmmx", Verdict.ADJUST)
    assert verdict(real_missions=1, clarity=None, satisfaction=None) == ("xmxx", Verdict.STOP)
    assert verdict(real_missions=1, clarity=None, extension_rate=None) == ("xomx", Verdict.STOP)


def test_until_the_three_months_are_over_silence_is_open_and_nothing_is_given_up() -> None:
    assert (states(NOTHING), judged(NOTHING)[0]) == ("oooo", Verdict.GO_ON)
    bad = {"satisfaction": Decimal("1.00"), "clarity": Decimal("10.0"), "extension_rate": Decimal("0.0")}
    early = NOTHING.model_copy(update=bad)
    assert (states(early), judged(early)[0]) == ("oxxx", Verdict.ADJUST)
    few = NOTHING.model_copy(update={"satisfaction": Decimal("4.00"), "satisfaction_response_rate": Decimal("10.0")})
    assert states(few) == "oooo"


def test_the_day_after_the_three_months_silence_is_a_lack() -> None:
    late = NOTHING.model_copy(update={"on": date(2026, 5, 21)})
    assert (states(late), judged(late)[0]) == ("xoxx", Verdict.STOP)


def test_every_reason_is_said_in_both_languages() -> None:
    for evidence in (GOOD, NOTHING):
        assert all(reason.fr and reason.en and reason.fr != reason.en for reason in judged(evidence)[1])
