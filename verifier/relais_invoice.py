"""Derives an invoice from the facts that a verified bundle shows: Python alone, by docs/reference/bundle.md.

    python relais_verify.py F-2026-00001.bundle.json --policy policy.txt --json | python relais_invoice.py

Exit code 0: each day, price and sum follows. 1: one does not, and which. 2: no statement of an accepted invoice bundle.
"""

from __future__ import annotations

import json
import sys
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

Json = Any
DIGITS = {"XPF": 0, "EUR": 2}
EXACT = Context(prec=200, rounding=ROUND_HALF_UP)


class NotDerived(Exception):
    """What on the invoice does not follow from the facts shown."""


def need(holds: object, what: str) -> None:
    if not holds:
        raise NotDerived(what)


def number(text: str) -> Decimal:
    return Decimal(text, EXACT)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half up, away from zero, to the currency's digits."""
    return amount.quantize(Decimal(1).scaleb(-DIGITS[currency]), context=EXACT)


def times(one: Decimal, other: Decimal) -> Decimal:
    return EXACT.multiply(one, other)


def total(amounts: Sequence[Decimal]) -> Decimal:
    result = Decimal(0)
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


class Fact(NamedTuple):
    """An event by its name without the version of its shape."""

    name: str
    version: int
    data: Json


class Mission:
    """What was agreed and done in a mission before the invoice billed it."""

    def __init__(self, mission_id: str, facts: Sequence[Fact], invoice_number: str) -> None:
        self.id = mission_id
        bills = [f for f in facts if f.name == "mission.days_invoiced" and f.data["invoice_number"] == invoice_number]
        need(len(bills) == 1, f"{mission_id}: it has one record of being billed by this invoice")
        self.billed = bills[0].data
        self.before = [fact for fact in facts if fact.version < bills[0].version]
        letters = [fact for fact in self.before if fact.name == "mission.signed"]
        need(len(letters) == 1, f"{mission_id}: one letter")
        self.letter = letters[0].data
        self.delivered = self._by_id("mission.day_delivered", "day_id")
        self.expenses = self._by_id("mission.expense_recorded", "expense_id")

    def terms_on(self, on: str) -> tuple[Json, int]:
        """The terms in force on a date, and the version of the letter or amendment that set them."""
        found = (self.letter["terms"], 1)
        for fact in self.before:
            in_force = fact.name == "mission.amended" and fact.data["terms"] and fact.data["effective_on"] <= on
            found = (fact.data["terms"], fact.version) if in_force else found
        return found

    def approved(self, day_id: str) -> int | None:
        """The version of the approval of a delivered day, the last before it was billed."""
        found = None
        for fact in self.before:
            settled = fact.name == "mission.dispute_settled" and fact.data["day_id"] == day_id
            need(not settled or fact.data["outcome"] == "approved", f"{day_id} was settled as withdrawn")
            if settled or (fact.name == "mission.days_approved" and day_id in fact.data["day_ids"]):
                found = fact.version
        delivered = self.delivered[day_id].version
        return found if found is not None and found > delivered else None

    def active_dates(self, month: str) -> list[str]:
        """The dates of a month from the start to the end or stop, in no pause."""
        last, pauses = self.letter["ends_on"], list[list[str | None]]()
        for fact in self.before:
            if fact.name == "mission.extended":
                last = fact.data["ends_on"]
            elif fact.name == "mission.paused":
                pauses.append([fact.data["from_on"], None])
            elif fact.name == "mission.resumed":
                pauses[-1][1] = fact.data["on"]
        stops = [fact.data["on"] for fact in self.before if fact.name == "mission.stopped"]
        last = min([*stops, *([last] if last else [])], default="9999-12-31")
        paused = [(from_on or "", until or "9999-99") for from_on, until in pauses]
        within = [on for on in dates_of(month) if self.letter["starts_on"] <= on <= last]
        return [on for on in within if not any(from_on <= on < until for from_on, until in paused)]

    def retainer(self, month: str) -> tuple[Json, int]:
        """The terms of a month's retainer: those in force on its last active date."""
        return self.terms_on((self.active_dates(month) or dates_of(month))[-1])

    def _by_id(self, name: str, key: str) -> dict[str, Fact]:
        found = {fact.data[key]: fact for fact in self.before if fact.name == name}
        for fact in self.before:
            gone = fact.name in ("mission.day_withdrawn", "mission.expense_withdrawn") and fact.data.get(key) in found
            need(not gone, f"{self.id}: {fact.data.get(key)} was withdrawn")
        return found


