"""Sealing as the settings say, beside the worker: where the databases are reached by the role that may seal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog

from service.databases import Databases
from service.proof.folder import ProofFolder
from service.proof.sealer import Connections
from service.proof.sealing import Sealing
from service.settings import Settings

log = structlog.get_logger(__name__)


@contextmanager
def sealing(found: Databases, settings: Settings) -> Iterator[Sealing | None]:
    """A sealer that runs as long as we do. Without its role nothing is sealed, which is said once, aloud."""
    if found.sealer is None or found.sealer_keys is None:
        log.warning("sealing_off", missing="RELAIS_SEALER_DATABASE_URL")
        yield None
        return
    connect = partial(Connections.to, found.sealer, found.sealer_keys)
    sealer = Sealing(connect, ProofFolder(settings.proof), settings.origin, every=settings.seal_every)
    sealer.start()
    try:
        yield sealer
    finally:
        sealer.stop()
