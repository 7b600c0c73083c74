from dataclasses import replace
from datetime import date

import pytest

from access import Role
from licensing.commands import Rejected, Unknown
from licensing.states import CommandKind, CommandState
from models import Customer
from queries.licences import details_of
from tests.admin_views.desk import HOSTILE, text
from tests.admin_views.ordering import cancelled, commands_of, desk_before_now, fields, licence, shown
from tests.desk import again, created
from tests.small_book import add_command, add_reseller, add_user, statements

KINDS = ("SoftCancel", "HardCancel", "ModifyAttributes", "ModifyQuantity", "Reduce", "Recreate", "Renew")


@pytest.fixture
def desk(app):
    return desk_before_now()


@pytest.fixture
def clerk(desk, browser_of):
    return browser_of(desk.user)


def page_of(browser, subscription, **query):
    return text(browser.get("/subscriptions/edit/", query_string={"id": subscription.id, **query}))


def live_of(browser, subscription, **query):
    return browser.get("/subscriptions/live/", query_string={"id": subscription.id, **query})


def enabled(page):
    """The commands whose buttons can be pressed."""
    return [
        kind for kind in KINDS if f'hx-get="/subscriptions/command/?id=1&amp;kind={kind}"' in page.split('id="undo"')[0]
    ]


def test_the_page_shows_customer_product_and_what_the_vendor_gave(desk, clerk):
    page = page_of(clerk, (subscription := licence(desk)))
    given = (subscription.subscription_id, subscription.activation_code, "Create", "unlimited")
    amounts = ("12", "KL4864X10", "7.70€", "92.40€", "22.00%", "72.07€")
    for value in ("Tunel d.o.o.", "Sarajevo", "Bosnia and Herzegovina", *amounts, *given):
        assert f'value="{value}" ' in page
    assert "Tunel d.o.o. Active Endpoint - Basic · 12 seats · Bluth Company" in shown(page)
    assert '<span class="badge ok">Active</span>' in page


def test_an_active_licence_offers_what_the_life_cycle_allows_and_says_why_not_the_rest(desk, clerk):
    page = page_of(clerk, licence(desk))
    assert enabled(page) == ["SoftCancel", "HardCancel", "ModifyAttributes", "ModifyQuantity", "Reduce"]
    assert 'aria-disabled="true" aria-describedby="why-Recreate">Recreate</button>' in page
    assert '<span id="why-Recreate"><b>Recreate</b> is for a cancelled or expired subscription.</span>' in page
    assert '<span id="why-Renew"><b>Renew</b>: nothing to renew, the licence is unlimited.</span>' in page


def test_a_cancelled_licence_offers_renew_recreate_and_undo(desk, clerk):
    subscription = licence(desk, expires_on=date(2017, 12, 1))
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    page = page_of(clerk, subscription)
    assert "Active until the date of cancellation: 01.08.2017" in page
    assert enabled(page) == ["HardCancel", "ModifyAttributes", "Recreate", "Renew"]
    assert "Undo until 31.07.2017: Renew, with the former expiration already filled in" in shown(page)
    assert 'id="undo"' in page


def test_a_licence_whose_cancel_has_ended_offers_renew_and_recreate_and_no_undo(desk, clerk):
    subscription = licence(desk)
    desk.done(CommandKind.HARD_CANCEL, subscription, at="2017-06-20T10:00:00")
    page = page_of(clerk, subscription)
    assert "Expired - Cancellation Date: 01.07.2017" in page
    assert enabled(page) == ["Recreate", "Renew"]
    assert "Undo" not in page


def test_an_expired_licence_says_since_when(desk, clerk):
    desk.at("2017-04-01T10:00:00")
    subscription = licence(desk, expires_on=date(2017, 6, 1))
    assert "Expired: 01.06.2017" in page_of(clerk, subscription)


@pytest.mark.parametrize("role", [Role.AUDITOR])
def test_a_role_that_only_reads_sees_everything_and_no_command(desk, browser_of, role):
    subscription = licence(desk)
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    Customer.update(city="Mostar").where(Customer.id == desk.customer.id).execute()
    page = page_of(browser_of(add_user("audit", role=role)), subscription)
    assert subscription.activation_code in page
    assert enabled(page) == []
    assert page.count("Your access rights do not include commands.") == 2
    assert 'id="undo"' not in page
    assert "Send again" not in page


