"""The nightly reconciliation: begun by the clock process in a thread of its own, so that the clock goes on ticking."""

import logging
import threading
from datetime import datetime, time, timedelta

from config import Config
from database import db
from jobs.reconcile import reconcile
from jobs.room import room_of
from licensing.moment import Moment
from operations.reconcile import ReconciliationRuns
from queries.reconciliations import newest_run

BEGINS, ENDS = time(2), time(5)
_TRIED_AGAIN_AFTER = timedelta(minutes=30)
_log = logging.getLogger("seatdesk.night")


class Night:
    """At most one reconciliation of this process at a time; the tables know of those of others."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._thread: threading.Thread | None = None

    def begin_when_due(self, *, moment: Moment) -> bool:
        """Begin tonight's run unless it was begun; one that failed is tried again. Gives whether it was begun now."""
        is_busy = self._thread is not None and self._thread.is_alive()
        if is_busy or not is_due(moment=moment):
            return False
        self._thread = threading.Thread(target=self._reconcile, name="reconciliation", daemon=True)
        self._thread.start()
        return True

    def wait(self) -> None:
        """Until the run that was begun has ended."""
        if self._thread is not None:
            self._thread.join()

    def _reconcile(self) -> None:
        try:
            with db.connection_context():
                run = reconcile(room_of(self._config))
            _log.info("the nightly reconciliation %s with %d open differences", run.state, run.open_cases)
        except ReconciliationRuns:
            _log.info("another reconciliation is running")
        except Exception:  # noqa: BLE001 - the clock process must outlive it
            _log.exception("the nightly reconciliation failed")


def is_due(*, moment: Moment) -> bool:
    """Whether it is night by the business clock in the distributor's zone, and tonight's run is missing."""
    here = moment.now.astimezone(moment.zone)
    if not BEGINS <= here.time() < ENDS:
        return False
    begins = datetime.combine(here.date(), BEGINS, tzinfo=moment.zone)
    newest = newest_run()
    if newest is None or newest.started_at < begins:
        return True
    return newest.state == "failed" and moment.now - newest.started_at >= _TRIED_AGAIN_AFTER
