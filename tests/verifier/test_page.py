"""The page that a client opens says what the Python verifier says, without a network, in words, on a phone."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page

from tests.architecture.sources import ROOT
from tests.verifier.corpus import cases, extract_bundle, invoice_bundle, mission_bundle, world
from tests.verifier.making import file_of, policy
from tests.verifier.mutations import mutants
from verifier.relais_verify import Refused, verify

PAGE = ROOT / "verifier" / "relais-verify.html"
ASKED = """async (cases) => {
  const bytes_of = (text) => text === null ? null : Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const said = [];
  for (const each of cases) {
    try { said.push([null, await verify(...each.map(bytes_of))]); }
    catch (error) { said.push([error.code ?? String(error), null]); }
  }
  return said;
}"""


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


def said_by_page(page: Page, asked: list[tuple[bytes, bytes | None, bytes | None]]) -> list[Any]:
    encoded = [[None if each is None else b64encode(each).decode() for each in case] for case in asked]
    said: list[Any] = page.evaluate(ASKED, encoded)
    return said


def said_by_python(bundle: bytes, trusted: bytes | None, earlier: bytes | None) -> list[Any]:
    try:
        return [None, verify(bundle, trusted, earlier)]
    except Refused as refused:
        return [refused.code, None]


def test_both_verifiers_say_the_same_of_every_case(browser: Browser) -> None:
    asked = [(case.bundle, None if case.policy is None else case.policy.encode(), case.earlier) for case in cases()]
    with opened(browser) as page:
        answers = said_by_page(page, asked)
    for case, given, answer in zip(cases(), asked, answers, strict=True):
        assert answer == said_by_python(*given), case.name


def test_both_verifiers_accept_the_same_altered_bundles(browser: Browser) -> None:
    trusted = policy().encode()
    files = [
        *mutants(mission_bundle(since=world().sizes[0]), [extract_bundle()], 1500, seed=8),
        *mutants(extract_bundle(), [mission_bundle()], 500, seed=9),
        *mutants(invoice_bundle(), [mission_bundle()], 300, seed=10),
    ]
    with opened(browser) as page:
        answers = said_by_page(page, [(file, trusted, None) for file in files])
    for file, (code, statement) in zip(files, answers, strict=True):
        expected = said_by_python(file, trusted, None)
        assert (code is None, statement) == (expected[0] is None, expected[1])
    assert any(code is None for code, _ in answers)


def shown(page: Page, name: str, content: bytes) -> None:
    page.set_input_files(f"#{name}", FilePayload(name=name, mimeType="application/octet-stream", buffer=content))


@pytest.mark.parametrize(
    ("trusted", "color", "words"),
    [
        (policy(), "green", "attestée par 3 témoin(s) sur 3"),
        (policy("none"), "amber", "sans témoin"),
        (None, "amber", "rien de plus"),
        (policy("all") + "nonsense", "red", "politique de confiance est illisible"),
    ],
)
def test_the_verdict_is_said_in_words_and_in_a_colour(
    browser: Browser, trusted: str | None, color: str, words: str
) -> None:
    with opened(browser) as page:
        if trusted is not None:
            shown(page, "policy", trusted.encode())
        shown(page, "bundle", file_of(mission_bundle()))
        page.wait_for_selector(f"#verdict.{color}")
        assert words in page.inner_text("#verdict")


def test_a_dirigeant_reads_what_is_proven_and_what_is_not(browser: Browser) -> None:
    with opened(browser, locale="fr-FR", timezone_id="Pacific/Noumea") as page:
        shown(page, "policy", policy().encode())
        shown(page, "earlier", file_of(mission_bundle(size=world().sizes[0])))
        shown(page, "bundle", file_of(mission_bundle(since=world().sizes[0], erased=[(2, "/summary")])))
        page.wait_for_selector("#verdict.green")
        text = page.inner_text("#result")
        assert "Complète jusqu'au 1 avril 2026" in text
        assert "Temps livré" in text
        assert "effacé (dit le service) : /summary" in text
        assert "Prolonge la preuve que vous aviez gardée (2 événements inchangés)" in text
        assert "pas que c'est vrai" in text
        assert page.locator("tbody tr").count() == 4


def test_a_refusal_takes_the_place_of_everything_else(browser: Browser) -> None:
    with opened(browser) as page:
        shown(page, "policy", policy().encode())
        shown(page, "bundle", file_of(mission_bundle()))
        page.wait_for_selector("#verdict.green")
        shown(page, "bundle", file_of(mission_bundle())[:-1])
        page.wait_for_selector("#verdict.red")
        assert page.locator("table").count() == 0


def test_files_may_be_dropped_anywhere(browser: Browser) -> None:
    with opened(browser) as page:
        files = [["b.json", file_of(extract_bundle()).decode()], ["policy.txt", policy()]]
        page.evaluate(
            """(files) => {
              const given = new DataTransfer();
              for (const [name, text] of files) given.items.add(new File([text], name));
              const drop = new DragEvent("drop", {dataTransfer: given, bubbles: true, cancelable: true});
              document.body.dispatchEvent(drop);
            }""",
            files,
        )
        page.wait_for_selector("#verdict.green")
        assert "Extrait de la mission M-1" in page.inner_text("#verdict")


def test_a_browser_without_ed25519_says_so_and_passes_nothing(browser: Browser) -> None:
    with opened(browser) as page:
        page.evaluate(
            "() => { crypto.subtle.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError')); }"
        )
        shown(page, "policy", policy().encode())
        shown(page, "bundle", file_of(mission_bundle()))
        page.wait_for_selector("#verdict.red")
        assert "rien n'a été vérifié" in page.inner_text("#verdict")


@pytest.mark.parametrize(
    "file", [file_of(mission_bundle(erased=[(2, "/summary")])), b"{}"], ids=["accepted", "refused"]
)
def test_it_is_read_by_everybody_on_a_phone(browser: Browser, file: bytes) -> None:
    with opened(browser, viewport={"width": 390, "height": 844}) as page:
        shown(page, "bundle", file)
        page.wait_for_selector("#verdict")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        violations = Axe().run(page).response["violations"]
        assert not violations, json.dumps(violations, indent=1)


def test_what_an_event_says_is_text_and_never_markup(browser: Browser) -> None:
    log = type(world())("hostile")
    log.record(
        "mission:M", "mission.signed#1", {"mission_id": "M", "title": "<img src=x onerror=alert(1)>"}, ["/title"]
    )
    log.seal()
    with opened(browser) as page:
        shown(page, "bundle", file_of(log.bundle("mission", "M", histories=["mission:M"])))
        page.wait_for_selector("#verdict.amber")
        assert page.locator("img").count() == 0
        assert "<img src=x" in page.inner_text("#result")


def test_it_runs_its_own_script_and_style_and_nothing_else() -> None:
    """To change the page, put the hashes that this test asks for into its Content-Security-Policy."""
    text = PAGE.read_text(encoding="utf-8")
    for kind in ("script", "style"):
        (content,) = re.findall(f"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        wanted = f"{kind}-src 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
        assert wanted in text
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|url\(|import |fetch\(|XMLHttpRequest|innerHTML|eval\(", text)


def test_it_is_small_enough_to_be_read(tmp_path: Path) -> None:
    assert PAGE.read_text(encoding="utf-8").count("\n") <= 500
