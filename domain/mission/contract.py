"""The letter of engagement: sign a mission, amend it, extend it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import model_validator

from domain.event import NAMELESS, Command, Context
from domain.law import longest_payment_days
from domain.mission.events import MissionAmended, MissionExtended, MissionSigned, ReviewEvery
from domain.mission.period import reject_after_stop
from domain.mission.rejections import (
    AmendmentBackdated,
    AmendmentOutOfOrder,
    BillingKindChanged,
    CurrencyChanged,
    EffectiveBeforeInvoicedDay,
    FunctionNotPractised,
    InvalidPeriod,
    IssuerChanged,
    LetterSignedLate,
    MissionIsStopped,
    NotAnExtension,
    PaymentTermUnlawful,
    ScopeWithoutResponsibility,
)
from domain.mission.state import DayStatus, Mission
from domain.party.state import Cadre, Client, Issuer
from domain.rejections import AlreadyExists, InTheFuture, UnknownCadre, UnknownClient, UnknownIssuer
from domain.values import Function, Id, IsoDate, Letter, Rhythm, Scope, Terms, Text


class SignMission(Command):
    """Give a cadre charge of a function at a client, as the signed letter says."""

    NAME: ClassVar[str] = "sign_mission"
    NAMES: ClassVar[str | None] = "mission_id"
    DATED: ClassVar[str | None] = "letter.signed_on"
    mission_id: Id = NAMELESS
    client_id: Id
    cadre_id: Id
    function: Function
    title: Text
    scope: Scope
    letter: Letter
    starts_on: IsoDate
    ends_on: IsoDate | None = None
    rhythm: Rhythm
    terms: Terms
    review_every: ReviewEvery


class AmendMission(Command):
    """Change terms, rhythm or scope from a date on, as the signed amendment says."""

    NAME: ClassVar[str] = "amend_mission"
    DATED: ClassVar[str | None] = "letter.signed_on"
    effective_on: IsoDate
    letter: Letter
    terms: Terms | None = None
    rhythm: Rhythm | None = None
    scope: Scope | None = None
    reason: Text

    @model_validator(mode="after")
    def _changes_something(self) -> AmendMission:
        if self.terms is None and self.rhythm is None and self.scope is None:
            raise ValueError("name what the amendment changes: terms, rhythm or scope")
        return self


class ExtendMission(Command):
    """Move the mission's end later, or remove it with `null`, as the signed letter says."""

    NAME: ClassVar[str] = "extend_mission"
    DATED: ClassVar[str | None] = "letter.signed_on"
    ends_on: IsoDate | None
    letter: Letter


def sign_mission(
    signed: Mission | None,
    command: SignMission,
    context: Context,
    *,
    client: Client | None,
    cadre: Cadre | None,
    issuer: Issuer | None,
) -> MissionSigned:
    """A mission starts from a signed letter between known parties, on lawful terms."""
    if signed is not None:
        raise AlreadyExists(f"{command.mission_id} is a mission already: sign this one under another id")
    if client is None:
        raise UnknownClient(f"{command.client_id} is no registered client: register it first")
    if cadre is None:
        raise UnknownCadre(f"{command.cadre_id} is no registered cadre: register it first")
    if command.function not in cadre.functions:
        raise FunctionNotPractised(
            f"{command.cadre_id} does not practise {command.function}: name a cadre who does, or correct its functions"
        )
    if issuer is None:
        raise UnknownIssuer(f"{command.terms.issuer_id} is no registered issuer: register it first")
    _reject_unsigned(command.letter, context)
    if command.ends_on is not None and command.ends_on <= command.starts_on:
        raise InvalidPeriod(f"the mission starts on {command.starts_on}: end it later, or leave ends_on out")
    if command.letter.signed_on > command.starts_on:
        raise LetterSignedLate(f"the letter is signed on {command.letter.signed_on}: start the mission then, or later")
    _reject_unlawful_terms(command.terms, command.letter.signed_on)
    _reject_empty_scope(command.scope)
    return MissionSigned.model_validate(dict(command))


