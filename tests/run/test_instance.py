import os
import stat
import subprocess
import sys

import pytest

from launcher import instance
from launcher.instance import AlreadyRunning, Instance
from tests.structure.source import ROOT


def test_a_second_start_is_told_where_the_first_one_runs(tmp_path):
    first = Instance(tmp_path / "instance")
    first.hold()
    with pytest.raises(AlreadyRunning, match=f"just being started here, by process {os.getpid()}"):
        Instance(tmp_path / "instance").hold()
    first.tell(address="http://127.0.0.1:8004")
    with pytest.raises(AlreadyRunning, match=rf"already runs here: http://127.0.0.1:8004 \(process {os.getpid()};"):
        Instance(tmp_path / "instance").hold()


def test_the_folder_of_a_killed_start_can_be_held_again(tmp_path):
    program = (
        "import os, pathlib, sys; from launcher.instance import Instance; "
        "Instance(pathlib.Path(sys.argv[1])).hold(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], cwd=ROOT, check=False)
    Instance(tmp_path).hold()


def test_a_start_waits_for_the_children_of_the_last_one(tmp_path, capfd):
    last = Instance(tmp_path)
    last.wait_for_children()
    child = subprocess.Popen(["sleep", "0.5"], pass_fds=[last.children_lock])
    os.close(last.children_lock)
    Instance(tmp_path).wait_for_children()
    assert child.poll() == 0
    assert "Waiting for the processes of the last start" in capfd.readouterr().out


def test_the_folder_is_for_the_owner_alone(tmp_path):
    assert stat.S_IMODE(Instance(tmp_path / "instance").folder.stat().st_mode) == 0o700


def test_a_long_path_gets_a_short_private_folder_for_the_socket(tmp_path):
    assert instance.socket_folder(tmp_path) == tmp_path
    long = tmp_path / ("x" * 90)
    folder = instance.socket_folder(long)
    try:
        assert len(str(folder / "redis.sock")) < 100
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        instance.remove_socket_folder(folder, long)
    assert not folder.exists()


def test_a_random_password_is_easy_to_type_and_hard_to_guess():
    passwords = {instance.random_password() for _ in range(100)}
    assert len(passwords) == 100
    assert all(len(password) == 19 and not set(password) & set("0O1lIio") for password in passwords)
