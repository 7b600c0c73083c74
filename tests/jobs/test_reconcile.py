"""Reconciliation against a real vendor: what differs is listed, nothing is sent, and what is gone is no longer open."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from access import SYSTEM
from clock import real_now
from config import Config, read_config
from jobs.reconcile import reconcile, reconcile_with_file
from jobs.room import Room, room_of
from jobs.sending import send
from jobs.vendor_file import VendorFileRefused, read_vendor_file
from licensing.commands import Unknown
from licensing.states import CommandKind, DriftKind
from models import Attempt, AuditEntry, Case, Command, Reconciliation, Subscription
from operations.close_case import close_case
from operations.reconcile import LEASE, ReconciliationRuns, begin_reconciliation
from queries.reconciliations import is_clean_since, newest_run
from tests.desk import again
from tests.jobs.house import HouseDesk
from tests.simulator.process import SimulatorProcess
from tests.small_book import ZONE


@pytest.fixture(scope="module")
def running_vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    vendor = SimulatorProcess(tmp_path_factory.mktemp("vendor"))
    yield vendor
    vendor.stop()


@pytest.fixture
def vendor(running_vendor: SimulatorProcess) -> SimulatorProcess:
    running_vendor.reset()
    return running_vendor


def config_of(vendor: SimulatorProcess, database: str, **environ: str) -> Config:
    return read_config(
        {
            "SEATDESK_ENV": "test",
            "DATABASE_URL": database,
            "SEATDESK_VENDOR_URL": vendor.vendor_url,
            "SEATDESK_VENDOR_DEADLINE": "5",
            **environ,
        }
    )


@pytest.fixture
def room(vendor: SimulatorProcess, database: str) -> Room:
    return room_of(config_of(vendor, database))


@pytest.fixture
def desk(database: str) -> HouseDesk:
    return HouseDesk()


@pytest.fixture
def licences(desk: HouseDesk, room: Room) -> list[Subscription]:
    """Three licences that the vendor has made a while ago."""
    orders = [desk.order(quantity=quantity) for quantity in (5, 12, 15)]
    assert all(send(room, order.id) for order in orders)
    long_ago()
    return [again(order.subscription) for order in orders]


def long_ago() -> None:
    Command.update(settled_at=real_now() - timedelta(hours=1)).execute()


def change(subscription: Subscription, **columns: object) -> None:
    Subscription.update(**columns).where(Subscription.id == subscription.id).execute()


def open_cases() -> list[tuple[str, object, object]]:
    query = Case.select(Case.kind, Case.here, Case.there).where(Case.state == "open").order_by(Case.id)
    return list(query.tuples())


def states() -> list[str]:
    return [state for (state,) in Case.select(Case.state).order_by(Case.id).tuples()]


def test_licences_that_are_alike_give_a_clean_run(room: Room, licences: list[Subscription]) -> None:
    run = reconcile(room)
    assert (run.state, run.compared, run.left_out, run.unreadable, run.open_cases) == ("finished", 3, 0, 0, 0)
    assert run.is_clean
    assert is_clean_since(run.started_at)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.action, entry.details["compared"]) == ("reconciliation.finished", 3)


def test_every_kind_of_difference_is_listed_and_nothing_is_sent(
    room: Room, vendor: SimulatorProcess, licences: list[Subscription]
) -> None:
    first, second, third = licences
    change(first, quantity=7, expires_on=date(2099, 1, 1), ended_on=date(2099, 1, 1))
    change(second, confirmed_details={**second.confirmed_details, "city": "Niš", "fax": "1", "website": "w"})
    change(third, subscription_id="00000000-0000-0000-0000-000000000000")
    commands, attempts = Command.select().count(), Attempt.select().count()
    sent = len([row for row in vendor.ledger() if row["effect_id"]])
    run = reconcile(room)
    assert open_cases() == [
        (DriftKind.QUANTITY, 7, 5),
        (DriftKind.EXPIRATION, "2099-01-01", None),
        (DriftKind.DETAILS, {"city": "Niš"}, {"city": "Sarajevo"}),
        (DriftKind.MISSING_THERE, None, None),
    ]
    assert (run.open_cases, run.is_clean) == (4, False)
    assert (Command.select().count(), Attempt.select().count()) == (commands, attempts)
    assert len([row for row in vendor.ledger() if row["effect_id"]]) == sent


def test_a_cancel_that_is_not_known_here_is_one_difference(
    room: Room, desk: HouseDesk, licences: list[Subscription]
) -> None:
    cancel = desk.ask(CommandKind.SOFT_CANCEL, licences[0])
    assert send(room, cancel.id)
    long_ago()
    change(licences[0], cancelled_on=None, cancel_kind=None, ended_on=None)
    reconcile(room)
    ((kind, here, there),) = open_cases()
    assert (kind, here) == (DriftKind.CANCELLATION, None)
    assert date.fromisoformat(there).day == 1


def test_a_hard_cancel_that_is_a_soft_one_here_differs_in_its_status(
    room: Room, desk: HouseDesk, licences: list[Subscription]
) -> None:
    for kind in (CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL):
        assert send(room, desk.ask(kind, licences[0]).id)
    long_ago()
    change(licences[0], cancel_kind="soft")
    reconcile(room)
    assert open_cases() == [(DriftKind.STATUS, "soft_cancelled", "HardCancelled")]


def test_a_difference_that_is_gone_is_no_longer_open(room: Room, licences: list[Subscription]) -> None:
    change(licences[0], quantity=7)
    assert reconcile(room).open_cases == 1
    change(licences[0], quantity=6)
    assert reconcile(room).open_cases == 1
    assert open_cases() == [(DriftKind.QUANTITY, 6, 5)]
    change(licences[0], quantity=5)
    assert reconcile(room).is_clean
    assert states() == ["gone"]


def test_a_difference_that_somebody_closed_stays_closed_until_it_is_another(
    room: Room, licences: list[Subscription]
) -> None:
    change(licences[0], quantity=7)
    reconcile(room)
    close_case(Case.get().id, reason="Agreed with the vendor", actor=SYSTEM, moment=room.moment())
    assert reconcile(room).is_clean
    change(licences[0], quantity=8)
    assert reconcile(room).open_cases == 1
    assert states() == ["gone", "open"]


def test_the_differences_of_a_licence_that_has_ended_are_gone(room: Room, licences: list[Subscription]) -> None:
    change(licences[0], quantity=7)
    reconcile(room)
    change(licences[0], expires_on=date(2000, 1, 1), ended_on=date(2000, 1, 1))
    run = reconcile(room)
    assert (run.compared, run.open_cases) == (2, 0)


def test_a_licence_whose_request_is_on_its_way_is_left_out(
    room: Room, desk: HouseDesk, licences: list[Subscription]
) -> None:
    command = desk.ask(CommandKind.MODIFY_QUANTITY, licences[0], quantity=8)
    assert reconcile(room).left_out == 0
    desk.send(command, Unknown(reason="lost"))
    run = reconcile(room)
    assert (run.compared, run.left_out, run.is_clean) == (2, 1, False)


def test_an_order_of_unknown_outcome_may_exist_there_and_is_left_out(room: Room, desk: HouseDesk) -> None:
    desk.send(desk.order(), Unknown(reason="lost"))
    assert reconcile(room).left_out == 1


def test_a_difference_right_after_a_change_proves_nothing_yet(room: Room, licences: list[Subscription]) -> None:
    change(licences[0], quantity=7)
    Command.update(settled_at=real_now()).execute()
    run = reconcile(room)
    assert (run.compared, run.left_out, run.open_cases) == (2, 1, 0)


def test_a_single_odd_answer_is_no_difference(
    room: Room, vendor: SimulatorProcess, licences: list[Subscription]
) -> None:
    vendor.fault("truncate", operation="getdetails")
    assert reconcile(room).is_clean


def test_what_the_vendor_does_not_show_is_told_apart_from_what_is_alike(
    room: Room, vendor: SimulatorProcess, licences: list[Subscription]
) -> None:
    vendor.fault("fail", operation="getdetails", status=500, times=2)
    run = reconcile(room)
    assert run.compared + run.unreadable == 3
    vendor.fault("fail", operation="getdetails", status=500, times=20)
    run = reconcile(room)
    assert (run.compared, run.unreadable, run.is_clean) == (0, 3, False)
    assert open_cases() == []


def test_a_service_without_details_says_that_its_list_is_needed(
    vendor: SimulatorProcess, database: str, licences: list[Subscription]
) -> None:
    run = reconcile(room_of(config_of(vendor, database, SEATDESK_VENDOR_EXTENSIONS="0")))
    assert run.state == "failed"
    assert "flask reconcile --file" in run.note


def test_one_reconciliation_at_a_time_and_a_dead_one_is_given_up(room: Room, licences: list[Subscription]) -> None:
    dead = begin_reconciliation(source="vendor", moment=room.moment())
    with pytest.raises(ReconciliationRuns):
        reconcile(room)
    Reconciliation.update(lease_until=real_now() - LEASE).execute()
    assert reconcile(room).is_clean
    assert Reconciliation.get_by_id(dead.id).state == "failed"


def write_list(folder: Path, licences: list[dict[str, object]], *more: str) -> Path:
    lines = ["SubscriptionId,Quantity,Expiration,CancellationDate,Status,Reseller,CompanyName"]
    for licence in licences:
        company = json.loads(str(licence["customer"]))["Contacts"]["CompanyName"] if licence["customer"] else ""
        dates = (licence["expires_at"] or "", licence["cancelled_at"] or "")
        cells = (licence["subscription_id"], licence["quantity"], *dates, "Active", licence["reseller"], company)
        lines.append(",".join(str(cell) for cell in cells))
    path = folder / "list.csv"
    path.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8-sig")
    return path


def test_the_vendors_list_shows_what_is_missing_here(
    room: Room, vendor: SimulatorProcess, licences: list[Subscription], tmp_path: Path
) -> None:
    listed = [vendor.licences()[licence.subscription_id] for licence in licences]
    for licence in listed:
        licence["customer"] = json.dumps(licence["customer"])
    path = write_list(tmp_path, listed[1:], "11111111-aaaa,9,2099-01-01,,Active,BLUTH,Lost d.o.o.")
    run = reconcile_with_file(room, read_vendor_file(path, zone=ZONE))
    assert (run.source, run.compared, run.open_cases) == ("file", 3, 2)
    assert open_cases() == [
        (DriftKind.MISSING_THERE, None, None),
        (
            DriftKind.MISSING_HERE,
            None,
            {"company_name": "Lost d.o.o.", "quantity": "9", "expires_on": "2099-01-01", "status": "Active"},
        ),
    ]
    stranger = Case.get(Case.kind == DriftKind.MISSING_HERE)
    assert (stranger.vendor_id, stranger.reseller.vendor_pin, stranger.subscription) == ("11111111-aaaa", "BLUTH", None)
    assert reconcile(room).open_cases == 1
    assert reconcile_with_file(room, read_vendor_file(write_list(tmp_path, listed), zone=ZONE)).is_clean


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no column subscriptionid"),
        ("SubscriptionId\nx\n", "no column quantity"),
        ("SubscriptionId,Quantity\nx,12.0\n", "line 2: Quantity '12.0'"),
        ("SubscriptionId,Quantity\nx,١٢\n", "line 2: Quantity"),
        ("SubscriptionId,Quantity\nx,1\n,2\n", "line 3: SubscriptionId is missing"),
        ("SubscriptionId,Quantity\nx,1\nx,1\n", "line 3: x stands in the file twice"),
        ("SubscriptionId,Quantity,Expiration\nx,1,31.12.2018\n", "line 2:"),
        ("SubscriptionId,Quantity,Expiration\nx,1,2018-12-01T00:00:00\n", "has no offset"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_its_line(tmp_path: Path, text: str | bytes, why: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(VendorFileRefused, match=why):
        read_vendor_file(path, zone=ZONE)


def test_dates_of_the_list_are_those_of_the_distributors_zone(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("quantity;x,SUBSCRIPTIONID,Quantity,Expiration\n1,a,2,2018-11-30T23:00:00Z,extra,cells\n")
    assert read_vendor_file(path, zone=ZONE)["a"].licence.expires_on == date(2018, 12, 1)


def test_there_is_no_run_before_the_first(rolled_back: str) -> None:
    assert newest_run() is None
    assert not is_clean_since(real_now())
