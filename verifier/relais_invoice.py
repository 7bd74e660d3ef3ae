"""Derives an invoice from the facts that a verified bundle shows: Python alone, by docs/reference/derivation.md.

    python verifier/relais_verify.py F-1.bundle.json --policy policy.txt --json | python -m verifier.relais_invoice

Exit code 0: each day, price and sum follows. 1: one does not, and which. 2: no statement of an accepted invoice bundle.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from verifier.relais_credit import credit_notes
from verifier.relais_facts import (
    EXACT,
    ZERO,
    Day,
    Fact,
    Json,
    Mission,
    NotDerived,
    adds_up,
    dates_of,
    need,
    numbered,
    plain,
    read_facts,
    rounded,
    taxes_of,
    taxes_on,
    times,
    total,
)

WHY_NOT = {
    "withdrawn": ("day_withdrawn", "was not taken back before it was billed"),
    "credited": ("day_withdrawn", "was not credited before it was billed"),
    "disputed": ("day_disputed", "is not disputed"),
    "invoiced": ("billed_twice", "was not billed before"),
    "delivered": ("day_not_approved", "was approved before it was billed"),
}


def derive(statement: Json) -> dict[str, Json]:
    """What follows from the facts: each billed day with its approval and its price. NotDerived says what does not."""
    try:
        return _derive(statement)
    except (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError) as error:
        raise NotDerived("fact_malformed", "a fact is written as it should be") from error


def _derive(statement: Json) -> dict[str, Json]:
    facts, whole = read_facts(statement["events"]), statement["complete"]
    invoice, missions = _document(facts, statement["subject"]["id"])
    currency = invoice["currency"]
    for mission in missions.values():
        _agreement(mission, invoice)
    places = [_place(line) for line in invoice["lines"]]
    need(all(one < other for one, other in pairwise(places)), "line_order", "lines stand in their order, each once")
    for line in invoice["lines"]:
        _line(missions[line["mission_id"]], line, invoice)
    days = [day for mission in missions.values() for day in _days(mission, invoice)]
    for mission in missions.values():
        _recorded(mission, invoice)
        if whole:
            _nothing_left_out(mission, invoice)
    need(
        taxes_on(invoice) == taxes_of(invoice["lines"], currency), "tax_differs", "each rate's tax is that of its lines"
    )
    need(adds_up(invoice), "sum_differs", "net, tax and gross are the sums of the taxes")
    due = min(mission.terms_on(invoice["issued_on"])[0]["payment_days"] for mission in missions.values())
    last = date.fromisoformat(invoice["issued_on"]) + timedelta(days=due)
    need(invoice["due_on"] == last.isoformat(), "due_differs", "it is due after the shortest payment term")
    credited = credit_notes(facts, invoice, list(missions.values()))
    told = ("invoice_number", "client_id", "issuer_id", "currency", "issued_on", "due_on", "net", "tax", "gross")
    return {
        **{name: invoice["said"][name] for name in told},
        "credited": plain(credited),
        "complete": whole,
        "days": days,
    }


def _document(facts: Sequence[Fact], number: str) -> tuple[Json, dict[str, Mission]]:
    issued = [fact for fact in facts if fact.name == "billing.invoice_issued"]
    need(len(issued) == 1, "not_its_series", "there is one invoice")
    invoice = issued[0].data
    series = f"invoices:{invoice['issuer_id']}:{invoice['issued_on'][:4]}"
    placed = (issued[0].stream, issued[0].version) == (series, invoice["sequence"])
    named = invoice["invoice_number"] == number == numbered("F", invoice)
    need(placed and named, "not_its_series", "the invoice stands under its number in its issuer's series of its year")
    streams: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.stream.startswith("mission:"):
            streams[fact.stream.removeprefix("mission:")].append(fact)
    names = {line["mission_id"] for line in invoice["lines"]}
    need(names and names == streams.keys(), "other_missions", "the missions shown are those on the invoice")
    return invoice, {each: Mission.of(each, streams[each], number) for each in sorted(names)}


def _agreement(mission: Mission, invoice: Json) -> None:
    letter, what = mission.letter, f"{mission.id} is agreed with this client, issuer, currency and function"
    need(letter["client_id"] == invoice["client_id"], "other_agreement", what)
    for _, terms, _ in mission.terms:
        agreed = (terms["issuer_id"], terms["currency"], terms["billing"]["kind"])
        same = (invoice["issuer_id"], invoice["currency"], letter["terms"]["billing"]["kind"])
        need(agreed == same, "other_agreement", what)
    functions = {line["function"] for line in _lines(mission, invoice)}
    need(functions == {letter["function"]}, "other_agreement", what)


def _lines(mission: Mission, invoice: Json, kind: str | None = None) -> list[Json]:
    return [line for line in invoice["lines"] if line["mission_id"] == mission.id and kind in (None, line["kind"])]


def _place(line: Json) -> tuple[Any, ...]:
    if line["kind"] == "expense":
        return 1, line["mission_id"], line["spent_on"] or "", line["expense_id"] or ""
    prices = (line["kind"] != "retainer", line["unit_price"], line["tax"]["rate"])
    return (0, line["mission_id"], line["month"], *prices)


def _line(mission: Mission, line: Json, invoice: Json) -> None:
    need(line["kind"] in DUE, "line_order", "no other kind of line stands on an invoice")
    dates = [day["date"] for day in line["days"]] + ([line["spent_on"]] if line["spent_on"] else [])
    within = line["month"] <= invoice["month"] and all(on[:7] == line["month"] for on in dates)
    what = f"{mission.id}, the {line['kind']} line of {line['month']} at {plain(line['unit_price'])}"
    need(within, "line_month", f"{what} holds what is of its month, and of no later one than is billed")
    unit, quantity, price, tax, share = DUE[line["kind"]](mission, line, invoice["currency"])
    counted = (line["unit"], line["quantity"], bool(line["days"])) == (unit, quantity, line["kind"] == "time")
    need(counted, "line_quantity", f"{what} has the quantity of its days")
    need(line["unit_price"] == price, "line_price", f"{what} has the price in force")
    members = ("scheme", "rate", "exemption_reason")
    need(all(line["tax"][name] == tax[name] for name in members), "line_tax", f"{what} has the tax in force")
    net = rounded(EXACT.divide(times(times(quantity, price), share[0]), share[1]), invoice["currency"])
    need(line["net"] == net, "line_net", f"{what} comes to {plain(net)}")


Due = tuple[str, Decimal, Decimal, Json, tuple[Decimal, Decimal]]
"""Unit, quantity, price and tax of a line, and the share of them that is charged."""
ALL = (Decimal(1), Decimal(1))


def _time(mission: Mission, line: Json, _: str) -> Due:
    need(line["days"], "line_quantity", f"a line of time in {mission.id} has days")
    first = mission.terms_on(line["days"][0]["date"])[0]
    retained = first["billing"]["kind"] == "retainer"
    for day in line["days"]:
        terms, name = mission.terms_on(day["date"])[0], day["day_id"]
        need(line["tax"]["rate"] == terms["tax"]["rate"], "line_tax", f"{name} has the tax of the terms in force")
        need(retained or not day["included"], "line_price", f"{name} is included in a retainer")
        billing = mission.retainer(line["month"])["billing"] if retained else terms["billing"]
        agreed = ZERO if day["included"] else billing["extra_day_rate" if retained else "rate"]
        need(line["unit_price"] == agreed, "line_price", f"{name} has the price of the terms in force")
    unit = "hour" if first["billing"]["kind"] == "hourly" else "day"
    return unit, total(day["quantity"] for day in line["days"]), line["unit_price"], first["tax"], ALL


def _retainer(mission: Mission, line: Json, _: str) -> Due:
    active, dates = len(mission.active_dates(line["month"])), len(dates_of(line["month"]))
    terms = mission.retainer(line["month"])
    counted = active and (line["active_dates"], line["dates_in_month"]) == (active, dates)
    what = f"{mission.id} has a retainer, and was active on so many dates of {line['month']}"
    need(counted and terms["billing"]["kind"] == "retainer", "retainer_dates", what)
    return "month", Decimal(1), terms["billing"]["monthly"], terms["tax"], (Decimal(active), Decimal(dates))


def _expense(mission: Mission, line: Json, currency: str) -> Due:
    spent, name = mission.expenses.get(line["expense_id"]), line["expense_id"]
    known = spent is not None and spent["date"] == line["spent_on"] and spent["status"] != "withdrawn"
    need(known, "expense_unknown", f"{name} was recorded on that date, and not withdrawn")
    fact: Json = spent
    need(fact["status"] == "recorded", "billed_twice", f"{name} was not billed before")
    need(fact["amount"]["currency"] == currency, "line_price", f"{name} is billed in its currency")
    return "piece", Decimal(1), fact["amount"]["amount"], mission.terms_on(fact["date"])[0]["tax"], ALL


DUE = {"time": _time, "retainer": _retainer, "expense": _expense}


def _days(mission: Mission, invoice: Json) -> list[dict[str, Json]]:
    """The billed days: each as it was delivered and approved, all of it, at the price of the terms in force."""
    parts: dict[str, list[Json]] = defaultdict(list)
    for line, said in zip(invoice["lines"], invoice["said"]["lines"], strict=True):
        if line["mission_id"] == mission.id:
            for day in line["days"]:
                parts[day["day_id"]].append(day | {"unit_price": said["unit_price"]})
    found = [_day(mission, day_id, parts[day_id]) for day_id in sorted(parts)]
    here: dict[str, list[Decimal]] = defaultdict(list)
    for each in parts.values():
        here[each[0]["date"][:7]] += [part["quantity"] for part in each if part["included"]]
    for month, quantities in here.items():
        fits = not total(quantities) or total(quantities) <= mission.included_days(month)
        need(fits, "included_exceeded", f"{mission.id} {month}: no more days than the retainer includes")
    return found


def _day(mission: Mission, day_id: str, parts: list[Json]) -> dict[str, Json]:
    need(day_id in mission.days, "day_unknown", f"{day_id} was delivered")
    day = mission.days[day_id]
    code, what = WHY_NOT.get(day.status, ("day_not_approved", ""))
    need(mission.is_ready(day), code, f"{day_id} {what}")
    same = all((part["date"], part["cadre_id"]) == (day.data["date"], day.data["cadre_id"]) for part in parts)
    need(same, "day_differs", f"{day_id} has the date and the cadre that were recorded")
    billed = total(part["quantity"] for part in parts)
    need(billed == day.data["quantity"], "day_quantity", f"{day_id} is billed once, as much as was delivered")
    versions = {"delivered_in": day.version, "approved_in": day.approved_in}
    told = {
        "mission_id": mission.id,
        "day_id": day_id,
        "date": day.data["date"],
        "quantity": day.data["said"]["quantity"],
    }
    prices = [part["unit_price"] for part in parts]
    return told | {"unit_prices": prices} | versions | {"terms_from": mission.terms_on(day.data["date"])[1]}


def _included(mission: Mission, invoice: Json) -> dict[str, Decimal]:
    """By day, the quantity that the invoice counts as included in a retainer."""
    found: dict[str, Decimal] = {}
    for day in (day for line in _lines(mission, invoice) for day in line["days"] if day["included"]):
        found[day["day_id"]] = EXACT.add(found.get(day["day_id"], ZERO), day["quantity"])
    return found


def _recorded(mission: Mission, invoice: Json) -> None:
    """The mission's own record of being billed says what the invoice says."""
    billed = mission.billed
    months = [line["month"] for line in _lines(mission, invoice, "retainer")]
    expenses = [line["expense_id"] for line in _lines(mission, invoice, "expense")]
    days = {day["day_id"] for line in _lines(mission, invoice) for day in line["days"]}
    dated = all(billed[name] == invoice[name] for name in ("month", "issued_on"))
    listed = (sorted(billed["day_ids"]), sorted(billed["retainer_months"]), sorted(billed["expense_ids"]))
    same = dated and listed == (sorted(days), sorted(months), sorted(expenses))
    need(same and billed["included"] == _included(mission, invoice), "record_differs", f"{mission.id} recorded this")
    once = not mission.charged.keys() & {*months} and all(len({*each}) == len(each) for each in (months, expenses))
    need(once, "billed_twice", f"{mission.id}: each month and each expense is billed once")


