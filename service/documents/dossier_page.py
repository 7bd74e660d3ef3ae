"""The handover dossier as one page that stands for itself: on a phone, on a screen, on paper."""

from __future__ import annotations

from domain.values import NETWORK_ISSUER, DayRate, Hourly, Retainer
from service.documents.chart import HEIGHT, WIDTH, chart_of
from service.documents.dossier_shapes import DossierAnswer
from service.documents.open_points import open_risks
from service.documents.rendering import render
from service.documents.saying import Saying

SECTIONS = (
    "to_do",
    "contacts",
    "open",
    "missing",
    "objectives",
    "rituals",
    "accesses",
    "risks",
    "letter",
    "money",
    "decisions",
    "delivered",
    "lessons",
    "history",
)
"""In the order in which a successor needs them."""
LAST_REVIEWS = 3


def dossier_page(dossier: DossierAnswer, *, only_own_invoices: bool = False) -> str:
    """The page, in the dossier's language; `only_own_invoices`: that invoices on others' missions are left out."""
    say = Saying(dossier.language)
    names = {each.contact.party_id: each.contact for each in dossier.contacts}

    def name(party_id: str) -> str:
        """A party as people call it; somebody who is no party is called as they were."""
        contact = names.get(party_id)
        if contact is None:
            return party_id
        if party_id == NETWORK_ISSUER and contact.name is None and not contact.forgotten:
            return say("network")
        return f"{say('erased')} ({party_id})" if contact.forgotten else contact.called

    return render(
        "dossier.html.j2",
        language=dossier.language.value,
        dossier=dossier,
        say=say,
        name=name,
        sections=SECTIONS,
        charts={each.objective_id: chart_of(each, dossier.as_of) for each in dossier.objectives},
        width=WIDTH,
        height=HEIGHT,
        last_reviews=dossier.rituals.reviews[:LAST_REVIEWS],
        only_own_invoices=only_own_invoices,
        weekdays=", ".join(say(f"weekday.{each}") for each in dossier.rituals.rhythm.weekdays or ()),
        price=_price(dossier, say),
        clause=lambda place, said: say.clause(place, said, dossier.letter.terms.currency),
        open_risks=open_risks(dossier.risks),
    )


def _price(dossier: DossierAnswer, say: Saying) -> str:
    """What the time costs, in a few words."""
    terms = dossier.letter.terms
    match terms.billing:
        case Retainer(monthly=monthly, included_days=days, extra_day_rate=extra):
            price, beyond = say.money(str(monthly), terms.currency), say.money(str(extra), terms.currency)
            return say("price.retainer", monthly=price, days=days, extra=beyond)
        case DayRate(rate=rate) | Hourly(rate=rate):
            return say(f"price.{terms.billing.kind}", rate=say.money(str(rate), terms.currency))
