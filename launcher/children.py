"""Child processes that never outlive their parent, not even when it is killed with -9."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT_BYTES = 10_000_000

Child = subprocess.Popen[bytes]


def dies_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a child does before its program begins, so that Linux signals it when the parent is gone."""
    parent = os.getpid()

    def ask_kernel() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
            if os.getppid() != parent:
                os._exit(1)

    return ask_kernel


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    held: Sequence[int] = (),
) -> Child:
    """Start a child in a session of its own, so that Ctrl-C reaches us alone; its output is appended to the log.

    held are descriptors the child keeps open as long as it lives.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environ,
            pass_fds=held,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 - nobody starts children from a thread
        )


def kill_group(child: Child) -> None:
    """Kill the child and all that it started in its session."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    child.wait()


def stop(child: Child, number: signal.Signals = signal.SIGTERM, *, patience_seconds: float = 15) -> None:
    """Ask a child to end and wait for it; kill it where it does not obey in time."""
    if child.poll() is not None:
        return
    child.send_signal(number)
    try:
        child.wait(timeout=patience_seconds)
    except subprocess.TimeoutExpired:
        kill_group(child)


def fresh_log(folder: Path, name: str) -> Path:
    """The log file of that name; one that has grown large is set aside first, as NAME.log.1."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(folder / f"{name}.log.1")
    return log


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, to be shown when something went wrong."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
