"""Customer details per licence: the record holds what is wanted, each licence what the vendor confirmed."""

from dataclasses import replace
from functools import partial

import pytest

from access import AccessDenied, Actor, Role
from licensing.commands import Confirmed, CustomerDetails, Rejected
from licensing.states import CommandKind
from models import AuditEntry, Command, Customer, Subscription
from operations.customer_details import modify_attributes, send_details_again
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.refusals import CommandRefused, CustomerTwin, NotFound, VersionConflict
from queries.licences import details_of
from tests.desk import Desk, again, at_once, audited
from tests.small_book import actor, add_customer, add_reseller, add_user

WANTED = CustomerDetails(company_name="Tunel d.o.o.", country="BA", city="Mostar", email="it@tunel.example")


def asked(subscription: Subscription) -> list[str]:
    rows = Command.select(Command.kind).where(Command.subscription == subscription.id).order_by(Command.id)
    return [kind for (kind,) in rows.tuples()][1:]


def modify(desk: Desk, subscription: Subscription, details: CustomerDetails = WANTED, **values):
    request = desk.request_of(CommandKind.MODIFY_ATTRIBUTES, subscription)
    return partial(
        modify_attributes,
        **{
            "request": request,
            "details": details,
            "customer_version": again(desk.customer).version,
            "actor": desk.actor,
            "moment": desk.moment,
            **values,
        },
    )


def test_the_record_changes_at_once_and_each_usable_licence_is_asked_for(desk: Desk) -> None:
    first, second = desk.live(), desk.live()
    commands = modify(desk, first)()
    assert details_of(again(desk.customer)) == WANTED
    assert [(row.subscription_id, row.kind) for row in commands] == [
        (first.id, "ModifyAttributes"),
        (second.id, "ModifyAttributes"),
    ]
    assert all(row.details == WANTED.as_dict() for row in commands)
    assert again(first).confirmed_details["city"] == "Sarajevo"
    assert "customer.changed" in audited("customer", desk.customer.id)


def test_a_licence_with_a_request_on_its_way_gets_none_and_so_does_an_ended_one(desk: Desk) -> None:
    first, busy, ended = desk.live(), desk.live(), desk.live(at="2017-03-01T10:00:00")
    desk.ask(CommandKind.SOFT_CANCEL, busy)
    kept = desk.now
    desk.done(CommandKind.HARD_CANCEL, ended, at="2017-05-20T10:00:00")
    desk.now = kept
    assert len(modify(desk, first)()) == 1
    assert asked(busy) == ["SoftCancel"]
    assert asked(ended) == ["HardCancel"]


def test_details_that_are_the_records_already_are_sent_to_this_licence_alone(desk: Desk) -> None:
    first, second = desk.live(), desk.live()
    commands = modify(desk, first, details_of(desk.customer))()
    assert [row.subscription_id for row in commands] == [first.id]
    assert asked(second) == []
    assert again(desk.customer).version == 1


def test_a_refusal_of_one_licence_leaves_it_as_it_was_and_the_others_go_on(desk: Desk) -> None:
    first, second = desk.live(), desk.live()
    refused, taken = modify(desk, first)()
    desk.send(refused, Rejected(code="Busy", message="Busy."))
    desk.send(taken, Confirmed())
    assert again(first).confirmed_details["city"] == "Sarajevo"
    assert again(second).confirmed_details["city"] == "Mostar"
    assert again(desk.customer).city == "Mostar"


def test_a_second_click_gets_the_first_request_and_asks_nobody_again(desk: Desk) -> None:
    first, second = desk.live(), desk.live()
    ask = modify(desk, first)
    assert ask()[0] == ask()[0]
    assert (asked(first), asked(second)) == (["ModifyAttributes"], ["ModifyAttributes"])


def test_a_double_click_on_two_threads_is_one_change(database: str) -> None:
    desk = Desk()
    first, second = desk.live(), desk.live()
    ask = modify(desk, first)
    answers = at_once(ask, ask)
    assert [answer[0].subscription_id for answer in answers] == [first.id, first.id]
    assert (asked(first), asked(second)) == (["ModifyAttributes"], ["ModifyAttributes"])
    assert again(desk.customer).version == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"details": replace(WANTED, email="x@y")}, FieldsRefused),
        ({"details": replace(WANTED, company_name="LIPA")}, CustomerTwin),
        ({"customer_version": 0}, RecordChanged),
    ],
)
def test_what_cannot_be_written_leaves_everything_as_it_was(desk: Desk, changes: dict, error: type) -> None:
    add_customer("Lipa", reseller=desk.reseller)
    subscription = desk.live()
    with pytest.raises(error):
        modify(desk, subscription, **changes)()
    assert asked(subscription) == []
    assert again(desk.customer).city == "Sarajevo"


