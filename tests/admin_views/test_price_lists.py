"""Price lists on the screen: what holds, what is to come, new prices by sheet and by hand."""

import io

import pytest

from licensing.terms import Month
from models import PriceList, Product
from queries.prices import bands_of_product
from tests.admin_views.desk import HOSTILE, csv_rows, set_up, sheet_xml, text

COLUMNS = "Product Name,Product Code,SKU,Min. Quantity,Max. Quantity,Price\n"
GOOD = ("Endpoint - Basic,4864,KL4864X5,5,9,11.00", "Endpoint - Basic,4864,KL4864X10,10,14,8.00")
AUGUST = Month(2017, 8)


@pytest.fixture
def desk(app):
    return set_up()


@pytest.fixture
def ops(desk, browser_of):
    return browser_of(desk.people["ops"])


def upload(browser, *lines, month="2017-08", content=None, name="prices.csv"):
    body = (COLUMNS + "\n".join(lines)).encode() if content is None else content
    return browser.post("/price-lists/new/", {"valid_from": month, "sheet": (io.BytesIO(body), name)})


def typed(*lines, month="2017-08", **more):
    names = ("sku", "min_quantity", "max_quantity", "price")
    return {"valid_from": month, **{name: [line[place] for line in lines] for place, name in enumerate(names)}, **more}


def prices(desk, month=AUGUST):
    return [band.price_cents for band in bands_of_product(desk.product.id, month=month)]


def test_the_list_says_which_prices_hold_and_which_are_to_come(desk, ops):
    upload(ops, *GOOD)
    page = text(ops.get("/price-lists/"))
    for words in ("<h1>Price lists</h1>", "2017-01", "2017-08", "now", "to come", "7.70€", "11.00€"):
        assert words in page, words
    to_come = text(ops.get("/price-lists/?standing=to+come"))
    assert "2017-08" in to_come
    assert "Displaying 1 to 1 of 1 item" in to_come
    rows = csv_rows(ops.get("/price-lists/export/csv/"))
    assert [row[1:5] for row in rows[1:]] == [
        ["4864", "01.08.2017", "to come", "2"],
        ["4864", "01.01.2017", "now", "2"],
    ]


def test_prices_of_a_sheet_are_valid_from_the_month_beside_it(desk, ops):
    answer = upload(ops, *GOOD)
    assert answer.status_code == 303
    assert "The prices of 1 product are valid from 2017-08." in text(ops.get(answer.headers["Location"]))
    assert (prices(desk), prices(desk, Month(2017, 7))) == ([1100, 800], [1000, 770])


def test_the_template_is_a_sheet_that_changes_nothing(desk, ops):
    template = ops.get("/price-lists/template.xlsx")
    assert "Endpoint - Basic" in sheet_xml(template)
    assert upload(ops, content=template.get_data(), name="prices.xlsx").status_code == 303
    assert prices(desk) == prices(desk, Month(2017, 7)) == [1000, 770]


