import uuid
from datetime import date

import pytest

from access import Role
from licensing.commands import Rejected
from licensing.search_key import search_key
from licensing.states import CommandKind, CommandState, OrderState
from models import Command, Customer, Setting, Subscription
from tests.admin_views.desk import HOSTILE, text
from tests.admin_views.ordering import desk_before_now, errors, fields, shown
from tests.small_book import add_customer, add_reseller, add_user

LABELS = (
    "Existing customer", "Customer / Company Name", "Address Line 1", "Address Line 2", "City", "Post Code", "Country",
    "State", "E-mail", "Web Site", "Phone", "Fax", "Contact Person", "Select product", "Quantity",
)  # fmt: skip
OUTPUTS = ("SKU", "List Price", "End user amount", "Reseller discount", "Reseller amount", "Subscription ID",
           "Activation Code", "Last Request", "License Expiration", "Subscription Status")  # fmt: skip


@pytest.fixture
def desk(app):
    return desk_before_now()


@pytest.fixture
def clerk(desk, browser_of):
    return browser_of(desk.user)


@pytest.fixture
def operator(browser_of):
    return browser_of(add_user("ops", role=Role.DISTRIBUTOR_OPERATOR))


def order_form(desk, **typed):
    form = {
        "key": str(uuid.uuid4()),
        "company_name": "Prerada voća d.o.o.",
        "country": "RS",
        "product": str(desk.product.id),
        "quantity": "12",
    }
    return {**form, **typed}


def order(browser, form):
    return browser.post("/subscriptions/new/", form)


def amounts(browser, desk, quantity, **more):
    query = {"product": desk.product.id, "quantity": quantity, **more}
    return text(browser.get("/subscriptions/new/amounts/", query_string=query))


def ordered():
    return list(Subscription.select().order_by(Subscription.id))


def test_the_form_has_the_products_words(clerk):
    page = text(clerk.get("/subscriptions/new/"))
    for label in LABELS:
        assert f">{label}</label>" in page
    for label in OUTPUTS:
        assert f'class="label">{label}</span>' in page
    assert ">Reseller</label>" not in page
    assert ">Create</button>" in page


def test_the_distributor_selects_the_reseller_first(desk, operator):
    page = text(operator.get("/subscriptions/new/"))
    assert page.index(">Reseller</label>") < page.index(">Existing customer</label>")
    assert f'<option value="{desk.reseller.id}">Bluth Company</option>' in page


def test_an_auditor_cannot_order(desk, browser_of):
    auditor = browser_of(add_user("audit", role=Role.AUDITOR))
    assert auditor.get("/subscriptions/new/").status_code == 403
    assert order(auditor, order_form(desk)).status_code == 403
    assert ordered() == []


def test_somebody_not_signed_in_is_sent_to_login(desk, browser):
    assert order(browser, order_form(desk)).location.startswith("/login")
    assert ordered() == []


def test_amounts_follow_the_quantity(clerk, desk):
    words = shown(amounts(clerk, desk, "10"))
    assert "SKU KL4864X10" in words
    assert "List Price 7.70€ End user amount 77.00€ Reseller discount 22.00% Reseller amount 60.06€" in words
    assert "July 2017, the first month free Each month from August 2017 60.06€" in words
    assert "from 5 to 24" in words
    assert "Create orders 10 seats for this customer from the vendor, once." in words


def test_a_larger_quantity_that_costs_less_is_offered(clerk, desk):
    page = amounts(clerk, desk, "10")
    assert (
        "15 seats cost less than 10. The next price band is 3.54€ a seat: 53.10€ a month instead of 77.00€ "
        "(reseller 41.42€ instead of 60.06€)."
    ) in shown(page)
    assert 'data-use="15" data-for="quantity">Use 15 seats</button>' in page
    assert "cost less" not in amounts(clerk, desk, "15")


def test_a_cheaper_band_that_is_not_the_next_one_is_not_called_so(clerk, desk):
    # 6 x 10.00 = 60.00, 10 x 7.70 = 77.00, 15 x 3.54 = 53.10
    assert "The price band from 15 seats on is 3.54€ a seat: 53.10€ a month instead of 60.00€" in shown(
        amounts(clerk, desk, "6")
    )


