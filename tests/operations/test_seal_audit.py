"""The hash chain over the audit trail: what is changed, deleted or swapped afterwards is found."""

from functools import partial

import pytest

from access import SYSTEM
from database import db
from models import AuditEntry, AuditHead
from operations.audit import AuditAction, record
from operations.seal_audit import AuditVerdict, seal_audit, verify_audit
from tests.desk import at_once
from tests.small_book import NOW, add_reseller


def write(count: int, *, first: int = 1) -> None:
    for number in range(first, first + count):
        record(
            AuditAction.CUSTOMER_CHANGED,
            actor=SYSTEM,
            now=NOW,
            subject="customer",
            subject_id=number,
            details={"city": ["Niš", "Čačak"], "number": number},
        )


def sealed(place: int) -> AuditEntry:
    return AuditEntry.get(AuditEntry.sealed_as == place)


@pytest.fixture
def chain(rolled_back: str) -> None:
    write(6)
    seal_audit()


def test_new_entries_are_unsealed_until_the_clock_seals_them(rolled_back: str) -> None:
    write(3)
    assert verify_audit() == AuditVerdict(sealed=0, unsealed=3, broken_at=None)
    assert seal_audit() == 3
    assert verify_audit() == AuditVerdict(sealed=3, unsealed=0, broken_at=None)
    assert seal_audit() == 0


def test_the_chain_goes_on_where_it_stopped(chain: None) -> None:
    write(2, first=7)
    assert seal_audit() == 2
    assert verify_audit() == AuditVerdict(sealed=8, unsealed=0, broken_at=None)


def test_an_entry_that_was_committed_late_is_sealed_in_its_turn(chain: None) -> None:
    """Transactions commit in any order: an id below those that are sealed already is nothing wrong."""
    lowest = AuditEntry.select().order_by(AuditEntry.id).first().id
    AuditEntry.create(id=lowest - 1, at=NOW, action="demo.loaded", actor_name="Seatdesk", subject="book")
    assert seal_audit() == 1
    assert sealed(7).id == lowest - 1
    assert verify_audit() == AuditVerdict(sealed=7, unsealed=0, broken_at=None)


@pytest.mark.parametrize(
    "change",
    [
        {"actor_name": "Nobody"},
        {"action": AuditAction.CUSTOMER_DELETED},
        {"details": {"city": ["Niš", "Kragujevac"], "number": 3}},
        {"details": None},
        {"subject": "user"},
        {"subject_id": 4},
        {"at": NOW.replace(microsecond=1)},
        {"seal": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_is_found_where_it_stands(chain: None, change: dict) -> None:
    AuditEntry.update(change).where(AuditEntry.sealed_as == 3).execute()
    assert verify_audit().broken_at == 3


def test_an_entry_given_to_another_reseller_is_found(chain: None) -> None:
    AuditEntry.update(reseller=add_reseller()).where(AuditEntry.sealed_as == 3).execute()
    assert verify_audit().broken_at == 3


@pytest.mark.parametrize("place", [1, 3, 6])
def test_a_deleted_entry_is_found(chain: None, place: int) -> None:
    AuditEntry.delete().where(AuditEntry.sealed_as == place).execute()
    assert verify_audit().broken_at == place


def test_all_entries_deleted_is_found(chain: None) -> None:
    AuditEntry.delete().execute()
    assert verify_audit().broken_at == 1


def test_a_deleted_last_entry_is_found_though_new_ones_followed(chain: None) -> None:
    AuditEntry.delete().where(AuditEntry.sealed_as == 6).execute()
    write(2, first=7)
    seal_audit()
    assert verify_audit().broken_at == 6


def test_swapped_entries_are_found(chain: None) -> None:
    one, two = sealed(2), sealed(4)
    places = {one.id: (two.seal, 4), two.id: (one.seal, 2)}
    AuditEntry.update(seal=None, sealed_as=None).where(AuditEntry.id.in_(list(places))).execute()
    for entry_id, (seal, place) in places.items():
        AuditEntry.update(seal=seal, sealed_as=place).where(AuditEntry.id == entry_id).execute()
    assert verify_audit().broken_at == 2


def test_an_entry_added_at_the_end_by_hand_is_found(chain: None) -> None:
    write(1, first=7)
    seal_audit()
    AuditHead.update(sealed=6, seal=sealed(6).seal).execute()
    assert verify_audit().broken_at == 7


def test_a_changed_head_is_found(chain: None) -> None:
    AuditHead.update(seal="f" * 64).execute()
    assert verify_audit().broken_at == 6


def test_an_entry_pushed_in_between_is_found(chain: None) -> None:
    for place in (6, 5, 4):
        AuditEntry.update(sealed_as=place + 1).where(AuditEntry.sealed_as == place).execute()
    write(1, first=7)
    AuditEntry.update(seal="f" * 64, sealed_as=4).where(AuditEntry.seal.is_null()).execute()
    assert verify_audit().broken_at == 4


def test_two_clocks_at_once_make_one_chain(database: str) -> None:
    write(200)

    def write_and_seal(first: int) -> int:
        with db.atomic():
            write(20, first=first)
        return seal_audit()

    counts = at_once(*(partial(write_and_seal, first) for first in (201, 301, 401)))
    assert sum(counts) + seal_audit() == 260
    assert verify_audit() == AuditVerdict(sealed=260, unsealed=0, broken_at=None)
