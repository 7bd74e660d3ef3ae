"""What an invoice's credit notes have to say, by section 6 of docs/reference/derivation.md."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from verifier.relais_facts import (
    EXACT,
    ZERO,
    Fact,
    Json,
    Mission,
    adds_up,
    need,
    numbered,
    rounded,
    taxes_of,
    taxes_on,
    times,
    total,
)

TAKEN = ("day_ids", "retainer_months", "expense_ids")
SAME = ("function", "unit", "active_dates", "dates_in_month", "spent_on", "quantity", "net")


def credit_notes(facts: Sequence[Fact], invoice: Json, missions: Sequence[Mission]) -> Decimal:
    """What the credit notes gave back together, once each gives back what had been billed."""
    notes = [fact for fact in facts if fact.name == "billing.credit_note_issued"]
    notes.sort(key=lambda fact: (fact.data["issued_on"][:4], fact.data["sequence"]))
    for place, fact in enumerate(notes):
        _belongs(fact, invoice)
        _gives_back(fact.data, [other.data for other in notes[:place]], invoice)
    for mission in missions:
        _is_recorded(mission, [fact.data for fact in notes], invoice["invoice_number"])
    return total(fact.data["gross"] for fact in notes)


def _belongs(fact: Fact, invoice: Json) -> None:
    note, what = fact.data, fact.data["credit_note_number"]
    names = ("invoice_number", "client_id", "issuer_id", "currency")
    about = all(note[name] == invoice[name] for name in names) and note["issued_on"] >= invoice["issued_on"]
    series = f"credit-notes:{note['issuer_id']}:{note['issued_on'][:4]}"
    placed = (fact.stream, fact.version, what) == (series, note["sequence"], numbered("A", note))
    need(about and placed, "credit_foreign", f"{what} is about this invoice, and stands in its series")


def _gives_back(note: Json, earlier: Sequence[Json], invoice: Json) -> None:
    what = f"{note['credit_note_number']} gives back exactly what had been billed"
    gone, named = {day for each in earlier for day in _days(each)}, {*_days(note)}
    days = {*_days(invoice)} if all(line["kind"] == "time" for line in invoice["lines"]) else None
    left = not any(each["whole"] for each in earlier) and (days is None or days - gone)
    need(left and not named & gone, "credit_differs", f"{what}, and something was left to give back")
    some = bool(named) and (days is None or days - gone - named)
    need(note["whole"] or some, "credit_differs", f"{what}, and says so when nothing is left")
    lines = _rest(invoice, earlier, gone) if note["whole"] else _of_days(invoice, named)
    need([_said(line) for line in note["lines"]] == [_said(line) for line in lines], "credit_differs", what)
    taxes = _taxes_left(invoice, earlier, note) if note["whole"] else taxes_of(note["lines"], note["currency"])
    need(taxes_on(note) == taxes and adds_up(note), "credit_differs", f"{what}, taxes and sums too")


def _days(document: Json) -> list[str]:
    return [day["day_id"] for line in document["lines"] for day in line["days"]]


def _key(line: Json) -> tuple[Json, ...]:
    names = ("mission_id", "month", "kind", "unit_price", "expense_id")
    return (*(line[name] for name in names), line["tax"]["rate"])


def _said(line: Json) -> tuple[Json, ...]:
    """All that a line says, its numbers as numbers."""
    names = ("day_id", "date", "cadre_id", "quantity", "included")
    days = [tuple(day[name] for name in names) for day in line["days"]]
    tax = (line["tax"]["scheme"], line["tax"]["exemption_reason"])
    return (_key(line), tax, days, *(line[name] for name in SAME))


def _of_days(invoice: Json, named: Collection[str]) -> list[Json]:
    found = []
    for line in invoice["lines"]:
        days = [day for day in line["days"] if day["day_id"] in named]
        if days:
            quantity = total(day["quantity"] for day in days)
            net = rounded(times(quantity, line["unit_price"]), invoice["currency"])
            found.append(line | {"days": days, "quantity": quantity, "net": net})
    return found


def _rest(invoice: Json, earlier: Sequence[Json], gone: Collection[str]) -> list[Json]:
    found = []
    for line in invoice["lines"]:
        days = [day for day in line["days"] if day["day_id"] not in gone]
        if len(days) == len(line["days"]):
            found.append(line)
            continue
        same = [other["net"] for note in earlier for other in note["lines"] if _key(other) == _key(line)]
        net, kind = EXACT.subtract(line["net"], total(same)), "time" if days else "rounding"
        if days or net:
            quantity = total(day["quantity"] for day in days)
            found.append(line | {"kind": kind, "days": days, "quantity": quantity, "net": net})
    return found


def _taxes_left(invoice: Json, earlier: Sequence[Json], note: Json) -> list[Json]:
    found, rates = [], {line["tax"]["rate"] for line in note["lines"]}
    for tax in taxes_on(invoice):
        same = [other for each in earlier for other in taxes_on(each) if other["rate"] == tax["rate"]]
        left = {name: EXACT.subtract(tax[name], total(other[name] for other in same)) for name in ("net", "tax")}
        if tax["rate"] in rates or left != {"net": ZERO, "tax": ZERO}:
            found.append(tax | left)
    return found


def _is_recorded(mission: Mission, notes: Sequence[Json], number: str) -> None:
    """The mission says of each credit note what it took back, and of no other."""
    made = {"mission.days_credited": "withdraw", "mission.days_released": "rebill"}
    records = [fact for fact in mission.after if fact.name in made and fact.data["invoice_number"] == number]
    stated = [(fact.data["credit_note_number"], made[fact.name], _taken(fact.data)) for fact in records]
    due = [(note["credit_note_number"], note["effect"], _taken_by(note, mission.id)) for note in notes]
    due = [each for each in due if any(each[2])]
    what = f"{mission.id} recorded what its credit notes took back, and these are all shown"
    need(sorted(stated) == sorted(due), "credit_record", what)


def _taken(data: Json) -> tuple[list[str], ...]:
    return tuple(sorted({*data[name]}) for name in TAKEN)


def _taken_by(note: Json, mission_id: str) -> tuple[list[str], ...]:
    lines = [line for line in note["lines"] if line["mission_id"] == mission_id]
    months = [line["month"] for line in lines if line["kind"] == "retainer"]
    expenses = [line["expense_id"] for line in lines if line["kind"] == "expense"]
    return _taken(dict(zip(TAKEN, (_days({"lines": lines}), months, expenses), strict=True)))
