"""The addresses of a host name, looked up before a deadline, which the system's resolver does not know."""

import socket
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any

# Family, kind, protocol, canonical name, address: as socket.getaddrinfo gives it.
Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
Addresses = Sequence[Address]


def addresses(host: str, port: int, *, seconds: float) -> Addresses:
    """Where a TCP connection to host may go, in the resolver's order.

    Raises TimeoutError after that many seconds, and what the resolver raises: an OSError for a name that it does not
    know. A look-up that is given up ends by itself, in a thread that keeps no process alive.
    """
    found: Future[Addresses] = Future()

    def look_up() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as unknown:
            found.set_exception(unknown)

    Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    return found.result(timeout=seconds)
