"""The programme of a network's work: which missions there are, and what each of them brings on a date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from domain.billing.events import InvoiceIssued
from domain.event import Actor, Role
from domain.values import Function, month_of

FUNCTIONS = tuple(Function)
CLERK = Actor(Role.ACCOUNTANT, "comptable")
OFFICE = Actor(Role.NETWORK_ADMIN, "reseau")
A_YEAR = timedelta(days=365)
DAY_RATE: dict[str, object] = {"kind": "day_rate", "rate": "85000"}
RETAINER: dict[str, object] = {"kind": "retainer", "monthly": "600000", "included_days": "6", "extra_day_rate": "80000"}
HOURLY: dict[str, object] = {"kind": "hourly", "rate": "12000"}


@dataclass(frozen=True, slots=True)
class Size:
    """How large the network is, and how long it works; a mission brings about twenty events a month."""

    cadres: int = 50
    clients: int = 200
    missions: int = 1000
    first: date = date(2021, 9, 1)
    last: date = date(2026, 3, 31)


NETWORK = Size()
"""Fifty cadres, two hundred clients and a thousand missions: a little more than a million events."""


class Asked(NamedTuple):
    """A command by its name, the mission it is about, who gives it, and its fields."""

    name: str
    mission_id: str | None
    by: Actor
    fields: dict[str, object]


def registrations(size: Size) -> Iterator[Asked]:
    """The network comes together."""
    for number in range(size.cadres):
        practised = [FUNCTIONS[(number + other) % len(FUNCTIONS)] for other in range(2)]
        person = {"name": f"Anne {_letters(number)}", "email": f"anne.{number}@example.nc"}
        yield Asked("register_cadre", None, OFFICE, {"cadre_id": _cadre(number), "functions": practised, **person})
    for number in range(size.clients):
        dirigeant = {"name": f"Marie {_letters(number)}", "email": f"marie.{number}@example.nc"}
        address = f"{number + 1} rue de l'Alma, 98800 Nouméa"
        company = {"client_id": _client(number), "name": f"Menuiserie {_letters(number)}", "address": address}
        yield Asked("register_client", None, OFFICE, {**company, "dirigeant": dirigeant})


def plans(size: Size) -> list[Plan]:
    """Every mission's plan; they start one after the other during the first half-year."""
    return [_plan(size, number) for number in range(size.missions)]


def billing_of(on: date) -> Asked:
    """A month's invoices, on its last date."""
    return Asked("issue_invoices", None, CLERK, {"month": month_of(on), "issued_on": on})


def paid_on(invoice: InvoiceIssued) -> date | None:
    """When a client pays: before it has to or a little late, and one invoice in forty not at all."""
    return None if invoice.sequence % 40 == 0 else invoice.due_on + timedelta(days=invoice.sequence % 9 - 6)


