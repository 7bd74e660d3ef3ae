"""What is agreed on a date: amendments merged, each change with what it replaced."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given

from domain.event import Event
from domain.mission import events as mission
from domain.values import DayRate, Letter, Rhythm, Scope, Weekday
from projections.letter.agreed import letter_view
from projections.letter.shapes import ChangeKind, LetterAnswer, Replaced
from tests.projections.histories import Happened, histories, of_mission, recorded, signed, terms

MARCH, APRIL, MAY, JUNE = (date(2026, month, 15) for month in (3, 4, 5, 6))


def letter_after(*facts: Happened, as_of: date = JUNE, on: date | None = None) -> LetterAnswer:
    letter = letter_view(recorded([signed(), *facts]), as_of, on=on)
    assert letter is not None
    return letter


def amendment(effective_on: date, signed_on: date, rate: str | None = None, **more: object) -> Happened:
    """An amendment, to the rate or to something else."""
    event = mission.MissionAmended(
        effective_on=effective_on,
        letter=Letter(signed_on=signed_on),
        terms=None if rate is None else terms(DayRate(rate=Decimal(rate))),
        reason="Révision",
    ).model_copy(update=more)
    return of_mission(event, signed_on)


def extension(ends_on: date | None, signed_on: date) -> Happened:
    return of_mission(mission.MissionExtended(ends_on=ends_on, letter=Letter(signed_on=signed_on)), signed_on)


def said(event: Event, on: date) -> Happened:
    return of_mission(event, on)


def objective(set_on: date = MARCH) -> Happened:
    event = mission.ObjectiveSet(
        objective_id="O-1",
        statement="Encaisser plus vite",
        indicator=mission.Indicator(name="Délai", unit="jours", source="balance âgée"),
        baseline=Decimal(62),
        target=Decimal(40),
        due_on=JUNE,
        set_on=set_on,
    )
    return said(event, set_on)


def rate_of(letter: LetterAnswer) -> Decimal:
    assert isinstance(letter.terms.billing, DayRate)
    return letter.terms.billing.rate


def test_before_it_is_signed_there_is_no_letter() -> None:
    assert letter_view(recorded([signed()]), date(2026, 2, 19)) is None
    assert letter_view(recorded([extension(MAY, MARCH), signed()]), JUNE) is not None


def test_an_amendment_holds_from_its_date_and_says_what_it_replaced() -> None:
    changed = amendment(MAY, APRIL, "90000")
    before, after = letter_after(changed, as_of=date(2026, 5, 14)), letter_after(changed, as_of=MAY)
    assert [rate_of(before), rate_of(after)] == [Decimal(85000), Decimal(90000)]
    assert [change.in_force for change in (*before.changes, *after.changes)] == [False, True]
    [change] = after.changes
    assert change.replaced == (Replaced(clause="terms.billing.rate", before="85000", after="90000"),)
    assert (change.kind, change.number, change.position, after.facts) == (ChangeKind.AMENDMENT, 1, 2, (1, 2))


def test_a_date_may_be_asked_of_what_is_known_today() -> None:
    changed = amendment(MAY, APRIL, "90000")
    assert rate_of(letter_after(changed, as_of=APRIL, on=JUNE)) == 90000
    assert rate_of(letter_after(changed, as_of=JUNE, on=APRIL)) == 85000
    assert letter_after(changed, as_of=MARCH, on=JUNE).changes == ()


def test_each_amendment_is_held_against_the_one_before() -> None:
    letter = letter_after(amendment(APRIL, APRIL, "90000"), amendment(MAY, MAY, "95000"))
    assert [change.replaced[0].before for change in letter.changes] == ["85000", "90000"]
    assert [change.number for change in letter.changes] == [1, 2]


def test_scope_and_rhythm_are_changed_word_by_word() -> None:
    scope = Scope(responsibilities=("La trésorerie", "La paie"))
    rhythm = Rhythm(half_days_per_week=2, weekdays=(Weekday.MONDAY,))
    letter = letter_after(amendment(MAY, MAY, scope=scope, rhythm=rhythm))
    assert {each.clause: (each.before, each.after) for each in letter.changes[0].replaced} == {
        "rhythm.half_days_per_week": (4, 2),
        "rhythm.weekdays": (None, ("monday",)),
        "scope.responsibilities": (("La trésorerie",), ("La trésorerie", "La paie")),
    }
    assert (letter.scope, letter.rhythm) == (scope, rhythm)


def test_terms_that_are_repeated_replace_nothing() -> None:
    assert letter_after(amendment(MAY, MAY, "85000")).changes[0].replaced == ()


def test_an_extension_moves_the_end_from_the_day_it_is_signed() -> None:
    twice = (extension(JUNE, APRIL), extension(None, MAY))
    letter = letter_after(*twice)
    assert letter.ends_on is None
    assert [change.replaced[0] for change in letter.changes] == [
        Replaced(clause="ends_on", before=None, after="2026-06-15"),
        Replaced(clause="ends_on", before="2026-06-15", after=None),
    ]
    earlier = letter_after(*twice, on=APRIL)
    assert (earlier.ends_on, [change.in_force for change in earlier.changes]) == (JUNE, [True, False])


def test_pauses_and_the_stop_are_mentioned() -> None:
    paused = said(mission.MissionPaused(from_on=APRIL, reason="Congés"), APRIL)
    resumed = said(mission.MissionResumed(on=MAY), MAY)
    stopped = said(mission.MissionStopped(on=JUNE, decided_by=mission.StopDecidedBy.CLIENT, reason="Fin"), JUNE)
    letter = letter_after(paused, resumed, stopped)
    [pause] = letter.pauses
    assert (pause.resumed_on, pause.facts) == (MAY, (2, 3))
    assert [pause.covers(on) for on in (MARCH, APRIL, MAY)] == [False, True, False]
    assert letter.stop is not None
    assert (letter.stop.on, letter.stop.decided_by) == (JUNE, "client")
    assert letter_after(paused, as_of=APRIL).pauses[0].covers(JUNE)
    assert letter_after(resumed).pauses == ()


def test_an_objective_stands_as_it_was_revised_and_closed_by_the_date() -> None:
    revised = said(mission.ObjectiveRevised(objective_id="O-1", target=Decimal(35), reason="Mieux", on=APRIL), APRIL)
    later = said(mission.ObjectiveRevised(objective_id="O-1", due_on=JUNE, reason="Idem", on=MAY), MAY)
    outcome = mission.ObjectiveOutcome.MISSED
    closed = said(mission.ObjectiveClosed(objective_id="O-1", outcome=outcome, on=JUNE), JUNE)
    facts = (objective(), revised, later, closed)
    [now], [then] = letter_after(*facts).objectives, letter_after(*facts, on=APRIL).objectives
    assert (str(now.target), str(now.outcome), now.closed_on, now.facts) == ("35", "missed", JUNE, (2, 3, 4, 5))
    assert now.revisions[0].replaced == (Replaced(clause="target", before="40", after="35"),)
    assert now.revisions[1].replaced == ()
    assert (then.outcome, len(then.revisions)) == (None, 1)
    assert letter_after(*facts, on=date(2026, 3, 14)).objectives == ()
    assert letter_after(revised).objectives == ()


def test_a_successor_holds_the_mission_from_its_date() -> None:
    handed = said(mission.HandedOver(to_cadre_id="C-2", effective_on=MAY, accepted_by="Jeanne D."), APRIL)
    assert letter_after(handed, as_of=APRIL).cadre_id == "C-1"
    now = letter_after(handed)
    assert (now.cadre_id, [each.cadre_id for each in now.held_by]) == ("C-2", ["C-1", "C-2"])
    sooner = said(mission.HandedOver(to_cadre_id="C-3", effective_on=APRIL, accepted_by="Jeanne D."), APRIL)
    overtaken = letter_after(handed, sooner)
    assert (overtaken.cadre_id, [each.cadre_id for each in overtaken.held_by]) == ("C-3", ["C-1", "C-3"])


def test_what_was_known_at_an_instant_is_all_that_counts() -> None:
    history = recorded([signed(), amendment(APRIL, APRIL, "90000")])
    letter = letter_view(history, JUNE, known_at=history[0].recorded_at)
    assert letter is not None
    assert letter.changes == ()


@given(histories())
def test_any_history_makes_a_letter_that_names_its_facts(history: list[Happened]) -> None:
    facts = [each for each in recorded(history) if each.stream == "mission:M-1"]
    letter = letter_view(facts, JUNE)
    assert letter is not None
    assert {*letter.facts} <= {each.position for each in facts}
    assert letter.model_validate_json(letter.model_dump_json()) == letter
