"""The reference is what the code says today, and leaves nothing out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.docs import reference

FOLDER = ROOT / "docs" / "reference"


@pytest.mark.parametrize(
    "page", [reference.events, reference.commands, reference.refusals, reference.settings, reference.http]
)
def test_a_page_is_what_the_code_says_today(page: Callable[[], str], golden: Callable[[Path, str], None]) -> None:
    golden(FOLDER / f"{page.__name__}.md", page())


def test_every_field_of_the_reference_has_a_known_kind() -> None:
    assert "any value" not in reference.events() + reference.commands()
