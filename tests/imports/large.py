"""Sheets so large that a job reads them."""

from imports.limits import LARGE_TEXT


def large_csv(text: str) -> bytes:
    """The same sheet with empty lines below it, more than is read while somebody waits."""
    return (text + "\n" * LARGE_TEXT).encode()
