"""Random lives of a small network: four months in which everybody does everything, often late, sometimes wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeAlias, TypeVar

from domain.billing.events import InvoiceIssued, PaymentRecorded
from domain.commands import COMMANDS
from domain.event import Command, CommandRejected, Event, Recorded
from domain.mission.events import DayDelivered
from domain.values import month_of
from tests.bodies import HOURLY, RETAINER, SCOPE, asked, terms
from tests.scenario import Network

LETTERS, FIRST, LAST = date(2026, 2, 20), date(2026, 3, 2), date(2026, 6, 30)
CLIENTS, CADRES, MISSIONS = ("E-1", "E-2"), ("C-1", "C-2"), ("M-1", "M-2", "M-3")
EUROS = terms(
    currency="EUR", billing={**HOURLY, "rate": "95.50"}, tax={"scheme": "TVA", "rate": "20"}, approval_required=False
)
Body: TypeAlias = dict[str, object]
E = TypeVar("E", bound=Event)


class Life:
    """A network whose people try whatever comes to their mind; what was accepted is history, command by command."""

    def __init__(self, random: Random, tries: int = 220) -> None:
        self.random, self.network = random, Network(today=LETTERS)
        self.done: list[Sequence[Recorded[Event]]] = []
        self._begin()
        self.network.today = FIRST
        for _ in range(tries):
            self.network.today = min(LAST, self.network.today + timedelta(days=random.choice((0, 0, 1, 1, 2))))
            self._try(random.choice(ATTEMPTS))

    def _begin(self) -> None:
        for client_id in CLIENTS:
            self._do(asked("register_client", client_id=client_id))
        for cadre_id in CADRES:
            self._do(asked("register_cadre", cadre_id=cadre_id))
        self._do(asked("register_issuer"))
        signed: Mapping[str, Body] = {
            "M-1": {"client_id": "E-1", "cadre_id": "C-1"},
            "M-2": {"client_id": "E-1", "cadre_id": "C-2", "terms": EUROS, "ends_on": None},
            "M-3": {"client_id": "E-2", "cadre_id": "C-1", "terms": terms(billing=RETAINER, issuer_id="I-1")},
        }
        for mission_id, changes in signed.items():
            self._do(asked("sign_mission", mission_id=mission_id, **changes))
            self._do(asked("set_objective", **self.objective(mission_id, "O-1")), mission_id)

    def objective(self, mission_id: str, objective_id: str) -> Body:
        """An objective that has a value, or none."""
        worth = {"amount": "5000", "currency": "EUR" if mission_id == "M-2" else "XPF"}
        return {
            "objective_id": objective_id,
            "value_per_unit": self.random.choice((worth, None)),
            "set_on": self.date(),
            "due_on": self.date(ahead=60),
        }

    def _do(self, command: Command, mission_id: str | None = None) -> None:
        before = len(self.network.recorded)
        self.network.do(command, mission_id)
        self.done.append(self.network.recorded[before:])

    def _try(self, attempt: Attempt) -> None:
        mission_id = self.random.choice(MISSIONS)
        command, is_of_mission = attempt(self, mission_id)
        try:
            self._do(command, mission_id if is_of_mission else None)
        except CommandRejected:
            return

    def date(self, ahead: int = 0) -> str:
        """A date of late, or a little later; none before the letters."""
        offset = timedelta(days=self.random.choice((0, 0, 1, 2, 5, 12, 30)))
        return (max(LETTERS, self.network.today - offset) + timedelta(days=ahead)).isoformat()

    def one(self, letter: str) -> str:
        return f"{letter}-{self.random.randint(1, 3)}"

    def new(self, letter: str) -> str:
        return f"{letter}-{len(self.network.recorded)}"

    def some(self, kind: type[E], name: Callable[[E], str], mission_id: str | None = None) -> str:
        """The name of something that happened, if anything of the kind did."""
        found = [
            name(each.event)
            for each in self.network.recorded
            if isinstance(each.event, kind) and mission_id in (None, each.stream.removeprefix("mission:"))
        ]
        return self.random.choice(found) if found else "X-0"

    def day(self, mission_id: str) -> str:
        """A day of a mission."""
        return self.some(DayDelivered, lambda event: event.day_id, mission_id)

    def invoice(self) -> str:
        """An invoice's number."""
        return self.some(InvoiceIssued, lambda event: event.invoice_number)

    def payment(self) -> str:
        """A payment's id."""
        return self.some(PaymentRecorded, lambda event: event.payment_id)


