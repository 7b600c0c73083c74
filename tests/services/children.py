"""Child processes that never outlive the test run."""

import signal
import subprocess
from pathlib import Path

from launcher.children import Child, dies_with_parent


def start(
    command: list[str | Path], *, log: Path, end_with: signal.Signals = signal.SIGTERM, **options: object
) -> Child:
    """Start a server whose output goes to a file; options are those of Popen."""
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
