"""The audit trail in English."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.billing import events as billing
from domain.event import PersonalText
from domain.mission import events as mission
from domain.party import events as party
from domain.values import Currency, DayRate, Hourly, Money, Terms, plain
from projections.audit_trail.catalogue import Sentences

SENTENCES = Sentences(erased="(words erased)")
say, words = SENTENCES.say, SENTENCES.words

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DECIDED_BY = {
    mission.StopDecidedBy.CLIENT: "the client",
    mission.StopDecidedBy.CADRE: "the cadre",
    mission.StopDecidedBy.NETWORK: "the network",
    mission.StopDecidedBy.BOTH: "client and cadre together",
}
HALVES = {mission.Half.AM: " (morning)", mission.Half.PM: " (afternoon)", None: ""}
PLACES = {mission.Place.ON_SITE: ", on site", mission.Place.REMOTE: ", remotely", None: ""}


def day(on: date) -> str:
    """“3 March 2026”."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def month(of: str) -> str:
    """“March 2026”."""
    return f"{MONTHS[int(of[5:]) - 1]} {of[:4]}"


def number(value: Decimal | str) -> str:
    """“1,234.5”."""
    whole, point, digits = (value if isinstance(value, str) else plain(value)).partition(".")
    return f"{'-' if whole == '-0' else ''}{int(whole):,}{point}{digits}"


def amount(value: Decimal, currency: Currency) -> str:
    """“XPF 85,000”, “EUR 650.00”."""
    return f"{currency.value} {number(currency.text(value))}"


def money(value: Money) -> str:
    """An amount with its currency."""
    return amount(value.amount, value.currency)


def quantity(value: Decimal, unit: mission.Unit) -> str:
    """“1 day”, “0.5 days”, “2 hours”."""
    return f"{number(value)} {unit.value}{'' if value == 1 else 's'}"


def several(ids: tuple[str, ...]) -> str:
    """“D-1, D-2 and D-3”."""
    return " and ".join(part for part in (", ".join(ids[:-1]), ids[-1]) if part) if ids else "none"


def because(text: PersonalText) -> str:
    """“: the words”, after a statement."""
    return f": {words(text).rstrip('. ')}"


def noted(text: PersonalText | None) -> str:
    """The same, where there may be none."""
    return "" if text is None else because(text)


def someone(text: PersonalText | None, named: str, nobody: str) -> str:
    """“given to Anne”, or what is said where nobody is named."""
    return nobody if text is None else named + words(text)


def price(terms: Terms) -> str:
    """“XPF 85,000 a day”."""
    agreed = terms.billing
    if isinstance(agreed, DayRate):
        return f"{amount(agreed.rate, terms.currency)} a day"
    if isinstance(agreed, Hourly):
        return f"{amount(agreed.rate, terms.currency)} an hour"
    included = quantity(agreed.included_days, mission.Unit.DAY)
    return f"{amount(agreed.monthly, terms.currency)} a month, {included} included"


def until(on: date | None) -> str:
    """“until 31 December 2026”, “open-ended”."""
    return "open-ended" if on is None else f"until {day(on)}"


def days(ids: tuple[str, ...]) -> str:
    """“day D-1”, “days D-1 and D-2”."""
    return f"day{'s' if len(ids) > 1 else ''} {several(ids)}"


def covered(event: mission.DaysInvoiced | mission.DaysCredited | mission.DaysReleased) -> str:
    """The days, retainer months and expenses that a document covers."""
    parts = [
        days(event.day_ids) if event.day_ids else "",
        f"the retainer of {several(tuple(map(month, event.retainer_months)))}" if event.retainer_months else "",
        f"expenses {several(event.expense_ids)}" if event.expense_ids else "",
    ]
    return "; ".join(part for part in parts if part) or "no days"


def allocated(allocations: tuple[billing.Allocation, ...]) -> str:
    """“F-2026-00001 (XPF 85,000)”."""
    return several(tuple(f"{each.invoice_number} ({money(each.amount)})" for each in allocations))


def fields(event: party.ClientCorrected | party.CadreCorrected | party.IssuerCorrected) -> str:
    """The fields that a correction changes."""
    ids = {"client_id", "cadre_id", "issuer_id"}
    return several(tuple(name.replace("_", " ") for name, value in event if name not in ids and value is not None))


