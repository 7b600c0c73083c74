from datetime import date

import pytest

from access import AccessDenied, Role
from licensing.commands import CustomerDetails
from licensing.states import CommandKind, CommandState, OrderState
from models import AuditEntry, Command, Customer
from operations.customers import (
    archive_customer,
    change_customer,
    checked_details,
    create_customer,
    delete_customer,
    restore_customer,
)
from operations.record_refusals import FieldsRefused, RecordChanged, RecordInUse
from operations.refusals import CustomerTwin, NotFound
from queries.licences import details_of
from tests.small_book import (
    MOMENT,
    actor,
    add_command,
    add_customer,
    add_product,
    add_reseller,
    add_subscription,
)

VOCA = CustomerDetails(company_name="Prerada voća d.o.o.", country="RS", city="Beograd")


@pytest.fixture
def bluth(database):
    return add_reseller()


@pytest.fixture
def sitwell(database):
    return add_reseller("Sitwell Enterprises")


def _create(details=VOCA, *, reseller, who=None, **options):
    return create_customer(details, reseller_id=reseller.id, actor=who or actor(), moment=MOMENT, **options)


def _change(customer, who=None, *, version=None, **values):
    details = CustomerDetails(**{**details_of(Customer[customer.id]).as_dict(), **values})
    version = customer.version if version is None else version
    return change_customer(customer.id, details, version=version, actor=who or actor(), moment=MOMENT)


def _actions():
    return [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)]


def test_a_customer_is_stored_with_its_search_key_and_an_audit_entry(bluth):
    customer = _create(reseller=bluth)
    stored = Customer[customer.id]
    assert (stored.company_name, stored.name_key, stored.version) == ("Prerada voća d.o.o.", "prerada voca d.o.o.", 1)
    entry = AuditEntry.get()
    assert (entry.action, entry.subject_id, entry.reseller_id) == ("customer.created", customer.id, bluth.id)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("company_name", "", "required"),
        ("company_name", "   ", "required"),
        ("company_name", "x" * 201, "201 characters; at most 200"),
        ("company_name", "...", None),
        ("company_name", "\u0301", "no letter"),
        ("company_name", "a\0b", "U+0000"),
        ("company_name", "evil\u202egnp.exe", "U+202E"),
        ("city", "Beo\u200fgrad", "U+200F"),
        ("phone", "1" * 61, "at most 60"),
        ("post_code", "1" * 21, "at most 20"),
        ("country", "", "Select a country"),
        ("country", "XX", "Select a country"),
        ("country", "rs", "Select a country"),
        ("country", "XK", None),
        ("email", "pv@prerada-voca", "“pv@prerada-voca” lacks the end of the address, such as .rs"),
        ("email", "prerada-voca.rs", "lacks the @"),
        ("email", "@prerada.rs", "lacks the name"),
        ("email", "a b@c.rs", "is not an e-mail address"),
        ("email", "a@b..rs", "is not an e-mail address"),
        ("email", "a@b.rs, c@d.rs", "is not an e-mail address"),
        ("email", "a@b.rs", None),
        ("email", "petar.petrović@prerada-voća.rs", None),
        ("company_name", "=HYPERLINK(1)", None),
        ("company_name", "<script>alert(1)</script>", None),
        ("contact_person", "O'Brien; DROP TABLE", None),
    ],
)
def test_each_value_is_judged_with_the_reason(field, value, words):
    details = CustomerDetails(**{**VOCA.as_dict(), field: value})
    if words is None:
        assert getattr(checked_details(details), field) == value
        return
    with pytest.raises(FieldsRefused) as refused:
        checked_details(details)
    assert list(refused.value.problems) == [field]
    assert words in str(refused.value.problems[field])


def test_all_bad_fields_are_named_at_once():
    with pytest.raises(FieldsRefused) as refused:
        checked_details(CustomerDetails(company_name="", country="", email="x", phone="1" * 99))
    assert refused.value.problems.keys() == {"company_name", "country", "email", "phone"}


def test_text_is_tidied_before_it_is_stored():
    tidied = checked_details(CustomerDetails(company_name="  Prerada \u00a0 voc\u0301a ", country="RS"))
    assert tidied.company_name == "Prerada voća"


def test_a_refused_value_changes_nothing(bluth):
    with pytest.raises(FieldsRefused):
        _create(CustomerDetails(company_name="a\0b", country="RS"), reseller=bluth)
    assert Customer.select().count() == AuditEntry.select().count() == 0


def test_a_name_equal_but_for_case_and_accents_asks_which_is_meant(bluth, sitwell):
    first = _create(reseller=bluth)
    twin = CustomerDetails(company_name="PRERADA VOCA d.o.o.", country="HR")
    with pytest.raises(CustomerTwin) as asked:
        _create(twin, reseller=bluth)
    assert asked.value.twin.id == first.id
    assert _create(twin, reseller=bluth, is_new_customer_meant=True).id != first.id
    assert _create(twin, reseller=sitwell).reseller_id == sitwell.id


def test_a_rename_to_an_existing_name_asks_too(bluth):
    _create(reseller=bluth)
    other = _create(CustomerDetails(company_name="Other", country="RS"), reseller=bluth)
    with pytest.raises(CustomerTwin):
        _change(other, company_name="prerada voca D.O.O.")
    assert _change(other, company_name="OTHER").customer.company_name == "OTHER"


