"""Compares usable licences with what the vendor has: read one by one, or from the vendor's list. Sends no command."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from jobs.room import Room
from jobs.vendor_file import ListedLicence
from jobs.vendor_reading import read_licence
from licensing.commands import NotFound, Unreadable
from licensing.states import DriftKind
from licensing.vendor_licence import Drift, VendorLicence, drifts
from operations.reconcile import (
    Compared,
    Stranger,
    begin_reconciliation,
    fail_reconciliation,
    finish_reconciliation,
    note_compared,
    note_strangers,
)
from queries.reconciliations import KeptLicence, Run, changed_lately, still_as_read, unknown_here, usable_licences

Reading = VendorLicence | NotFound | Unreadable
_CHUNK = 100
_READERS = 4
# So many in a row that nobody answers for: the vendor is down, and a list of doubts would help nobody.
_DOWN = 10


class _CannotRead(Exception):
    """The vendor shows nothing at all; the message says why."""


def reconcile(room: Room) -> Run:
    """Read every usable licence at the vendor and write down the differences. Raises ReconciliationRuns."""
    run = begin_reconciliation(source="vendor", moment=room.moment())
    with ThreadPoolExecutor(_READERS) as readers:

        def read(chunk: Sequence[KeptLicence]) -> list[Reading]:
            return list(readers.map(lambda kept: read_licence(room.gateway, kept.vendor_id), chunk))

        return _carried_out(room, run, lambda: _compare_all(room, run, read=read))


def reconcile_with_file(room: Room, listed: Mapping[str, ListedLicence]) -> Run:
    """The same by the vendor's list, which also shows what we do not have. Raises ReconciliationRuns."""
    run = begin_reconciliation(source="file", moment=room.moment())

    def read(chunk: Sequence[KeptLicence]) -> list[Reading]:
        found = (listed.get(kept.vendor_id) for kept in chunk)
        return [NotFound() if entry is None else entry.licence for entry in found]

    def compare() -> None:
        _compare_all(room, run, read=read)
        _note_strangers(room, run, listed)

    return _carried_out(room, run, compare)


def _carried_out(room: Room, run: Run, work: Callable[[], None]) -> Run:
    """The run, finished; one that breaks off is failed at once, so that the next need not wait for its lease."""
    try:
        work()
    except _CannotRead as reason:
        return fail_reconciliation(run, reason=str(reason), moment=room.moment())
    except BaseException:
        fail_reconciliation(run, reason="It stopped before its end.", moment=room.moment())
        raise
    return finish_reconciliation(run, moment=room.moment())


def _compare_all(room: Room, run: Run, *, read: Callable[[Sequence[KeptLicence]], list[Reading]]) -> None:
    for chunk in _chunks(room):
        _compare(room, run, chunk, read=read)


def _note_strangers(room: Room, run: Run, listed: Mapping[str, ListedLicence]) -> None:
    ids = list(listed)
    for start in range(0, len(ids), _CHUNK):
        some = sorted(unknown_here(ids[start : start + _CHUNK]))
        note_strangers(run, [_stranger(listed[vendor_id]) for vendor_id in some], moment=room.moment())


def _chunks(room: Room) -> Iterator[list[KeptLicence]]:
    after_pk = 0
    while chunk := usable_licences(after_pk=after_pk, limit=_CHUNK, moment=room.moment()):
        yield chunk
        after_pk = chunk[-1].pk


def _compare(
    room: Room,
    run: Run,
    chunk: Sequence[KeptLicence],
    *,
    read: Callable[[Sequence[KeptLicence]], list[Reading]],
) -> None:
    readings = read(chunk)
    _require_a_vendor(readings)
    found = {kept.pk: _drifts(kept, reading, room) for kept, reading in zip(chunk, readings, strict=True)}
    # A single odd answer is no difference yet.
    doubtful = [kept for kept in chunk if found[kept.pk] != ()]
    found |= {kept.pk: _drifts(kept, reading, room) for kept, reading in zip(doubtful, read(doubtful), strict=True)}
    different = [pk for pk, drifting in found.items() if drifting]
    steady = still_as_read(chunk) - changed_lately(different, moment=room.moment())
    pairs = [(kept, found[kept.pk]) for kept in chunk if kept.pk in steady]
    note_compared(
        run,
        [Compared(kept, drifting) for kept, drifting in pairs if drifting is not None],
        left_out=len(chunk) - len(steady),
        unreadable=sum(drifting is None for _kept, drifting in pairs),
        moment=room.moment(),
    )


def _require_a_vendor(readings: Sequence[Reading]) -> None:
    silent = [reading for reading in readings if isinstance(reading, Unreadable)]
    if not silent or len(silent) < len(readings):
        return
    if all(reading.is_permanent for reading in silent):
        raise _CannotRead(f"{silent[0].reason} Compare with the vendor's list: flask reconcile --file")
    if len(silent) >= _DOWN:
        raise _CannotRead(f"The vendor cannot be read: {silent[0].reason}")


def _drifts(kept: KeptLicence, reading: Reading, room: Room) -> tuple[Drift, ...] | None:
    """The differences; None where the vendor did not show the licence."""
    match reading:
        case Unreadable():
            return None
        case NotFound():
            return (Drift(DriftKind.MISSING_THERE, None, None),)
        case VendorLicence():
            return drifts(kept.licence, kept.details, reading, moment=room.moment())


def _stranger(listed: ListedLicence) -> Stranger:
    licence = listed.licence
    shown = {
        "company_name": listed.company_name,
        "quantity": str(licence.quantity),
        "expires_on": "" if licence.expires_on is None else licence.expires_on.isoformat(),
        "cancelled_on": "" if licence.cancelled_on is None else licence.cancelled_on.isoformat(),
        "status": licence.status,
    }
    there = {name: value for name, value in shown.items() if value}
    return Stranger(listed.subscription_id, there, vendor_pin=listed.vendor_pin)
