import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher.supervisor import Program, Supervisor, pause_before_restart
from launcher.words import StartRefused
from tests.structure.source import ROOT


@pytest.fixture
def supervisor(tmp_path):
    supervised = Supervisor(cwd=tmp_path, logs=tmp_path / "log", environ=dict(os.environ), held=[])
    yield supervised
    supervised.stop()


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def wait_for(condition, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_pauses_double_up_to_half_a_minute():
    assert [pause_before_restart(deaths) for deaths in (1, 2, 3, 4, 5, 6, 2000)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_process_that_dies_is_started_again(supervisor, tmp_path):
    supervisor.start(Program("worker", ["sh", "-c", f"echo $$ >> {tmp_path}/pids; sleep 60"]))
    assert wait_for(lambda: len(lines(tmp_path / "pids")) == 1)
    os.kill(int(lines(tmp_path / "pids")[0]), signal.SIGKILL)

    def is_restarted() -> bool:
        supervisor.watch()
        return len(lines(tmp_path / "pids")) == 2

    assert wait_for(is_restarted)


def test_a_process_that_keeps_dying_is_not_started_at_once_again(supervisor, tmp_path):
    supervisor.start(Program("worker", ["sh", "-c", f"echo x >> {tmp_path}/starts"]))
    until = time.monotonic() + 2.5  # at 0 s, 1 s, and not before 3 s
    while time.monotonic() < until:
        supervisor.watch()
        time.sleep(0.05)
    assert len(lines(tmp_path / "starts")) == 2


def test_stop_ends_a_process_that_ignores_the_request_and_what_it_started(supervisor, tmp_path):
    deaf = f"trap '' TERM; sleep 60 & echo $! $$ > {tmp_path}/pids; wait; sleep 60"
    supervisor.start(Program("web", ["sh", "-c", deaf]))
    assert wait_for(lambda: len(lines(tmp_path / "pids")) == 2)
    supervisor.hurry()
    supervisor.stop()
    assert wait_for(lambda: not any(is_alive(int(process)) for process in lines(tmp_path / "pids")), seconds=5)


def test_the_last_program_is_stopped_after_the_others(supervisor, tmp_path):
    for name, is_last in (("valkey", True), ("web", False)):
        said = (
            f"trap 'echo {name} >> {tmp_path}/ended; exit' TERM; touch {tmp_path}/{name}; while :; do sleep 0.05; done"
        )
        supervisor.start(Program(name, ["sh", "-c", said], is_last=is_last))
    assert wait_for(lambda: (tmp_path / "valkey").exists() and (tmp_path / "web").exists())
    supervisor.stop()
    assert lines(tmp_path / "ended") == ["web", "valkey"]


def test_a_program_that_ends_instead_of_answering_refuses_the_start_with_its_log(supervisor):
    supervisor.start(Program("web", ["sh", "-c", "echo no such module; exit 3"]))
    with pytest.raises(StartRefused, match=r"web does not start; the end of .*web.log:\nno such module"):
        supervisor.wait_until("web", answers=lambda: False, patience_seconds=10)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends children with their parent on Linux only")
def test_no_process_outlives_a_supervisor_that_is_killed(tmp_path):
    program = (
        "import os, sys, time; from pathlib import Path; from launcher.supervisor import Program, Supervisor; "
        "here = Path(sys.argv[1]); s = Supervisor(cwd=here, logs=here, environ=dict(os.environ), held=[]); "
        "s.start(Program('web', ['sleep', '60'])); s.start(Program('worker', ['sleep', '60'])); "
        "print(*(kept.child.pid for kept in s._kept), flush=True); time.sleep(60)"
    )
    killed = subprocess.Popen([sys.executable, "-c", program, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    processes = [int(word) for word in killed.stdout.readline().split()]
    assert len(processes) == 2
    assert all(is_alive(process) for process in processes)
    killed.kill()
    killed.communicate()
    assert wait_for(lambda: not any(is_alive(process) for process in processes))