def test_the_first_month_is_charged_where_the_setting_says_full(clerk, desk):
    Setting.create(name="first_month", valid_from=date(2017, 7, 1), value="full")
    assert "July 2017, the first month 60.06€" in shown(amounts(clerk, desk, "10"))


def test_without_a_reseller_there_is_no_discount_to_show(operator, desk):
    assert "Reseller discount — Reseller amount —" in shown(amounts(operator, desk, "10"))
    assert "Reseller amount 60.06€" in shown(amounts(operator, desk, "10", reseller=desk.reseller.id))


def test_a_clerk_sees_the_discount_of_the_own_reseller_whatever_is_asked(clerk, desk):
    other = add_reseller("Sitwell Enterprises", discount=5000)
    assert "Reseller discount 22.00%" in shown(amounts(clerk, desk, "10", reseller=other.id))


BAD_QUANTITIES = [
    ("", "Enter the number of seats."),
    ("   ", "Enter the number of seats."),
    ("12.0", "“12.0” is not a whole number such as 12."),
    ("١٢", "“١٢” is not a whole number such as 12."),
    ("1e9", "“1e9” is not a whole number such as 12."),
    ("-5", "“-5” is not a whole number such as 12."),
    ("5\x00", "“5\N{REPLACEMENT CHARACTER}” is not a whole number such as 12."),
    ("0", "0 is outside the volume bands, which go from 5 to 24."),
    ("4", "4 is outside the volume bands, which go from 5 to 24."),
    ("25", "25 is outside the volume bands, which go from 5 to 24."),
    ("1000000000", "“1000000000” is far too large."),
    ("9" * 5000, f"“{'9' * 40}…” is far too large."),
    ("12 000", "“12 000” is not a whole number such as 12."),
    (HOSTILE, f"“{HOSTILE}” is not a whole number such as 12."),
]


@pytest.mark.parametrize(("typed", "reason"), BAD_QUANTITIES)
def test_a_wrong_quantity_is_named_kept_and_orders_nothing(clerk, desk, typed, reason):
    answer = order(clerk, order_form(desk, quantity=typed))
    page = text(answer)
    assert answer.status_code == 422
    assert errors(page)["quantity"] == reason
    assert fields(page)["quantity"] == typed
    assert fields(page)["company_name"] == "Prerada voća d.o.o."
    assert ordered() == []
    assert Customer.select().count() == 1


@pytest.mark.parametrize("typed", [quantity for quantity, _ in BAD_QUANTITIES])
def test_a_wrong_quantity_shows_no_amount(clerk, desk, typed):
    words = shown(amounts(clerk, desk, typed))
    assert "List Price — End user amount — Reseller discount — Reseller amount —" in words


@pytest.mark.parametrize(
    ("typed", "field", "reason"),
    [
        ({"company_name": ""}, "company_name", "This is required."),
        ({"company_name": " \t "}, "company_name", "It contains a character that cannot be seen (U+0009)."),
        ({"company_name": "x" * 201}, "company_name", "It has 201 characters; at most 200 fit."),
        ({"company_name": "a\x00b"}, "company_name", "It contains a character that cannot be seen (U+0000)."),
        ({"company_name": "abc\u202ed"}, "company_name", "It contains a character that cannot be seen (U+202E)."),
        ({"country": ""}, "country", "Select a country from the list."),
        ({"country": "Serbia"}, "country", "Select a country from the list."),
        ({"email": "pv@prerada-voca"}, "email", "“pv@prerada-voca” lacks the end of the address, such as .rs"),
        ({"post_code": "1" * 21}, "post_code", "It has 21 characters; at most 20 fit."),
        ({"product": ""}, "product", "Select a product from the list."),
        ({"product": "987654"}, "product", "Select a product from the list."),
        ({"product": "x"}, "product", "Select a product from the list."),
    ],
)
def test_a_wrong_value_is_named_kept_and_orders_nothing(clerk, desk, typed, field, reason):
    answer = order(clerk, order_form(desk, city="Beograd", **typed))
    page = text(answer)
    assert answer.status_code == 422
    assert errors(page)[field] == reason
    assert f'aria-describedby="{"twin " if field == "company_name" else ""}{field}-error"' in page
    assert fields(page)["city"] == "Beograd"
    assert ordered() == []
    assert Customer.select().count() == 1


def test_everything_that_is_wrong_is_named_at_once(clerk, desk):
    page = text(order(clerk, order_form(desk, country="", email="x", quantity="", product="")))
    assert set(errors(page)) == {"country", "email", "quantity", "product"}
    assert "Nothing was ordered yet." in page


