"""Which loopback port to listen on."""

import socket

from launcher.words import StartRefused

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_TRIED = 200
_HIGHEST = 65535


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def next_free(first: int) -> int:
    """The first free port from there on. Raises StartRefused where a long run of ports is taken."""
    last = min(first + _TRIED, _HIGHEST)
    for port in range(first, last + 1):
        if is_free(port):
            return port
    raise StartRefused(f"No port from {first} to {last} is free; set PORT to one that is.")


def chosen(text: str | None) -> int:
    """The port for the value of PORT: that one exactly when set, else the default or the next free one.

    Raises StartRefused for no port number and for a set port that is taken.
    """
    if not text:
        return next_free(DEFAULT_PORT)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _HIGHEST):
        raise StartRefused(f"PORT must be a number from 1 to {_HIGHEST}, not {text!r}.")
    if not is_free(int(text)):
        raise StartRefused(
            f"Port {text} cannot be used: another program listens there, or this user may not.\n"
            "Set PORT to another number, or leave it unset to take the next free one."
        )
    return int(text)
