"""A believable body for every command of parties and missions, to be changed where a test says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from domain.commands import COMMANDS
from domain.event import Command
from tests.scenario import Network, Scenario

TERMS = {
    "issuer_id": "network",
    "currency": "XPF",
    "billing": {"kind": "day_rate", "rate": "85000"},
    "tax": {"scheme": "TGC", "rate": "6"},
    "payment_days": 30,
    "approval_required": True,
}
RETAINER = {"kind": "retainer", "monthly": "600000", "included_days": "8", "extra_day_rate": "80000"}
HOURLY = {"kind": "hourly", "rate": "12000"}
SCOPE = {"responsibilities": ["Run the finance function and answer for it"], "kept_in_house": [], "excluded": []}

BODIES: Mapping[str, Mapping[str, object]] = {
    "register_client": {
        "client_id": "E-1",
        "name": "Menuiserie du Mont-Dore",
        "registration": {"scheme": "RIDET", "number": "153363.001"},
        "address": "84 rue de la Mission, 98800 Nouméa",
        "dirigeant": {"name": "Marie Wamytan", "email": "marie@example.nc"},
    },
    "correct_client": {"client_id": "E-1", "address": "12 rue du Port, 98800 Nouméa"},
    "register_cadre": {
        "cadre_id": "C-1",
        "name": "Anne A.",
        "email": "anne@example.nc",
        "functions": ["finance", "information_systems"],
    },
    "correct_cadre": {"cadre_id": "C-1", "functions": ["finance", "sales"]},
    "register_issuer": {
        "issuer_id": "I-1",
        "name": "Anne A. EURL",
        "registration": {"scheme": "RIDET", "number": "1234567.001"},
        "address": "12 rue du Port, 98800 Nouméa",
    },
    "correct_issuer": {"issuer_id": "network", "name": "Relais Calédonie", "iban": "FR7612345"},
    "forget_person": {"party_id": "C-1", "reason": "Asked for by letter"},
    "sign_mission": {
        "mission_id": "M-1",
        "client_id": "E-1",
        "cadre_id": "C-1",
        "function": "finance",
        "title": "Direction financière à temps partagé",
        "scope": SCOPE,
        "letter": {"signed_on": "2026-02-20"},
        "starts_on": "2026-03-02",
        "ends_on": "2026-06-30",
        "rhythm": {"half_days_per_week": 3},
        "terms": TERMS,
        "review_every": "monthly",
    },
    "amend_mission": {
        "effective_on": "2026-04-01",
        "letter": {"signed_on": "2026-03-25"},
        "terms": TERMS,
        "reason": "Révision annuelle",
    },
    "extend_mission": {"ends_on": "2026-09-30", "letter": {"signed_on": "2026-03-25"}},
    "pause_mission": {"from_on": "2026-03-16", "reason": "Congés annuels de l'entreprise"},
    "resume_mission": {"on": "2026-03-23"},
    "stop_mission": {"on": "2026-03-20", "decided_by": "client", "reason": "Poste internalisé"},
    "set_objective": {
        "objective_id": "O-1",
        "statement": "Raccourcir le délai de paiement",
        "indicator": {"name": "Délai moyen", "unit": "jours", "source": "balance âgée"},
        "baseline": "62",
        "target": "40",
        "due_on": "2026-06-30",
        "set_on": "2026-03-02",
    },
    "revise_objective": {"objective_id": "O-1", "target": "45", "reason": "Client perdu", "on": "2026-03-20"},
    "close_objective": {"objective_id": "O-1", "outcome": "achieved", "on": "2026-03-20"},
    "record_measurement": {"objective_id": "O-1", "value": "55.5", "measured_on": "2026-03-10"},
    "deliver_day": {"day_id": "D-1", "date": "2026-03-10", "quantity": "1", "summary": "Clôture mensuelle"},
    "withdraw_day": {"day_id": "D-1", "reason": "Saisi sur la mauvaise mission"},
    "approve_days": {"day_ids": ["D-1"]},
    "dispute_day": {"day_id": "D-1", "reason": "Présence non constatée"},
    "settle_dispute": {"day_id": "D-1", "outcome": "approved", "note": "Vu ensemble au point du lundi"},
    "record_expense": {
        "expense_id": "X-1",
        "date": "2026-03-10",
        "amount": {"amount": "12045", "currency": "XPF"},
        "label": "Billet Nouméa-Koné",
    },
    "withdraw_expense": {"expense_id": "X-1", "reason": "Payé par le client"},
    "hold_review": {
        "review_id": "R-1",
        "held_on": "2026-03-10",
        "kind": "monthly",
        "attendees": ["Marie", "Anne"],
        "summary": "Point du mois",
    },
    "record_decision": {
        "decision_id": "K-1",
        "text": "Reporter l'achat du second véhicule",
        "decided_on": "2026-03-10",
        "decided_by": "Marie",
    },
    "open_action": {"action_id": "T-1", "text": "Relancer l'assureur", "owner": "Anne", "due_on": "2026-04-10"},
    "close_action": {"action_id": "T-1", "on": "2026-03-20"},
    "identify_risk": {
        "risk_id": "Q-1",
        "text": "Une seule personne connaît la paie",
        "likelihood": 3,
        "impact": 5,
        "mitigation": "Documenter et former",
        "backup": "Comptable externe",
    },
    "close_risk": {"risk_id": "Q-1", "on": "2026-03-20"},
    "document_access": {
        "access_id": "A-1",
        "system": "Banque en ligne",
        "level": "admin",
        "custodian": "Marie",
        "documented_at": "Manuel, p. 12",
    },
    "revoke_access": {"access_id": "A-1", "on": "2026-03-20"},
    "start_handover": {"reason": "Départ", "leaving_on": "2026-03-31", "successor_id": "C-2"},
    "complete_handover_item": {"item_id": "documents_transferred"},
    "hand_over": {"to_cadre_id": "C-2", "effective_on": "2026-03-31", "accepted_by": "Marie"},
}


def asked(name: str, /, **changes: object) -> Command:
    """The command of that name, with its believable body but for these fields; `...` leaves a field out."""
    body = {**BODIES[name], **changes}
    return COMMANDS[name].model_validate({field: value for field, value in body.items() if value is not ...})


def on(text: str) -> date:
    """`2026-03-31` as a date."""
    return date.fromisoformat(text)


def known_parties() -> Scenario:
    """A client, a cadre's own company, and three cadres: C-1 and C-2 practise finance, C-3 sales alone."""
    return Scenario(Network(today=on("2026-03-31"))).given(
        asked("register_client"),
        asked("register_issuer"),
        asked("register_cadre"),
        asked("register_cadre", cadre_id="C-2", functions=["finance"]),
        asked("register_cadre", cadre_id="C-3", functions=["sales"]),
        mission=None,
    )


def signed(**changes: object) -> Scenario:
    """Mission M-1, signed, from Monday 2 March to 30 June 2026; today is 31 March."""
    return known_parties().given(asked("sign_mission", **changes))


def running(**changes: object) -> Scenario:
    """Mission M-1 with the objective O-1."""
    return signed(**changes).given(asked("set_objective"))


def terms(**changes: object) -> dict[str, object]:
    """The believable terms, but for these."""
    return {**TERMS, **changes}