def test_the_distributor_must_select_a_reseller_that_exists(operator, desk):
    for reseller in ("", "987654", "x"):
        answer = order(operator, order_form(desk, reseller=reseller))
        assert errors(text(answer))["reseller"] == "Select a reseller from the list."
    assert ordered() == []


def test_create_writes_customer_subscription_and_request_and_leads_to_the_page(clerk, desk):
    answer = order(clerk, order_form(desk, city="Beograd", email="pv@prerada-voca.example"))
    (subscription,) = ordered()
    command = Command.get(Command.subscription == subscription)
    assert (answer.status_code, answer.location) == (
        303,
        f"/subscriptions/edit/?id={subscription.id}&command={command.id}",
    )
    assert (command.kind, command.state, command.quantity) == (CommandKind.CREATE, CommandState.QUEUED, 12)
    assert (subscription.order_state, subscription.reseller_id) == (OrderState.PENDING, desk.reseller.id)
    assert subscription.ordered_by_id == desk.user.id
    assert (subscription.customer.company_name, subscription.customer.city) == ("Prerada voća d.o.o.", "Beograd")


def test_what_looks_like_markup_is_text(clerk, desk):
    answer = order(clerk, order_form(desk, company_name=HOSTILE, city='"><img src=x>'))
    page = text(clerk.get(answer.location))
    assert HOSTILE not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_a_clerk_orders_for_the_own_reseller_whatever_the_form_says(clerk, desk):
    other = add_reseller("Sitwell Enterprises")
    order(clerk, order_form(desk, reseller=str(other.id)))
    assert [row.reseller_id for row in ordered()] == [desk.reseller.id]


def test_a_double_click_is_one_order(clerk, desk):
    form = order_form(desk)
    first, second = order(clerk, form), order(clerk, form)
    assert first.location == second.location
    assert len(ordered()) == 1


def test_back_and_create_leads_to_the_same_order(clerk, desk):
    form = order_form(desk)
    first = order(clerk, form)
    page = text(clerk.get(f"/subscriptions/new/?form={form['key']}"))
    assert "This form was sent at 22.07.2017 12:" in page
    assert fields(page)["key"] == form["key"]
    assert order(clerk, {**form, "quantity": "20"}).location == first.location
    assert [row.quantity for row in ordered()] == [12]


def test_the_key_of_a_form_is_ones_own(clerk, desk, browser_of):
    form = order_form(desk)
    order(clerk, form)
    colleague = browser_of(add_user("john", reseller=desk.reseller))
    assert "This form was sent" not in text(colleague.get(f"/subscriptions/new/?form={form['key']}"))
    assert order(colleague, {**form, "company_name": "Druga firma"}).status_code == 303
    assert len(ordered()) == 2


@pytest.mark.parametrize("key", ["", "x", "0" * 400, "' OR 1=1"])
def test_a_form_without_a_key_of_ours_gets_a_fresh_one(clerk, desk, key):
    assert uuid.UUID(fields(text(clerk.get(f"/subscriptions/new/?form={key}")))["key"])
    assert order(clerk, order_form(desk, key=key)).status_code == 303


def panel(browser, **form):
    return text(browser.post("/subscriptions/new/customer/", form))


def test_picking_a_customer_fills_and_locks_the_fields(clerk, desk):
    page = panel(clerk, customer=str(desk.customer.id), company_name="something typed")
    assert 'value="Tunel d.o.o." readonly' in page
    assert 'value="Bosnia and Herzegovina" readonly' in page
    assert 'name="company_name"' not in page
    assert f'<option selected value="{desk.customer.id}">Tunel d.o.o., Sarajevo</option>' in page


def test_an_order_for_a_picked_customer_takes_its_details_as_they_are(clerk, desk):
    answer = order(clerk, order_form(desk, customer=str(desk.customer.id), city="Elsewhere"))
    assert answer.status_code == 303
    (subscription,) = ordered()
    assert subscription.customer_id == desk.customer.id
    assert Command.get(Command.subscription == subscription).details["city"] == "Sarajevo"
    assert Customer.select().count() == 1