def test_a_licence_that_changed_since_the_form_was_shown_is_a_conflict(desk: Desk) -> None:
    subscription = desk.live()
    ask = modify(desk, subscription)
    desk.done(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    with pytest.raises(VersionConflict):
        ask()
    assert again(desk.customer).city == "Sarajevo"


def test_what_the_life_cycle_forbids_leaves_only_an_audit_entry(desk: Desk) -> None:
    subscription = desk.live()
    desk.ask(CommandKind.SOFT_CANCEL, subscription)
    with pytest.raises(CommandRefused, match="on its way"):
        modify(desk, subscription)()
    assert again(desk.customer).city == "Sarajevo"
    assert audited("subscription", subscription.id) == ["subscription.command.refused"]


def stranger() -> Actor:
    return actor(Role.RESELLER_USER, reseller=add_reseller("Sitwell Enterprises"))


def test_another_resellers_licence_is_not_found(desk: Desk) -> None:
    subscription, by = desk.live(), stranger()
    with pytest.raises(NotFound):
        modify(desk, subscription, actor=by)()
    request = desk.request_of(CommandKind.MODIFY_ATTRIBUTES, subscription)
    with pytest.raises(NotFound):
        send_details_again(request, actor=by, moment=desk.moment)


def test_an_auditor_may_not(desk: Desk) -> None:
    subscription = desk.live()
    entries = AuditEntry.select().count()
    with pytest.raises(AccessDenied):
        modify(desk, subscription, actor=actor(Role.AUDITOR))()
    request = desk.request_of(CommandKind.MODIFY_ATTRIBUTES, subscription)
    with pytest.raises(AccessDenied):
        send_details_again(request, actor=actor(Role.AUDITOR), moment=desk.moment)
    assert AuditEntry.select().count() == entries


def test_sending_again_asks_for_one_licence_with_the_records_details(desk: Desk) -> None:
    first, second = desk.live(), desk.live()
    Customer.update(city="Mostar").where(Customer.id == desk.customer.id).execute()
    request = desk.request_of(CommandKind.MODIFY_ATTRIBUTES, first)
    command = send_details_again(request, actor=desk.actor, moment=desk.moment)
    assert command.details["city"] == "Mostar"
    assert asked(second) == []


def recreate(desk: Desk, subscription: Subscription, **changes: str) -> Command:
    """Ask to recreate a cancelled licence with changed details."""
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    details = replace(details_of(again(desk.customer)), **changes)
    return desk.ask(CommandKind.RECREATE, subscription, quantity=8, details=details)


def test_a_recreate_changes_the_record_and_asks_for_the_others_only_when_it_is_confirmed(desk: Desk) -> None:
    first, second = desk.live(), desk.live()
    command = recreate(desk, first, city="Mostar")
    assert (again(desk.customer).city, asked(second)) == ("Sarajevo", [])
    desk.send(command, Confirmed())
    assert (again(desk.customer).city, again(desk.customer).version) == ("Mostar", 2)
    assert asked(second) == ["ModifyAttributes"]
    assert asked(first) == ["SoftCancel", "Recreate"]
    assert again(first).confirmed_details["city"] == "Mostar"


def test_a_refused_recreate_leaves_the_record_as_it_was(desk: Desk) -> None:
    first, second = desk.live(), desk.live()
    desk.send(recreate(desk, first, city="Mostar"), Rejected(code="Busy", message="Busy."))
    assert (again(desk.customer).city, asked(second)) == ("Sarajevo", [])


def test_a_recreate_without_changed_details_asks_nobody_else(desk: Desk) -> None:
    first, second = desk.live(), desk.live()
    desk.send(recreate(desk, first), Confirmed())
    assert (again(desk.customer).version, asked(second)) == (1, [])


def test_a_recreate_takes_back_no_later_edit_of_another_field(desk: Desk) -> None:
    first = desk.live()
    command = recreate(desk, first, city="Mostar")
    Customer.update(phone="033 1", version=2).where(Customer.id == desk.customer.id).execute()
    desk.send(command, Confirmed())
    assert (again(desk.customer).city, again(desk.customer).phone) == ("Mostar", "033 1")
    assert asked(first) == ["SoftCancel", "Recreate", "ModifyAttributes"]


def test_the_key_of_a_recreated_name_follows_it(desk: Desk) -> None:
    desk.send(recreate(desk, desk.live(), company_name="Čvor & Đak"), Confirmed())
    assert again(desk.customer).name_key == "cvor & djak"


def test_another_users_key_is_not_found(desk: Desk) -> None:
    subscription = desk.live()
    ask = modify(desk, subscription)
    ask()
    colleague = actor(Role.RESELLER_USER, reseller=desk.reseller, user=add_user("john", reseller=desk.reseller))
    with pytest.raises(NotFound):
        ask(actor=colleague)
