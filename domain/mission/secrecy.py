"""What looks like a password or a key, and therefore must not be written where accesses are documented."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from domain.values import OptionalText, Text

ADVICE = "looks like a password or a key: write where the secret is kept, never the secret itself"


def looks_like_a_secret(text: str) -> bool:
    """Whether some word of a text is more likely a secret than the place where one is kept."""
    return any(pattern.search(text) for pattern in _KNOWN) or _is_told(text) or any(map(_is_secret, text.split()))


_KNOWN = tuple(
    re.compile(pattern)
    for pattern in (
        r"-----BEGIN [A-Z0-9 ]+-----",
        r"PuTTY-User-Key-File",
        r"AGE-SECRET-KEY-1",
        r"\botpauth://",
        r"\bA(KIA|SIA)[0-9A-Z]{8,}",  # AWS
        r"\bgh[oprsu]_\w{8,}",  # GitHub
        r"\bgithub_pat_\w{8,}",
        r"\bglpat-[\w-]{8,}",  # GitLab
        r"\bxox[a-z]-[\w-]{8,}",  # Slack
        r"\bhooks\.slack\.com/services/\w+/\w+",
        r"\b[prs]k_(live|test)_\w{8,}",  # Stripe
        r"\bsk-(?=\S*\d)[\w-]{8,}",  # OpenAI and those that spell theirs alike
        r"\bAIza[\w-]{20,}",  # Google
        r"\bya29\.[\w-]{8,}",
        r"\bnpm_\w{20,}",
        r"\bpypi-AgE\w+",
        r"\bSG\.[\w-]{8,}\.[\w-]{8,}",  # SendGrid
        r"\bhf_[A-Za-z]{20,}",
        r"\bdop_v1_\w{8,}",
        r"\bhvs\.\w{8,}",  # HashiCorp Vault
        r"\beyJ[\w-]{6,}",  # JSON in base64: a token
        r"(?i)\b(basic|bearer)\s+(?=\S*\d)(?=\S*[a-z])[\w+/=.~-]{12,}",
        r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/@:]+:[^\s/@]+@",  # a URL that carries a password
        r"(?i)\bhttps?://[^\s/@]+@",
        r"(?i)[?&#](access_token|api_?key|key|pass(word|wd)?|pwd|secret|sig(nature)?|token)=[^\s&]{4,}",
    )
)

_LABEL = (
    r"(?i)(?<![\w:/])(pass(word|wd|phrase|code)?|pwd|mots?\s+de\s+passe|mdp|(code\s+)?pin|code(\s+d['’]acc[eè]s)?"
    r"|secrets?|cl[eé](\s+(priv[eé]e|secr[eè]te|d['’]api|api|wifi))?|jeton|token"
    r"|(api|private|secret|access)[\s_-]?key|client[\s_-]?secret|aws_secret_access_key)"
)
_EQUAL = re.compile(_LABEL + r"\s*=\s*\S")
_SAID = re.compile(_LABEL + r"(\s*:|\s+(is|est))\s*(?P<said>\S+)")
_WEAK = frozenset({"admin", "azerty", "changeme", "letmein", "motdepasse", "password", "qwerty", "secret"})
_PLACE = re.compile(
    r"[A-Za-z]{1,6}([-.][A-Z0-9]+)+"  # a document's reference: DOC-2026-014
    r"|[a-z][a-z0-9+.-]*:.*"  # a link, into a vault or elsewhere
    r"|[^/\\]*[/\\].*"  # a path
    r"|[^/\\]*\.[A-Za-z]{2,4}"  # a file, a site
)


def _is_told(text: str) -> bool:
    """`password=…`, whatever follows; `mot de passe : …`, where what follows is neither a word nor a place."""
    return _EQUAL.search(text) is not None or any(_is_no_word(_bare(found["said"])) for found in _SAID.finditer(text))


def _is_no_word(said: str) -> bool:
    if said.lower() in _WEAK:
        return True
    return not _PLACE.fullmatch(said) and re.search(rf"\d|{_SIGN}", said) is not None


_SIGN = r"[!@#$%^*?~|<>{}\[\]`]"
"""A sign that passwords have inside, and words do not."""
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+|[^@\s]+@[^@\s]+\.[a-z]+")
"""A link or a mail address: told apart above."""


def _is_secret(word: str) -> bool:
    word = _bare(word)
    if _LINK.fullmatch(word):
        return False
    return _is_typed(word) or _is_base64(word) or any(map(_is_drawn, re.split(r"[/\\]", word)))


def _bare(word: str) -> str:
    """A word without the punctuation of its sentence, or the sign that makes it a channel's name."""
    return word.strip(".,;:()«»\"'’“”").lstrip("#@")


def _is_typed(word: str) -> bool:
    """`P@ssw0rd`, `Azerty123!`: a sign, and letters of both cases or a digit around it."""
    kinds = sum(re.search(kind, word) is not None for kind in ("[a-z]", "[A-Z]", r"\d"))
    return len(word) >= 8 and re.search(_SIGN, word) is not None and kinds >= 2


def _is_base64(word: str) -> bool:
    spelled = re.fullmatch(r"[A-Za-z0-9+][A-Za-z0-9+/]{30,}={0,2}", word) is not None
    return spelled and _is_mixed(word) and _length_of_chunks(word) < 3.5


def _is_drawn(word: str) -> bool:
    """Letters and digits that no word or number would put side by side: drawn by a machine."""
    parts = [part for part in re.split(r"[-_.+=]", word) if part]
    whole = "".join(parts)
    return any(map(_is_drawn_part, parts)) or (
        len(whole) >= 24
        and _is_mixed(whole)
        and _length_of_chunks(*parts) < 2.6
        and any(len(part) >= 8 and _length_of_chunks(part) < 3 for part in parts)
    )


def _is_drawn_part(part: str) -> bool:
    if not part.isascii() or not part.isalnum() or part.isdigit():
        return False
    if _is_mixed(part) and len(part) >= 10 and _length_of_chunks(part) <= 1.7:
        return True
    return len(part) >= 16 and not part.isalpha() and _length_of_chunks(part) < 3


def _is_mixed(word: str) -> bool:
    return all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", r"\d"))


def _length_of_chunks(*parts: str) -> float:
    """How long the words and numbers are, on average, that a text is made of: `Paie2026` is made of two."""
    chunks = [chunk for part in parts for chunk in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", part)]
    return sum(map(len, chunks)) / len(chunks)


def _no_secret(text: str) -> str:
    if looks_like_a_secret(text):
        raise ValueError(ADVICE)
    return text


OpenText = Annotated[Text, AfterValidator(_no_secret)]
"""Words that anybody who sees the mission may read: none that looks like a secret."""

OptionalOpenText = Annotated[OptionalText, AfterValidator(_no_secret)]
"""The same, which may be none."""
