"""Who may knock at which door. A route that is not in this table does not start.

The rules of the business (whose mission, whose day) are judged behind the door, by `domain/permissions.py` and
`domain/visibility.py`; this table only says which roles are let in at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request

from domain.event import Role
from service.http.exchange import PRINCIPAL
from service.http.problems import Problem
from service.http.security import Believed, Principal, TokenRefused

Roles = frozenset[Role]

ADMIN: Roles = frozenset({Role.NETWORK_ADMIN})
CADRE: Roles = ADMIN | {Role.CADRE}
CLIENT: Roles = ADMIN | {Role.CLIENT}
PARTIES: Roles = CADRE | CLIENT
BILLING: Roles = ADMIN | {Role.ACCOUNTANT}
BILLED: Roles = BILLING | {Role.CLIENT}
AUDITED: Roles = BILLED | {Role.AUDITOR}
OPERATORS: Roles = ADMIN | {Role.AUDITOR}
EVERYONE: Roles = frozenset(Role)
"""Every token: what it is shown depends on what it may see."""
OPEN: Roles = frozenset()
"""No token needed: for health, the description of the API and the log's hashes, which hold nobody's data, and for
calendars, whose address is the secret (`service/calendars/links.py` judges it)."""

POLICY: dict[tuple[str, str], Roles] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/openapi.json"): OPEN,
    ("GET", "/calendars/{secret}.ics"): OPEN,
    ("GET", "/metrics"): OPERATORS,
    ("GET", "/events"): EVERYONE,
    ("GET", "/commands/{key}"): EVERYONE,
    # parties
    ("POST", "/clients"): ADMIN,
    ("POST", "/cadres"): ADMIN,
    ("POST", "/issuers"): ADMIN,
    ("POST", "/clients/{client_id}/corrections"): ADMIN,
    ("POST", "/cadres/{cadre_id}/corrections"): ADMIN,
    ("POST", "/issuers/{issuer_id}/corrections"): ADMIN,
    ("POST", "/parties/{party_id}/erasure"): ADMIN,
    # the contract
    ("POST", "/missions"): ADMIN,
    ("POST", "/missions/{mission_id}/amendments"): ADMIN,
    ("POST", "/missions/{mission_id}/extensions"): ADMIN,
    ("POST", "/missions/{mission_id}/pauses"): CLIENT,
    ("POST", "/missions/{mission_id}/resumptions"): CLIENT,
    ("POST", "/missions/{mission_id}/stop"): CLIENT,
    # objectives
    ("POST", "/missions/{mission_id}/objectives"): CADRE,
    ("POST", "/missions/{mission_id}/objectives/{objective_id}/revisions"): CADRE,
    ("POST", "/missions/{mission_id}/objectives/{objective_id}/measurements"): CADRE,
    ("POST", "/missions/{mission_id}/objectives/{objective_id}/closure"): CADRE,
    # days
    ("POST", "/missions/{mission_id}/days"): CADRE,
    ("POST", "/missions/{mission_id}/days/approvals"): CLIENT,
    ("POST", "/missions/{mission_id}/days/withdrawals"): CADRE,
    ("POST", "/missions/{mission_id}/days/disputes"): CLIENT,
    ("POST", "/missions/{mission_id}/days/settlements"): CLIENT,
    ("POST", "/missions/{mission_id}/expenses"): CADRE,
    ("POST", "/missions/{mission_id}/expenses/withdrawals"): CADRE,
    # reviews and what follows from them
    ("POST", "/missions/{mission_id}/reviews"): PARTIES,
    ("POST", "/missions/{mission_id}/decisions"): CADRE,
    ("POST", "/missions/{mission_id}/actions"): CADRE,
    ("POST", "/missions/{mission_id}/actions/closures"): CADRE,
    ("POST", "/missions/{mission_id}/risks"): CADRE,
    ("POST", "/missions/{mission_id}/risks/closures"): CADRE,
    ("POST", "/missions/{mission_id}/accesses"): CADRE,
    ("POST", "/missions/{mission_id}/accesses/revocations"): CADRE,
    # handover
    ("POST", "/missions/{mission_id}/handover"): CADRE,
    ("POST", "/missions/{mission_id}/handover/items"): CADRE,
    ("POST", "/missions/{mission_id}/handover/completion"): PARTIES,
    # billing
    ("POST", "/billing/runs"): BILLING,
    ("POST", "/invoices/{invoice_number}/credit-notes"): BILLING,
    ("POST", "/invoices/{invoice_number}/refunds"): BILLING,
    ("POST", "/payments"): BILLING,
    ("POST", "/payments/{payment_id}/allocations"): BILLING,
    ("POST", "/payments/{payment_id}/deallocations"): BILLING,
    ("POST", "/payments/{payment_id}/withdrawal"): BILLING,
    ("POST", "/bank-statements"): BILLING,
    # questions
    ("GET", "/missions"): EVERYONE,
    ("GET", "/missions/{mission_id}"): EVERYONE,
    ("GET", "/missions/{mission_id}/days"): EVERYONE,
    ("GET", "/missions/{mission_id}/objectives"): EVERYONE,
    # the log: sizes and hashes, so that anybody can be its witness
    ("GET", "/log/checkpoint"): OPEN,
    ("GET", "/log/checkpoints"): OPEN,
    ("GET", "/log/consistency"): OPEN,
    ("GET", "/log/tile/{level}/{place}"): OPEN,
    ("GET", "/log/entries"): OPERATORS,  # blinded, yet they tell how much happens in each stream
    ("GET", "/missions/{mission_id}/proof"): EVERYONE,
    ("GET", "/missions/{mission_id}/results"): EVERYONE,
    ("GET", "/clients/{client_id}/report"): CLIENT,
    ("GET", "/cadres/{cadre_id}/report"): CADRE,
    ("GET", "/missions/{mission_id}/audit-trail"): EVERYONE,
    ("GET", "/audit-trail"): EVERYONE,
    ("GET", "/audit-trail/export"): EVERYONE,
    ("GET", "/missions/{mission_id}/letter"): EVERYONE,
    ("GET", "/missions/{mission_id}/continuity"): EVERYONE,
    ("GET", "/missions/{mission_id}/accesses"): EVERYONE,
    ("GET", "/missions/{mission_id}/rituals"): EVERYONE,
    ("GET", "/clients/{client_id}/rituals"): CLIENT,
    ("GET", "/network/rituals"): ADMIN,
    ("GET", "/cadres/{cadre_id}/calendar"): CADRE,
    ("DELETE", "/cadres/{cadre_id}/calendar"): CADRE,
    ("GET", "/clients/{client_id}/calendar"): CLIENT,
    ("DELETE", "/clients/{client_id}/calendar"): CLIENT,
    ("GET", "/clients/{client_id}/continuity"): CLIENT,
    ("GET", "/network/continuity"): ADMIN,
    ("GET", "/missions/{mission_id}/dossier"): EVERYONE,
    ("GET", "/billing/reconciliation"): EVERYONE,
    ("GET", "/network/indicators"): EVERYONE - {Role.ACCOUNTANT},
    ("GET", "/network/alerts"): EVERYONE,
    ("GET", "/exports/{name}"): BILLING,
    ("GET", "/parties/{party_id}/erasure"): ADMIN,
    ("GET", "/missions/{mission_id}/exposure"): PARTIES | BILLING,
    ("GET", "/invoices"): AUDITED,
    ("GET", "/invoices/{invoice_number}"): AUDITED,
    ("GET", "/invoices/{invoice_number}/proof"): AUDITED,
    ("GET", "/credit-notes"): AUDITED,
    ("GET", "/payments"): BILLED,
    ("GET", "/payments/unallocated"): BILLING,
}


def require_policy(app: FastAPI) -> None:
    """Stops the start of an application with a route that nobody decided about."""
    missing = sorted(f"{method} {path}" for method, path in routes_of(app) if (method, path) not in app.state.policy)
    if missing:
        raise LookupError(f"no entry in service/http/policy.py for {', '.join(missing)}")


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and address that an application answers; a route of another kind has no method to be let in by."""
    for route in iter_route_contexts(app.routes):
        methods = route.methods if isinstance(route.original_route, APIRoute) else None
        for method in methods or {"ANY"}:
            yield method, route.path_format or ""


async def admit(request: Request) -> None:
    """Lets a request in by its token's role; who it is stays with the request."""
    allowed: Roles | None = request.app.state.policy.get((request.method, request.scope["route"].path_format))
    if allowed is None:
        raise Problem(403)
    if allowed == OPEN:
        return
    request.scope[PRINCIPAL] = principal = _identify(request)
    if principal.role not in allowed:
        raise Problem(403)


def principal_of(request: Request) -> Principal:
    """Who the token of an admitted request speaks for."""
    return cast("Principal", request.scope[PRINCIPAL])


def _identify(request: Request) -> Principal:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem(401)
    try:
        believed: Believed = request.app.state.believed
        return believed.read(token.strip())
    except TokenRefused as error:
        raise Problem(
            401,
            detail="The token is not valid or no longer; ask for a new one.",
            headers={"WWW-Authenticate": 'Bearer realm="relais", error="invalid_token"'},
        ) from error
