"""Where the programs are that the tests need beside Python's packages."""

import shutil
from pathlib import Path

_FOLDERS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin")
_NAMES = {"chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")}


def find(name: str) -> Path | None:
    """The program of that name, under any of its names, on the path or where PostgreSQL's packages put theirs."""
    on_path = next((path for path in map(shutil.which, _NAMES.get(name, (name,))) if path), None)
    if on_path:
        return Path(on_path)
    found = (path for pattern in _FOLDERS for path in Path("/").glob(f"{pattern}/{name}"))
    return max(found, key=_version, default=None)


def _version(path: Path) -> list[int]:
    return [int(part) for part in path.parts if part.isdigit()]
