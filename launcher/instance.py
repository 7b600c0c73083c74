"""The instance folder: secrets kept for the next start, the lock of the running start, the socket's place."""

import fcntl
import json
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

from launcher.words import StartRefused, say

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LONGEST_SOCKET_PATH = 100
_PATIENCE_SECONDS = 60


class AlreadyRunning(Exception):
    """Another start holds the instance; the message says where it runs."""


def kept_secret(path: Path, wanted: str) -> str:
    """The secret kept in the file; where there is none yet, the wanted one is written, for the owner alone."""
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{wanted}\n")
    return wanted


def random_password() -> str:
    """Sixteen letters and digits that are hard to confuse, in groups of four: 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def socket_folder(instance: Path) -> Path:
    """Where Valkey's socket fits: the instance folder, or a short private one where the path is too long."""
    if len(os.fsencode(instance / "redis.sock")) <= _LONGEST_SOCKET_PATH:
        return instance
    return Path(tempfile.mkdtemp(prefix="seatdesk-"))


class Instance:
    """The folder, held by one start at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self.children_lock = os.open(folder / "children.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def hold(self) -> None:
        """Take the folder for this start. Raises AlreadyRunning where another start has it."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(self._told()) from None
        self.tell(address="")

    def tell(self, *, address: str) -> None:
        """Leave word of where we run, for a second start."""
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, json.dumps({"process": os.getpid(), "address": address}).encode(), 0)

    def _told(self) -> str:
        try:
            told = json.loads(os.pread(self._lock, 1000, 0))
        except ValueError:
            return "Seatdesk is just being started here."
        process = told["process"]
        if not told["address"]:
            return f"Seatdesk is just being started here, by process {process}."
        return f"Seatdesk already runs here: {told['address']} (process {process}; Ctrl-C there stops it)."

    def wait_for_children(self) -> None:
        """Wait until every process of an earlier start has ended; each holds this lock while it lives.

        Raises StartRefused when they do not end.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        is_told = False
        while time.monotonic() < until:
            try:
                fcntl.flock(self.children_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not is_told:
                    say("Waiting for the processes of the last start to end …")
                is_told = True
                time.sleep(0.2)
            else:
                return
        raise StartRefused(f"Processes of an earlier start still use {self.folder}; end them and start again.")


def remove_socket_folder(folder: Path, instance: Path) -> None:
    """Remove the short folder, where there was need of one."""
    if folder != instance:
        shutil.rmtree(folder, ignore_errors=True)
