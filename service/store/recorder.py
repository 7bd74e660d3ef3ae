"""The eventsourcing package's recorder over our history: what its applications save goes through the door."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_bytes
from typing import Any

import psycopg
from eventsourcing import postgres
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    OperationalError,
    PersistenceError,
    StoredEvent,
    Subscription,
)
from eventsourcing.utils import Environment, EnvType, strtobool
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from typing_extensions import override

from service.store.bell import CHANNEL
from service.store.connections import DatabaseUnreachable
from service.store.door import (
    Append,
    AppendRefused,
    CommandIdReused,
    Conflict,
    Door,
    NewEvent,
    OutcomeUnknown,
)

LOOK_AFTER = 10
"""A subscription that has heard nothing for so many tenths of a second looks by itself."""


class RelaisRecorder(postgres.PostgresApplicationRecorder):
    """Selects as the package's own recorder does; inserts through the door, the only way that the grants leave open."""

    def __init__(self, datastore: postgres.PostgresDatastore, *, door: Door, events_table_name: str = "events") -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        self.channel_name = CHANNEL
        self._door = door

    @override
    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Appends all or nothing. `append=` gives the whole request where the caller has made it."""
        request = kwargs.get("append") or plain_append(stored_events)
        if not isinstance(request, Append):
            raise TypeError("give an Append as the keyword argument `append`, or none")
        if not request.events and request.command_id is None:
            return None
        try:
            return list(self._door.append(request).positions)
        except (Conflict, CommandIdReused, AppendRefused) as refusal:
            raise IntegrityError(str(refusal)) from refusal
        except (OutcomeUnknown, DatabaseUnreachable) as trouble:
            raise OperationalError(str(trouble)) from trouble

    @override
    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        return RelaisSubscription(recorder=self, gt=gt, topics=topics)


class RelaisSubscription(postgres.PostgresSubscription):
    """The package's subscription, which also finds what was recorded before it listened, or while the bell was down."""

    @override
    def _listen(self) -> None:
        try:
            with self._recorder.datastore.get_connection() as connection:
                connection.execute(SQL("listen {}").format(Identifier(CHANNEL)))
                silent_for = 0
                while not self._has_been_stopped and not self._thread_error:
                    if silent_for % LOOK_AFTER == 0:
                        self._has_been_notified.set()
                    heard = list(connection.notifies(timeout=0.1, stop_after=1))
                    silent_for = 0 if heard else silent_for + 1
        except (psycopg.Error, PersistenceError) as error:
            self._thread_error = self._thread_error or error
            self.stop()


class RelaisFactory(postgres.PostgresFactory):
    """What PERSISTENCE_MODULE names, so that an application of the package keeps its events in our history.

    It reads RELAIS_DATABASE_URL, and RELAIS_DURABLE, which is `no` for throw-away test databases only.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        given = env if isinstance(env, Environment) else Environment(env=env)
        url = given.get("RELAIS_DATABASE_URL") or ""
        super().__init__(Environment(given.name, {**given, **settings_of(url)}))
        self.door = Door(url, durable=strtobool(given.get("RELAIS_DURABLE") or "yes"))

    @override
    def application_recorder(self) -> RelaisRecorder:
        """The recorder of the one history, whatever the application is called."""
        return RelaisRecorder(self.datastore, door=self.door)

    @override
    def close(self) -> None:
        self.door.close()
        super().close()


def settings_of(url: str) -> dict[str, str]:
    """The package's settings for our history. Its own tables and its own insert function stay out of it."""
    parts = conninfo_to_dict(url)
    return {
        "POSTGRES_DBNAME": str(parts.get("dbname", "")),
        "POSTGRES_HOST": str(parts.get("host", "")),
        "POSTGRES_PORT": str(parts.get("port", "5432")),
        "POSTGRES_USER": str(parts.get("user", "")),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
        "POSTGRES_SCHEMA": "relais",
        "ORIGINATOR_ID_TYPE": "text",
        "CREATE_TABLE": "no",
        "POSTGRES_ENABLE_DB_FUNCTIONS": "no",
    }


def plain_append(stored_events: Sequence[StoredEvent]) -> Append:
    """Events of an application that knows nothing of envelopes and proofs: their leaves are blinded by chance."""
    return Append(
        [
            NewEvent(
                str(event.originator_id),
                event.originator_version,
                event.topic,
                event.state,
                b"",
                (),
                (),
                token_bytes(32),
                token_bytes(32),
            )
            for event in stored_events
        ]
    )
