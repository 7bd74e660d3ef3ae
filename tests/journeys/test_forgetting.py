"""A person who was forgotten over HTTP: what the law keeps of it is named, with the last day on which it must."""

from __future__ import annotations

from tests.bodies import BODIES
from tests.journeys.network import Person


def test_what_the_law_keeps_is_named_with_its_last_day(admin: Person) -> None:
    mission = {**BODIES["sign_mission"], "mission_id": "M-1"}
    day = {"day_id": "D-1", "date": "2026-03-03", "quantity": "1", "summary": "Clôture"}
    client_id = mission["client_id"]
    for path, body in (
        ("/clients", {**BODIES["register_client"], "client_id": client_id}),
        ("/cadres", {**BODIES["register_cadre"], "cadre_id": mission["cadre_id"]}),
        ("/missions", mission),
        ("/missions/M-1/objectives", BODIES["set_objective"]),
        ("/missions/M-1/days", day),
        ("/missions/M-1/days/approvals", {"day_ids": ["D-1"]}),
        ("/billing/runs", {"month": "2026-03", "issued_on": "2026-03-31"}),
    ):
        admin.does(path, dict(body))
    before = admin.reads(f"/parties/{client_id}/erasure")
    assert (before["forgotten_on"], before["position"]) == (None, None)
    accepted = admin.does(f"/parties/{client_id}/erasure", {"reason": "Asked for by letter"})
    after = admin.reads(f"/parties/{client_id}/erasure")
    assert after["position"] == accepted["position"]
    assert after["forgotten_on"] is not None
    (kept,) = after["kept_by_law"]
    assert kept == {
        "document": "invoice",
        "number": "F-2026-00001",
        "dated_on": "2026-03-31",
        "kept_until": "2036-12-31",
    }
    assert admin.asks("/parties/nobody/erasure").status_code == 404
