"""A hand that keeps a journal carelessly: mostly right, near every boundary, and wrong often enough."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.journal_world import ACCEPTED, World
from tests.simulation.books import Books, Codes
from tests.simulation.ledger import Day, Mission, Terms, dates_of, month_of

BEGINNINGS = [date(2024, 1, 22), date(2024, 11, 18), date(2025, 3, 20), date(2025, 10, 27), date(2023, 12, 11)]
"""Before a leap day, before a year's end, anywhere."""
RATES = {"XPF": ["85000", "77777", "12002", "3"], "EUR": ["650.00", "87.33", "0.01"]}
QUANTITIES = {"hourly": ["0.25", "0.75", "2.5", "4", "8"], "day_rate": ["0.5", "1"], "retainer": ["0.5", "0.5", "1"]}


@dataclass
class Hand:
    """Writes line after line, into the product and into the second books, and holds every verdict against theirs."""

    random: Random
    world: World = field(default_factory=World)
    books: Books = field(init=False)
    lines: int = 0

    def __post_init__(self) -> None:
        self.books = Books(self.random.choice(BEGINNINGS))

    def writes(self, count: int) -> None:
        """The network is set up, and so many things happen."""
        self._begins()
        habits: list[tuple[Callable[[Mission], None], int]] = [
            (self._delivers, 12),
            (self._approves, 3),
            (self._turns, 4),
            (self._bills, 3),
            (self._credits, 2),
            (self._is_paid, 2),
            (self._rests, 2),
            (self._amends, 2),
        ]
        for _ in range(count):
            self.books.today += timedelta(self.random.choice([0, 0, 0, 1, 1, 2, 5]))
            (habit,) = self.random.choices([habit for habit, _ in habits], [weight for _, weight in habits])
            habit(self.random.choice([*self.books.missions.values()]))

    def _says(self, command: str, data: Mapping[str, object], codes: Codes, mission: Mission | None = None) -> None:
        self.lines += 1
        line = {"id": f"j-{self.lines}", "command": command, "at": f"{self.books.today}T12:00:00+11:00"}
        where = {} if mission is None else {"mission": mission.mission_id}
        text = json.dumps(line | where | {"by": {"role": "network_admin"}, "data": data})
        verdict = self.world.run([text.encode()]).verdicts[1]
        assert verdict in (codes or {ACCEPTED}), f"{verdict}, and not {codes or ACCEPTED}: {text}"

    def _begins(self) -> None:
        today = self.books.today
        for client in ("E-2", "E-10"):
            dirigeant = {"name": "Zoé", "email": "zoe@example.nc"}
            told = {"client_id": client, "name": f"Café {client}", "address": "Nouméa", "dirigeant": dirigeant}
            self._says("register_client", told, set())
        company = {"scheme": "RIDET", "number": "1234567.001"}
        told = {"issuer_id": "I-1", "name": "Anne EURL", "registration": company, "address": "Nouméa"}
        self._says("register_issuer", told, set())
        for number in range(1, self.random.randint(3, 5)):
            self._signs(f"M-{number}", f"C-{number}", today + timedelta(self.random.choice([0, 0, -9, 3])))

    def _signs(self, mission_id: str, cadre: str, starts_on: date) -> None:
        person = {"cadre_id": cadre, "name": "Élodie", "email": "elodie@example.nc", "functions": ["finance"]}
        self._says("register_cadre", person, set())
        pick, kind = self.random.choice, self.random.choice([*QUANTITIES])
        client, issuer, currency = pick(["E-2", "E-10"]), pick(["network", "network", "I-1"]), pick(["XPF", "EUR"])
        terms = self._terms(kind, currency)
        mission = Mission(mission_id, client, issuer, currency, starts_on, [(starts_on, terms)])
        told = {
            "mission_id": mission_id,
            "client_id": client,
            "cadre_id": cadre,
            "function": "finance",
            "title": "Direction financière",
            "scope": {"responsibilities": ["La trésorerie"]},
            "letter": {"signed_on": f"{min(starts_on, self.books.today)}"},
            "starts_on": f"{starts_on}",
            "rhythm": {"half_days_per_week": 4},
            "terms": _stated(mission, terms),
            "review_every": "monthly",
        }
        self._says("sign_mission", told, set(), mission)
        self.books.missions[mission_id] = mission
        result: dict[str, object] = {
            "objective_id": "O-1",
            "statement": "Trésorerie",
            "indicator": {"name": "Trésorerie", "unit": "jours", "source": "banque"},
            "baseline": "10",
            "target": "30",
            "due_on": "2030-12-31",
            "set_on": f"{self.books.today}",
        }
        self._says("set_objective", result, set(), mission)

    def _terms(self, kind: str, currency: str) -> Terms:
        pick = self.random.choice
        prices = [Decimal(pick(RATES[currency])) for _ in range(2)]
        included = Decimal(pick(["0", "0.5", "1", "2.5"]))
        return Terms(
            kind,
            prices[0],
            Decimal(pick(["0", "5.5", "6", "22"])),
            pick([True, False]),
            pick([0, 15, 30]),
            *((prices[1] * 7, included) if kind == "retainer" else ()),
        )

    def _delivers(self, mission: Mission) -> None:
        edges = [mission.starts_on, mission.stop or self.books.today, *(since for since, _ in mission.pauses)]
        on = self.books.today - timedelta(self.random.choice([0, 1, 2, 3, 8]))
        if self.random.random() < 0.2:
            on = self.random.choice(edges) + timedelta(self.random.choice([-1, 0, 1]))
        day_id = f"D-{self.random.choice([self.lines, self.lines, self.lines, 1000 - self.lines, 7])}"
        quantity = self.random.choice(QUANTITIES[mission.terms[0][1].kind])
        codes = self.books.deliver(mission, day_id, on, Decimal(quantity))
        told = {"day_id": day_id, "date": f"{on}", "quantity": quantity, "summary": "Clôture", "exceptional": True}
        self._says("deliver_day", told, codes, mission)

    def _approves(self, mission: Mission) -> None:
        month = self._month(mission)
        self._says("approve_days", {"month": month}, self.books.approve(mission, month), mission)

    def _turns(self, mission: Mission) -> None:
        day = self._day(mission)
        if day is None:
            return self._delivers(mission)
        what = "settle" if day.state == "disputed" else self.random.choice(["withdraw", "dispute", "dispute", "settle"])
        told: dict[str, object] = {"day_id": day.day_id, "reason": "Erreur de saisie"}
        if what == "settle":
            outcome = self.random.choice(["approved", "withdrawn"])
            told = {"day_id": day.day_id, "outcome": outcome, "note": "Vu ensemble"}
            return self._says("settle_dispute", told, self.books.settle(day, outcome), mission)
        turn = self.books.withdraw if what == "withdraw" else self.books.dispute
        return self._says(f"{what}_day", told, turn(day), mission)

    def _bills(self, mission: Mission) -> None:
        month = self._month(mission)
        on = self.random.choice([self.books.today] * 6 + [dates_of(month)[-1], self.books.today + timedelta(1)])
        self._says("issue_invoices", {"month": month, "issued_on": f"{on}"}, self.books.bill(month, on))

    def _credits(self, mission: Mission) -> None:
        if not self.books.invoices:
            return self._bills(mission)
        invoice = self.random.choice([*self.books.invoices.values()])
        billed = sorted({share.day.day_id for share in invoice.shares})
        named = set(self.random.sample(billed, min(len(billed), 2))) if self.random.random() < 0.7 else set()
        on = self.books.today - timedelta(self.random.choice([0, 0, 0, 1, 30]))
        rebill = self.random.random() < 0.5
        told: dict[str, object] = {"invoice_number": invoice.number, "issued_on": f"{on}", "reason": "À tort"}
        told |= {"day_ids": sorted(named)} if named else {}
        told |= {"effect": "rebill"} if rebill else {}
        return self._says("issue_credit_note", told, self.books.credit(invoice, named or None, on, rebill=rebill))

    def _is_paid(self, mission: Mission) -> None:
        if not self.books.invoices:
            return self._bills(mission)
        invoice = self.random.choice([*self.books.invoices.values()])
        owed = max(invoice.outstanding, Decimal(1))
        amount = self.random.choice([invoice.net + invoice.tax, owed, owed + 1])
        named = self.random.choice([None, invoice.number])
        payment_id = f"P-{self.random.choice([self.lines, self.lines, 7])}"
        codes = self.books.pay(payment_id, amount, invoice.currency, invoice.client_id, named)
        money = {"amount": f"{amount}", "currency": invoice.currency}
        told: dict[str, object] = {"payment_id": payment_id, "received_on": f"{self.books.today}", "amount": money}
        told |= {"payer": invoice.client_id} | ({} if named is None else {"reference": f"VIR {named} MERCI"})
        return self._says("record_payment", told, codes)

    def _rests(self, mission: Mission) -> None:
        on = self.books.today + timedelta(self.random.choice([-4, 0, 1, 1, 3]))
        what = self.random.choices(["pause", "resume", "stop"], [8, 12, 1])
        if what == ["pause"]:
            told: dict[str, object] = {"from_on": f"{on}", "reason": "Congés"}
            return self._says("pause_mission", told, self.books.pause(mission, on), mission)
        if what == ["resume"]:
            return self._says("resume_mission", {"on": f"{on}"}, self.books.resume(mission, on), mission)
        told = {"on": f"{on}", "decided_by": "client", "reason": "Fin"}
        return self._says("stop_mission", told, self.books.end(mission, on), mission)

    def _amends(self, mission: Mission) -> None:
        since = self.books.today + timedelta(self.random.choice([-20, -1, 0, 1, 4]))
        signed_on = min(since, self.books.today) + timedelta(self.random.choice([0, 0, 0, 1]))
        terms = self._terms(mission.terms[0][1].kind, mission.currency)
        told = {"effective_on": f"{since}", "letter": {"signed_on": f"{signed_on}"}, "reason": "Révision"}
        codes = self.books.amend(mission, signed_on, since, terms)
        self._says("amend_mission", told | {"terms": _stated(mission, terms)}, codes, mission)

    def _day(self, mission: Mission) -> Day | None:
        return self.random.choice([*mission.days.values()]) if mission.days else None

    def _month(self, mission: Mission) -> str:
        day, before = self._day(mission), dates_of(month_of(self.books.today))[0] - timedelta(1)
        return month_of(self.random.choice([self.books.today, before, before, day.on if day else before]))


def _stated(mission: Mission, terms: Terms) -> dict[str, object]:
    prices = {"rate": f"{terms.rate}"}
    if terms.kind == "retainer":
        monthly, included = f"{terms.monthly}", f"{terms.included}"
        prices = {"monthly": monthly, "included_days": included, "extra_day_rate": f"{terms.rate}"}
    return {
        "issuer_id": mission.issuer_id,
        "currency": mission.currency,
        "billing": {"kind": terms.kind, **prices},
        "tax": {"scheme": "TVA", "rate": f"{terms.tax}"},
        "payment_days": terms.payment_days,
        "approval_required": terms.approval,
    }
