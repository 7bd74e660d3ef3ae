"""Billing over a whole network: what each decision reads, and what it changes elsewhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.billing.account import Account, account_of
from domain.billing.credit_notes import IssueCreditNote
from domain.billing.decider import decide, needs
from domain.billing.events import CreditEffect, InvoiceIssued, PartyDetails, PaymentRecorded
from domain.billing.invoicing import IssueInvoices
from domain.billing.payments import (
    AllocatePayment,
    DeallocatePayment,
    Payment,
    RecordPayment,
    RecordRefund,
    StatedAllocation,
    WithdrawPayment,
)
from domain.billing.rejections import IssuedOnGoesBackwards, OverAllocated, UnknownInvoice
from domain.billing.series import invoice_tag
from domain.event import Command
from domain.facts import Facts, Needs
from domain.mission.contract import AmendMission, SignMission
from domain.mission.days import DeliverDay, WithdrawDay
from domain.mission.events import ReviewEvery
from domain.mission.objectives import SetObjective, StatedIndicator
from domain.mission.rejections import CadreOverbooked, DayAlreadyInvoiced
from domain.party.cadres import RegisterCadre
from domain.party.clients import CorrectClient, RegisterClient, StatedDirigeant
from domain.party.events import Registration, RegistrationScheme
from domain.party.identity import StatedRegistration
from domain.party.issuers import RegisterIssuer
from domain.rejections import AlreadyExists, UnknownClient
from domain.values import Currency, DayRate, Function, Letter, Money, Rhythm, Scope, Terms
from tests.domain.billing.ledger import on, terms, tgc
from tests.scenario import Network, Scenario


def client(client_id: str) -> RegisterClient:
    return RegisterClient(
        client_id=client_id,
        name=f"Menuiserie {client_id}",
        registration=StatedRegistration(scheme=RegistrationScheme.RIDET, number="1234567.001"),
        address="84 rue de la Mission, 98800 Nouméa",
        dirigeant=StatedDirigeant(name="Anne", email="anne@example.nc"),
    )


def letter(mission_id: str, client_id: str, agreed: Terms) -> SignMission:
    return SignMission(
        mission_id=mission_id,
        client_id=client_id,
        cadre_id="C-001",
        function=Function.FINANCE,
        title="Direction financière",
        scope=Scope(responsibilities=("Trésorerie",)),
        letter=Letter(signed_on=on("2026-02-20")),
        starts_on=on("2026-03-01"),
        rhythm=Rhythm(half_days_per_week=4),
        terms=agreed,
        review_every=ReviewEvery.MONTHLY,
    )


def objective() -> SetObjective:
    return SetObjective(
        objective_id="O-1",
        statement="Encaisser plus tôt",
        indicator=StatedIndicator(name="Délai", unit="jours", source="Grand livre"),
        baseline=Decimal(60),
        target=Decimal(30),
        due_on=on("2026-12-31"),
        set_on=on("2026-03-01"),
    )


def day(day_id: str, text: str) -> DeliverDay:
    return DeliverDay(day_id=day_id, date=on(text), quantity=Decimal(1), summary="Clôture")


def agreed(rate: str = "100000", issuer_id: str = "network") -> Terms:
    stated = terms(DayRate(rate=Decimal(rate)), issuer_id=issuer_id)
    return stated.model_copy(update={"approval_required": False})


@pytest.fixture
def billed() -> Scenario:
    """M-1 and M-2 at E-1, M-3 at E-2 through a cadre's company; M-1 and M-3 worked in March, all is billed in April."""
    network = Network(today=date(2026, 4, 3))
    company = RegisterIssuer(
        issuer_id="I-001",
        name="Anne EURL",
        registration=StatedRegistration(scheme=RegistrationScheme.RIDET, number="7654321.001"),
        address="12 rue du Port, 98800 Nouméa",
        tax_number="TGC-42",
        iban="FR7630006000011234567890189",
    )
    cadre = RegisterCadre(cadre_id="C-001", name="Anne", email="anne@example.nc", functions=(Function.FINANCE,))
    scenario = Scenario(network).given(client("E-1"), client("E-2"), cadre, company, mission=None)
    for mission_id, client_id, stated in (
        ("M-1", "E-1", agreed()),
        ("M-2", "E-1", agreed()),
        ("M-3", "E-2", agreed(issuer_id="I-001")),
    ):
        scenario.given(letter(mission_id, client_id, stated), objective(), mission=mission_id)
    scenario.given(day("D-1", "2026-03-03"), day("D-2", "2026-03-04"), mission="M-1")
    scenario.given(day("D-3", "2026-03-05"), mission="M-3")
    return scenario.given(run(), mission=None)


