"""A bank statement is taken: all of it is read and judged first, then each credit is recorded, once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from starlette.concurrency import run_in_threadpool

from domain.event import Actor, CommandRejected
from domain.party.events import IssuerCorrected, IssuerRegistered, PersonForgotten
from domain.streams import issuer_stream
from domain.values import NETWORK_ISSUER
from projections.invoices import BILLING
from projections.invoices.invoices import InvoiceRow
from projections.invoices.payments import PaymentRow
from projections.missions import MISSIONS
from projections.missions.parties import PartyRow
from projections.missions.queries import parties_for
from projections.read_model import words
from service.banking.answers import StatementsAnswer
from service.banking.formats import StatementFormat, read_statements
from service.banking.matching import payer_of
from service.banking.questions import OPEN_INVOICES, client_names, open_invoice, payments_near
from service.banking.references import Credit, credits_of
from service.banking.statements import Account, Statement, StatementRefused
from service.banking.telling import REUSED, Books, Fate
from service.http.problems import Problem
from service.http.services import Services
from service.store.appending import CommandIdReused, OutcomeUnknown
from service.submission import Accepted, Contended, Submission

PATIENCE = 60.0
"""Seconds after which the outcome of a file's commands is called unknown."""
WAIT = 5.0
MODELS = (MISSIONS.name, BILLING.name)
AGAIN = "Send the same file again: what was recorded is not doubled."


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a file, under which key where they gave one."""

    actor: Actor
    principal: str | None
    correlation_id: str
    key: str | None = None
    """What history knows the request by: the first credit is recorded under it."""


async def take_statements(
    services: Services, data: bytes, kind: StatementFormat, profile: str | None, sender: Sender
) -> StatementsAnswer:
    """Records each credit of a file as a payment, and says what became of every entry."""
    statements = await run_in_threadpool(read_statements, data, kind, profile)
    await _caught_up(services, await services.records.head(), "Nothing was recorded.")
    clients = client_names(await services.questions.rows(parties_for(), PartyRow))
    await _require_own_accounts(services, statements)
    _require_nothing_to_come(statements, services.today())
    taken = list(credits_of(statements))
    submissions = [_submission(each, clients, sender, services.today()) for each in taken]
    if sender.key is not None and submissions:
        submissions[0] = _under_key(submissions[0], sender.key, data)
    fates = _fates(taken, await _outcomes(services, submissions), sender)
    position = max((fate.position for fate in fates), default=0)
    await _caught_up(services, position, "The payments are recorded.")
    books = await _books(services, taken, clients)
    told = await run_in_threadpool(lambda: [books.statement(each, fates) for each in statements])
    return StatementsAnswer(format=kind, position=position, statements=told)


async def _books(services: Services, taken: Sequence[Credit], clients: Mapping[str, str]) -> Books:
    own = [credit.payment_id for credit in taken]
    near = payments_near(own, (credit.entry.booked_on for credit in taken))
    rows = {row.payment_id: row for row in await services.questions.rows(near, PaymentRow)}
    invoices = [open_invoice(row) for row in await services.questions.rows(OPEN_INVOICES, InvoiceRow)]
    return Books(rows, invoices, clients, services.today(), frozenset(own))


async def _caught_up(services: Services, position: int, so_far: str) -> None:
    if not await services.progress.wait_until(position, WAIT, MODELS):
        raise Problem(503, "not_caught_up", f"The read models are behind. {so_far} {AGAIN}")


async def _require_own_accounts(services: Services, statements: Sequence[Statement]) -> None:
    """A statement is of an account that invoices are paid into; the network's own may not be known yet."""
    issuers = await services.questions.rows(parties_for("issuer"), PartyRow)
    known = {each: await _iban(services, each) for each in {NETWORK_ISSUER, *(row.party_id for row in issuers)}}
    own = {Account(iban).key for iban in known.values() if iban is not None}
    for statement in statements:
        if statement.account.key not in own and known[NETWORK_ISSUER] is not None:
            raise StatementRefused(
                "the account is no issuer's; choose the right file, or state the IBAN of the issuer (correct_issuer)",
                code="unknown_account",
                line=statement.line,
            )


