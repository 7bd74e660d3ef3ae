"""What the operator chooses: read once from the environment, or from files of the same names under /run/secrets."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.calendar import WorkingCalendar
from projections.network.signals import Thresholds

SECRETS = Path("/run/secrets")


def default_data_dir() -> Path:
    """The platform's folder for a user's data; for root one that the database's own user may enter."""
    return (
        Path("/var/lib/relais")
        if os.name == "posix" and os.geteuid() == 0
        else user_data_path("relais", appauthor=False)
    )


class Settings(BaseSettings):
    """Everything that can be set, each as an environment variable that starts with `RELAIS_`."""

    model_config = SettingsConfigDict(
        env_prefix="RELAIS_",
        env_ignore_empty=True,
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
    )

    database_url: SecretStr | None = None
    """Where history and read models are: a `postgresql://` URL of the application's role. Left out: an embedded one."""

    database_owner_url: SecretStr | None = None
    """The same database for the role that owns the tables. Needed by migrations, used by nothing else."""

    keys_database_url: SecretStr | None = None
    """Where the keys of personal data are: another database, backed up apart from history, so that forgetting lasts."""

    keys_database_owner_url: SecretStr | None = None
    """The database of the keys for the role that owns its tables. Used by migrations only."""

    sealer_database_url: SecretStr | None = None
    """History for the role that seals it, `relais_sealer`. Left out on a server that others run: nothing is sealed."""

    sealer_keys_database_url: SecretStr | None = None
    """The database of the keys for the role that seals history. It reads what blinds events, and opens no word."""

    data_dir: Path = Field(default_factory=default_data_dir)
    """Where the embedded PostgreSQL keeps its data between runs. Left out: the platform's folder for a user's data."""

    origin: str = "relais.localhost/log"
    """The log's name in every checkpoint: an address of the network's own without `https://`, chosen once for ever."""

    proof_dir: Path | None = None
    """Where the log's keys, policy and last signed head lie, outside the databases. Left out: `proof` in the data."""

    seal_every: float = Field(default=1.0, gt=0, le=60)
    """Seconds between two looks for events that are not sealed yet."""

    timezone: str = "Pacific/Noumea"
    """The network's time zone, as the IANA names it. It says which date it is today."""

    holidays: str = "FR-NC"
    """The territory whose public holidays are not worked, as an ISO 3166 code."""

    chart_of_accounts: Path | None = None
    """The network's own chart of accounts for the journals, as TOML. Left out: the one that Relais brings."""

    alert_no_day_intervals: Annotated[int, Field(ge=1, le=52)] = 2
    """A mission without a day is told after so many intervals of its rhythm (signal faible)."""

    alert_no_day_days: Annotated[int, Field(ge=1, le=366)] = 10
    """The least number of days without a day after which that is told, however dense the rhythm."""

    alert_review_overdue_days: Annotated[int, Field(ge=0, le=366)] = 7
    """So many days after the date it was due, a review that was not held is told."""

    alert_unmeasured_days: Annotated[int, Field(ge=1, le=366)] = 45
    """An open objective is told after so many days without a measurement."""

    alert_awaiting_approval_days: Annotated[int, Field(ge=0, le=366)] = 10
    """Delivered days are told once they have waited so many days for the client's approval."""

    alert_dispute_open_days: Annotated[int, Field(ge=0, le=366)] = 7
    """A disputed day is told after so many days without an answer."""

    alert_invoice_late_days: Annotated[int, Field(ge=1, le=366)] = 1
    """An invoice with something outstanding is told so many days after it was due."""

    alert_cadre_leaving_days: Annotated[int, Field(ge=0, le=366)] = 30
    """A cadre who leaves without a successor is told so many days before."""

    alert_letter_ending_days: Annotated[int, Field(ge=0, le=366)] = 30
    """A letter of engagement that ends without an extension is told so many days before."""

    alert_dependence_functions: Annotated[int, Field(ge=2, le=9)] = 3
    """A client with one cadre for so many functions or more is told."""

    working_days_per_year: int = Field(default=218, ge=1, le=366)
    """How many days a full-time person works in a year: what a mission is compared with a hire by."""

    @field_validator(
        "database_url",
        "database_owner_url",
        "keys_database_url",
        "keys_database_owner_url",
        "sealer_database_url",
        "sealer_keys_database_url",
    )
    @classmethod
    def _is_a_postgresql_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("write a URL that starts with postgresql://")
        return value

    @field_validator("origin")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        if not re.fullmatch(r"[^\s+]+", value) or "://" in value:
            raise ValueError("write an address without https://, spaces and plus signs, such as relais.example.nc/log")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("write an IANA time zone, such as Pacific/Noumea") from error
        return value

    @field_validator("holidays")
    @classmethod
    def _is_a_territory(cls, value: str) -> str:
        try:
            WorkingCalendar(value).is_working_day(date(2026, 1, 1))
        except NotImplementedError as error:
            raise ValueError("write an ISO 3166 code, such as FR-NC") from error
        return value

    @model_validator(mode="after")
    def _databases_come_in_pairs(self) -> Self:
        if (self.database_url is None) != (self.keys_database_url is None):
            raise ValueError("set RELAIS_DATABASE_URL and RELAIS_KEYS_DATABASE_URL together, or neither")
        if (self.database_owner_url is None) != (self.keys_database_owner_url is None):
            raise ValueError("set RELAIS_DATABASE_OWNER_URL and RELAIS_KEYS_DATABASE_OWNER_URL together, or neither")
        if (self.sealer_database_url is None) != (self.sealer_keys_database_url is None):
            raise ValueError("set RELAIS_SEALER_DATABASE_URL and RELAIS_SEALER_KEYS_DATABASE_URL together, or neither")
        return self

    @property
    def proof(self) -> Path:
        """Where the log's keys and its last signed head lie."""
        return self.proof_dir or self.data_dir / "proof"

    @property
    def thresholds(self) -> Thresholds:
        """After how many days each weak signal stands."""
        return Thresholds(**{name: getattr(self, f"alert_{name}") for name in Thresholds.__dataclass_fields__})

    @property
    def zone(self) -> ZoneInfo:
        """The network's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def calendar(self) -> WorkingCalendar:
        """The network's working days."""
        return WorkingCalendar(self.holidays)
