"""The clock process: once a second it wakes what is due, takes back dead leases and seals the audit trail.

Everything it does is found in the tables, so that losing the queue, or this process, only delays.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from config import Config
from database import db
from jobs.dispatch import wake, wake_settling
from operations.seal_audit import seal_audit
from operations.settle_command import expire_leases
from queries.due_commands import commands_to_send, commands_to_settle

TICK_SECONDS = 1.0
_BATCH = 200
# A command that was just queued is woken by the screen that queued it.
_GRACE = timedelta(seconds=3)
_WAKE_AGAIN_AFTER = timedelta(seconds=20)
_log = logging.getLogger("seatdesk.timer")


class Timer:
    """One clock process. woken remembers what it woke lately, so that a slow worker is not flooded."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._woken: dict[tuple[str, int], datetime] = {}

    def tick(self) -> None:
        """One round."""
        moment = self.config.clock.moment(self.config.zone)
        with db.connection_context():
            expire_leases(moment=moment)
            now = moment.real_now
            self._wake("send", commands_to_send(due_before=now - _GRACE, limit=_BATCH), now=now, by=wake)
            self._wake("settle", commands_to_settle(due_before=now, limit=_BATCH), now=now, by=wake_settling)
            seal_audit()

    def _wake(self, purpose: str, ids: list[int], *, now: datetime, by: Callable[..., bool]) -> None:
        self._woken = {key: at for key, at in self._woken.items() if now - at < _WAKE_AGAIN_AFTER}
        for command_id in ids:
            if (purpose, command_id) in self._woken:
                continue
            if not by(command_id, redis_url=self.config.redis_url):
                return
            self._woken[purpose, command_id] = now

    def run(self, stop: threading.Event) -> None:
        """Tick until stopped; a round that fails is logged and the next one tries again."""
        while not stop.wait(TICK_SECONDS):
            try:
                self.tick()
            except Exception:  # noqa: BLE001 - the database may be restarting: the clock must outlive it
                _log.exception("a round of the clock failed")
