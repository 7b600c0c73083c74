"""flask commands: each calls one operation or starts one process."""

import signal
import sys
import threading
from dataclasses import replace
from datetime import datetime

import click
from flask import Flask

from config import ROOT, Config, Stage
from database import db, migrate
from jobs.dispatch import run_worker
from jobs.timer import Timer
from operations.load_demo import load_demo
from operations.seal_audit import verify_audit


def register_commands(app: Flask, config: Config) -> None:
    """Add the product's commands to `flask`."""
    app.cli.command("migrate", help="Create or update the database.")(_migrate)

    @app.cli.command("demo", help="Load the demo book into an empty database.")
    @click.option("--until", default="", help="End the history at this instant, such as 2017-07-23T13:00:00Z.")
    def demo(until: str) -> None:
        _load_demo(config, until=until)

    @app.cli.command("worker", help="Serve the queue of commands.")
    def worker() -> None:
        run_worker(config.redis_url)

    @app.cli.command("dispatch", help="The clock process: wake what is due, settle what is unknown.")
    def dispatch() -> None:
        _run_timer(config)

    @app.cli.command("verify-audit", help="Recompute the chain of the audit trail.")
    def verify() -> None:
        _verify_audit()


def _migrate() -> None:
    with db.connection_context():
        for name in migrate():
            click.echo(f"applied {name}")


def _load_demo(config: Config, *, until: str) -> None:
    if config.stage is Stage.PRODUCTION:
        raise click.ClickException("The demo book is not for production.")
    if not config.demo_password:
        raise click.ClickException("SEATDESK_DEMO_PASSWORD is not set.")
    moment = config.clock.moment(config.zone)
    if until:
        moment = replace(moment, now=datetime.fromisoformat(until))
    with db.connection_context():
        is_new = load_demo(ROOT / "demo", password=config.demo_password, moment=moment)
    click.echo("The demo book is loaded." if is_new else "There is a book already; nothing was changed.")


def _run_timer(config: Config) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Timer(config).run(stop)


def _verify_audit() -> None:
    with db.connection_context():
        verdict = verify_audit()
    click.echo(f"{verdict.sealed} sealed, {verdict.unsealed} not sealed yet")
    if verdict.broken_at is not None:
        click.echo(f"the chain is broken at entry {verdict.broken_at}", err=True)
        sys.exit(1)