def dates_of(month: str) -> list[str]:
    days = monthrange(int(month[:4]), int(month[5:]))[1]
    return [f"{month}-{day:02d}" for day in range(1, days + 1)]


def derive(statement: Json) -> dict[str, Json]:
    """What follows from the facts: each billed day with its approval and its price. NotDerived says what does not."""
    try:
        return _derive(statement)
    except (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError) as error:
        raise NotDerived("a fact is not written as it should be") from error


def _derive(statement: Json) -> dict[str, Json]:
    streams: dict[str, list[Fact]] = defaultdict(list)
    for event in statement["events"]:
        name, _, shape = event["topic"].partition("#")
        need(shape == "1", f"{event['topic']}: this shape of event is not known here")
        streams[event["stream"]].append(Fact(name, event["version"], event["data"]))
    invoice_number = statement["subject"]["id"]
    facts = [(stream, fact) for stream, each in streams.items() for fact in each]
    issued = [(stream, fact.data) for stream, fact in facts if fact.name == "billing.invoice_issued"]
    need(len(issued) == 1, "one invoice")
    stream, invoice = issued[0]
    year, currency = invoice["issued_on"][:4], invoice["currency"]
    need(invoice["invoice_number"] == invoice_number, "the invoice's number is the bundle's")
    need(stream == f"invoices:{invoice['issuer_id']}:{year}", "the invoice stands in its issuer's series of its year")
    names = {line["mission_id"] for line in invoice["lines"]}
    shown = {stream.removeprefix("mission:") for stream in streams if stream.startswith("mission:")}
    need(names == shown and names, "the missions shown are those on the invoice")
    missions = {each: Mission(each, streams[f"mission:{each}"], invoice_number) for each in sorted(names)}
    days = [day for mission in missions.values() for day in _of_mission(mission, invoice, currency)]
    _sums(invoice, currency, "the invoice")
    due = min(mission.terms_on(invoice["issued_on"])[0]["payment_days"] for mission in missions.values())
    last = date.fromisoformat(invoice["issued_on"]) + timedelta(days=due)
    need(invoice["due_on"] == last.isoformat(), "it is due after the shortest payment term")
    credited = _credited(facts, invoice, currency)
    told = {name: invoice[name] for name in ("client_id", "issuer_id", "currency", "issued_on", "due_on")}
    sums = {name: invoice[name] for name in ("net", "tax", "gross")}
    return {**told, **sums, "invoice_number": invoice_number, "credited": plain(credited), "days": days}


def _of_mission(mission: Mission, invoice: Json, currency: str) -> list[dict[str, Json]]:
    letter = mission.letter
    need(letter["client_id"] == invoice["client_id"], f"{mission.id} is the client's")
    agreed = (letter["terms"]["issuer_id"], letter["terms"]["currency"])
    need(agreed == (invoice["issuer_id"], currency), f"{mission.id} is invoiced by this issuer in this currency")
    lines = [line for line in invoice["lines"] if line["mission_id"] == mission.id]
    parts: dict[str, list[Json]] = defaultdict(list)
    for line in lines:
        need(line["month"] <= invoice["month"], f"{mission.id}: nothing after the month that is billed")
        check: Callable[[Mission, Json, str], None] = CHECKS[line["kind"]]
        check(mission, line, currency)
        for day in line["days"]:
            parts[day["day_id"]].append(day | {"unit_price": line["unit_price"]})
    _included(mission, parts)
    need(sorted(parts) == sorted(mission.billed["day_ids"]), f"{mission.id}: these days were recorded as billed")
    for kind, key, recorded in (("retainer", "month", "retainer_months"), ("expense", "expense_id", "expense_ids")):
        listed = [line[key] for line in lines if line["kind"] == kind]
        need(sorted(listed) == sorted({*mission.billed[recorded]}), f"{mission.id}: each {kind} is billed once")
    return [_day(mission, day_id, parts[day_id]) for day_id in sorted(parts)]


