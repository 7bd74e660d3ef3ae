"""The proof of the sample year: sealed, signed, and then checked from the first byte as an auditor would."""

from __future__ import annotations

from contextlib import closing

from service.databases import Databases
from service.proof.audit import Known, StoreAudit
from service.proof.findings import Report
from service.proof.folder import ProofFolder
from service.proof.kept_in_database import kept_in_database
from service.proof.sealer import Connections, Sealer
from service.trouble import Trouble


def sealed_and_checked(found: Databases, folder: ProofFolder, origin: str) -> Report:
    """Seals all that was recorded, and checks the whole store against what was signed."""
    if found.sealer is None or found.sealer_keys is None:
        raise Trouble("the demonstration seals on a server of its own: start it without RELAIS_DATABASE_URL")
    with closing(Connections.to(found.sealer, found.sealer_keys)) as connections:
        if not connections.writer.leads():
            raise Trouble("another program seals this history: stop it first")
        sealer = Sealer(connections, folder, origin)
        sealer.resume()
        while sealer.seal():
            continue
    with kept_in_database(found.history, found.keys) as kept:
        return StoreAudit(kept, Known(folder.policy(), folder.last_signed())).run()
