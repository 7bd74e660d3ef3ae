"""The demonstration's words, French first, English second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.party.events import Language
from domain.values import Currency, Function
from projections.delivered_days import Bucket
from projections.missions.answers import Status


@dataclass(frozen=True)
class Words:
    """Everything that the demonstration says, in one language. Texts with braces take what stands in them."""

    title: str
    preparing: str
    importing: str
    folding: str
    prepared: str
    imported: str
    refused: str
    folded: str
    sealing: str
    sealed: str
    altered: str
    missions: str
    mission: str
    client: str
    cadre: str
    function: str
    status: str
    buckets: str
    delivered: str
    days: str
    hours: str
    hour: str
    balanced: str
    unbalanced: str
    billed: str
    invoices: str
    gross: str
    credited: str
    paid: str
    outstanding: str
    late: str
    trail: str
    position: str
    occurred_on: str
    sentence: str
    proof: str
    left_out: str
    proof_note: str
    next: str
    serve: str
    admit: str
    ask: str
    ask_trail: str
    ask_network: str
    ask_alerts: str
    dossier: str
    prove: str
    functions: Mapping[Function, str]
    statuses: Mapping[Status, str]
    waiting_for: Mapping[Bucket, str]
    decimal_point: str
    thousands: str
    date_format: str

    def date(self, on: date) -> str:
        """A date as it is written in this language."""
        return on.strftime(self.date_format)

    def amount(self, amount: Decimal, currency: Currency) -> str:
        """An amount with its currency's digits, as it is written in this language."""
        whole, _, digits = f"{amount:,.{currency.digits}f}".partition(".")
        return whole.replace(",", self.thousands) + (self.decimal_point + digits if digits else "")

    def seconds(self, seconds: float) -> str:
        """A duration as it is written in this language."""
        return f"{seconds:.1f}".replace(".", self.decimal_point)


FRENCH = Words(
    title="Relais : une année d'un réseau de cadres à temps partagé",
    preparing="Préparation d'une base PostgreSQL",
    importing="Import d'une année de missions",
    folding="Mise à jour des vues de lecture",
    prepared="base PostgreSQL prête en {seconds} s",
    imported="{lines} commandes importées en {seconds} s",
    refused="{lines} commandes refusées",
    folded="vues de lecture à jour en {seconds} s, jusqu'au fait n° {position}",
    sealing="Scellement et vérification de l'historique",
    sealed="{events} faits scellés, signés et vérifiés un à un en {seconds} s",
    altered="l'historique a été modifié : {findings}",
    missions="Les missions au {on}",
    mission="Mission",
    client="Entreprise cliente",
    cadre="Cadre",
    function="Fonction",
    status="État",
    buckets="Ce qui est livré, et ce que chaque jour attend",
    delivered="Livré",
    days="jours",
    hours="heures",
    hour="h",
    balanced="Chaque jour livré est compté une fois et une seule.",
    unbalanced="Le compte n'y est pas : {differences}",
    billed="Ce qui est facturé, et ce qui est réglé",
    invoices="Factures",
    gross="Facturé TTC",
    credited="Avoirs",
    paid="Réglé",
    outstanding="Reste dû",
    late="en retard",
    trail="La piste d'audit de {mission_id} : {count} faits, ici le premier de chaque sorte",
    position="N°",
    occurred_on="Date",
    sentence="Ce qui s'est passé",
    proof="Empreinte",
    left_out="… {count} de plus …",
    proof_note="L'empreinte scelle chaque fait : le changer après coup se verrait.",
    next="Et maintenant",
    serve="servir l'API sur ces données",
    admit="un jeton d'administrateur du réseau, dans un autre terminal",
    ask="les missions en JSON",
    ask_trail="la piste d'audit de cette mission",
    ask_network="les indicateurs du réseau, et le verdict",
    ask_alerts="les signaux faibles : depuis quand, qui doit agir, comment",
    dossier="son dossier de passation, une page à ouvrir dans un navigateur",
    prove="la preuve de cette mission, vérifiée sans base ni réseau",
    functions={
        Function.GENERAL_MANAGEMENT: "direction générale",
        Function.INFORMATION_SYSTEMS: "systèmes d'information",
        Function.FINANCE: "finance",
        Function.HUMAN_RESOURCES: "ressources humaines",
        Function.MARKETING: "marketing",
        Function.SALES: "commercial",
        Function.OPERATIONS: "opérations",
        Function.ADMINISTRATION: "administration",
        Function.OTHER: "autre",
    },
    statuses={
        Status.SIGNED: "signée",
        Status.RUNNING: "en cours",
        Status.PAUSED: "suspendue",
        Status.STOPPED: "arrêtée",
        Status.ENDED: "terminée",
    },
    waiting_for={
        Bucket.AWAITING_APPROVAL: "À approuver",
        Bucket.DISPUTED: "Contesté",
        Bucket.READY: "À facturer",
        Bucket.INVOICED: "Facturé",
        Bucket.CREDITED: "Avoir",
        Bucket.WITHDRAWN: "Retiré",
    },
    decimal_point=",",
    thousands="\u202f",
    date_format="%d/%m/%Y",
)

ENGLISH = Words(
    title="Relais: a year of a network of part-time executives",
    preparing="Preparing a PostgreSQL database",
    importing="Importing a year of missions",
    folding="Bringing the read models up to date",
    prepared="PostgreSQL ready in {seconds} s",
    imported="{lines} commands imported in {seconds} s",
    refused="{lines} commands refused",
    folded="read models up to date in {seconds} s, up to fact no. {position}",
    sealing="Sealing and checking history",
    sealed="{events} facts sealed, signed and checked one by one in {seconds} s",
    altered="history was altered: {findings}",
    missions="The missions on {on}",
    mission="Mission",
    client="Client",
    cadre="Cadre",
    function="Function",
    status="State",
    buckets="What is delivered, and what each day waits for",
    delivered="Delivered",
    days="days",
    hours="hours",
    hour="h",
    balanced="Every delivered day is counted once, and only once.",
    unbalanced="The days do not add up: {differences}",
    billed="What is billed, and what is paid",
    invoices="Invoices",
    gross="Gross",
    credited="Credited",
    paid="Paid",
    outstanding="Outstanding",
    late="of it late",
    trail="The audit trail of {mission_id}: {count} facts, here the first of each kind",
    position="No.",
    occurred_on="Date",
    sentence="What happened",
    proof="Hash",
    left_out="… {count} more …",
    proof_note="The hash seals each fact: a later change would show.",
    next="What next",
    serve="serve the API on this data",
    admit="a network administrator's token, in another terminal",
    ask="the missions as JSON",
    ask_trail="this mission's audit trail",
    ask_network="the network's indicators, and the verdict",
    ask_alerts="the weak signals: since when, who should act, and how",
    dossier="its handover dossier, a page to open in a browser",
    prove="the proof of this mission, checked without database or network",
    functions={function: function.value.replace("_", " ") for function in Function},
    statuses={status: status.value for status in Status},
    waiting_for={
        Bucket.AWAITING_APPROVAL: "To approve",
        Bucket.DISPUTED: "Disputed",
        Bucket.READY: "To bill",
        Bucket.INVOICED: "Billed",
        Bucket.CREDITED: "Credited",
        Bucket.WITHDRAWN: "Withdrawn",
    },
    decimal_point=".",
    thousands=",",
    date_format="%Y-%m-%d",
)

WORDS: Mapping[Language, Words] = {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH}
