"""One believable example of every event, by topic."""

from __future__ import annotations

from collections.abc import Mapping

from domain.catalogue import event_class
from domain.event import Event

_LETTER = {"signed_on": "2026-02-20", "document_sha256": "9f" * 32}
_SCOPE = {
    "responsibilities": ["Piloter la fonction financière et en répondre"],
    "kept_in_house": ["Décision d'investissement"],
    "excluded": ["Commissariat aux comptes"],
}
_RHYTHM = {"half_days_per_week": 3, "weekdays": ["tuesday", "thursday"]}
_TAX = {"scheme": "TGC", "rate": "6"}
_TERMS = {
    "issuer_id": "network",
    "currency": "XPF",
    "billing": {"kind": "retainer", "monthly": "600000", "included_days": "8", "extra_day_rate": "80000"},
    "tax": _TAX,
    "payment_days": 30,
    "approval_required": True,
    "notice_days": 30,
}
_RIDET = {"scheme": "RIDET", "number": "153363.001"}
_FRANCS = {"amount": "212000", "currency": "XPF"}
_ALLOCATIONS = [{"invoice_number": "F-2026-00001", "amount": _FRANCS}]
_CLIENT = {"party_id": "E-001", "name": "Menuiserie du Mont-Dore", "registration": _RIDET, "address": "98800 Nouméa"}
_ISSUER = {"party_id": "network", "name": "Relais Calédonie", "address": "12 rue du Port, 98800 Nouméa"}
_LINE = {
    "kind": "time",
    "mission_id": "M-2026-001",
    "function": "finance",
    "month": "2026-03",
    "unit": "day",
    "quantity": "2.5",
    "unit_price": "80000",
    "tax": _TAX,
    "net": "200000",
    "days": [
        {"day_id": "D-17", "date": "2026-03-03", "quantity": "1", "cadre_id": "C-001"},
        {"day_id": "D-18", "date": "2026-03-10", "quantity": "1", "cadre_id": "C-001"},
        {"day_id": "D-19", "date": "2026-03-17", "quantity": "0.5", "cadre_id": "C-002"},
    ],
}
_SUMS = {
    "currency": "XPF",
    "lines": [_LINE],
    "taxes": [{"scheme": "TGC", "rate": "6", "net": "200000", "tax": "12000"}],
    "net": "200000",
    "tax": "12000",
    "gross": "212000",
    "mentions": [{"code": "late_payment", "text": "Pénalités de retard au taux légal"}],
}
_BILLED = {
    "invoice_number": "F-2026-00001",
    "issued_on": "2026-04-01",
    "day_ids": ["D-17", "D-18", "D-19"],
    "retainer_months": ["2026-03"],
    "expense_ids": ["X-3"],
}

