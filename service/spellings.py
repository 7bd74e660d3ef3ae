"""How ids, addresses and digests are spelled, for whoever spelled one otherwise: in a journal or over HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from domain.billing.series import InvoiceNumber
from domain.values import Email, Id, Sha256

_LETTERS = "letters without accents, digits, `.`, `_` and `-`, the first a letter or a digit"


def _pattern(kind: TypeAdapter[str]) -> str:
    return str(kind.json_schema()["pattern"])


_ADVICE = {
    _pattern(TypeAdapter(Id)): f"write the id with {_LETTERS}: 64 characters at most",
    _pattern(TypeAdapter(InvoiceNumber)): f"write the number with {_LETTERS}: 100 characters at most",
    _pattern(TypeAdapter(Email)): "write an address such as anne@example.nc",
    _pattern(TypeAdapter(Sha256)): "write the digest as 64 hexadecimal digits, in lower case",
}


def spelling_advice(context: Mapping[str, object]) -> str | None:
    """What to write where a text has not the form that was asked for; nothing for a form without words of its own."""
    return _ADVICE.get(str(context.get("pattern")))
