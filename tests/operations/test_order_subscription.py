"""Ordering a licence: what is written, what is refused, and that a form counts once."""

from dataclasses import replace
from datetime import date

import pytest

from access import AccessDenied, Role
from licensing.commands import CustomerDetails
from licensing.states import CommandKind, CommandState, OrderState
from models import AuditEntry, Command, Customer, Product, Subscription
from operations.order_subscription import order_subscription
from operations.refusals import CustomerTwin, FieldRefused, NotFound
from tests.desk import DETAILS, Desk, at_once, audited
from tests.small_book import actor, add_customer, add_price_list, add_reseller, add_user


def nothing_was_written() -> bool:
    return not (Subscription.select().exists() or Command.select().exists() or AuditEntry.select().exists())


def test_an_order_is_a_pending_subscription_a_queued_create_and_an_audit_entry(desk: Desk) -> None:
    command = desk.order(quantity=12)
    subscription = command.subscription
    assert (command.kind, command.state) == (CommandKind.CREATE, CommandState.QUEUED)
    assert (command.quantity, command.sku_code, subscription.sku.code) == (12, "KL4864X10", "KL4864X10")
    assert (subscription.order_state, subscription.subscription_id) == (OrderState.PENDING, None)
    assert (subscription.ordered_by, subscription.ordered_at) == (desk.user, desk.now)
    assert (command.requested_at, command.due_at) == (desk.now, desk.real_now)
    assert command.details["company_name"] == "Tunel d.o.o."
    assert audited("command", command.id) == ["subscription.ordered"]


def test_the_same_form_twice_is_one_order(desk: Desk) -> None:
    order = desk.order_of()
    first = order_subscription(order, actor=desk.actor, moment=desk.moment)
    desk.wait(3600)
    assert order_subscription(order, actor=desk.actor, moment=desk.moment) == first
    assert Subscription.select().count() == 1


def test_a_form_of_another_user_is_not_found(desk: Desk) -> None:
    order = desk.order_of()
    order_subscription(order, actor=desk.actor, moment=desk.moment)
    colleague = actor(Role.RESELLER_USER, reseller=desk.reseller, user=add_user("john", reseller=desk.reseller))
    with pytest.raises(NotFound):
        order_subscription(order, actor=colleague, moment=desk.moment)
    assert Subscription.select().count() == 1


@pytest.mark.parametrize("_time", range(3))
def test_a_double_click_on_two_threads_is_one_order(database: str, _time: int) -> None:
    desk = Desk()
    order = desk.order_of(customer_id=None, details=DETAILS)

    def click() -> Command:
        return order_subscription(order, actor=desk.actor, moment=desk.moment)

    found = at_once(click, click)
    (command,) = Command.select()
    assert found == [command, command]
    assert Customer.select().where(Customer.company_name == DETAILS.company_name).count() == 1


def test_an_auditor_may_not_order(desk: Desk) -> None:
    auditor = actor(Role.AUDITOR, reseller=desk.reseller)
    with pytest.raises(AccessDenied):
        order_subscription(desk.order_of(), actor=auditor, moment=desk.moment)
    assert nothing_was_written()


def test_a_foreign_reseller_and_one_that_does_not_exist_answer_alike(desk: Desk) -> None:
    other = add_reseller("Sitwell Enterprises")
    for reseller_id in (other.id, 987_654):
        with pytest.raises(NotFound):
            desk.order(reseller_id=reseller_id)
    assert nothing_was_written()


def test_a_foreign_customer_and_one_that_does_not_exist_answer_alike(desk: Desk) -> None:
    foreign = add_customer("Lipa Logistika", reseller=add_reseller("Sitwell Enterprises"))
    archived = add_customer("Gone d.o.o.", reseller=desk.reseller, is_archived=True)
    answers = set()
    for customer_id in (foreign.id, archived.id, 987_654):
        with pytest.raises(FieldRefused) as refused:
            desk.order(customer_id=customer_id)
        answers.add((refused.value.field, refused.value.reason))
    assert len(answers) == 1
    assert nothing_was_written()


def test_the_distributor_cannot_order_for_one_reseller_with_the_customer_of_another(desk: Desk) -> None:
    foreign = add_customer("Lipa Logistika", reseller=add_reseller("Sitwell Enterprises"))
    operator = actor(Role.DISTRIBUTOR_OPERATOR, user=add_user("ops", role=Role.DISTRIBUTOR_OPERATOR))
    with pytest.raises(FieldRefused):
        order_subscription(desk.order_of(customer_id=foreign.id), actor=operator, moment=desk.moment)


@pytest.mark.parametrize("quantity", [-1, 0, 4, 25, 10**12])
def test_a_quantity_outside_the_bands_names_the_limits(desk: Desk, quantity: int) -> None:
    with pytest.raises(FieldRefused, match="from 5 to 24") as refused:
        desk.order(quantity=quantity)
    assert refused.value.field == "quantity"
    assert nothing_was_written()


def test_the_band_is_that_of_the_month_in_which_it_is_ordered(desk: Desk) -> None:
    add_price_list(desk.product, valid_from=date(2017, 8, 1), bands=((5, 11, 1000), (12, 24, 900)))
    desk.at("2017-07-31T23:59:59")
    assert desk.order(quantity=12).sku_code == "KL4864X10"
    desk.at("2017-08-01T00:00:00")
    assert desk.order(quantity=12).sku_code == "KL4864X12"


def test_a_product_without_prices_this_month_or_none_at_all_is_refused_at_the_product(desk: Desk) -> None:
    unpriced = Product.create(code="9999", name="Later", name_key="later")
    add_price_list(unpriced, valid_from=date(2017, 9, 1), bands=((1, 9, 100),))
    for product_id in (unpriced.id, 987_654):
        with pytest.raises(FieldRefused) as refused:
            desk.order(product_id=product_id)
        assert refused.value.field == "product"
    assert nothing_was_written()


def test_a_new_customer_is_created_with_the_order(desk: Desk) -> None:
    command = desk.order(customer_id=None, details=DETAILS)
    customer = command.subscription.customer
    assert (customer.company_name, customer.reseller) == ("Prerada voća d.o.o.", desk.reseller)
    assert audited("customer", customer.id) == ["customer.created"]


def test_a_name_equal_but_for_case_and_accents_asks_which_is_meant(desk: Desk) -> None:
    twin = CustomerDetails(company_name="TUNEL D.O.O.", country="BA")
    with pytest.raises(CustomerTwin) as asked:
        desk.order(customer_id=None, details=twin)
    assert asked.value.twin == desk.customer
    assert nothing_was_written()
    command = desk.order(customer_id=None, details=twin, is_new_customer_meant=True)
    assert command.subscription.customer != desk.customer


def test_the_namesake_of_another_reseller_does_not_exist(desk: Desk) -> None:
    other = add_reseller("Sitwell Enterprises")
    add_customer(DETAILS.company_name, reseller=other)
    assert desk.order(customer_id=None, details=DETAILS).subscription.reseller == desk.reseller


def test_an_order_without_customer_and_details_is_refused(desk: Desk) -> None:
    with pytest.raises(FieldRefused) as refused:
        desk.order(customer_id=None)
    assert refused.value.field == "company_name"


def test_an_archived_reseller_gets_no_order(desk: Desk) -> None:
    desk.reseller.is_archived = True
    desk.reseller.save()
    operator = replace(actor(Role.DISTRIBUTOR_OPERATOR), user_id=desk.user.id)
    with pytest.raises(NotFound):
        order_subscription(desk.order_of(), actor=operator, moment=desk.moment)
