"""The audit trail in French, with French typography: « 0,5 jour », « 3 mars 2026 », « 85 000 F CFP »."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.billing import events as billing
from domain.event import PersonalText
from domain.mission import events as mission
from domain.party import events as party
from domain.values import Currency, DayRate, Function, Hourly, Money, Terms, plain
from projections.audit_trail.catalogue import Sentences

NARROW, SPACE = "\u202f", "\u00a0"
"""A thousands separator, or before high punctuation; between words that stay on one line."""

SENTENCES = Sentences(erased="(mots effacés)")
say, words = SENTENCES.say, SENTENCES.words

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
FUNCTIONS = {
    Function.GENERAL_MANAGEMENT: "direction générale",
    Function.INFORMATION_SYSTEMS: "systèmes d’information",
    Function.FINANCE: "finance",
    Function.HUMAN_RESOURCES: "ressources humaines",
    Function.MARKETING: "marketing",
    Function.SALES: "commerce",
    Function.OPERATIONS: "exploitation",
    Function.ADMINISTRATION: "administration",
    Function.OTHER: "autre",
}
DECIDED_BY = {
    mission.StopDecidedBy.CLIENT: "de l’entreprise",
    mission.StopDecidedBy.CADRE: "du cadre",
    mission.StopDecidedBy.NETWORK: "du réseau",
    mission.StopDecidedBy.BOTH: "de l’entreprise et du cadre",
}
OUTCOMES = {
    mission.ObjectiveOutcome.ACHIEVED: "atteint",
    mission.ObjectiveOutcome.MISSED: "manqué",
    mission.ObjectiveOutcome.ABANDONED: "abandonné",
}
REVIEWS = {
    mission.ReviewKind.KICKOFF: "Réunion de lancement",
    mission.ReviewKind.FLASH: "Point éclair",
    mission.ReviewKind.WEEKLY: "Point de la semaine",
    mission.ReviewKind.MONTHLY: "Revue du mois",
    mission.ReviewKind.QUARTERLY: "Revue du trimestre",
    mission.ReviewKind.FINAL: "Revue finale",
}
ITEMS = {
    mission.HandoverItem.DOCUMENTS_TRANSFERRED: "documents transmis",
    mission.HandoverItem.ACCESSES_TRANSFERRED: "accès transmis",
    mission.HandoverItem.SUCCESSOR_INTRODUCED: "successeur présenté",
    mission.HandoverItem.OPEN_POINTS_REVIEWED: "points ouverts passés en revue",
}
HALVES = {mission.Half.AM: " (matin)", mission.Half.PM: " (après-midi)", None: ""}
PLACES = {mission.Place.ON_SITE: ", sur place", mission.Place.REMOTE: ", à distance", None: ""}
CURRENCIES = {Currency.XPF: "F" + SPACE + "CFP", Currency.EUR: "€"}


def day(on: date) -> str:
    """« 3 mars 2026 », « 1er mars 2026 »."""
    return f"{'1er' if on.day == 1 else on.day} {MONTHS[on.month - 1]} {on.year}"


def month(of: str) -> str:
    """« mars 2026 »."""
    return f"{MONTHS[int(of[5:]) - 1]} {of[:4]}"


def number(value: Decimal | str) -> str:
    """« 1 234,5 »."""
    whole, _, digits = (value if isinstance(value, str) else plain(value)).partition(".")
    grouped = f"{int(whole):,}".replace(",", NARROW)
    signed = "-" + grouped if whole == "-0" else grouped
    return f"{signed},{digits}" if digits else signed


def amount(value: Decimal, currency: Currency) -> str:
    """« 85 000 F CFP », « 650,00 € »."""
    return number(currency.text(value)) + SPACE + CURRENCIES[currency]


def money(value: Money) -> str:
    """An amount with its currency."""
    return amount(value.amount, value.currency)


def quantity(value: Decimal, unit: mission.Unit) -> str:
    """« 0,5 jour », « 2 heures »: plural from two on."""
    noun = "heure" if unit is mission.Unit.HOUR else "jour"
    return f"{number(value)}{SPACE}{noun}{'s' if value >= 2 else ''}"


def several(ids: tuple[str, ...]) -> str:
    """« D-1, D-2 et D-3 »."""
    return " et ".join(part for part in (", ".join(ids[:-1]), ids[-1]) if part) if ids else "aucun"


def because(text: PersonalText) -> str:
    """« : les mots », after a statement."""
    return f"{SPACE}: {words(text).rstrip('. ')}"


def noted(text: PersonalText | None) -> str:
    """The same, where there may be none."""
    return "" if text is None else because(text)


def someone(text: PersonalText | None, named: str, nobody: str) -> str:
    """« confiée à Anne », or what is said where nobody is named."""
    return nobody if text is None else named + words(text)


def price(terms: Terms) -> str:
    """« 85 000 F CFP par jour »."""
    agreed = terms.billing
    if isinstance(agreed, DayRate):
        return f"{amount(agreed.rate, terms.currency)} par jour"
    if isinstance(agreed, Hourly):
        return f"{amount(agreed.rate, terms.currency)} par heure"
    included = quantity(agreed.included_days, mission.Unit.DAY)
    return f"{amount(agreed.monthly, terms.currency)} par mois, {included} compris"


def until(on: date | None) -> str:
    """« jusqu’au 31 décembre 2026 », « sans terme »."""
    return "sans terme" if on is None else f"jusqu’au {day(on)}"


def days(ids: tuple[str, ...]) -> str:
    """« jour D-1 », « jours D-1 et D-2 »."""
    return f"jour{'s' if len(ids) > 1 else ''} {several(ids)}"


def covered(event: mission.DaysInvoiced | mission.DaysCredited | mission.DaysReleased) -> str:
    """The days, retainer months and expenses that a document covers."""
    parts = [
        days(event.day_ids) if event.day_ids else "",
        f"forfait de {several(tuple(month(each) for each in event.retainer_months))}" if event.retainer_months else "",
        f"frais {several(event.expense_ids)}" if event.expense_ids else "",
    ]
    return " ; ".join(part for part in parts if part).replace(" ;", NARROW + ";") or "aucun jour"


def allocated(allocations: tuple[billing.Allocation, ...]) -> str:
    """« F-2026-00001 (85 000 F CFP) »."""
    return several(tuple(f"{each.invoice_number} ({money(each.amount)})" for each in allocations))


def fields(event: party.ClientCorrected | party.CadreCorrected | party.IssuerCorrected) -> str:
    """The fields that a correction changes."""
    names = {
        "name": "nom",
        "registration": "immatriculation",
        "address": "adresse",
        "dirigeant": "dirigeant",
        "language": "langue",
        "email": "courriel",
        "functions": "fonctions",
        "tax_number": "numéro fiscal",
        "iban": "IBAN",
    }
    return several(tuple(names[name] for name, value in event if name in names and value is not None))


say(party.ClientRegistered, lambda e: f"L’entreprise {e.client_id} devient cliente du réseau{because(e.name)}.")
say(party.ClientCorrected, lambda e: f"La fiche de l’entreprise {e.client_id} est corrigée ({fields(e)}).")
say(
    party.CadreRegistered,
    lambda e: (
        f"Le cadre {e.cadre_id} rejoint le réseau{because(e.name)}"
        f" ({several(tuple(FUNCTIONS[each] for each in e.functions))})."
    ),
)
say(party.CadreCorrected, lambda e: f"La fiche du cadre {e.cadre_id} est corrigée ({fields(e)}).")
say(party.IssuerRegistered, lambda e: f"L’émetteur de factures {e.issuer_id} est enregistré{because(e.name)}.")
say(party.IssuerCorrected, lambda e: f"La fiche de l’émetteur {e.issuer_id} est corrigée ({fields(e)}).")
say(
    party.PersonForgotten,
    lambda e: f"Les données personnelles de {e.party_id} sont effacées{SPACE}: {e.reason}.",
)

say(
    mission.MissionSigned,
    lambda e: (
        f"La lettre de mission {e.mission_id} est signée{SPACE}: {e.cadre_id} prend en charge la fonction"
        f" «{SPACE}{FUNCTIONS[e.function]}{SPACE}» chez {e.client_id} à partir du {day(e.starts_on)},"
        f" {until(e.ends_on)}, à {price(e.terms)}{SPACE}: {words(e.title)}."
    ),
)
say(
    mission.MissionAmended,
    lambda e: (
        f"Un avenant prend effet le {day(e.effective_on)}"
        + (f" ({price(e.terms)})" if e.terms is not None else "")
        + f"{because(e.reason)}."
    ),
)
say(mission.MissionExtended, lambda e: f"La mission est prolongée {until(e.ends_on)}.")
say(mission.MissionPaused, lambda e: f"La mission est suspendue à partir du {day(e.from_on)}{because(e.reason)}.")
say(mission.MissionResumed, lambda e: f"La mission reprend le {day(e.on)}.")
say(
    mission.MissionStopped,
    lambda e: f"La mission s’arrête le {day(e.on)}, sur décision {DECIDED_BY[e.decided_by]}{because(e.reason)}.",
)
say(
    mission.ObjectiveSet,
    lambda e: (
        f"L’objectif {e.objective_id} est fixé{SPACE}: {words(e.statement)}"
        f" ({e.indicator.name}, de {number(e.baseline)} à {number(e.target)} {e.indicator.unit},"
        f" d’ici le {day(e.due_on)})."
    ),
)
say(
    mission.ObjectiveRevised,
    lambda e: (
        f"L’objectif {e.objective_id} est révisé"
        + (f", cible {number(e.target)}" if e.target is not None else "")
        + (f", échéance {day(e.due_on)}" if e.due_on is not None else "")
        + f"{because(e.reason)}."
    ),
)
say(
    mission.ObjectiveClosed,
    lambda e: f"L’objectif {e.objective_id} est clos le {day(e.on)}, {OUTCOMES[e.outcome]}{noted(e.note)}.",
)
say(
    mission.IndicatorMeasured,
    lambda e: (
        f"L’indicateur de {e.objective_id} est mesuré à {number(e.value)} le {day(e.measured_on)}{noted(e.note)}."
    ),
)
say(
    mission.DayDelivered,
    lambda e: (
        f"{e.cadre_id} réalise {quantity(e.quantity, e.unit)} le {day(e.date)}{HALVES[e.half]}{PLACES[e.place]}"
        f" ({e.day_id}){because(e.summary)}."
    ),
)
say(mission.DayWithdrawn, lambda e: f"Le jour {e.day_id} est retiré{because(e.reason)}.")
say(
    mission.DaysApproved,
    lambda e: (
        f"L’entreprise approuve {'tout ce qui attendait en ' + month(e.month) + ' (' if e.month else ''}"
        f"{days(e.day_ids)}{')' if e.month else ''}."
    ),
)
say(mission.DayDisputed, lambda e: f"L’entreprise conteste le jour {e.day_id}{because(e.reason)}.")
say(
    mission.DisputeSettled,
    lambda e: (
        f"La contestation du jour {e.day_id} est réglée,"
        f" {'jour approuvé' if e.outcome is mission.SettlementOutcome.APPROVED else 'jour retiré'}{because(e.note)}."
    ),
)
say(
    mission.ExpenseRecorded,
    lambda e: f"Frais {e.expense_id} du {day(e.date)}, {money(e.amount)}{because(e.label)}.",
)
say(mission.ExpenseWithdrawn, lambda e: f"Les frais {e.expense_id} sont retirés{because(e.reason)}.")
say(
    mission.ReviewHeld,
    lambda e: (
        f"{REVIEWS[e.kind]} ({e.review_id}) du {day(e.held_on)}"
        + (f", satisfaction {e.satisfaction} sur 5" if e.satisfaction is not None else "")
        + f"{because(e.summary)}."
    ),
)
say(
    mission.DecisionRecorded,
    lambda e: f"Décision {e.decision_id} prise le {day(e.decided_on)} par {words(e.decided_by)}{because(e.text)}.",
)
say(
    mission.ActionOpened,
    lambda e: (
        f"L’action {e.action_id} est {someone(e.owner, 'confiée à ', 'ouverte')}"
        f" pour le {day(e.due_on)}{because(e.text)}."
    ),
)
say(mission.ActionClosed, lambda e: f"L’action {e.action_id} est close le {day(e.on)}{noted(e.note)}.")
say(
    mission.RiskIdentified,
    lambda e: (
        f"Le risque {e.risk_id} est identifié (vraisemblance {e.likelihood} sur 5, gravité {e.impact} sur 5,"
        f" {someone(e.backup, 'relais ', 'sans relais')}){because(e.text)}."
    ),
)
say(mission.RiskClosed, lambda e: f"Le risque {e.risk_id} est levé le {day(e.on)}{noted(e.note)}.")
say(
    mission.AccessDocumented,
    lambda e: (
        f"L’accès {e.access_id} à {e.system} ({e.level}) est documenté,"
        f" {someone(e.custodian, 'tenu par ', 'sans dépositaire')}."
    ),
)
say(mission.AccessRevoked, lambda e: f"L’accès {e.access_id} est révoqué le {day(e.on)}.")
say(
    mission.HandoverStarted,
    lambda e: (
        f"La passation est ouverte en vue d’un départ le {day(e.leaving_on)}"
        + (f", successeur pressenti {e.successor_id}" if e.successor_id else "")
        + f"{because(e.reason)}."
    ),
)
say(mission.HandoverItemCompleted, lambda e: f"Point de passation accompli, {ITEMS[e.item_id]}{noted(e.note)}.")
say(
    mission.HandedOver,
    lambda e: (
        f"La mission passe à {e.to_cadre_id} le {day(e.effective_on)}, avec l’accord de {words(e.accepted_by)}"
        + (f", malgré {len(e.missing)} manque{'s' if len(e.missing) > 1 else ''}" if e.missing else "")
        + f"{noted(e.override_reason)}."
    ),
)
say(
    mission.DaysInvoiced,
    lambda e: f"La facture {e.invoice_number} du {day(e.issued_on)} porte sur la mission{SPACE}: {covered(e)}.",
)
say(
    mission.DaysCredited,
    lambda e: f"L’avoir {e.credit_note_number} annule, sur la facture {e.invoice_number}{SPACE}: {covered(e)}.",
)
say(
    mission.DaysReleased,
    lambda e: (
        f"L’avoir {e.credit_note_number} remet à facturer, depuis la facture {e.invoice_number}{SPACE}: {covered(e)}."
    ),
)

say(
    billing.InvoiceIssued,
    lambda e: (
        f"La facture {e.invoice_number} de {amount(e.gross, e.currency)} TTC est émise le {day(e.issued_on)}"
        f" par {e.issuer_id} à {e.client_id} pour {month(e.month)}, payable le {day(e.due_on)}."
    ),
)
say(
    billing.CreditNoteIssued,
    lambda e: (
        f"L’avoir {e.credit_note_number} de {amount(e.gross, e.currency)} TTC est émis le {day(e.issued_on)}"
        f" sur la facture {e.invoice_number}{because(e.reason)}."
    ),
)
say(
    billing.PaymentRecorded,
    lambda e: (
        f"Le règlement {e.payment_id} de {money(e.amount)} est reçu le {day(e.received_on)}"
        + (f" de {words(e.payer)}" if e.payer is not None else "")
        + (f", affecté à {allocated(e.allocations)}" if e.allocations else ", en attente d’affectation")
        + f"{noted(e.reference)}."
    ),
)
say(
    billing.PaymentAllocated,
    lambda e: f"Le règlement {e.payment_id} est affecté à {allocated(e.allocations)}.",
)
say(
    billing.PaymentDeallocated,
    lambda e: (
        f"L’affectation de {money(e.amount)} du règlement {e.payment_id} à la facture {e.invoice_number}"
        f" est défaite{because(e.reason)}."
    ),
)
say(
    billing.PaymentWithdrawn,
    lambda e: f"Le règlement {e.payment_id}, enregistré par erreur, est retiré{because(e.reason)}.",
)
say(
    billing.RefundRecorded,
    lambda e: (
        f"Le trop-perçu de {money(e.amount)} sur la facture {e.invoice_number} est rendu le {day(e.paid_on)}"
        f" ({e.refund_id}){noted(e.reference)}."
    ),
)
