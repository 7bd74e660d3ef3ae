"""Documents as one script each: every code block, in order, in one shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import ROOT

DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
FENCE = re.compile(r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "=== block"
SQL_CLIENT = 'psql -X -q -v ON_ERROR_STOP=1 "$RELAIS_DATABASE_URL"'


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document that a reader will run, or compare with what they see."""

    document: Path
    language: str
    text: str

    def script(self) -> str:
        """The block as a piece of a shell's script; it prints what a reader would see."""
        match self.language:
            case "bash":
                return self.text
            case "python":
                return f"python - <<'END OF BLOCK'\n{self.text}END OF BLOCK\n"
            case "sql":
                return f"{SQL_CLIENT} <<'END OF BLOCK'\n{self.text}END OF BLOCK\n"
            case "console":
                return (
                    "\n".join(line.removeprefix("$ ") for line in self.text.splitlines() if line.startswith("$ "))
                    + "\n"
                )
            case _:
                return ":\n"

    def promised(self) -> str | None:
        """What the reader is told to see after the commands of a `console` block; `…` stands for anything."""
        if self.language != "console":
            return None
        return "\n".join(line for line in self.text.splitlines() if not line.startswith("$ "))


def blocks(document: Path) -> tuple[Block, ...]:
    """The code blocks of a document, from top to bottom."""
    found = FENCE.finditer(document.read_text(encoding="utf-8"))
    return tuple(Block(document, block["language"].strip(), block["text"]) for block in found)


def run(document: Path, folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[Block, str]]:
    """Run a document from top to bottom; each block with what it printed."""
    found = blocks(document)
    pieces = [f"echo '{MARK}'\n{block.script()}" for block in found]
    path = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", ""), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "".join(pieces)],
        cwd=folder,
        env={"HOME": str(folder), "LANG": "C.UTF-8", "COLUMNS": "120", **environment, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{document.name} does not run:\n{done.stdout}\n{done.stderr}"
    yield from zip(found, done.stdout.split(f"{MARK}\n")[1:], strict=True)


def seen(promised: str, printed: str) -> bool:
    """Whether what was printed is what the document promises, `…` standing for anything."""
    pattern = ".*?".join(re.escape(piece) for piece in re.split("…", promised.strip()))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
