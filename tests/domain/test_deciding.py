"""From a command to facts: needs, facts, folds."""

from __future__ import annotations

from typing import ClassVar

import pytest

from domain.commands import COMMANDS
from domain.deciding import decide, fold_stream, needs
from domain.event import Command, Context, Event
from domain.facts import Facts, Needs, NotGathered
from domain.mission.decider import MISSION_COMMANDS
from domain.mission.fold import fold
from domain.mission.state import Mission
from domain.party.decider import PARTY_COMMANDS
from domain.party.state import NETWORK, Cadre, Client
from tests.bodies import BODIES, asked, on, running, signed
from tests.examples import EXAMPLES
from tests.scenario import ADMIN, CALENDAR

CONTEXT = Context(on("2026-03-31"), ADMIN, CALENDAR)


def test_every_command_of_parties_and_missions_has_a_believable_body() -> None:
    assert {command.NAME for command in (*PARTY_COMMANDS, *MISSION_COMMANDS)} == set(BODIES)
    assert set(BODIES) <= set(COMMANDS)


def test_a_command_that_nobody_answers_is_a_mistake_of_ours() -> None:
    class Dream(Command):
        """Nobody asked for this."""

        NAME: ClassVar[str] = "dream"

    facts = signed().facts_of("M-1")
    with pytest.raises(KeyError):
        decide(Dream(), "M-1", facts, CONTEXT)


def test_a_decision_reads_its_mission_and_a_day_its_cadre_and_date_too() -> None:
    assert needs(asked("open_action"), "M-1", Facts(), CONTEXT).streams == {"mission:M-1"}
    first = needs(asked("deliver_day"), "M-1", Facts(), CONTEXT)
    assert first == Needs(frozenset({"mission:M-1"}))
    then = needs(asked("deliver_day"), "M-1", running().facts_of("M-1"), CONTEXT)
    assert then.streams == {"mission:M-1", "cadre:C-1"}
    assert then.tags == {"day:D-1", "cadre-day:C-1:2026-03-10"}


def test_a_letter_reads_all_whom_it_names() -> None:
    read = needs(asked("sign_mission"), None, Facts(), CONTEXT)
    assert read.streams == {"mission:M-1", "client:E-1", "cadre:C-1", "issuer:network"}


def test_facts_tell_what_was_gathered() -> None:
    facts = Facts({"client:E-1": Client("E-1"), "cadre:C-1": None}, {"party:E-1": ()})
    assert (facts.has("client:E-1"), facts.has("cadre:C-1"), facts.has("cadre:C-2")) == (True, False, False)
    assert (facts.has_tag("party:E-1"), facts.has_tag("party:E-2")) == (True, False)
    assert facts.client("E-1") == Client("E-1")
    assert [facts.cadre("C-1"), facts.mission("M-1"), facts.issuer("I-1")] == [None] * 3
    assert facts.issuer("network") is NETWORK
    assert facts.tagged("party:E-1") == ()
    with pytest.raises(NotGathered):
        facts.tagged("party:E-2")


def test_a_stream_adds_up_to_its_own_kind() -> None:
    with pytest.raises(TypeError, match="adds up to Cadre, not Client"):
        Facts({"client:E-1": Cadre("E-1", ())}).client("E-1")


@pytest.mark.parametrize("stream", ["mission:M-1", "client:E-1", "cadre:C-1", "issuer:I-1"])
def test_a_stream_without_events_adds_up_to_nothing(stream: str) -> None:
    assert fold_stream(stream, None, []) is None


@pytest.mark.parametrize("stream", ["mission:M-1", "client:E-1", "cadre:C-1", "issuer:I-1"])
def test_a_stream_folds_piece_by_piece_or_at_once(stream: str) -> None:
    network = running().given(asked("deliver_day"), asked("approve_days")).network
    events: list[Event] = [recorded.event for recorded in network.recorded if recorded.stream == stream]
    assert events
    assert fold_stream(stream, None, events) == network.states[stream]


def test_a_fold_leaves_what_it_started_from_alone() -> None:
    before = running().network.mission("M-1")
    after = fold_stream("mission:M-1", before, [EXAMPLES["mission.day_delivered"]])
    assert isinstance(after, Mission)
    assert set(after.days) == {"D-17"}
    assert not before.days


def test_a_mission_s_history_starts_with_its_letter_and_has_one() -> None:
    with pytest.raises(TypeError, match="starts with its letter"):
        fold_stream("mission:M-1", None, [EXAMPLES["mission.resumed"]])
    mission = running().network.mission("M-1")
    assert fold_stream("mission:M-1", mission, [EXAMPLES["mission.signed"]]) == mission
    assert fold(None, []) is None