async def _iban(services: Services, issuer_id: str) -> str | None:
    iban = None
    for recorded in await services.records.stream(issuer_stream(issuer_id)):
        match recorded.event:
            case IssuerRegistered(iban=stated) | IssuerCorrected(iban=stated) if stated is not None:
                iban = words(stated)
            case PersonForgotten():
                iban = None
            case _:
                pass
    return iban


def _require_nothing_to_come(statements: Sequence[Statement], today: date) -> None:
    for credit in credits_of(statements):
        if credit.entry.booked_on is not None and credit.entry.booked_on > today:
            raise StatementRefused(
                f"this is booked after today, {today}; check which date is which, or send the file then",
                code="in_the_future",
                line=credit.entry.line,
                entry=credit.entry.number,
            )


def _submission(credit: Credit, clients: Mapping[str, str], sender: Sender, today: date) -> Submission:
    return Submission(
        command=credit.command(payer_of(credit.entry.payer, clients)),
        mission_id=None,
        actor=sender.actor,
        claimed_by=None,
        claimed_at=None,
        today=today,
        command_id=f"bank:{credit.payment_id}",
        request=credit.request,
        correlation_id=sender.correlation_id,
        principal=sender.principal,
    )


def _under_key(submission: Submission, key: str, data: bytes) -> Submission:
    """The file's first credit binds the key to the file: with another file, the key is refused."""
    return replace(submission, command_id=key, request=hashlib.sha256(data).digest())


async def _outcomes(services: Services, submissions: Sequence[Submission]) -> list[Accepted | Exception]:
    """What became of each; of the first before any other is sent, for it may show that the key was used."""
    found: list[Accepted | Exception] = []
    for part in (submissions[:1], submissions[1:]):
        if part:
            waiting = [asyncio.wrap_future(services.commands.submit(each)) for each in part]
            _, late = await asyncio.wait(waiting, timeout=PATIENCE)
            if late:
                raise _unknown()
            found += [_outcome(each) for each in waiting]
            _refuse_used_key(submissions[0], found[0])
    return found


def _outcome(done: asyncio.Future[Accepted]) -> Accepted | Exception:
    try:
        return done.result()
    except (CommandRejected, CommandIdReused, Contended, OutcomeUnknown) as error:
        return error


def _refuse_used_key(first: Submission, outcome: Accepted | Exception) -> None:
    if isinstance(outcome, CommandIdReused) and not (first.command_id or "").startswith("bank:"):
        detail = "This Idempotency-Key was used for another request; use a new key for a new request."
        raise Problem(422, "idempotency_key_reused", detail)


def _unknown() -> Problem:
    return Problem(503, "outcome_unknown", f"It is not known whether all was recorded. {AGAIN}")


def _fates(taken: Sequence[Credit], outcomes: Sequence[Accepted | Exception], sender: Sender) -> list[Fate]:
    told: set[str] = set()
    fates = []
    for credit, outcome in zip(taken, outcomes, strict=True):
        fates.append(_fate(credit, outcome, sender, is_repeated=credit.payment_id in told))
        told.add(credit.payment_id)
    return fates


def _fate(credit: Credit, outcome: Accepted | Exception, sender: Sender, *, is_repeated: bool) -> Fate:
    match outcome:
        case Accepted():
            own = sender.key is not None and any(
                each.correlation_id == sender.correlation_id for each in outcome.events
            )
            return Fate(credit, not is_repeated and (own or not outcome.replayed), position=outcome.position)
        case CommandIdReused():
            return Fate(credit, refusal=REUSED)
        case CommandRejected(code="already_exists"):
            return Fate(credit)
        case CommandRejected():
            return Fate(credit, refusal=(outcome.code, outcome.detail))
        case Contended():
            raise Problem(503, "contended", f"Others change the same things too fast. {AGAIN}") from outcome
        case OutcomeUnknown():
            raise _unknown() from outcome
        case _:
            raise outcome
