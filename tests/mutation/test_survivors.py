"""The list of what no test notices is read exactly, and can only shrink."""

from __future__ import annotations

from collections import Counter

from tests.mutation.__main__ import SURVIVORS, judge, read_list, survivors_of, written

SAID = """
    domain.mission.days.x_deliver_day__mutmut_3: survived
    domain.mission.days.x_deliver_day__mutmut_9: no tests
    domain.mission.days.x_deliver_day__mutmut_4: killed
    domain.values.x_month_of__mutmut_1: timeout
"""


def test_what_lived_is_counted_by_function() -> None:
    assert survivors_of(SAID) == {"domain.mission.days.x_deliver_day": 2}


def test_a_survivor_more_than_before_is_refused_and_one_less_is_not() -> None:
    assert judge(Counter(a=2), Counter(a=1, b=3)) == {"a": 1}
    assert not judge(Counter(a=1), Counter(a=1, b=3))


def test_the_list_is_kept_as_it_is_written() -> None:
    kept = SURVIVORS.read_text(encoding="utf-8")
    assert written(read_list(kept)) == kept
