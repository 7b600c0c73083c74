"""How the launcher speaks: a line on the terminal, or a refusal that ends the start."""

import sys


class StartRefused(Exception):
    """Seatdesk cannot start as asked; the message says why and what to do, for a person."""


def say(line: str = "") -> None:
    """Print a line at once, also where the output is a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
