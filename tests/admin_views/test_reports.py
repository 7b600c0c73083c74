"""The two reports on the screen and as files, over the demo book; the clock stands at 22.07.2017 12:00."""

import io
import re
from collections.abc import Iterator

import docx
import openpyxl
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from models import User
from tests.admin_views.browser import Browser, config_for
from tests.admin_views.desk import csv_rows, text
from tests.admin_views.report_pages import (
    END,
    JULY_22,
    Sign,
    as_numbers,
    bluth,
    docx_rows,
    plain,
    screen_rows,
    words,
    xlsx_rows,
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


class TestTheFigures:
    def test_july_of_bluth_is_476_43(self, admin):
        rows = screen_rows(admin.get(bluth(f"/reports/reseller/?month=2017-07&{JULY_22}")))
        assert rows[0][4:] == [
            "Cumulative number of Active Subscription",
            "License Fee per each Active Subscription, EUR, excl. taxes",
            "License Fee for End User, EUR, excl. taxes",
            "Discount %",
            "License Fee for Reseller, EUR, excl. taxes",
        ]
        basic = "Kaspersky Endpoint Security for Business - Basic"
        assert rows[1] == ["1", "Bluth Company", basic, "KL4864XIKMG", "48", "7.70", "369.60", "22.00", "288.29"]
        assert [row[3:] for row in rows[2:-1]] == [
            ["KL4551XIKMG", "10", "17.50", "175.00", "22.00", "136.50"],
            ["KL4151XIEMG", "8", "2.50", "20.00", "22.00", "15.60"],
            ["KL4251XIEMG", "6", "7.70", "46.20", "22.00", "36.04"],
        ]
        assert rows[-1] == ["", "TOTAL", "", "", "72", "", "610.80", "", "476.43"]

    def test_the_summary_of_july_is_a_cent_less_in_seven_lines(self, admin):
        rows = screen_rows(admin.get(bluth(f"/reports/summary/?from=2017-07&to=2017-07&{JULY_22}")))
        assert [(row[2], row[5], row[9], row[10], row[11]) for row in rows[1:-1]] == [
            ("Hotel Adriatic", "10", "60.06", "1", "60.06"),
            ("Prerada voća d.o.o.", "12", "72.07", "1", "72.07"),
            ("test company", "12", "72.07", "1", "72.07"),
            ("UKC Mostar", "14", "84.08", "1", "84.08"),
            ("Osnovni sud Bugojno", "10", "136.50", "1", "136.50"),
            ("Big Big d.o.o.", "8", "15.60", "1", "15.60"),
            ("Bingo promet d.o.o.", "6", "36.04", "1", "36.04"),
        ]
        assert rows[-1] == ["", "TOTAL", "", "", "", "", "", "610.80", "", "476.42", "", "476.42"]

    @pytest.mark.parametrize(
        ("month", "figures"), [("2017-07", ["82", "687.80", "536.49"]), ("2017-08", ["84", "735.40", "573.62"])]
    )
    def test_the_whole_history(self, admin, month, figures):
        total = screen_rows(admin.get(bluth(f"/reports/reseller/?month={month}&{END}")))[-1]
        assert [total[4], total[6], total[8]] == figures

    def test_five_months_of_summary_are_2823_89_in_twelve_lines(self, admin):
        rows = screen_rows(admin.get(bluth(f"/reports/summary/?from=2017-04&to=2017-08&{END}")))
        tunel = {(row[5], row[10]): row[11] for row in rows if row[2] == "Tunel d.o.o."}
        assert tunel == {("12", "2"): "144.14", ("10", "3"): "180.18"}
        assert (len(rows) - 2, rows[-1][-1]) == (12, "2,823.89")

    def test_without_an_as_of_instant_it_is_now(self, admin):
        page = admin.get(bluth("/reports/reseller/?"))
        assert screen_rows(page)[-1][-1] == "476.43"
        assert 'value="2017-07"' in text(page)


@pytest.mark.parametrize(
    "report",
    [
        f"/reports/reseller/%s?month=2017-07&{JULY_22}",
        f"/reports/summary/%s?from=2017-07&to=2017-07&{JULY_22}",
        f"/reports/summary/%s?from=2017-04&to=2017-08&{END}",
    ],
)
class TestFiles:
    def test_csv_holds_what_the_screen_shows(self, admin, report):
        rows = plain(screen_rows(admin.get(bluth(report % ""))))
        assert csv_rows(admin.get(bluth(report % "export.csv"))) == rows

    def test_xlsx_holds_the_same_as_numbers(self, admin, report):
        rows = plain(screen_rows(admin.get(bluth(report % ""))))
        assert xlsx_rows(admin.get(bluth(report % "export.xlsx"))) == [rows[0], *as_numbers(rows[1:])]

    def test_word_holds_the_same(self, admin, report):
        rows = screen_rows(admin.get(bluth(report % "")))
        assert docx_rows(admin.get(bluth(report % "print.docx"))) == rows


class TestOneFile:
    def test_the_semicolon_account_gets_decimal_commas(self, app, sign_in):
        User.update(csv_format="semicolon").where(User.username == "ops").execute()
        answer = sign_in("ops").get(bluth(f"/reports/reseller/export.csv?month=2017-07&{JULY_22}"))
        assert csv_rows(answer, delimiter=";")[1][4:] == ["48", "7,70", "369,60", "22,00", "288,29"]

    def test_a_spreadsheet_program_reads_the_names_intact(self, admin):
        answer = admin.get(bluth(f"/reports/summary/export.csv?from=2017-07&to=2017-07&{JULY_22}"))
        assert answer.get_data().startswith(b"\xef\xbb\xbf")
        assert "Prerada voća d.o.o." in answer.get_data().decode("utf-8-sig")

    @pytest.mark.parametrize(
        ("address", "name", "title"),
        [
            (
                "/reports/reseller/print.docx?month=2017-07",
                "reseller-report-2017-07-bluth-company.docx",
                "Reseller Report 2017-07",
            ),
            (
                f"/reports/reseller/print.docx?month=2017-07&{JULY_22}",
                "reseller-report-2017-07-bluth-company-as-of-2017-07-22-1200.docx",
                "Reseller Report 2017-07, as of 22.07.2017 12:00",
            ),
            (
                "/reports/summary/print.docx?from=2017-06&to=2017-07",
                "summary-report-2017-06-to-2017-07-bluth-company.docx",
                "Summary Report from 2017-06 to 2017-07",
            ),
            (
                "/reports/summary/print.docx?from=2017-07&to=2017-07&customer=voca",
                "summary-report-2017-07-bluth-company-voca.docx",
                "Summary Report from 2017-07 to 2017-07",
            ),
        ],
    )
    def test_says_what_it_holds(self, admin, address, name, title):
        answer = admin.get(bluth(address))
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert docx.Document(io.BytesIO(answer.get_data())).paragraphs[0].text == title

    def test_text_is_no_formula_in_a_sheet(self, admin):
        answer = admin.get("/reports/reseller/export.xlsx?month=2017-07")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
        assert [cell.data_type for cell in sheet[2]] == ["n", "s", "s", "s", "n", "n", "n", "n", "n"]

    def test_a_wrong_criterion_leads_to_the_page_that_says_so(self, admin):
        answer = admin.get("/reports/reseller/export.csv?month=2017-13")
        assert (answer.status_code, answer.location) == (303, "/reports/reseller/?month=2017-13")


class TestCriteria:
    def test_product_and_sku_narrow_the_report(self, admin):
        by_product = screen_rows(admin.get(f"/reports/reseller/?month=2017-07&product={product_id('4551')}"))
        assert [row[3] for row in by_product[1:-1]] == ["KL4551XIKMG", "KL4551XIRMG"]
        by_sku = screen_rows(admin.get("/reports/reseller/?month=2017-07&sku=kl4551xir"))
        assert [row[3] for row in by_sku[1:-1]] == ["KL4551XIRMG"]

    def test_a_customer_is_found_without_accents(self, admin):
        rows = screen_rows(admin.get("/reports/summary/?from=2017-07&to=2017-07&customer=VOCA"))
        assert [row[2] for row in rows[1:-1]] == ["Prerada voća d.o.o."]

    def test_nothing_found_is_said(self, admin):
        page = admin.get("/reports/reseller/?month=2017-07&sku=nonesuch")
        assert "Nothing is charged for these criteria." in words(page)
        assert screen_rows(page)[-1] == ["", "TOTAL", "", "", "0", "", "0.00", "", "0.00"]

    def test_an_instant_as_people_write_it_becomes_the_documented_address(self, admin):
        answer = admin.get("/reports/reseller/?month=2017-07&as_of=22.07.2017+12:00")
        assert (answer.status_code, answer.location) == (
            303,
            "/reports/reseller/?month=2017-07&as_of=2017-07-22T12%3A00",
        )
        assert 'value="22.07.2017 12:00"' in text(admin.get(answer.location))

    def test_the_month_of_the_as_of_instant_is_the_running_one(self, admin):
        page = words(admin.get("/reports/reseller/?as_of=2017-06-30T23:59:59"))
        assert "June 2017 is running: this is what is owed so far, on 30.06.2017 23:59:59." in page

    def test_lines_come_in_pages_each_with_the_total_of_all(self, admin):
        report = f"/reports/summary/?from=2017-03&to=2017-08&{END}"
        whole = screen_rows(admin.get(report))
        pages = [screen_rows(admin.get(f"{report}&page_size=20&page={number}")) for number in (1, 2)]
        assert [len(page) - 2 for page in pages] == [len(whole) - 2, len(whole) - 2]
        assert [page[-1] for page in pages] == [whole[-1], whole[-1]]

    def test_clear_leads_to_the_bare_report(self, admin):
        assert 'href="/reports/summary/">Clear' in text(admin.get("/reports/summary/?from=2017-05"))


class TestTheRunningMonth:
    def test_says_that_this_is_what_is_owed_so_far(self, admin):
        page = words(admin.get(bluth("/reports/reseller/?month=2017-07")))
        assert "July 2017 is running: this is what is owed so far" in page
        assert "2017-07, so far" in page

    def test_an_as_of_instant_that_is_to_come_says_so(self, admin):
        ahead = "01.01.2099 00:00 is to come. What is executed until then is not in this report."
        assert ahead in words(admin.get("/reports/reseller/?month=2017-07&as_of=2099-01-01T00:00"))
        assert "is to come" not in words(admin.get(f"/reports/reseller/?month=2017-07&{JULY_22}"))

    def test_a_month_that_is_over_says_nothing(self, admin):
        assert "so far" not in words(admin.get(bluth("/reports/reseller/?month=2017-06")))

    def test_a_span_that_ends_in_it_says_so_too(self, admin):
        assert "July 2017 is running" in words(admin.get("/reports/summary/?from=2017-05&to=2017-07"))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/reports/reseller/?month=2017-08", "2017-08 has not begun."),
        (f"/reports/reseller/?month=2017-08&{JULY_22}", "2017-08 had not begun on 22.07.2017 12:00."),
        ("/reports/reseller/?month=2017-13", "“2017-13” is not a month such as 2018-12."),
        ("/reports/reseller/?month=july", "“july” is not a month such as 2018-12."),
        ("/reports/reseller/?month=٢٠١٧-٠٧", "is not a month such as 2018-12."),
        ("/reports/reseller/?as_of=yesterday", "“yesterday” is not a time such as 22.07.2017 12:00."),
        ("/reports/reseller/?as_of=2017-02-30T12:00", "“2017-02-30T12:00” is not a time such as 22.07.2017 12:00."),
        ("/reports/reseller/?as_of=9999-12-31T23:59", "“9999-12-31T23:59” is not a time"),
        ("/reports/reseller/?sku=%00", "It contains a character that cannot be seen (U+0000)."),
        ("/reports/summary/?customer=" + "x" * 300, "It has 300 characters; at most 200 fit."),
        ("/reports/summary/?from=2017-07&to=2017-05", "2017-07 is after 2017-05."),
        ("/reports/summary/?from=1900-01&to=2017-05", "These are 1409 months; a report has at most 60."),
        ("/reports/summary/?from=2017-05&to=2999-12", "2999-12 has not begun."),
        ("/reports/summary/?from=<script>", "“<script>” is not a month such as 2018-12."),
    ],
)
def test_a_wrong_criterion_is_said_beside_its_field(admin, address, sentence):
    answer = admin.get(address)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'aria-invalid="true"' in text(answer)
    assert "<script>”" not in text(answer)