say(party.ClientRegistered, lambda e: f"The company {e.client_id} became a client of the network{because(e.name)}.")
say(party.ClientCorrected, lambda e: f"What is known of the client {e.client_id} was corrected ({fields(e)}).")
say(
    party.CadreRegistered,
    lambda e: (
        f"The cadre {e.cadre_id} joined the network{because(e.name)}"
        f" ({several(tuple(each.value.replace('_', ' ') for each in e.functions))})."
    ),
)
say(party.CadreCorrected, lambda e: f"What is known of the cadre {e.cadre_id} was corrected ({fields(e)}).")
say(party.IssuerRegistered, lambda e: f"The invoice issuer {e.issuer_id} was registered{because(e.name)}.")
say(party.IssuerCorrected, lambda e: f"What is known of the issuer {e.issuer_id} was corrected ({fields(e)}).")
say(party.PersonForgotten, lambda e: f"The personal data of {e.party_id} were erased: {e.reason.rstrip('. ')}.")

say(
    mission.MissionSigned,
    lambda e: (
        f"The letter of mission {e.mission_id} was signed: {e.cadre_id} takes charge of"
        f" {e.function.value.replace('_', ' ')} at {e.client_id} from {day(e.starts_on)},"
        f" {until(e.ends_on)}, at {price(e.terms)}{because(e.title)}."
    ),
)
say(
    mission.MissionAmended,
    lambda e: (
        f"An amendment takes effect on {day(e.effective_on)}"
        + (f" ({price(e.terms)})" if e.terms is not None else "")
        + f"{because(e.reason)}."
    ),
)
say(mission.MissionExtended, lambda e: f"The mission was extended, {until(e.ends_on)}.")
say(mission.MissionPaused, lambda e: f"The mission is paused from {day(e.from_on)}{because(e.reason)}.")
say(mission.MissionResumed, lambda e: f"The mission resumes on {day(e.on)}.")
say(
    mission.MissionStopped,
    lambda e: f"The mission stops on {day(e.on)}, as decided by {DECIDED_BY[e.decided_by]}{because(e.reason)}.",
)
say(
    mission.ObjectiveSet,
    lambda e: (
        f"Objective {e.objective_id} was set: {words(e.statement)}"
        f" ({e.indicator.name}, from {number(e.baseline)} to {number(e.target)} {e.indicator.unit},"
        f" by {day(e.due_on)})."
    ),
)
say(
    mission.ObjectiveRevised,
    lambda e: (
        f"Objective {e.objective_id} was revised"
        + (f", target {number(e.target)}" if e.target is not None else "")
        + (f", due {day(e.due_on)}" if e.due_on is not None else "")
        + f"{because(e.reason)}."
    ),
)
say(
    mission.ObjectiveClosed,
    lambda e: f"Objective {e.objective_id} was closed on {day(e.on)}, {e.outcome.value}{noted(e.note)}.",
)
say(
    mission.IndicatorMeasured,
    lambda e: (
        f"The indicator of {e.objective_id} was measured at {number(e.value)} on {day(e.measured_on)}{noted(e.note)}."
    ),
)
say(
    mission.DayDelivered,
    lambda e: (
        f"{e.cadre_id} delivered {quantity(e.quantity, e.unit)} on {day(e.date)}{HALVES[e.half]}{PLACES[e.place]}"
        f" ({e.day_id}){because(e.summary)}."
    ),
)
say(mission.DayWithdrawn, lambda e: f"Day {e.day_id} was withdrawn{because(e.reason)}.")
say(
    mission.DaysApproved,
    lambda e: (
        f"The client approved {'all that waited in ' + month(e.month) + ' (' if e.month else ''}"
        f"{days(e.day_ids)}{')' if e.month else ''}."
    ),
)
say(mission.DayDisputed, lambda e: f"The client disputed day {e.day_id}{because(e.reason)}.")
say(
    mission.DisputeSettled,
    lambda e: f"The dispute over day {e.day_id} was settled, day {e.outcome.value}{because(e.note)}.",
)
say(
    mission.ExpenseRecorded,
    lambda e: f"Expense {e.expense_id} of {day(e.date)}, {money(e.amount)}{because(e.label)}.",
)
say(mission.ExpenseWithdrawn, lambda e: f"Expense {e.expense_id} was withdrawn{because(e.reason)}.")
say(
    mission.ReviewHeld,
    lambda e: (
        f"A {e.kind.value} review ({e.review_id}) was held on {day(e.held_on)}"
        + (f", satisfaction {e.satisfaction} of 5" if e.satisfaction is not None else "")
        + f"{because(e.summary)}."
    ),
)
say(
    mission.DecisionRecorded,
    lambda e: f"Decision {e.decision_id} was taken on {day(e.decided_on)} by {words(e.decided_by)}{because(e.text)}.",
)
say(
    mission.ActionOpened,
    lambda e: (
        f"Action {e.action_id} was {someone(e.owner, 'given to ', 'opened')}, due {day(e.due_on)}{because(e.text)}."
    ),
)
say(mission.ActionClosed, lambda e: f"Action {e.action_id} was closed on {day(e.on)}{noted(e.note)}.")
say(
    mission.RiskIdentified,
    lambda e: (
        f"Risk {e.risk_id} was identified (likelihood {e.likelihood} of 5, impact {e.impact} of 5,"
        f" {someone(e.backup, 'backup ', 'no backup')}){because(e.text)}."
    ),
)
say(mission.RiskClosed, lambda e: f"Risk {e.risk_id} was closed on {day(e.on)}{noted(e.note)}.")
say(
    mission.AccessDocumented,
    lambda e: (
        f"Access {e.access_id} to {e.system} ({e.level}) was documented,"
        f" {someone(e.custodian, 'held by ', 'held by nobody')}."
    ),
)
say(mission.AccessRevoked, lambda e: f"Access {e.access_id} was revoked on {day(e.on)}.")
say(
    mission.HandoverStarted,
    lambda e: (
        f"The handover was started for a departure on {day(e.leaving_on)}"
        + (f", successor {e.successor_id}" if e.successor_id else "")
        + f"{because(e.reason)}."
    ),
)
say(
    mission.HandoverItemCompleted,
    lambda e: f"Handover item completed, {e.item_id.value.replace('_', ' ')}{noted(e.note)}.",
)
say(
    mission.HandedOver,
    lambda e: (
        f"The mission passes to {e.to_cadre_id} on {day(e.effective_on)}, accepted by {words(e.accepted_by)}"
        + (f", with {len(e.missing)} missing" if e.missing else "")
        + f"{noted(e.override_reason)}."
    ),
)
say(
    mission.DaysInvoiced,
    lambda e: f"Invoice {e.invoice_number} of {day(e.issued_on)} covers, of this mission: {covered(e)}.",
)
say(
    mission.DaysCredited,
    lambda e: f"Credit note {e.credit_note_number} takes back, from invoice {e.invoice_number}: {covered(e)}.",
)
say(
    mission.DaysReleased,
    lambda e: (
        f"Credit note {e.credit_note_number} makes ready to bill again, from invoice {e.invoice_number}: {covered(e)}."
    ),
)