def run(client_id: str | None = None) -> IssueInvoices:
    return IssueInvoices(month="2026-03", issued_on=on("2026-04-03"), client_id=client_id)


def account(scenario: Scenario, number: str) -> Account:
    found = account_of(each.event for each in scenario.network.tags[invoice_tag(number)])
    assert found is not None
    return found


def xpf(amount: int) -> Money:
    return Money(amount=Decimal(amount), currency=Currency.XPF)


def credit(effect: CreditEffect, *days: str) -> IssueCreditNote:
    return IssueCreditNote(
        invoice_number="F-2026-00001", issued_on=on("2026-04-03"), reason="Erreur", day_ids=days or None, effect=effect
    )


def read_by(scenario: Scenario, command: Command) -> tuple[set[str], set[str]]:
    facts = scenario.network.facts_for(command)
    asked = needs(command, facts)
    assert asked == Needs(frozenset(facts.streams), frozenset(facts.tags))
    return set(asked.streams), set(asked.tags)


def test_a_run_reads_all_missions_signed_their_parties_and_series(billed: Scenario) -> None:
    assert read_by(billed, run()) == (
        {
            *("mission:M-1", "mission:M-2", "mission:M-3", "client:E-1", "client:E-2"),
            *("issuer:network", "issuer:I-001", "invoices:network:2026", "invoices:I-001:2026"),
        },
        {"mission"},
    )


def test_a_run_for_one_client_reads_that_clients_missions_alone(billed: Scenario) -> None:
    assert read_by(billed, run("E-2")) == (
        {"mission:M-3", "client:E-2", "issuer:I-001", "invoices:I-001:2026"},
        {"client:E-2"},
    )
    assert read_by(billed, run("E-9")) == ({"client:E-9"}, {"client:E-9"})


def test_a_credit_note_reads_its_invoice_the_missions_on_it_and_its_series(billed: Scenario) -> None:
    assert read_by(billed, credit(CreditEffect.WITHDRAW)) == (
        {"mission:M-1", "credit-notes:network:2026"},
        {"invoice:F-2026-00001"},
    )


def test_a_payment_reads_the_invoices_that_it_may_pay(billed: Scenario) -> None:
    arrived = RecordPayment(payment_id="P-1", received_on=on("2026-04-03"), amount=xpf(212000), payer="E-1")
    named = arrived.model_copy(update={"payer": "Menuiserie", "reference": "F-2026-00001 ou F-2026-00007"})
    assert read_by(billed, arrived) == ({"payment:P-1", "client:E-1"}, {"payer:E-1", "invoice:F-2026-00001"})
    assert read_by(billed, named) == (
        {"payment:P-1", "client:Menuiserie"},
        {"payer:Menuiserie", "invoice:F-2026-00001", "invoice:F-2026-00007"},
    )


def test_a_payment_without_a_payers_id_reads_no_client(billed: Scenario) -> None:
    unnamed = RecordPayment(payment_id="P-1", received_on=on("2026-04-03"), amount=xpf(212000))
    assert read_by(billed, unnamed) == ({"payment:P-1"}, set())
    assert read_by(billed, unnamed.model_copy(update={"payer": "Menuiserie du Nord"})) == ({"payment:P-1"}, set())


