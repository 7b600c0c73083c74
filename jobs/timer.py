"""The clock process: once a second it wakes what is due, takes back dead leases and seals the audit trail.

Everything it does is found in the tables, so that losing the queue, or this process, only delays.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from config import Config
from database import db
from jobs.backup_watch import BackupWatch
from jobs.dispatch import waiting_jobs, wake, wake_adoption, wake_drain, wake_export, wake_settling, wake_sheet
from jobs.night import Night
from jobs.room import GATEWAY
from operations.ask_export import forget_exports
from operations.forget_selections import forget_selections
from operations.seal_audit import seal_audit
from operations.settle_command import expire_leases
from queries.due_commands import Due, adoptions_to_read, commands_to_send, commands_to_settle
from queries.export_files import waiting_exports
from queries.gateway_state import may_be_tried
from queries.uploads import waiting_uploads

TICK_SECONDS = 1.0
_BATCH = 200
# A command that was just queued is woken by the screen that queued it.
_GRACE = timedelta(seconds=3)
_WAKE_AGAIN_AFTER = timedelta(seconds=20)
# More than these are sent by one draining job: a forked job for each would cost more than the call.
_FEW = 5
_DRAIN_AGAIN_AFTER = timedelta(seconds=5)
_log = logging.getLogger("seatdesk.timer")


class Timer:
    """One clock process. It remembers what it woke lately, so that a slow worker is not flooded."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._woken: dict[Due, datetime] = {}
        self._drain_woken_at: datetime | None = None

    def tick(self) -> None:
        """One round."""
        moment = self.config.clock.moment(self.config.zone)
        with db.connection_context():
            expire_leases(moment=moment)
            now = moment.real_now
            if may_be_tried(GATEWAY, now=now):
                self._wake_senders(commands_to_send(now=now, grace=_GRACE, limit=_BATCH), now=now)
            self._wake(commands_to_settle(now=now, limit=_BATCH), now=now, by=wake_settling)
            self._wake(adoptions_to_read(now=now, limit=_BATCH), now=now, by=wake_adoption)
            self._wake(waiting_uploads(limit=_BATCH), now=now, by=wake_sheet)
            self._wake(waiting_exports(now=now, limit=_BATCH), now=now, by=wake_export)
            seal_audit()
            forget_selections(moment=moment)
            forget_exports(moment=moment)

    def _wake_senders(self, due: list[Due], *, now: datetime) -> None:
        if len(due) <= _FEW:
            self._wake(due, now=now, by=wake)
        elif self._drain_woken_at is None or now - self._drain_woken_at >= _DRAIN_AGAIN_AFTER:
            self._drain_woken_at = now
            wake_drain(redis_url=self.config.redis_url)

    def _wake(self, due: list[Due], *, now: datetime, by: Callable[..., bool]) -> None:
        """Wake each once per occasion and every twenty seconds, while the queue is reached and is not long already."""
        self._woken = {occasion: at for occasion, at in self._woken.items() if now - at < _WAKE_AGAIN_AFTER}
        asleep = [occasion for occasion in due if occasion not in self._woken]
        waiting = waiting_jobs(redis_url=self.config.redis_url) if asleep else None
        if waiting is None:
            return
        for occasion in asleep[: max(_BATCH - waiting, 0)]:
            if not by(occasion.command_id, redis_url=self.config.redis_url):
                return
            self._woken[occasion] = now

    def run(self, stop: threading.Event) -> None:
        """Tick until stopped; a round that fails is logged and the next one tries again."""
        backups, night = BackupWatch(self.config), Night(self.config)
        while not stop.wait(TICK_SECONDS):
            try:
                with db.connection_context():
                    # Before anything is woken: a restored database must send nothing.
                    backups.look(moment=self.config.clock.moment(self.config.zone))
                self.tick()
                with db.connection_context():
                    night.begin_when_due(moment=self.config.clock.moment(self.config.zone))
            except Exception:  # noqa: BLE001 - the database may be restarting: the clock must outlive it
                _log.exception("a round of the clock failed")
