"""OFX bank statements: 1.x, which is SGML under a header of its own, and 2.x, which is XML.

OFX states a closing balance and no opening one, so nothing can be added up.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from domain.values import Currency
from service.banking.markup import Element, read_xml
from service.banking.sgml import read_sgml
from service.banking.statements import (
    Account,
    Entry,
    Nature,
    Statement,
    StatementRefused,
    bank_said,
    calendar_date,
    currency_named,
    exact,
    plain_words,
)

OF_THE_BANK = {"INT", "DIV", "FEE", "SRVCHG"}
RETURNS = {"REVERSAL", "RETURN"}


def read_ofx(data: bytes) -> list[Statement]:
    """Every bank statement of a file."""
    root = read_xml(data, _encoding(data)) if is_xml(data) else read_sgml(data)
    if root.name != "OFX":
        raise StatementRefused("this is no OFX: its root is no OFX", line=root.line)
    for status in root.within("STATUS"):
        if (status.says("CODE") or "0") != "0" and status.says("SEVERITY") == "ERROR":
            raise StatementRefused("the bank answered with an error; ask it for the file anew", line=status.line)
    found = [
        response.one("STMTRS")
        for messages in root.all("BANKMSGSRSV1")
        for response in messages.all("STMTTRNRS")
        if response.maybe("STMTRS") is not None
    ]
    if not found:
        raise StatementRefused("the file holds no bank statement (BANKMSGSRSV1); export the bank account", line=1)
    return [_statement(each) for each in found]


def is_xml(data: bytes) -> bool:
    """Whether a file is of the second generation."""
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"<?xml", b"<?OFX"))


def _encoding(data: bytes) -> str | None:
    """`USASCII`, as the specification's own examples write it, is a word that no XML reader knows."""
    return "US-ASCII" if re.match(rb"[^>]{0,100}\bencoding\s*=\s*[\"']USASCII[\"']", data) else None


def _statement(statement: Element) -> Statement:
    currency = currency_named(statement.one("CURDEF").text.strip(), statement.line)
    listed = statement.maybe("BANKTRANLIST")
    pending = statement.maybe("BANKTRANLISTP")
    booked = [] if listed is None else listed.all("STMTTRN")
    waiting = [] if pending is None else pending.all("STMTTRNP")
    entries = [_entry(each, currency, number) for number, each in enumerate(booked, start=1)]
    entries += [_pending(each, currency, number) for number, each in enumerate(waiting, start=len(entries) + 1)]
    balance = statement.maybe("LEDGERBAL", "BALAMT")
    return Statement(
        statement_id=None,
        line=statement.line,
        account=_account(statement.one("BANKACCTFROM")),
        currency=currency,
        from_on=None if listed is None else _maybe_date(listed.maybe("DTSTART")),
        until_on=None if listed is None else _maybe_date(listed.maybe("DTEND")),
        opening=None,
        closing=None if balance is None else _amount(balance, currency, None),
        entries=entries,
    )


def _account(account: Element) -> Account:
    """Bank, branch, account and key, as they stand in an IBAN."""
    parts = (account.one("BANKID"), account.maybe("BRANCHID"), account.one("ACCTID"), account.maybe("ACCTKEY"))
    number = "".join(part.text.strip() for part in parts if part is not None)
    if not number:
        raise StatementRefused("the account has no number; ask the bank for the file anew", line=account.line)
    alone = account.one("ACCTID").text.strip()
    return Account(alone if re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}", alone) else number)


def _entry(transaction: Element, currency: Currency, number: int) -> Entry:
    amount = _amount(transaction.one("TRNAMT"), _own_currency(transaction, currency, number), number)
    return Entry(
        number=number,
        line=transaction.line,
        nature=_nature(transaction, amount),
        amount=amount,
        booked_on=_date(transaction.one("DTPOSTED"), number),
        bank_reference=_reference(transaction, number),
        payer=plain_words(transaction.says("NAME") or transaction.says("PAYEE", "NAME")),
        references=_said(transaction),
    )


def _pending(transaction: Element, currency: Currency, number: int) -> Entry:
    return Entry(
        number=number,
        line=transaction.line,
        nature=Nature.PENDING,
        amount=_amount(transaction.one("TRNAMT"), currency, number),
        booked_on=None,
        bank_reference=None,
        payer=plain_words(transaction.says("NAME")),
        references=_said(transaction),
    )


def _own_currency(transaction: Element, currency: Currency, number: int) -> Currency:
    """The statement's, unless the amount is said to be in another, which is refused."""
    stated = transaction.says("CURRENCY", "CURSYM")
    if stated is not None and stated != currency:
        detail = f"this amount is not in {currency}, the account's currency; ask the bank for the file anew"
        raise StatementRefused(detail, code="currency_mismatch", line=transaction.line, entry=number)
    return currency


def _nature(transaction: Element, amount: Decimal) -> Nature:
    kind = (transaction.says("TRNTYPE") or "").upper()
    if transaction.says("CORRECTFITID") is not None:
        return Nature.REVERSAL
    if kind in RETURNS:
        return Nature.RETURN
    if amount <= 0:
        return Nature.DEBIT
    return Nature.BANK if kind in OF_THE_BANK else Nature.CREDIT


def _reference(transaction: Element, number: int) -> str:
    reference = bank_said(transaction.one("FITID").text)
    if reference is None:
        detail = "FITID, by which the bank names it, is empty; ask the bank for the file anew"
        raise StatementRefused(detail, line=transaction.line, entry=number)
    return reference


def _amount(element: Element, currency: Currency, entry: int | None) -> Decimal:
    """Digits with a point or a comma before the decimals, and nothing between thousands."""
    text = element.text.strip().replace(",", ".")
    return exact(f"0{text}" if text.startswith(".") else text, currency, element.line, entry)


def _maybe_date(element: Element | None) -> date | None:
    return None if element is None else _date(element, None)


def _date(element: Element, entry: int | None) -> date:
    """The date as the bank writes it, in the bank's own time; a time and a zone may follow."""
    text = element.text.strip()
    if not re.fullmatch(r"\d{8}(\d{4}(\d{2}(\.\d{1,3})?)?)?(\s*\[[^\]]{1,20}\])?", text, re.ASCII):
        raise StatementRefused("this is no date; ask the bank for the file anew", line=element.line, entry=entry)
    return calendar_date(text[:8], "YMD", element.line, entry)


def _said(transaction: Element) -> tuple[str, ...]:
    words = (plain_words(transaction.says(name)) for name in ("MEMO", "REFNUM", "CHECKNUM"))
    return tuple(dict.fromkeys(filter(None, words)))
