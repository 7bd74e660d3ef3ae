"""The letter of engagement as a page, in French: what is agreed, each clause with the amendment that gave it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.party.events import Language
from domain.values import Currency
from projections.contacts import Contact
from projections.letter.shapes import Clause, LetterAnswer, SignedChange
from service.documents.rendering import render, written_date, written_money, written_number
from service.documents.words import WORDS

FRENCH = WORDS[Language.FRENCH]
NOTHING = "néant"
PRICES = ("rate", "monthly", "extra_day_rate")


def letter_page(letter: LetterAnswer, client: Contact, cadre: Contact, issuer: Contact) -> str:
    """The letter as it binds on its date."""
    return render(
        "letter.html.j2",
        language=Language.FRENCH.value,
        letter=letter,
        client=client,
        cadre=cadre,
        issuer=issuer,
        objectives=[each for each in letter.objectives if each.outcome is None],
        closed=[each for each in letter.objectives if each.outcome is not None],
        words=FRENCH,
        given_by=_given_by(letter),
        clause=lambda place, said: clause_text(place, said, letter.terms.currency),
    )


def _given_by(letter: LetterAnswer) -> dict[str, SignedChange]:
    """The change that last gave each clause what it says on the date."""
    return {replaced.clause: change for change in letter.changes if change.in_force for replaced in change.replaced}


def clause_text(place: str, said: Clause, currency: Currency) -> str:
    """What a clause says, in French."""
    name = place.rpartition(".")[2]
    match said:
        case None:
            return "sans terme" if place == "ends_on" else NOTHING
        case bool():
            return "oui" if said else "non"
        case tuple():
            parts = [FRENCH[f"weekday.{part}"] for part in said] if name == "weekdays" else said
            return "\u202f; ".join(parts) or NOTHING
        case int():
            return _days(said) if name in ("payment_days", "notice_days") else str(said)
        case str():
            return _text(place, name, said, currency)


def _text(place: str, name: str, said: str, currency: Currency) -> str:
    if place.startswith("terms.billing.") and name in PRICES:
        return written_money(Decimal(said), currency)
    if name in ("ends_on", "due_on"):
        return written_date(date.fromisoformat(said))
    if name == "kind":
        return FRENCH[f"billing.{said}"]
    if place == "terms.tax.rate":
        return f"{written_number(Decimal(said))}\xa0%"
    return written_number(Decimal(said)) if name in ("target", "included_days") else said


def _days(number: int) -> str:
    return f"{number} jour{'s' if number > 1 else ''}"
