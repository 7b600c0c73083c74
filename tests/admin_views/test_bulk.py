"""Bulk: rows are ticked or taken by the filter, planned, started, followed, stopped and tried again."""

import io
import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from licensing.states import CommandState
from models import Batch, Command, Selection, SelectionRow, Subscription, Term
from tests.admin_views.browser import NOW
from tests.admin_views.desk import HOSTILE, csv_rows, set_up, text
from tests.small_book import add_customer, add_subscription


@pytest.fixture
def desk(app):
    desk = set_up()
    for licence in Subscription.select():
        Term.create(subscription=licence, quantity=licence.quantity, starts_at=NOW.replace(month=3))
    return desk


def cancelled(desk):
    ended = add_subscription(
        desk.tunel, product=desk.product, cancelled_on=NOW.date().replace(day=1), cancel_kind="soft"
    )
    return [ended]


def more(desk, count):
    for number in range(count):
        customer = add_customer(f"Firma {number}", reseller=desk.bluth)
        licence = add_subscription(customer, product=desk.product)
        Term.create(subscription=licence, quantity=licence.quantity, starts_at=NOW.replace(month=3))


def choose(browser, command, *rows, query="", scope="ticked"):
    answer = browser.post(
        f"/subscriptions/select/{query}", {"command": command, "scope": scope, "row": [str(row.id) for row in rows]}
    )
    assert answer.status_code == 303
    return answer.location


def id_in(location):
    return int(parse_qs(urlsplit(location).query)["id"][0])


def version_on(page):
    return re.search(r'name="version" value="(\d+)"', text(page))[1]


def start(browser, location, **form):
    page = browser.get(location)
    return browser.post(f"/plans/start/?id={id_in(location)}", {"version": version_on(page), **form})


def test_a_ticked_row_is_planned_before_anything_is_queued(desk, browser_of):
    browser = browser_of(desk.people["john"])
    page = text(browser.get(choose(browser, "SoftCancel", desk.licence)))
    assert "SoftCancel: plan for 1 subscription" in page
    assert "Nothing has been sent." in page
    assert "Are you sure you want to do Soft Cancel for 1 subscription?" in page
    assert Command.select().count() == 0


def test_all_rows_that_match_are_those_of_the_filter(desk, browser_of):
    more(desk, 3)
    browser = browser_of(desk.people["john"])
    location = choose(browser, "SoftCancel", scope="all", query="?company_name=firma")
    assert "plan for 3 subscriptions" in text(browser.get(location))
    assert SelectionRow.select().count() == 3


def test_the_quantity_form_keeps_what_was_typed_and_says_what_is_wrong(desk, browser_of):
    browser = browser_of(desk.people["john"])
    number = id_in(choose(browser, "ModifyQuantity", desk.licence))
    for amount in ("", "12.0", "١٢", "-1", "0", "1e9", HOSTILE):
        answer = browser.post(
            f"/plans/calculate/?id={number}",
            {"command": "ModifyQuantity", "change": "increase by", "amount": amount},
        )
        assert answer.status_code == 422
        assert 'id="amount-error"' in text(answer)
        assert HOSTILE not in text(answer)
    assert Selection[number].planned_at is None


def test_a_plan_is_out_of_sight_while_other_values_are_wrong(desk, browser_of):
    browser = browser_of(desk.people["john"])
    location = choose(browser, "ModifyQuantity", desk.licence)
    address = f"/plans/calculate/?id={id_in(location)}"
    browser.post(address, {"command": "ModifyQuantity", "change": "increase by", "amount": "2"})
    assert "ModifyQuantity, increase by 2." in text(browser.get(location))
    wrong = text(browser.post(address, {"command": "ModifyQuantity", "change": "increase by", "amount": "x"}))
    assert 'id="amount-error"' in wrong
    assert "/plans/start/" not in wrong