Attempt: TypeAlias = "Callable[[Life, str], tuple[Command, bool]]"


def of_mission(name: str, fields: Callable[[Life, str], Body]) -> Attempt:
    """A command on a mission, with these fields changed."""
    return lambda life, mission_id: (asked(name, **fields(life, mission_id)), True)


def of_billing(name: str, fields: Callable[[Life, str], Body]) -> Attempt:
    """A command on no single mission."""
    return lambda life, mission_id: (COMMANDS[name].model_validate(fields(life, mission_id)), False)


def _money(life: Life, number: str) -> Body:
    """What an invoice asks for, or half of it."""
    for each in life.network.recorded:
        if isinstance(each.event, InvoiceIssued) and each.event.invoice_number == number:
            amount = each.event.gross / life.random.choice((1, 1, 2))
            return {"amount": each.event.currency.text(amount), "currency": each.event.currency.value}
    return {"amount": "1000", "currency": "XPF"}


def _nothing(_life: Life, _mission_id: str) -> Body:
    return {}


def _day(life: Life, mission_id: str) -> Body:
    quantity = life.random.choice(("2.25", "4") if mission_id == "M-2" else ("1", "0.5"))
    lends = life.random.choice((None, None, None, "C-2"))
    return {"day_id": life.new("D"), "date": life.date(), "quantity": quantity, "cadre_id": lends}


def _measurement(life: Life, _mission_id: str) -> Body:
    return {
        "objective_id": life.one("O"),
        "value": str(life.random.randint(30, 70)),
        "measured_on": life.date(),
        "note": life.random.choice((None, "Relevé")),
    }


def _review(life: Life, _mission_id: str) -> Body:
    return {
        "review_id": life.new("R"),
        "held_on": life.date(),
        "satisfaction": life.random.choice((None, 3, 5)),
        "acts_as_cadre": life.random.choice((None, True, False)),
    }


def _action(life: Life, _mission_id: str) -> Body:
    return {"action_id": life.one("T"), "due_on": life.date(ahead=20), "owner": life.random.choice((None, "Anne"))}


def _access(life: Life, _mission_id: str) -> Body:
    return {"access_id": life.one("A"), "custodian": life.random.choice((None, "Marie"))}


def _stop(life: Life, mission_id: str) -> Body:
    """One mission may be stopped; a date before their start stops none of the others."""
    return {"on": life.date(ahead=30) if mission_id == MISSIONS[-1] else LETTERS.isoformat()}


def _amendment(life: Life, mission_id: str) -> Body:
    agreed = {"M-1": terms(billing={"kind": "day_rate", "rate": "90000"}), "M-2": EUROS, "M-3": None}
    letter = {"signed_on": life.date()}
    return {"effective_on": life.date(ahead=8), "letter": letter, "terms": agreed[mission_id], "scope": SCOPE}


def _run(life: Life, _mission_id: str) -> Body:
    month = month_of(life.network.today.replace(day=1) - timedelta(days=1))
    return {"month": month, "issued_on": life.network.today.isoformat()}


def _credit(life: Life, mission_id: str) -> Body:
    choices: tuple[Body, ...] = ({}, {"day_ids": [life.day(mission_id)]})
    days = life.random.choice(choices)
    effect = life.random.choice(("withdraw", "rebill"))
    on = life.network.today.isoformat()
    return {"invoice_number": life.invoice(), "issued_on": on, "reason": "Erreur", "effect": effect, **days}


def _payment(life: Life, _mission_id: str) -> Body:
    number = life.invoice()
    choices: tuple[Body, ...] = ({"reference": number}, {"payer": life.random.choice(CLIENTS)}, {})
    told = life.random.choice(choices)
    return {"payment_id": life.new("P"), "received_on": life.date(), "amount": _money(life, number), **told}


def _allocation(life: Life, _mission_id: str) -> Body:
    number = life.invoice()
    return {"payment_id": life.payment(), "allocations": [{"invoice_number": number, "amount": _money(life, number)}]}