say(
    billing.InvoiceIssued,
    lambda e: (
        f"Invoice {e.invoice_number} of {amount(e.gross, e.currency)} incl. tax was issued on {day(e.issued_on)}"
        f" by {e.issuer_id} to {e.client_id} for {month(e.month)}, due {day(e.due_on)}."
    ),
)
say(
    billing.CreditNoteIssued,
    lambda e: (
        f"Credit note {e.credit_note_number} of {amount(e.gross, e.currency)} incl. tax was issued on"
        f" {day(e.issued_on)} on invoice {e.invoice_number}{because(e.reason)}."
    ),
)
say(
    billing.PaymentRecorded,
    lambda e: (
        f"Payment {e.payment_id} of {money(e.amount)} was received on {day(e.received_on)}"
        + (f" from {words(e.payer)}" if e.payer is not None else "")
        + (f", allocated to {allocated(e.allocations)}" if e.allocations else ", unallocated")
        + f"{noted(e.reference)}."
    ),
)
say(billing.PaymentAllocated, lambda e: f"Payment {e.payment_id} was allocated to {allocated(e.allocations)}.")
say(
    billing.PaymentDeallocated,
    lambda e: (
        f"The allocation of {money(e.amount)} of payment {e.payment_id} to invoice {e.invoice_number}"
        f" was undone{because(e.reason)}."
    ),
)
say(
    billing.PaymentWithdrawn,
    lambda e: f"Payment {e.payment_id}, recorded by mistake, was withdrawn{because(e.reason)}.",
)
say(
    billing.RefundRecorded,
    lambda e: (
        f"{money(e.amount)} overpaid on invoice {e.invoice_number} were given back on {day(e.paid_on)}"
        f" ({e.refund_id}){noted(e.reference)}."
    ),
)
