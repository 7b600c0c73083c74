"""The files a browser loads: read once at start, joined, and served under an address that carries their hash."""

import gzip
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FOREVER = "public, max-age=31536000, immutable"
BUNDLE = "seatdesk.js"
# The sign-in page alone loads these; everything else is in the bundle.
_SEPARATE = ("human-check.js", "vendor/altcha-pbkdf2.js")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent, plain and compressed."""

    address: str
    content: bytes
    compressed: bytes
    mimetype: str


def _asset(name: str, content: bytes) -> Asset:
    path = Path(name)
    digest = sha256(content).hexdigest()[:16]
    return Asset(
        address=f"/static/{path.stem}-{digest}{path.suffix}",
        content=content,
        compressed=gzip.compress(content, mtime=0),
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
    )


def _joined(paths: Iterable[Path]) -> bytes:
    # A file may end without a semicolon, so each is closed by one of its own.
    return b"\n;\n".join(path.read_bytes() for path in paths)


def _bundle(folder: Path) -> bytes:
    vendor = sorted((folder / "vendor").glob("htmx*.js"))
    own = sorted(path for path in folder.glob("*.js") if path.name not in _SEPARATE)
    return _joined([*vendor, *own])


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by their name in the source and by the address they are served under."""

    by_name: Mapping[str, Asset]
    by_address: Mapping[str, Asset]

    def address(self, name: str) -> str:
        """The address of a file, hash included; raises KeyError for a file that is not served."""
        return self.by_name[name].address


def read_assets(folder: Path) -> Assets:
    """Read every file of the folder that browsers may have."""
    files = [*folder.glob("*.css"), *folder.glob("*.svg"), *(folder / name for name in _SEPARATE)]
    by_name = {path.name: _asset(path.name, path.read_bytes()) for path in files if path.exists()}
    by_name[BUNDLE] = _asset(BUNDLE, _bundle(folder))
    return Assets(by_name=by_name, by_address={asset.address: asset for asset in by_name.values()})
