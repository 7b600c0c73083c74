"""A real PostgreSQL cluster in a temporary folder, on a private socket, as a user that is not root.

Seatdesk signs in there as it should anywhere: as an ordinary role that owns its databases, with its tenant role.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2

from launcher.children import stop as stop_child
from tests.services import children
from tests.services.missing import not_run
from tests.services.programs import find

_USERS = ("postgres", "nobody")
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
_ICU_SINCE = 15
OWNER = "seatdesk"
_ROLES = (
    f"CREATE ROLE {OWNER} LOGIN CREATEDB",
    f"CREATE ROLE {OWNER}_tenant NOLOGIN",
    f"GRANT {OWNER}_tenant TO {OWNER}",
)


def _owner() -> dict[str, object]:
    """How to start the server: PostgreSQL refuses root, so root becomes somebody else."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    owner = next((known[name] for name in _USERS if name in known), None)
    if owner is None:
        not_run("PostgreSQL refuses to run as root, and neither postgres nor nobody exists")
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


class PostgresServer:
    """One cluster: start, new databases, stop."""

    def __init__(self) -> None:
        programs = find("postgres"), find("initdb")
        if not all(programs):
            not_run("PostgreSQL is not installed")
        self._postgres, self._initdb = programs
        self._owner = _owner()
        self.folder = Path(tempfile.mkdtemp(prefix="seatdesk-pg-"))
        if self._owner:
            os.chown(self.folder, self._owner["user"], self._owner["group"])
        self._create_cluster()
        self.start()
        for statement in _ROLES:
            self.execute(statement)

    def _create_cluster(self) -> None:
        version = subprocess.check_output([self._postgres, "--version"], text=True).split()[2]
        # A sort order unlike SQLite's own, so that a query that leans on the database's collation is found.
        icu = ["--locale-provider=icu", "--icu-locale=en"] if int(version.split(".")[0]) >= _ICU_SINCE else []
        arguments = [
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            *icu,
            "--no-sync",
        ]
        subprocess.run(
            [self._initdb, "-D", self.folder / "cluster", *arguments],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._owner,
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {**_QUICK, "listen_addresses": "", "unix_socket_directories": self.folder}
        options = [f"--{name}={value}" for name, value in settings.items()]
        self.process = children.start(
            [self._postgres, "-D", self.folder / "cluster", *options],
            log=self.folder / "log",
            end_with=signal.SIGQUIT,
            cwd=self.folder,
            **self._owner,
        )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            try:
                psycopg2.connect(self.url("postgres", user="postgres")).close()
            except psycopg2.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL does not start:\n{(self.folder / 'log').read_text()}")

    def url(self, name: str, *, user: str = OWNER) -> str:
        """The address of one database."""
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement as superuser outside a transaction, such as CREATE DATABASE."""
        connection = psycopg2.connect(self.url("postgres", user="postgres"))
        connection.autocommit = True
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()

    def create(self, name: str, *, template: str = "template0") -> str:
        """Create a database as a copy of another; gives its address."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {OWNER}')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server and remove what it wrote."""
        stop_child(self.process, signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)