def test_what_undoes_a_payment_reads_the_invoices_that_it_paid(billed: Scenario) -> None:
    withdrawal = WithdrawPayment(payment_id="P-1", reason="Saisi deux fois")
    refund = RecordRefund(refund_id="R-1", invoice_number="F-2026-00001", amount=xpf(1), paid_on=on("2026-04-03"))
    assert read_by(billed, withdrawal) == ({"payment:P-1"}, set())
    billed.given(RecordPayment(payment_id="P-1", received_on=on("2026-04-03"), amount=xpf(212000), payer="E-1"))
    assert read_by(billed, withdrawal) == ({"payment:P-1"}, {"invoice:F-2026-00001"})
    assert read_by(billed, refund) == ({"payment:R-1"}, {"invoice:F-2026-00001"})


def test_an_invoice_freezes_what_its_parties_are_called(billed: Scenario) -> None:
    billed.given(CorrectClient(client_id="E-1", name="Menuiserie du Nord"), day("D-4", "2026-03-06"), run())
    first, second = (
        event
        for event in (recorded.event for recorded in billed.network.recorded)
        if isinstance(event, InvoiceIssued) and event.client_id == "E-1"
    )
    assert (first.client.name, second.client.name) == ("Menuiserie E-1", "Menuiserie du Nord")
    assert first.issuer == PartyDetails(party_id="network")  # which states no details of its own
    assert first.client == PartyDetails(
        party_id="E-1",
        name="Menuiserie E-1",
        registration=Registration(scheme=RegistrationScheme.RIDET, number="1234567.001"),
        address="84 rue de la Mission, 98800 Nouméa",
    )


def test_a_cadres_company_stands_on_its_own_invoices(billed: Scenario) -> None:
    assert account(billed, "F-I-001-2026-00001").invoice.issuer == PartyDetails(
        party_id="I-001",
        name="Anne EURL",
        registration=Registration(scheme=RegistrationScheme.RIDET, number="7654321.001"),
        address="12 rue du Port, 98800 Nouméa",
        tax_number="TGC-42",
        iban="FR7630006000011234567890189",
    )


def test_a_run_for_a_client_that_is_not_there_is_refused(billed: Scenario) -> None:
    billed.when(run("E-9")).then_rejected(UnknownClient)


def test_a_run_for_one_client_bills_that_client_alone(billed: Scenario) -> None:
    billed.given(day("D-4", "2026-03-06")).given(day("D-5", "2026-03-07"), mission="M-3").given(run("E-1"))
    assert account(billed, "F-2026-00002").invoice.client_id == "E-1"
    assert "invoice:F-I-001-2026-00002" not in billed.network.tags


def test_documents_of_a_series_are_numbered_and_dated_in_order(billed: Scenario) -> None:
    billed.given(credit(CreditEffect.WITHDRAW, "D-1"), credit(CreditEffect.WITHDRAW, "D-2"))
    assert [each.credit_note_number for each in account(billed, "F-2026-00001").credit_notes] == [
        "A-2026-00001",
        "A-2026-00002",
    ]
    earlier = run().model_copy(update={"issued_on": on("2026-04-02")})
    billed.given(day("D-4", "2026-03-06")).when(earlier).then_rejected(IssuedOnGoesBackwards)


def test_an_id_names_one_payment_or_refund_of_the_network(billed: Scenario) -> None:
    number = "F-2026-00001"
    payment = RecordPayment(payment_id="P-1", received_on=on("2026-04-03"), amount=xpf(212001), reference=number)
    refund = RecordRefund(refund_id="P-1", invoice_number=number, amount=xpf(1), paid_on=on("2026-04-03"))
    billed.given(payment).when(payment).then_rejected(AlreadyExists)
    billed.when(refund).then_rejected(AlreadyExists)


def test_a_second_run_bills_nothing(billed: Scenario) -> None:
    billed.when(run()).then()


def test_an_invoice_that_is_not_there_is_not_credited(billed: Scenario) -> None:
    unknown = credit(CreditEffect.WITHDRAW).model_copy(update={"invoice_number": "F-2026-00009"})
    billed.when(unknown).then_rejected(UnknownInvoice)


