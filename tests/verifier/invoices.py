"""Every kind of invoice, as the domain issues it, in bundles made from the specification alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache

from tests.journal_world import World
from tests.verifier.corpus import Case
from tests.verifier.every_invoice import journal
from tests.verifier.making import Json, Log, file_of, policy
from verifier.relais_verify import verify

Change = Callable[[Json], object]
"""Alters the events of an invoice's statement, in place."""
BILLABLE = {"day_delivered", "days_approved", "dispute_settled", "days_invoiced", "days_released", "expense_recorded"}
PRICED = {"mission.signed", "mission.extended", "mission.paused", "mission.resumed", "mission.stopped"}


@cache
def recorded() -> tuple[dict[str, Json], ...]:
    """What the domain recorded in the journal of every invoice, event by event."""
    return tuple(
        {
            "stream": each.stream,
            "version": each.version,
            "topic": f"{type(each.event).TOPIC}#1",
            "data": json.loads(each.event.model_dump_json()),
        }
        for each in World().run(journal()).network.recorded
    )


def numbers() -> list[str]:
    """All invoices, in order of issue."""
    return [each["data"]["invoice_number"] for each in recorded() if each["topic"] == "billing.invoice_issued#1"]


def log_of(change: Change | None = None) -> Log:
    """A log of all that happened; what a dishonest network would have recorded instead, where something is changed."""
    log, events = Log("every invoice"), deepcopy([*recorded()])
    if change is not None:
        change(events)
    for each in events:
        log.record(each["stream"], each["topic"], each["data"])
    log.seal()
    return log


@cache
def true_log() -> Log:
    """The log of what truly happened."""
    return log_of()


def bundle_of(number: str, *, whole: bool, log: Log | None = None) -> dict[str, Json]:
    """The bundle of an invoice: with its missions whole, or with single events chosen as the specification says."""
    log = log or true_log()
    read = [(each.stream, each.version, each.topic[:-2], json.loads(each.state)) for each in log.written]
    (issued,) = [each for each in read if each[2] == "billing.invoice_issued" and each[3]["invoice_number"] == number]
    missions = [f"mission:{name}" for name in sorted({line["mission_id"] for line in issued[3]["lines"]})]
    extracts: dict[str, list[int]] = {issued[0]: [issued[1]]}
    for mission in () if whole else missions:
        facts = [(version, topic, data) for stream, version, topic, data in read if stream == mission]
        extracts[mission] = [*_behind(facts, issued[3])]
    for stream, version, topic, data in read:
        if topic == "billing.credit_note_issued" and data["invoice_number"] == number:
            extracts.setdefault(stream, []).append(version)
    return log.bundle("invoice", number, histories=missions if whole else (), extracts=extracts)


def _behind(facts: list[tuple[int, str, Json]], invoice: Json) -> Iterator[int]:
    days = {day["day_id"] for line in invoice["lines"] for day in line["days"]}
    expenses = {line["expense_id"] for line in invoice["lines"]}
    mine = invoice["invoice_number"]
    (at,) = [v for v, topic, data in facts if topic == "mission.days_invoiced" and data["invoice_number"] == mine]
    for version, topic, data in facts:
        named = {*data.get("day_ids", ()), data.get("day_id")} & days or data.get("expense_id") in expenses - {None}
        billed = topic.startswith("mission.days_") and data.get("invoice_number") == mine
        priced = topic in PRICED or (topic == "mission.amended" and data["terms"])
        behind = priced or (named and topic.removeprefix("mission.") in BILLABLE)
        if billed or (version < at and behind):
            yield version


def _unamended(bundle: Json) -> None:
    events = bundle["histories"][0]["events"]
    events.remove(next(event for event in events if event["topic"] == "mission.amended#1"))


@cache
def _statement(number: str, whole: bool) -> str:
    return json.dumps(verify(file_of(bundle_of(number, whole=whole)), policy().encode()))


def statement_of(number: str, *, whole: bool) -> Json:
    """What an accepted bundle of an invoice states, to be altered."""
    return json.loads(_statement(number, whole))


def cases() -> Iterator[Case]:
    """Bundles of invoices, good and broken, with what a verifier must say of them."""
    number = numbers()[0]
    part, whole = bundle_of(number, whole=False), bundle_of(number, whole=True)
    yield Case("an invoice by its single facts", file_of(part), policy(), None)
    yield Case("an invoice with its missions whole", file_of(whole), policy(), None)

    def refused(name: str, code: str, change: Callable[[Json], object]) -> Case:
        made = deepcopy(whole)
        change(made)
        return Case(name, file_of(made), policy(), code)

    gone, wrong = "history_not_in_heads", "wrong_subject"
    yield refused("an amendment hidden in a whole mission", gone, _unamended)
    yield refused("the end of a whole mission hidden", gone, lambda b: b["histories"][0]["events"].pop())
    mission = deepcopy(part["extracts"][1])
    yield refused("a mission whole and in part", wrong, lambda b: b["extracts"].append(mission))
    yield refused(
        "one mission whole and one in part", wrong, lambda b: (b["histories"].pop(0), b["extracts"].append(mission))
    )
    alone = true_log().bundle("invoice", number, histories=["mission:DAY", "invoices:network:2026"])
    yield Case("a series shown whole", file_of(alone), policy(), wrong)
    yield refused("an invoice called a mission", wrong, lambda b: b["subject"].update(kind="mission", id="DAY"))
