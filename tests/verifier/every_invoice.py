"""A journal after which the product has issued every kind of invoice and credit note that it can."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]
DAILY, DEARER = {"kind": "day_rate", "rate": "85000"}, {"kind": "day_rate", "rate": "90001"}
BY_THE_HOUR = {"kind": "hourly", "rate": "12345"}
RETAINER = {"kind": "retainer", "monthly": "600001", "included_days": "2.5", "extra_day_rate": "80000"}
MORE = {"kind": "retainer", "monthly": "700003", "included_days": "4", "extra_day_rate": "75000"}
FREE_BEYOND = {"kind": "retainer", "monthly": "500000", "included_days": "1", "extra_day_rate": "0"}
IN_EUROS = {"kind": "day_rate", "rate": "650.55"}
NO_TAX = {"scheme": "none", "rate": "0"}


def terms(billing: Data, tax: Data, currency: str = "XPF", **more: Any) -> Data:
    agreed = {"issuer_id": "network", "currency": currency, "billing": billing, "tax": tax, "payment_days": 30}
    return agreed | {"approval_required": True} | more


def tgc(rate: str) -> Data:
    return {"scheme": "TGC", "rate": rate}


def tva(rate: str) -> Data:
    return {"scheme": "TVA", "rate": rate}


@dataclass
class Writing:
    """A journal as it grows, line by line."""

    lines: list[bytes] = field(default_factory=list)
    at: str = "2026-06-15T08:00:00+11:00"

    def does(self, command: str, mission: str | None = None, **data: Any) -> None:
        line = {"id": f"every-{len(self.lines)}", "command": command, "at": self.at, "data": data}
        named = {} if mission is None else {"mission": mission}
        self.lines.append(json.dumps(line | named | {"by": {"role": "network_admin", "id": "reseau"}}).encode())

    def mission(
        self,
        name: str,
        client: str,
        agreed: Data,
        starts_on: str = "2026-01-05",
        function: str = "finance",
        **more: Any,
    ) -> None:
        """A mission with a cadre of its own, so that no date is taken twice."""
        cadre = f"C-{name}"
        self.does("register_cadre", cadre_id=cadre, name="Ève Poama", email="eve@example.nc", functions=[function])
        scope = {"responsibilities": ["Trésorerie"], "kept_in_house": [], "excluded": []}
        signed: Data
        letter, rhythm = {"signed_on": "2026-01-02"}, {"half_days_per_week": 4}
        signed = {"mission_id": name, "client_id": client, "cadre_id": cadre, "function": function, "scope": scope}
        signed |= {"title": "Finances", "letter": letter, "starts_on": starts_on, "rhythm": rhythm, "terms": agreed}
        self.does("sign_mission", **signed, **more, review_every="monthly")
        indicator = {"name": "Délai", "unit": "jours", "source": "grand livre"}
        objective = {"objective_id": "O-1", "statement": "Clôturer plus tôt", "indicator": indicator}
        dates = {"set_on": "2026-01-05", "due_on": "2026-12-31"}
        self.does("set_objective", name, **objective, baseline="20", target="5", **dates)

    def days(self, mission: str, *written: str) -> None:
        """Days as `2026-03-02 0.5`, known by mission and date."""
        for day_id, date, quantity in ((f"{mission}-{text[5:10]}", *text.split()) for text in written):
            self.does("deliver_day", mission, day_id=day_id, date=date, quantity=quantity, summary="Budget")

    def approves(self, mission: str, *months: str) -> None:
        for month in months:
            self.does("approve_days", mission, month=month)

    def amends(self, mission: str, effective_on: str, agreed: Data | None) -> None:
        """Other terms from a date on, or, without any, another rhythm."""
        letter = {"signed_on": "2026-01-03"}
        changed = {"rhythm": {"half_days_per_week": 5}} if agreed is None else {"terms": agreed}
        self.does("amend_mission", mission, effective_on=effective_on, letter=letter, reason="Convenu", **changed)

    def spends(self, mission: str, expense_id: str, date: str, amount: str, currency: str) -> None:
        spent = {"amount": amount, "currency": currency}
        self.does("record_expense", mission, expense_id=expense_id, date=date, amount=spent, label="Avion")

    def bills(self, month: str, issued_on: str) -> None:
        self.does("issue_invoices", month=month, issued_on=issued_on)

    def credits(self, invoice: str, issued_on: str, effect: str, *day_ids: str) -> None:
        days: Data = {"day_ids": list(day_ids)} if day_ids else {}
        note: Data = {"invoice_number": invoice, "issued_on": issued_on, "reason": "Erreur", "effect": effect}
        self.does("issue_credit_note", **note, **days)


def journal() -> list[bytes]:
    """Day rates, hours, retainers; XPF and EUR; TGC, TVA and none; what is caught up, credited and billed again."""
    it = Writing()
    for client in ("E-1", "E-2", "E-3", "E-4"):
        dirigeant = {"name": "Marie Wamytan", "email": "marie@example.nc"}
        it.does("register_client", client_id=client, name="Le Port", address="1 quai Jules-Ferry", dirigeant=dirigeant)
    registration = {"scheme": "SIREN", "number": "123456782"}
    it.does("register_issuer", issuer_id="EURL", name="Poama", registration=registration, address="2 rue de Rome")
    for part in (_day_rates, _hours, _retainers, _euros, _exempt, _billed, _corrected):
        part(it)
    return it.lines


def _day_rates(it: Writing) -> None:
    """The rate and its tax change in the middle of March; a day is withdrawn, one disputed and settled, one late."""
    it.mission("DAY", "E-1", terms(DAILY, tgc("6")))
    it.days("DAY", "2026-01-06 1", "2026-01-07 0.5", "2026-01-08 1", "2026-01-09 1", "2026-01-12 1")
    it.does("withdraw_day", "DAY", day_id="DAY-01-09", reason="Erreur")
    it.does("dispute_day", "DAY", day_id="DAY-01-08", reason="Vu personne")
    it.does("approve_days", "DAY", day_ids=["DAY-01-06", "DAY-01-07"])
    it.does("settle_dispute", "DAY", day_id="DAY-01-08", outcome="approved", note="Vu ensemble")
    it.spends("DAY", "X-1", "2026-01-20", "45210", "XPF")
    it.spends("DAY", "X-0", "2026-01-21", "999", "XPF")
    it.does("withdraw_expense", "DAY", expense_id="X-0", reason="Erreur")
    it.amends("DAY", "2026-03-11", terms(DEARER, tgc("11")))
    it.amends("DAY", "2026-03-12", None)
    it.days("DAY", "2026-03-10 1", "2026-03-11 0.5", "2026-03-12 1", "2026-03-13 0.5")


def _hours(it: Writing) -> None:
    """Hours need no approval here, stand on one invoice with DAY, and are due sooner."""
    it.mission("HOUR", "E-1", terms(BY_THE_HOUR, tgc("6"), approval_required=False, payment_days=15), function="sales")
    it.days("HOUR", "2026-01-06 0.25", "2026-01-07 1.75", "2026-01-08 8", "2026-03-03 2.5")


def _retainers(it: Writing) -> None:
    """Begun in mid-month, paused, changed in mid-month, extended, stopped; included days run out in mid-day."""
    it.mission("KEEP", "E-2", terms(RETAINER, tgc("6")), starts_on="2026-01-13")
    it.days("KEEP", "2026-01-13 1", "2026-01-14 0.5", "2026-01-15 0.5", "2026-01-16 1", "2026-01-19 1")
    it.does("pause_mission", "KEEP", from_on="2026-02-10", reason="Congés")
    it.does("resume_mission", "KEEP", on="2026-02-24")
    it.amends("KEEP", "2026-03-16", terms(MORE, tgc("3")))
    it.days("KEEP", "2026-02-03 1", "2026-03-03 1", "2026-03-17 1", "2026-03-18 1", "2026-03-19 1", "2026-03-20 1")
    it.does("stop_mission", "KEEP", on="2026-04-21", decided_by="both", reason="Fin")
    it.mission("FREE", "E-2", terms(FREE_BEYOND, tgc("6")), ends_on="2026-02-20")
    it.does("extend_mission", "FREE", ends_on=None, letter={"signed_on": "2026-01-04"})
    it.days("FREE", "2026-01-06 0.5", "2026-01-07 1")


def _euros(it: Writing) -> None:
    """In euros with TVA, where half a day is worth half a cent; a cadre's own company invoices as well."""
    it.mission("EURO", "E-3", terms(IN_EUROS, tva("20"), "EUR", payment_days=45))
    it.days("EURO", "2026-01-06 0.5", "2026-01-07 0.5", "2026-01-08 0.5")
    it.spends("EURO", "X-2", "2026-01-09", "12.34", "EUR")
    it.mission("OWN", "E-3", terms(IN_EUROS, tva("5.5"), "EUR", issuer_id="EURL"))
    it.days("OWN", "2026-01-06 0.5")


