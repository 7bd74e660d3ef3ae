"""What documents call things, French first, English second: one key a word, the same keys in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.party.events import Language
from service.documents.words import dossier_english, dossier_french, english, french

Words = Mapping[str, str]
WORDS: Mapping[Language, Words] = MappingProxyType(
    {
        Language.FRENCH: MappingProxyType(french.WORDS | dossier_french.WORDS),
        Language.ENGLISH: MappingProxyType(english.WORDS | dossier_english.WORDS),
    }
)
