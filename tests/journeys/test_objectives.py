"""What the dirigeant asks in a minute: how far is what we agreed on?"""

from __future__ import annotations

from tests.journeys.agreed import bakery, closing_time, finance_cadre, finance_mission
from tests.journeys.network import Person

OBJECTIVES = "/missions/M-1/objectives"


def test_each_objective_is_told_with_its_progress_its_status_and_its_series(admin: Person, baker: Person) -> None:
    admin.does("/clients", bakery())
    admin.does("/cadres", finance_cadre())
    admin.does("/missions", finance_mission())
    agreed = closing_time()
    admin.does(OBJECTIVES, agreed)
    halfway = str((int(agreed["baseline"]) + int(agreed["target"])) / 2).removesuffix(".0")
    measured = {"value": halfway, "measured_on": agreed["set_on"]}
    last = admin.does(f"{OBJECTIVES}/{agreed['objective_id']}/measurements", measured)

    [told] = baker.asks(OBJECTIVES, min_position=last["position"]).json()["items"]
    assert (told["baseline"], told["target"], told["current"]) == (agreed["baseline"], agreed["target"], halfway)
    assert told["progress"] == "50.0"
    assert [each["value"] for each in told["measurements"]] == [halfway]
    assert told["facts"][-1] == last["position"]


def test_another_clients_objectives_are_not_there(admin: Person, baker: Person) -> None:
    admin.does("/clients", bakery("E-009"))
    admin.does("/cadres", finance_cadre())
    admin.does("/missions", finance_mission(client_id="E-009"))
    admin.reads("/missions")
    assert baker.asks(OBJECTIVES).status_code == 404