def _time(mission: Mission, line: Json, currency: str) -> None:
    price, quantity = number(line["unit_price"]), total([number(day["quantity"]) for day in line["days"]])
    need(line["days"] and quantity == number(line["quantity"]), f"{mission.id}: a line's quantity is that of its days")
    need(number(line["net"]) == rounded(times(quantity, price), currency), f"{mission.id}: quantity × price = net")
    for day in line["days"]:
        fact = mission.delivered.get(day["day_id"])
        need(fact is not None, f"{day['day_id']} was delivered")
        terms = mission.terms_on(day["date"])[0]
        billing = mission.retainer(line["month"])[0]["billing"] if "monthly" in terms["billing"] else terms["billing"]
        agreed = "0" if day["included"] else billing.get("rate", billing.get("extra_day_rate"))
        need(not day["included"] or "monthly" in billing, f"{day['day_id']}: only a retainer includes days")
        need(price == number(agreed), f"{day['day_id']} has the price of the terms in force")
        need(number(line["tax"]["rate"]) == number(terms["tax"]["rate"]), f"{day['day_id']} has the tax of the terms")
        need(day["date"][:7] == line["month"], f"{day['day_id']} stands in its month")


def _retainer(mission: Mission, line: Json, currency: str) -> None:
    active, dates = mission.active_dates(line["month"]), dates_of(line["month"])
    terms = mission.retainer(line["month"])[0]
    counted = (line["active_dates"], line["dates_in_month"]) == (len(active), len(dates))
    need(counted and active, f"{mission.id} {line['month']}: the mission was active on so many dates")
    agreed = number(line["unit_price"]) == number(terms["billing"]["monthly"]) and number(line["quantity"]) == 1
    need(agreed and not line["days"], f"{mission.id} {line['month']}: the month's amount is that of the terms")
    need(number(line["tax"]["rate"]) == number(terms["tax"]["rate"]), f"{mission.id} {line['month']}: tax of the terms")
    share = EXACT.divide(times(number(terms["billing"]["monthly"]), Decimal(len(active))), Decimal(len(dates)))
    need(number(line["net"]) == rounded(share, currency), f"{mission.id} {line['month']}: prorated by active dates")


def _expense(mission: Mission, line: Json, currency: str) -> None:
    spent, name = mission.expenses.get(line["expense_id"]), line["expense_id"]
    fact: Json = spent.data if spent is not None else {"amount": {"amount": "-1", "currency": ""}, "date": ""}
    need(spent is not None and fact["date"] == line["spent_on"], f"{name} was recorded on that date")
    amounts = {number(each) for each in (fact["amount"]["amount"], line["unit_price"], line["net"])}
    once = number(line["quantity"]) == 1 and fact["amount"]["currency"] == currency and not line["days"]
    need(len(amounts) == 1 and once, f"{name} is billed at cost")
    rate = mission.terms_on(fact["date"])[0]["tax"]["rate"]
    need(number(line["tax"]["rate"]) == number(rate), f"{name} has the mission's tax")


CHECKS = {"time": _time, "retainer": _retainer, "expense": _expense}


def _included(mission: Mission, parts: dict[str, list[Json]]) -> None:
    """What a retainer includes is not exceeded, and recorded day by day."""
    included: dict[str, list[Decimal]] = defaultdict(list)
    recorded: dict[str, Decimal] = {}
    for day_id, each in parts.items():
        covered = [number(part["quantity"]) for part in each if part["included"]]
        if covered:
            included[each[0]["date"][:7]] += covered
            recorded[day_id] = total(covered)
    told = {day_id: number(text) for day_id, text in mission.billed["included"].items()}
    need(recorded == told, f"{mission.id}: included days were recorded as included")
    for month, covered in included.items():
        limit = number(mission.retainer(month)[0]["billing"]["included_days"])
        need(total(covered) <= limit, f"{mission.id} {month}: no more days than the retainer includes")


