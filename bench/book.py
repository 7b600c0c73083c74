"""The book that is measured: generated on PostgreSQL or SQLite, or one that BENCH_DATABASE_URL names."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from peewee import Database

import database
from database import db, is_sqlite
from licensing.moment import Moment
from licensing.terms import Month
from models import Subscription
from operations.generate_book import generate_book
from operations.load_demo import load_demo
from tests.services.postgres import PostgresServer

ZONE = ZoneInfo("Europe/Belgrade")
NOW = datetime(2019, 6, 20, 10, 0, tzinfo=UTC)
MOMENT = Moment(now=NOW, real_now=NOW, zone=ZONE)
MONTH = Month(2019, 3)
DEMO = Path(__file__).resolve().parents[1] / "demo"
_SMALL = "seatdesk_bench_small"
_PASSWORD = "a demo pass phrase"  # noqa: S105 - of a book that is thrown away


@contextmanager
def book(engine: str, subscriptions: int) -> Iterator[None]:
    """That many subscriptions in a database of their own, bound to the models."""
    with _address(engine) as url:
        opened = database.connect_to(url)
        opened.connect(reuse_if_open=True)
        database.migrate()
        if not Subscription.select().exists():
            _generate(subscriptions)
        yield
        db.close()


@contextmanager
def small_book(subscriptions: int) -> Iterator[Database]:
    """A book of its own beside the bound one, on the same engine; models are bound to it until the caller says else."""
    large = db.obj
    with _beside(large) as url:
        small = database.connect_to(url)
        small.connect(reuse_if_open=True)
        database.migrate()
        _generate(subscriptions)
        try:
            yield small
        finally:
            database.close_database()
            small.close()
            db.initialize(large)


@contextmanager
def _beside(large: Database) -> Iterator[str]:
    if is_sqlite():
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/small.db"
        return
    large.execute_sql(f'DROP DATABASE IF EXISTS "{_SMALL}" WITH (FORCE)')
    large.execute_sql(f'CREATE DATABASE "{_SMALL}" TEMPLATE template0')
    address = urlsplit(large.database)
    try:
        yield address._replace(path=f"/{_SMALL}").geturl()
    finally:
        db.initialize(large)
        large.execute_sql(f'DROP DATABASE "{_SMALL}" WITH (FORCE)')


@contextmanager
def _address(engine: str) -> Iterator[str]:
    if os.environ.get("BENCH_DATABASE_URL"):
        yield os.environ["BENCH_DATABASE_URL"]
    elif engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.db"
    else:
        server = PostgresServer()
        try:
            yield server.create("bench")
        finally:
            server.stop()


def _generate(subscriptions: int) -> None:
    began = time.perf_counter()
    load_demo(DEMO, password=_PASSWORD, moment=MOMENT)
    generate_book(subscriptions, seed=1, password=_PASSWORD, moment=MOMENT, tell=_tell)
    db.execute_sql("ANALYZE" if is_sqlite() else "VACUUM ANALYZE")
    spent = time.perf_counter() - began
    print(
        f"{subscriptions:,} subscriptions generated in {spent:.0f} s ({subscriptions / spent:,.0f} a second)",
        flush=True,
    )


def _tell(written: int) -> None:
    if written % 100_000 == 0:
        print(f"  {written:,} …", flush=True)