def _exempt(it: Writing) -> None:
    """Without tax, for a reason; and on one invoice with work that is taxed."""
    it.mission("BARE", "E-4", terms(DAILY, NO_TAX | {"exemption_reason": "Franchise en base"}))
    it.days("BARE", "2026-01-06 1", "2026-01-07 1")
    it.mission("TAXED", "E-4", terms(DEARER, tgc("22"), approval_required=False))
    it.days("TAXED", "2026-01-06 0.5", "2026-01-07 1")
    it.mission("OPEN", "E-4", terms(DAILY, tgc("22"), approval_required=False))
    it.days("OPEN", "2026-01-08 1")


def _billed(it: Writing) -> None:
    for mission in ("KEEP", "FREE", "EURO", "OWN", "BARE"):
        it.approves(mission, "2026-01")
    it.bills("2026-01", "2026-01-31")
    it.does("approve_days", "DAY", day_ids=["DAY-01-12"])
    it.approves("KEEP", "2026-02")
    it.bills("2026-02", "2026-02-28")
    it.approves("DAY", "2026-03")
    it.approves("KEEP", "2026-03")
    it.bills("2026-03", "2026-04-02")
    it.bills("2026-04", "2026-05-02")


def _corrected(it: Writing) -> None:
    """Days taken back, then all that was left; days and a whole invoice billed again, under terms that changed."""
    it.credits("F-2026-00001", "2026-05-03", "withdraw", "DAY-01-06", "HOUR-01-07")
    it.credits("F-2026-00001", "2026-05-04", "withdraw", "HOUR-01-06", "HOUR-01-08", "DAY-01-07")
    it.credits("F-2026-00001", "2026-05-05", "rebill")
    it.credits("F-2026-00002", "2026-05-05", "withdraw", "KEEP-01-13")
    for day_id in ("EURO-01-06", "EURO-01-07", "EURO-01-08"):
        it.credits("F-2026-00003", "2026-05-05", "withdraw", day_id)
    it.credits("F-2026-00003", "2026-05-05", "withdraw")
    it.credits("F-EURL-2026-00001", "2026-05-05", "withdraw", "OWN-01-06")
    it.credits("F-2026-00004", "2026-05-05", "rebill", "TAXED-01-06", "OPEN-01-08")
    it.credits("F-2026-00004", "2026-05-05", "withdraw", "TAXED-01-07")
    it.credits("F-2026-00004", "2026-05-05", "withdraw")
    it.amends("OPEN", "2026-01-06", terms(DEARER, tgc("11")))
    it.credits("F-2026-00006", "2026-05-05", "rebill")
    it.credits("F-2026-00009", "2026-05-05", "withdraw")
    it.bills("2026-05", "2026-05-31")
