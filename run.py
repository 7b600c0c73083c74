#!/usr/bin/env python3
"""Start Seatdesk: `make run` calls this, and it works alone. Standard library only.

Makes .venv and installs into it, migrates the database, loads the demo book, starts every process, prints the address
and the sign-ins, and keeps the processes running until Ctrl-C or SIGTERM. docs/development.md lists the settings.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python reads this file too, and gets no further
    sys.exit("Seatdesk needs Python 3.11 or later; this is {}.{}. Try: python3.11 run.py".format(*sys.version_info))

import csv
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from launcher import children, demo_clock, environment, ports, programs, settings
from launcher.instance import AlreadyRunning, Instance, remove_socket_folder, socket_folder
from launcher.supervisor import Supervisor
from launcher.words import StartRefused, say

ROOT = Path(__file__).resolve().parent
VALKEY_SECONDS = 20
WEB_SECONDS = 90
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def prepare_book(python: Path, *, instance: Path, environ: dict[str, str]) -> None:
    """Migrate the database and, in a demo, load the demo book; both do nothing the second time."""
    log = children.fresh_log(instance / "log", "setup")
    say("Looking after the database …")
    programs.run_once([python, "-m", "flask", "migrate"], log=log, cwd=ROOT, environ=environ)
    if environ["SEATDESK_ENV"] == "demo":
        until = ["--until", environ["SIMULATOR_HISTORY_UNTIL"]] if "SIMULATOR_HISTORY_UNTIL" in environ else []
        programs.run_once([python, "-m", "flask", "demo", *until], log=log, cwd=ROOT, environ=environ)


def start_all(supervisor: Supervisor, *, python: Path, instance: Path, sockets: Path, environ: dict[str, str]) -> None:
    """Start Valkey unless the user has one, prepare the book, start the rest, wait until the sign-in page answers."""
    if not os.environ.get("REDIS_URL"):
        supervisor.start(programs.valkey(python, instance=instance, sockets=sockets))
        supervisor.wait_until(
            "valkey",
            answers=lambda: programs.answers_ping(sockets / "redis.sock"),
            patience_seconds=VALKEY_SECONDS,
        )
    prepare_book(python, instance=instance, environ=environ)
    if environ["SEATDESK_ENV"] == "demo":
        supervisor.start(programs.simulator(python))
    say("Starting …")
    for program in programs.seatdesk(python):
        supervisor.start(program)
    port = int(environ["PORT"])
    supervisor.wait_until("web", answers=lambda: programs.answers_login(port), patience_seconds=WEB_SECONDS)


def tell_demo(environ: dict[str, str]) -> None:
    """Print who can sign in to the demo book, and how; and where the demo's vendor is controlled."""
    say(f"Sign in with the password  {environ['SEATDESK_DEMO_PASSWORD']}  as")
    with (ROOT / "demo" / "users.csv").open(encoding="utf-8", newline="") as file:
        for user in csv.DictReader(file):
            of_reseller = f' of "{user["reseller"]}"' if user["reseller"] else ""
            say(f"  {user['username']:<10} {user['role']}{of_reseller}")
    say(
        f"\nThe demo's vendor can be slowed down and broken at  http://{ports.HOST}:{environ['SIMULATOR_PORT']}/control"
    )


def tell(environ: dict[str, str], *, instance: Path) -> None:
    """Print where Seatdesk runs."""
    say(f"\nSeatdesk runs at  {address(environ)}\n")
    if environ["SEATDESK_ENV"] == "demo":
        tell_demo(environ)
    say(f"\nCtrl-C stops it. Logs: {instance / 'log'}")


def address(environ: dict[str, str]) -> str:
    """The one address of this start."""
    return f"http://{ports.HOST}:{environ['PORT']}"


def environ_for(instance: Path, sockets: Path) -> dict[str, str]:
    """The environment of every process of this start. Raises StartRefused."""
    port = ports.chosen(os.environ.get("PORT"))
    environ = settings.common_environ(os.environ, instance=instance, sockets=sockets, port=port)
    if settings.is_demo(os.environ):
        demo_clock.use_time_zones_of(ROOT / ".venv")
        environ |= settings.demo_environ(os.environ, instance=instance, port=port)
    return environ


def run(held: Instance) -> None:
    """Everything from the checks to the last word; ends by StartRefused or by a signal as KeyboardInterrupt."""
    held.wait_for_children()
    settings.is_demo(os.environ)
    ports.chosen(os.environ.get("PORT"))
    python = environment.ensure(ROOT)
    instance, sockets = held.folder, socket_folder(held.folder)
    environ = environ_for(instance, sockets)
    supervisor = Supervisor(cwd=ROOT, logs=instance / "log", environ=environ, held=[held.children_lock])
    try:
        start_all(supervisor, python=python, instance=instance, sockets=sockets, environ=environ)
        held.tell(address=address(environ))
        tell(environ, instance=instance)
        supervisor.watch_for_ever()
    finally:
        listen_to_signals(lambda *_: supervisor.hurry())
        say("Stopping …")
        supervisor.stop()
        remove_socket_folder(sockets, instance)


def listen_to_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    """Handle every signal that means stop; one that is ignored (nohup) stays ignored."""
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def main() -> int:
    """Start, and give the exit status: 0 after a stop that was asked for, 1 after a refusal."""
    os.umask(0o077)  # the book, the logs and the sockets are for this user alone
    held = Instance(Path(os.environ.get("SEATDESK_INSTANCE") or ROOT / "instance").resolve())
    try:
        held.hold()
    except AlreadyRunning as where:
        say(str(where))
        return 0
    listen_to_signals(signal.default_int_handler)
    try:
        run(held)
    except KeyboardInterrupt:
        say("Stopped; the next start goes on from here.")
    except StartRefused as refusal:
        say(str(refusal))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