def _deallocation(life: Life, _mission_id: str) -> Body:
    number = life.invoice()
    return {"payment_id": life.payment(), "invoice_number": number, "amount": _money(life, number), "reason": "Erreur"}


def _refund(life: Life, _mission_id: str) -> Body:
    number = life.invoice()
    return {
        "refund_id": life.new("P"),
        "invoice_number": number,
        "amount": _money(life, number),
        "paid_on": life.date(),
    }


TIME = (
    *[of_mission("deliver_day", _day)] * 8,
    *[of_mission("approve_days", lambda life, mission_id: {"day_ids": [life.day(mission_id)]})] * 3,
    of_mission("approve_days", lambda life, _: {"day_ids": ..., "month": month_of(life.network.today)}),
    *[of_mission("dispute_day", lambda life, mission_id: {"day_id": life.day(mission_id)})] * 2,
    *[
        of_mission(
            "settle_dispute",
            lambda life, mission_id: {
                "day_id": life.day(mission_id),
                "outcome": life.random.choice(("approved", "withdrawn")),
            },
        )
    ]
    * 2,
    of_mission("withdraw_day", lambda life, mission_id: {"day_id": life.day(mission_id)}),
    *[of_mission("record_expense", lambda life, _: {"expense_id": life.one("X"), "date": life.date()})] * 2,
    of_mission("withdraw_expense", lambda life, _: {"expense_id": life.one("X")}),
)
RESULTS = (
    of_mission("set_objective", lambda life, mission_id: life.objective(mission_id, life.one("O"))),
    *[of_mission("record_measurement", _measurement)] * 4,
    of_mission("revise_objective", lambda life, _: {"objective_id": life.one("O"), "on": life.date()}),
    of_mission("close_objective", lambda life, _: {"objective_id": "O-2", "on": life.date()}),
)
FOLLOW = (
    *[of_mission("hold_review", _review)] * 2,
    of_mission("record_decision", lambda life, _: {"decision_id": life.new("K"), "decided_on": life.date()}),
    of_mission("open_action", _action),
    of_mission("close_action", lambda life, _: {"action_id": life.one("T"), "on": life.date()}),
    of_mission(
        "identify_risk", lambda life, _: {"risk_id": life.one("Q"), "backup": life.random.choice(("", "Marie"))}
    ),
    of_mission("close_risk", lambda life, _: {"risk_id": life.one("Q"), "on": life.date()}),
    of_mission("document_access", _access),
    of_mission("revoke_access", lambda life, _: {"access_id": life.one("A"), "on": life.date()}),
)
COURSE = (
    of_mission("pause_mission", lambda life, _: {"from_on": life.date(ahead=3)}),
    *[of_mission("resume_mission", lambda life, _: {"on": life.date(ahead=5)})] * 2,
    of_mission("amend_mission", _amendment),
    of_mission("extend_mission", lambda life, _: {"letter": {"signed_on": life.date()}}),
    of_mission("stop_mission", _stop),
    of_mission("start_handover", _nothing),
    of_mission("complete_handover_item", _nothing),
    of_mission(
        "hand_over",
        lambda life, _: {
            "to_cadre_id": life.random.choice(CADRES),
            "effective_on": life.date(ahead=4),
            "override_reason": "Parti",
        },
    ),
)
BILLING = (
    *[of_billing("issue_invoices", _run)] * 3,
    *[of_billing("issue_credit_note", _credit)] * 2,
    *[of_billing("record_payment", _payment)] * 3,
    of_billing("allocate_payment", _allocation),
    of_billing("deallocate_payment", _deallocation),
    of_billing("withdraw_payment", lambda life, _: {"payment_id": life.payment(), "reason": "Erreur"}),
    of_billing("record_refund", _refund),
)
PARTIES = (
    of_billing(
        "correct_client", lambda life, _: {"client_id": life.random.choice(CLIENTS), "address": life.new("Rue")}
    ),
    of_billing("correct_cadre", lambda life, _: {"cadre_id": life.random.choice(CADRES), "name": life.new("Anne")}),
)
ATTEMPTS: Sequence[Attempt] = (*TIME, *RESULTS, *FOLLOW, *COURSE, *BILLING, *PARTIES)
