"""What an altered bundle may still say: the same, or less; never anything else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.verifier.making import Json


def says_no_more(told: dict[str, Any], true: dict[str, Any]) -> bool:
    """Whether a statement claims nothing that the true one does not.

    It may count fewer witnesses, name no earlier checkpoint, show fewer words or fewer single events.
    """
    same = all(told[name] == true[name] for name in ("checkpoint", "complete", "subject", "earlier"))
    trust, most = told["trust"], true["trust"]
    vouched = (trust["level"], trust["of"]) == (most["level"], most["of"]) and trust["witnesses"] <= most["witnesses"]
    until = told["complete_until"] == true["complete_until"] or told["complete_until"] < true["complete_until"]
    linked = told["consistent_with"] in (None, true["consistent_with"])
    known = told["pseudonyms"].items() <= true["pseudonyms"].items()
    events = {(event["stream"], event["version"]): event for event in true["events"]}
    shown = all(_says_no_more(event, events.get((event["stream"], event["version"]))) for event in told["events"])
    whole = not told["complete"] or len(told["events"]) == len(true["events"])
    return same and vouched and until and linked and known and shown and whole


def _says_no_more(told: dict[str, Any], true: dict[str, Any] | None) -> bool:
    if true is None:
        return False
    hidden = {*told["erased"], *told["withheld"]}
    facts = all(told[name] == true[name] for name in ("topic", "recorded_at", "envelope"))
    return facts and {*true["erased"], *true["withheld"]} <= hidden and _without(told, hidden) == _without(true, hidden)


def _without(event: dict[str, Any], hidden: set[str]) -> Json:
    data = deepcopy(event["data"])
    for path in hidden:
        holder: Json = data
        *parents, last = path.split("/")[1:]
        for step in parents:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        holder[int(last) if isinstance(holder, list) else last] = None
    return data
