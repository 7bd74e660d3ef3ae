"""The facts behind an invoice, by docs/reference/derivation.md, 1 to 3: numbers, shapes, missions as they stood."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

Json = Any
DIGITS = {"XPF": 0, "EUR": 2}
EXACT = Context(prec=200, rounding=ROUND_HALF_UP)
ZERO = Decimal(0)
OPEN = "9999-99"
BILLED = "day_ids:[text] expense_ids:[text] retainer_months:[month]"
DOCUMENT = (
    "invoice_number:text issuer_id:text client_id:text sequence:whole currency:currency issued_on:date"
    " lines:[line] taxes:[rate] net:decimal tax:decimal gross:decimal"
)
SHAPES = {
    "line": "kind:retainer|time|expense|rounding mission_id:text function:text unit:text month:month quantity:decimal"
    " unit_price:decimal net:decimal tax:tax days:[part] active_dates:whole? dates_in_month:whole? expense_id:text?"
    " spent_on:date?",
    "part": "day_id:text cadre_id:text date:date quantity:decimal included:boolean",
    "rate": "scheme:text rate:decimal net:decimal tax:decimal",
    "tax": "scheme:text rate:decimal exemption_reason:text?",
    "terms": "issuer_id:text currency:currency billing:billing tax:tax payment_days:whole approval_required:boolean",
    "day_rate": "rate:decimal",
    "hourly": "rate:decimal",
    "retainer": "monthly:decimal included_days:decimal extra_day_rate:decimal",
    "letter": "signed_on:date",
    "money": "amount:decimal currency:currency",
    "billing.invoice_issued": f"{DOCUMENT} month:month due_on:date",
    "billing.credit_note_issued": f"{DOCUMENT} credit_note_number:text effect:withdraw|rebill whole:boolean",
    "mission.signed": "client_id:text function:text starts_on:date ends_on:date? letter:letter terms:terms",
    "mission.amended": "effective_on:date letter:letter terms:terms?",
    "mission.extended": "ends_on:date?",
    "mission.paused": "from_on:date",
    "mission.resumed": "on:date",
    "mission.stopped": "on:date",
    "mission.day_delivered": "day_id:text cadre_id:text date:date quantity:decimal",
    "mission.days_approved": "day_ids:[text]",
    "mission.day_withdrawn": "day_id:text",
    "mission.day_disputed": "day_id:text",
    "mission.dispute_settled": "day_id:text outcome:approved|withdrawn",
    "mission.expense_recorded": "expense_id:text date:date amount:money",
    "mission.expense_withdrawn": "expense_id:text",
    "mission.days_invoiced": f"invoice_number:text month:month issued_on:date included:decimals {BILLED}",
    "mission.days_credited": f"credit_note_number:text invoice_number:text {BILLED}",
    "mission.days_released": f"credit_note_number:text invoice_number:text {BILLED}",
}


SPELLINGS = {
    "text": r"(?s:.*)",
    "decimal": r"-?(0|[1-9][0-9]{0,23})(\.[0-9]{1,12})?",
    "month": r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])",
    "currency": "XPF|EUR",
}
JUDGED = {"days_approved": "approved", "day_disputed": "disputed", "day_withdrawn": "withdrawn"}


class NotDerived(Exception):
    """What on the invoice does not follow from the facts shown, with the code of the specification."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


def need(holds: object, code: str, what: str) -> None:
    if not holds:
        raise NotDerived(code, what)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half up, away from zero, to the currency's digits."""
    return amount.quantize(Decimal(1).scaleb(-DIGITS[currency]), context=EXACT)


def times(one: Decimal, other: Decimal) -> Decimal:
    return EXACT.multiply(one, other)


def total(amounts: Iterable[Decimal]) -> Decimal:
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def plain(amount: Decimal) -> str:
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


def read(value: Json, kind: str) -> Json:
    """A value of the kind that is asked for: decimals as numbers; of an object the members named, and it as said."""
    if kind.endswith("?"):
        return None if value is None else read(value, kind[:-1])
    if kind.startswith("["):
        need(isinstance(value, list), "fact_malformed", "a list is a list")
        return [read(each, kind[1:-1]) for each in value]
    if kind == "decimals":
        need(isinstance(value, dict), "fact_malformed", "an object is an object")
        return {name: read(each, "decimal") for name, each in value.items()}
    if kind == "billing":
        need(
            isinstance(value, dict) and value.get("kind") in ("day_rate", "hourly", "retainer"), "fact_malformed", kind
        )
        return {"kind": value["kind"], **read(value, value["kind"])}
    if kind in SHAPES:
        need(isinstance(value, dict), "fact_malformed", f"a {kind} is an object")
        members = [member.split(":") for member in SHAPES[kind].split()]
        need(all(name in value for name, _ in members), "fact_malformed", f"a {kind} has all its members")
        return {"said": value, **{name: read(value[name], inner) for name, inner in members}}
    need(_is(value, kind), "fact_malformed", f"{value!r} is a {kind}")
    return Decimal(value, EXACT) if kind == "decimal" else value


