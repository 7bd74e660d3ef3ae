"""What stands in the way is said in words that somebody can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.event import CommandRejected


@contextmanager
def refusing(why: type[CommandRejected], *names: str) -> Iterator[None]:
    """That very fact stands in the way, and its words name these things."""
    with pytest.raises(why) as caught:
        yield
    rejection = caught.value
    assert rejection.detail
    assert [name for name in names if name not in rejection.detail] == []
