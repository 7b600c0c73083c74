"""Whether a byte of the request was written decides between not executed and unknown; shown with real sockets."""

import itertools
import socket
import ssl
import struct
import threading
import time
from pathlib import Path

import pytest

from gateways.base import GatewayMisconfigured
from gateways.http_deadline import Deadline, HttpFailure, HttpRequest, HttpTransport
from licensing.commands import Confirmed, NotExecuted, Unknown
from licensing.states import CommandKind
from tests.gateways.conftest import Desk
from tests.gateways.listener import answering, answering_with, listening, read_request, response
from tests.simulator.process import SimulatorProcess

CERTIFICATES = Path(__file__).parent / "certificates"
A_CANCEL = Desk(None).request(CommandKind.HARD_CANCEL, "1a00c30110c89d6e0ecc39de0e709b02")


@pytest.fixture
def cancel(adapter):
    """Send a HardCancel to a port and give the outcome."""

    def send(port, *, scheme="http", timeout_seconds=2.0, **options):
        gateway = adapter.gateway(f"{scheme}://127.0.0.1:{port}/", timeout_seconds=timeout_seconds, **options)
        return gateway.execute(A_CANCEL)

    return send


@pytest.fixture
def executed(adapter):
    """The body that confirms that HardCancel."""
    return adapter.executed(A_CANCEL)


def test_a_whole_answer_is_confirmed(cancel, executed):
    with listening(answering(response(executed))) as vendor:
        assert isinstance(cancel(vendor.port), Confirmed)


def test_a_refused_connection_is_not_executed(cancel, refused_url):
    outcome = cancel(int(refused_url.split(":")[-1].strip("/")))
    assert (type(outcome), outcome.evidence.was_written, outcome.holds_gateway) == (NotExecuted, False, False)


def test_a_name_that_does_not_exist_is_not_executed(adapter):
    nowhere = adapter.gateway("https://vendor.invalid/", timeout_seconds=2.0)
    outcome = nowhere.execute(A_CANCEL)
    assert (type(outcome), outcome.holds_gateway) == (NotExecuted, False)


def test_a_connection_closed_once_accepted_is_unknown(cancel):
    with listening(lambda connection: connection.close()) as vendor:
        assert isinstance(cancel(vendor.port), Unknown)


def test_a_connection_reset_after_the_request_is_unknown(cancel):
    def reset(connection):
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(reset) as vendor:
        assert isinstance(cancel(vendor.port), Unknown)


def test_one_request_is_one_connection_even_when_the_answer_is_lost(cancel):
    with listening(lambda connection: read_request(connection) and None) as vendor:
        cancel(vendor.port)
        assert vendor.connections == 1


def test_a_redirect_is_not_followed(cancel, executed):
    with listening(answering(response(executed))) as other:
        location = f"Location: http://127.0.0.1:{other.port}/\r\n"
        with listening(answering(response(b"", status="307 Temporary Redirect", headers=location))) as vendor:
            assert isinstance(cancel(vendor.port), Unknown)
        assert other.connections == 0


