import hashlib
import subprocess
import sys

import pytest

from launcher import environment
from launcher.children import fresh_log, last_lines
from tests.structure.source import ROOT


def test_the_missing_package_is_named_exactly():
    assert "python3.11-venv is missing" in environment.missing_package((3, 11))
    assert "sudo apt-get install python3.13-venv" in environment.missing_package((3, 13))


def test_a_python_without_venv_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "requirements.txt").write_text("Flask==3.1.3\n")
    program = (
        "import pathlib, sys; sys.modules['ensurepip'] = None; from launcher import environment; "
        "environment.ensure(pathlib.Path(sys.argv[1]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert f"the package python3.{sys.version_info.minor}-venv is missing" in ran.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.slow
def test_an_environment_whose_python_has_gone_is_made_again(tmp_path):
    (tmp_path / "requirements.txt").write_text("")
    python = environment.python_of(tmp_path)
    python.parent.mkdir(parents=True)
    python.symlink_to(tmp_path / "removed")
    environment.ensure(tmp_path)
    assert subprocess.check_output([python, "-c", "print(1)"]) == b"1\n"


def test_an_environment_that_holds_the_requirements_is_left_alone(tmp_path):
    (tmp_path / "requirements.txt").write_text("Flask==3.1.3\n")
    python = environment.python_of(tmp_path)
    python.parent.mkdir(parents=True)
    python.write_text("not even a program")
    digest = hashlib.sha256(b"Flask==3.1.3\n").hexdigest()
    (tmp_path / ".venv" / "seatdesk-installed-requirements").write_text(digest)
    assert environment.ensure(tmp_path) == python


def test_a_large_log_is_set_aside(tmp_path):
    log = fresh_log(tmp_path / "log", "web")
    log.write_bytes(b"x" * 10_000_001)
    assert fresh_log(tmp_path / "log", "web") == log
    assert not log.exists()
    assert (tmp_path / "log" / "web.log.1").stat().st_size == 10_000_001


def test_the_end_of_a_log_is_shown_even_when_it_is_no_text(tmp_path):
    log = tmp_path / "web.log"
    assert last_lines(log) == ""
    log.write_bytes(b"first\n\xff second\n")
    assert last_lines(log, 1) == "� second"
