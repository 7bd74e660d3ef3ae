"""A reply that is lost on the way costs nothing: the same request again gets the one true answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx2
import pytest

from service.http.security import cadre
from tests.journeys.agreed import bakery, closing_time, day, finance_cadre, finance_mission
from tests.journeys.network import Person


@contextmanager
def cutting_proxy(address: str) -> Iterator[str]:
    """Passes a request on, waits for the whole answer, and hangs up instead of passing it back. Once; then honest."""
    target = urlsplit(address)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        cut = threading.Event()

        def serve() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller, socket.create_connection((target.hostname, target.port)) as service:
                    service.sendall(_whole_message(caller))
                    answer = _whole_message(service)
                    if cut.is_set():
                        caller.sendall(answer)
                    cut.set()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _whole_message(sender: socket.socket) -> bytes:
    """One HTTP message with a `Content-Length`."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += sender.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += sender.recv(65_536)
    return head + b"\r\n\r\n" + body


def sign(admin: Person) -> None:
    admin.does("/clients", bakery())
    admin.does("/cadres", finance_cadre())
    admin.does("/missions", finance_mission())
    admin.does("/missions/M-1/objectives", closing_time())


def test_a_retry_after_a_lost_reply_gets_the_first_answer(admin: Person, jeanne: Person, address: str) -> None:
    sign(admin)
    nameless = day("2026-03-03")
    with cutting_proxy(address) as proxy, Person(proxy, cadre("C-001")) as cut_off:
        with pytest.raises(httpx2.TransportError):
            cut_off.tries("/missions/M-1/days", nameless, key="monday")
        assert jeanne.asks("/commands/monday").json()["status"] == "applied"
        again = jeanne.tries("/missions/M-1/days", nameless, key="monday")

    assert again.status_code == 201
    jeanne.position = again.json()["position"]
    (only,) = jeanne.reads("/missions/M-1/days")["items"]
    assert only["day_id"] == again.json()["day_id"]
    assert jeanne.asks("/commands/monday").json()["positions"] == [again.json()["position"]]


def test_the_same_request_is_answered_the_same_for_ever(admin: Person, jeanne: Person, baker: Person) -> None:
    sign(admin)
    first = jeanne.tries("/missions/M-1/days", day("2026-03-03", "D-1"), key="k")
    jeanne.does("/missions/M-1/days", day("2026-03-04"))
    baker.does("/missions/M-1/stop", {"on": "2026-06-01", "decided_by": "client", "reason": "Done"})
    again = jeanne.tries("/missions/M-1/days", day("2026-03-03", "D-1"), key="k")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["etag"] == first.headers["etag"]


def test_a_key_is_for_one_request(admin: Person, jeanne: Person, baker: Person) -> None:
    sign(admin)
    jeanne.does("/missions/M-1/days", day("2026-03-03", "D-1"), key="k")

    other = jeanne.tries("/missions/M-1/days", day("2026-03-04", "D-1"), key="k")
    elsewhere = jeanne.tries("/missions/M-1/expenses", day("2026-03-03", "D-1"), key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert elsewhere.status_code == 422


def test_a_key_belongs_to_whoever_sent_it(admin: Person, jeanne: Person, baker: Person) -> None:
    sign(admin)
    jeanne.does("/missions/M-1/days", day("2026-03-03", "D-1"), key="k")

    assert baker.asks("/commands/k").json() == {"key": "k", "status": "never_seen", "positions": []}
    baker.does("/missions/M-1/days/approvals", {"day_ids": ["D-1"]}, key="k")


def test_a_refusal_is_not_kept(admin: Person, jeanne: Person) -> None:
    sign(admin)
    tomorrow = day("2026-07-01", "D-1")
    assert jeanne.tries("/missions/M-1/days", tomorrow, key="k").json()["code"] == "in_the_future"

    assert jeanne.asks("/commands/k").json()["status"] == "never_seen"
    jeanne.does("/missions/M-1/days", day("2026-03-03", "D-1"), key="k")


def test_a_key_may_hold_a_slash(admin: Person) -> None:
    admin.does("/clients", bakery(), key="a/b+c=")

    assert admin.asks("/commands/a/b+c=").json()["status"] == "applied"
