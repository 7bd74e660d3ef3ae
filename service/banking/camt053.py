"""camt.053, the ISO 20022 account statement, versions .001.02 to .001.14.

Only what is booked counts. An entry may hold several transactions: each is taken by itself where their amounts are
given and make the entry's, else the entry is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from domain.values import Currency
from service.banking.iban import is_iban
from service.banking.markup import Element, read_xml
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

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-4])")
NOT_BOOKED = {"PDNG", "INFO", "FUTR"}
RETURNS = {"RRTN", "RPCR", "RIMB"}
"""Sub-families of bank transaction codes (ISO 20022): returned, recalled, reimbursed."""
OF_THE_BANK = {"INTR", "CHRG", "COMM", "FEES", "TAXE"}
OPENING, CLOSING = ("OPBD", "PRCD", "ITBD"), ("CLBD", "ITBD")


def read_camt053(data: bytes) -> list[Statement]:
    """Every statement of a message."""
    document = _document(read_xml(data))
    found = document.one("BkToCstmrStmt").all("Stmt")
    if not found:
        raise StatementRefused("the message holds no statement; ask the bank for the file anew", line=document.line)
    return [_statement(each) for each in found]


def _document(root: Element) -> Element:
    """The message itself, out of the envelope that some banks send it in."""
    document = root if root.name == "Document" else next(root.within("Document"), root)
    if document.name != "Document":
        raise StatementRefused("this is no camt.053: its root is no Document", line=root.line)
    if not NAMESPACE.fullmatch(document.namespace):
        raise StatementRefused(
            "this is no camt.053.001 of the versions 02 to 14, as its namespace says; ask the bank for that statement "
            "(a camt.052 or camt.054 tells of the same entries before they are final)",
            line=document.line,
        )
    return document


def _statement(statement: Element) -> Statement:
    currency = _currency(statement)
    balances = {_balance_kind(each): each for each in reversed(statement.all("Bal"))}
    closings = {_balance_kind(each): each for each in statement.all("Bal")}
    opening = next((balances[kind] for kind in OPENING if kind in balances), None)
    closing = next((closings[kind] for kind in CLOSING if kind in closings), None)
    entries: list[Entry] = []
    for element in statement.all("Ntry"):
        entries += _entries(element, currency, len(entries) + 1)
    return Statement(
        statement_id=plain_words(statement.one("Id").text),
        line=statement.line,
        account=_account(statement.one("Acct")),
        currency=currency,
        from_on=_maybe_date(statement.maybe("FrToDt", "FrDtTm")) or _date_of(opening),
        until_on=_maybe_date(statement.maybe("FrToDt", "ToDtTm")) or _date_of(closing),
        opening=None if opening is None else _signed(opening, currency, None),
        closing=None if closing is None else _signed(closing, currency, None),
        entries=entries,
    )


def _account(account: Element) -> Account:
    iban = account.says("Id", "IBAN")
    if iban is not None and not is_iban(iban):
        raise StatementRefused("the account is no IBAN: its check digits do not fit", line=account.line)
    number = iban or plain_words(account.one("Id", "Othr", "Id").text)
    if number is None:
        raise StatementRefused("the account has no number; ask the bank for the file anew", line=account.line)
    return Account(number)


def _currency(statement: Element) -> Currency:
    """The account's currency: its own word, else that of its balances."""
    stated = statement.says("Acct", "Ccy")
    if stated is None:
        stated = next((each.one("Amt").attributes.get("Ccy", "") for each in statement.all("Bal")), None)
    if stated is None:
        raise StatementRefused("nothing says which currency the account is in", line=statement.line)
    return currency_named(stated, statement.line)


def _balance_kind(balance: Element) -> str | None:
    return balance.says("Tp", "CdOrPrtry", "Cd")


def _date_of(balance: Element | None) -> date | None:
    return None if balance is None else _date_in(balance.maybe("Dt"))


def _signed(element: Element, currency: Currency, entry: int | None) -> Decimal:
    """An amount with its side: in favour of the account, or not."""
    amount = _amount(element.one("Amt"), currency, entry)
    return amount if _is_credit(element, entry) else -amount


def _is_credit(element: Element, entry: int | None) -> bool:
    side = element.one("CdtDbtInd")
    if side.text.strip() not in {"CRDT", "DBIT"}:
        raise StatementRefused("CdtDbtInd is either CRDT or DBIT", line=side.line, entry=entry)
    return side.text.strip() == "CRDT"


def _amount(amount: Element, currency: Currency, entry: int | None) -> Decimal:
    stated = amount.attributes.get("Ccy")
    if stated != currency:
        detail = f"this amount is not in {currency}, the account's currency; ask the bank for the file anew"
        raise StatementRefused(detail, code="currency_mismatch", line=amount.line, entry=entry)
    if not re.fullmatch(r"\d{1,18}(\.\d{1,5})?", amount.text.strip(), re.ASCII):
        raise StatementRefused("this is no amount; ask the bank for the file anew", line=amount.line, entry=entry)
    return exact(amount.text.strip(), currency, amount.line, entry)


