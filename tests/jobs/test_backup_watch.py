"""A restored database is noticed by the seal that it lacks, and then sends nothing."""

import shutil
from pathlib import Path

import pytest

from access import SYSTEM
from config import read_config
from database import connect_to
from jobs.backup_watch import FILE_NAME, BackupWatch, forget_mark
from licensing.commands import Confirmed, NotFound, Unknown
from licensing.states import CommandKind, CommandState
from models import GatewayHold
from operations.restored_backup import hold_restored
from operations.seal_audit import seal_audit
from tests.desk import GATEWAY, LATENESS, Desk, again, audited, created, state_of


@pytest.fixture
def desk(rolled_back: str) -> Desk:
    return Desk()


def watch(folder: Path, desk: Desk, **options: bool) -> None:
    """One round of a clock process that has just started."""
    config = read_config({"SEATDESK_ENV": "test", "SEATDESK_INSTANCE": str(folder)})
    BackupWatch(config).look(moment=desk.moment, **options)


def is_held() -> bool:
    return GatewayHold.select().where(GatewayHold.needs_reconciliation).exists()


def test_a_new_book_in_a_new_folder_is_no_backup(tmp_path: Path, desk: Desk) -> None:
    desk.order()
    watch(tmp_path / "new", desk)
    assert not is_held()
    assert (tmp_path / "new" / FILE_NAME).exists()


def test_a_book_that_goes_on_is_no_backup(tmp_path: Path, desk: Desk) -> None:
    watch(tmp_path, desk)
    for _ in range(3):
        desk.order()
        seal_audit()
        watch(tmp_path, desk)
        desk.order()
        watch(tmp_path, desk)
    assert not is_held()


def test_a_book_that_was_never_seen_here_is_held(tmp_path: Path, desk: Desk) -> None:
    desk.order()
    seal_audit()
    watch(tmp_path, desk)
    assert is_held()
    assert "never seen" in GatewayHold.get().reason


def test_an_unreadable_mark_is_none(tmp_path: Path, desk: Desk) -> None:
    desk.order()
    seal_audit()
    (tmp_path / FILE_NAME).write_text('{"sealed": 1')
    watch(tmp_path, desk)
    assert is_held()


def test_it_is_told_once_and_the_book_goes_on_from_there(tmp_path: Path, desk: Desk) -> None:
    desk.order()
    seal_audit()
    watch(tmp_path, desk)
    GatewayHold.delete().execute()
    seal_audit()
    watch(tmp_path, desk)
    assert not is_held()


def test_a_worker_says_nothing_where_no_clock_has_left_a_mark(tmp_path: Path, desk: Desk) -> None:
    desk.order()
    seal_audit()
    watch(tmp_path, desk, is_worker=True)
    assert not is_held()
    assert not (tmp_path / FILE_NAME).exists()


def test_a_demo_that_begins_anew_misses_no_earlier_one(tmp_path: Path, desk: Desk) -> None:
    desk.order()
    seal_audit()
    watch(tmp_path / "other", desk)
    GatewayHold.delete().execute()
    forget_mark(tmp_path / "other")
    forget_mark(tmp_path / "other")
    assert not (tmp_path / "other" / FILE_NAME).exists()


@pytest.mark.parametrize("is_worker", [False, True])
def test_a_restored_backup_is_held_and_what_was_queued_is_doubted(
    tmp_path: Path, sqlite_database: str, *, is_worker: bool
) -> None:
    desk = Desk()
    queued = desk.order()
    seal_audit()
    book = Path(sqlite_database.removeprefix("sqlite:///"))
    backup = tmp_path / "backup.db"
    shutil.copy(book, backup)
    shutil.copy(f"{book}-wal", f"{backup}-wal")
    desk.send(queued, created())
    seal_audit()
    watch(tmp_path, desk)
    GatewayHold.delete().execute()
    seal_audit()
    watch(tmp_path, desk)
    assert not is_held()

    restored = connect_to(f"sqlite:///{backup}")
    with restored.connection_context():
        assert state_of(queued) == CommandState.QUEUED
        watch(tmp_path, desk, is_worker=is_worker)
        assert is_held()
        assert "earlier one" in GatewayHold.get().reason
        assert state_of(queued) == CommandState.UNKNOWN
        assert desk.claim(queued) is None
    connect_to(sqlite_database)


def test_what_was_queued_is_settled_by_asking_and_sent_only_when_proved_absent(desk: Desk) -> None:
    executed, never = desk.order(), desk.order()
    assert hold_restored(GATEWAY, reason="restored", actor=SYSTEM, moment=desk.moment) == 2
    assert audited("command", never.id)[-1] == "subscription.command.unknown"
    desk.wait(2)
    assert desk.read(executed, created()) is True
    assert desk.read(never, NotFound()) is False
    desk.wait(LATENESS)
    assert desk.read(never, NotFound()) is True
    assert state_of(never) == CommandState.QUEUED
    assert desk.claim(never) is None
    GatewayHold.delete().execute()
    assert desk.claim(never).request.reference == never.reference


def test_what_is_on_its_way_stays_as_it_is(desk: Desk) -> None:
    subscription = desk.live()
    command = desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    claim = desk.claim(command)
    assert hold_restored(GATEWAY, reason="restored", actor=SYSTEM, moment=desk.moment) == 0
    assert desk.answer(claim, Confirmed()) is True
    assert again(subscription).quantity == 8


def test_a_reading_from_before_the_backup_proves_nothing_after_it(desk: Desk) -> None:
    """The second attempt, of which the backup knows nothing, may have been sent a moment before it was restored."""
    command = desk.send(desk.order(), Unknown("The answer was lost"))
    desk.wait(31)
    assert desk.read(command, NotFound()) is False
    desk.wait(LATENESS)
    hold_restored(GATEWAY, reason="restored", actor=SYSTEM, moment=desk.moment)
    assert desk.read(command, NotFound()) is False
    desk.wait(2)
    assert desk.read(command, NotFound()) is False
    desk.wait(LATENESS)
    assert desk.read(command, NotFound()) is True