@pytest.mark.parametrize(
    ("lines", "row", "reason"),
    [
        (("Endpoint - Basic,4864,KL4864X5,5,9,x",), 2, "Price: “x” is not a price such as 7.70."),
        (("Endpoint - Basic,4864,KL4864X5,٥,9,1",), 2, "Min. Quantity: “٥” is not a whole number such as 12."),
        (("Endpoint - Basic,4864,KL4864X5,5,9,1.00",), 2, "with 10 seats would be left without a band"),
        ((GOOD[0], "Endpoint - Basic,4864,KL4864X10,12,14,8"), 3, "There is a gap: row 2 ends at 9"),
        ((*GOOD, "New,5000,KL5000,9,1,8"), 4, "The band ends at 1, before it begins at 9."),
        ((*GOOD, ",5000,KL5000,1,9,8"), 4, "5000 is a new product: give its name."),
        ((*GOOD, f"{HOSTILE},5000,KL4864X5,1,9,8"), 4, "The SKU KL4864X5 stands in row 2 already."),
        ((*GOOD, f"New,5000,{'K' * 31},1,9,8"), 4, "It has 31 characters; at most 30 fit."),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_saved(desk, ops, lines, row, reason):
    answer = upload(ops, *lines)
    page = text(answer)
    assert answer.status_code == 422
    assert f'<th scope="row" class="n">{row}</th>' in page
    assert reason in page
    assert "<script>alert" not in page
    assert 'value="2017-08"' in page
    assert PriceList.select().count() == 1


@pytest.mark.parametrize(
    ("month", "reason"),
    [
        ("2017-07", "2017-07 has begun; a price list is valid from a later month."),
        ("2016-01", "2016-01 has begun; a price list is valid from a later month."),
        ("2018-13", "“2018-13” is not a month such as 2018-12."),
        ("", "Enter the month from which the prices are valid."),
        ("٢٠١٨-١٢", "is not a month such as 2018-12."),
        (HOSTILE, "is not a month such as 2018-12."),
    ],
)
def test_a_month_that_cannot_be_taken_is_said(desk, ops, month, reason):
    for answer in (upload(ops, *GOOD, month=month), ops.post("/price-lists/edit/?id=1", typed(month=month))):
        assert answer.status_code == 422
        assert reason in text(answer)
    assert PriceList.select().count() == 1


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04 no workbook", b"a;b\n1;2\n", b"\xd0\xcf\x11\xe0"])
def test_a_file_that_is_no_price_sheet_is_refused_in_words(desk, ops, content):
    answer = upload(ops, content=content)
    assert answer.status_code == 422
    assert 'id="sheet-error"' in text(answer)
    assert PriceList.select().count() == 1


def test_no_file_is_said_beside_its_field(desk, ops):
    answer = ops.post("/price-lists/new/", {"valid_from": "2017-08"})
    assert (answer.status_code, "Choose a file." in text(answer)) == (422, True)


def test_a_list_that_has_begun_opens_as_the_beginning_of_a_new_one(desk, ops):
    page = text(ops.get(f"/price-lists/edit/?id={PriceList.get().id}"))
    for words in ("Endpoint - Basic", 'value="KL4864X5"', 'value="7.70"', 'value="2017-08"', "2017-01 has begun"):
        assert words in page, words
    assert ">Delete</button>" not in page


def test_typed_prices_make_a_new_list_and_blank_rows_are_no_bands(desk, ops):
    lines = (("KL4864X5", "5", "9", "11,00"), ("", "", "", ""), ("KL4864X10", "10", "99", "8"))
    answer = ops.post(f"/price-lists/edit/?id={PriceList.get().id}", typed(*lines))
    assert answer.status_code == 303
    assert prices(desk) == [1100, 800]
    to_come = PriceList.get(PriceList.valid_from == AUGUST.first_day)
    page = text(ops.get(f"/price-lists/edit/?id={to_come.id}"))
    for words in ('value="8.00"', "7.70€", 'popovertarget="delete"'):
        assert words in page, words


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (("", "10", "14", "8"), "Enter the SKU, or leave the whole row blank."),
        (("KL4864X10", "", "14", "8"), "Enter both quantities of the band."),
        (("KL4864X10", "12.0", "14", "8"), "“12.0” is not a whole number such as 12."),
        (("KL4864X10", "10", "9999999999", "8"), "is far too large."),
        (("KL4864X10", "10", "14", ""), "Enter the price of one seat and month."),
        (("KL4864X10", "10", "14", "8.005"), "“8.005” is not a price such as 7.70."),
        (("KL4864X10", "10", "14", "-8"), "The price -8.00 is negative."),
        (("KL4864X10", "10", "14", "2000000"), "The price 2000000.00 is far too large."),
        (("KL4864X10", "9", "14", "8"), "The band begins at 9 and overlaps row 1, which ends at 9."),
        (("KL4864X5", "10", "14", "8"), "The SKU KL4864X5 stands in row 1 already."),
        ((HOSTILE, "10", "x", "8"), "“x” is not a whole number such as 12."),
        (("KL\u202e", "10", "14", "8"), "cannot be seen"),
        (("KL\x00", "10", "14", "8"), "cannot be seen"),
    ],
)
def test_a_wrong_line_says_why_below_it_and_keeps_what_was_typed(desk, ops, line, reason):
    good = ("KL4864X5", "5", "9", "11.00")
    answer = ops.post(f"/price-lists/edit/?id={PriceList.get().id}", typed(good, line))
    page = text(answer)
    assert answer.status_code == 422
    assert reason in page
    assert 'id="row-2-error"' in page
    assert 'value="11.00"' in page
    assert "<script>alert" not in page
    assert prices(desk) == [1000, 770]


def test_a_page_sent_back_offers_three_blank_rows_and_no_more(desk, ops):
    lines = (("KL4864X5", "5", "9", "x"), *[("", "", "", "")] * 3)
    page = text(ops.post(f"/price-lists/edit/?id={PriceList.get().id}", typed(*lines)))
    assert page.count('name="sku"') == 4


def test_lines_that_lack_a_field_are_no_form_of_ours(desk, ops):
    form = typed(("KL4864X5", "5", "9", "11.00"), price=[])
    assert ops.post(f"/price-lists/edit/?id={PriceList.get().id}", form).status_code == 400


def test_a_new_product_is_added_by_hand(desk, ops):
    line = ("KL5000", "1", "9", "5.00")
    missing = ops.post("/price-lists/product/", typed(line, product_code="5000", product_name=""))
    assert (missing.status_code, "give its name" in text(missing)) == (422, True)
    assert (
        ops.post("/price-lists/product/", typed(line, product_code="5000", product_name="Šta god")).status_code == 303
    )
    assert Product.get(Product.code == "5000").name == "Šta god"


def test_what_is_to_come_can_be_deleted_and_what_has_begun_cannot(desk, ops):
    upload(ops, *GOOD)
    begun, to_come = PriceList.select().order_by(PriceList.valid_from)
    refused = ops.post(f"/price-lists/delete/?id={begun.id}")
    assert "2017-01 has begun" in text(ops.get(refused.headers["Location"]))
    assert ops.post(f"/price-lists/delete/?id={to_come.id}").status_code == 303
    assert [row.id for row in PriceList.select()] == [begun.id]
    for wrong in (to_come.id, "x", "", "-1", "9" * 40):
        assert ops.post(f"/price-lists/delete/?id={wrong}").status_code == 404


def test_an_auditor_reads_and_a_reseller_knows_nothing_of_it(desk, browser_of):
    auditor = browser_of(desk.people["audit"])
    page = text(auditor.get(f"/price-lists/edit/?id={PriceList.get().id}"))
    assert "KL4864X5" in page
    assert 'name="price"' not in page
    assert "New prices" not in text(auditor.get("/price-lists/"))
    assert auditor.get("/price-lists/new/").status_code == 403
    for person in ("blake", "john"):
        browser = browser_of(desk.people[person])
        assert "Price lists" not in text(browser.get("/"))
        assert browser.get("/price-lists/").status_code == 403
        assert upload(browser, *GOOD).status_code == 403
    assert PriceList.select().count() == 1
