"""Child processes that never outlive the test run."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def dies_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a child runs before its program, so that the kernel ends it with us (Linux)."""

    def ask_kernel() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number)

    return ask_kernel


def start(
    command: list[str | Path], *, log: Path, end_with: signal.Signals = signal.SIGTERM, **options: object
) -> subprocess.Popen[bytes]:
    """Start a server whose output goes to a file."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=dies_with_parent(end_with),  # noqa: PLW1509 - no thread of ours holds a lock here
            **options,
        )


def stop(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    """End a child and wait for it; kill it where it does not obey."""
    if process.poll() is not None:
        return
    process.send_signal(number)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