def test_a_foreign_subscription_and_one_that_does_not_exist_are_the_same_404(desk, browser_of):
    subscription = licence(desk)
    stranger = browser_of(add_user("stan", reseller=add_reseller("Sitwell Enterprises")))
    for address in ("edit", "live", "activation-code"):
        answers = [
            stranger.get(f"/subscriptions/{address}/?id={pk}") for pk in (subscription.id, 987654, "x", "", "9" * 30)
        ]
        assert [answer.status_code for answer in answers] == [404] * 5
        assert not any("Tunel" in text(answer) for answer in answers)


def test_each_month_says_what_it_costs_and_why(desk, clerk):
    subscription = licence(desk)
    desk.done(CommandKind.MODIFY_QUANTITY, subscription, at="2017-07-20T10:00:00", quantity=8)
    words = shown(page_of(clerk, subscription))
    assert "What each month costs 8 seats since 20.07.2017" in words
    assert (
        "Next date that matters 01.08.2017 in 10 days: a cancel or a decrease sent before it counts from then" in words
    )
    assert "Mar 2017 free 12 seats, first month Apr 72.07€ 12 seats May 72.07€ 12 seats Jun 72.07€ 12 seats" in words
    assert "Jul, this month 72.07€ 12 seats Aug 62.40€ if nothing changes Sep 62.40€ if nothing changes" in words


def test_the_months_of_a_cancelled_licence_end(desk, clerk):
    subscription = licence(desk)
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    words = shown(page_of(clerk, subscription))
    assert "Jul, this month 72.07€ 12 seats Aug 0.00€ use ends 01.08.2017" in words
    assert "01.08.2017 in 10 days: use ends; Renew before it goes on without a gap" in words


def test_a_gap_and_a_restart_are_told(desk, clerk):
    subscription = licence(desk)
    desk.done(CommandKind.HARD_CANCEL, subscription, at="2017-05-20T10:00:00")
    desk.done(CommandKind.RENEW, subscription, at="2017-07-20T10:00:00")
    words = shown(page_of(clerk, subscription))
    assert "May 72.07€ 12 seats Jun 0.00€ ended 01.06.2017 Jul, this month 72.07€ 12 seats, started again" in words


def test_the_request_list_has_every_request_newest_first_refused_ones_too(desk, clerk):
    subscription = licence(desk)
    desk.send(
        desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8),
        Rejected(code="LicenseBusy", message="The license is being processed."),
    )
    page = page_of(clerk, subscription)
    rows = shown(page[page.index("Request List") : page.index("Timeline")])
    assert rows.endswith(
        "# Command Time ErrorCode ErrorMessage 1 ModifyQuantity 20.07.2017 09:00:00 LicenseBusy "
        "The license is being processed. 2 Create 23.03.2017 18:03:27"
    )


def test_the_timeline_says_what_happened_who_asked_and_what_comes(desk, clerk):
    subscription = licence(desk, expires_on=date(2017, 12, 1))
    desk.send(desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8), Rejected(code="Busy", message="Busy."))
    page = page_of(clerk, subscription)
    words = shown(page[page.index("Timeline") :])
    assert words.startswith(
        "Timeline 01.12.2017 00:00 Use ends 01.08.2017 00:00 August begins "
        "20.07.2017 09:00:00 12 → 8 seats refused, nothing changed · Blake "
        "23.03.2017 18:03:27 Expiration: unlimited → 01.12.2017 · Blake "
        "23.03.2017 18:03:27 Created with 12 seats, unlimited · Blake"
    )


def test_a_recreate_tells_which_details_it_changed(desk, clerk):
    subscription = cancelled(desk)
    details = replace(details_of(desk.customer), city="Mostar", phone="036 1")
    desk.done(CommandKind.RECREATE, subscription, quantity=8, details=details)
    assert (
        "Recreated with 8 seats, expiration: unlimited; City: Sarajevo → Mostar; Phone: none → 036 1 · Blake"
    ) in shown(page_of(clerk, subscription))


