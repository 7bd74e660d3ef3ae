"""The log's newest checkpoint on what a client keeps: whoever has it can tell later whether history was rewritten."""

from __future__ import annotations

from base64 import b64encode

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from service.http.services import Services


class PrintedCheckpoint(BaseModel):
    """How long the log was, and its root, when this was printed: a mailbox that keeps it is a witness."""

    size: int
    root: str
    trust: str


async def printed_checkpoint(services: Services) -> PrintedCheckpoint | None:
    """The newest that was signed; None before the first."""
    sealed = None if services.log is None else await run_in_threadpool(services.log.latest_signed)
    if sealed is None:
        return None
    return PrintedCheckpoint(size=sealed.size, root=b64encode(sealed.root).decode(), trust=sealed.trust)