def _nothing_left_out(mission: Mission, invoice: Json) -> None:
    """Whatever was billable is on the invoice, and a retainer includes what it has to: of whole missions only."""
    until, billed = f"{invoice['month']}-99", {*mission.billed["day_ids"]}
    due = [day for day in mission.days.values() if mission.is_ready(day) and day.data["date"] <= until]
    left = [day.data["day_id"] for day in due if day.data["day_id"] not in billed]
    for name, spent in mission.expenses.items():
        open_still = spent["status"] == "recorded" and spent["date"] <= until
        left += [name] if open_still and name not in mission.billed["expense_ids"] else []
    if mission.letter["terms"]["billing"]["kind"] == "retainer":
        charged = {*mission.charged, *mission.billed["retainer_months"]}
        months = _months(mission.letter["starts_on"][:7], invoice["month"])
        left += [month for month in months if month not in charged and mission.active_dates(month)]
        _includes(mission, due, _included(mission, invoice))
    need(not left, "left_out", f"{mission.id}: {', '.join(left)} was to be billed, and is")


def _months(first: str, last: str) -> list[str]:
    years = range(int(first[:4]), int(last[:4]) + 1)
    return [month for year in years for each in range(1, 13) if first <= (month := f"{year:04d}-{each:02d}") <= last]


def _includes(mission: Mission, due: Sequence[Day], stated: dict[str, Decimal]) -> None:
    left: dict[str, Decimal] = {}
    for day in sorted(due, key=lambda each: (each.data["date"], each.data["day_id"])):
        month, quantity = day.data["date"][:7], day.data["quantity"]
        rest = left.get(month, mission.included_days(month))
        covered = max(ZERO, min(rest, quantity))
        left[month] = EXACT.subtract(rest, covered)
        what = f"{plain(covered)} of {day.data['day_id']} is included in the retainer"
        need(stated.get(day.data["day_id"], ZERO) == covered, "included_differs", what)


def main() -> int:
    """Reads a statement of relais_verify.py from standard input; the exit code."""
    try:
        statement = json.load(sys.stdin)
        need(statement["accepted"] and statement["subject"]["kind"] == "invoice", "", "an invoice that was accepted")
    except (ValueError, KeyError, TypeError, NotDerived):
        print("this is not the statement of an accepted invoice bundle: pipe relais_verify.py --json into this program")
        return 2
    try:
        told = derive(statement)
    except NotDerived as missing:
        print(f"REFUSED: it does not hold that: {missing} ({missing.code})")
        return 1
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
