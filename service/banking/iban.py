"""IBAN (ISO 13616): whether a number is one, by its check digits."""

from __future__ import annotations

import re


def is_iban(text: str) -> bool:
    """Whether the form fits and the number, its first four moved to its end, leaves 1 when divided by 97."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Za-z0-9]{1,30}", text, re.ASCII):
        return False
    moved = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
