"""The hand-made other side of HTTP: a writing bank that answers what a test says, and tokens for everybody."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from service.http.app import create_app
from service.http.questions import Questions
from service.http.records import Records
from service.http.security import Principal, issue_token, token_key
from service.http.services import Services
from service.projections.progress import Progress
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.submission import Accepted, Submission

KEY = token_key(b"k" * 32)
NOW = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
"""Already the fourth in Nouméa."""

DAY = {"day_id": "D-1", "date": "2026-03-03", "quantity": "1", "summary": "Month end"}


def accept(submission: Submission) -> Accepted:
    """History takes everything, at version 3 and position 17."""
    return Accepted(
        stream=f"mission:{submission.mission_id}", version=3, position=17, positions=(17,), events=(), replayed=False
    )


@dataclass
class Bench:
    """What was submitted, and what the writing bank does with it."""

    answer: Callable[[Submission], Accepted | Exception] = accept
    submitted: list[Submission] = field(default_factory=list)

    def submit(self, submission: Submission) -> Future[Accepted]:
        self.submitted.append(submission)
        outcome: Future[Accepted] = Future()
        answer = self.answer(submission)
        if isinstance(answer, Exception):
            outcome.set_exception(answer)
        else:
            outcome.set_result(answer)
        return outcome

    def refuse(self, error: Exception) -> None:
        """From now on every command fails in this way."""
        self.answer = lambda _submission: error

    def services(self) -> Services:
        return Services(
            commands=self,
            token_key=KEY,
            clock=lambda: NOW,
            zone=ZoneInfo("Pacific/Noumea"),
            questions=Questions("dbname=nowhere"),
            records=Records(Reader("dbname=nowhere"), KeyStore("dbname=nowhere")),
            progress=Progress(),
        )

    def app(self, *, max_body_bytes: int = 2_000) -> FastAPI:
        return create_app(self.services(), max_body_bytes=max_body_bytes)


def bearer(principal: Principal) -> dict[str, str]:
    """The header that lets a principal in."""
    return {"Authorization": f"Bearer {issue_token(KEY, principal, seconds=86_400)}"}
