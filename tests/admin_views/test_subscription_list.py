import re
from datetime import date

import pytest

from licensing.states import CommandKind, CommandState, OrderState
from tests.admin_views.desk import CANARY, FORMULA, HOSTILE, csv_rows, set_up, sheet_xml, text
from tests.small_book import add_command, add_customer, add_product, add_subscription, add_user, statements

EXPORTED = [
    "Reseller", "Company Name", "City", "Country", "Product", "SKU", "Quantity", "Subscription ID",
    "Activation Code", "Status", "License Expiration", "User",
]  # fmt: skip


@pytest.fixture
def desk(app):
    return set_up()


def _rows(answer):
    return re.findall(r"<td class=\"n\">\d+</td>", text(answer))


def _headings(page):
    heads = re.findall(r"<th scope=\"col\"[^>]*>(?:<a [^>]*>)?([^<]+)", page.replace("\u00ad", ""))
    return [head.strip() for head in heads]


def test_the_columns_are_the_products_in_its_order(desk, browser_of):
    page = text(browser_of(desk.people["ops"]).get("/subscriptions/"))
    assert _headings(page) == ["#", *EXPORTED]
    assert _headings(text(browser_of(desk.people["john"]).get("/subscriptions/"))) == ["#", *EXPORTED[1:]]
    for word in ("Search", "Clear", "CSV", "XLSX", "New Subscription", "Tunel d.o.o.", "unlimited"):
        assert word in page


def test_ids_are_shortened_and_stand_whole_in_the_title(desk, browser_of):
    page = text(browser_of(desk.people["john"]).get("/subscriptions/"))
    whole = desk.licence.subscription_id
    assert f'<span class="mono" title="{whole}">{whole[:8]}…</span>' in page


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({}, '<span class="badge ok">Active</span>'),
        ({"cancelled_on": date(2017, 8, 1)}, "Active until the date of cancellation: 01.08.2017"),
        ({"cancelled_on": date(2017, 7, 1)}, "Expired - Cancellation Date: 01.07.2017"),
        ({"expires_on": date(2017, 7, 1)}, "Expired: 01.07.2017"),
        ({"state": OrderState.FAILED}, '<span class="badge bad">Failed</span>'),
    ],
)
def test_each_status_has_the_products_words(desk, browser_of, dates, words):
    add_subscription(add_customer("Only", reseller=desk.bluth), product=desk.product, **dates)
    page = text(browser_of(desk.people["john"]).get("/subscriptions/?company_name=only&status=all"))
    assert words in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CommandState.QUEUED, "Pending"),
        (CommandState.SENDING, "Pending"),
        (CommandState.UNKNOWN, "Outcome unknown, being checked"),
        (CommandState.PARKED, "Outcome unknown, a person must decide"),
        (CommandState.CONFIRMED, "Active"),
        (CommandState.REJECTED, "Active"),
    ],
)
def test_a_command_on_its_way_stands_before_the_status(desk, browser_of, state, words):
    add_command(desk.licence, kind=CommandKind.RENEW, state=state)
    browser = browser_of(desk.people["john"])
    assert f"{words}</span>" in text(browser.get("/subscriptions/"))
    assert csv_rows(browser.get("/subscriptions/export/csv/"))[1][9] == words


def test_failed_orders_leave_the_list_until_asked_for(desk, browser_of):
    add_subscription(desk.tunel, product=desk.product, state=OrderState.FAILED)
    browser = browser_of(desk.people["john"])
    assert "Status: <b>all except Failed</b>" in text(browser.get("/subscriptions/"))
    assert len(_rows(browser.get("/subscriptions/"))) == 1
    assert len(_rows(browser.get("/subscriptions/?status=all"))) == 2
    assert len(_rows(browser.get("/subscriptions/?status=failed"))) == 1


