"""The project's own files, as the rules about them read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("domain", "projections", "service", "verifier", "tests", "docs", ".ci")
AT_THE_TOP = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "Makefile",
    "Dockerfile",
    "docker-compose.yml",
    "pyproject.toml",
)
WRITTEN = {".py", ".md", ".sql", ".html", ".css", ".js", ".yml", ".yaml", ".toml"}


@cache
def written_files() -> tuple[Path, ...]:
    """Every file that a person writes and reads."""
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.suffix in WRITTEN]
    return (*found, *(ROOT / name for name in AT_THE_TOP if (ROOT / name).exists()))


def python_files(*folders: str) -> tuple[Path, ...]:
    """The Python files of these folders."""
    return tuple(path for path in written_files() if path.suffix == ".py" and _first(path) in folders)


@cache
def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(path: Path) -> str:
    """A file as people call it: its path in the project."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports; a name imported from a package counts as a module of it where it is one."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            folder = ROOT.joinpath(*node.module.split("."))
            for alias in node.names:
                inner = (folder / f"{alias.name}.py").exists() or (folder / alias.name).is_dir()
                yield f"{node.module}.{alias.name}" if inner else node.module


def classes(path: Path) -> Iterator[ast.ClassDef]:
    """The classes that a file declares at its top."""
    yield from (node for node in tree(path).body if isinstance(node, ast.ClassDef))


def _first(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]
