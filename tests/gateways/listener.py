"""A server made of bare sockets, for answers that no decent server gives."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], None]


class Listener:
    """Runs the script on each connection, in order, on a free loopback port."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.received = b""
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                with suppress(OSError), connection:
                    self._run(connection)

    def _run(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
        self._script(connection)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)


@contextmanager
def listening(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Listener]:
    listener = Listener(script, tls)
    try:
        yield listener
    finally:
        listener.close()


def read_request(connection: socket.socket) -> bytes:
    """The request's head and body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, body = received.split(b"\r\n\r\n", 1)
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(*pieces: bytes, pause: float = 0.0) -> Script:
    """Read the request, then send the pieces with pauses, then close."""
    return answering_with(pieces, pause=pause)


def answering_with(pieces: Iterable[bytes], *, pause: float = 0.0) -> Script:
    """As answering, from any source of pieces."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return script


def response(body: bytes, *, status: str = "200 OK", length: int | None = None, headers: str = "") -> bytes:
    """A response with a stated length, true or not."""
    stated = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {stated}\r\n{headers}\r\n".encode() + body
