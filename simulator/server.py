"""The HTTP side: reads a request, routes it to the vendor or to the control desk, writes what comes back."""

import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulator import soap
from simulator.control import ControlDesk, ControlRequest, ControlResponse
from simulator.enact import Enactor, Reply
from simulator.licences import COMMANDS, READS, Answer, Call
from simulator.service import REFERENCE_HEADER, error
from simulator.settings import Tls

BASE_PATH = "/Subscriptions/v2.0/api/Subscription/"
MAX_BODY = 1_000_000
LOOPBACK = "127.0.0.1"


class SimulatorServer(ThreadingHTTPServer):
    """One thread per connection, on loopback only."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        *,
        enactor: Enactor,
        control: ControlDesk,
        tls: Tls | None = None,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.enactor = enactor
        self.control = control
        self.credentials = credentials
        self.tls = None if tls is None else _tls_context(tls)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept; the TLS handshake is left to the connection's own thread."""
        connection, address = super().get_request()
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    if tls.client_authority is not None:
        context.load_verify_locations(tls.client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True
    wbufsize = -1
    server: SimulatorServer

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._route(b"")

    def do_DELETE(self) -> None:
        self._route(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self._send_reply(Reply(error(413, "BodyTooLarge", "The body is too large or of no stated length.")))
            return
        self._route(self.rfile.read(int(length)))

    def _route(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        if path.startswith(BASE_PATH):
            self._order_service(path.removeprefix(BASE_PATH), body)
        elif path == soap.PATH:
            self._subscription_service(body)
        else:
            self._send_control(self.server.control.respond(self._control_request(path, body)))

    def _order_service(self, operation: str, body: bytes) -> None:
        reference = self.headers.get(REFERENCE_HEADER)
        fields = self._fields(body)
        if operation not in (COMMANDS if self.command == "POST" else READS):
            self._refuse(operation, error(404, "OperationUnknown", "There is no such operation."))
        elif fields is None:
            self._refuse(operation, error(400, "BodyUnreadable", "The body is no JSON object."))
        else:
            call = Call(operation=operation, fields=fields, reference=reference)
            self.server.enactor.run(call, self._send_reply)

    def _subscription_service(self, body: bytes) -> None:
        try:
            request = soap.read_request(body)
        except soap.SoapUnreadable as unreadable:
            self._refuse("SubscriptionRequest", soap.fault(400, str(unreadable)), is_soap=True)
            return
        if self.server.credentials not in (None, (request.user_name, request.password)):
            self._refuse(request.call.operation, soap.fault(401, "The name or the password is wrong."), is_soap=True)
            return
        self.server.enactor.run(request.call, self._send_reply)

    def _refuse(self, operation: str, answer: Answer, *, is_soap: bool = False) -> None:
        """Write down a request that no rule gets to see, and its answer."""
        call = Call(operation=operation[:60], fields={}, note="not understood or not admitted")
        self._send_reply(Reply(self.server.enactor.service.answer_without_effect(call, answer), is_soap=is_soap))

    def _fields(self, body: bytes) -> Mapping[str, Any] | None:
        if self.command != "POST":
            return dict(parse_qsl(urlsplit(self.path).query))
        with suppress(ValueError):
            fields = json.loads(body)
            return fields if isinstance(fields, dict) else None
        return None

    def _send_reply(self, reply: Reply) -> None:
        self.close_connection = True
        if reply.answer is None:
            self._hang_up()
            return
        content_type = soap.CONTENT_TYPE if reply.is_soap else "application/json; charset=utf-8"
        headers = {"Content-Type": content_type, **reply.answer.headers}
        for _ in range(reply.times):
            self._write(reply.answer.status, headers=headers, content=reply.content())

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _control_request(self, path: str, body: bytes) -> ControlRequest:
        return ControlRequest(
            method=self.command,
            path=path,
            query=dict(parse_qsl(urlsplit(self.path).query)),
            body=body,
            content_type=self.headers.get("Content-Type", ""),
            host=self.headers.get("Host", ""),
            origin=self.headers.get("Origin"),
        )

    def _send_control(self, response: ControlResponse) -> None:
        headers = {"Content-Type": response.content_type, "Cache-Control": "no-store", **response.headers}
        self._write(response.status, headers=headers, content=response.content)

    def _write(self, status: int, *, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing: the ledger is the log, and a query string belongs in none."""
