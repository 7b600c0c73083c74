"""Orders from a sheet: the template, rows judged one by one, all or nothing, each order placed once."""

import io

import openpyxl
import pytest

from admin_views.customer_fields import DETAIL_NAMES, detail_label
from imports.orders import DETAIL_TITLES, MOST_ORDERS
from licensing.moment import Moment
from licensing.states import CommandState
from models import AuditEntry, Command, Customer, Subscription, Upload
from operations.place_orders import FEW
from operations.waiting_sheets import MOST_ATTEMPTS, serve_waiting
from tests.admin_views.browser import NOW
from tests.admin_views.desk import CANARY, set_up, text
from tests.desk import at_once
from tests.small_book import ZONE, add_customer

PATH = "/imports/orders/"
HEADER = "Customer / Company Name,Country,City,Product,Quantity\n"


@pytest.fixture
def desk(app):
    return set_up()


@pytest.fixture
def john(desk, browser_of):
    return browser_of(desk.people["john"])


def send(browser, rows, header=HEADER):
    content = rows if isinstance(rows, bytes) else (header + rows).encode()
    return browser.post(PATH, {"sheet": (io.BytesIO(content), "orders.csv")}, content_type="multipart/form-data")


def orders_in(upload):
    return upload.result["orders"]


def place(browser):
    return browser.post(f"{PATH}order/?id={Upload.get().id}")


def created():
    return list(Command.select().where(Command.kind == "Create").order_by(Command.id))


def test_the_columns_have_the_labels_of_new_subscription():
    assert {name: detail_label(name) for name in DETAIL_NAMES} == DETAIL_TITLES


@pytest.mark.parametrize(("name", "first"), [("john", "Customer / Company Name"), ("ops", "Reseller")])
def test_the_template_can_be_filled_in_and_sent(desk, browser_of, name, first):
    browser = browser_of(desk.people[name])
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{PATH}template.xlsx").get_data()))
    titles = [cell.value for cell in book.active[1]]
    assert titles[0] == first
    values = {"Reseller": desk.bluth.name, "Customer / Company Name": "Nova d.o.o.", "Country": "Serbia"}
    values |= {"Product": desk.product.name, "Quantity": 12}
    for column, title in enumerate(titles, start=1):
        book.active.cell(2, column, values.get(title))
    saved = io.BytesIO()
    book.save(saved)
    assert send(browser, saved.getvalue()).status_code == 303
    assert [(order["company_name"], order["quantity"]) for order in orders_in(Upload.get())] == [("Nova d.o.o.", 12)]


def test_orders_are_listed_with_their_amounts_and_nothing_is_ordered_yet(desk, john):
    page = text(john.get(send(john, f"Nova d.o.o.,RS,Niš,{desk.product.name},12\n").location))
    assert "Create orders 1 licences from the vendor, each once." in page
    assert "92.40€" in page
    assert "72.07€" in page
    assert "new customer" in page
    assert created() == []


def test_confirmed_orders_are_placed_for_known_and_new_customers(desk, john):
    product = desk.product.name
    send(john, f"TUNEL D.O.O.,,,{product},12\nNova d.o.o.,Serbia,Niš,{product},10\nnova d.o.o.,RS,,{product},9\n")
    page = text(john.get(place(john).location))
    nova = Customer.get(Customer.company_name == "Nova d.o.o.")
    placed = [(command.subscription.customer_id, command.quantity) for command in created()]
    assert placed == [(desk.tunel.id, 12), (nova.id, 10), (nova.id, 9)]
    assert (nova.city, nova.country, nova.reseller_id) == ("Niš", "RS", desk.bluth.id)
    assert page.count("Waiting") == 3
    assert 'hx-trigger="every 2s" hx-select="#orders"' in page
    Command.update(state=CommandState.CONFIRMED).execute()
    assert "hx-trigger" not in text(john.get(f"{PATH}view/?id={Upload.get().id}"))


def test_a_second_click_orders_nothing_more(desk, john):
    send(john, f"Nova d.o.o.,RS,,{desk.product.name},12\n")
    place(john)
    place(john)
    assert len(created()) == 1


def test_two_clicks_at_once_order_each_row_once(desk, john, browser_of):
    product = desk.product.name
    send(john, "".join(f"Firma {number},RS,,{product},12\n" for number in range(5)))
    again = browser_of(desk.people["john"])
    answers = at_once(lambda: place(john), lambda: place(again))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(created()) == Subscription.select().count() - 2 == 5


def test_an_order_that_was_cut_off_is_continued(desk, john):
    send(john, "".join(f"Firma {number},RS,,{desk.product.name},12\n" for number in range(3)))
    place(john)
    upload = Upload.get()
    Upload.update(result={**upload.result, "placed": False}).execute()
    place(john)
    assert len(created()) == 3


def many(desk):
    return "".join(f"Firma {number},RS,,{desk.product.name},12\n" for number in range(FEW + 1))


def test_many_orders_are_placed_by_a_job_while_a_page_follows(desk, john):
    send(john, many(desk))
    location = place(john).location
    assert (Upload.get().state, created()) == ("waiting", [])
    assert "0 of 101 orders" in text(john.get(location))
    assert place(john).status_code == 303
    assert serve_waiting(Upload.get().id, moment=Moment(NOW, NOW, ZONE))
    assert not serve_waiting(Upload.get().id, moment=Moment(NOW, NOW, ZONE))
    assert len(created()) == FEW + 1
    assert "The orders were placed." in text(john.get(location))
    place(john)
    assert len(created()) == FEW + 1


