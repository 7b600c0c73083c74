"""A large sheet waits for a job: read once whoever dies or comes twice, on behalf of its owner and of nobody else."""

from functools import partial

import pytest

from access import Role
from imports.limits import LARGE_WORKBOOK, MOST_ROWS
from imports.refusals import SheetRefused
from models import Command, Selection, SelectionRow, Upload, User
from operations.place_orders import place_orders
from operations.refusals import NotFound
from operations.sheet_changes import CHANGES
from operations.sheet_orders import ORDERS
from operations.take_sheet import MOST_WAITING, take_sheet
from operations.uploads import problems_of, refusal_of
from operations.waiting_sheets import MOST_ATTEMPTS, serve_waiting
from tests.bulk_desk import BulkDesk
from tests.desk import again, at_once
from tests.imports.large import large_csv
from tests.imports.packages import SHEET, package, sheet, workbook

HEADER = "Subscription ID,Quantity,License Expiration\n"
ORDER_HEADER = "Customer / Company Name,Country,Product,Quantity\n"


@pytest.fixture
def desk(rolled_back):
    return BulkDesk()


def changes(desk):
    rows = [f"{licence.subscription_id},14,unlimited\n" for licence in desk.licences(12, 13, 14)]
    return f"{HEADER}{''.join(rows)}nowhere,x,unlimited\n"


def send(desk, content, purpose=CHANGES):
    return take_sheet(content, purpose=purpose, file_name="list.csv", actor=desk.actor, moment=desk.moment)


def read(desk, upload):
    return serve_waiting(upload.id, moment=desk.moment)


def refused(desk, content, purpose=CHANGES):
    upload = send(desk, content, purpose)
    assert upload.state == "waiting"
    assert read(desk, upload)
    assert again(upload).state == "refused"
    assert bytes(again(upload).content) == b""
    return str(refusal_of(again(upload)))


def test_a_large_sheet_waits_and_nothing_is_chosen_meanwhile(desk):
    upload = send(desk, large_csv(changes(desk)))
    assert (upload.state, upload.result, Selection.select().count()) == ("waiting", {}, 0)


def test_a_job_finds_in_a_large_sheet_what_is_found_in_a_small_one_at_once(desk):
    text = changes(desk)
    small, large = send(desk, text.encode()), send(desk, large_csv(text))
    assert read(desk, large)
    found = again(large)
    assert (small.state, found.state) == ("read", "read")
    chosen = [small.result.pop("selections"), found.result.pop("selections")]
    assert [[(each["kind"], each["rows"]) for each in some] for some in chosen] == [[("ModifyQuantity", 2)]] * 2
    assert found.result == small.result
    assert len(problems_of(found)) == 1
    assert bytes(found.content) == bytes(small.content)


def test_a_sheet_is_read_once_however_often_the_job_runs(desk):
    upload = send(desk, large_csv(changes(desk)))
    assert [read(desk, upload) for _ in range(3)] == [True, False, False]
    assert (Selection.select().count(), SelectionRow.select().count()) == (1, 2)


def test_a_large_sheet_of_orders_is_ordered_once_after_it_was_read(desk):
    upload = send(desk, large_csv(f"{ORDER_HEADER}Nova d.o.o.,RS,{desk.product.name},12\n"), ORDERS)
    place = partial(place_orders, upload.id, actor=desk.actor, moment=desk.moment)
    with pytest.raises(NotFound):
        place()
    assert [read(desk, upload), read(desk, upload)] == [True, False]
    place()
    place()
    assert Command.select().count() == 1


def test_a_job_that_was_killed_leaves_the_sheet_waiting_and_the_next_one_reads_it(desk):
    upload = send(desk, large_csv(changes(desk)))
    Upload.update(attempts=MOST_ATTEMPTS - 1).where(Upload.id == upload.id).execute()
    assert read(desk, upload)
    assert again(upload).state == "read"


def test_a_sheet_over_which_every_job_was_killed_is_refused_in_words(desk):
    upload = send(desk, large_csv(changes(desk)))
    Upload.update(attempts=MOST_ATTEMPTS).where(Upload.id == upload.id).execute()
    assert read(desk, upload)
    assert "The file could not be read." in str(refusal_of(again(upload)))
    assert Selection.select().count() == 0


def test_a_large_workbook_with_too_many_rows_is_refused_by_the_job(desk):
    rows = "".join(
        f'<row r="{number}"><c r="A{number}"><v>{number}</v></c></row>' for number in range(1, MOST_ROWS + 3)
    )
    content = workbook(rows, before=f"<!--{' ' * LARGE_WORKBOOK}-->")
    assert "at most 10,000 rows below the header are read" in refused(desk, content)


def test_a_large_text_with_a_cell_too_long_is_refused_by_the_job(desk):
    assert "at most 1,000 are read" in refused(desk, large_csv(f"{HEADER}x,{'9' * 1001},unlimited\n"))


def test_what_is_no_list_of_licences_is_refused_by_the_job(desk):
    assert "has no column “Subscription ID”" in refused(desk, large_csv("Kupac,Quantity\nx,1\n"))
    assert "has no column “Product”" in refused(desk, large_csv("Customer / Company Name,Country\nx,RS\n"), ORDERS)


def test_a_large_file_that_is_no_spreadsheet_is_refused_at_once(desk):
    for content in (b"\x89PNG" * LARGE_WORKBOOK, b"\x00" * LARGE_WORKBOOK, package({"xl/workbook.xml": None})):
        with pytest.raises(SheetRefused):
            send(desk, content)
    assert Upload.select().count() == 0


def test_a_bomb_is_refused_at_once_by_what_its_directory_says(desk):
    with pytest.raises(SheetRefused, match="larger than 50 MB"):
        send(desk, package({SHEET: sheet(" " * 60 * 1024 * 1024)}))


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.AUDITOR}])
def test_a_sheet_of_somebody_who_may_no_longer_run_commands_is_not_read(desk, change):
    upload = send(desk, large_csv(changes(desk)))
    User.update(**change).where(User.id == desk.actor.user_id).execute()
    assert read(desk, upload)
    assert "may run no commands any more" in str(refusal_of(again(upload)))
    assert Selection.select().count() == 0


def test_nobody_fills_the_line_of_sheets_alone(desk):
    content = large_csv(changes(desk))
    uploads = [send(desk, content) for _ in range(MOST_WAITING)]
    with pytest.raises(SheetRefused, match="5 sheets of yours are being read"):
        send(desk, content)
    assert read(desk, uploads[0])
    assert send(desk, content).state == "waiting"


def test_a_sheet_that_is_gone_is_nobodys_error(desk):
    assert not serve_waiting(987_654, moment=desk.moment)


def test_of_two_jobs_at_once_one_reads_the_sheet(database):
    desk = BulkDesk()
    for _round in range(4):
        upload = send(desk, large_csv(changes(desk)))
        outcomes = at_once(lambda: read(desk, upload), lambda: read(desk, upload))  # noqa: B023 - run at once
        assert sorted(outcomes) == [False, True]
        assert Selection.select().where(Selection.id > 0).count() == _round + 1
