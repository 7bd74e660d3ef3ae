"""Letters, amendments and extensions: rules 1, 2, 3 and 12."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.event import CommandRejected
from domain.mission.events import DayDelivered, DaysInvoiced, MissionExtended, MissionSigned
from domain.mission.filing import filed
from domain.mission.rejections import (
    AmendmentBackdated,
    AmendmentOutOfOrder,
    BillingKindChanged,
    CurrencyChanged,
    EffectiveBeforeInvoicedDay,
    FunctionNotPractised,
    InvalidPeriod,
    IssuerChanged,
    LetterSignedLate,
    MissionIsStopped,
    NotAnExtension,
    PaymentTermUnlawful,
    ScopeWithoutResponsibility,
)
from domain.rejections import (
    AlreadyExists,
    InTheFuture,
    Malformed,
    UnknownCadre,
    UnknownClient,
    UnknownIssuer,
    UnknownMission,
)
from tests.bodies import HOURLY, RETAINER, SCOPE, asked, known_parties, on, running, signed, terms
from tests.scenario import Scenario

EUROS = terms(currency="EUR", billing={"kind": "day_rate", "rate": "650.00"}, tax={"scheme": "TVA", "rate": "20"})


def test_a_mission_starts_from_its_signed_letter() -> None:
    scenario = known_parties().when(asked("sign_mission")).then_done()
    (event,) = scenario.events
    assert isinstance(event, MissionSigned)
    assert event.terms.model_dump(mode="json")["billing"] == {"kind": "day_rate", "rate": "85000"}
    mission = scenario.network.mission("M-1")
    assert (mission.client_id, mission.holder_on(on("2026-03-02")), mission.ends_on) == ("E-1", "C-1", on("2026-06-30"))
    recorded = scenario.network.recorded[-1]
    assert recorded.occurred_on == on("2026-02-20")
    assert scenario.network.tags["mission"] == scenario.network.tags["client:E-1"] == [recorded]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"client_id": "E-9"}, UnknownClient),
        ({"cadre_id": "C-9"}, UnknownCadre),
        ({"cadre_id": "C-3"}, FunctionNotPractised),
        ({"terms": terms(issuer_id="I-9")}, UnknownIssuer),
        ({"ends_on": "2026-03-02"}, InvalidPeriod),
        ({"ends_on": "2026-03-01"}, InvalidPeriod),
        ({"letter": {"signed_on": "2026-03-03"}}, LetterSignedLate),
        ({"letter": {"signed_on": "2026-04-01"}, "starts_on": "2026-04-02"}, InTheFuture),
        ({"scope": SCOPE | {"responsibilities": []}}, ScopeWithoutResponsibility),
        ({"terms": terms(payment_days=31)}, PaymentTermUnlawful),
        ({"terms": terms(payment_days=31, tax={"scheme": "none"})}, PaymentTermUnlawful),
        ({"terms": {**EUROS, "payment_days": 46}}, PaymentTermUnlawful),
        ({"terms": {**EUROS, "payment_days": 31, "tax": {"scheme": "TGC", "rate": "6"}}}, PaymentTermUnlawful),
    ],
)
def test_a_letter_that_breaks_a_rule_is_refused(changes: dict[str, object], why: type[CommandRejected]) -> None:
    known_parties().when(asked("sign_mission", **changes)).then_rejected(why)


@pytest.mark.parametrize(
    "changes",
    [
        {"ends_on": "2026-03-03"},
        {"ends_on": None},
        {"letter": {"signed_on": "2026-03-02"}},
        {"letter": {"signed_on": "2026-03-31"}, "starts_on": "2026-03-31"},
        {"terms": terms(issuer_id="I-1")},
        {"terms": terms(payment_days=30)},
        {"terms": {**EUROS, "payment_days": 45}},
        {"terms": terms(billing=RETAINER)},
    ],
)
def test_a_letter_on_the_edge_of_a_rule_is_taken(changes: dict[str, object]) -> None:
    known_parties().when(asked("sign_mission", **changes)).then_done()


def test_a_mission_id_names_one_mission_for_ever() -> None:
    signed().when(asked("sign_mission")).then_rejected(AlreadyExists)


def test_a_letter_is_for_the_mission_that_is_named() -> None:
    known_parties().when(asked("sign_mission"), mission="M-2").then_rejected(Malformed)
    known_parties().when(asked("sign_mission"), mission=None).then_done()


def test_what_was_never_signed_is_unknown() -> None:
    known_parties().when(asked("pause_mission")).then_rejected(UnknownMission)
    known_parties().when(asked("pause_mission"), mission=None).then_rejected(Malformed)
    known_parties().when(asked("deliver_day")).then_rejected(UnknownMission)


def test_the_network_is_the_issuer_where_none_is_named() -> None:
    left_out = {name: value for name, value in terms().items() if name != "issuer_id"}
    (event,) = known_parties().when(asked("sign_mission", terms=left_out)).events
    assert isinstance(event, MissionSigned)
    assert event.terms.issuer_id == "network"


def test_prices_have_the_digits_of_their_currency() -> None:
    for rate in ("85000.5", "85000.0"):
        with pytest.raises(ValidationError, match="XPF prices have 0 digits"):
            asked("sign_mission", terms=terms(billing={"kind": "day_rate", "rate": rate}))
    (event,) = known_parties().when(asked("sign_mission", terms=EUROS | {"payment_days": 45})).events
    assert '"rate":"650.00"' in event.model_dump_json()


def test_no_tax_has_no_rate() -> None:
    with pytest.raises(ValidationError, match='has the rate "0"'):
        asked("sign_mission", terms=terms(tax={"scheme": "none", "rate": "6"}))


def test_an_amendment_changes_the_terms_from_its_date_on() -> None:
    dearer = terms(billing={"kind": "day_rate", "rate": "90000"}, approval_required=False)
    mission = signed().given(asked("amend_mission", terms=dearer)).network.mission("M-1")
    before, after = mission.terms_on(on("2026-03-31")), mission.terms_on(on("2026-04-01"))
    assert (before.approval_required, after.approval_required) == (True, False)
    assert mission.terms_on(on("2020-01-01")) == before


def test_an_amendment_may_change_the_rhythm_or_the_scope_alone() -> None:
    mission = signed().given(asked("amend_mission", terms=..., rhythm={"half_days_per_week": 5})).network.mission("M-1")
    assert len(mission.terms) == 1
    signed().when(asked("amend_mission", terms=..., scope=SCOPE)).then_done()
    empty = SCOPE | {"responsibilities": []}
    signed().when(asked("amend_mission", scope=empty)).then_rejected(ScopeWithoutResponsibility)
    with pytest.raises(ValidationError, match="name what the amendment changes"):
        asked("amend_mission", terms=...)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"letter": {"signed_on": "2026-04-01"}}, InTheFuture),
        ({"letter": {"signed_on": "2026-03-25"}, "effective_on": "2026-03-24"}, AmendmentBackdated),
        ({"terms": {**EUROS, "payment_days": 30}}, CurrencyChanged),
        ({"terms": terms(issuer_id="I-1")}, IssuerChanged),
        ({"terms": terms(billing=HOURLY)}, BillingKindChanged),
        ({"terms": terms(payment_days=31)}, PaymentTermUnlawful),
    ],
)
def test_an_amendment_that_breaks_a_rule_is_refused(changes: dict[str, object], why: type[CommandRejected]) -> None:
    signed().when(asked("amend_mission", **changes)).then_rejected(why)


def test_an_amendment_may_take_effect_on_the_day_that_it_is_signed() -> None:
    signed().when(asked("amend_mission", effective_on="2026-03-25")).then_done()


def test_an_amendment_that_names_no_issuer_keeps_the_mission_s() -> None:
    left_out = {name: value for name, value in terms().items() if name != "issuer_id"}
    mission = signed(terms=terms(issuer_id="I-1")).given(asked("amend_mission", terms=left_out)).network.mission("M-1")
    assert mission.terms_on(on("2026-04-01")).issuer_id == "I-1"


@pytest.mark.parametrize("effective_on", ["2026-04-01", "2026-03-31"])
def test_amendments_follow_each_other(effective_on: str) -> None:
    amended = signed().given(asked("amend_mission"))
    amended.when(asked("amend_mission", effective_on=effective_on)).then_rejected(AmendmentOutOfOrder)


def test_an_amendment_after_the_one_before_it_is_taken() -> None:
    signed().given(asked("amend_mission")).when(asked("amend_mission", effective_on="2026-04-02")).then_done()


def with_an_invoiced_day() -> Scenario:
    """The day of 10 March stands on an invoice."""
    scenario = running().given(asked("deliver_day"))
    mission = scenario.network.mission("M-1")
    invoiced = DaysInvoiced(
        invoice_number="F-2026-00001", month="2026-03", issued_on=on("2026-03-31"), day_ids=("D-1",)
    )
    scenario.network.record(filed(mission, invoiced))
    return scenario


def test_an_amendment_leaves_invoiced_days_alone() -> None:
    early = {"letter": {"signed_on": "2026-03-01"}}
    refused = asked("amend_mission", effective_on="2026-03-10", **early)
    with_an_invoiced_day().when(refused).then_rejected(EffectiveBeforeInvoicedDay)
    with_an_invoiced_day().when(asked("amend_mission", effective_on="2026-03-11", **early)).then_done()


def test_an_amendment_takes_effect_up_to_the_stop() -> None:
    stopping = signed().given(asked("stop_mission", on="2026-04-15"))
    stopping.when(asked("amend_mission", effective_on="2026-04-16")).then_rejected(MissionIsStopped)
    stopping.when(asked("amend_mission", effective_on="2026-04-15")).then_done()


def test_an_extension_moves_the_end_later_or_removes_it() -> None:
    letter = asked("extend_mission").model_dump()["letter"]
    extended = MissionExtended.model_validate({"ends_on": "2026-07-01", "letter": letter})
    signed().when(asked("extend_mission", ends_on="2026-07-01")).then(extended)
    open_ended = signed().when(asked("extend_mission", ends_on=None)).then_done()
    assert open_ended.network.mission("M-1").last_on is None


@pytest.mark.parametrize("ends_on", ["2026-06-30", "2026-06-29"])
def test_an_extension_that_extends_nothing_is_refused(ends_on: str) -> None:
    signed().when(asked("extend_mission", ends_on=ends_on)).then_rejected(NotAnExtension)


def test_an_open_ended_mission_cannot_be_extended() -> None:
    signed(ends_on=None).when(asked("extend_mission")).then_rejected(NotAnExtension)


def test_an_extension_s_letter_is_signed() -> None:
    signed().when(asked("extend_mission", letter={"signed_on": "2026-04-01"})).then_rejected(InTheFuture)


def test_there_is_no_extension_once_a_stop_is_decided() -> None:
    signed().given(asked("stop_mission", on="2026-04-15")).when(asked("extend_mission")).then_rejected(MissionIsStopped)


def test_a_mission_s_last_date_is_its_stop_or_its_end() -> None:
    assert signed().network.mission("M-1").last_on == on("2026-06-30")
    assert signed().given(asked("stop_mission")).network.mission("M-1").last_on == on("2026-03-20")


def test_a_day_after_an_extension_is_taken() -> None:
    late = asked("deliver_day", date="2026-07-01")
    scenario = running().given(asked("extend_mission")).on(on("2026-07-01"))
    (event,) = scenario.when(late).then_done().events
    assert isinstance(event, DayDelivered)