def payment_of(invoice: InvoiceIssued, on: date) -> Asked:
    """The money for one invoice."""
    amount = {"amount": str(invoice.gross), "currency": invoice.currency}
    named = {"payer": invoice.client_id, "reference": f"Facture {invoice.invoice_number}"}
    payment_id = f"P-{invoice.invoice_number}"
    return Asked(
        "record_payment", None, CLERK, {"payment_id": payment_id, "received_on": on, "amount": amount, **named}
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """One mission: who, for whom, from when, by which terms and on which days of the week."""

    number: int
    mission_id: str
    client_id: str
    cadre_id: str
    function: Function
    billing: dict[str, object]
    weekdays: tuple[int, ...]
    starts_on: date
    stops_on: date | None

    def on(self, on: date, *, works: bool, ends: bool) -> Iterator[Asked]:
        """What the mission brings on a date: on a working day or not, on the last date of a month or before."""
        if on < self.starts_on or (self.stops_on is not None and on > self.stops_on):
            return
        if on == self.starts_on:
            yield from self._signed()
        if works and on.weekday() in self.weekdays:
            yield from self._worked(on)
        yield from self._monthly(on)
        if ends:
            yield self._by_client("approve_days", month=month_of(on))
        if on == self.stops_on:
            yield self._by_client("stop_mission", on=on, decided_by="client", reason="Un recrutement prend la suite")

    def _worked(self, on: date) -> Iterator[Asked]:
        """A half-day or a quarter of an hour; of one mission in forty, one day a month is disputed and settled."""
        day_id = f"D-{self.number}-{on:%y%m%d}"
        time = {"quantity": "0.25"} if self.billing is HOURLY else {"quantity": "0.5", "half": "am"}
        said = {"place": "on_site", "summary": "Clôture mensuelle et tableau de bord", "objective_ids": ["O-1"]}
        yield self._by_cadre("deliver_day", day_id=day_id, date=on, **time, **said)
        if self.number % 40 == on.month and on.day <= 7 and on.weekday() == self.weekdays[0]:
            yield self._by_client("dispute_day", day_id=day_id, reason="Nous étions fermés le matin")
            yield self._by_client("settle_dispute", day_id=day_id, outcome="approved", note="Fait à distance")

    def _signed(self) -> Iterator[Asked]:
        tax = {"scheme": "TGC", "rate": "6"}
        yield Asked(
            "sign_mission",
            None,
            OFFICE,
            {
                "mission_id": self.mission_id,
                "client_id": self.client_id,
                "cadre_id": self.cadre_id,
                "function": self.function,
                "title": "Direction à temps partagé",
                "scope": {"responsibilities": ["Tenir la fonction"], "kept_in_house": ["La paie"], "excluded": []},
                "letter": {"signed_on": self.starts_on},
                "starts_on": self.starts_on,
                "rhythm": {"half_days_per_week": len(self.weekdays)},
                "terms": {"currency": "XPF", "billing": self.billing, "tax": tax, "payment_days": 30},
                "review_every": "monthly",
            },
        )
        yield self._by_cadre(
            "set_objective",
            objective_id="O-1",
            statement="Retrouver la marge d'avant",
            indicator={"name": "marge brute", "unit": "%", "source": "balance mensuelle"},
            baseline="21",
            target="27",
            set_on=self.starts_on,
            due_on=self.starts_on + A_YEAR,
            value_per_unit={"amount": "900000", "currency": "XPF"},
        )
        system = {"system": "Comptabilité", "level": "administrateur", "documented_at": "Classeur, page 12"}
        yield self._by_cadre("document_access", access_id="A-1", custodian="Marie", **system)

    def _monthly(self, on: date) -> Iterator[Asked]:
        month = (on.year - self.starts_on.year) * 12 + on.month - self.starts_on.month
        match on.day:
            case 5:
                task = {"text": "Relancer les impayés", "owner": "Marie"}
                yield self._by_cadre("open_action", action_id=f"T-{month}", due_on=on + timedelta(days=20), **task)
            case 8 if month % 12 == 1:
                words = {"text": "Une seule personne sait clôturer", "mitigation": "Écrire la procédure"}
                yield self._by_cadre("identify_risk", risk_id=f"R-{month}", likelihood=3, impact=4, **words)
            case 8 if month % 12 == 9 and month > 12:
                yield self._by_cadre("close_risk", risk_id=f"R-{month - 8}", on=on)
            case 10:
                value = f"{21 + month % 6}.{self.number % 10}"
                yield self._by_cadre("record_measurement", objective_id="O-1", value=value, measured_on=on)
            case 12 if month % 6 == 2:
                amount = {"amount": "12500", "currency": "XPF"}
                yield self._by_cadre("record_expense", expense_id=f"X-{month}", date=on, amount=amount, label="Trajet")
            case 15:
                yield self._review(on, month)
            case 20 if month % 12 == 11:
                later = {"due_on": on + A_YEAR, "reason": "Un an de plus, convenu en revue"}
                yield self._by_cadre("revise_objective", objective_id="O-1", on=on, **later)
            case 25:
                yield self._by_cadre("close_action", action_id=f"T-{month}", on=on)
            case _:
                pass

    def _review(self, on: date, month: int) -> Asked:
        answers: dict[str, object] = {"satisfaction": 3 + self.number % 3, "acts_as_cadre": self.number % 7 != 0}
        return Asked(
            "hold_review",
            self.mission_id,
            OFFICE,
            {
                "review_id": f"V-{month}",
                "held_on": on,
                "kind": "monthly",
                "attendees": ["Marie", "Anne"],
                "summary": "Le tableau de bord est lu ligne à ligne ; deux relances à faire.",
                **(answers if month % 3 == 2 else {}),
            },
        )

    def _by_cadre(self, name: str, /, **fields: object) -> Asked:
        return Asked(name, self.mission_id, Actor(Role.CADRE, self.cadre_id), fields)

    def _by_client(self, name: str, /, **fields: object) -> Asked:
        return Asked(name, self.mission_id, Actor(Role.CLIENT, self.client_id), fields)


def _plan(size: Size, number: int) -> Plan:
    """Of a cadre's missions one is by the day, one on a retainer, the others by the hour: all fit into its dates."""
    turn, cadre = divmod(number, size.cadres)
    billing = (DAY_RATE, RETAINER)[turn] if turn < 2 else HOURLY
    weekdays = ((0, 2), (1, 3, 4))[turn] if turn < 2 else tuple(sorted({turn % 5, (turn + 1) % 5, (turn + 3) % 5}))
    months = size.first.year * 12 + size.first.month - 1 + number * 6 // size.missions
    return Plan(
        number=number,
        mission_id=f"M-{number:05d}",
        client_id=_client((number + turn) % size.clients),
        cadre_id=_cadre(cadre),
        function=FUNCTIONS[(cadre + turn % 2) % len(FUNCTIONS)],
        billing=billing,
        weekdays=weekdays,
        starts_on=date(months // 12, months % 12 + 1, 1),
        stops_on=date(size.last.year, 1, 31) if number % 25 == 7 else None,
    )


def _cadre(number: int) -> str:
    return f"C-{number:04d}"


def _client(number: int) -> str:
    return f"E-{number:04d}"


def _letters(number: int) -> str:
    return "".join("ABCDEFGHIJ"[int(digit)] for digit in str(number))
