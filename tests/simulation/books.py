"""A second set of books, kept from the contract's words alone: what days come to, and what stands in their way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tests.simulation.ledger import (
    ZERO,
    Day,
    Invoice,
    Line,
    Mission,
    Share,
    Terms,
    dates_of,
    lines_of,
    month_of,
    months,
    sum_of,
)

Codes = set[str]
"""All that stands in the way of a command, by code; nothing where it is carried out."""
Draft = tuple[list[Mission], list[Line], list[Share], list[tuple[Mission, str]]]
"""An invoice to be: its missions, its lines, the days on it and the months that it charges."""


@dataclass(slots=True)
class Books:
    """All that was accepted, and what it comes to."""

    today: date
    missions: dict[str, Mission] = field(default_factory=dict)
    days: dict[str, Day] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    notes: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    allocated: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    series: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))

    def deliver(self, mission: Mission, day_id: str, on: date, quantity: Decimal) -> Codes:
        worked = sum((each.quantity for each in mission.days.values() if each.on == on and not each.gone), ZERO)
        whole = 8 if mission.terms[0][1].kind == "hourly" else 1
        codes = _broken(
            already_exists=day_id in self.days,
            in_the_future=on > self.today,
            before_start=on < mission.starts_on,
            mission_stopped=mission.stop is not None and on > mission.stop,
            mission_paused=mission.rests_on(on),
            cadre_overbooked=worked + quantity > whole,
        )
        if not codes:
            self.days[day_id] = mission.days[day_id] = Day(day_id, mission, on, quantity)
        return codes

    def withdraw(self, day: Day) -> Codes:
        return self._becomes(day, "withdrawn", set())

    def dispute(self, day: Day) -> Codes:
        broken = _broken(already_approved=day.state == "approved", already_disputed=day.state == "disputed")
        return self._becomes(day, "disputed", broken)

    def settle(self, day: Day, outcome: str) -> Codes:
        return self._becomes(day, outcome, _broken(not_disputed=day.state != "disputed"))

    def approve(self, mission: Mission, month: str) -> Codes:
        waiting = [day for day in mission.days.values() if month_of(day.on) == month]
        waiting = [day for day in waiting if day.bucket == "awaiting_approval"]
        for day in waiting:
            day.state = "approved"
        return _broken(nothing_to_approve=not waiting)

    def pause(self, mission: Mission, since: date) -> Codes:
        codes = _broken(
            mission_stopped=mission.stop is not None and (self.today > mission.stop or since > mission.stop),
            before_start=since < mission.starts_on,
            already_paused=any(until is None or since < until for _, until in mission.pauses),
            days_delivered_after=any(day.on >= since and not day.gone for day in mission.days.values()),
        )
        if not codes:
            mission.pauses.append((since, None))
        return codes

    def resume(self, mission: Mission, on: date) -> Codes:
        rest = next((since for since, until in mission.pauses if until is None), None)
        codes = _broken(
            mission_stopped=mission.stop is not None and self.today > mission.stop,
            not_paused=rest is None,
            invalid_period=rest is not None and on <= rest,
        )
        if not codes:
            mission.pauses = [(since, until or on) for since, until in mission.pauses]
        return codes

    def end(self, mission: Mission, on: date) -> Codes:
        codes = _broken(
            mission_stopped=mission.stop is not None,
            before_start=on < mission.starts_on,
            days_delivered_after=any(day.on > on and not day.gone for day in mission.days.values()),
        )
        if not codes:
            mission.stop = on
        return codes

    def amend(self, mission: Mission, signed_on: date, since: date, terms: Terms) -> Codes:
        codes = _broken(
            mission_stopped=mission.stop is not None and (self.today > mission.stop or since > mission.stop),
            in_the_future=signed_on > self.today,
            amendment_backdated=since < signed_on,
            amendment_out_of_order=len(mission.terms) > 1 and since <= mission.terms[-1][0],
            effective_before_invoiced_day=any(
                day.bucket == "invoiced" and day.on >= since for day in mission.days.values()
            ),
        )
        if not codes:
            mission.terms.append((since, terms))
        return codes

    def bill(self, month: str, issued_on: date) -> Codes:
        codes = _broken(month_not_over=issued_on < dates_of(month)[-1], in_the_future=issued_on > self.today)
        drafts = list(self._drafts(month))
        issuers = {missions[0].issuer_id for missions, _, _, _ in drafts}
        if any(self._backwards("F", issuer, issued_on) for issuer in issuers):
            codes.add("issued_on_goes_backwards")
        if not codes:
            for draft in drafts:
                self._issue(issued_on, draft)
        return codes

    def credit(self, invoice: Invoice, day_ids: set[str] | None, issued_on: date, *, rebill: bool) -> Codes:
        billed = {share.day.day_id for share in invoice.shares}
        left, only_days = billed - invoice.gone, not invoice.charges
        named = left if day_ids is None else day_ids
        backwards = self._backwards("A", invoice.issuer_id, issued_on)
        codes = _broken(
            in_the_future=issued_on > self.today,
            issued_on_goes_backwards=backwards or issued_on < invoice.issued_on,
            already_credited=invoice.whole or bool(named & invoice.gone) or (only_days and not left),
            unknown_day=not named <= billed,
        )
        if not codes:
            whole = day_ids is None or (only_days and named == left)
            self._take_back(invoice, named, issued_on, whole=whole, rebill=rebill)
            invoice.whole = day_ids is None
            for mission, month in invoice.charges if rebill and day_ids is None else ():
                mission.charged.remove(month)
        return codes

    def pay(self, payment_id: str, amount: Decimal, currency: str, payer: str, named: str | None) -> Codes:
        invoice = self.invoices.get(named or "")
        if invoice is None:
            due = [each for each in self.invoices.values() if (each.client_id, each.currency) == (payer, currency)]
            due = [each for each in due if each.net + each.tax == amount == each.outstanding]
            invoice = due[0] if len(due) == 1 else None
        codes = _broken(already_exists=payment_id in self.allocated)
        if not codes:
            self.allocated[payment_id] = {}
            if invoice is not None and invoice.currency == currency and invoice.outstanding > 0:
                part = min(amount, invoice.outstanding)
                self.allocated[payment_id][invoice.number] = part
                invoice.paid += part
        return codes

    def _becomes(self, day: Day, state: str, broken: Codes) -> Codes:
        codes = broken | _broken(day_withdrawn=day.gone, day_already_invoiced=day.bucket == "invoiced")
        if not codes:
            day.state = state
        return codes

    def _drafts(self, month: str) -> Iterator[Draft]:
        together: dict[tuple[str, str, str], list[Mission]] = defaultdict(list)
        for mission in sorted(self.missions.values(), key=lambda each: each.mission_id):
            together[mission.client_id, mission.issuer_id, mission.currency].append(mission)
        for _, missions in sorted(together.items()):
            lines, shares, charges, billed = [], [], [], []
            for mission in missions:
                for each in months(month_of(mission.starts_on), month):
                    charge = [] if each in mission.charged else self._charge(mission, each)
                    ready = self._shares(mission, each)
                    lines += charge + lines_of(ready)
                    shares += ready
                    charges += [(mission, each)] * len(charge)
                    billed += [mission] * bool(charge or ready)
            if any(line.net for line in lines):
                yield billed, lines, shares, charges

    def _charge(self, mission: Mission, month: str) -> list[Line]:
        active = mission.active_dates(month)
        if not active or mission.terms[0][1].kind != "retainer":
            return []
        terms = mission.terms_on(active[-1])
        net = mission.rounded(terms.monthly * len(active) / len(dates_of(month)))
        return [Line(mission, month, terms.monthly, terms.tax, net)]

    def _shares(self, mission: Mission, month: str) -> list[Share]:
        days = [day for day in mission.days.values() if day.bucket == "ready" and month_of(day.on) == month]
        days.sort(key=lambda day: (day.on, day.day_id))
        if not days or mission.terms[0][1].kind != "retainer":
            return [
                Share(day, day.quantity, mission.terms_on(day.on).rate, mission.terms_on(day.on).tax) for day in days
            ]
        terms = mission.terms_on(mission.active_dates(month)[-1])
        left = max(terms.included - self._included(mission, month), ZERO)
        shares = []
        for day in days:
            included = min(left, day.quantity)
            left -= included
            tax = mission.terms_on(day.on).tax
            shares.append(Share(day, included, ZERO, tax, included=True))
            shares.append(Share(day, day.quantity - included, terms.rate, tax))
        return [share for share in shares if share.quantity]

    def _included(self, mission: Mission, month: str) -> Decimal:
        counted = [
            share.quantity
            for invoice in self.invoices.values()
            for share in invoice.shares
            if share.included and share.day.mission is mission and month_of(share.day.on) == month
            if share.day.day_id not in invoice.gone
        ]
        return sum(counted, ZERO)

    def _issue(self, issued_on: date, draft: Draft) -> None:
        missions, lines, shares, charges = draft
        first = missions[0]
        days = min(mission.terms_on(issued_on).payment_days for mission in missions)
        number = self._number("F", first.issuer_id, issued_on)
        net, tax = sum_of(lines)
        self.invoices[number] = Invoice(
            number,
            first.client_id,
            first.issuer_id,
            first.currency,
            issued_on,
            issued_on + timedelta(days),
            lines,
            shares,
            charges,
            net,
            tax,
        )
        for share in shares:
            share.day.invoice = number
        for mission, month in charges:
            mission.charged.add(month)

    def _take_back(self, invoice: Invoice, named: set[str], issued_on: date, *, whole: bool, rebill: bool) -> None:
        shares = [share for share in invoice.shares if share.day.day_id in named]
        left = invoice.net - invoice.credited[0], invoice.tax - invoice.credited[1]
        net, tax = left if whole else sum_of(lines_of(shares))
        self.notes[self._number("A", invoice.issuer_id, issued_on)] = (net, tax)
        invoice.credited = (invoice.credited[0] + net, invoice.credited[1] + tax)
        invoice.gone |= named
        for share in shares:
            share.day.invoice = None
            share.day.released = rebill
            share.day.state = share.day.state if rebill else "credited"

    def _backwards(self, letter: str, issuer_id: str, on: date) -> bool:
        return any(on < each for each in self.series[_series(letter, issuer_id, on)][-1:])

    def _number(self, letter: str, issuer_id: str, on: date) -> str:
        series = _series(letter, issuer_id, on)
        self.series[series].append(on)
        return f"{series}-{len(self.series[series]):05}"


def _series(letter: str, issuer_id: str, on: date) -> str:
    return f"{letter}-{on.year}" if issuer_id == "network" else f"{letter}-{issuer_id}-{on.year}"


def _broken(**rules: bool) -> Codes:
    return {code for code, broken in rules.items() if broken}
