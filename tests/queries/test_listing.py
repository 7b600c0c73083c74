import pytest

from models import Customer
from queries.customers import CustomerFilter, customers
from queries.listing import COUNT_LIMIT, PageRequest, as_id
from tests.small_book import actor, add_customer, add_reseller

NAMES = ["Šabac", "Đakovo", "čačak", "Zagreb", "bihać", "Ćuprija", "Cetinje", "Žepče", "Apatin"]


@pytest.fixture
def listing(database):
    reseller = add_reseller()
    for name in NAMES:
        add_customer(name, reseller=reseller)
    return customers(CustomerFilter(), actor=actor())


def _names(page):
    return [row.company_name for row in page.rows]


def test_names_are_ordered_without_regard_to_case_and_accents_alike_on_both_databases(listing):
    ordered = ["Apatin", "bihać", "čačak", "Cetinje", "Ćuprija", "Đakovo", "Šabac", "Zagreb", "Žepče"]
    assert _names(listing.page(PageRequest())) == ordered
    backwards = PageRequest(sort="company_name", is_descending=True)
    assert _names(listing.page(backwards)) == ordered[::-1]


def test_a_page_holds_its_rows_and_says_which_they_are(listing):
    page = listing.page(PageRequest(number=2, size=4))
    assert _names(page) == ["Ćuprija", "Đakovo", "Šabac", "Zagreb"]
    assert (page.first, page.last, page.total, page.pages) == (5, 8, 9, 3)


def test_a_page_beyond_the_last_gives_the_last(listing):
    page = listing.page(PageRequest(number=10**30, size=4))
    assert (page.number, _names(page)) == (3, ["Žepče"])


def test_an_empty_list_has_one_page_and_no_first_row(database):
    page = customers(CustomerFilter(), actor=actor()).page(PageRequest())
    assert (page.rows, page.total, page.pages, page.first, page.last) == ([], 0, 1, 0, 0)


def test_an_unknown_sort_means_the_own_order(listing):
    page = listing.page(PageRequest(sort="password_hash", is_descending=True, size=2))
    assert _names(page) == ["Apatin", "bihać"]


def test_equal_names_keep_one_order_by_their_key(database):
    reseller = add_reseller()
    keys = [add_customer("Same", reseller=reseller, city=str(number)).id for number in range(5)]
    listing = customers(CustomerFilter(), actor=actor())
    assert [row.id for row in listing.page(PageRequest()).rows] == keys
    down = PageRequest(sort="company_name", is_descending=True)
    assert [row.id for row in listing.page(down).rows] == keys[::-1]


def test_the_export_walks_everything_in_the_order_of_the_screen(listing):
    wanted = PageRequest(sort="company_name", is_descending=True, size=2)
    rows = [row.company_name for row in listing.everything(wanted)]
    assert rows == _names(listing.page(PageRequest(sort="company_name", is_descending=True)))
    assert len(rows) == len(NAMES)


def test_a_filtered_count_is_exact_up_to_its_limit(sqlite_database):
    reseller = add_reseller()
    rows = [
        {"reseller": reseller.id, "company_name": f"C{n}", "name_key": f"c{n}", "country": "RS"}
        for n in range(COUNT_LIMIT + 2)
    ]
    for start in range(0, len(rows), 1000):
        Customer.insert_many(rows[start : start + 1000]).execute()
    filtered = customers(CustomerFilter(country="RS"), actor=actor())
    assert filtered.count() == (COUNT_LIMIT + 1, False)
    assert filtered.exact_count() == COUNT_LIMIT + 2
    assert customers(CustomerFilter(), actor=actor()).count() == (COUNT_LIMIT + 2, True)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1", 1),
        (7, 7),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("0", None),
        ("-1", None),
        ("1.0", None),
        ("١٢", None),
        ("1 or 1=1", None),
        ("", None),
        (None, None),
        ("9" * 400, None),
    ],
)
def test_only_a_key_is_taken_for_a_key(text, key):
    assert as_id(text) == key
