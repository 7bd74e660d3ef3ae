"""Holds what callers were told against what history has: lost, doubled, changed or invented commands are named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """An event of history, as far as it matters who asked for it and what it names."""

    position: int
    stream: str
    version: int
    topic: str
    command_id: str | None
    names: str | None = None
    """The thing that begins with it: a day, an expense, an invoice."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller was told of a command that was accepted."""

    status: int
    position: int
    version: int
    body: bytes


def faults(
    history: Sequence[Fact], kept: Mapping[str, Sequence[int]], told: Mapping[str, Sequence[Answer]]
) -> list[str]:
    """All that does not agree between history, the commands that it answered, and what callers were told."""
    return [
        *_gaps("history", [fact.position for fact in history]),
        *_gaps_in_streams(history),
        *_named_twice(history),
        *_of_commands(history, kept, told),
    ]


def gaps_in_series(numbers: Iterable[str]) -> list[str]:
    """Invoice numbers that are missing, doubled or out of order, series by series."""
    series: dict[str, list[int]] = defaultdict(list)
    for number in numbers:
        name, _, sequence = number.rpartition("-")
        series[name].append(int(sequence))
    return [fault for name, sequences in series.items() for fault in _gaps(name, sequences)]


def _gaps(name: str, numbers: Sequence[int]) -> Iterator[str]:
    for expected, number in enumerate(numbers, start=1):
        if number != expected:
            yield f"{name} has {number} where {expected} belongs"
            return


def _gaps_in_streams(history: Sequence[Fact]) -> Iterator[str]:
    versions: dict[str, list[int]] = defaultdict(list)
    for fact in history:
        versions[fact.stream].append(fact.version)
    for stream, numbers in versions.items():
        yield from _gaps(stream, numbers)


def _named_twice(history: Sequence[Fact]) -> Iterator[str]:
    named = Counter((fact.topic, fact.names) for fact in history if fact.names is not None)
    for (topic, name), times in named.items():
        if times > 1:
            yield f"{topic} {name} is in history {times} times"


def _of_commands(
    history: Sequence[Fact], kept: Mapping[str, Sequence[int]], told: Mapping[str, Sequence[Answer]]
) -> Iterator[str]:
    brought: dict[str | None, list[Fact]] = defaultdict(list)
    for fact in history:
        brought[fact.command_id].append(fact)
    for stranger in brought.keys() - told.keys():
        yield f"{stranger} was never acknowledged, and is in history"
    for command_id, answers in told.items():
        facts = brought.get(command_id, [])
        if len(set(answers)) != 1:
            yield f"{command_id} was answered in {len(set(answers))} ways"
        if [*kept.get(command_id, [-1])] != [fact.position for fact in facts]:
            yield f"{command_id} is not in history exactly once"
        for answer in set(answers):
            last = max((fact.position for fact in facts), default=0)
            if answer.position != last or (facts and answer.version not in {fact.version for fact in facts}):
                yield f"{command_id} was told to be at {answer.position}, and is at {last}"
