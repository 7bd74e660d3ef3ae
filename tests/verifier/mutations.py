"""Bundles taken apart and put together wrongly, in as many ways as one likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from random import Random

from tests.verifier.making import Json, file_of

Place = tuple[Json, Json]
"""What holds a value, and under which key or at which index."""


def mutants(bundle: dict[str, Json], others: Sequence[dict[str, Json]], number: int, seed: int) -> Iterator[bytes]:
    """Bundles with one to three changes each: values removed, doubled, swapped, replaced, altered, transplanted."""
    chance = Random(seed)
    donors = [value for other in (bundle, *others) for value in values_of(other)]
    for _ in range(number):
        made = deepcopy(bundle)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            changed(made, donors, chance)
        yield file_of(made)


def values_of(value: Json) -> list[Json]:
    """Every value inside, however deep."""
    return [holder[key] for holder, key in _places(value)]


def _places(value: Json) -> list[Place]:
    found: list[Place] = []
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += [(value, key), *_places(item)]
    return found


def changed(bundle: Json, donors: Sequence[Json], chance: Random) -> None:
    """Changes one value somewhere in it, in place."""
    places = _places(bundle)
    if not places:
        return
    holder, key = chance.choice(places)
    value = holder[key]
    match chance.randrange(7):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(chance.randrange(len(holder) + 1), deepcopy(value))
        case 2:
            other, place = chance.choice(places)
            holder[key], other[place] = deepcopy(other[place]), deepcopy(value)
        case 3:
            holder[key] = deepcopy(chance.choice([donor for donor in donors if type(donor) is type(value)]))
        case 4 if isinstance(holder, list):
            chance.shuffle(holder)
        case 5:
            holder[key] = chance.choice([None, True, 0, -1, 2**53, "", "0" * 64, [], {}, [[]], {"$c": "0" * 64}, "\0é"])
        case _:
            holder[key] = _altered(value, chance)


def _altered(value: Json, chance: Random) -> Json:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 2**20))
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        return value[:at] + chance.choice(("", value[at] * 2, chr(ord(value[at]) ^ 1), "\n")) + value[at + 1 :]
    return value
