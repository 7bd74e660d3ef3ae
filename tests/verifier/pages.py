"""The page of the verifier in a real browser, alone with what it is given."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, FilePayload, Page

from tests.architecture.sources import ROOT
from verifier.relais_facts import NotDerived
from verifier.relais_invoice import derive
from verifier.relais_verify import Refused, verify

PAGE = ROOT / "verifier" / "relais-verify.html"
Given = tuple[bytes, bytes | None, bytes | None]
"""A bundle, a policy, an earlier bundle."""
ASKED = """async (cases) => {
  const bytes_of = (text) => text === null ? null : Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const said = [];
  for (const each of cases) {
    try { said.push([null, await verify(...each.map(bytes_of))]); }
    catch (error) { said.push([error.code ?? String(error), null]); }
  }
  return said;
}"""
DERIVED = """(statements) => statements.map((each) => {
  const { differences, told } = derive(each);
  return [differences.map(({ code }) => code), told];
})"""


@contextmanager
def opened(browser: Browser, **how: Any) -> Iterator[Page]:
    """The page from its file, as a client opens it; it may not ask anybody for anything."""
    context = browser.new_context(**how)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(PAGE.as_uri())
    yield page
    assert asked == [PAGE.as_uri()]
    assert not troubles
    context.close()


def given(page: Page, name: str, content: bytes) -> None:
    """Hands the page a file: `bundle`, `policy` or `earlier`."""
    page.set_input_files(f"#{name}", FilePayload(name=name, mimeType="application/octet-stream", buffer=content))


def said_by_page(page: Page, asked: Sequence[Given]) -> list[Any]:
    """Of each case the code of the refusal, or the statement."""
    encoded = [[None if each is None else b64encode(each).decode() for each in case] for case in asked]
    said: list[Any] = page.evaluate(ASKED, encoded)
    return said


def said_by_python(bundle: bytes, trusted: bytes | None, earlier: bytes | None) -> list[Any]:
    """The same, from the other verifier."""
    try:
        return [None, verify(bundle, trusted, earlier)]
    except Refused as refused:
        return [refused.code, None]


def derived_by_page(page: Page, statements: Sequence[Any]) -> list[Any]:
    """Of each statement of an invoice the codes of all differences, and what follows where there is none."""
    derived: list[Any] = page.evaluate(DERIVED, list(statements))
    return derived


def derived_by_python(statement: Any) -> tuple[str | None, Any]:
    """The code of the first difference, or what follows."""
    try:
        return None, derive(statement)
    except NotDerived as missing:
        return missing.code, None
