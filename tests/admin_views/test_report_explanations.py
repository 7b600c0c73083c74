"""Every figure of a report explains itself: its parts, what was left out, where the reports differ."""

import html
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app
from models import User
from tests.admin_views.browser import Browser, config_for
from tests.admin_views.desk import text
from tests.admin_views.report_pages import (
    END,
    JULY_22,
    Sign,
    bluth,
    words,
)
from tests.demo_book_stored import load_book, product_id, reseller_id, sku_id
from tests.services import schema


@pytest.fixture(scope="module")
def app(sqlite_copies: schema.SqliteCopies) -> Iterator[Flask]:
    """One book for the whole module: reports only read."""
    with sqlite_copies.fresh() as url, schema.bound(url):
        load_book()
        yield create_app(config_for(url))


@pytest.fixture
def sign_in(app: Flask) -> Sign:
    return lambda username: Browser(app).enter(User.get(User.username == username))


@pytest.fixture
def admin(sign_in: Sign) -> Browser:
    return sign_in("admin")


class TestAFigure:
    def basic(self, browser, figure="fee", *, as_of=JULY_22):
        key = f"{reseller_id()}-{product_id('4864')}-{sku_id('KL4864XIKMG')}"
        return words(browser.get(f"/reports/reseller/line/?month=2017-07&{as_of}&line={key}&figure={figure}"))

    def test_shows_the_sum_the_licences_and_those_left_out(self, admin):
        box = self.basic(admin)
        assert "288.29: how this figure is made" in box
        assert "48 seats × 7.70 × (100.00% − 22.00% discount) = 288.288, rounded to 288.29" in box
        assert "Counted: 4 subscriptions" in box
        assert "Prerada voća d.o.o. 3800c301… 23.03.2017, Create 12" in box
        assert "Left out of this product: 3" in box
        assert "Tunel d.o.o. 10 Ended 01.07.2017, HardCancel of 20.06.2017" in box
        assert "Hotel Adriatic 6 Created 15.07.2017: the first month is free" in box

    def test_says_why_the_summary_has_a_cent_less(self, admin):
        sentence = "The Summary Report shows 288.28 for these seats: it rounds each customer's line"
        assert f"{sentence} (60.06 + 72.07 + 72.07 + 84.08)." in self.basic(admin)

    def test_tells_a_change_within_the_month_with_its_requests(self, admin):
        box = self.basic(admin, as_of=END)
        assert "12 until 23.07.2017 14:43:49, then 8: July is charged for 12" in box
        assert "Create 23.03.2017 18:03:27 · ModifyQuantity 23.07.2017 14:43:49" in box
        assert "Started again 23.07.2017 after its end on 01.07.2017: the month is charged." in box

    @pytest.mark.parametrize(
        ("figure", "formula"),
        [("quantity", "10 + 12 + 12 + 14 = 48 seats"), ("end_user", "48 seats × 7.70 = 369.60")],
    )
    def test_each_figure_has_its_own_sum(self, admin, figure, formula):
        assert formula in self.basic(admin, figure)

    def test_of_the_summary_multiplies_the_months(self, admin):
        page = text(admin.get(bluth(f"/reports/summary/?from=2017-04&to=2017-08&{END}&customer=tunel")))
        first, second = re.findall(r'class="fig" href="([^"]+figure=total)#', page)
        box = words(admin.get("/reports/summary/" + html.unescape(first)))
        assert "10 seats × 7.70 × (100.00% − 22.00% discount) = 60.06 · 60.06 × 3 months = 180.18" in box
        assert "2017-06 24.05.2017, ModifyQuantity" in box
        assert "144.14: how this figure is made" in words(admin.get("/reports/summary/" + html.unescape(second)))

    def test_one_month_is_no_months(self, admin):
        page = text(admin.get(bluth(f"/reports/summary/?from=2017-07&to=2017-07&{END}&customer=prerada")))
        total = re.search(r'class="fig" href="([^"]+figure=total)#', page)[1]
        assert "72.07 × 1 month = 72.07" in words(admin.get("/reports/summary/" + html.unescape(total)))

    def test_opens_below_its_line_without_a_script(self, admin):
        page = text(admin.get(bluth(f"/reports/reseller/?month=2017-07&{JULY_22}")))
        address = html.unescape(re.search(r'class="fig" href="([^"]+figure=fee)#line-1"', page)[1])
        opened = text(admin.get(f"/reports/reseller/{address}"))
        assert "288.29: how this figure is made" in html.unescape(opened)
        assert opened.count('aria-expanded="true"') == 1

    @pytest.mark.parametrize("key", ["", "x", "1", "1-2", "1-2-3-4", "1-2-" + "9" * 40, "1--2"])
    def test_of_no_line_is_not_found(self, admin, key):
        assert admin.get(f"/reports/reseller/line/?month=2017-07&line={key}").status_code == 404
        assert admin.get(f"/reports/summary/line/?from=2017-07&to=2017-07&line={key}").status_code == 404

    def test_a_part_of_a_page_that_cannot_be_read_is_refused(self, admin):
        assert admin.get("/reports/reseller/line/?month=nonsense&line=1-1-1").status_code == 400


class TestWhatWasLeftOut:
    def test_is_listed_with_the_reason(self, admin):
        page = words(admin.get(bluth(f"/reports/reseller/left-out/?month=2017-07&{JULY_22}")))
        assert "Reseller Report 2017-07, as of 22.07.2017 12:00" in page
        assert "Ended 01.06.2017, SoftCancel of 22.05.2017" in page
        assert "Displaying 1 to 3 of 3 subscriptions" in page

    def test_says_of_which_months_it_speaks(self, admin):
        page = words(admin.get(bluth(f"/reports/summary/left-out/?from=2017-03&to=2017-08&{END}&customer=srce")))
        assert "2017-06 to 2017-08 9 Ended 01.06.2017, SoftCancel of 22.05.2017" in page
        assert "2017-03 9 Created 23.03.2017: the first month is free" in page

    def test_a_licence_created_later_has_not_begun(self, admin):
        page = words(admin.get(bluth(f"/reports/reseller/left-out/?month=2017-03&{END}")))
        assert "— Not begun: created 18.04.2017" in page

    def test_nothing_left_out_is_said(self, admin):
        page = words(admin.get("/reports/reseller/left-out/?month=2017-07&product=" + str(product_id("4551"))))
        assert "Nothing was left out." in page


class TestTheDifferenceOfTheReports:
    def test_names_the_line_and_both_fees(self, admin):
        note = words(admin.get(bluth(f"/reports/reseller/differences/?month=2017-07&{JULY_22}")))
        assert "The Summary Report comes to 0.01 less" in note
        assert "KL4864XIKMG (Reseller Report 288.29, Summary Report 288.28)" in note
        other = words(admin.get(bluth(f"/reports/summary/differences/?from=2017-07&to=2017-07&{JULY_22}")))
        assert "The Reseller Report comes to 0.01 more" in other

    def test_equal_reports_are_called_equal(self, admin):
        note = words(admin.get(f"/reports/reseller/differences/?month=2017-07&product={product_id('4151')}"))
        assert "come to the same here, line by line" in note

    def test_a_summary_of_some_customers_is_not_compared(self, admin):
        assert "/differences/" not in text(admin.get("/reports/summary/?from=2017-07&to=2017-07&customer=ukc"))