def test_a_plan_without_an_eligible_row_cannot_be_started(desk, browser_of):
    browser = browser_of(desk.people["john"])
    page = text(browser.get(choose(browser, "SoftCancel", *cancelled(desk))))
    assert "There is nothing to start: no row is eligible and ticked." in page
    assert "/plans/start/" not in page


def test_ticked_rows_are_exported_in_their_order(desk, browser_of):
    browser = browser_of(desk.people["john"])
    more(desk, 2)
    first, second = Subscription.select().order_by(Subscription.id.desc()).limit(2)
    form = {"command": "CSV", "scope": "ticked", "row": [str(second.id), str(first.id)]}
    header, *rows = csv_rows(browser.post("/subscriptions/select/", form))
    assert [row[header.index("Subscription ID")] for row in rows] == [second.subscription_id, first.subscription_id]
    xlsx = browser.post("/subscriptions/select/", {**form, "command": "XLSX"}).get_data()
    assert openpyxl.load_workbook(io.BytesIO(xlsx)).active.max_row == 3


def test_an_export_of_rows_holds_no_row_of_another_reseller(desk, browser_of):
    rows = [str(desk.licence.id), str(desk.foreign_licence.id)]
    form = {"command": "CSV", "scope": "ticked", "row": rows}
    assert browser_of(desk.people["john"]).post("/subscriptions/select/", form).status_code == 404


def test_an_export_of_all_that_match_is_that_of_the_list(desk, browser_of):
    browser = browser_of(desk.people["john"])
    assert choose(browser, "XLSX", scope="all", query="?company_name=firma") == (
        "/subscriptions/export/xlsx/?company_name=firma"
    )
    assert choose(browser, "CSV").endswith("/subscriptions/")


def test_a_plan_shows_both_quantities_and_starts_exactly_that(desk, browser_of):
    browser = browser_of(desk.people["john"])
    location = choose(browser, "ModifyQuantity", desk.licence)
    form = {"command": "ModifyQuantity", "change": "increase by", "amount": "2"}
    assert browser.post(f"/plans/calculate/?id={id_in(location)}", form).status_code == 303
    assert re.search(r"10</span><span class=\"to\">→</span><span class=\"strong\">12", text(browser.get(location)))
    first, second = (start(browser, location), browser.post(f"/plans/start/?id={id_in(location)}", {"version": "9"}))
    assert first.location == second.location
    assert [command.quantity for command in Command.select()] == [12]
    assert "Batch" in text(browser.get(first.location))


def test_a_row_that_changed_meanwhile_is_set_aside(desk, browser_of):
    browser = browser_of(desk.people["john"])
    location = choose(browser, "SoftCancel", desk.licence)
    page = browser.get(location)
    Subscription.update(version=Subscription.version + 1).where(Subscription.id == desk.licence.id).execute()
    answer = browser.post(f"/plans/start/?id={id_in(location)}", {"version": version_on(page)})
    assert Command.select().count() == 0
    assert "1 set aside" in text(browser.get(answer.location))


def test_above_the_limit_the_number_must_be_typed(desk, browser_of):
    more(desk, 101)
    browser = browser_of(desk.people["john"])
    location = choose(browser, "SoftCancel", scope="all", query="?company_name=firma")
    for typed in ("", "100", "many"):
        answer = start(browser, location, typed_rows=typed)
        assert answer.status_code == 422
        assert 'id="typed_rows-error"' in text(answer)
    assert Command.select().count() == 0
    assert start(browser, location, typed_rows="101").status_code == 303
    assert Command.select().count() == 101


def test_rows_left_out_say_why(desk, browser_of):
    ended = add_subscription(desk.tunel, product=desk.product, cancelled_on=date(2017, 6, 1))
    Term.create(subscription=ended, quantity=10, starts_at=NOW.replace(month=3), ends_at=NOW.replace(month=6))
    browser = browser_of(desk.people["john"])
    page = text(browser.get(choose(browser, "SoftCancel", ended, desk.licence)))
    assert "Not eligible: 1 row" in page
    assert "the licence ended on 01.06.2017 after a cancellation" in page