def amend_mission(mission: Mission, command: AmendMission, context: Context) -> MissionAmended:
    """An amendment changes what follows, never what was invoiced, and never who bills what in which currency."""
    reject_after_stop(mission, context.today)
    if mission.is_over_on(command.effective_on):
        raise MissionIsStopped(f"the mission stops on {mission.stopped_on}: amend it up to that date")
    _reject_unsigned(command.letter, context)
    if command.effective_on < command.letter.signed_on:
        raise AmendmentBackdated(
            f"the amendment is signed on {command.letter.signed_on}: let it take effect then, or later"
        )
    if mission.amended_on is not None and command.effective_on <= mission.amended_on:
        raise AmendmentOutOfOrder(f"an amendment takes effect on {mission.amended_on}: let this one follow it")
    _reject_touching_invoiced_days(mission, command.effective_on)
    terms = None if command.terms is None else _amended_terms(mission, command.terms, command.letter.signed_on)
    if command.scope is not None:
        _reject_empty_scope(command.scope)
    return MissionAmended.model_validate(dict(command) | {"terms": terms})


def extend_mission(mission: Mission, command: ExtendMission, context: Context) -> MissionExtended:
    """An extension moves the end later, or removes it; a stopped mission has no later."""
    if mission.stopped_on is not None:
        raise MissionIsStopped(f"the mission stops on {mission.stopped_on}, for good: sign a new one")
    _reject_unsigned(command.letter, context)
    if mission.ends_on is None:
        raise NotAnExtension("the mission is open-ended already: there is nothing to extend")
    if command.ends_on is not None and command.ends_on <= mission.ends_on:
        raise NotAnExtension(f"the mission ends on {mission.ends_on}: name a later date, or null for none")
    return MissionExtended(ends_on=command.ends_on, letter=command.letter)


def _reject_unsigned(letter: Letter, context: Context) -> None:
    if letter.signed_on > context.today:
        raise InTheFuture(f"the letter is dated {letter.signed_on}: enter it once it is signed")


def _reject_unlawful_terms(terms: Terms, signed_on: date) -> None:
    most = longest_payment_days(terms.tax.scheme, terms.currency, signed_on)
    if terms.payment_days > most:
        raise PaymentTermUnlawful(
            f"payment within {terms.payment_days} days is unlawful: the law allows {most} at most"
        )


def _reject_empty_scope(scope: Scope) -> None:
    if not scope.responsibilities:
        raise ScopeWithoutResponsibility("name at least one responsibility that the cadre takes")


def _reject_touching_invoiced_days(mission: Mission, effective_on: date) -> None:
    invoiced = [day.date for day in mission.days.values() if day.status is DayStatus.INVOICED]
    if invoiced and effective_on <= max(invoiced):
        raise EffectiveBeforeInvoicedDay(
            f"the day of {max(invoiced)} is invoiced: let the amendment take effect after it"
        )


def _amended_terms(mission: Mission, stated: Terms, signed_on: date) -> Terms:
    _, current = mission.terms[-1]
    terms = (
        stated if "issuer_id" in stated.model_fields_set else stated.model_copy(update={"issuer_id": current.issuer_id})
    )
    if terms.currency is not current.currency:
        raise CurrencyChanged(f"the mission is in {current.currency}: sign a new one for {terms.currency}")
    if terms.issuer_id != current.issuer_id:
        raise IssuerChanged(f"{current.issuer_id} invoices the mission: sign a new one for {terms.issuer_id}")
    if terms.billing.kind != current.billing.kind:
        raise BillingKindChanged(
            f"the mission is billed by {current.billing.kind}: sign a new one for {terms.billing.kind}"
        )
    _reject_unlawful_terms(terms, signed_on)
    return terms
