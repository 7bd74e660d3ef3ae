"""The composition root: everything is wired here, from the settings down, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from service.settings import Settings
from service.trouble import Trouble


def read_settings() -> Settings:
    """The settings of this machine; a wrong one is named as the environment variable that it is."""
    try:
        return Settings()
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise Trouble("; ".join(f"{_variable(fault['loc'])}{_said(fault['msg'])}" for fault in faults)) from None


def _variable(loc: tuple[int | str, ...]) -> str:
    return f"RELAIS_{str(loc[0]).upper()}: " if loc else ""


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def demo_directory(settings: Settings) -> Path:
    """Where the demonstration keeps its data, apart from the network's own."""
    return settings.data_dir / "demo"
