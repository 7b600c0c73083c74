"""Many due commands in one job: some slots at once for half a minute, since a forked job per command costs more.

A slot is a call to the vendor. More threads than slots share them, so that claiming and writing down cost no slot any
time. One thread besides looks after single clicks and open questions, which do not wait for a batch.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from database import db
from jobs.room import Room
from jobs.sending import send, settle
from jobs.supply import Supply
from queries.due_work import is_anything_due, is_still_due

_THREADS_BESIDE_SLOTS = 3
_PAUSE_SECONDS = 0.25
# A thread that has its answer must not wait 5 ms for each of the others.
_SWITCH_SECONDS = 0.0005
_log = logging.getLogger("seatdesk.drain")


class Drain:
    """One draining job. Each thread has a database connection of its own."""

    def __init__(self, room: Room, *, seconds: float) -> None:
        self._room = room
        self._supply = Supply(lambda: room.moment().real_now, seconds=seconds)
        self._slots = threading.BoundedSemaphore(room.config.slots)

    def stop(self) -> None:
        """Begin with nothing more; what is being sent finishes."""
        self._supply.close()

    def work(self) -> bool:
        """Send what is due until time is up or nothing is left; gives whether another drain could go on at once."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        senders = [
            threading.Thread(target=self._connected, args=(self._send_all,))
            for _ in range(self._room.config.slots + _THREADS_BESIDE_SLOTS)
        ]
        attendant = threading.Thread(target=self._connected, args=(self._attend, senders))
        for thread in (*senders, attendant):
            thread.start()
        for thread in (*senders, attendant):
            thread.join()
        return not self._supply.is_closed and is_anything_due(now=self._room.moment().real_now)

    def _connected(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            with db.connection_context():
                work(*arguments)
        except Exception:  # noqa: BLE001 - the rows are in the table: leases expire and the clock wakes the rest
            _log.exception("a thread of a drain failed")

    def _send_all(self) -> None:
        while (command_id := self._supply.next()) is not None:
            self._send(command_id, slot=self._slots)

    def _attend(self, senders: list[threading.Thread]) -> None:
        """Single clicks and open questions, for as long as the senders are busy."""
        while any(thread.is_alive() for thread in senders):
            single = self._supply.next_single()
            if single is not None:
                self._send(single)
            question = self._supply.next_question()
            if question is not None:
                settle(self._room, question)
            if single is None and question is None:
                time.sleep(_PAUSE_SECONDS)

    def _send(self, command_id: int, *, slot: AbstractContextManager[object] | None = None) -> None:
        is_sent = send(self._room, command_id, slot=slot)
        if not is_sent and is_still_due(command_id, now=self._room.moment().real_now):
            # Held, or the vendor is down: every other command would be refused alike.
            self._supply.close()
