"""The connections of one server to history and its keys, each with its own use."""

from __future__ import annotations

from dataclasses import dataclass

from service.forgetting import Forgetting
from service.snapshots import Keeper, Seal
from service.store.door import Door
from service.store.gathering import Gatherer
from service.store.keys import KeyStore
from service.store.reader import Reader
from service.store.series_lock import SeriesLock
from service.store.snapshots import SnapshotTable


@dataclass(frozen=True, slots=True)
class StoreConnections:
    """All that carrying out commands needs of the store."""

    door: Door
    reader: Reader
    gatherer: Gatherer
    keys: KeyStore
    forgetting: Forgetting
    series: SeriesLock
    seal: Seal
    keeper: Keeper

    @classmethod
    def to(
        cls, database_url: str, keys_url: str, *, durable: bool = True, door: Door | None = None
    ) -> StoreConnections:
        """Connections to a history and its keys, made when first used. `durable=False` is for throw-away databases."""
        keys = KeyStore(keys_url, durable=durable)
        seal = Seal(keys)
        return cls(
            door=door or Door(database_url, durable=durable),
            reader=Reader(database_url, name="relais decisions"),
            gatherer=Gatherer(database_url),
            keys=keys,
            forgetting=Forgetting(database_url, keys, durable=durable),
            series=SeriesLock(database_url),
            seal=seal,
            keeper=Keeper(SnapshotTable(database_url), seal),
        )

    def close(self) -> None:
        """Gives all of them back."""
        self.keeper.close()  # which needs the keys to seal what waits
        for connection in (self.door, self.reader, self.gatherer, self.forgetting, self.keys, self.series):
            connection.close()
