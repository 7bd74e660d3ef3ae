"""Callers who write without rest, ask again until they know, and remember every answer that they were given."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from typing import Any, TypeAlias

from tests.simulation.accounts import Answer
from tests.simulation.served import PAUSE

Body: TypeAlias = dict[str, Any]
Wish: TypeAlias = tuple[str, Body]
"""An address, and what is sent there."""

FIRST, LAST = date(2025, 3, 3), date(2025, 9, 30)
ISSUED_ON = "2025-10-31"
PATIENCE = 120.0
NERVOUS = 0.25
"""How often a caller does not wait for the answer before it asks again."""


class Answers:
    """What all callers were told, and how many commands are known to be accepted."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self.told: dict[str, list[Answer]] = defaultdict(list)
        self.refused: dict[str, int] = {}

    def accepted(self, command_id: str, answer: Answer) -> None:
        with self._news:
            self.told[command_id].append(answer)
            self._news.notify_all()

    def wait_for(self, more: int, patience: float = 60.0) -> None:
        """Until so many more commands were acknowledged."""
        with self._news:
            enough = len(self.told) + more
            assert self._news.wait_for(lambda: len(self.told) >= enough, patience), "the service did not come back"


class Writer:
    """Somebody with a token, who sends every command under a key of its own until its fate is known."""

    def __init__(self, name: str, token: str, port: int, answers: Answers, seed: int) -> None:
        self.name, self._port, self._answers = name, port, answers
        self.headers = {"Authorization": f"Bearer {token}"}
        self.chance = Random(f"{seed} {name}")
        self._number = 0
        self.stopped = threading.Event()

    def write(self, wishes: Iterator[Wish]) -> None:
        """Sends wish after wish until told to stop; the last one too is settled."""
        with ThreadPoolExecutor(2) as tries:
            while not self.stopped.is_set():
                self._number += 1
                key, wish = f"{self.name}-{self._number}", next(wishes)
                twice = 2 if self.chance.random() < NERVOUS else 1
                for settled in [tries.submit(self.settle, key, wish) for _ in range(twice)]:
                    settled.result()

    def settle(self, key: str, wish: Wish) -> int:
        """Asks until it is known whether the command was carried out; how it was answered."""
        command_id = f"http:{self.name}:{key}"
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            try:
                status, body = self._post(key, wish)
            except (OSError, http.client.HTTPException):
                PAUSE.wait(0.02)
                continue
            if status in {200, 201}:
                told = json.loads(body)
                self._answers.accepted(command_id, Answer(status, told["position"], told["version"], body))
                return status
            if status in {409, 404}:
                self._answers.refused[command_id] = status
                return status
            assert status == 503, (status, body)
            PAUSE.wait(0.02)
        raise AssertionError(f"for {PATIENCE:.0f} s nobody could tell what became of {command_id}")

    def _post(self, key: str, wish: Wish) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            headers = {"Content-Type": "application/json", "Idempotency-Key": key, "Connection": "close"}
            connection.request("POST", wish[0], json.dumps(wish[1]), headers | self.headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def days_of(chance: Random, mission_id: str) -> Iterator[Wish]:
    """A cadre enters days and expenses, and takes some back."""
    number = 0
    while True:
        number += 1
        on = (FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))).isoformat()
        kind = chance.random()
        if kind < 0.4:
            yield (
                f"/missions/{mission_id}/days",
                {"date": on, "quantity": "0.5", "summary": "Closing", "exceptional": True},
            )
        elif kind < 0.7:
            named = {"day_id": f"{mission_id}-D{number}"}
            yield (
                f"/missions/{mission_id}/days",
                {"date": on, "quantity": "0.5", "summary": "Cash", **named, "exceptional": True},
            )
        elif kind < 0.9:
            cost = {"amount": str(chance.randrange(1, 9_999)), "currency": "XPF"}
            yield f"/missions/{mission_id}/expenses", {"date": on, "amount": cost, "label": "Travel"}
        else:
            taken_back = f"{mission_id}-D{chance.randrange(1, number + 1)}"
            yield f"/missions/{mission_id}/days/withdrawals", {"day_id": taken_back, "reason": "Mistaken"}


def approvals_of(chance: Random, missions: int) -> Iterator[Wish]:
    """Clients approve months, and dispute days."""
    while True:
        mission_id = f"M-{chance.randrange(missions)}"
        if chance.random() < 0.5:
            yield f"/missions/{mission_id}/days/approvals", {"month": f"2025-{chance.randrange(3, 10):02}"}
        else:
            day_id = f"{mission_id}-D{chance.randrange(1, 200)}"
            yield f"/missions/{mission_id}/days/disputes", {"day_id": day_id, "reason": "Not here"}


def billing(chance: Random) -> Iterator[Wish]:
    """An accountant runs months again and again, credits invoices and takes payments in."""
    while True:
        kind = chance.random()
        number = f"F-2025-{chance.randrange(1, 30):05}"
        if kind < 0.5:
            yield "/billing/runs", {"month": f"2025-{chance.randrange(3, 10):02}", "issued_on": ISSUED_ON}
        elif kind < 0.7:
            effect = chance.choice(["withdraw", "rebill"])
            yield f"/invoices/{number}/credit-notes", {"issued_on": ISSUED_ON, "reason": "Wrong", "effect": effect}
        else:
            amount = {"amount": str(chance.randrange(1, 50_000)), "currency": "XPF"}
            yield "/payments", {"received_on": ISSUED_ON, "amount": amount, "reference": number}
