"""What the clauses of a letter of engagement are called, in French: the letter is signed in French."""

from __future__ import annotations

WORDS = {
    "clause.terms.issuer_id": "émetteur des factures",
    "clause.terms.currency": "monnaie",
    "clause.terms.billing.kind": "mode de facturation",
    "clause.terms.billing.rate": "tarif",
    "clause.terms.billing.monthly": "forfait mensuel",
    "clause.terms.billing.included_days": "jours compris dans le forfait",
    "clause.terms.billing.extra_day_rate": "tarif du jour supplémentaire",
    "clause.terms.tax.scheme": "taxe",
    "clause.terms.tax.rate": "taux de la taxe",
    "clause.terms.tax.exemption_reason": "motif d’exonération",
    "clause.terms.payment_days": "délai de règlement",
    "clause.terms.approval_required": "approbation du temps par l’entreprise",
    "clause.terms.notice_days": "préavis",
    "clause.rhythm.half_days_per_week": "demi-journées par semaine",
    "clause.rhythm.weekdays": "jours de présence",
    "clause.scope.responsibilities": "responsabilités confiées",
    "clause.scope.kept_in_house": "ce que l’entreprise garde",
    "clause.scope.excluded": "ce qui n’est pas compris",
    "clause.ends_on": "terme",
    "clause.target": "cible",
    "clause.due_on": "échéance",
    "billing.day_rate": "à la journée",
    "billing.hourly": "à l’heure",
    "billing.retainer": "au forfait",
    "change.amendment": "Avenant",
    "change.extension": "Prolongation",
}