def test_a_reseller_adds_customers_of_its_own_only(bluth, sitwell):
    who = actor(Role.RESELLER_USER, reseller=sitwell)
    assert create_customer(VOCA, reseller_id=None, actor=who, moment=MOMENT).reseller_id == sitwell.id
    with pytest.raises(FieldsRefused) as refused:
        _create(reseller=bluth, who=who)
    assert refused.value.problems.keys() == {"reseller"}
    with pytest.raises(FieldsRefused):
        create_customer(VOCA, reseller_id=None, actor=actor(), moment=MOMENT)


def test_a_change_is_audited_field_by_field_and_moves_the_version(bluth):
    customer = _create(reseller=bluth)
    changed = _change(customer, city="Novi Sad", phone="021").customer
    assert (changed.city, changed.version) == ("Novi Sad", 2)
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().details == {
        "city": ["Beograd", "Novi Sad"],
        "phone": ["", "021"],
    }


def test_saving_without_a_difference_writes_nothing(bluth):
    customer = _create(reseller=bluth)
    assert _change(customer).customer.version == 1
    assert _actions() == ["customer.created"]


def test_a_change_from_an_older_version_is_refused_and_shows_how_it_stands(bluth):
    customer = _create(reseller=bluth)
    _change(customer, city="Niš")
    with pytest.raises(RecordChanged) as conflict:
        _change(customer, version=1, phone="021")
    assert conflict.value.current.city == "Niš"
    assert Customer[customer.id].phone == ""


def test_each_usable_licence_without_an_open_command_gets_one_request(bluth):
    customer = add_customer("Tunel", reseller=bluth)
    product = add_product()
    usable = add_subscription(customer, product=product)
    running = add_subscription(customer, product=product, cancelled_on=date(2017, 8, 1))
    add_subscription(customer, product=product, cancelled_on=date(2017, 7, 1))
    add_subscription(customer, product=product, state=OrderState.FAILED)
    busy = add_subscription(customer, product=product)
    add_command(busy, kind=CommandKind.REDUCE, state=CommandState.UNKNOWN)
    change = _change(customer, city="Mostar")
    queued = [(command.subscription_id, command.kind, command.details["city"]) for command in change.commands]
    assert queued == [(usable.id, "ModifyAttributes", "Mostar"), (running.id, "ModifyAttributes", "Mostar")]
    assert Command.select().where(Command.state == CommandState.QUEUED).count() == 2
    assert _actions().count("subscription.command.requested") == 2


def test_a_customer_without_licences_can_be_deleted(bluth):
    customer = _create(reseller=bluth)
    delete_customer(customer.id, actor=actor(), moment=MOMENT)
    assert Customer.select().count() == 0
    assert _actions() == ["customer.created", "customer.deleted"]


def test_a_customer_with_licences_is_not_deleted_and_keeps_them(bluth):
    customer = add_customer("Tunel", reseller=bluth)
    add_subscription(customer, product=add_product(), state=OrderState.FAILED)
    with pytest.raises(RecordInUse, match=r"“Tunel” has licences in the list \(1\)"):
        delete_customer(customer.id, actor=actor(), moment=MOMENT)
    assert Customer.select().count() == 1
    assert _actions() == []


def test_a_customer_is_archived_once_no_licence_can_be_used(bluth):
    customer = add_customer("Tunel", reseller=bluth)
    licence = add_subscription(customer, product=add_product(), cancelled_on=date(2017, 8, 1))
    with pytest.raises(RecordInUse, match=r"can still be used \(1\)"):
        archive_customer(customer.id, actor=actor(), moment=MOMENT)
    licence.ended_on = licence.cancelled_on = date(2017, 7, 1)
    licence.save()
    archive_customer(customer.id, actor=actor(), moment=MOMENT)
    archive_customer(customer.id, actor=actor(), moment=MOMENT)
    assert Customer[customer.id].is_archived
    restore_customer(customer.id, actor=actor(), moment=MOMENT)
    assert not Customer[customer.id].is_archived
    assert _actions() == ["customer.archived", "customer.changed"]


def test_a_foreign_customer_and_a_missing_one_are_alike(bluth, sitwell):
    foreign = _create(reseller=bluth)
    who = actor(Role.RESELLER_ADMIN, reseller=sitwell)
    for key in (foreign.id, 10**12):
        with pytest.raises(NotFound):
            change_customer(key, VOCA, version=1, actor=who, moment=MOMENT)
        for operation in (delete_customer, archive_customer, restore_customer):
            with pytest.raises(NotFound):
                operation(key, actor=who, moment=MOMENT)
    assert Customer[foreign.id].version == 1


def test_an_auditor_changes_nothing(bluth):
    customer = _create(reseller=bluth)
    who = actor(Role.AUDITOR)
    with pytest.raises(AccessDenied):
        _create(reseller=bluth, who=who)
    with pytest.raises(AccessDenied):
        _change(customer, who, city="Niš")
    for operation in (delete_customer, archive_customer, restore_customer):
        with pytest.raises(AccessDenied):
            operation(customer.id, actor=who, moment=MOMENT)
    assert _actions() == ["customer.created"]
