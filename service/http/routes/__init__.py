"""One file a capability or question, by the same word as in `domain/` or `projections/`."""

from __future__ import annotations

from service.http.routes import (
    audit_trail,
    bank_statements,
    billing,
    commands,
    contract,
    days,
    events,
    exports,
    handover,
    health,
    invoices,
    missions,
    objectives,
    parties,
    reconciliation,
    reviews,
)

ROUTERS = tuple(
    module.router
    for module in (
        health,
        commands,
        parties,
        contract,
        missions,
        objectives,
        days,
        reviews,
        handover,
        bank_statements,
        billing,
        invoices,
        audit_trail,
        reconciliation,
        exports,
        events,
    )
)
