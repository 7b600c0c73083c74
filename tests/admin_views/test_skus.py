import pytest

from tests.admin_views.desk import FORMULA, HOSTILE, csv_rows, set_up, sheet_xml, text
from tests.small_book import add_product, statements

COLUMNS = ["Product Name", "Code", "Min. Quantity", "Max. Quantity", "Price"]


@pytest.fixture
def desk(app):
    return set_up()


def test_the_list_shows_the_bands_with_the_products_words(desk, browser_of):
    page = text(browser_of(desk.people["john"]).get("/skus/"))
    for word in ["<h1>SKU</h1>", *COLUMNS, "Search", "Clear", "CSV", "XLSX", "10.00€", "7.70€", "KL4864X5"]:
        assert word in page
    assert "Displaying 1 to 2 of 2 items" in page


def test_seventy_four_bands_are_two_pages(desk, browser_of):
    add_product("9999", "Big", bands=[(n, n, 100) for n in range(1, 73)])
    browser = browser_of(desk.people["ops"])
    first = text(browser.get("/skus/"))
    assert "Page 1 of 2" in first
    assert "Displaying 1 to 50 of 74 items" in first
    second = text(browser.get("/skus/?page=2"))
    assert "Page 2 of 2" in second
    assert "Displaying 51 to 74 of 74 items" in second


def test_the_code_filter_finds_a_part_in_any_case_and_stays_in_its_field(desk, browser_of):
    page = text(browser_of(desk.people["john"]).get("/skus/?code=kl4864x1"))
    assert "Displaying 1 to 1 of 1 item" in page
    assert 'name="code" value="kl4864x1"' in page


def test_wrong_arguments_are_never_a_failure(desk, browser_of):
    browser = browser_of(desk.people["john"])
    for query in (
        "page=-1", "page=0", "page=1.5", "page=99999999999999999999999", "page=x", "page=%D9%A1", "page_size=7",
        "page_size=-50", "page_size=1000000", "sort=password_hash", "sort=0", "sort=product&desc=2", "sort[]=1",
        "flt0_0=1", "search=x", "code=", "code=%25", "code=" + "x" * 200, "count=exact", "a" * 500 + "=1",
    ):  # fmt: skip
        answer = browser.get(f"/skus/?{query}")
        assert answer.status_code == 200, query
        assert "Displaying" in text(answer), query


@pytest.mark.parametrize("value", ["a%00b", "%E2%80%AEgnp", "x" * 201])
def test_a_filter_that_cannot_be_read_is_told_and_shows_no_row(desk, browser_of, value):
    browser = browser_of(desk.people["john"])
    page = text(browser.get(f"/skus/?code={value}"))
    assert 'id="filter-code-error"' in page
    assert "Displaying 0 items" in page
    answer = browser.get(f"/skus/export/csv/?code={value}")
    assert answer.status_code == 303
    assert answer.location.startswith("/skus/?code=")


def test_names_are_text_on_the_page_and_in_the_files(desk, browser_of):
    add_product("6666", HOSTILE, bands=((1, 9, 100),))
    add_product("7777", FORMULA, bands=((1, 9, 100),))
    browser = browser_of(desk.people["john"])
    page = text(browser.get(f"/skus/?code={HOSTILE}")) + text(browser.get("/skus/"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert [row[0] for row in csv_rows(browser.get("/skus/export/csv/"))][-1] == f"'{FORMULA}"
    sheet = sheet_xml(browser.get("/skus/export/xlsx/"))
    assert "<f>" not in sheet
    assert "=HYPERLINK" in sheet


def test_the_export_holds_what_the_filter_finds_under_the_same_words(desk, browser_of):
    answer = browser_of(desk.people["audit"]).get("/skus/export/csv/?code=X5")
    assert csv_rows(answer) == [COLUMNS, ["Endpoint - Basic", "KL4864X5", "5", "9", "10.00"]]
    assert answer.headers["Content-Disposition"] == "attachment; filename=skus-2017-07-22.csv"


def test_the_csv_follows_the_accounts_format(desk, browser_of):
    john = desk.people["john"]
    john.csv_format = "semicolon"
    john.save()
    rows = csv_rows(browser_of(john).get("/skus/export/csv/"), delimiter=";")
    assert rows[1][-1] == "10,00"


def test_nobody_writes_here(desk, browser_of):
    browser = browser_of(desk.people["admin"])
    for path in ("/skus/new/", "/skus/edit/?id=1", "/skus/details/?id=1", "/skus/ajax/lookup/?name=sku"):
        assert browser.get(path).status_code == 404
    for path in ("/skus/delete/", "/skus/action/", "/skus/ajax/update/", "/skus/new/", "/skus/edit/"):
        assert browser.post(path, {"id": "1", "action": "delete", "rowid": "1"}).status_code == 404
    assert browser.post("/skus/").status_code == 405
    assert browser.get("/skus/export/json/").status_code == 404


def test_anonymous_goes_to_login(desk, browser):
    assert browser.get("/skus/").status_code == 303
    assert browser.get("/skus/export/csv/").status_code == 303


def test_a_page_costs_four_statements_at_most(desk, browser_of):
    browser = browser_of(desk.people["john"])
    browser.get("/skus/")
    with statements() as seen:
        browser.get("/skus/?code=KL")
    assert len([line for line in seen if line.startswith("SELECT")]) <= 4