def test_every_filter_finds_its_row(desk, browser_of):
    other = add_product("4551", "Virtualization, Core", bands=((1, 99, 1750),))
    wanted = add_subscription(
        add_customer("Prerada voća", reseller=desk.bluth), product=other, expires_on=date(2017, 12, 1)
    )
    browser = browser_of(desk.people["ops"])
    for query in (
        f"product={other.id}", "expiration=2017-12", f"subscription_id={wanted.subscription_id[:8]}", "sku=kl4551",
        f"activation_code={wanted.activation_code.lower()}", "company_name=VOCA", "ends_before=2018-01-01",
        f"reseller={desk.bluth.id}&company_name=voća&status=active",
    ):  # fmt: skip
        answer = browser.get(f"/subscriptions/?{query}")
        assert len(_rows(answer)) == 1, query
        assert "Prerada voća" in text(answer), query
    assert len(_rows(browser.get("/subscriptions/?expiration=unlimited"))) == 2


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("expiration=2018-13", "“2018-13” is not a month such as 2018-12, nor unlimited."),
        ("expiration=soon", "“soon” is not a month"),
        ("expiration=%D9%A1%D9%A2", "is not a month"),
        ("product=999999", "“999999” is not in the list."),
        ("reseller=1%20or%201=1", "is not in the list."),
        ("status=gone", "“gone” is not in the list."),
        ("ends_before=2018-02-30", "“2018-02-30” is not a date such as 2018-12-31."),
        ("company_name=a%00b", "cannot be seen (U+0000)"),
        ("subscription_id=%E2%80%8F", "cannot be seen (U+200F)"),
        ("sku=" + "x" * 300, "at most 200 fit"),
        ("expiration=<script>alert(1)</script>", "is not a month"),
    ],
)
def test_a_filter_that_cannot_be_read_is_told_beside_it_and_nothing_is_shown(desk, browser_of, query, words):
    answer = browser_of(desk.people["ops"]).get(f"/subscriptions/?{query}")
    assert answer.status_code == 200
    assert words in text(answer)
    assert 'class="error"' in text(answer)
    assert "Tunel" not in text(answer)
    assert "<script>alert" not in text(answer)


def test_names_are_sorted_without_case_and_accents(desk, browser_of):
    for name in ("Žepče", "čačak", "Zagreb", "Đakovo"):
        add_subscription(add_customer(name, reseller=desk.sitwell), product=desk.product)
    rows = csv_rows(browser_of(desk.people["stan"]).get("/subscriptions/export/csv/?sort=company_name"))
    assert [row[1] for row in rows[1:]] == ["čačak", "Đakovo", CANARY, "Zagreb", "Žepče"]


