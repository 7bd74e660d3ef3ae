"""A body says that it is JSON, and is an object."""

from __future__ import annotations

import pytest

from service.http.body import parse_object
from service.http.problems import Problem


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null", b"true", b"{"])
def test_a_body_is_an_object(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        parse_object(body)

    assert refused.value.status == 422
