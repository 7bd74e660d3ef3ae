"""(g) Issuing a month: how its time grows with what is billed, and with the history before it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter

from domain.billing.engagement import last_date_of
from service.command_service import CommandService
from service.submission import Submission
from tests.bench import histories
from tests.bench.report import Figure
from tests.bench.stage import SERVER, Stage, stage

DAYS_A_MONTH = 20


def run(folder: Path, sizes: tuple[int, ...], months_before: tuple[int, ...]) -> list[Figure]:
    """Seconds of one billing run by a server that just started, and by one that has been at work."""
    found: list[Figure] = []
    for missions, months in [*((size, 0) for size in sizes), *((min(sizes), past) for past in months_before)]:
        with stage(folder / f"{missions}-{months}", SERVER) as alone:
            cold, warm = _issue(alone, missions, months)
        each = 1000 / (missions * DAYS_A_MONTH)
        what = f"{missions:,} missions of {DAYS_A_MONTH} days, {months} months billed before"
        found.append(
            Figure(
                what,
                f"{cold:.2f} s by a server just started, {warm:.2f} s by one at work "
                f"({cold * each:.3f} and {warm * each:.3f} ms a day billed)",
            )
        )
    return found


def _issue(alone: Stage, missions: int, months_before: int) -> tuple[float, float]:
    """Two equal months after the ones before: one issued by a server just started, the next by the same at work."""
    months = list(islice(_months(), months_before + 2))
    ids = [f"{n:04d}" for n in range(missions)]
    with histories.commands(alone) as service:
        for each in ids:
            histories.register(service, each)
            histories.do(service, histories.sign(each, f"M-{each}"))
        for month in months[:-2]:
            _work(service, ids, month)
            histories.do(service, [_run(month)])
        _work(service, ids, months[-2])
    with histories.commands(alone) as fresh:
        cold = _timed(fresh, _run(months[-2]))
        _work(fresh, ids, months[-1])
        return cold, _timed(fresh, _run(months[-1]))


def _months() -> Iterator[str]:
    return (f"2025-{month:02d}" for month in range(2, 13))


def _work(service: CommandService, ids: list[str], month: str) -> None:
    """Every mission has its days of the month, and its client approves them."""
    dates = [f"{month}-{day:02d}" for day in range(1, DAYS_A_MONTH + 1)]
    for each in ids:
        mission_id = f"M-{each}"
        delivered = [
            histories.command(
                "deliver_day", day_id=f"D-{each}-{on}", date=on, quantity="1", summary="Clôture", exceptional=True
            )
            for on in dates
        ]
        approved = histories.command("approve_days", month=month)
        histories.do(service, [histories.submission(command, mission_id) for command in (*delivered, approved)])


def _run(month: str) -> Submission:
    """Issued as soon as the month is over, as it is in life."""
    command = histories.command("issue_invoices", month=month, issued_on=last_date_of(month).isoformat())
    return histories.submission(command, None)


def _timed(service: CommandService, run: Submission) -> float:
    started = perf_counter()
    histories.do(service, [run])
    return perf_counter() - started
