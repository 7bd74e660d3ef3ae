"""What the law keeps of a person who is forgotten; and how a database server lets go of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import psycopg
from pydantic import BaseModel, ConfigDict

from domain.law import records_kept_until
from domain.values import IsoDate


class Document(StrEnum):
    """What accounts are made of."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"


class Kept(BaseModel):
    """A document that keeps its words, and until when it must."""

    model_config = ConfigDict(frozen=True)
    document: Document
    number: str
    dated_on: IsoDate
    kept_until: IsoDate


class Erasure(BaseModel):
    """Where the forgetting of a party stands: since when nothing more can be read of it, and what the law keeps."""

    model_config = ConfigDict(frozen=True)
    party_id: str
    forgotten_on: IsoDate | None
    position: int | None
    """The fact that says so."""
    kept_by_law: tuple[Kept, ...]


def kept_by_law(documents: Iterable[tuple[str, str, date]]) -> tuple[Kept, ...]:
    """The documents that name a party, as `documents_of` finds them."""
    return tuple(
        Kept(document=Document(kind), number=number, dated_on=dated_on, kept_until=records_kept_until(dated_on))
        for kind, number, dated_on in documents
    )


def sweep(history_superuser_url: str, keys_superuser_url: str) -> None:
    """Removes what a server keeps of deleted rows: in its tables, and in the log that it would recover from.

    It takes a superuser's rights, and each table for a moment to itself.
    """
    for url, table in ((history_superuser_url, "relais.personal_values"), (keys_superuser_url, "public.stream_keys")):
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            connection.execute(f"VACUUM (FULL, ANALYZE) {table}".encode())
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")
