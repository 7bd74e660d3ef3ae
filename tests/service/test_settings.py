"""What an operator sets is checked at the start, and a wrong setting says what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from domain.calendar import WorkingCalendar
from service.settings import Settings

PAIR = {
    "RELAIS_DATABASE_URL": "postgresql://relais_app:word-of-the-app@db/relais",
    "RELAIS_KEYS_DATABASE_URL": "postgresql://relais_app:word-of-the-app@db/relais_keys",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RELAIS_{name.upper()}", raising=False)


def test_nothing_has_to_be_set() -> None:
    settings = Settings()
    assert settings.database_url is None
    assert settings.zone.key == "Pacific/Noumea"
    assert settings.calendar == WorkingCalendar("FR-NC")
    assert settings.data_dir.name == "relais"


def test_a_folder_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_DATA_DIR", "/srv/relais")
    assert Settings().data_dir == Path("/srv/relais")


def test_a_password_is_shown_neither_in_a_log_nor_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PAIR.items():
        monkeypatch.setenv(name, value)
    assert "word-of-the-app" not in repr(Settings())
    monkeypatch.setenv("RELAIS_DATABASE_URL", "mysql://relais_app:word-of-the-app@db/relais")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "word-of-the-app" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("RELAIS_TIMEZONE", "Pacific/Atlantis", "Pacific/Noumea"),
        ("RELAIS_TIMEZONE", "../../etc/passwd", "Pacific/Noumea"),
        ("RELAIS_HOLIDAYS", "XX-YY", "FR-NC"),
        ("RELAIS_DATABASE_URL", "http://db/relais", "postgresql://"),
        ("RELAIS_DATABASE_URL", PAIR["RELAIS_DATABASE_URL"], "RELAIS_KEYS_DATABASE_URL"),
        ("RELAIS_DATABASE_OWNER_URL", PAIR["RELAIS_DATABASE_URL"], "RELAIS_KEYS_DATABASE_OWNER_URL"),
    ],
)
def test_a_wrong_setting_says_what_to_write(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=advice):
        Settings()


def test_every_setting_has_a_sentence() -> None:
    assert all(field.description for field in Settings.model_fields.values())
