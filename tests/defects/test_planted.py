"""Each planted defect, in a copy of the tree, is caught by a quick check; one that no longer applies fails."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.defects.planted import DEFECTS, SCHEDULES, Defect

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "instance", "browser", "docs", "static")
MOST_SCHEDULES = 400


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree, for one defect at a time."""
    folder = tmp_path_factory.mktemp("defects") / "tree"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    return folder


@contextmanager
def planted(defect: Defect, tree: Path) -> Iterator[None]:
    file = tree / defect.path
    sound = (ROOT / defect.path).read_text()
    text = sound
    for old, new in defect.edits:
        assert text.count(old) == 1, f"the defect no longer applies to {defect.path}: {old}"
        text = text.replace(old, new)
    file.write_text(text)
    try:
        yield
    finally:
        file.write_text(sound)


def checked(catcher: str, tree: Path) -> subprocess.CompletedProcess[str]:
    schedules = ["-m", "tests.chaos.simulation", "--stop", "--count", str(MOST_SCHEDULES)]
    tests = ["-m", "pytest", "-x", "-p", "no:randomly", "-m", "not postgres", catcher]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *(schedules if catcher == SCHEDULES else tests)]
    return subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False, timeout=110)


@pytest.mark.slow
@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_a_planted_defect_is_caught(defect: Defect, tree: Path) -> None:
    with planted(defect, tree):
        said = checked(defect.caught_by, tree)
    assert said.returncode == 1, said.stdout + said.stderr
    found = "violations\n" if defect.caught_by == SCHEDULES else " failed"
    assert found in said.stdout, said.stdout + said.stderr
