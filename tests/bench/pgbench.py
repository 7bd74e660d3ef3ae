"""The physical limit: pgbench inserting one row of the events' shape per transaction."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

TABLE = """
CREATE SCHEMA IF NOT EXISTS bench;
DROP TABLE IF EXISTS bench.limit_rows;
CREATE TABLE bench.limit_rows (
    originator_id text NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL,
    notification_id bigint GENERATED ALWAYS AS IDENTITY UNIQUE, envelope bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(), leaf bytea NOT NULL,
    PRIMARY KEY (originator_id, originator_version));
"""

INSERT = """
\\set stream random(1, 9000000000000000000)
INSERT INTO bench.limit_rows (originator_id, originator_version, topic, state, envelope, leaf)
VALUES ('mission' || chr(58) || 'M-' || cast(:client_id as int) || '-' || cast(:stream as bigint), 1,
        'mission.day_delivered#1',
        decode(repeat('61', 240), 'hex'), decode(repeat('62', 120), 'hex'), decode(repeat('63', 32), 'hex'));
"""


class Pgbench:
    """Runs pgbench against one database; the table is made anew."""

    def __init__(self, binary: Path, owner_url: str) -> None:
        self._binary, self._url = binary, owner_url
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute(TABLE)

    def inserts_per_second(self, clients: int, seconds: int = 1) -> float:
        """Transactions per second with so many clients, one row and one commit each."""
        with TemporaryDirectory() as folder:
            script = Path(folder) / "insert.sql"
            script.write_text(INSERT)
            command = [str(self._binary), "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2))]
            done = subprocess.run(
                [*command, "-T", str(seconds), "-f", str(script), "-d", self._url],
                check=False,
                capture_output=True,
                text=True,
            )
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr
        assert found, done.stdout
        return float(found[1])
