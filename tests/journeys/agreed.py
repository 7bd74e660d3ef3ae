"""What people in the journeys agree on: one believable body of each kind."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]

LETTER: Body = {"signed_on": "2026-02-26"}
SCOPE: Body = {"responsibilities": ["Cash and closing"], "kept_in_house": ["Payroll"], "excluded": ["Audit"]}
TERMS: Body = {
    "issuer_id": "network",
    "currency": "XPF",
    "billing": {"kind": "day_rate", "rate": "85000"},
    "tax": {"scheme": "TGC", "rate": "6"},
    "payment_days": 30,
    "approval_required": True,
}


def bakery(client_id: str = "E-001") -> Body:
    return {
        "client_id": client_id,
        "name": "Boulangerie du Port",
        "address": "3 rue de l'Alma, Nouméa",
        "dirigeant": {"name": "Marie Wamytan", "email": "marie@boulangerie.nc"},
    }


def finance_cadre(cadre_id: str = "C-001", name: str = "Jeanne Martin") -> Body:
    return {"cadre_id": cadre_id, "name": name, "email": f"{cadre_id.lower()}@relais.nc", "functions": ["finance"]}


def finance_mission(mission_id: str = "M-1", client_id: str = "E-001", cadre_id: str = "C-001") -> Body:
    return {
        "mission_id": mission_id,
        "client_id": client_id,
        "cadre_id": cadre_id,
        "function": "finance",
        "title": "Finance at the bakery",
        "scope": SCOPE,
        "letter": LETTER,
        "starts_on": "2026-03-02",
        "rhythm": {"half_days_per_week": 2},
        "terms": TERMS,
        "review_every": "monthly",
    }


def closing_time(objective_id: str = "O-1") -> Body:
    return {
        "objective_id": objective_id,
        "statement": "Close the month within five days",
        "indicator": {"name": "days to close", "unit": "days", "source": "accounting"},
        "baseline": "20",
        "target": "5",
        "due_on": "2026-09-30",
        "set_on": "2026-03-02",
    }


def day(on: str, day_id: str | None = None, **more: Any) -> Body:
    named = {} if day_id is None else {"day_id": day_id}
    return {"date": on, "quantity": "1", "summary": "Month end with the accountant", **named, **more}