def test_what_looks_like_markup_in_a_vendors_answer_is_text(desk, clerk):
    subscription = licence(desk)
    desk.send(desk.ask(CommandKind.SOFT_CANCEL, subscription), Rejected(code=HOSTILE, message=HOSTILE))
    assert HOSTILE not in page_of(clerk, subscription)


def test_the_activation_code_is_saved_as_a_text_file(desk, clerk):
    subscription = licence(desk)
    answer = clerk.get(f"/subscriptions/activation-code/?id={subscription.id}")
    assert text(answer) == f"{subscription.activation_code}\r\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    name = f"activation-code-tunel-d-o-o-{subscription.subscription_id[:8]}.txt"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'href="/subscriptions/activation-code/?id={subscription.id}" download' in page_of(clerk, subscription)


@pytest.mark.parametrize("name", ['"; rm -rf', "../../x", "Đorđe & sin", "a\u202etxt.exe", "中文"])
def test_the_name_of_the_file_is_plain_whatever_the_customer_is_called(desk, clerk, name):
    Customer.update(company_name=name).where(Customer.id == desk.customer.id).execute()
    subscription = licence(desk)
    disposition = clerk.get(f"/subscriptions/activation-code/?id={subscription.id}").headers["Content-Disposition"]
    file_name = disposition.removeprefix('attachment; filename="').removesuffix('"')
    assert file_name.isascii()
    assert set(file_name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert file_name.endswith(".txt")


def test_an_order_on_its_way_is_followed_until_it_is_answered(desk, clerk):
    command = desk.order()
    page = page_of(clerk, command.subscription, command=command.id)
    assert "Pending" in page
    assert "Create of 20.07.2017 09:00:00 is being sent." in page
    assert page.count("comes with the answer") == 2
    assert enabled(page) == []
    assert page.count("Pending: the order is not answered yet.") == 1
    assert 'hx-trigger="every' in page
    assert "Successfully" not in page


def test_while_nothing_changes_the_followed_page_is_not_sent_again(desk, clerk):
    command = desk.order()
    page = page_of(clerk, command.subscription, command=command.id)
    seen = page.split("seen=")[1].split('"')[0]
    assert live_of(clerk, command.subscription, command=command.id, seen=seen).status_code == 204
    desk.send(command, created())
    answer = live_of(clerk, command.subscription, command=command.id, seen=seen)
    assert answer.status_code == 200
    assert 'hx-trigger="every' not in text(answer)


def test_the_answer_to_an_order_is_told_with_its_words(desk, clerk):
    command = desk.order()
    desk.send(command, created())
    page = text(live_of(clerk, command.subscription, command=command.id))
    subscription = again(command.subscription)
    assert '<dialog class="message" data-show aria-labelledby="message-title" aria-describedby="message-text">' in page
    assert (
        "Message Done Successfully Create License. 20.07.2017 09:00:00 · Created with 12 seats, unlimited Close"
        in shown(page)
    )
    assert subscription.subscription_id in page
    assert subscription.activation_code in page


def test_a_refused_order_shows_the_vendors_words_and_can_be_ordered_again(desk, clerk):
    command = desk.order()
    desk.send(command, Rejected(code="NoLicence", message="No licence is left."))
    page = page_of(clerk, command.subscription, command=command.id)
    words = shown(page)
    assert (
        "Message Refused NoLicence No licence is left. Nothing was changed. "
        "The request stands in the Request List. Close"
    ) in words
    assert "Tunel d.o.o. Failed" in words
    assert enabled(page) == []
    assert f'href="/subscriptions/new/?again={command.subscription_id}">Order again</a>' in page
    assert "What each month costs" not in page


def test_the_result_of_a_command_is_told_once_not_on_every_visit(desk, clerk):
    subscription = licence(desk)
    command = desk.done(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    assert "20.07.2017 09:00:00 · 12 → 8 seats from August 2017" in page_of(clerk, subscription, command=command.id)
    assert "Successfully" not in page_of(clerk, subscription)


def test_the_result_of_another_subscriptions_command_is_not_told(desk, clerk):
    command = desk.done(CommandKind.SOFT_CANCEL, licence(desk))
    other = licence(desk)
    assert "Successfully" not in page_of(clerk, other, command=command.id)
    assert "Successfully" not in page_of(clerk, other, command="x")


def test_an_unknown_outcome_is_called_so_and_asked_for_again(desk, clerk):
    subscription = licence(desk)
    desk.send(desk.ask(CommandKind.SOFT_CANCEL, subscription), Unknown(reason="The connection broke"))
    page = page_of(clerk, subscription)
    assert '<span class="badge unknown">Outcome unknown, being checked</span>' in page
    assert "SoftCancel of 20.07.2017 09:00:00: outcome unknown, being checked with the vendor." in page
    assert 'hx-trigger="every 3s"' in page


def test_a_parked_command_waits_for_a_person_and_is_not_asked_for(desk, clerk):
    subscription = licence(desk)
    add_command(subscription, kind=CommandKind.SOFT_CANCEL, state=CommandState.PARKED, at=desk.now)
    page = page_of(clerk, subscription)
    assert "Outcome unknown, a person must decide" in page
    assert 'hx-trigger="every' not in page


def test_a_command_on_its_way_disables_all_and_is_named_once(desk, clerk):
    subscription = licence(desk)
    desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    page = page_of(clerk, subscription)
    assert enabled(page) == []
    assert page.count("ModifyQuantity of 20.07.2017 09:00:00 is on its way.") == 1
    assert page.count('aria-describedby="why-SoftCancel"') == 7


def test_details_that_differ_at_the_vendor_are_shown_and_can_be_sent_again(desk, clerk):
    subscription = licence(desk)
    Customer.update(city="Mostar").where(Customer.id == desk.customer.id).execute()
    page = page_of(clerk, subscription)
    assert "Details differ at the vendor. Wanted At the vendor City Mostar Sarajevo" in shown(page)
    form = fields(page[page.index("send-again") :])
    answer = clerk.post("/subscriptions/send-again/", form)
    command = commands_of(subscription)[-1]
    assert (answer.status_code, answer.location) == (
        303,
        f"/subscriptions/edit/?id={subscription.id}&command={command.id}",
    )
    assert (command.kind, command.details["city"]) == (CommandKind.MODIFY_ATTRIBUTES, "Mostar")
    assert clerk.post("/subscriptions/send-again/", form).location == answer.location
    assert len(commands_of(subscription)) == 2
    assert "Details differ" not in page_of(clerk, subscription)


def test_details_cannot_be_sent_while_another_command_is_on_its_way(desk, clerk):
    subscription = licence(desk)
    Customer.update(city="Mostar").where(Customer.id == desk.customer.id).execute()
    page = page_of(clerk, subscription)
    form = fields(page[page.index("send-again") :])
    desk.ask(CommandKind.SOFT_CANCEL, subscription)
    page = page_of(clerk, subscription)
    assert "Details differ at the vendor." in page
    assert "Send again" not in page
    assert clerk.post("/subscriptions/send-again/", form).status_code == 409
    assert [command.kind for command in commands_of(subscription)] == ["Create", "SoftCancel"]


def test_an_ended_licence_shows_no_difference(desk, clerk):
    subscription = licence(desk)
    desk.done(CommandKind.HARD_CANCEL, subscription, at="2017-05-20T10:00:00")
    Customer.update(city="Mostar").where(Customer.id == desk.customer.id).execute()
    assert "Details differ" not in page_of(clerk, subscription)


def test_a_stale_form_cannot_send_details_again(desk, clerk):
    subscription = licence(desk)
    Customer.update(city="Mostar").where(Customer.id == desk.customer.id).execute()
    page = page_of(clerk, subscription)
    desk.done(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    answer = clerk.post("/subscriptions/send-again/", fields(page[page.index("send-again") :]))
    assert answer.status_code == 409
    assert "Nothing was sent: somebody else was first." in text(answer)
    assert len(commands_of(subscription)) == 2


def test_a_long_history_costs_no_more_statements_than_a_short_one(desk, clerk):
    subscription = licence(desk)
    page_of(clerk, subscription)
    with statements() as few:
        page_of(clerk, subscription)
    for _ in range(20):
        add_command(subscription, kind=CommandKind.RENEW, requested_by=desk.user)
    with statements() as many:
        page_of(clerk, subscription)
    assert len(many) == len(few)
