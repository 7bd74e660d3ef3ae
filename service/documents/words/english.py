"""The words of the field in English, as documents print them."""

from __future__ import annotations

WORDS = {
    "erased": "erased",
}
