"""Every weak signal: what it says, how grave it is, who should act, and after how many days it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.event import Role


class Code(StrEnum):
    """A weak signal (signal faible)."""

    INVOICE_LATE = "invoice_late"
    DISPUTE_OPEN = "dispute_open"
    CADRE_LEAVING = "cadre_leaving_without_successor"
    DEPENDENCE = "client_depends_on_one_cadre"
    NO_DAY = "no_day_delivered"
    REVIEW_OVERDUE = "review_overdue"
    UNMEASURED = "objective_unmeasured"
    AWAITING_APPROVAL = "days_awaiting_approval"
    LETTER_ENDING = "letter_ending"
    RISK_WITHOUT_BACKUP = "risk_without_backup"
    ACCESS_WITHOUT_CUSTODIAN = "access_without_custodian"
    SET_ASIDE = "stream_set_aside"


class Severity(StrEnum):
    """How grave a signal is; lists begin with the gravest."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Signal:
    """What a signal asks for: of whom, and what, in both languages."""

    severity: Severity
    who: Role
    fr: str
    en: str


SIGNALS: Mapping[Code, Signal] = {
    Code.INVOICE_LATE: Signal(
        Severity.HIGH,
        Role.ACCOUNTANT,
        "Facture échue et non soldée : relancer le client, ou enregistrer le règlement reçu.",
        "Invoice past due and not settled: remind the client, or record the payment received.",
    ),
    Code.DISPUTE_OPEN: Signal(
        Severity.HIGH,
        Role.CLIENT,
        "Jour contesté sans réponse : en parler avec le cadre, puis l'approuver ou le retirer.",
        "Disputed day without an answer: talk it over with the cadre, then approve or withdraw it.",
    ),
    Code.CADRE_LEAVING: Signal(
        Severity.HIGH,
        Role.NETWORK_ADMIN,
        "Le cadre part et personne n'est désigné : trouver un successeur et achever la passation.",
        "The cadre leaves and nobody is named: find a successor and complete the handover.",
    ),
    Code.DEPENDENCE: Signal(
        Severity.HIGH,
        Role.NETWORK_ADMIN,
        "L'entreprise dépend d'un seul cadre pour plusieurs fonctions : en confier une à un autre cadre.",
        "The company depends on one cadre for several functions: give one of them to another cadre.",
    ),
    Code.NO_DAY: Signal(
        Severity.MEDIUM,
        Role.CADRE,
        "Aucun jour livré au rythme convenu : saisir les jours faits, ou convenir d'une pause ou d'un avenant.",
        "No day delivered at the agreed rhythm: enter the days worked, or agree on a pause or an amendment.",
    ),
    Code.REVIEW_OVERDUE: Signal(
        Severity.MEDIUM,
        Role.CADRE,
        "Revue en retard : la tenir avec le dirigeant et fixer la suivante.",
        "Review overdue: hold it with the dirigeant and set the date of the next.",
    ),
    Code.UNMEASURED: Signal(
        Severity.MEDIUM,
        Role.CADRE,
        "Objectif sans mesure récente : relever l'indicateur, ou clore l'objectif.",
        "Objective without a recent measurement: read the indicator, or close the objective.",
    ),
    Code.AWAITING_APPROVAL: Signal(
        Severity.MEDIUM,
        Role.CLIENT,
        "Jours en attente d'approbation : les approuver, ou contester ceux qui ne vont pas.",
        "Days awaiting approval: approve them, or dispute those that are not right.",
    ),
    Code.LETTER_ENDING: Signal(
        Severity.MEDIUM,
        Role.NETWORK_ADMIN,
        "La lettre de mission se termine sans prolongation : la prolonger, ou préparer la fin de mission.",
        "The letter of engagement ends without an extension: extend it, or prepare the end of the mission.",
    ),
    Code.RISK_WITHOUT_BACKUP: Signal(
        Severity.LOW,
        Role.CADRE,
        "Risque sans relais : dire qui ou quoi prendrait le relais, ou clore le risque.",
        "Risk without a backup: say who or what would take over, or close the risk.",
    ),
    Code.ACCESS_WITHOUT_CUSTODIAN: Signal(
        Severity.LOW,
        Role.CADRE,
        "Accès sans dépositaire : désigner qui le garde, ou révoquer l'accès.",
        "Access without a custodian: name who keeps it, or revoke the access.",
    ),
    Code.SET_ASIDE: Signal(
        Severity.HIGH,
        Role.NETWORK_ADMIN,
        "Un flux est mis de côté, ses chiffres sont anciens : voir `relais projections status`.",
        "A stream is set aside, its figures are old: look at `relais projections status`.",
    ),
}

RANKS: Mapping[Code, int] = {code: list(Severity).index(signal.severity) for code, signal in SIGNALS.items()}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """After how many days each signal stands; the network's settings."""

    no_day_intervals: int = 2
    no_day_days: int = 10
    review_overdue_days: int = 7
    unmeasured_days: int = 45
    awaiting_approval_days: int = 10
    dispute_open_days: int = 7
    invoice_late_days: int = 1
    cadre_leaving_days: int = 30
    letter_ending_days: int = 30
    dependence_functions: int = 3

    def days(self, code: Code, visits: int | None = None) -> int:
        """How many days after its base date a signal stands at the earliest; a negative number: before it."""
        if code is Code.NO_DAY and visits is not None:
            return max(self.no_day_days, -(-7 * self.no_day_intervals // visits))
        return {
            Code.NO_DAY: self.no_day_days,
            Code.REVIEW_OVERDUE: self.review_overdue_days,
            Code.UNMEASURED: self.unmeasured_days,
            Code.AWAITING_APPROVAL: self.awaiting_approval_days,
            Code.DISPUTE_OPEN: self.dispute_open_days,
            Code.INVOICE_LATE: self.invoice_late_days,
            Code.CADRE_LEAVING: -self.cadre_leaving_days,
            Code.LETTER_ENDING: -self.letter_ending_days,
        }.get(code, 0)