def test_a_customer_of_another_reseller_cannot_be_picked(clerk, desk):
    foreign = add_customer("Lipa Logistika", reseller=add_reseller("Sitwell Enterprises"))
    assert "Lipa" not in panel(clerk, customer=str(foreign.id))
    answer = order(clerk, order_form(desk, customer=str(foreign.id)))
    assert answer.status_code == 422
    assert errors(text(answer))["customer"] == "Select a customer from the list."
    assert "Lipa" not in text(answer)
    assert ordered() == []


def test_the_customers_on_offer_are_those_of_the_selected_reseller(operator, desk):
    other = add_reseller("Sitwell Enterprises")
    add_customer("Lipa Logistika", reseller=other)
    assert "Tunel" in panel(operator, reseller=str(desk.reseller.id))
    page = panel(operator, reseller=str(other.id))
    assert "Lipa Logistika" in page
    assert "Tunel" not in page
    assert "Tunel" not in panel(operator, reseller="")


def test_of_many_customers_the_first_are_listed_and_the_rest_is_found_by_name(clerk, desk):
    for number in range(201):
        add_customer(f"Firma {number:03d}", reseller=desk.reseller)
    page = panel(clerk)
    assert page.count("<option") < 500
    assert "Find customer" in page
    found = panel(clerk, find="firma 200")
    assert "Firma 200" in found
    assert "Firma 100" not in found


def test_a_namesake_but_for_case_and_accents_asks_which_is_meant(clerk, desk):
    add_customer("Prerada voća d.o.o.", reseller=desk.reseller, city="Beograd")
    note = text(clerk.post("/subscriptions/new/twin/", {"company_name": "PRERADA  VOCA d.o.o."}))
    assert "Prerada voća d.o.o., Beograd is already a customer. Which is meant?" in shown(note)
    assert ">The existing customer</button>" in note
    assert ">A new one</button>" in note
    assert "Which is meant" not in text(clerk.post("/subscriptions/new/twin/", {"company_name": "Prerada"}))


def test_an_order_for_a_namesake_is_not_placed_before_it_is_said_who_is_meant(clerk, desk):
    known = add_customer("Prerada voća d.o.o.", reseller=desk.reseller)
    form = order_form(desk, company_name="Prerada voca d.o.o.")
    asked = order(clerk, form)
    assert asked.status_code == 422
    assert "Which is meant?" in text(asked)
    assert ordered() == []
    existing = text(order(clerk, {**form, "meant": str(known.id)}))
    assert fields(existing)["customer"] == str(known.id)
    assert ordered() == []
    new = fields(text(order(clerk, {**form, "meant": "new"})))
    assert new["company_name"] == "Prerada voca d.o.o."
    assert order(clerk, {**form, "named_apart": new["named_apart"]}).status_code == 303
    assert [row.company_name for row in Customer.select().where(Customer.name_key == search_key("Prerada voca d.o.o."))]
    assert len(ordered()) == 1


def test_an_answer_about_one_name_is_none_about_another(clerk, desk):
    add_customer("Lipa", reseller=desk.reseller)
    form = order_form(desk, company_name="Lipa", named_apart=search_key("Prerada"))
    assert order(clerk, form).status_code == 422
    assert ordered() == []


def test_a_namesake_at_another_reseller_is_not_told(clerk, desk):
    add_customer("Prerada voća d.o.o.", reseller=add_reseller("Sitwell Enterprises"))
    assert order(clerk, order_form(desk)).status_code == 303


def refused_order(desk):
    command = desk.send(desk.order(quantity=14), Rejected(code="NoLicence", message="No licence is left."))
    return command.subscription


def test_a_refused_order_is_ordered_again_by_a_filled_form_and_a_new_request(clerk, desk):
    failed = refused_order(desk)
    page = fields(text(clerk.get(f"/subscriptions/new/?again={failed.id}")))
    assert page["customer"] == str(desk.customer.id)
    assert (page["product"], page["quantity"]) == (str(desk.product.id), "14")
    assert order(clerk, page).status_code == 303
    assert [row.order_state for row in ordered()] == [OrderState.FAILED, OrderState.PENDING]


def test_another_resellers_refused_order_fills_nothing(desk, browser_of):
    failed = refused_order(desk)
    stranger = browser_of(add_user("stan", reseller=add_reseller("Sitwell Enterprises")))
    page = fields(text(stranger.get(f"/subscriptions/new/?again={failed.id}")))
    assert (page["customer"], page["quantity"]) == ("", "")
