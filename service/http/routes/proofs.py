"""Proofs to take home: a mission's history, or an invoice with its facts, to be checked without us."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from domain.event import Role
from projections.invoices import BILLING
from projections.missions import MISSIONS
from service.http.openapi import problems
from service.http.policy import principal_of
from service.http.problems import Problem, malformed, not_found
from service.http.reading import WAIT, Asked, caught_up
from service.http.routes.invoices import seen_invoice
from service.http.routes.missions import seen_mission
from service.http.services import services_of
from service.proof import bundles
from service.proof.bundles import Bundles, HistoryDisagrees, NotInTheLog, NotSealedYet, NotThatLong, billing_alone

router = APIRouter(tags=["proofs"])
Made: TypeAlias = Callable[[Bundles, bundles.Asked], bytes]
LOOK_AGAIN = 0.1
"""Seconds between two looks whether a position is sealed."""
BUNDLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A bundle, as docs/reference/bundle.md specifies it.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class ProofAsked(Asked):
    """Up to which position the proof has to reach, and which earlier checkpoint it is to continue."""

    since: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = None

    def wanted(self, *, vouched: bool) -> bundles.Asked:
        """The same, as who makes bundles takes it."""
        return bundles.Asked(self.min_position or 0, self.since, vouched)


class InvoiceProofAsked(ProofAsked):
    """The same, and whether each mission on the invoice comes whole, so that nothing can have been left out."""

    whole: bool = False


@router.get(
    "/missions/{mission_id}/proof",
    response_class=Response,
    responses={**BUNDLE, **problems(401, 404, 422, 503)},
)
async def prove_mission(request: Request, mission_id: str, asked: Annotated[ProofAsked, Query()]) -> Response:
    """A mission's whole history, provably complete; to a cadre who handed it over, single events up to the eve."""
    await caught_up(request, asked.min_position, MISSIONS.name)
    _, sight = await seen_mission(request, mission_id)
    until = sight.until
    if until is None:
        return await _sent(request, asked, mission_id, lambda found, wanted: found.mission(mission_id, wanted))
    return await _sent(request, asked, mission_id, lambda found, wanted: found.extract(mission_id, wanted, until))


@router.get(
    "/invoices/{invoice_number}/proof",
    response_class=Response,
    responses={**BUNDLE, **problems(401, 403, 404, 422, 503)},
)
async def prove_invoice(
    request: Request, invoice_number: str, asked: Annotated[InvoiceProofAsked, Query()]
) -> Response:
    """An invoice with each billed day, its approval, the letter that set its price; to an accountant, no other word."""
    await caught_up(request, asked.min_position, BILLING.name)
    await seen_invoice(request, invoice_number, services_of(request).today())
    accounts = principal_of(request).role is Role.ACCOUNTANT
    if accounts and asked.whole:
        raise Problem(403, "not_allowed", "An accountant sees no mission whole; leave `whole` out.")

    def made(found: Bundles, wanted: bundles.Asked) -> bytes:
        wanted = replace(wanted, whole=asked.whole)
        return found.invoice(invoice_number, wanted, billing_alone if accounts else lambda _: True)

    return await _sent(request, asked, invoice_number, made)


async def _sent(request: Request, asked: ProofAsked, name: str, made: Made) -> Response:
    """The file, once a checkpoint covers what was asked for: a witnessed one, or in the end one that is signed."""
    found = services_of(request).bundles
    if found is None:
        raise _not_sealed_yet()
    deadline = monotonic() + (WAIT if asked.min_position is not None else 0)
    while (content := await run_in_threadpool(_made, found, made, asked.wanted(vouched=True))) is None:
        if monotonic() < deadline:
            await asyncio.sleep(LOOK_AGAIN)
        elif (content := await run_in_threadpool(_made, found, made, asked.wanted(vouched=False))) is None:
            raise _not_sealed_yet()
        else:
            break
    headers = {"Content-Disposition": f'attachment; filename="{name}.bundle.json"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type="application/json")


def _made(found: Bundles, made: Made, wanted: bundles.Asked) -> bytes | None:
    """The file; None while no such checkpoint covers what was asked for."""
    try:
        return made(found, wanted)
    except NotSealedYet:
        return None
    except NotThatLong:
        raise malformed("/since", "the log has not as many entries: name the size of a bundle", "query") from None
    except NotInTheLog:
        raise not_found() from None
    except HistoryDisagrees as error:
        raise Problem(503, "history_disagrees", str(error)) from error


def _not_sealed_yet() -> Problem:
    return Problem(503, "not_sealed_yet", "No signed checkpoint covers it yet; ask again in a few seconds.")
