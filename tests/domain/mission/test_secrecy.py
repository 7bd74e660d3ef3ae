"""The register of accesses holds no secret: what looks like a password or a key is refused, what says where is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.mission.secrecy import ADVICE, looks_like_a_secret
from tests.bodies import BODIES, asked
from tests.journal_world import World, journal

SECRETS: Mapping[str, str] = {
    "a password as people make them": "P@ssw0rd",
    "a password that ends in a sign": "Azerty123!",
    "a password with two signs": "S3cr3t-2026!",
    "a password that a program made": "kX7$mQ2!pLzR",
    "a password of letters and digits that a program made": "xK9mP2vQ7nL4",
    "a password in a sentence": "Se connecter avec Tr0ub4dor&3x! puis valider",
    "password=": "password=azerty",
    "PASSWORD =": "PASSWORD = hunter2",
    "mdp=": "mdp=soleil",
    "password:": "password: hunter2",
    "a weak one": "mot de passe : azerty",
    "mot de passe :": "Mot de passe : soleil2026",
    "le mot de passe est": "Le mot de passe est Soleil98",
    "the password is": "the password is hunter2",
    "a PIN": "code PIN : 4821",
    "a door's code": "Code d'accès : 1234#",
    "a key with its name": "clé API : 8f3k2",
    "an API key with its name": "api_key=abc",
    "a client's secret": "client_secret: 9s8d7f",
    "a private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    "an OpenSSH key": "-----BEGIN OPENSSH PRIVATE KEY-----",
    "an age key": "AGE-SECRET-KEY-1QQPQZRFV2",
    "an AWS key id": "AKIAIOSFODNN7EXAMPLE",
    "an AWS secret key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "a GitHub token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "a fine-grained GitHub token": "github_pat_11ABCDEFG0_abcdefghijk",
    "a GitLab token": "glpat-abcdefghij1234567890",
    "a Slack token": "xoxb-1234567890-abcdefghijkl",
    "a Slack webhook": "https://hooks.slack.com/services/T000/B000/XXXX",
    "a Stripe key": "sk_live_abcdefghijklmnop",
    "an OpenAI key": "sk-proj4abcdEFGH1234ijkl",
    "a Google key": "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "a JWT": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
    "a bearer token": "Authorization: Bearer 4f9a8c7b6d5e4f3a2b1c",
    "basic authentication": "Basic YWRtaW46aHVudGVyMg==",
    "a URL with a password": "https://admin:hunter@erp.example.nc/login",
    "a database's URL": "postgresql://relais:x@db.example.nc/relais",
    "a URL with a token for a name": "https://abc123@git.example.nc/paie.git",
    "a URL with a token in its query": "https://erp.example.nc/?token=abcd1234",
    "a one-time password's seed": "otpauth://totp/ERP?secret=JBSWY3DPEHPK3PXP",
    "hexadecimal": "9f86d081884c7d659a2feaa0c55ad015",
    "base64": "dGhpcyBpcyBhIHNlY3JldCB2YWx1ZSBmb3IgdGVzdHM=",
    "base64url": "q8Zr-3kT_9vLx2WmP7bNcY4sHd6Jf1GaQe5UoRi0Kt8",
    "a token after words": "Jeton du coffre 7Gk2Pq9Zt4Xw8Rb3",
    "a Vault token": "hvs.CAESIJ0example",
    "ten letters and digits, each of another kind than the one before": "aB3cD5eF7g",
    "sixteen hexadecimal digits": "9f86d081884c7d65",
    "twenty-four letters and digits in three parts": "Ab12cd34-Ab12cd34-Ab12cd34",
}

PLACES: Mapping[str, str] = {
    "a manual's page": "Manuel d'administration, p. 12",
    "a sentence": "Procédure écrite avec l'assistante, dans le classeur bleu de l'accueil",
    "another sentence": "Voir la fiche « Accès bancaires » (mise à jour le 12/03/2026) ; demander à Marie.",
    "an English sentence": "Ask the office manager; the procedure is on page 3 of the handbook.",
    "where the password is": "Mot de passe : dans le coffre Bitwarden de la société",
    "where the password is, in one word": "mot de passe: KeePass",
    "the password is somewhere": "Le mot de passe est conservé au coffre",
    "the password's document": "mdp : DOC-2026-014",
    "the password's file": "mdp : coffre/erp.kdbx",
    "a vault's link": "https://vault.example.nc/#/vault?itemId=8d1f4c2e-7a55-4a3b-9d0e-2f6b1c7a9e10",
    "a secrets engine's path": "https://vault.example.nc/ui/vault/secrets/kv/show/erp-prod",
    "a 1Password reference": "op://Finance/ERP/password",
    "a cloud secret's name": "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:erp-AbC123",
    "a document's link": "https://docs.google.com/document/d/1A2b3C4d5E6f7G8h9I0jKlMnOpQrStUvWxYz/edit",
    "a SharePoint link": "https://entreprise.sharepoint.com/sites/paie/Documents%20partages/Acc%C3%A8s.docx",
    "a path": "/srv/documents/paie/procedure-acces-v2.pdf",
    "a Windows path": "\\\\SERVEUR01\\Direction\\Accès\\Banque2026.docx",
    "a path with spaces": "OneDrive / Finance / 2026 / Accès banque.xlsx",
    "a file": "PROC-FIN-012_v3.2_2026-03-14.pdf",
    "a document's number": "DOC-2026-014",
    "a long document's number": "PR-FIN-2026-014-V2-ANNEXE-B3",
    "an id": "8d1f4c2e-7a55-4a3b-9d0e-2f6b1c7a9e10",
    "words put together": "ProcedurePaieNoumea2026Version2",
    "a product": "Office365 / SharePoint / Sage100 / SAP4HANA",
    "a mail address": "direction.financiere@menuiserie-montdore.example.nc",
    "a channel": "#compta-2026",
    "an account number": "FR7612345678901234567890123",
    "a telephone number": "+687 27 12 34",
    "a RIDET": "RIDET 153363.001",
    "an administrator": "Compte administrateur, niveau 3 (lecture/écriture)",
    "nine letters and digits": "aB3cD5eF7",
    "fifteen hexadecimal digits": "9f86d081884c7d6",
    "twenty-three letters and digits in three parts": "Ab12cd34-Ab12cd34-Ab12cd3",
    "a model's number": "AB12cd34EF5",
    "words and numbers of three": "abc123def456ghi789",
    "parts of words and numbers": "Abc123de-Abc123de-Abc123de45",
    "a word and a number beside short parts": "Abc123def-a1b2c3-D4e5F6g-h7",
    "a reference in capitals": "PROCEDURE2026AB1",
    "a git address": "git@git.example.nc:paie/procedures.git",
    "a secure copy's address": "sftp://depot@echange.example.nc/paie",
    "nothing": "",
}

FIELDS = ("system", "level", "custodian", "documented_at")


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_told_from_words(kind: str) -> None:
    assert looks_like_a_secret(SECRETS[kind])


@pytest.mark.parametrize("kind", PLACES)
def test_where_a_secret_is_kept_may_be_written(kind: str) -> None:
    assert not looks_like_a_secret(PLACES[kind])


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", ["a password as people make them", "a JWT", "a private key"])
def test_no_field_of_an_access_takes_a_secret(field: str, kind: str) -> None:
    with pytest.raises(ValidationError, match="looks like a password or a key") as refused:
        asked("document_access", **{field: SECRETS[kind]})
    assert refused.value.errors()[0]["loc"] == (field,)


@pytest.mark.parametrize("kind", [kind for kind in PLACES if kind != "nothing"])
def test_an_access_says_where_its_procedure_is_written(kind: str) -> None:
    asked("document_access", documented_at=PLACES[kind])


def test_a_handover_s_note_takes_no_secret_either() -> None:
    asked("complete_handover_item", note="Coffre partagé avec le successeur")
    with pytest.raises(ValidationError, match="looks like a password or a key"):
        asked("complete_handover_item", note="Accès remis, mot de passe : Soleil98")


def test_an_import_refuses_a_secret_as_malformed_and_does_not_repeat_it() -> None:
    line = {
        "id": "j-1",
        "command": "document_access",
        "mission": "M-1",
        "at": "2026-03-03T17:40:00+11:00",
        "by": {"role": "cadre", "id": "C-001"},
        "data": {**BODIES["document_access"], "documented_at": "P@ssw0rd"},
    }
    world = World().run([json.dumps(line).encode()])
    assert world.verdicts == {1: "malformed"}
    assert world.details[1] == f"data.documented_at: {ADVICE}"


@pytest.mark.parametrize("name", ["first-year", "careless"])
def test_every_access_of_the_sample_years_is_taken(name: str) -> None:
    documented = [
        entry["data"]
        for entry in map(json.loads, (line for line in journal(name) if b'"document_access"' in line))
        if entry["command"] == "document_access"
    ]
    assert documented
    assert not any(looks_like_a_secret(str(value)) for data in documented for value in data.values())


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert looks_like_a_secret(text) in (True, False)


WORDS = st.sampled_from(
    ["Voir", "le", "classeur", "bleu", "à", "l'accueil", "procédure", "banque", "p.", "12", "annexe", "B", "2026", "n°"]
)


@given(st.lists(WORDS, min_size=1, max_size=12).map(" ".join))
def test_ordinary_words_are_never_a_secret(sentence: str) -> None:
    assert not looks_like_a_secret(sentence)


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=32, max_size=64))
def test_what_is_drawn_of_all_letters_and_digits_is_found(drawn: str) -> None:
    """Hypothesis draws poor texts too: only those that look drawn by chance are held against the rule."""
    changes = sum(a.isdigit() != b.isdigit() or a.isupper() != b.isupper() for a, b in pairwise(drawn))
    if changes * 3 > len(drawn) * 2 and any(map(str.isdigit, drawn)):
        assert looks_like_a_secret(drawn)