def test_a_heading_turns_its_own_order_round_and_keeps_the_filter(desk, browser_of):
    browser = browser_of(desk.people["ops"])
    page = text(browser.get("/subscriptions/?sort=company_name&company_name=d.o.o&page_size=20"))
    assert '<th scope="col" class="w-name" aria-sort="ascending"><a href="' in page
    link = re.search(r'aria-sort="ascending"><a href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert {"desc=1", "company_name=d.o.o", "page_size=20", "sort=company_name"} <= set(link.split("?")[1].split("&"))
    assert 'aria-sort="descending"' in text(browser.get(link))


def test_another_resellers_licences_are_not_listed_counted_or_exported(desk, browser_of):
    browser = browser_of(desk.people["john"])
    assert "Displaying 1 to 1 of 1 item" in text(browser.get("/subscriptions/"))
    foreign = desk.foreign_licence
    for query in (
        f"reseller={desk.sitwell.id}", f"subscription_id={foreign.subscription_id}",
        f"activation_code={foreign.activation_code}", "company_name=kanarinac", "status=all",
    ):  # fmt: skip
        for kind, read in (("csv", text), ("xlsx", sheet_xml)):
            body = read(browser.get(f"/subscriptions/export/{kind}/?{query}"))
            assert "Kanarinac" not in body
            assert "Sitwell" not in body
        page = text(browser.get(f"/subscriptions/?{query}")).replace(query, "")
        assert CANARY not in page
        assert "Sitwell" not in page


def test_the_export_has_the_products_columns_and_all_the_filter_finds(desk, browser_of):
    for number in range(60):
        add_subscription(desk.tunel, product=desk.product, quantity=number + 5)
    answer = browser_of(desk.people["audit"]).get("/subscriptions/export/csv/?company_name=tunel&page_size=20&page=2")
    rows = csv_rows(answer)
    assert rows[0] == EXPORTED
    assert len(rows) == 62
    assert rows[1] == [
        "Bluth Company", "Tunel d.o.o.", "Sarajevo", "Bosnia and Herzegovina", "Endpoint - Basic", "KL4864X5", "10",
        desk.licence.subscription_id, desk.licence.activation_code, "Active", "unlimited", "Blake",
    ]  # fmt: skip
    assert answer.headers["Content-Disposition"] == "attachment; filename=subscriptions-2017-07-22.csv"


def test_the_workbook_has_real_numbers_and_dates(desk, browser_of):
    add_subscription(desk.tunel, product=desk.product, quantity=7777, expires_on=date(2017, 12, 1))
    answer = browser_of(desk.people["john"]).get("/subscriptions/export/xlsx/")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert "subscriptions-2017-07-22.xlsx" in answer.headers["Content-Disposition"]
    sheet = sheet_xml(answer)
    numbers = [float(value) for value in re.findall(r"<v>([^<]+)</v>", sheet)]
    assert numbers == [10, 7777, 43070]  # the last is 01.12.2017 as Excel counts days


def test_names_are_text_in_page_and_files(desk, browser_of):
    customer = add_customer(HOSTILE, reseller=desk.bluth, city=FORMULA)
    user = add_user("evil", reseller=desk.bluth, name='"><img src=x onerror=alert(1)>')
    add_subscription(customer, product=desk.product, user=user)
    browser = browser_of(desk.people["john"])
    page = text(browser.get("/subscriptions/"))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert" in page
    row = csv_rows(browser.get("/subscriptions/export/csv/"))[-1]
    assert row[1:3] == [HOSTILE, f"'{FORMULA}"]
    assert "<f>" not in sheet_xml(browser.get("/subscriptions/export/xlsx/"))


def test_the_page_size_can_be_chosen_and_stays(desk, browser_of):
    for _ in range(30):
        add_subscription(desk.tunel, product=desk.product)
    browser = browser_of(desk.people["john"])
    page = text(browser.get("/subscriptions/?page_size=20"))
    assert "Page 1 of 2" in page
    assert "Displaying 1 to 20 of 31 items" in page
    assert 'href="/subscriptions/?page_size=20&amp;page=2"' in page
    assert "Displaying 21 to 31 of 31 items" in text(browser.get("/subscriptions/?page_size=20&page=99"))


def test_an_auditor_reads_without_ordering_and_anonymous_reads_nothing(desk, browser_of, browser):
    page = text(browser_of(desk.people["audit"]).get("/subscriptions/"))
    assert "Tunel d.o.o." in page
    assert ">New Subscription<" not in page
    assert browser.get("/subscriptions/").status_code == 303
    assert browser.get("/subscriptions/export/csv/").status_code == 303


def test_flask_admins_own_ways_to_rows_do_not_exist(desk, browser_of):
    browser = browser_of(desk.people["admin"])
    assert browser.get("/subscriptions/ajax/lookup/?name=customer&query=").status_code == 404
    assert browser.get("/subscriptions/details/?id=1").status_code == 404
    for path in ("delete/", "action/", "ajax/update/"):
        form = {"id": str(desk.licence.id), "rowid": str(desk.licence.id), "action": "delete", "list_form_pk": "1"}
        assert browser.post(f"/subscriptions/{path}", form).status_code == 404


def test_a_page_costs_six_statements_at_most_however_many_rows(desk, browser_of):
    for _ in range(50):
        add_subscription(desk.tunel, product=desk.product)
    browser = browser_of(desk.people["ops"])
    browser.get("/subscriptions/")
    with statements() as seen:
        answer = browser.get(f"/subscriptions/?reseller={desk.bluth.id}&company_name=tunel&sort=user")
    assert len(_rows(answer)) == 50
    assert len([line for line in seen if line.startswith("SELECT")]) <= 6


def test_a_page_of_fifty_rows_stays_below_eighty_kibibytes(desk, browser_of):
    for _ in range(50):
        add_subscription(desk.tunel, product=desk.product)
    assert len(browser_of(desk.people["ops"]).get("/subscriptions/").get_data()) <= 80 * 1024
