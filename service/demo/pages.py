"""What the demonstration shows: tables that fit eighty columns, on a terminal and in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from textwrap import indent

from rich import box
from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from domain.mission.events import Unit
from domain.values import Currency, Function, plain
from projections.delivered_days import Bucket
from projections.missions.answers import Status
from service.demo.words import Words

WIDTH = 80
NOTHING = Text("·", style="dim")
COLOURS = {
    Status.SIGNED: "cyan",
    Status.RUNNING: "green",
    Status.PAUSED: "yellow",
    Status.STOPPED: "dim",
    Status.ENDED: "dim",
}
IN_ORDER = (
    Bucket.AWAITING_APPROVAL,
    Bucket.DISPUTED,
    Bucket.READY,
    Bucket.INVOICED,
    Bucket.CREDITED,
    Bucket.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class MissionLine:
    """A mission: whose, who answers for what, and where it stands."""

    mission_id: str
    client: str
    cadre: str
    function: Function
    status: Status


@dataclass(frozen=True, slots=True)
class BucketLine:
    """What a mission has delivered, each day in the bucket where it waits."""

    mission_id: str
    unit: Unit
    quantities: Mapping[Bucket, Decimal]

    @property
    def delivered(self) -> Decimal:
        return sum(self.quantities.values(), Decimal(0))


@dataclass(frozen=True, slots=True)
class BilledLine:
    """What was billed in one currency, and what became of it: gross = paid + credited + outstanding."""

    currency: Currency
    invoices: int
    gross: Decimal
    credited: Decimal
    paid: Decimal
    late: Decimal

    @property
    def outstanding(self) -> Decimal:
        return self.gross - self.credited - self.paid


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of an audit trail."""

    position: int
    version: int
    occurred_on: date
    sentence: str
    proof: str


@dataclass(frozen=True, slots=True)
class Trail:
    """A mission's audit trail, or the facts of it that are shown."""

    mission_id: str
    count: int
    shown: Sequence[Fact]


def console() -> Console:
    """As wide as a page, narrower on a narrow terminal; colours only where there is a terminal to show them."""
    found = Console(highlight=False)
    return found if found.is_terminal and found.width < WIDTH else Console(highlight=False, width=WIDTH)


def heading(text: str) -> RenderableType:
    """Begins a page: a line to its end."""
    return Group("", Rule(Text(text, style="bold"), align="left", style="dim"))


def missions_page(lines: Sequence[MissionLine], on: date, words: Words) -> RenderableType:
    """Which missions there are, and how they stand on a date."""
    table = _table()
    for name in (words.mission, words.client, words.cadre, words.function, words.status):
        table.add_column(name, no_wrap=name != words.client)
    for line in lines:
        client = Text(line.client, no_wrap=True, overflow="ellipsis")
        status = Text(words.statuses[line.status], style=COLOURS[line.status])
        table.add_row(line.mission_id, client, line.cadre, words.functions[line.function], status)
    return Group(heading(words.missions.format(on=words.date(on))), table)


def buckets_page(lines: Sequence[BucketLine], differences: Sequence[str], words: Words) -> RenderableType:
    """What each mission has delivered, and what it waits for; days and hours are not added together."""
    table = _table()
    table.add_column(words.mission, no_wrap=True)
    for name in (words.delivered, *(words.waiting_for[bucket] for bucket in IN_ORDER)):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(line.mission_id, *_quantities(line, words))
    table.add_section()
    for unit, name in ((Unit.DAY, words.days), (Unit.HOUR, words.hours)):
        alike = [line for line in lines if line.unit is unit]
        if alike:
            table.add_row(f"Σ {name}", *_quantities(_total(alike, unit), words), style="bold")
    verdict = Text(words.unbalanced.format(differences=", ".join(differences)), style="bold red")
    if not differences:
        verdict = Text(words.balanced, style="green")
    return Group(heading(words.buckets), table, Text(" ").append(verdict))


def _total(lines: Sequence[BucketLine], unit: Unit) -> BucketLine:
    sums = {bucket: sum((line.quantities.get(bucket, Decimal(0)) for line in lines), Decimal(0)) for bucket in IN_ORDER}
    return BucketLine("", unit, sums)


def _quantities(line: BucketLine, words: Words) -> list[Text]:
    numbers = [line.delivered, *(line.quantities.get(bucket, Decimal(0)) for bucket in IN_ORDER)]
    return [_quantity(number, line.unit, words) for number in numbers]


def _quantity(number: Decimal, unit: Unit, words: Words) -> Text:
    if not number:
        return NOTHING
    digits = plain(number).replace(".", words.decimal_point)
    return Text(f"{digits} {words.hour}" if unit is Unit.HOUR else digits)


def billed_page(lines: Sequence[BilledLine], words: Words) -> RenderableType:
    """What was billed and paid; currencies are never added together."""
    table = _table(space=1)
    table.add_column("", no_wrap=True)
    for name in (words.invoices, words.gross, words.credited, words.paid, words.outstanding, words.late):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        amounts = (line.gross, line.credited, line.paid, line.outstanding, line.late)
        in_words = [NOTHING if not amount else Text(words.amount(amount, line.currency)) for amount in amounts]
        table.add_row(line.currency.value, str(line.invoices), *in_words)
    return Group(heading(words.billed), table)


def trail_page(trail: Trail, words: Words) -> RenderableType:
    """Who did what, when, in sentences, each with the hash that proves it."""
    table = _table(space=1)
    table.add_column(words.position, justify="right", style="dim")
    table.add_column(words.occurred_on, no_wrap=True)
    table.add_column(words.sentence, ratio=1)
    table.add_column(words.proof, style="dim", no_wrap=True)
    last = 0
    for fact in trail.shown:
        _leave_out(table, fact.version - last - 1, words)
        table.add_row(str(fact.position), words.date(fact.occurred_on), Text(fact.sentence), f"{fact.proof[:8]}…")
        last = fact.version
    _leave_out(table, trail.count - last, words)
    title = words.trail.format(mission_id=trail.mission_id, count=trail.count)
    return Group(heading(title), table, Text(f" {words.proof_note}", style="dim"))


def _leave_out(table: Table, count: int, words: Words) -> None:
    if count:
        table.add_row("", "", Text(words.left_out.format(count=count), style="dim"), "")


def next_page(steps: Sequence[tuple[str, str]], words: Words) -> RenderableType:
    """What to type next, each line ready to be copied, under what it is for."""
    lines: list[RenderableType] = [heading(words.next)]
    for purpose, command in steps:
        lines.append(Text(f"\n {purpose}", style="dim"))
        # Not padded: a space after a backslash at the end of a line would break a command that is copied.
        lines.append(Text(indent(command, "   "), overflow="ignore", no_wrap=True))
    return Group(*lines)


def _table(space: int = 0) -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, space, 0, 0))
