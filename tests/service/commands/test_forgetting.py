"""Who is forgotten is looked for once in all of history, and nobody else waits for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from typing_extensions import override

from domain.calendar import WorkingCalendar
from service.command_service import CommandService
from service.forgetting import Findings, Forgetting
from service.store.connections import ConnectionLost
from service.store.keys import KeyStore
from service.store.reader import Reader, StoredRow
from service.store_connections import StoreConnections
from service.submission import Submission
from tests.servers import Database
from tests.service.commands.asking import accepted
from tests.service.commands_by_hand import asked, client, running_missions

FORGET = "client:CL-1"
SOON = 20.0


def review(review_id: str, summary: str) -> Submission:
    return asked(
        "hold_review",
        "M-0",
        review_id=review_id,
        held_on="2026-03-03",
        kind="flash",
        attendees=["Un associé"],
        summary=summary,
    )


@pytest.fixture
def keys(database: Database) -> Iterator[KeyStore]:
    with closing(KeyStore(database.keys_url, durable=False)) as store:
        yield store


class Looks(Reader):
    """Notes from where all of history was read on, and lets something happen meanwhile."""

    def __init__(self, conninfo: str) -> None:
        super().__init__(conninfo)
        self.after: list[int] = []
        self.meanwhile: Callable[[], object] = lambda: None

    @override
    def read_all(self, after: int = 0, limit: int = 5000) -> list[StoredRow]:
        self.after.append(after)
        self.meanwhile()
        return super().read_all(after, limit)


@pytest.fixture
def looks(database: Database) -> Iterator[Looks]:
    with Looks(database.app_url) as reader:
        yield reader


def test_what_was_looked_through_is_not_looked_through_again(
    database: Database, service: CommandService, keys: KeyStore, looks: Looks, history: Reader
) -> None:
    accepted(service.execute_many([*running_missions(1), review("R-1", "Vu avec Mme Wéa"), review("R-2", "Rien")]))
    shown_at = history.head()
    with closing(Forgetting(database.app_url, keys, durable=False, reader=looks)) as forgetting:
        shown = forgetting.findings(FORGET)
        assert len(shown.mentions["mission:M-0"]) == 1
        accepted(service.execute_many([review("R-3", "Mme Wéa rappelle"), review("R-4", "Rien non plus")]))
        looks.after.clear()
        assert forgetting.forget(FORGET)
    assert min(looks.after) == shown_at, "only what was appended since it was shown"
    kept = dict.fromkeys(range(1, history.head() + 1), 0)
    for value in history.personal_values(list(kept)):
        kept[value.position] += 1
    first = shown_at - 1
    assert [kept[first + at] for at in range(4)] == [1, 2, 1, 2], "the attendees stay, and what names somebody else"


def test_whoever_is_called_otherwise_since_is_looked_for_anew(
    database: Database, service: CommandService, keys: KeyStore, looks: Looks
) -> None:
    accepted(service.execute_many([*running_missions(1), review("R-1", "Vu avec Mme Pidjot")]))
    with closing(Forgetting(database.app_url, keys, durable=False, reader=looks)) as forgetting:
        assert forgetting.findings(FORGET).mentions == {}
        dirigeant = {"name": "Noémie Pidjot", "email": "noemie@example.nc"}
        service.execute(asked("correct_client", client_id="CL-1", dirigeant=dirigeant))
        assert len(forgetting.findings(FORGET).mentions["mission:M-0"]) == 1


def test_who_is_not_the_first_to_forget_stops_looking_once_another_has(
    database: Database, service: CommandService, keys: KeyStore, looks: Looks
) -> None:
    accepted(service.execute_many([*running_missions(1), review("R-1", "Vu avec Mme Wéa")]))
    with ExitStack() as closed:
        first = closed.enter_context(closing(Forgetting(database.app_url, keys, durable=False)))
        other_keys = closed.enter_context(closing(KeyStore(database.keys_url, durable=False)))
        second = Forgetting(database.app_url, other_keys, durable=False, reader=looks, at_once=2)
        closed.enter_context(closing(second))
        looks.meanwhile = lambda: first.forget(FORGET)
        assert not second.forget(FORGET)
    assert looks.after == [0]


class Waits(Forgetting):
    """Looks for as long as it is told to."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.looking, self.go_on = Event(), Event()

    @override
    def findings(self, stream: str) -> Findings:
        self.looking.set()
        assert self.go_on.wait(SOON)
        return super().findings(stream)


class Breaks(Forgetting):
    """Loses its connection."""

    @override
    def findings(self, stream: str) -> Findings:
        raise ConnectionLost("the connection broke")


def serving(database: Database, kind: type[Forgetting]) -> tuple[CommandService, Forgetting]:
    store = StoreConnections.to(database.app_url, database.keys_url, durable=False)
    store.forgetting.close()
    forgetting = kind(database.app_url, store.keys, durable=False)
    return CommandService(replace(store, forgetting=forgetting), WorkingCalendar()), forgetting


def test_no_other_command_waits_while_a_person_is_looked_for(database: Database, keys: KeyStore) -> None:
    service, forgetting = serving(database, Waits)
    assert isinstance(forgetting, Waits)
    with service:
        service.execute(client())
        forgotten = service.submit(asked("forget_person", party_id="CL-1", reason="asked in writing"))
        assert forgetting.looking.wait(SOON)
        assert service.execute(client("CL-2")).version == 1
        assert service.submit(client("CL-3")).result(SOON).version == 1
        assert not forgotten.done(), "it is answered once the person is forgotten"
        forgetting.go_on.set()
        assert forgotten.result(SOON).version == 2
    assert keys.stream_secrets([FORGET])[FORGET].key is None


def test_a_forgetting_that_broke_off_is_said_to_whoever_asked_and_done_when_asked_again(
    database: Database, service: CommandService, keys: KeyStore
) -> None:
    command = asked("forget_person", party_id="CL-1", reason="asked in writing", command_id="http:p:1")
    broken, _ = serving(database, Breaks)
    with broken:
        broken.execute(client())
        (told,) = broken.execute_many([command])
        assert isinstance(told, ConnectionLost)
        assert isinstance(broken.submit(command).exception(SOON), ConnectionLost)
    assert not keys.is_erased(FORGET)
    assert service.execute(command).replayed
    assert keys.is_erased(FORGET)
