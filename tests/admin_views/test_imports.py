"""Excel round trip: the export comes back changed, the differences become plans, and nothing hostile gets in."""

import csv
import html
import io
import re
import zipfile
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from access import Role
from exports.csv import unguard
from imports.limits import LARGEST_FILE
from licensing.moment import Moment
from licensing.states import CommandState
from models import Batch, Command, Selection, SelectionRow, Subscription, Term, Upload, User
from operations.sheet_texts import unchangeable_texts
from operations.waiting_sheets import serve_waiting
from queries.sheet_licences import licences_by_vendor_id
from tests.admin_views.browser import NOW
from tests.admin_views.desk import CANARY, FORMULA, set_up, text
from tests.imports.large import large_csv
from tests.small_book import ZONE, actor, add_command, add_customer, add_subscription


@pytest.fixture
def desk(app):
    desk = set_up()
    add_subscription(add_customer(FORMULA, reseller=desk.bluth), product=desk.product)
    add_subscription(desk.tunel, product=desk.product, expires_on=NOW.date().replace(year=2018, month=12, day=1))
    for licence in Subscription.select():
        Term.create(subscription=licence, quantity=licence.quantity, starts_at=NOW.replace(month=3))
    return desk


@pytest.fixture
def john(desk, browser_of):
    return browser_of(desk.people["john"])


