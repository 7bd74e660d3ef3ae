"""One file a capability or question, by the same word as in `domain/` or `projections/`."""

from __future__ import annotations

from service.http.routes import (
    audit_trail,
    bank_statements,
    billing,
    calendars,
    commands,
    continuity,
    contract,
    days,
    dossier,
    events,
    exports,
    exposure,
    handover,
    health,
    invoices,
    letter,
    log,
    missions,
    network,
    objectives,
    parties,
    proofs,
    reconciliation,
    results,
    reviews,
    rituals,
)

ROUTERS = tuple(
    module.router
    for module in (
        days,
        objectives,
        missions,
        health,
        commands,
        parties,
        contract,
        reviews,
        handover,
        continuity,
        rituals,
        calendars,
        bank_statements,
        billing,
        invoices,
        exposure,
        letter,
        dossier,
        audit_trail,
        reconciliation,
        results,
        network,
        exports,
        proofs,
        log,
        events,
    )
)
"""The busiest first: a request is held against one address after the other, in this order."""
