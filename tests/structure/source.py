"""The project's own files, as the structure tests read them."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = {"venv", "instance", "node_modules", "__pycache__"}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project, relative to the root."""
    found: list[Path] = []
    for folder, inner, names in os.walk(ROOT):
        inner[:] = sorted(name for name in inner if name not in _NOT_OURS and not _is_hidden(name))
        found += [(Path(folder) / name).relative_to(ROOT) for name in sorted(names)]
    return tuple(found)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != ".ci"


def files(pattern: str, *, under: str = "") -> list[Path]:
    """Our files whose name matches the pattern, relative to the root."""
    return [path for path in project_files() if path.match(pattern) and (not under or path.parts[0] == under)]


def python_files() -> list[Path]:
    """Every Python file of the product, the tests and the benchmarks."""
    return files("*.py")


def product_files() -> list[Path]:
    """Every Python file of the product."""
    return [path for path in python_files() if path.parts[0] not in {"tests", "bench"}]


@cache
def text(path: Path) -> str:
    """The file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(text(path), str(path))


def room(path: Path) -> str:
    """The top-level package or module that a file belongs to."""
    return path.parts[0].removesuffix(".py")


def modules_imported(path: Path) -> Iterator[str]:
    """Dotted names of what a file imports, the imported names included: jobs.dispatch.wake."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.parts[: -node.level]) if node.level else ""
            module = ".".join(part for part in (package, node.module) if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)