def _entries(entry: Element, currency: Currency, number: int) -> Iterator[Entry]:
    """An entry, or each of its transactions where these tell more."""
    signed = _signed(entry, currency, number)
    transactions = [each for details in entry.all("NtryDtls") for each in details.all("TxDtls")]
    parts = _parts(transactions, currency, signed)
    reference = bank_said(entry.says("AcctSvcrRef"))
    if not parts:
        yield _entry(entry, transactions, number, signed, reference)
        return
    names: dict[str, int] = {}
    for place, (transaction, amount) in enumerate(zip(transactions, parts, strict=True)):
        yield _entry(entry, [transaction], number + place, amount, _part_reference(reference, transaction, names))


def _parts(transactions: Sequence[Element], currency: Currency, signed: Decimal) -> list[Decimal]:
    """What each of several transactions is of the entry; nothing unless each says so and together they are it."""
    if len(transactions) < 2:
        return []
    amounts = [each.maybe("Amt") or each.maybe("AmtDtls", "TxAmt", "Amt") for each in transactions]
    found = []
    for transaction, amount in zip(transactions, amounts, strict=True):
        if amount is None or amount.attributes.get("Ccy") != currency:
            return []
        is_credit = _is_credit(transaction, None) if transaction.maybe("CdtDbtInd") else signed >= 0
        value = _amount(amount, currency, None)
        found.append(value if is_credit else -value)
    return found if sum(found, Decimal(0)) == signed else []


def _part_reference(entry: str | None, transaction: Element, names: dict[str, int]) -> str | None:
    """A transaction's own name within its entry, the same whenever the bank sends the entry again."""
    own = bank_said(transaction.says("Refs", "AcctSvcrRef"))
    if entry is None:
        return own
    name = own or bank_said(transaction.says("Refs", "EndToEndId")) or ""
    names[name] = names.get(name, 0) + 1
    return f"{entry}/{name}/{names[name]}"


def _entry(
    entry: Element, transactions: Sequence[Element], number: int, amount: Decimal, reference: str | None
) -> Entry:
    only = transactions[0] if len(transactions) == 1 else None
    nature = _nature(entry, only, amount, number)
    return Entry(
        number=number,
        line=(only or entry).line,
        nature=nature,
        amount=amount,
        booked_on=_booked_on(entry, nature, number),
        bank_reference=reference or (None if only is None else bank_said(only.says("Refs", "AcctSvcrRef"))),
        payer=None if only is None else _payer(only),
        payer_account=None if only is None else only.says("RltdPties", "DbtrAcct", "Id", "IBAN"),
        references=tuple(dict.fromkeys(said for each in transactions for said in _said(each)))
        or tuple(filter(None, [plain_words(entry.says("AddtlNtryInf"))])),
    )


def _nature(entry: Element, transaction: Element | None, amount: Decimal, number: int) -> Nature:
    status = entry.one("Sts")
    code = status.says("Cd") or status.text.strip()
    codes = {each.text.strip() for each in entry.one("BkTxCd").within("SubFmlyCd")} if entry.maybe("BkTxCd") else set()
    if transaction is not None and (own := transaction.maybe("BkTxCd")) is not None:
        codes |= {each.text.strip() for each in own.within("SubFmlyCd")}
    if code in NOT_BOOKED:
        return Nature.PENDING
    if code != "BOOK":
        raise StatementRefused("Sts is BOOK, PDNG, INFO or FUTR", line=status.line, entry=number)
    if (entry.says("RvslInd") or "false") in {"true", "1"}:
        return Nature.REVERSAL
    if codes & RETURNS or (transaction is not None and transaction.maybe("RtrInf") is not None):
        return Nature.RETURN
    if amount <= 0:
        return Nature.DEBIT
    return Nature.BANK if codes & OF_THE_BANK else Nature.CREDIT


def _booked_on(entry: Element, nature: Nature, number: int) -> date | None:
    booked = _date_in(entry.maybe("BookgDt")) or _date_in(entry.maybe("ValDt"))
    if booked is None and nature is not Nature.PENDING:
        raise StatementRefused("a booked entry has no date; ask the bank for it anew", line=entry.line, entry=number)
    return booked


def _date_in(element: Element | None) -> date | None:
    return None if element is None else _maybe_date(element.maybe("Dt") or element.maybe("DtTm"))


def _maybe_date(element: Element | None) -> date | None:
    """The date as the bank writes it, in the bank's own time."""
    if element is None:
        return None
    text = element.text.strip()
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2}|T[0-9:.,+Z-]+)?", text, re.ASCII):
        raise StatementRefused("this is no date; ask the bank for the file anew", line=element.line)
    return calendar_date(text[:10], "YMD", element.line)


def _payer(transaction: Element) -> str | None:
    """Who paid: the one on whose behalf, else the one whose account it came from."""
    for party in ("UltmtDbtr", "Dbtr"):
        name = transaction.says("RltdPties", party, "Nm") or transaction.says("RltdPties", party, "Pty", "Nm")
        if name is not None:
            return plain_words(name)
    return None


def _said(transaction: Element) -> Iterator[str]:
    """The remittance information, in words or in fields, then the end-to-end id."""
    about = transaction.maybe("RmtInf")
    if about is not None:
        words = [each.text for each in about.all("Ustrd")]
        for structured in about.all("Strd"):
            words += [each.text for each in structured.within("Nb")]
            words += [each.text for each in structured.within("Ref")]
        yield from filter(None, (plain_words(each) for each in words))
    end_to_end = bank_said(transaction.says("Refs", "EndToEndId"))
    if end_to_end is not None:
        yield end_to_end
