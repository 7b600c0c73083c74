"""What gunicorn answers and logs of requests that never reach the application."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.structure.source import ROOT
from web_worker import whole_answer

HOST = "Host: localhost\r\nConnection: close\r\n"
MANY = "A: hidden-word\r\n" * 150
UNREADABLE = {
    "a query with a space": (f"GET /login?company=hidden-word one HTTP/1.1\r\n{HOST}\r\n", 400),
    "no request at all": ("hidden-word\r\n\r\n", 400),
    "a cookie without its colon": (f"GET / HTTP/1.1\r\n{HOST}Cookie seatdesk=hidden-word\r\n\r\n", 400),
    "two lengths": (f"POST /login HTTP/1.1\r\n{HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
    "a length and chunks": (
        f"POST /login HTTP/1.1\r\n{HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "chunks that nobody knows": (f"POST /login HTTP/1.1\r\n{HOST}Transfer-Encoding: hidden-word\r\n\r\n", 501),
    "a line too long": (f"GET /login?q={'hidden-word' * 800} HTTP/1.1\r\n{HOST}\r\n", 414),
    "too many headers": (f"GET / HTTP/1.1\r\n{HOST}{MANY}\r\n", 431),
}


@dataclass(frozen=True)
class Web:
    """A running gunicorn with one worker."""

    port: int
    log: Path

    def ask(self, request: str) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as wire:
            wire.sendall(request.encode())
            answer = b""
            while chunk := wire.recv(65_536):
                answer += chunk
        return answer.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("web")
    served = Web(_free_port(), folder / "web.log")
    environ = {
        **os.environ,
        "SEATDESK_ENV": "test",
        "DATABASE_URL": f"sqlite:///{folder}/seatdesk.db",
        "SEATDESK_INSTANCE": str(folder),
        "PORT": str(served.port),
        "WEB_CONCURRENCY": "1",
    }
    with served.log.open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "app:create_app()"], cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        try:
            _wait_until_live(served)
            yield served
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(timeout=30)


def _wait_until_live(web: Web) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            assert " 200 " in web.ask(f"GET /livez HTTP/1.1\r\n{HOST}\r\n")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(web.log.read_text())


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_neither_repeated_nor_logged(web: Web, case: str) -> None:
    request, status = UNREADABLE[case]
    answer = web.ask(request)
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "Content-Security-Policy: default-src 'none'" in answer
    assert "X-Content-Type-Options: nosniff" in answer
    assert "Cache-Control: no-store" in answer
    assert "hidden-word" not in answer
    log = web.log.read_text()
    assert "hidden-word" not in log
    assert re.search(r"a request from 127\.0\.0\.1 cannot be read: \w+", log)


def test_by_https_these_answers_tell_browsers_to_stay_with_it() -> None:
    for address, is_told in (("https://desk.example", True), ("http://desk.example", False), ("", False)):
        answer = whole_answer(400, "Bad Request", environ={"SEATDESK_PUBLIC_URL": address})
        assert (b"Strict-Transport-Security: max-age=63072000; includeSubDomains" in answer) is is_told


@pytest.mark.parametrize("header", ["SCRIPT_NAME: /evil", "PATH_INFO: /evil", "X-Forwarded-Proto: https"])
def test_a_request_cannot_say_where_the_application_stands(web: Web, header: str) -> None:
    answer = web.ask(f"GET /users HTTP/1.1\r\n{HOST}{header}\r\n\r\n")
    assert answer.startswith("HTTP/1.1 308 ")
    assert "\r\nLocation: /users/\r\n" in answer


def test_trace_is_not_answered_with_the_request(web: Web) -> None:
    answer = web.ask(f"TRACE / HTTP/1.1\r\n{HOST}X-Mine: hidden-word\r\n\r\n")
    assert answer.startswith("HTTP/1.1 405 ")
    assert "hidden-word" not in answer


def test_each_request_is_a_line_without_its_query(web: Web) -> None:
    web.ask(f"GET /livez?q=hidden-word HTTP/1.1\r\n{HOST}\r\n")
    assert re.search(r"127\.0\.0\.1 user=- \w{16} GET /livez 200", web.log.read_text())
    assert "hidden-word" not in web.log.read_text()
