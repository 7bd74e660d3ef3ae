"""The words of the field in French, as documents print them."""

from __future__ import annotations

WORDS = {
    "erased": "effacé",
    "function.general_management": "direction générale",
    "function.information_systems": "systèmes d’information",
    "function.finance": "finance",
    "function.human_resources": "ressources humaines",
    "function.marketing": "marketing",
    "function.sales": "commerce",
    "function.operations": "exploitation",
    "function.administration": "administration",
    "function.other": "autre",
    "weekday.monday": "lundi",
    "weekday.tuesday": "mardi",
    "weekday.wednesday": "mercredi",
    "weekday.thursday": "jeudi",
    "weekday.friday": "vendredi",
    "weekday.saturday": "samedi",
    "weekday.sunday": "dimanche",
    "every.weekly": "hebdomadaire",
    "every.monthly": "mensuelle",
    "every.quarterly": "trimestrielle",
    "outcome.achieved": "atteint",
    "outcome.missed": "manqué",
    "outcome.abandoned": "abandonné",
    "decided_by.client": "l’entreprise",
    "decided_by.cadre": "le cadre",
    "decided_by.network": "le réseau",
    "decided_by.both": "l’entreprise et le cadre",
}