BAD_ANSWERS = {
    "cut short": lambda body: response(body[:20], length=len(body)),
    "no length and cut short": lambda body: b"HTTP/1.1 200 OK\r\n\r\n" + body[:20],
    "chunk cut short": lambda body: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + body,
    "no HTTP": lambda body: b"hello\r\n\r\n",
    "empty body": lambda body: response(b""),
    "HTML": lambda body: response(b"<html>It works</html>"),
    "not UTF-8": lambda body: response(body.replace(b"S", b"\xff", 1)),
    "twice in one body": lambda body: response(body + body),
    "too large": lambda body: response(body + b" " * 1_000_001),
    "ten megabytes": lambda body: response(body + b" " * 10_000_000),
    "too large without length": lambda body: b"HTTP/1.1 200 OK\r\n\r\n" + body + b" " * 1_000_001,
    "endless headers": lambda body: b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000,
    "a refusal without words": lambda body: response(b"<html>Bad request</html>", status="400 Bad Request"),
    "a refusal that confirms": lambda body: response(body, status="409 Conflict"),
    "404 of a proxy": lambda body: response(b"not here", status="404 Not Found"),
    "a bad Retry-After": lambda body: response(b"", status="503 Busy", headers="Retry-After: soon\r\n"),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_an_answer_that_cannot_be_read_is_unknown(cancel, executed, answer):
    with listening(answering(answer(executed))) as vendor:
        outcome = cancel(vendor.port)
    assert isinstance(outcome, Unknown)
    assert len(outcome.evidence.response) <= 4_000


def test_an_answer_sent_twice_on_one_connection_is_one_answer(cancel, executed):
    with listening(answering(response(executed) + response(executed))) as vendor:
        assert isinstance(cancel(vendor.port), Confirmed)


def test_a_slow_trickle_ends_at_the_total_deadline(cancel, executed):
    body = response(executed)
    pieces = [body[index : index + 1] for index in range(len(body))]
    with listening(answering(*pieces, pause=0.05)) as vendor:
        begun = time.monotonic()
        outcome = cancel(vendor.port, timeout_seconds=0.4)
        assert time.monotonic() - begun < 3
    assert isinstance(outcome, Unknown)


def test_endless_interim_answers_end_at_the_total_deadline(cancel):
    interim = itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
    with listening(answering_with(interim, pause=0.01)) as vendor:
        begun = time.monotonic()
        outcome = cancel(vendor.port, timeout_seconds=0.3)
        assert time.monotonic() - begun < 3
    assert isinstance(outcome, Unknown)


def test_a_deadline_that_has_passed_writes_nothing():
    with listening(answering(response(b""))) as vendor:
        transport = HttpTransport(f"http://127.0.0.1:{vendor.port}/")
        with pytest.raises(HttpFailure) as failure:
            transport.send(HttpRequest(method="POST", path="/hardcancel", body=b"{}"), Deadline(0.0))
        assert not failure.value.was_written


def test_a_name_with_several_silent_addresses_takes_no_longer_than_one(adapter, monkeypatch):
    """A lease outlasts one deadline, not one for each address of the name."""
    with socket.socket() as silent, socket.socket() as waiting:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        waiting.connect(silent.getsockname())
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", silent.getsockname())]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: found * 3)
        gateway = adapter.gateway(f"http://localhost:{silent.getsockname()[1]}/", timeout_seconds=0.5)
        started = time.monotonic()
        outcome = gateway.execute(A_CANCEL)
        took = time.monotonic() - started
    assert isinstance(outcome, NotExecuted)
    assert took < 1.0


def test_a_name_that_is_never_looked_up_ends_at_the_total_deadline(adapter, monkeypatch):
    """A resolver that hangs must not keep a slot beyond its lease; nothing was written, so it is sent again."""
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: is_over.wait(10))
    nowhere = adapter.gateway("https://vendor.invalid/", timeout_seconds=0.3)
    started = time.monotonic()
    outcome = nowhere.execute(A_CANCEL)
    took = time.monotonic() - started
    is_over.set()
    assert (type(outcome), outcome.evidence.was_written, outcome.holds_gateway) == (NotExecuted, False, False)
    assert took < 3


def test_a_look_up_takes_its_time_from_the_whole_call(adapter, executed, monkeypatch):
    """The vendor answers within the deadline counted from the connection, not within that of the call."""
    look_up = socket.getaddrinfo

    def slow(*arguments, **options):
        time.sleep(0.4)
        return look_up(*arguments, **options)

    def answer_late(connection):
        read_request(connection)
        time.sleep(0.4)
        connection.sendall(response(executed))

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with listening(answer_late) as vendor:
        assert isinstance(
            adapter.gateway(f"http://localhost:{vendor.port}/", timeout_seconds=0.6).execute(A_CANCEL), Unknown
        )
        assert isinstance(
            adapter.gateway(f"http://localhost:{vendor.port}/", timeout_seconds=5.0).execute(A_CANCEL), Confirmed
        )


def test_a_retry_date_is_read_against_the_answers_own_date(cancel):
    headers = "Date: Sun, 23 Jul 2017 12:00:00 GMT\r\nRetry-After: Sun, 23 Jul 2017 12:01:30 GMT\r\n"
    with listening(answering(response(b"", status="503 Busy", headers=headers))) as vendor:
        assert cancel(vendor.port).retry_after_seconds == 90.0


