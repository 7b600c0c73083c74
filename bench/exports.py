"""The Subscription List as a file.

CSV as a browser gets it against COPY of the same columns, and the workbook as the job writes it against its writer
alone. Memory is that of a process of its own, which does nothing else.
"""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlencode

from flask import g
from rustpy_xlsxwriter import write_worksheet

import database
from access import Role
from admin_views.base import ListScreen
from auth.login import SignedIn
from bench.lists import Reader, address
from bench.ratio import Figure, measure
from database import db, is_sqlite
from exports.columns import Sheet
from exports.xlsx import write_xlsx

ROOT = Path(__file__).resolve().parents[1]
CSV_LIMIT, XLSX_LIMIT = 3.0, 2.0
CSV_MEGABYTES, XLSX_MEGABYTES = 40, 150
ROWS = 80_000
_LISTED = "subscription.order_state <> 'failed'"
# As near to 80,000 rows as a generated book of a million comes.
_SOME, _SOME_WHERE = (
    {"product": "1", "company_name": "d.o.o."},
    ("subscription.product_id = 1 AND customer.name_key LIKE '%d.o.o.%'"),
)
_COLUMNS = """
SELECT reseller.name, customer.company_name, customer.city, customer.country, product.name, sku.code,
       subscription.quantity, subscription.subscription_id, subscription.activation_code, subscription.order_state,
       subscription.cancelled_on, command.state, subscription.expires_on, person.name || ' ' || person.surname
FROM subscription
JOIN reseller ON reseller.id = subscription.reseller_id
JOIN customer ON customer.id = subscription.customer_id
JOIN product ON product.id = subscription.product_id
JOIN sku ON sku.id = subscription.sku_id
LEFT JOIN "user" AS person ON person.id = subscription.ordered_by_id
LEFT JOIN command ON command.subscription_id = subscription.id
     AND command.state IN ('queued', 'sending', 'unknown', 'parked')
WHERE {condition} ORDER BY subscription.id
"""


@dataclass(frozen=True, slots=True)
class FileFigure:
    """A file's time against its baseline, and by how many megabytes its process grew."""

    times: Figure
    grown: float
    limit: float

    def __str__(self) -> str:
        verdict = "" if self.grown <= self.limit else "  MISSED"
        return f"{self.times}, memory +{self.grown:.0f} MB of {self.limit:.0f}{verdict}"


class _Sink:
    """Takes bytes and keeps their number."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, content: bytes) -> int:
        self.size += len(content)
        return len(content)


def figures() -> Iterator[FileFigure]:
    """CSV and XLSX of as many rows as the product's figures name, or of the whole of a smaller book."""
    reader = Reader(Role.DISTRIBUTOR_OPERATOR)
    query, condition = _chosen()
    statement = _COLUMNS.format(condition=condition)
    rows = len(_selected(statement))
    try:
        times = measure(f"CSV, {rows:,} rows x 12", lambda: read_csv(reader, query), _copy(statement), limit=CSV_LIMIT)
        yield FileFigure(times, _grown("read_csv", query), CSV_MEGABYTES)
        alone = _writer_alone(reader, query)
        times = measure(f"XLSX, {rows:,} rows x 12", lambda: write_file(reader, query), alone, limit=XLSX_LIMIT)
        yield FileFigure(times, _grown("write_file", query), XLSX_MEGABYTES)
    finally:
        reader.sign_out()


def _selected(statement: str) -> list[tuple[Any, ...]]:
    cursor = db.cursor()
    cursor.execute(statement)  # peewee would take the % of a condition for a value's place
    return cursor.fetchall()  # type: ignore[no-any-return]


def _chosen() -> tuple[str, str]:
    total = int(db.execute_sql("SELECT count(*) FROM subscription").fetchone()[0])
    if total < 5 * ROWS:
        return "", _LISTED
    return urlencode(_SOME), f"{_LISTED} AND {_SOME_WHERE}"


def read_csv(reader: Reader, query: str) -> int:
    """Take the file as it is streamed; gives its size in bytes."""
    answer = reader.export(query)
    size = sum(len(chunk) for chunk in answer.iter_encoded())
    answer.close()
    return size


def write_file(reader: Reader, query: str) -> int:
    """What the job does, but for the pieces that it then stores; gives the size in bytes."""
    with NamedTemporaryFile(suffix=".xlsx") as file, _sheet(reader, query) as sheet:
        write_xlsx(file.name, title=sheet.title, columns=sheet.columns, batches=sheet.batches)
        return Path(file.name).stat().st_size


@contextmanager
def _sheet(reader: Reader, query: str) -> Iterator[Sheet]:
    with reader.app.test_request_context(f"/?{query}"):
        g._login_user = SignedIn(reader.user, "", is_unusual=False)  # noqa: SLF001 - as the job does
        (screen,) = [
            view
            for view in reader.app.extensions["admin"][0]._views  # noqa: SLF001
            if isinstance(view, ListScreen) and view.endpoint == "subscriptions"
        ]
        yield screen.sheet()


def _copy(statement: str) -> Callable[[], object]:
    """The same columns by the database alone; SQLite has no COPY, so its rows go through Python's own writer."""
    if not is_sqlite():
        return lambda: db.cursor().copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, HEADER)", _Sink())
    return lambda: csv.writer(io.TextIOWrapper(_Raw(), encoding="utf-8")).writerows(_selected(statement))


class _Raw(io.RawIOBase):
    """What a text wrapper can write to, and is thrown away."""

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        return len(content)


def _writer_alone(reader: Reader, query: str) -> Callable[[], object]:
    """The writer given records that are there already."""
    with _sheet(reader, query) as sheet:
        titles = [column.title for column in sheet.columns]
        records = [
            dict(zip(titles, cells, strict=True)) for batch in sheet.batches for cells in zip(*batch, strict=True)
        ]

    def write() -> None:
        with NamedTemporaryFile(suffix=".xlsx") as file:
            write_worksheet(iter(records), file.name, sheet_name="Subscriptions")

    return write


def _grown(work: str, query: str) -> float:
    program = f"from bench.exports import grow; grow({work!r}, {query!r})"
    environ = {**os.environ, "BENCH_GROWS": address()}
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE)
    return float(told.stdout)


def grow(work: str, query: str) -> None:
    """In a process of its own: print by how many megabytes it grows over a list page, which loads what pages need."""
    database.connect_to(os.environ["BENCH_GROWS"]).connect()
    reader = Reader(Role.DISTRIBUTOR_OPERATOR)
    reader.page()
    before = _peak()
    {"read_csv": read_csv, "write_file": write_file}[work](reader, query)
    print(_peak() - before)
    reader.sign_out()


def _peak() -> float:
    """The most memory that this process ever had; unlike ru_maxrss it begins anew in a child."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
