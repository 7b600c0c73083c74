"""A large list is written by real processes, and whatever dies meanwhile one whole file comes."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from database import insert_rows
from file_models import ExportFile
from jobs.dispatch import wake_export
from launcher.children import Child
from launcher.children import stop as stop_child
from licensing.states import OrderState
from models import Subscription
from operations.ask_export import ask_export
from queries.export_files import content_of
from tests.desk import again
from tests.jobs.house import House, horse_of, wait_for

pytestmark = [pytest.mark.valkey, pytest.mark.slow]
ROWS = 40_000
_PLAIN = ("reseller", "customer", "product", "sku", "quantity", "order_state", "ordered_at", "version", "last_request")


@pytest.fixture
def files(house: House) -> Iterator[list[Child]]:
    """The worker of files; a test that ends it puts the next one in its place."""
    running = [house.start("worker", "--queue", "files")]
    yield running
    stop_child(running[0])


@pytest.fixture
def book(house: House) -> Iterator[None]:
    """So many failed orders, which take a second or two to write and disturb no other test."""
    desk = house.desk
    sku = desk.product.skus.get()
    row = (desk.reseller.id, desk.customer.id, desk.product.id, sku.id, 7, OrderState.FAILED, desk.now, 1, "")
    insert_rows(Subscription, _PLAIN, [row] * ROWS)
    yield
    Subscription.delete().where(Subscription.order_state == OrderState.FAILED).execute()


def _asked(house: House, query: str) -> ExportFile:
    asked = {"screen": "subscriptions", "query": query, "file_name": "subscriptions.xlsx"}
    return ask_export(**asked, actor=house.desk.actor, moment=house.desk.moment)


def _is_whole(house: House, export: ExportFile) -> bool:
    said = "\n".join(path.read_text()[-2000:] for path in house.folder.glob("*.log"))
    wait_for(lambda: again(export).state != "waiting", seconds=60, said=lambda: said)
    file = io.BytesIO(b"".join(content_of(again(export))))
    rows = sum(1 for _row in openpyxl.load_workbook(file, read_only=True).active.values)
    return again(export).state == "written" and rows == ROWS + 1


def test_a_worker_that_is_killed_while_it_writes_loses_nothing(house: House, files: list[Child], book: None) -> None:
    export = _asked(house, "status=failed")
    assert wake_export(export.id, redis_url=house.valkey.url)
    wait_for(lambda: again(export).attempts == 1 and horse_of(files[0]))
    house.end(files[0])
    assert again(export).state == "waiting"
    # As if a minute had passed.
    ExportFile.update(lease_until=datetime.now(UTC) - timedelta(seconds=1)).where(ExportFile.id == export.id).execute()
    with house.valkey.connect() as connection:
        connection.flushall()
    house.end(house.clock)
    house.clock = house.start("dispatch")
    files[0] = house.start("worker", "--queue", "files")
    assert _is_whole(house, export)
    assert again(export).attempts == 2


def test_a_file_of_which_the_queue_never_heard_is_written(house: House, files: list[Child], book: None) -> None:
    assert _is_whole(house, _asked(house, "status=failed&sort=company_name"))
