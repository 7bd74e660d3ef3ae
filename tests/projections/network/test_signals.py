"""Which weak signals stand, since when, and what settles them: both sides of every boundary, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from domain.event import Role
from domain.mission import events as mission
from domain.values import Function, Letter, Rhythm, Weekday
from projections.network.alerts import alert_answer
from projections.network.signals import RANKS, SIGNALS, Code, Severity, Thresholds
from projections.read_model import as_known
from tests.journal_world import World, journal
from tests.projections.histories import (
    Happened,
    amended,
    approved,
    delivered,
    disputed,
    invoiced,
    of_mission,
    recorded,
    settled,
    signed,
    terms,
    withdrawn,
)
from tests.projections.network.happenings import (
    a_risk,
    agreed,
    an_access,
    an_invoice,
    an_objective,
    handed_over,
    leaving,
    measured,
    on,
    paid,
    paused,
    resumed,
    reviewed,
    stopped,
)
from tests.projections.network.world import LIMITS, alerts_on, begins, since, told

MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


def test_a_mission_without_a_day_is_told_after_ten_days_at_least() -> None:
    begins(Code.NO_DAY, on(3, 12), agreed())
    begins(Code.NO_DAY, on(3, 13), agreed(), delivered("D-1", on(3, 3)))


def test_a_rare_rhythm_is_given_twice_its_interval() -> None:
    begins(Code.NO_DAY, on(3, 16), agreed(half_days=1))
    begins(Code.NO_DAY, on(3, 16), agreed(half_days=2, weekdays=(Weekday.TUESDAY,)))
    begins(Code.NO_DAY, on(3, 12), agreed(half_days=2))


def test_an_interval_that_is_no_whole_number_of_days_is_waited_out() -> None:
    begins(Code.NO_DAY, on(3, 2) + timedelta(days=24), agreed(half_days=3), limits=Thresholds(no_day_intervals=10))


def test_a_delivered_day_silences_the_lack_and_a_withdrawn_one_brings_it_back() -> None:
    first, second = delivered("D-1", on(3, 3)), delivered("D-2", on(3, 20))
    assert since(Code.NO_DAY, on(3, 20), agreed(), first, second) is None
    taken_back = of_mission(withdrawn("D-2"), on(3, 21))
    assert since(Code.NO_DAY, on(3, 21), agreed(), first, second, taken_back) == "2026-03-13"


def test_a_mission_whose_days_were_all_withdrawn_counts_from_its_start() -> None:
    assert since(Code.NO_DAY, on(3, 30), agreed(), delivered("D-1"), of_mission(withdrawn("D-1"))) == "2026-03-12"


def test_a_paused_mission_lacks_no_days_and_counts_anew_from_its_resumption() -> None:
    history = [agreed(), delivered("D-1", on(3, 3)), of_mission(paused(on(3, 10)), on(3, 10))]
    assert since(Code.NO_DAY, on(6, 30), *history) is None
    back = of_mission(resumed(on(4, 20)), on(4, 20))
    begins(Code.NO_DAY, on(4, 30), *history, back)


def test_a_lack_that_stood_is_silent_in_the_pause() -> None:
    history = [agreed(), of_mission(paused(on(3, 20)), on(3, 20))]
    assert since(Code.NO_DAY, on(3, 19), *history) == "2026-03-12"
    assert since(Code.NO_DAY, on(3, 20), *history) is None


def test_an_amended_rhythm_counts_from_the_amendment_on() -> None:
    denser = mission.MissionAmended(
        effective_on=on(3, 14), letter=Letter(signed_on=on(3, 14)), rhythm=Rhythm(half_days_per_week=4), reason="Plus"
    )
    begins(Code.NO_DAY, on(3, 14), agreed(half_days=1), of_mission(denser, on(3, 14)))


def test_a_mission_raises_nothing_before_its_start_nor_after_its_last_date() -> None:
    pressing = [of_mission(a_risk(), on(3, 1)), of_mission(an_access(), on(3, 1)), of_mission(an_objective(on(3, 1)))]
    history = recorded([agreed(every=mission.ReviewEvery.WEEKLY), *pressing, of_mission(stopped(on(6, 30)), on(6, 1))])
    assert told(history, on(3, 1)) == []
    assert {code for code, _, _ in told(history, on(6, 30))} == {
        "no_day_delivered",
        "review_overdue",
        "objective_unmeasured",
        "risk_without_backup",
        "access_without_custodian",
    }
    assert told(history, on(7, 1)) == []


def test_a_review_is_overdue_a_week_after_the_letters_rhythm_asked_for_it() -> None:
    begins(Code.REVIEW_OVERDUE, on(4, 9), agreed(every=mission.ReviewEvery.MONTHLY))
    begins(Code.REVIEW_OVERDUE, on(3, 16), agreed(every=mission.ReviewEvery.WEEKLY))
    begins(Code.REVIEW_OVERDUE, on(6, 9), agreed())


def test_the_last_review_says_when_the_next_one_is_due() -> None:
    weekly = agreed(every=mission.ReviewEvery.WEEKLY)
    begins(Code.REVIEW_OVERDUE, on(3, 24), weekly, of_mission(reviewed(on(3, 10)), on(3, 10)))
    begins(Code.REVIEW_OVERDUE, on(4, 22), weekly, of_mission(reviewed(on(3, 10), on(4, 15)), on(3, 10)))


def test_of_two_reviews_on_one_date_the_later_recorded_says_when() -> None:
    first, second = reviewed(on(3, 10), on(4, 15)), reviewed(on(3, 10), on(3, 20))
    begins(Code.REVIEW_OVERDUE, on(3, 27), agreed(), of_mission(first, on(3, 10)), of_mission(second, on(3, 10)))


def test_a_review_that_fell_due_in_a_pause_is_due_on_the_resumption() -> None:
    history = [
        agreed(),
        of_mission(reviewed(on(3, 10), on(4, 1)), on(3, 10)),
        of_mission(paused(on(3, 20)), on(3, 20)),
        of_mission(resumed(on(5, 4)), on(5, 4)),
    ]
    assert since(Code.REVIEW_OVERDUE, on(4, 30), *history) is None
    begins(Code.REVIEW_OVERDUE, on(5, 11), *history)


def test_a_short_pause_puts_no_review_off_by_a_whole_period() -> None:
    """Met on 10 March, and every month: due on 10 April, whatever rested in between; a rest on that date ends it."""
    monthly = [agreed(every=mission.ReviewEvery.MONTHLY), of_mission(reviewed(on(3, 10)), on(3, 10))]
    begins(Code.REVIEW_OVERDUE, on(4, 17), *monthly, *rested(on(3, 20), on(3, 28)))
    begins(Code.REVIEW_OVERDUE, on(4, 17), *monthly, *rested(on(3, 20), on(4, 10)))
    begins(Code.REVIEW_OVERDUE, on(4, 20), *monthly, *rested(on(4, 1), on(4, 13)))
    begins(Code.REVIEW_OVERDUE, on(5, 11), *monthly, *rested(on(4, 20), on(5, 4)))


def test_a_first_review_that_fell_due_in_a_pause_is_due_on_the_resumption() -> None:
    weekly = agreed(every=mission.ReviewEvery.WEEKLY)
    begins(Code.REVIEW_OVERDUE, on(3, 16), weekly, *rested(on(3, 4), on(3, 6)))
    begins(Code.REVIEW_OVERDUE, on(4, 8), weekly, *rested(on(3, 4), on(4, 1)))


def rested(from_on: date, until_on: date) -> list[Happened]:
    return [of_mission(paused(from_on), from_on), of_mission(resumed(until_on), until_on)]


def test_no_review_is_due_after_the_end_of_the_calendar() -> None:
    assert since(Code.REVIEW_OVERDUE, date.max, agreed(starts_on=date(9999, 12, 1))) is None
    weekly = agreed(starts_on=date(9999, 12, 28), every=mission.ReviewEvery.WEEKLY, ends_on=date.max)
    assert since(Code.REVIEW_OVERDUE, date.max, weekly) is None


def test_an_objective_is_told_once_it_was_not_measured_for_45_days() -> None:
    begins(Code.UNMEASURED, on(4, 17), agreed(), of_mission(an_objective(on(3, 3)), on(3, 3)))
    history = [agreed(), of_mission(an_objective(on(3, 3)), on(3, 3)), of_mission(measured(on(3, 20)), on(3, 20))]
    begins(Code.UNMEASURED, on(5, 4), *history)
    closed = mission.ObjectiveClosed(objective_id="O-1", outcome=mission.ObjectiveOutcome.MISSED, on=on(5, 5))
    assert since(Code.UNMEASURED, on(5, 5), *history, of_mission(closed, on(5, 5))) is None


def test_a_measurement_of_an_earlier_date_makes_nothing_older() -> None:
    history = [agreed(), of_mission(an_objective(on(3, 3)), on(3, 3))]
    read = [of_mission(measured(on(3, 20)), on(3, 20)), of_mission(measured(on(3, 10)), on(3, 10))]
    begins(Code.UNMEASURED, on(5, 4), *history, *read)


def test_an_objective_set_before_the_start_counts_from_the_start_and_rests_in_a_pause() -> None:
    history = [agreed(), of_mission(an_objective(on(2, 20)), on(2, 20))]
    begins(Code.UNMEASURED, on(4, 16), *history)
    rest = [of_mission(paused(on(4, 1)), on(4, 1)), of_mission(resumed(on(5, 1)), on(5, 1))]
    begins(Code.UNMEASURED, on(6, 15), *history, *rest)


def test_waiting_days_are_one_signal_with_those_that_waited_ten_days() -> None:
    history = recorded([agreed(), delivered("D-1", on(3, 3)), delivered("D-2", on(3, 4)), delivered("D-3", on(3, 16))])
    assert told(history, on(3, 12)) == []
    assert told(history, on(3, 13)) == [("days_awaiting_approval", "2026-03-13", ("D-1",))]
    assert told(history, on(3, 20)) == [("days_awaiting_approval", "2026-03-13", ("D-1", "D-2"))]


def test_approving_the_oldest_day_leaves_the_next() -> None:
    history = [agreed(), delivered("D-1", on(3, 3)), delivered("D-2", on(3, 9)), of_mission(approved("D-1"), on(3, 14))]
    begins(Code.AWAITING_APPROVAL, on(3, 19), *history)


def test_days_that_need_no_approval_do_not_wait() -> None:
    free = signed(agreed=terms(approval_required=False))
    assert since(Code.AWAITING_APPROVAL, on(5, 1), free, delivered("D-1", on(3, 3))) is None
    from_april = amended(APRIL, terms(approval_required=True))
    both = [free, delivered("D-1", on(3, 31)), from_april, delivered("D-2", APRIL)]
    begins(Code.AWAITING_APPROVAL, on(4, 11), *both)


def test_a_mission_that_is_over_still_waits_for_the_client() -> None:
    over = of_mission(stopped(on(3, 4)), on(3, 4))
    begins(Code.AWAITING_APPROVAL, on(3, 13), agreed(), delivered("D-1", on(3, 3)), over)


def test_a_dispute_is_told_after_seven_days_and_silent_once_settled() -> None:
    history = [agreed(), delivered("D-1", on(3, 3)), of_mission(disputed("D-1"), on(3, 6))]
    begins(Code.DISPUTE_OPEN, on(3, 13), *history)
    assert since(Code.AWAITING_APPROVAL, on(3, 20), *history) is None
    for outcome in mission.SettlementOutcome:
        answered = of_mission(settled(outcome, "D-1"), on(3, 14))
        assert since(Code.DISPUTE_OPEN, on(3, 14), *history, answered) is None


def test_a_risk_without_a_backup_stands_at_once_until_it_is_closed() -> None:
    history = [agreed(), of_mission(a_risk(), on(3, 10)), of_mission(a_risk("Q-2", "Paul"), on(3, 10))]
    begins(Code.RISK_WITHOUT_BACKUP, on(3, 10), *history)
    closed = of_mission(mission.RiskClosed(risk_id="Q-1", on=on(3, 12)), on(3, 12))
    assert since(Code.RISK_WITHOUT_BACKUP, on(3, 12), *history, closed) is None
    resting = of_mission(paused(on(3, 11)), on(3, 11))
    assert since(Code.RISK_WITHOUT_BACKUP, on(3, 12), *history, resting) == "2026-03-10"


def test_an_access_without_a_custodian_stands_until_it_is_revoked() -> None:
    begins(Code.ACCESS_WITHOUT_CUSTODIAN, on(3, 10), agreed(), of_mission(an_access(), on(3, 10)))
    revoked = of_mission(mission.AccessRevoked(access_id="A-1", on=on(3, 12)), on(3, 12))
    kept = of_mission(an_access("Paul"), on(3, 10))
    assert (
        since(Code.ACCESS_WITHOUT_CUSTODIAN, on(3, 12), agreed(), of_mission(an_access(), on(3, 10)), revoked) is None
    )
    assert since(Code.ACCESS_WITHOUT_CUSTODIAN, on(3, 12), agreed(), kept) is None


def test_what_was_amiss_before_the_start_stands_from_the_start_on() -> None:
    begins(Code.RISK_WITHOUT_BACKUP, on(3, 2), agreed(), of_mission(a_risk(), on(2, 25)))


def test_a_cadre_who_leaves_without_a_successor_is_told_thirty_days_before_and_until_one_is_there() -> None:
    history = [agreed(), of_mission(leaving(on(6, 30)), on(4, 1))]
    begins(Code.CADRE_LEAVING, on(5, 31), *history)
    assert since(Code.CADRE_LEAVING, on(7, 15), *history) == "2026-05-31"
    done = of_mission(handed_over("C-2", on(7, 20)), on(7, 16))
    assert since(Code.CADRE_LEAVING, on(7, 16), *history, done) is None
    named = of_mission(leaving(on(6, 30), "C-2"), on(4, 1))
    assert since(Code.CADRE_LEAVING, on(6, 15), agreed(), named) is None


def test_a_departure_announced_late_stands_from_its_announcement() -> None:
    begins(Code.CADRE_LEAVING, on(6, 20), agreed(), of_mission(leaving(on(6, 30)), on(6, 20)))


def test_a_letter_ending_is_told_thirty_days_before_until_extended_stopped_or_over() -> None:
    until_june = agreed(ends_on=on(6, 30))
    begins(Code.LETTER_ENDING, on(5, 31), until_june)
    assert since(Code.LETTER_ENDING, on(6, 30), until_june) == "2026-05-31"
    assert since(Code.LETTER_ENDING, on(7, 1), until_june) is None
    longer = mission.MissionExtended(ends_on=on(12, 31), letter=Letter(signed_on=on(6, 10)))
    assert since(Code.LETTER_ENDING, on(6, 10), until_june, of_mission(longer, on(6, 10))) is None
    assert since(Code.LETTER_ENDING, on(6, 10), until_june, of_mission(stopped(on(6, 20)), on(6, 10))) is None
    begins(Code.LETTER_ENDING, on(3, 2), agreed(ends_on=on(3, 20)))


def test_what_is_said_of_an_unknown_invoice_or_day_changes_nothing() -> None:
    history = [paid("10", on(5, 1)), agreed(), of_mission(approved("D-9")), of_mission(invoiced("D-9"))]
    unknown = [
        of_mission(resumed(on(3, 5))),
        of_mission(mission.RiskClosed(risk_id="Q-9", on=on(3, 5))),
        of_mission(stopped(on(3, 5)), mission_id="M-9"),
    ]
    assert told(recorded([*history, *unknown]), on(3, 6)) == []


def test_settings_move_every_threshold() -> None:
    sooner = Thresholds(
        no_day_intervals=1,
        no_day_days=3,
        review_overdue_days=0,
        unmeasured_days=5,
        awaiting_approval_days=1,
        dispute_open_days=2,
        invoice_late_days=4,
        cadre_leaving_days=60,
        letter_ending_days=60,
        dependence_functions=2,
    )
    begins(Code.NO_DAY, on(3, 5), agreed(), limits=sooner)
    begins(Code.REVIEW_OVERDUE, on(4, 2), agreed(every=mission.ReviewEvery.MONTHLY), limits=sooner)
    begins(Code.UNMEASURED, on(3, 8), agreed(), of_mission(an_objective(on(3, 3)), on(3, 3)), limits=sooner)
    begins(Code.AWAITING_APPROVAL, on(3, 4), agreed(), delivered("D-1", on(3, 3)), limits=sooner)
    begins(Code.INVOICE_LATE, on(5, 4), an_invoice(), limits=sooner)
    begins(Code.CADRE_LEAVING, on(5, 1), agreed(), of_mission(leaving(on(6, 30)), on(4, 1)), limits=sooner)
    begins(Code.LETTER_ENDING, on(5, 1), agreed(ends_on=on(6, 30)), limits=sooner)
    sold = agreed("M-2", function=Function.SALES)
    begins(Code.DEPENDENCE, on(3, 2), agreed(), sold, limits=sooner)


def test_a_list_begins_with_the_gravest_then_the_oldest() -> None:
    history = recorded([agreed(), delivered("D-1", on(3, 3)), of_mission(a_risk(), on(3, 3)), an_invoice()])
    assert [code for code, _, _ in told(history, on(5, 1))] == [
        "invoice_late",
        "days_awaiting_approval",
        "no_day_delivered",
        "risk_without_backup",
    ]


def test_a_signal_says_who_should_act_in_both_languages() -> None:
    history = recorded([agreed(), of_mission(handed_over("C-2", on(4, 1)), on(3, 20)), delivered("D-1", on(3, 3))])

    def acts(when: date) -> dict[str, tuple[Role, str | None]]:
        answers = [alert_answer(each, when, LIMITS) for each in alerts_on(history, when)]
        assert all(each.to_do.fr and each.to_do.en for each in answers)
        return {each.code: (each.who.role, each.who.id) for each in answers}

    assert acts(on(3, 31)) == {
        "no_day_delivered": (Role.CADRE, "C-1"),
        "days_awaiting_approval": (Role.CLIENT, "E-1"),
    }
    assert acts(on(4, 1))["no_day_delivered"] == (Role.CADRE, "C-2")


def test_every_signal_has_its_words_and_its_place() -> None:
    assert set(SIGNALS) == set(Code)
    assert {signal.severity for signal in SIGNALS.values()} == set(Severity)
    assert all(0 <= rank < len(Severity) for rank in RANKS.values())


def dates_of(name: str) -> Iterator[date]:
    first = {"first-year": date(2025, 3, 31), "careless": date(2025, 3, 10)}[name]
    return (first + timedelta(days=37 * step) for step in range(4))


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_every_signal_of_a_sample_year_began_on_the_date_that_it_names(name: str) -> None:
    """As known on a date: it stood on each date since, and not on the eve, unless another row of it ended there."""
    whole = World().run(journal(name)).network.recorded
    for when in dates_of(name):
        known = as_known(whole, as_of=when)
        for alert in alerts_on(known, when):
            same = {each.key[2:]: each.since for each in alerts_on(known, alert.since)}
            assert same.get(alert.key[2:]) == alert.since
            eve = {each.key[2:] for each in alerts_on(known, alert.since - timedelta(days=1))}
            assert alert.key[2:] not in eve