class TestTls:
    """Handshake bytes are no request bytes; a certificate that one side refuses holds the gateway."""

    def test_garbage_instead_of_a_handshake_is_not_executed(self, cancel):
        with listening(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as vendor:
            outcome = cancel(vendor.port, scheme="https")
        assert (type(outcome), outcome.holds_gateway, outcome.evidence.was_written) == (NotExecuted, False, False)

    def test_a_handshake_that_is_cut_off_is_not_executed(self, cancel):
        with listening(lambda connection: connection.recv(10) and None) as vendor:
            outcome = cancel(vendor.port, scheme="https")
        assert (type(outcome), outcome.holds_gateway) == (NotExecuted, False)

    def test_a_handshake_without_answer_is_not_executed(self, cancel):
        with listening(lambda _connection: time.sleep(0.5)) as vendor:
            outcome = cancel(vendor.port, scheme="https", timeout_seconds=0.3)
        assert (type(outcome), outcome.evidence.was_written) == (NotExecuted, False)

    def test_a_server_that_we_do_not_trust_holds_the_gateway(self, adapter, executed):
        with listening(answering(response(executed)), tls=server_tls()) as vendor:
            outcome = cancel_by_tls(adapter, f"https://127.0.0.1:{vendor.port}/", authority="stranger")
        assert (type(outcome), outcome.holds_gateway, outcome.evidence.was_written) == (NotExecuted, True, False)

    def test_a_certificate_that_is_not_the_servers_holds_the_gateway(self, adapter, executed):
        with listening(answering(response(executed)), tls=server_tls(identity="client")) as vendor:
            outcome = cancel_by_tls(adapter, f"https://127.0.0.1:{vendor.port}/")
        assert (type(outcome), outcome.holds_gateway) == (NotExecuted, True)

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_a_client_certificate_that_the_server_refuses_holds_the_gateway(self, adapter, executed, version):
        with listening(answering(response(executed)), tls=server_tls(version)) as vendor:
            outcome = cancel_by_tls(adapter, f"https://127.0.0.1:{vendor.port}/", client="stranger")
        assert (type(outcome), outcome.holds_gateway) == (NotExecuted, True)

    def test_a_client_certificate_that_is_missing_holds_the_gateway(self, adapter, executed):
        with listening(answering(response(executed)), tls=server_tls()) as vendor:
            outcome = cancel_by_tls(adapter, f"https://127.0.0.1:{vendor.port}/", client=None)
        assert (type(outcome), outcome.holds_gateway) == (NotExecuted, True)

    def test_the_simulator_demands_our_certificate_where_it_is_told_to(self, adapter, tmp_path):
        names = {"CERT": "server", "KEY": "server", "CLIENT_CA": "authority"}
        files = {f"SIMULATOR_TLS_{name}": certificate(file) for name, file in names.items()}
        vendor = SimulatorProcess(tmp_path, SIMULATOR_HISTORY_UNTIL="2017-04-01T00:00+02:00", **files)
        request = Desk(None).create_request()
        shown = ("client", "stranger", None)
        outcomes = [by_tls(adapter, adapter.url(vendor), client=client).execute(request) for client in shown]
        vendor.stop()
        assert isinstance(outcomes[0], Confirmed)
        assert [(type(outcome), outcome.holds_gateway) for outcome in outcomes[1:]] == [(NotExecuted, True)] * 2


def certificate(name):
    return str(CERTIFICATES / f"{name}.pem")


def server_tls(version=ssl.TLSVersion.TLSv1_3, *, identity="server"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(identity))
    context.load_verify_locations(certificate("authority"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = version
    return context


def by_tls(adapter, url, *, client="client", authority="authority"):
    shown = {} if client is None else {"client_cert": certificate(client)}
    return adapter.gateway(url, ca_file=certificate(authority), **shown)


def cancel_by_tls(adapter, url, **files):
    return by_tls(adapter, url, **files).execute(A_CANCEL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1/",
        "https:///create",
        "http://vendor.example/",
        "https://user:secret@vendor.example/",
        "https://vendor.example/?key=1",
        "https://vendor.example:99999/",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(adapter, url):
    with pytest.raises(GatewayMisconfigured):
        adapter.gateway(url)


def test_certificate_files_that_cannot_be_read_are_refused(adapter, tmp_path):
    with pytest.raises(GatewayMisconfigured):
        adapter.gateway("https://vendor.example/", client_cert=str(tmp_path / "missing.pem"))
