"""Links that cannot be guessed, and that are dead once they were withdrawn."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from domain.event import Role
from service.calendars.links import CalendarLinks, Owner
from service.store.keys import KeyStore
from tests.servers import Database

ANNE, BENOIT = Owner(Role.CADRE, "C-1"), Owner(Role.CADRE, "C-1-2")


@pytest.fixture
def links(database: Database) -> Iterator[CalendarLinks]:
    yield from _links(database)


def _links(database: Database) -> Iterator[CalendarLinks]:
    keys = KeyStore(database.keys_url, durable=False)
    opened = CalendarLinks(database.keys_url, keys, durable=False)
    yield opened
    opened.close()
    keys.close()


def test_a_link_opens_the_calendar_that_it_was_given_out_for(links: CalendarLinks) -> None:
    assert links.opens(links.secret_of(ANNE)) == ANNE
    assert links.opens(links.secret_of(BENOIT)) == BENOIT
    assert links.secret_of(ANNE) == links.secret_of(ANNE)


def test_links_of_different_parties_have_nothing_in_common(links: CalendarLinks) -> None:
    client = Owner(Role.CLIENT, "C-1")
    codes = {links.secret_of(owner)[-43:] for owner in (ANNE, BENOIT, client)}
    assert len(codes) == 3
    assert all(len(code) == 43 for code in codes)


def test_nothing_but_the_very_secret_opens(links: CalendarLinks) -> None:
    secret = links.secret_of(ANNE)
    code = secret[-43:]
    other = links.secret_of(BENOIT)[-43:]
    swapped = ("B" if code[0] == "A" else "A") + code[1:]
    for guess in (
        "",
        "C-1",
        code,
        secret[:-1],
        secret + "A",
        secret.upper(),
        f"cadre-C-1-{swapped}",
        f"cadre-C-1-{other}",
        f"client-C-1-{code}",
        f"cadre-C-2-{code}",
        f"auditor-C-1-{code}",
        f"cadre-C-1/{code}",
        f"cadre-C-1-{code}\n",
        "é" * 60,
    ):
        assert links.opens(guess) is None, guess


def test_a_link_that_was_withdrawn_opens_nothing_and_the_next_is_another(links: CalendarLinks) -> None:
    before = [links.secret_of(ANNE)]
    for _ in range(3):
        links.withdraw(ANNE)
        before.append(links.secret_of(ANNE))
    assert len(set(before)) == 4
    assert [links.opens(secret) for secret in before] == [None, None, None, ANNE]
    assert links.opens(links.secret_of(BENOIT)) == BENOIT


def test_every_server_of_a_network_gives_out_the_same_link(links: CalendarLinks, database: Database) -> None:
    for other in _links(database):
        assert other.opens(links.secret_of(ANNE)) == ANNE
        other.withdraw(ANNE)
        assert links.opens(other.secret_of(ANNE)) == ANNE


def test_no_link_stands_in_the_database_and_none_that_was_withdrawn_comes_back(
    links: CalendarLinks, database: Database
) -> None:
    links.withdraw(ANNE)
    links.withdraw(ANNE)
    with psycopg.connect(database.keys_url, autocommit=True) as connection:
        rows = connection.execute("SELECT role, party_id, generation FROM public.calendar_links").fetchall()
        assert rows == [("cadre", "C-1", 2)]
        for attack in (
            "UPDATE public.calendar_links SET generation = 1",
            "UPDATE public.calendar_links SET generation = generation",
            "DELETE FROM public.calendar_links",
            "TRUNCATE public.calendar_links",
            "INSERT INTO public.calendar_links (role, party_id, generation) VALUES ('cadre', 'C-9', 7)",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(attack.encode())
