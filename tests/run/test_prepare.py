"""What `make test` says and does where Chromium is missing and apt cannot bring it."""

import os
import subprocess
import sys

import pytest

from tests.structure.source import ROOT

APT = '#!/bin/sh\necho "$@" >> "$APT_CALLS"\necho E: no such package >&2\nexit 100\n'


@pytest.fixture
def prepare(tmp_path):
    """Run prepare on a machine whose path holds nothing but an apt-get that fails; gives its words and status."""
    apt = tmp_path / "apt-get"
    apt.write_text(APT)
    apt.chmod(0o755)

    def run(**settings: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": str(tmp_path), "APT_CALLS": str(tmp_path / "calls")} | settings
        return subprocess.run(
            [sys.executable, "-m", "tests.prepare", "--services"],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_what_cannot_be_had_is_reported_not_run(prepare):
    prepared = prepare()
    assert prepared.returncode == 0
    assert "NOT RUN: the tests in the browser: chromium is not installed" in prepared.stdout


def test_under_ci_what_cannot_be_had_is_a_failure(prepare):
    assert prepare(CI="true").returncode == 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root may install packages")
def test_root_tries_apt_first(prepare, tmp_path):
    prepared = prepare()
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0] == "-qq update"
    assert calls[1].startswith("-qq install --yes --no-install-recommends chromium")
    assert "E: no such package" in prepared.stdout
