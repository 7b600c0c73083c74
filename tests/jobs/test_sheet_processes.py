"""A large sheet is read by real processes, and whatever dies meanwhile it is read once in the end."""

import io
from collections.abc import Iterator

import openpyxl
import pytest

from jobs.dispatch import wake_sheet
from launcher.children import Child
from launcher.children import stop as stop_child
from models import Selection, Upload
from operations.sheet_changes import CHANGES
from operations.take_sheet import take_sheet
from tests.desk import again
from tests.jobs.house import House, horse_of, wait_for

pytestmark = [pytest.mark.valkey, pytest.mark.slow]
ROWS = 9_900


@pytest.fixture
def files(house: House) -> Iterator[list[Child]]:
    """The worker of files; a test that ends it puts the next one in its place."""
    running = [house.start("worker", "--queue", "files")]
    yield running
    stop_child(running[0])


def _sent(house: House, file_name: str) -> Upload:
    """A workbook that takes a second or two to read; its one licence gets other seats."""
    licence = house.desk.live()
    book = openpyxl.Workbook()
    book.active.append(["Subscription ID", "Quantity", "License Expiration", "Company Name", "City", "Product"])
    book.active.append([licence.subscription_id, licence.quantity + 2, "unlimited"])
    for number in range(ROWS):
        book.active.append([None, number, "unlimited", f"Firma {number}", "Sarajevo", "Business"])
    saved = io.BytesIO()
    book.save(saved)
    sent = {"purpose": CHANGES, "file_name": file_name, "actor": house.desk.actor, "moment": house.desk.moment}
    upload = take_sheet(saved.getvalue(), **sent)
    assert upload.state == "waiting"
    return upload


def _is_read_once(house: House, upload: Upload) -> bool:
    said = "\n".join(path.read_text()[-2000:] for path in house.folder.glob("*.log"))
    wait_for(lambda: again(upload).state != "waiting", seconds=40, said=lambda: said)
    (chosen,) = again(upload).result["selections"]
    return chosen["rows"] == 1 and Selection.select().where(Selection.filter_text == upload.file_name).count() == 1


def test_a_worker_that_is_killed_while_it_reads_loses_nothing(house: House, files: list[Child]) -> None:
    upload = _sent(house, "killed.xlsx")
    assert wake_sheet(upload.id, redis_url=house.valkey.url)
    wait_for(lambda: again(upload).attempts == 1 and horse_of(files[0]))
    house.end(files[0])
    assert again(upload).state == "waiting"
    with house.valkey.connect() as connection:
        connection.flushall()
    house.end(house.clock)
    house.clock = house.start("dispatch")
    files[0] = house.start("worker", "--queue", "files")
    assert _is_read_once(house, upload)


def test_a_sheet_of_which_the_queue_never_heard_is_read(house: House, files: list[Child]) -> None:
    upload = _sent(house, "unheard.xlsx")
    wait_for(lambda: horse_of(files[0]) or again(upload).state == "read", seconds=30)
    assert _is_read_once(house, upload)