def test_an_invoiced_day_is_withdrawn_by_a_credit_note_only(billed: Scenario) -> None:
    billed.when(WithdrawDay(day_id="D-1", reason="Erreur")).then_rejected(DayAlreadyInvoiced)


def test_credited_time_is_free_to_be_delivered_anew(billed: Scenario) -> None:
    anew = day("D-9", "2026-03-03")
    billed.when(anew, mission="M-2").then_rejected(CadreOverbooked)
    billed.given(credit(CreditEffect.WITHDRAW, "D-1")).when(anew, mission="M-2").then_done()


def test_time_that_is_to_be_billed_again_is_not_free(billed: Scenario) -> None:
    billed.given(credit(CreditEffect.REBILL)).when(day("D-9", "2026-03-03"), mission="M-2").then_rejected(
        CadreOverbooked
    )


def test_what_is_billed_again_follows_the_terms_in_force_then(billed: Scenario) -> None:
    cheaper = AmendMission(
        effective_on=on("2026-03-04"),
        letter=Letter(signed_on=on("2026-03-02")),
        terms=agreed("90000"),
        reason="Remise",
    )
    billed.given(credit(CreditEffect.REBILL), cheaper, run())
    assert account(billed, "F-2026-00002").invoice.net == 190000


def test_money_comes_is_moved_given_back_and_withdrawn(billed: Scenario) -> None:
    number, elsewhere = "F-2026-00001", "F-I-001-2026-00001"
    billed.given(RecordPayment(payment_id="P-1", received_on=on("2026-04-03"), amount=xpf(212000), payer="E-1"))
    assert account(billed, number).outstanding == 0
    billed.given(
        DeallocatePayment(payment_id="P-1", invoice_number=number, amount=xpf(100000), reason="Mauvaise facture"),
        AllocatePayment(
            payment_id="P-1", allocations=(StatedAllocation(invoice_number=elsewhere, amount=xpf(100000)),)
        ),
    )
    assert account(billed, number).outstanding == account(billed, elsewhere).paid == 100000
    billed.given(credit(CreditEffect.WITHDRAW))
    refund = RecordRefund(refund_id="R-1", invoice_number=number, amount=xpf(112000), paid_on=on("2026-04-03"))
    billed.given(refund).when(refund.model_copy(update={"refund_id": "R-2"})).then_rejected(OverAllocated)
    assert account(billed, number).outstanding == account(billed, number).paid == 0
    billed.given(WithdrawPayment(payment_id="P-1", reason="Saisi deux fois"))
    assert account(billed, elsewhere).paid == 0
    payment = billed.network.states["payment:P-1"]
    assert isinstance(payment, Payment)
    assert payment.waiting == 0


def test_a_payment_of_somebody_unknown_waits(billed: Scenario) -> None:
    stranger = RecordPayment(payment_id="P-1", received_on=on("2026-04-03"), amount=xpf(212000), payer="E-9")
    billed.given(stranger)
    payment = billed.network.states["payment:P-1"]
    assert isinstance(payment, Payment)
    assert payment.waiting == 212000
    recorded = billed.network.recorded[-1].event
    assert isinstance(recorded, PaymentRecorded)
    assert recorded.client_id is None


def test_a_payment_knows_the_client_whose_id_its_payer_is(billed: Scenario) -> None:
    billed.given(RecordPayment(payment_id="P-1", received_on=on("2026-04-03"), amount=xpf(5), payer=" E-1 "))
    recorded = billed.network.recorded[-1].event
    assert isinstance(recorded, PaymentRecorded)
    assert recorded.client_id == "E-1"


def test_billing_answers_its_own_commands_alone(billed: Scenario) -> None:
    with pytest.raises(TypeError, match="register_client is no command of billing"):
        needs(client("E-9"), Facts())
    with pytest.raises(TypeError, match="register_client is no command of billing"):
        decide(client("E-9"), Facts(), billed.network.context)


def test_taxed_work_is_taxed_at_the_rate_agreed(billed: Scenario) -> None:
    (tax,) = account(billed, "F-2026-00001").invoice.taxes
    assert tax.rate == tgc().rate
    assert tax.tax == 12000