def _day(mission: Mission, day_id: str, parts: list[Json]) -> dict[str, Json]:
    """A billed day: all of it, as it was delivered and approved, at the price of the terms in force."""
    fact = mission.delivered[day_id]
    same = all((part["date"], part["cadre_id"]) == (fact.data["date"], fact.data["cadre_id"]) for part in parts)
    need(same, f"{day_id} has the date and the cadre that were recorded")
    billed = total([number(part["quantity"]) for part in parts])
    need(billed == number(fact.data["quantity"]), f"{day_id} is billed once, as much as was delivered")
    terms, version = mission.terms_on(fact.data["date"])
    approved = mission.approved(day_id)
    need(approved is not None or not terms["approval_required"], f"{day_id} was approved before it was billed")
    prices = [part["unit_price"] for part in parts]
    told = {"day_id": day_id, "date": fact.data["date"], "quantity": fact.data["quantity"], "unit_prices": prices}
    versions = {"delivered_in": fact.version, "approved_in": approved, "terms_from": version}
    return told | versions | {"mission_id": mission.id}


def _sums(document: Json, currency: str, what: str) -> None:
    """Each rate's tax on the sum of its lines, rounded once; net, tax and gross the sums of these."""
    rates: dict[Decimal, list[Decimal]] = defaultdict(list)
    for line in document["lines"]:
        rates[number(line["tax"]["rate"])].append(number(line["net"]))
    taxes = {number(tax["rate"]): (number(tax["net"]), number(tax["tax"])) for tax in document["taxes"]}
    need(len(taxes) == len(document["taxes"]) and taxes.keys() == rates.keys(), f"{what} has each tax rate once")
    for rate, nets in rates.items():
        tax = rounded(EXACT.divide(times(total(nets), rate), Decimal(100)), currency)
        need(taxes[rate] == (total(nets), tax), f"{what}: the tax at {plain(rate)} % is that of its lines")
    _adds_up(document, [net for net, _ in taxes.values()], [tax for _, tax in taxes.values()], what)


def _adds_up(document: Json, nets: list[Decimal], taxes: list[Decimal], what: str) -> None:
    net, tax, gross = (number(document[name]) for name in ("net", "tax", "gross"))
    need((net, tax) == (total(nets), total(taxes)) and gross == total([net, tax]), f"{what} adds up")


def _credited(facts: list[tuple[str, Fact]], invoice: Json, currency: str) -> Decimal:
    """What its credit notes, as far as they are shown, gave back."""
    found = []
    for stream, fact in facts:
        if fact.name != "billing.credit_note_issued":
            continue
        note, what = fact.data, fact.data["credit_note_number"]
        about = (note["invoice_number"], note["client_id"], note["issuer_id"], note["currency"])
        mine = (invoice["invoice_number"], invoice["client_id"], invoice["issuer_id"], currency)
        need(about == mine, f"{what} is about this invoice")
        need(stream == f"credit-notes:{note['issuer_id']}:{note['issued_on'][:4]}", f"{what} stands in its series")
        nets = [number(line["net"]) for line in note["lines"]]
        need(total(nets) == total([number(tax["net"]) for tax in note["taxes"]]), f"{what}: lines and taxes agree")
        _adds_up(note, nets, [number(tax["tax"]) for tax in note["taxes"]], what)
        found.append(number(note["gross"]))
    need(total(found) <= number(invoice["gross"]), "no more is credited than was invoiced")
    return total(found)


def main() -> int:
    """Reads a statement of relais_verify.py from standard input; the exit code."""
    try:
        statement = json.load(sys.stdin)
        need(statement["accepted"] and statement["subject"]["kind"] == "invoice", "an accepted invoice bundle")
    except (ValueError, KeyError, TypeError, NotDerived):
        print("this is not the statement of an accepted invoice bundle: pipe relais_verify.py --json into this program")
        return 2
    try:
        told = derive(statement)
    except NotDerived as missing:
        print(f"REFUSED: it does not hold that: {missing}")
        return 1
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