def send(browser, content, name="subscriptions.csv", path="/imports/"):
    content = content.encode() if isinstance(content, str) else content
    return browser.post(path, {"sheet": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def taken(browser, content, name="subscriptions.csv"):
    """Upload the sheet; gives the page that tells what it changes."""
    answer = send(browser, content, name)
    assert answer.status_code == 303, text(answer)
    return browser.get(answer.location)


def id_in(location):
    return int(parse_qs(urlsplit(location).query)["id"][0])


def tiles(page):
    """Rows, commands, unchanged and wrong rows as the page shows them."""
    return tuple(re.findall(r"<strong>([\d,]+)</strong>", text(page))[:4])


def line(licence, quantity=None, expiration="unlimited"):
    return f"{licence.subscription_id},{quantity or licence.quantity},{expiration}\n"


HEADER = "Subscription ID,Quantity,License Expiration\n"


def edited(content, **changes):
    """The exported workbook with the cells of these addresses changed."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for address, value in changes.items():
        book.active[address] = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("csv_format", ["comma", "semicolon"])
def test_an_unchanged_csv_export_is_zero_commands(desk, john, csv_format):
    User.update(csv_format=csv_format).execute()
    exported = john.get("/subscriptions/export/csv/").get_data()
    page = taken(john, exported)
    assert tiles(page) == ("3", "0", "3", "0")
    assert "Zero commands." in text(page)
    assert "is ignored: rows" not in text(page)
    assert Selection.select().count() == 0


def test_an_unchanged_csv_export_without_its_mark_is_zero_commands(desk, john):
    exported = john.get("/subscriptions/export/csv/").get_data()
    assert tiles(taken(john, exported.removeprefix(b"\xef\xbb\xbf"))) == ("3", "0", "3", "0")


def test_an_unchanged_workbook_is_zero_commands(desk, john):
    exported = john.get("/subscriptions/export/xlsx/").get_data()
    for content in (exported, edited(exported)):
        page = taken(john, content, "subscriptions.xlsx")
        assert tiles(page) == ("3", "0", "3", "0")
        assert "is ignored: rows" not in text(page)


def test_what_the_vendor_has_not_confirmed_yet_comes_back_without_an_error(desk, john):
    add_subscription(desk.tunel, product=desk.product, order_state="pending", subscription_id=None)
    page = taken(john, john.get("/subscriptions/export/xlsx/").get_data())
    assert tiles(page) == ("4", "0", "3", "0")
    assert "No Subscription ID: rows 5." in text(page)


def test_changed_cells_become_the_commands_that_they_need_and_run_as_batches(desk, john):
    unlimited, _formula, limited = Subscription.select().where(Subscription.reseller == desk.bluth).order_by("id")
    rows = line(unlimited, quantity="14") + line(limited, expiration="01.06.2018")
    page = taken(john, HEADER + rows)
    assert tiles(page) == ("2", "2", "0", "0")
    for selection, kind in zip(Selection.select().order_by(Selection.id), ("ModifyQuantity", "Reduce"), strict=True):
        answer = john.post(f"/plans/calculate/?id={selection.id}", {"command": kind})
        plan = john.get(answer.location)
        assert "From the sheet subscriptions.csv." in text(plan)
        version = re.search(r'name="version" value="(\d+)"', text(plan))[1]
        assert john.post(f"/plans/start/?id={selection.id}", {"version": version}).location.startswith("/batches/")
    asked = [(row.kind, row.quantity, row.expires_on and row.expires_on.isoformat()) for row in Command.select()]
    assert asked == [("ModifyQuantity", 14, None), ("Reduce", None, "2018-06-01")]
    assert [batch.parameters for batch in Batch.select()] == [{"listed": {}}, {"listed": {}}]
    assert "ModifyQuantity, as in the sheet" in text(john.get("/batches/"))


def test_a_later_date_and_a_blank_one_are_renewals_with_a_value_for_each_row(desk, john):
    _unlimited, formula, limited = Subscription.select().where(Subscription.reseller == desk.bluth).order_by("id")
    Subscription.update(expires_on=NOW.date().replace(month=12, day=1)).where(Subscription.id == formula.id).execute()
    taken(john, HEADER + line(limited, expiration="01.12.2019") + line(formula, expiration=""))
    selection = Selection.get()
    john.post(f"/plans/calculate/?id={selection.id}", {"command": "Renew"})
    rows = SelectionRow.select().order_by(SelectionRow.position)
    assert [(row.is_eligible, row.new_expires_on and row.new_expires_on.isoformat()) for row in rows] == [
        (True, "2019-12-01"),
        (True, None),
    ]


def test_a_plan_from_a_sheet_is_calculated_anew_with_the_values_of_the_sheet(desk, john):
    taken(john, HEADER + line(desk.licence, quantity="14"))
    address = f"/plans/calculate/?id={Selection.get().id}"
    john.post(address, {"command": "ModifyQuantity"})
    john.post(address, {"command": "ModifyQuantity", "change": "set to", "amount": "20"})
    assert SelectionRow.get().new_quantity == 14


def test_where_both_changed_the_quantity_goes_first_and_the_page_says_so(desk, john):
    page = taken(john, HEADER + line(desk.licence, quantity="14", expiration="01.12.2018"))
    assert "Quantity and License Expiration changed: rows 2." in text(page)
    assert Selection.get().kind == "ModifyQuantity"


def test_what_a_sheet_cannot_change_is_reported_as_ignored(desk, john):
    header = "Company Name,Subscription ID,Quantity\n"
    page = taken(john, f"{header}Somebody else,{desk.licence.subscription_id},{desk.licence.quantity}\n")
    assert "Company Name differs and is ignored: rows 2." in text(page)
    assert tiles(page) == ("1", "0", "1", "0")


def test_a_foreign_id_and_one_that_does_not_exist_are_the_same_error(desk, john):
    page = taken(john, HEADER + line(desk.foreign_licence) + "nowhere,12,unlimited\n")
    body = text(page)
    assert body.count("There is no such licence, or it is not yours to see.") == 2
    assert CANARY not in body
    assert Selection.select().count() == 0


def test_wrong_cells_are_told_with_row_column_value_and_reason(desk, john):
    rows = line(desk.licence, quantity="12.0", expiration="15.12.2018") + line(desk.licence)
    body = text(taken(john, HEADER + rows))
    for words in ("“12.0” is not a whole number such as 12.", "“15.12.2018” is not the first day of a month."):
        assert words in body
    assert "This licence stands in row 2 already." in body


def test_a_character_that_cannot_be_seen_is_not_shown_as_it_is(desk, john):
    body = text(taken(john, HEADER + line(desk.licence, quantity="\u202e12")))
    assert "\u202e" not in body
    assert "“\N{REPLACEMENT CHARACTER}12” is not a whole number such as 12." in body


def test_the_file_of_errors_can_be_corrected_and_sent_again(desk, john):
    exported = john.get("/subscriptions/export/xlsx/").get_data()
    page = taken(john, edited(exported, G2=-3), "list.xlsx")
    marked = john.get(f"/imports/errors.xlsx?id={Upload.get().id}").get_data()
    sheet = openpyxl.load_workbook(io.BytesIO(marked)).active
    assert [cell.value for cell in sheet[1]][-1] == "Error"
    assert [cell.value for cell in sheet[2]][-1] == "Quantity: “-3” is not a whole number such as 12."
    assert [cell.value for cell in sheet[3]][-1] is None
    assert tiles(page) == ("3", "0", "2", "1")
    assert tiles(taken(john, edited(marked, G2=14))) == ("3", "1", "2", "0")


def test_many_errors_come_fifty_a_page(desk, john):
    body = HEADER + "".join(f"id-{number},x,unlimited\n" for number in range(120))
    answer = send(john, body)
    pages = [text(john.get(f"{answer.location}&page={number}")) for number in (1, 3)]
    assert [page.count("is not a whole number") for page in pages] == [50, 20]
    assert "Displaying 101 to 120 of 120 items" in pages[1]


def test_markup_and_formulas_in_a_sheet_stay_text(desk, john):
    page = taken(john, HEADER + '"=HYPERLINK(""http://evil.example"")",<script>alert(1)</script>,unlimited\n')
    assert "<script>alert" not in text(page)
    marked = john.get(f"/imports/errors.xlsx?id={Upload.get().id}").get_data()
    cells = openpyxl.load_workbook(io.BytesIO(marked)).active[2]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "inlineStr"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The sheet is empty."),
        (b"%PDF-1.7 \x00\xff\xfe", "neither an .xlsx workbook nor CSV in UTF-8"),
        (b"Kupac;Koli\xe8ina\r\n", "neither an .xlsx workbook nor CSV in UTF-8"),
        ("Subscription ID,Amount\nx,1\n", "has neither “Quantity” nor “License Expiration”"),
        ("Kupac,Quantity\nx,1\n", "has no column “Subscription ID”"),
        (HEADER + "x,1,unlimited\n" * 10_001, "more than 10,000 rows"),
        (b"PK\x03\x04 and then nothing", "The file is damaged"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old .xls file"),
        (b"a" * (LARGEST_FILE + 1), "larger than 5 MB"),
    ],
    ids=["empty", "pdf", "cp1250", "no quantity", "no id", "10001 rows", "broken zip", "xls", "too large"],
)
def test_what_cannot_be_read_is_refused_in_words_and_nothing_is_kept(desk, john, content, reason):
    answer = send(john, content)
    assert answer.status_code == 422
    assert reason in text(answer)
    assert Upload.select().count() == Selection.select().count() == 0


def test_no_file_at_all_is_said_beside_the_field(desk, john):
    answer = john.post("/imports/", {})
    assert (answer.status_code, "Choose a file." in text(answer)) == (422, True)


def test_a_request_far_over_the_limit_is_not_read(desk, john):
    assert send(john, b"a" * (LARGEST_FILE + 2 * 1024 * 1024)).status_code == 413


def test_other_forms_take_no_more_than_before(desk, john):
    answer = john.post("/account", {"picture": (io.BytesIO(b"a" * 3 * 1024 * 1024), "me.png")})
    assert answer.status_code == 413


def test_a_colleague_cannot_open_what_somebody_else_sent(desk, john, browser_of):
    location = send(john, HEADER + line(desk.licence, quantity="14")).location
    for name in ("blake", "admin", "stan"):
        assert browser_of(desk.people[name]).get(location).status_code == 404


def test_an_upload_is_forgotten_after_two_days(desk, john):
    send(john, HEADER + line(desk.licence))
    Upload.update(created_at=NOW.replace(day=20, hour=1)).execute()
    send(john, HEADER + line(desk.licence))
    assert Upload.select().count() == 1


def test_the_list_offers_the_upload_to_whoever_may_run_commands(desk, john, browser_of):
    assert 'href="/imports/"' in text(john.get("/subscriptions/"))
    assert 'href="/imports/"' not in text(browser_of(desk.people["audit"]).get("/subscriptions/"))


def test_a_zip_bomb_is_refused(desk, john):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b" " * 60 * 1024 * 1024)
    answer = send(john, packed.getvalue(), "bomb.xlsx")
    assert (answer.status_code, "larger than 50 MB" in text(answer)) == (422, True)


def large(browser, licence):
    """Send a sheet that a job must read; gives the address of its page."""
    answer = send(browser, large_csv(HEADER + line(licence, quantity="14")))
    assert answer.status_code == 303
    return answer.location


def test_a_large_sheet_is_followed_by_a_page_until_a_job_has_read_it(desk, john):
    location = large(john, desk.licence)
    waiting = text(john.get(location))
    assert "This is a large sheet: it is read in the background." in waiting
    assert "Being read" in text(john.get("/imports/"))
    asks = html.unescape(re.search(r'hx-get="([^"]+)"', waiting)[1])
    assert "HX-Refresh" not in john.get(asks, headers={"HX-Request": "true"}).headers
    assert serve_waiting(Upload.get().id, moment=Moment(NOW, NOW, ZONE))
    assert john.get(asks, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert tiles(john.get(location)) == ("1", "1", "0", "0")


def test_what_a_job_refuses_is_said_beside_the_field(desk, john):
    location = send(john, large_csv("Kupac,Quantity\nx,1\n"), "kupci.csv").location
    serve_waiting(Upload.get().id, moment=Moment(NOW, NOW, ZONE))
    page = text(john.get(location))
    assert "kupci.csv: The first row has no column “Subscription ID”." in page
    assert john.get(f"/imports/errors.xlsx?id={Upload.get().id}").status_code == 404


def test_a_sheet_that_waits_is_its_senders_alone_and_has_no_errors_yet(desk, john, browser_of):
    location = large(john, desk.licence)
    assert john.get(f"/imports/errors.xlsx?id={Upload.get().id}").status_code == 404
    for name in ("blake", "admin", "stan"):
        assert browser_of(desk.people[name]).get(location).status_code == 404
        assert "subscriptions.csv" not in text(browser_of(desk.people[name]).get("/imports/"))


def test_what_cannot_be_changed_is_compared_with_what_the_export_writes(desk, browser_of):
    ended = {"cancelled_on": NOW.date().replace(day=1), "cancel_kind": "soft"}
    add_subscription(desk.tunel, product=desk.product, user=desk.people["john"], **ended)
    add_subscription(
        desk.tunel, product=desk.product, cancelled_on=NOW.date().replace(month=8, day=1), cancel_kind="hard"
    )
    add_command(add_subscription(desk.tunel, product=desk.product), state=CommandState.PARKED)
    admin = browser_of(desk.people["admin"])
    exported = csv.DictReader(
        io.StringIO(admin.get("/subscriptions/export/csv/?status=all").get_data().decode("utf-8-sig"))
    )
    ids = [licence.subscription_id for licence in Subscription.select()]
    moment = Moment(NOW, NOW, ZONE)
    licences = licences_by_vendor_id(
        ids, actor=actor(Role.DISTRIBUTOR_ADMIN, user=desk.people["admin"]), today=NOW.date()
    )
    changeable = {"Quantity", "Subscription ID", "License Expiration"}
    rows = {
        row["Subscription ID"]: {title: unguard(row[title]) for title in row.keys() - changeable} for row in exported
    }
    assert len(rows) == len(licences) == 7
    assert {key: dict(unchangeable_texts(row, moment=moment)) for key, row in licences.items()} == rows