class TestWhoSeesWhat:
    @pytest.mark.parametrize("username", ["admin", "ops", "audit", "blake", "customer1", "sitwell1"])
    def test_everybody_who_reads_has_both_reports_in_the_menu(self, sign_in, username):
        page = text(sign_in(username).get("/reports/reseller/"))
        assert 'href="/reports/reseller/" aria-current="page"' in page
        assert 'href="/reports/summary/"' in page

    @pytest.mark.parametrize("path", ["/reports/reseller/", "/reports/summary/", "/reports/summary/export.csv"])
    def test_anonymous_is_sent_to_sign_in(self, app, path):
        answer = Browser(app).get(path)
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/login")

    def test_a_reseller_sees_its_own_lines_without_choosing(self, sign_in):
        page = sign_in("sitwell1").get("/reports/reseller/?month=2017-07")
        assert {row[1] for row in screen_rows(page)[1:-1]} == {"Sitwell Enterprises"}
        assert "Bluth" not in text(page)
        assert "All resellers" not in text(page)

    @pytest.mark.parametrize("part", ["", "export.csv", "export.xlsx", "print.docx", "left-out/", "differences/"])
    @pytest.mark.parametrize("report", ["reseller", "summary"])
    def test_a_foreign_reseller_is_not_found_like_one_that_does_not_exist(self, sign_in, report, part):
        stan = sign_in("sitwell1")
        foreign = stan.get(f"/reports/{report}/{part}?reseller={reseller_id()}")
        missing = stan.get(f"/reports/{report}/{part}?reseller=999999")
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert without_secrets(foreign) == without_secrets(missing)

    def test_a_line_of_a_foreign_reseller_is_not_found_like_one_that_does_not_exist(self, sign_in):
        stan = sign_in("sitwell1")
        key = f"{reseller_id()}-{product_id('4864')}-{sku_id('KL4864XIKMG')}"
        assert sign_in("admin").get(f"/reports/reseller/line/?month=2017-07&line={key}").status_code == 200
        foreign = stan.get(f"/reports/reseller/line/?month=2017-07&line={key}")
        missing = stan.get("/reports/reseller/line/?month=2017-07&line=9-9-9")
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert without_secrets(foreign) == without_secrets(missing)

    def test_files_of_a_reseller_hold_its_own_lines(self, sign_in):
        rows = csv_rows(sign_in("sitwell1").get("/reports/summary/export.csv?from=2017-06&to=2017-07"))
        assert {row[1] for row in rows[1:-1]} == {"Sitwell Enterprises"}

    @pytest.mark.parametrize("criterion", ["reseller=1e3", "reseller=-1", "product=999", "reseller=" + "9" * 30])
    def test_a_choice_that_is_none_is_not_found(self, admin, criterion):
        assert admin.get(f"/reports/reseller/?{criterion}").status_code == 404


def without_secrets(answer: TestResponse) -> str:
    """The page with what differs between any two answers taken out."""
    return re.sub(r'nonce="[^"]*"|value="[^"]*"|X-CSRFToken": "[^"]*"|asset[^"]*', "", text(answer))
