"""HTTP with one deadline for the whole call, which knows whether a byte of the request was written.

That byte decides between "not executed" and "unknown" (domain.md, Reading an HTTP answer), so nothing here retries,
follows a redirect or takes a used connection: each would make the answer ambiguous.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

import certifi
import httpcore

from gateways.base import GatewayMisconfigured
from gateways.name_lookup import addresses

MAX_ANSWER_BYTES = 1_000_000
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
# OpenSSL's words for a certificate that one side does not accept.
CERTIFICATE_REASONS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")

# The first that fits.
FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (httpcore.ConnectTimeout, "No connection within the deadline"),
    (httpcore.ConnectError, "No connection"),
    (httpcore.WriteTimeout, "The request could not be sent within the deadline"),
    (httpcore.WriteError, "The connection broke while the request was sent"),
    (httpcore.ReadTimeout, "No whole answer within the deadline"),
    (httpcore.ReadError, "The connection broke before a whole answer came"),
    (httpcore.ProtocolError, "No whole answer came back"),
)

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Deadline:
    """An instant of the monotonic clock, so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, zero or less when it has passed."""
        return self._ends - time.monotonic()


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What to send. path is appended to the configured address; query must be encoded. A body may hold a password."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpFailure(Exception):
    """No whole answer. was_written: at least one byte of the request may have left. is_certificate: a TLS refusal."""

    def __init__(self, reason: str, *, was_written: bool, is_certificate: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_written = was_written
        self.is_certificate = is_certificate


class AnswerTooLarge(Exception):
    """The answer is longer than MAX_ANSWER_BYTES."""


@dataclass(slots=True)
class _Watch:
    """What is known of one call while it runs."""

    deadline: Deadline
    was_written: bool = False
    was_answered: bool = False
    is_certificate: bool = False

    def seconds_for(self, timeout: type[httpcore.TimeoutException]) -> float:
        seconds = self.deadline.remaining()
        if seconds <= 0:
            raise timeout
        return seconds

    @contextmanager
    def guard(self, timeout: type[httpcore.TimeoutException], error: type[httpcore.NetworkError]) -> Iterator[None]:
        """Turn the socket's errors into httpcore's; httpcore reads on after a failed write, so the cause is kept."""
        try:
            yield
        except TimeoutError as late:
            raise timeout from late
        except OSError as broken:
            self.is_certificate = self.is_certificate or _is_about_certificate(broken)
            raise error(str(broken)) from broken


def _is_about_certificate(broken: OSError) -> bool:
    return isinstance(broken, ssl.SSLError) and any(word in str(broken.reason) for word in CERTIFICATE_REASONS)


class _WatchedStream(httpcore.NetworkStream):
    """A socket whose every step gets what is left of the deadline; timeouts passed in are not looked at."""

    def __init__(self, connection: socket.socket, watch: _Watch) -> None:
        self._connection = connection
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  httpcore's signature
        self._connection.settimeout(self._watch.seconds_for(httpcore.ReadTimeout))
        with self._watch.guard(httpcore.ReadTimeout, httpcore.ReadError):
            received = self._connection.recv(max_bytes)
        self._watch.was_answered = self._watch.was_answered or bool(received)
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  httpcore's signature
        while buffer:
            self._connection.settimeout(self._watch.seconds_for(httpcore.WriteTimeout))
            # Before the call: a send that fails may still have let bytes go.
            self._watch.was_written = True
            with self._watch.guard(httpcore.WriteTimeout, httpcore.WriteError):
                sent = self._connection.send(buffer)
            buffer = buffer[sent:]

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  httpcore's signature
    ) -> httpcore.NetworkStream:
        try:
            self._connection.settimeout(self._watch.seconds_for(httpcore.ConnectTimeout))
            with self._watch.guard(httpcore.ConnectTimeout, httpcore.ConnectError):
                wrapped = ssl_context.wrap_socket(self._connection, server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return _WatchedStream(wrapped, self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._connection if info == "socket" else None


class _WatchedBackend(httpcore.NetworkBackend):
    def __init__(self, watch: _Watch) -> None:
        self._watch = watch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  httpcore's signature
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[SocketOption] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        with self._watch.guard(httpcore.ConnectTimeout, httpcore.ConnectError):
            connection = _connected(host, port, self._watch)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _WatchedStream(connection, self._watch)


def _connected(host: str, port: int, watch: _Watch) -> socket.socket:
    """The first address of a name that takes the connection; the look-up and all of them together get one deadline."""
    refusal = OSError(f"{host} has no address")
    found = addresses(host, port, seconds=watch.seconds_for(httpcore.ConnectTimeout))
    for family, kind, protocol, _name, address in found:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(watch.seconds_for(httpcore.ConnectTimeout))
            connection.connect(address)
        except OSError as refused:
            connection.close()
            refusal = refused
        except httpcore.ConnectTimeout:
            connection.close()
            raise
        else:
            return connection
    raise refusal


class HttpTransport:
    """Calls to one configured address, each on a connection of its own.

    client_cert and client_key are PEM files shown to the service; ca_file replaces the public authorities. Plain http
    is accepted for loopback only. GatewayMisconfigured names what is wrong.
    """

    def __init__(self, url: str, *, client_cert: str = "", client_key: str = "", ca_file: str = "") -> None:
        parts = _usable(url)
        self._origin = _origin(parts)
        self._host_header = parts.netloc
        self._prefix = parts.path.rstrip("/")
        self._tls = _tls_context(client_cert, client_key, ca_file) if parts.scheme == "https" else None

    def send(self, request: HttpRequest, deadline: Deadline) -> HttpAnswer:
        """Send once and read the whole answer before the deadline; HttpFailure otherwise."""
        watch = _Watch(deadline)
        try:
            return self._send(request, watch)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, AnswerTooLarge) as failure:
            raise HttpFailure(
                _reason(failure, is_certificate=watch.is_certificate),
                was_written=watch.was_written,
                is_certificate=watch.is_certificate and not watch.was_answered,
            ) from failure

    def _send(self, request: HttpRequest, watch: _Watch) -> HttpAnswer:
        connection = httpcore.HTTPConnection(
            self._origin, ssl_context=self._tls, network_backend=_WatchedBackend(watch), retries=0
        )
        with (
            connection,
            connection.stream(
                request.method, self._address(request), headers=self._headers(request), content=request.body
            ) as response,
        ):
            return HttpAnswer(
                status=response.status,
                headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers},
                body=_limited(response.iter_stream()),
            )

    def _address(self, request: HttpRequest) -> httpcore.URL:
        target = (self._prefix + request.path or "/") + (f"?{request.query}" if request.query else "")
        origin = self._origin
        return httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=target)

    def _headers(self, request: HttpRequest) -> list[tuple[bytes | str, bytes | str]]:
        own = {"Host": self._host_header, "Connection": "close", "User-Agent": "Seatdesk"}
        length = {"Content-Length": str(len(request.body))} if request.body else {}
        return list({**own, **length, **request.headers}.items())


def _reason(failure: Exception, *, is_certificate: bool) -> str:
    """What went wrong, for the person who must decide; the library's own words stand behind it."""
    if is_certificate:
        words = "A certificate was not accepted"
    else:
        words = next((words for kind, words in FAILURES if isinstance(failure, kind)), type(failure).__name__)
    return f"{words} ({failure})" if str(failure) else words


def _origin(parts: SplitResult) -> httpcore.Origin:
    try:
        return httpcore.Origin(
            scheme=parts.scheme.encode(),
            host=(parts.hostname or "").encode("idna"),
            port=parts.port or DEFAULT_PORTS[parts.scheme],
        )
    except ValueError as unusable:
        raise GatewayMisconfigured(f"The vendor's address cannot be used: {unusable}") from unusable


def _usable(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise GatewayMisconfigured(f"{url!r} is no http or https address.")
    if parts.username or parts.query or parts.fragment:
        raise GatewayMisconfigured("The vendor's address takes no sign-in, query or fragment.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise GatewayMisconfigured("Plain http is for a simulator on this machine only; a real service needs https.")
    return parts


def _tls_context(client_cert: str, client_key: str, ca_file: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file or certifi.where())
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if client_cert:
            context.load_cert_chain(client_cert, client_key or None)
    except OSError as unusable:
        raise GatewayMisconfigured(f"The vendor's certificate files cannot be used: {unusable}") from unusable
    return context


def _limited(chunks: Iterable[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise AnswerTooLarge(f"The answer is longer than {MAX_ANSWER_BYTES} bytes.")
    return bytes(body)
