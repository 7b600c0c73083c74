"""A function that no worker of ours may call: it leaves a trace."""

import os
from pathlib import Path


def spring(*_args: object, **_values: object) -> None:
    """Leave the trace."""
    Path(os.environ["SEATDESK_INSTANCE"], "sprung").touch()
