"""Whose money it is: named only where that is certain; else suggested, with the reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.values import Currency
from service.banking.matching import OpenInvoice, Reason, Waiting, payer_of, suggestions

CLIENTS = {"E-1": "Boulangerie du Port", "E-2": "Garage de Ducos SARL", "E-3": "Hôtel Le Récif", "ACME": "Garage Sud"}


def owed(number: str, client_id: str, outstanding: int, currency: Currency = Currency.XPF) -> OpenInvoice:
    return OpenInvoice(number, client_id, currency, Decimal(outstanding), date(2026, 5, int(number[-2:])))


INVOICES = [
    owed("F-2026-00001", "E-1", 100_000),
    owed("F-2026-00002", "E-2", 50_000),
    owed("F-2026-00003", "E-2", 25_000),
    owed("F-2026-00004", "E-3", 100_000, Currency.EUR),
]


def waits(amount: int, payer: str | None = None, reference: str | None = None, client: str | None = None) -> Waiting:
    return Waiting(Decimal(amount), Currency.XPF, payer, client, reference)


def found(waiting: Waiting) -> dict[str, tuple[Reason, ...]]:
    return {each.invoice.invoice_number: each.reasons for each in suggestions(waiting, INVOICES, CLIENTS)}


@pytest.mark.parametrize(
    ("name", "payer"),
    [
        ("BOULANGERIE DU PORT", "E-1"),
        ("S.A.R.L. Garage de Ducos", "S.A.R.L. Garage de Ducos"),
        ("SARL GARAGE DE DUCOS", "E-2"),
        ("hotel le recif", "E-3"),
        ("Boulangerie", "Boulangerie"),
        ("ACME", None),
        (None, None),
    ],
)
def test_a_payer_is_named_only_by_a_clients_whole_name(name: str | None, payer: str | None) -> None:
    assert payer_of(name, CLIENTS) == payer


def test_two_clients_of_one_name_leave_it_open() -> None:
    assert payer_of("Garage Sud", CLIENTS | {"E-9": "GARAGE SUD"}) == "Garage Sud"


@pytest.mark.parametrize("reference", ["FACT 2026/00001", "F2026-1", "facture 00001", "F 2026 0001 merci"])
def test_a_part_of_a_number_is_a_reason(reference: str) -> None:
    assert found(waits(7, reference=reference)) == {"F-2026-00001": (Reason.NUMBER,)}


@pytest.mark.parametrize("reference", ["12026-000011", "F-2026-000012", "1", "2026"])
def test_other_digits_are_none(reference: str) -> None:
    assert found(waits(7, reference=reference)) == {}


def test_the_amount_is_a_reason_in_the_same_currency_only() -> None:
    assert found(waits(100_000)) == {"F-2026-00001": (Reason.AMOUNT,)}


def test_all_that_a_client_owes_is_a_reason() -> None:
    assert found(waits(75_000)) == {"F-2026-00002": (Reason.SUM,), "F-2026-00003": (Reason.SUM,)}


@pytest.mark.parametrize("payer", ["GARAGE DE DUCOS SERVICES", "Garage de Duco", "DUCOS GARAGE DE"])
def test_a_name_like_a_clients_is_a_reason(payer: str) -> None:
    assert found(waits(7, payer)) == {"F-2026-00002": (Reason.CLIENT_NAME,), "F-2026-00003": (Reason.CLIENT_NAME,)}


def test_a_clients_name_in_the_reference_is_a_reason() -> None:
    assert list(found(waits(7, reference="VIR/DE/BOULANGERIE DU PORT/MAI"))) == ["F-2026-00001"]


def test_the_payer_itself_is_a_reason_and_the_likeliest_comes_first() -> None:
    assert found(waits(25_000, client="E-2")) == {
        "F-2026-00003": (Reason.AMOUNT, Reason.CLIENT),
        "F-2026-00002": (Reason.CLIENT,),
    }


def test_no_more_is_suggested_than_waits_and_than_is_owed() -> None:
    (first, second) = suggestions(waits(30_000, client="E-2"), INVOICES, CLIENTS)
    assert (first.amount, second.amount) == (Decimal(30_000), Decimal(25_000))
