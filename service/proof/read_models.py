"""The read models held against history: built anew beside what serves, and added up by other code."""

from __future__ import annotations

from contextlib import closing

from service.databases import Databases
from service.main import looking, working
from service.proof.findings import Kind, Report
from service.read_models import catch_up, rebuild
from service.reconciling.checking import check
from service.store.reader import Reader
from service.trouble import Trouble
from service.worker import READ_MODELS


def hold_against_read_models(found: Databases, report: Report) -> None:
    """Takes down every read model that is not what the events add up to."""
    with working(found), looking(found) as connection:
        try:
            catch_up(connection)
        except Trouble as behind:
            report.find(Kind.READ_MODEL, None, str(behind))
            return
        for model in READ_MODELS:
            try:
                for _ in rebuild(connection, [model.name]):
                    pass
            except Trouble as differs:
                report.find(Kind.READ_MODEL, None, str(differs))
        with closing(Reader(found.history, name="relais verify adds up")) as reader:
            for difference in check(connection, reader).differences:
                report.find(Kind.READ_MODEL, None, str(difference))