_FIELDS: Mapping[str, Mapping[str, object]] = {
    "client.registered": {
        "client_id": "E-001",
        "name": "Menuiserie du Mont-Dore",
        "registration": _RIDET,
        "address": "84 rue de la Mission, 98800 Nouméa",
        "dirigeant": {"name": "Marie Wamytan", "email": "marie@example.nc"},
        "language": "fr",
    },
    "client.corrected": {"client_id": "E-001", "address": "12 rue du Port, 98800 Nouméa"},
    "cadre.registered": {
        "cadre_id": "C-001",
        "name": "Anne Ajapuhnya",
        "email": "anne@example.nc",
        "functions": ["finance", "information_systems"],
    },
    "cadre.corrected": {"cadre_id": "C-001", "functions": ["finance", "operations"]},
    "issuer.registered": {
        "issuer_id": "I-001",
        "name": "Anne Ajapuhnya EURL",
        "registration": {"scheme": "RIDET", "number": "1234567.001"},
        "address": "12 rue du Port, 98800 Nouméa",
        "tax_number": "NC1234567",
        "iban": "FR7614158010221234567890123",
    },
    "issuer.corrected": {"issuer_id": "network", "name": "Relais Calédonie", "address": "BP 42, 98845 Nouméa"},
    "person.forgotten": {"party_id": "C-001", "reason": "Demande écrite du 3 mars"},
    "mission.signed": {
        "mission_id": "M-2026-001",
        "client_id": "E-001",
        "cadre_id": "C-001",
        "function": "finance",
        "title": "Direction financière à temps partagé",
        "scope": _SCOPE,
        "letter": _LETTER,
        "starts_on": "2026-03-02",
        "ends_on": "2026-09-30",
        "rhythm": _RHYTHM,
        "terms": _TERMS,
        "review_every": "monthly",
    },
    "mission.amended": {
        "effective_on": "2026-06-01",
        "letter": _LETTER,
        "terms": _TERMS,
        "rhythm": _RHYTHM,
        "scope": _SCOPE,
        "reason": "Révision annuelle",
    },
    "mission.extended": {"ends_on": "2026-12-31", "letter": _LETTER},
    "mission.paused": {
        "from_on": "2026-07-13",
        "reason": "Congés annuels de l'entreprise",
        "expected_resume_on": "2026-08-03",
    },
    "mission.resumed": {"on": "2026-08-03"},
    "mission.stopped": {"on": "2026-11-30", "decided_by": "client", "reason": "Poste internalisé"},
    "mission.objective_set": {
        "objective_id": "O-1",
        "statement": "Raccourcir le délai de paiement des clients",
        "indicator": {"name": "Délai moyen de paiement", "unit": "jours", "source": "balance âgée"},
        "baseline": "62",
        "target": "40",
        "due_on": "2026-09-30",
        "set_on": "2026-03-02",
        "value_per_unit": {"amount": "150000", "currency": "XPF"},
    },
    "mission.objective_revised": {
        "objective_id": "O-1",
        "target": "45",
        "due_on": "2026-10-31",
        "reason": "Un grand client est parti",
        "on": "2026-06-15",
    },
    "mission.objective_closed": {
        "objective_id": "O-1",
        "outcome": "achieved",
        "on": "2026-10-30",
        "note": "43 jours en moyenne sur trois mois",
    },
    "mission.indicator_measured": {
        "objective_id": "O-1",
        "value": "55.5",
        "measured_on": "2026-04-30",
        "note": "Balance âgée de fin avril",
    },
    "mission.day_delivered": {
        "day_id": "D-17",
        "date": "2026-03-03",
        "quantity": "0.5",
        "unit": "day",
        "half": "am",
        "place": "on_site",
        "summary": "Clôture mensuelle et tableau de bord",
        "objective_ids": ["O-1"],
        "cadre_id": "C-001",
        "exceptional": False,
    },
    "mission.day_withdrawn": {"day_id": "D-17", "reason": "Saisi sur la mauvaise mission"},
    "mission.days_approved": {"day_ids": ["D-17", "D-18"], "month": "2026-03"},
    "mission.day_disputed": {"day_id": "D-19", "reason": "Présence non constatée ce jour-là"},
    "mission.dispute_settled": {
        "day_id": "D-19",
        "outcome": "approved",
        "note": "Vu ensemble au point du lundi",
    },
    "mission.expense_recorded": {
        "expense_id": "X-3",
        "date": "2026-03-12",
        "amount": {"amount": "12045", "currency": "XPF"},
        "label": "Billet Nouméa-Koné",
        "receipt_sha256": "ab" * 32,
    },
    "mission.expense_withdrawn": {"expense_id": "X-3", "reason": "Payé par le client"},
    "mission.review_held": {
        "review_id": "R-4",
        "held_on": "2026-04-02",
        "kind": "monthly",
        "attendees": ["Marie Wamytan", "Anne Ajapuhnya"],
        "summary": "Le délai de paiement baisse ; la relance devient hebdomadaire",
        "satisfaction": 5,
        "acts_as_cadre": True,
        "decisions": [{"decision_id": "K-7", "text": "Reporter l'achat du second véhicule"}],
        "next_review_on": "2026-05-04",
    },
    "mission.decision_recorded": {
        "decision_id": "K-8",
        "text": "Changer de banque",
        "decided_on": "2026-04-09",
        "decided_by": "Marie Wamytan",
    },
    "mission.action_opened": {
        "action_id": "T-5",
        "text": "Relancer l'assureur",
        "owner": "Anne Ajapuhnya",
        "due_on": "2026-04-24",
    },
    "mission.action_closed": {"action_id": "T-5", "on": "2026-04-22", "note": "Remboursé"},
    "mission.risk_identified": {
        "risk_id": "Q-2",
        "text": "Une seule personne connaît la paie",
        "likelihood": 3,
        "impact": 5,
        "mitigation": "Documenter et former",
        "backup": "Comptable externe",
    },
    "mission.risk_closed": {"risk_id": "Q-2", "on": "2026-06-30", "note": "Deux personnes formées"},
    "mission.access_documented": {
        "access_id": "A-6",
        "system": "Banque en ligne",
        "level": "signature à deux",
        "custodian": "Marie Wamytan",
        "documented_at": "Manuel d'administration, p. 12",
    },
    "mission.access_revoked": {"access_id": "A-6", "on": "2026-11-30"},
    "mission.handover_started": {
        "reason": "Départ du cadre vers un autre territoire",
        "leaving_on": "2026-08-31",
        "successor_id": "C-002",
    },
    "mission.handover_item_completed": {
        "item_id": "documents_transferred",
        "note": "Classeur remis en main propre",
    },
    "mission.handed_over": {
        "to_cadre_id": "C-002",
        "effective_on": "2026-09-01",
        "accepted_by": "Marie Wamytan",
        "override_reason": "Le cadre est injoignable",
        "missing": [{"gap": "no_recent_review"}, {"gap": "risk_without_backup", "id": "Q-2"}],
    },
    "mission.days_invoiced": {**_BILLED, "month": "2026-03", "included": {"D-17": "1", "D-18": "0.5"}},
    "mission.days_credited": {**_BILLED, "credit_note_number": "A-2026-00001"},
    "mission.days_released": {**_BILLED, "credit_note_number": "A-2026-00001"},
    "billing.invoice_issued": {
        **_SUMS,
        "invoice_number": "F-2026-00001",
        "sequence": 1,
        "issuer_id": "network",
        "client_id": "E-001",
        "month": "2026-03",
        "issued_on": "2026-04-01",
        "due_on": "2026-05-01",
        "issuer": _ISSUER,
        "client": _CLIENT,
    },
    "billing.credit_note_issued": {
        **_SUMS,
        "credit_note_number": "A-2026-00001",
        "sequence": 1,
        "invoice_number": "F-2026-00001",
        "issuer_id": "network",
        "client_id": "E-001",
        "issued_on": "2026-04-15",
        "reason": "Jours facturés à tort",
        "effect": "withdraw",
        "whole": True,
    },
    "billing.payment_recorded": {
        "payment_id": "P-12",
        "received_on": "2026-04-28",
        "amount": _FRANCS,
        "payer": "E-001",
        "client_id": "E-001",
        "reference": "VIR F-2026-00001 MERCI",
        "allocations": _ALLOCATIONS,
        "matched_by": "reference",
    },
    "billing.payment_allocated": {"payment_id": "P-12", "allocations": _ALLOCATIONS},
    "billing.payment_deallocated": {
        "payment_id": "P-12",
        "invoice_number": "F-2026-00001",
        "amount": _FRANCS,
        "reason": "Payé pour une autre facture",
    },
    "billing.payment_withdrawn": {"payment_id": "P-12", "reason": "Saisi deux fois", "undone": _ALLOCATIONS},
    "billing.refund_recorded": {
        "refund_id": "B-1",
        "invoice_number": "F-2026-00001",
        "amount": _FRANCS,
        "paid_on": "2026-05-04",
        "reference": "VIR REMB F-2026-00001",
    },
}


EXAMPLES: Mapping[str, Event] = {topic: event_class(topic).model_validate(fields) for topic, fields in _FIELDS.items()}
"""By topic. Every optional field is told where it can be."""
