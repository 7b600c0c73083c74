"""flask commands: each calls one operation or starts one process."""

import signal
import sys
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from flask import Flask

from access import SYSTEM
from cli_text import case_line, life_lines, run_line
from config import ROOT, Config, Stage
from database import close_database, db, migrate
from gateways.base import GatewayMisconfigured
from jobs.backup_watch import BackupWatch, forget_mark
from jobs.dispatch import QUEUE, QUEUES, run_worker
from jobs.reconcile import reconcile, reconcile_with_file
from jobs.room import GATEWAY, room_of
from jobs.timer import Timer
from jobs.vendor_file import VendorFileRefused, read_vendor_file
from operations.gateway_holds import hold_gateway
from operations.generate_book import BookRefused, generate_book
from operations.load_demo import load_demo
from operations.reconcile import ReconciliationRuns
from operations.restored_backup import hold_restored
from operations.seal_audit import verify_audit
from queries.command_life import NoSuchCommand, command_life, find_by_reference
from queries.listing import PageRequest, as_id
from queries.reconciliations import CaseFilter, cases

_TOLD_AFTER = 50_000  # subscriptions


def register_commands(app: Flask, config: Config) -> None:
    """Add the product's commands to `flask`."""
    app.cli.command("migrate", help="Create or update the database.")(_migrate)

    @app.cli.command("demo", help="Load the demo book into an empty database.")
    @click.option("--until", default="", help="End the history at this instant, such as 2017-07-23T13:00:00Z.")
    def demo(until: str) -> None:
        _load_demo(config, until=until)

    @app.cli.command("generate", help="Add a large invented book beside the demo book, for trying out and measuring.")
    @click.option("--subscriptions", type=click.IntRange(1, 5_000_000), default=10_000, show_default=True)
    @click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same book.")
    def generate(subscriptions: int, seed: int) -> None:
        _generate(config, subscriptions=subscriptions, seed=seed)

    @app.cli.command("worker", help="Serve a queue: what talks to the vendor, or the files that are read and written.")
    @click.option("--queue", type=click.Choice(QUEUES), default=QUEUE, show_default=True)
    def worker(queue: str) -> None:
        _run_worker(config, queue=queue)

    @app.cli.command("dispatch", help="The clock process: wake what is due, settle what is unknown.")
    def dispatch() -> None:
        _run_timer(config)

    @app.cli.command("reconcile", help="Compare usable licences with the vendor's state; sends no command.")
    @click.option(
        "--file", "path", type=click.Path(path_type=Path), help="The vendor's list as CSV, in place of reading."
    )
    def reconcile_now(path: Path | None) -> None:
        _reconcile(config, path)

    @app.cli.command("hold", help="Send nothing until a reconciliation is clean and a distributor releases it.")
    @click.option("--reason", required=True, help="Why, for those who look.")
    @click.option("--restored", is_flag=True, help="The database is a backup: what is queued may have been sent.")
    def hold(reason: str, *, restored: bool) -> None:
        _hold(config, reason, restored=restored)

    @app.cli.command("trace", help="Print one command's whole life; ID is its number or its reference.")
    @click.argument("command_id", metavar="ID")
    def trace(command_id: str) -> None:
        _trace(config, command_id)

    @app.cli.command("verify-audit", help="Recompute the chain of the audit trail.")
    def verify() -> None:
        _verify_audit()


def _migrate() -> None:
    with db.connection_context():
        for name in migrate():
            click.echo(f"applied {name}")


def _refuse_without_demo(config: Config) -> None:
    if config.stage is Stage.PRODUCTION:
        raise click.ClickException("The demo book is not for production.")
    if not config.demo_password:
        raise click.ClickException("SEATDESK_DEMO_PASSWORD is not set.")


def _load_demo(config: Config, *, until: str) -> None:
    _refuse_without_demo(config)
    moment = config.clock.moment(config.zone)
    if until:
        moment = replace(moment, now=datetime.fromisoformat(until))
    with db.connection_context():
        is_new = load_demo(ROOT / "demo", password=config.demo_password, moment=moment)
    if is_new:
        forget_mark(config.instance)
    click.echo("The demo book is loaded." if is_new else "There is a book already; nothing was changed.")


def _run_worker(config: Config, *, queue: str) -> None:
    with db.connection_context():
        BackupWatch(config).look(moment=config.clock.moment(config.zone), is_worker=True)
    close_database()  # the jobs' processes must not inherit a connection
    run_worker(config.redis_url, queue=queue)


def _generate(config: Config, *, subscriptions: int, seed: int) -> None:
    _refuse_without_demo(config)
    moment, password = config.clock.moment(config.zone), config.demo_password
    with db.connection_context():
        load_demo(ROOT / "demo", password=password, moment=moment)
        try:
            generate_book(subscriptions, seed=seed, password=password, moment=moment, tell=_tell_progress)
        except BookRefused as refused:
            raise click.ClickException(str(refused)) from None
    click.echo(f"{subscriptions:,} subscriptions were added.")


def _tell_progress(written: int) -> None:
    if written % _TOLD_AFTER == 0:
        click.echo(f"{written:,} …")


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


def _reconcile(config: Config, path: Path | None) -> None:
    """Exit status: 0 where everything is alike, 1 where not everything is, 2 where it could not be compared."""
    try:
        room, listed = room_of(config), None if path is None else read_vendor_file(path, zone=config.zone)
        with db.connection_context():
            run = reconcile(room) if listed is None else reconcile_with_file(room, listed)
            for case in cases(CaseFilter(state="open"), actor=SYSTEM).everything(PageRequest()):
                click.echo(case_line(case))
    except ReconciliationRuns:
        raise click.ClickException("Another reconciliation is running.") from None
    except (VendorFileRefused, GatewayMisconfigured) as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(run_line(run))
    sys.exit(2 if run.state == "failed" else 0 if run.is_clean else 1)


def _hold(config: Config, reason: str, *, restored: bool) -> None:
    moment = config.clock.moment(config.zone)
    with db.connection_context():
        if restored:
            doubted = hold_restored(GATEWAY, reason=reason, actor=SYSTEM, moment=moment)
            click.echo(f"Sending is on hold. {doubted} queued commands are of unknown outcome now.")
        else:
            hold_gateway(GATEWAY, reason=reason, actor=SYSTEM, moment=moment, needs_reconciliation=True)
            click.echo("Sending is on hold.")


def _trace(config: Config, command_id: str) -> None:
    with db.connection_context():
        found = as_id(command_id) or find_by_reference(command_id, actor=SYSTEM)
        try:
            life = command_life(found, actor=SYSTEM, zone=config.zone)
        except NoSuchCommand:
            raise click.ClickException(f"There is no command {command_id}.") from None
        for line in life_lines(life, zone=config.zone):
            click.echo(line)
