"""A PostgreSQL of one's own: started beside the program, kept in its data directory, gone when the program goes.

The server listens on a Unix socket only, in a directory that only its user may enter. Several processes may use one
data directory: the first owns the server, the others connect to it, and one of them takes over when the owner leaves.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg

from service.postgres_programs import (
    Account,
    EmbeddedPostgresError,
    account_for,
    bundled_binaries,
    flags,
    halt,
    major_version,
    name_of,
    reachable_binaries,
    start,
)

SUPERUSER = "postgres"
PORT = 5432
LONGEST_SOCKET_PATH = 107
LONGEST_LOG = 10_000_000
PROCESSES_ARE_SEEN = Path("/proc/self").exists()
"""Where they are not, PostgreSQL's own check of its lock files has to do."""


class EmbeddedPostgres:
    """A running PostgreSQL over a data directory, for the length of a `with` block."""

    def __init__(
        self,
        data_dir: Path,
        settings: Mapping[str, str] | None = None,
        binaries: Path | None = None,
        patience: float = 60.0,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.cluster = self.data_dir / "postgres"
        self.settings = dict(settings or {})
        self.binaries = binaries or bundled_binaries()
        self.patience = patience
        self._leaving = threading.Event()
        self._failure: BaseException | None = None
        self._keeper: threading.Thread | None = None

    def __enter__(self) -> Self:
        make_directory(self.data_dir)
        self._leaving.clear()
        self._failure = None
        # A thread of its own: Linux ties the server's life to the thread that started it, and callers' threads end.
        self._keeper = threading.Thread(target=self._keep, name="embedded-postgres", daemon=True)
        self._keeper.start()
        atexit.register(self.stop)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Leave the server; stop it if it is ours. Says nothing when there is none."""
        atexit.unregister(self.stop)
        self._leaving.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None

    def url(self, role: str = SUPERUSER, database: str = "postgres") -> str:
        """Where a role finds a database of this server."""
        host = quote(str(self._socket_directory()), safe="")
        return f"postgresql://{quote(role, safe='')}@/{quote(database, safe='')}?host={host}&port={PORT}"

    def _socket_directory(self) -> Path:
        return Path(os.path.realpath(self.data_dir / "run"))

    def _wait_until_it_answers(self) -> None:
        give_up = time.monotonic() + self.patience
        while not self.answers():
            if self._failure is not None:
                raise self._failure
            if time.monotonic() > give_up:
                raise EmbeddedPostgresError(
                    f"PostgreSQL in {self.data_dir} does not answer after {self.patience:.0f} s. Read "
                    f"{self.data_dir / 'postgres.log'}; the process that owns it is {self._owner()}.\n{self._log_end()}"
                )
            self._leaving.wait(0.01)

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        if not (self._socket_directory() / f".s.PGSQL.{PORT}").exists():
            return False
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _owner(self) -> str:
        try:
            return (self.data_dir / "lock").read_text().strip() or "unknown"
        except OSError:
            return "unknown"

    def _log_end(self) -> str:
        log = self.data_dir / "postgres.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-10:]) if log.exists() else ""

    def _keep(self) -> None:
        """The keeper's life: own the server if nobody does, restart it if it falls, stop it on leaving."""
        try:
            with (self.data_dir / "lock").open("a+") as lock:
                while not self._leaving.is_set():
                    if not take(lock):
                        self._leaving.wait(0.1)
                        continue
                    self._run_server()
        except (EmbeddedPostgresError, OSError, subprocess.SubprocessError, ValueError) as failure:
            self._failure = failure

    def _run_server(self) -> None:
        account = account_for(self.cluster)
        if not account.may_enter(self.data_dir):
            raise EmbeddedPostgresError(
                f"PostgreSQL refuses to run as root, and the user {name_of(account.uid)} cannot enter {self.data_dir}. "
                "Choose a folder that every user may enter with RELAIS_DATA_DIR, such as /var/lib/relais."
            )
        binaries = reachable_binaries(self.binaries, account)
        if not self.cluster.exists():
            self._create_cluster(binaries, account)
        self._refuse_other_versions(binaries)
        run = self._make_socket_directory(account)
        wait_for_orphans(self.cluster, self.patience)
        if PROCESSES_ARE_SEEN:
            for lock_file in (self.cluster / "postmaster.pid", run / f".s.PGSQL.{PORT}.lock"):
                lock_file.unlink(missing_ok=True)
        with self._open_log() as log:
            server = start(
                [str(binaries / "postgres"), "-D", str(self.cluster), *flags(self._server_settings(run))], account, log
            )
            while server.poll() is None and not self._leaving.wait(0.05):
                pass
            if not self._leaving.is_set() and server.returncode != 0 and not self._was_once_ready():
                raise EmbeddedPostgresError(f"PostgreSQL did not start in {self.data_dir}.\n{self._log_end()}")
            halt(server)

    def _was_once_ready(self) -> bool:
        """A server that was once ready fell by accident and is started again; one that never was would never be."""
        with (self.data_dir / "postgres.log").open("rb") as reader:
            reader.seek(self._log_start)
            return b"ready to accept connections" in reader.read()

    def _server_settings(self, run: Path) -> dict[str, str]:
        return {
            "listen_addresses": "",
            "unix_socket_directories": str(run),
            "unix_socket_permissions": "0700",
            "port": str(PORT),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "cluster_name": "relais",
            # What was erased is to be gone: no old log file is kept for its next use, no failing row is quoted.
            "wal_recycle": "off",
            "log_error_verbosity": "terse",
            **self.settings,
        }

    def _create_cluster(self, binaries: Path, account: Account) -> None:
        """Under another name first: a half-made cluster is never taken for one."""
        for leftover in self.data_dir.glob("postgres.new-*"):
            shutil.rmtree(leftover)
        draft = self.data_dir / f"postgres.new-{os.getpid()}"
        draft.mkdir(mode=0o700)
        account.owns(draft)
        locale = ["--locale=C.UTF-8"]
        if major_version(binaries) >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [str(binaries / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"]
        command += [*locale, "--data-checksums", "--no-instructions"]
        command += ["--no-sync"] if self.settings.get("fsync") == "off" else []
        with self._open_log() as log:
            if start(command, account, log).wait() != 0:
                raise EmbeddedPostgresError(f"PostgreSQL's data cannot be created in {draft}.\n{self._log_end()}")
        draft.rename(self.cluster)
        directory = os.open(self.data_dir, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    def _refuse_other_versions(self, binaries: Path) -> None:
        written_by = int((self.cluster / "PG_VERSION").read_text())
        if written_by != major_version(binaries):
            raise EmbeddedPostgresError(
                f"{self.cluster} was written by PostgreSQL {written_by}, this is PostgreSQL {major_version(binaries)}. "
                "Dump it with that version, move the folder away, and restore the dump: see docs/how-to/back-up.md."
            )

    def _make_socket_directory(self, account: Account) -> Path:
        """Inside the data directory, or, when that path is too long for a socket, a link to a short one."""
        run = self.data_dir / "run"
        if run.is_symlink() and not run.exists():
            run.unlink()
        if not run.exists():
            if len(os.fsencode(run / f".s.PGSQL.{PORT}")) + len(".lock") <= LONGEST_SOCKET_PATH:
                run.mkdir(mode=0o700)
            else:
                run.symlink_to(tempfile.mkdtemp(prefix="relais-", dir="/tmp"))
            account.owns(run)
        return self._socket_directory()

    def _open_log(self) -> IO[bytes]:
        log = (self.data_dir / "postgres.log").open("ab")
        if log.tell() > LONGEST_LOG:
            log.truncate(0)
        self._log_start = log.tell()
        return log


def make_directory(data_dir: Path) -> None:
    """The data directory, closed to others; as root, the server's user must be able to walk through."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        data_dir.chmod(data_dir.stat().st_mode | 0o011)


def take(lock: IO[str]) -> bool:
    """Become the owner of the server if no process is; the kernel frees the lock of a dead one."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    lock.truncate(0)
    lock.write(f"pid {os.getpid()}\n")
    lock.flush()
    return True


def wait_for_orphans(cluster: Path, patience: float) -> None:
    """A server whose owner was killed is on its way out: wait for it.

    Only then are PostgreSQL's lock files known to be left-overs. It cannot tell itself: it takes the number in them for
    a running server as long as any process of its user bears it, be it a stranger or a dead one that nobody buried.
    """
    give_up = time.monotonic() + patience
    while alive := servers_in(cluster):
        if time.monotonic() > give_up:
            raise EmbeddedPostgresError(
                f"A PostgreSQL without owner still runs in {cluster}: stop the processes {alive}."
            )
        time.sleep(0.02)


def servers_in(cluster: Path) -> list[int]:
    """The PostgreSQL processes that work in this cluster."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() == "postgres" and (
                process / "cwd"
            ).readlink() == cluster.resolve():
                found.append(int(process.name))
        except OSError:  # gone meanwhile, or not ours to see
            continue
    return found
