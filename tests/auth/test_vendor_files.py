"""Third-party browser files are what their table says and fetch nothing from elsewhere."""

import re
from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static/vendor"
ROW = re.compile(r"^\| `([\w.-]+)` \|.*\| ([\d.]+) \| .*`([\w.-]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def rows():
    return ROW.findall((VENDOR / "README.md").read_text(encoding="utf-8"))


def test_every_file_stands_in_the_table_with_its_hash():
    listed = {name: digest for name, _version, _licence, digest in rows()}
    present = {path.name: sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}
    assert len(listed) >= 2
    assert listed == present


def test_every_file_has_its_licence_beside_it():
    for _name, _version, licence, _digest in rows():
        assert "THE SOFTWARE IS PROVIDED" in (VENDOR / licence).read_text(encoding="utf-8")


def test_no_file_points_elsewhere():
    for path in VENDOR.glob("*.js"):
        assert re.findall(r"sourceMappingURL|importScripts|https?://[\w.]+", path.read_text(encoding="utf-8")) == []