def _is(value: Json, kind: str) -> bool:
    if kind in ("whole", "boolean"):
        return type(value) is (bool if kind == "boolean" else int) and 0 <= value < 2**53
    if not isinstance(value, str):
        return False
    if kind == "date":
        return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value)) and _is_in_calendar(value)
    spelling = SPELLINGS.get(kind)
    return value in kind.split("|") if spelling is None else bool(re.fullmatch(spelling, value))


def _is_in_calendar(on: str) -> bool:
    try:
        return bool(date.fromisoformat(on))
    except ValueError:
        return False


class Fact(NamedTuple):
    """An event by its name without the version of its shape, its decimals as numbers."""

    stream: str
    name: str
    version: int
    data: Json


def read_facts(events: Sequence[Json]) -> list[Fact]:
    found = []
    for event in events:
        name, _, shape = event["topic"].partition("#")
        if "." in name and name in SHAPES:
            need(shape == "1", "fact_malformed", f"{event['topic']} is of a shape that is known here")
            found.append(Fact(event["stream"], name, event["version"], read(event["data"], name)))
    return found


@dataclass
class Day:
    """A delivered day as it stood when it was billed."""

    data: Json
    version: int
    status: str = "delivered"
    approved_in: int | None = None
    released: bool = False
    invoice: str | None = None
    included: Decimal = ZERO


