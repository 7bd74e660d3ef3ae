"""The page that a client opens says what the Python verifier says, without a network, in words, on a phone."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.verifier import invoices
from tests.verifier.corpus import cases, extract_bundle, invoice_bundle, mission_bundle, world
from tests.verifier.making import file_of, policy
from tests.verifier.mutations import mutants
from tests.verifier.pages import PAGE, given, opened, said_by_page, said_by_python


def test_both_verifiers_say_the_same_of_every_case(browser: Browser) -> None:
    corpus = [*cases(), *invoices.cases()]
    asked = [(case.bundle, None if case.policy is None else case.policy.encode(), case.earlier) for case in corpus]
    with opened(browser) as page:
        answers = said_by_page(page, asked)
    for case, files, answer in zip(corpus, asked, answers, strict=True):
        assert answer == said_by_python(*files), case.name


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
            given(page, "policy", trusted.encode())
        given(page, "bundle", file_of(mission_bundle()))
        page.wait_for_selector(f"#verdict.{color}")
        assert words in page.inner_text("#verdict")


def test_a_dirigeant_reads_what_is_proven_and_what_is_not(browser: Browser) -> None:
    with opened(browser, locale="fr-FR", timezone_id="Pacific/Noumea") as page:
        given(page, "policy", policy().encode())
        given(page, "earlier", file_of(mission_bundle(size=world().sizes[0])))
        given(page, "bundle", file_of(mission_bundle(since=world().sizes[0], erased=[(2, "/summary")])))
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
        given(page, "policy", policy().encode())
        given(page, "bundle", file_of(mission_bundle()))
        page.wait_for_selector("#verdict.green")
        given(page, "bundle", file_of(mission_bundle())[:-1])
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
        given(page, "policy", policy().encode())
        given(page, "bundle", file_of(mission_bundle()))
        page.wait_for_selector("#verdict.red")
        assert "rien n'a été vérifié" in page.inner_text("#verdict")


@pytest.mark.parametrize(
    "file", [file_of(mission_bundle(erased=[(2, "/summary")])), b"{}"], ids=["accepted", "refused"]
)
def test_it_is_read_by_everybody_on_a_phone(browser: Browser, file: bytes) -> None:
    with opened(browser, viewport={"width": 390, "height": 844}) as page:
        given(page, "bundle", file)
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
        given(page, "bundle", file_of(log.bundle("mission", "M", histories=["mission:M"])))
        page.wait_for_selector("#verdict.amber")
        assert page.locator("img").count() == 0
        assert "<img src=x" in page.inner_text("#result")


def test_the_verdict_is_that_of_the_files_given_last(browser: Browser) -> None:
    """A slow check that ends after a later one does not put its verdict in the other's place."""
    with opened(browser) as page:
        page.evaluate(
            """() => {
              const quick = crypto.subtle.digest.bind(crypto.subtle);
              let slow = true;
              crypto.subtle.digest = async (...what) => {
                if (!slow) return quick(...what);
                slow = false;
                await new Promise((go) => setTimeout(go, 700));
                document.body.dataset.late = "";
                return quick(...what);
              };
            }"""
        )
        given(page, "bundle", file_of(mission_bundle()))
        given(page, "bundle", b"{}")
        page.wait_for_selector("#verdict.red")
        page.wait_for_selector("body[data-late]")
        page.wait_for_timeout(200)
        assert page.locator("#verdict.red").count() == 1


def test_it_runs_its_own_scripts_and_style_and_nothing_else() -> None:
    """To change the page, put the hashes that this test asks for into its Content-Security-Policy."""
    text = PAGE.read_text(encoding="utf-8")
    for kind in ("script", "style"):
        found = re.findall(f"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        hashes = [f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in found]
        assert f"{kind}-src {' '.join(hashes)};" in text
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|url\(|import |fetch\(|XMLHttpRequest|innerHTML|eval\(", text)


def test_it_is_small_enough_to_be_read() -> None:
    """Three chapters, each read in one sitting: the proof, the invoice, what people read."""
    text = PAGE.read_text(encoding="utf-8")
    chapters = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    assert len(chapters) == 3
    assert all(chapter.count("\n") <= 400 for chapter in chapters)
    assert text.count("\n") <= 1_050