def test_an_unticked_row_does_not_go(desk, browser_of):
    more(desk, 1)
    browser = browser_of(desk.people["john"])
    location = choose(browser, "SoftCancel", scope="all")
    browser.post(f"/plans/tick/?id={id_in(location)}", {"shown": ["1", "2"], "position": ["2"]})
    start(browser, location)
    assert Command.select().count() == 1


def test_stop_cancels_what_waits_and_retry_plans_it_again(desk, browser_of):
    browser = browser_of(desk.people["john"])
    batch = start(browser, choose(browser, "SoftCancel", desk.licence)).location
    assert browser.post(f"/batches/stop/?id={id_in(batch)}").status_code == 303
    assert [command.state for command in Command.select()] == [CommandState.CANCELLED]
    page = text(browser.get(batch))
    assert "Stopped" in page
    again = browser.post(f"/batches/retry/?id={id_in(batch)}", {"standing": "stopped"})
    assert "plan for 1 subscription" in text(browser.get(again.location))


def test_a_batch_with_an_unknown_outcome_is_not_done_and_leads_to_the_evidence(desk, browser_of):
    browser = browser_of(desk.people["john"])
    batch = start(browser, choose(browser, "SoftCancel", desk.licence)).location
    Command.update(state=CommandState.UNKNOWN).execute()
    page = text(browser.get(batch))
    assert '<span class="badge unknown">Outcome unknown</span></h1>' in page
    assert 'hx-trigger="every 10s"' in page
    assert f'href="/requests/case/?id={Command.get().id}"' in page
    Command.update(state=CommandState.CONFIRMED).execute()
    done = text(browser.get(batch))
    assert '<span class="badge ok">Done</span></h1>' in done
    assert "hx-trigger" not in done


def test_the_result_sheet_has_a_line_for_each_row(desk, browser_of):
    browser = browser_of(desk.people["john"])
    batch = id_in(start(browser, choose(browser, "SoftCancel", desk.licence)).location)
    rows = csv_rows(browser.get(f"/batches/export/csv/?id={batch}"))
    assert [rows[1][2], rows[1][8]] == ["Tunel d.o.o.", "Waiting"]
    sheet = browser.get(f"/batches/export/xlsx/?id={batch}").get_data()
    assert openpyxl.load_workbook(io.BytesIO(sheet)).active["C2"].value == "Tunel d.o.o."


def test_another_users_selection_does_not_exist(desk, browser_of):
    location = choose(browser_of(desk.people["john"]), "SoftCancel", desk.licence)
    assert browser_of(desk.people["blake"]).get(location).status_code == 404
    assert browser_of(desk.people["stan"]).get(location).status_code == 404


def test_a_foreign_row_among_the_ticked_ones_is_not_found_and_nothing_is_kept(desk, browser_of):
    browser = browser_of(desk.people["john"])
    form = {"command": "SoftCancel", "row": [str(desk.licence.id), str(desk.foreign_licence.id)]}
    assert browser.post("/subscriptions/select/", form).status_code == 404
    assert Selection.select().count() == 0


def test_an_auditor_sees_no_bar_and_may_not_choose(desk, browser_of):
    browser = browser_of(desk.people["audit"])
    assert 'id="bar"' not in text(browser.get("/subscriptions/"))
    form = {"command": "SoftCancel", "row": str(desk.licence.id)}
    assert browser.post("/subscriptions/select/", form).status_code == 403
    assert Batch.select().count() == 0


def test_edit_opens_exactly_one_ticked_row(desk, browser_of):
    browser = browser_of(desk.people["john"])
    assert choose(browser, "Edit", desk.licence).startswith("/subscriptions/edit/")
    assert choose(browser, "Edit").startswith("/subscriptions/")
    assert "tick one row" in text(browser.get("/subscriptions/"))