@dataclass
class Mission:
    """What was agreed and done in a mission before the invoice billed it."""

    id: str
    letter: Json
    billed: Json
    after: list[Fact]
    terms: list[tuple[str, Json, int]]
    days: dict[str, Day] = field(default_factory=dict)
    expenses: dict[str, Json] = field(default_factory=dict)
    charged: dict[str, str] = field(default_factory=dict)
    pauses: list[list[str]] = field(default_factory=list)
    ends_on: str | None = None
    stopped_on: str | None = None

    @classmethod
    def of(cls, mission_id: str, facts: Sequence[Fact], invoice_number: str) -> Mission:
        bills = [f for f in facts if f.name == "mission.days_invoiced" and f.data["invoice_number"] == invoice_number]
        letters = [fact for fact in facts if fact.name == "mission.signed"]
        need(len(bills) == len(letters) == 1, "other_missions", f"{mission_id} has one letter, and was billed once")
        need(letters[0].version < bills[0].version, "other_missions", f"{mission_id} was billed after its letter")
        letter, at = letters[0].data, bills[0].version
        after = [fact for fact in facts if fact.version > at]
        terms = [("", letter["terms"], letters[0].version)]
        found = cls(mission_id, letter, bills[0].data, after, terms, ends_on=letter["ends_on"])
        for fact in facts:
            if fact.version < at:
                found._take(fact)
        return found

    def _take(self, fact: Fact) -> None:
        data = fact.data
        match fact.name.removeprefix("mission."):
            case "amended":
                self.terms += [(data["effective_on"], data["terms"], fact.version)] if data["terms"] else []
            case "extended":
                self.ends_on = data["ends_on"]
            case "stopped":
                self.stopped_on = data["on"]
            case "paused":
                self.pauses.append([data["from_on"], OPEN])
            case "resumed":
                need(self.pauses and self.pauses[-1][1] == OPEN, "fact_malformed", f"{self.id} was paused")
                self.pauses[-1][1] = data["on"]
            case "day_delivered":
                self.days.setdefault(data["day_id"], Day(data, fact.version))
            case "expense_recorded":
                self.expenses.setdefault(data["expense_id"], data | {"status": "recorded", "invoice": None})
            case "expense_withdrawn":
                spent = self.expenses.get(data["expense_id"], {})
                spent["status"] = "withdrawn" if spent.get("status") == "recorded" else spent.get("status")
            case "days_invoiced" | "days_credited" | "days_released" as name:
                self._bill(data, name.removeprefix("days_"))
            case name:
                self._judge(JUDGED.get(name, data.get("outcome")), data, fact.version)

    def _judge(self, status: str | None, data: Json, version: int) -> None:
        """What client and cadre say of delivered days."""
        for day_id in data.get("day_ids", [data.get("day_id")]):
            day = self.days.get(day_id)
            if day is not None and status is not None and day.status in ("delivered", "approved", "disputed"):
                day.status, day.approved_in = status, version if status == "approved" else day.approved_in

    def _bill(self, data: Json, made: str) -> None:
        number = data["invoice_number"]
        for day_id in self.days.keys() & {*data["day_ids"]}:
            day = self.days[day_id]
            if made == "invoiced":
                day.status, day.invoice, day.included = made, number, data["included"].get(day_id, ZERO)
            elif (day.status, day.invoice) == ("invoiced", number):
                ready = "delivered" if day.approved_in is None else "approved"
                day.status, day.included = ready if made == "released" else made, ZERO
                day.released = made == "released"
        for expense_id in self.expenses.keys() & {*data["expense_ids"]}:
            spent = self.expenses[expense_id]
            if made == "invoiced":
                spent |= {"status": made, "invoice": number}
            elif (spent["status"], spent["invoice"]) == ("invoiced", number):
                spent["status"] = "recorded" if made == "released" else made
        for month in data["retainer_months"]:
            if made == "invoiced":
                self.charged[month] = number
            elif made == "released" and self.charged.get(month) == number:
                del self.charged[month]

    def terms_on(self, on: str) -> tuple[Json, int]:
        """The terms in force on a date, and the version of the letter or amendment that set them."""
        return next((terms, version) for from_on, terms, version in reversed(self.terms) if from_on <= on)

    def active_dates(self, month: str) -> list[str]:
        """The dates of a month from the start to the end or stop, in no pause."""
        last = min([on for on in (self.ends_on, self.stopped_on) if on], default="9999-12-31")
        within = [on for on in dates_of(month) if self.letter["starts_on"] <= on <= last]
        return [on for on in within if not any(from_on <= on < until for from_on, until in self.pauses)]

    def retainer(self, month: str) -> Json:
        """The terms of a month's retainer: those in force on its last active date."""
        return self.terms_on((self.active_dates(month) or dates_of(month))[-1])[0]

    def included_days(self, month: str) -> Decimal:
        """What a month's retainer includes, less what was counted as included before."""
        used = total(day.included for day in self.days.values() if day.data["date"][:7] == month)
        limit: Decimal = self.retainer(month)["billing"].get("included_days", ZERO)
        return EXACT.subtract(limit, used)

    def is_ready(self, day: Day) -> bool:
        unasked = day.released or not self.terms_on(day.data["date"])[0]["approval_required"]
        return day.status == "approved" or (day.status == "delivered" and unasked)


def dates_of(month: str) -> list[str]:
    days = monthrange(int(month[:4]), int(month[5:]))[1]
    return [f"{month}-{day:02d}" for day in range(1, days + 1)]


def numbered(letter: str, document: Json) -> str:
    """The number that a document has in its issuer's series of its year."""
    issuer = "" if document["issuer_id"] == "network" else f"{document['issuer_id']}-"
    return f"{letter}-{issuer}{document['issued_on'][:4]}-{document['sequence']:05d}"


def taxes_of(lines: Sequence[Json], currency: str) -> list[Json]:
    """Each rate's tax on the sum of its lines, rounded once, in order of the rates."""
    rates: dict[Decimal, list[Json]] = defaultdict(list)
    for line in lines:
        rates[line["tax"]["rate"]].append(line)
    found = []
    for rate in sorted(rates):
        net = total(line["net"] for line in rates[rate])
        tax = rounded(EXACT.divide(times(net, rate), Decimal(100)), currency)
        found.append({"scheme": rates[rate][0]["tax"]["scheme"], "rate": rate, "net": net, "tax": tax})
    return found


def taxes_on(document: Json) -> list[Json]:
    """What a document says of its taxes, as far as it can be computed."""
    return [{name: tax[name] for name in ("scheme", "rate", "net", "tax")} for tax in document["taxes"]]


def adds_up(document: Json) -> bool:
    """Whether net, tax and gross are the sums of a document's taxes."""
    net, tax = (total(each[name] for each in document["taxes"]) for name in ("net", "tax"))
    return (document["net"], document["tax"], document["gross"]) == (net, tax, EXACT.add(net, tax))