def test_many_orders_that_broke_off_are_gone_on_with(desk, john):
    send(john, many(desk))
    place(john)
    upload = Upload.get()
    some = {**upload.result, "orders": upload.result["orders"][:7]}
    Upload.update(result=some).execute()
    serve_waiting(upload.id, moment=Moment(NOW, NOW, ZONE))
    # As if that job had been killed before its end.
    Upload.update(state="waiting", result=upload.result).execute()
    assert "7 of 101 orders" in text(john.get(f"{PATH}view/?id={upload.id}"))
    serve_waiting(upload.id, moment=Moment(NOW, NOW, ZONE))
    assert len(created()) == FEW + 1
    assert Subscription.select().count() == FEW + 3


def test_orders_over_which_every_job_was_killed_wait_for_another_click(desk, john):
    send(john, many(desk))
    location = place(john).location
    Upload.update(attempts=MOST_ATTEMPTS).execute()
    assert serve_waiting(Upload.get().id, moment=Moment(NOW, NOW, ZONE))
    assert "The orders broke off." in text(john.get(location))
    place(john)
    serve_waiting(Upload.get().id, moment=Moment(NOW, NOW, ZONE))
    assert "broke off" not in text(john.get(location))
    assert len(created()) == FEW + 1


def test_many_orders_of_which_the_month_has_turned_meanwhile_are_not_placed(desk, john):
    send(john, many(desk))
    location = place(john).location
    later = NOW.replace(month=NOW.month + 1)
    serve_waiting(Upload.get().id, moment=Moment(later, later, ZONE))
    assert created() == []
    assert "A new month has begun since the sheet was read" in text(john.get(location))


def test_each_wrong_cell_is_told_and_nothing_can_be_ordered(desk, john):
    rows = f"Nova,XX,,{desk.product.name},12\n,RS,,Nothing,999999\nGood d.o.o.,RS,,{desk.product.name},12.0\n"
    page = text(john.get(send(john, rows).location))
    for words in (
        "Select a country from the list.",
        "This is required.",
        "There is no such product with prices this month.",
        "“12.0” is not a whole number such as 12.",
    ):
        assert words in page
    place(john)
    assert created() == []
    assert "nothing is ordered before they are corrected" in text(john.get(PATH))


def test_a_quantity_outside_the_bands_names_the_limits(desk, john):
    page = text(john.get(send(john, f"Nova,RS,,{desk.product.name},900000\n").location))
    assert "900000" in page
    assert "Quantity" in page
    assert orders_in(Upload.get()) == []


def test_the_file_of_errors_names_them_beside_the_rows(desk, john):
    send(john, f"Nova,XX,,{desk.product.name},12\nGood d.o.o.,RS,,{desk.product.name},10\n")
    marked = john.get(f"{PATH}errors.xlsx?id={Upload.get().id}").get_data()
    rows = list(openpyxl.load_workbook(io.BytesIO(marked)).active.values)
    assert rows[0][-1] == "Error"
    assert rows[1][-2:] == ("12", "Country: Select a country from the list.")
    assert rows[2][-1] is None


def test_another_resellers_customer_of_that_name_is_no_existing_one(desk, john):
    send(john, f"{CANARY},SI,,{desk.product.name},12\n")
    assert orders_in(Upload.get())[0]["customer_id"] is None


def test_a_reseller_cannot_order_for_another_one(desk, john):
    rows = f"{desk.sitwell.name},Nova,RS,,{desk.product.name},12\nNobody,Nova,RS,,{desk.product.name},12\n"
    page = text(john.get(send(john, rows, header=f"Reseller,{HEADER}").location))
    assert page.count("There is no such reseller, or it is archived.") == 2


def test_a_customers_name_that_two_have_is_to_be_ordered_by_the_form(desk, john):
    add_customer("Tunel D.O.O", reseller=desk.bluth)
    add_customer("tunel d.o.o", reseller=desk.bluth)
    page = text(john.get(send(john, f"Tunel d.o.o,BA,,{desk.product.name},12\n").location))
    assert "Two customers have this name" in page


@pytest.mark.parametrize(
    ("rows", "header", "reason"),
    [
        ("", HEADER, "has no order below its header"),
        ("x,1\n", "Product,Quantity\n", "has no column “Customer / Company Name”"),
        ("a,RS,,x,1\n" * (MOST_ORDERS + 1), HEADER, "a sheet has at most 1,000"),
    ],
)
def test_a_sheet_without_what_is_needed_is_refused(desk, john, rows, header, reason):
    answer = send(john, rows, header)
    assert (answer.status_code, reason in text(answer)) == (422, True)


def test_amounts_of_another_month_are_not_ordered(desk, john):
    send(john, f"Nova d.o.o.,RS,,{desk.product.name},12\n")
    upload = Upload.get()
    Upload.update(result={**upload.result, "planned_on": "2017-06-01"}).execute()
    place(john)
    assert created() == []


def test_what_changed_since_the_sheet_was_read_is_told_beside_the_order(desk, john):
    send(john, f"Tunel d.o.o.,BA,,{desk.product.name},12\n")
    Customer.update(is_archived=True).where(Customer.id == desk.tunel.id).execute()
    page = text(john.get(place(john).location))
    assert "Select a customer from the list." in page
    assert created() == []


def test_a_placed_order_stands_in_the_audit_trail(desk, john):
    send(john, f"Tunel d.o.o.,BA,,{desk.product.name},12\n")
    place(john)
    assert AuditEntry.select().where(AuditEntry.action == "subscription.ordered", AuditEntry.at >= NOW).count() == 1


def test_nobody_else_can_place_the_orders_of_a_sheet(desk, john, browser_of):
    send(john, f"Tunel d.o.o.,BA,,{desk.product.name},12\n")
    for name in ("blake", "admin", "stan"):
        assert place(browser_of(desk.people[name])).status_code == 404
    assert created() == []
