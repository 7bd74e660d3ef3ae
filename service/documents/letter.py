"""The letter of engagement as a page, in French: what is agreed, each clause with the amendment that gave it."""

from __future__ import annotations

from domain.party.events import Language
from projections.contacts import Contact
from projections.letter.shapes import LetterAnswer, SignedChange
from service.documents.rendering import render
from service.documents.saying import Saying
from service.documents.words import WORDS


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
        words=WORDS[Language.FRENCH],
        given_by=_given_by(letter),
        clause=lambda place, said: Saying(Language.FRENCH).clause(place, said, letter.terms.currency),
    )


def _given_by(letter: LetterAnswer) -> dict[str, SignedChange]:
    """The change that last gave each clause what it says on the date."""
    return {replaced.clause: change for change in letter.changes if change.in_force for replaced in change.replaced}
