"""Requests that a machine makes up from the API's own description: none breaks it, none is answered off the map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from service.banking.formats import MEDIA_TYPES
from service.embedded import EmbeddedPostgres
from service.http.security import issue_token, network_admin
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import KEY, Person, network, served
from tests.servers import cloned_database
from tests.service.http.bench import Bench

schemathesis.serializer.alias(list(MEDIA_TYPES), "application/octet-stream")  # a statement is sent as it is
schema = schemathesis.openapi.from_dict(Bench().app().openapi())


@pytest.fixture(scope="module")
def address(postgres: EmbeddedPostgres) -> Iterator[str]:
    with cloned_database(postgres) as database, network(database) as net, served(net.app) as url:
        with Person(url, network_admin()) as admin:
            admin.does("/clients", bakery())
            admin.does("/cadres", finance_cadre())
            admin.does("/missions", finance_mission())
            admin.does("/missions/M-1/objectives", closing_time())
            admin.does("/missions/M-1/days", day("2026-03-03", "D-1"))
            admin.reads("/missions")
        yield url


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@schema.parametrize()
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_the_service(case: Case[Any], address: str, session: requests.Session) -> None:
    mended = mend(case)
    case.call_and_validate(
        base_url=address,
        session=session,
        headers={"Authorization": f"Bearer {issue_token(KEY, network_admin(), seconds=600)}"},
        excluded_checks=[positive_data_acceptance, *([negative_data_rejection] if mended else [])],
    )


def mend(case: Case[Any]) -> bool:
    """Takes out what we do not ask; whether a request that was wrong on purpose may be right now."""
    awaited = (case.query or {}).pop("min_position", None)  # nobody gets there, and each waits five seconds for it
    return awaited is not None or "authorization" not in {name.lower() for name in case.headers or {}}
