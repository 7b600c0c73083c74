"""Notices that the database was restored from a backup: the end of the audit trail is kept outside it as well.

The instance folder holds the last seal that was seen. A database in whose trail that seal does not stand has lost what
came after it, and with it what was sent to the vendor; a folder without the mark cannot tell, and that counts alike.
Where the folder itself was restored, nobody can notice: `flask hold --restored` says it by hand.
"""

import json
import logging
import os
from pathlib import Path

from access import SYSTEM
from config import Config
from jobs.room import GATEWAY
from licensing.moment import Moment
from operations.restored_backup import hold_restored
from queries.audit_chain import ChainMark, chain_end, goes_on_from

FILE_NAME = "audit-mark.json"
_log = logging.getLogger("seatdesk.backups")


class BackupWatch:
    """Asked by the clock process in each round, before anything is woken, and by a worker when it starts."""

    def __init__(self, config: Config) -> None:
        self._path = config.instance / FILE_NAME
        self._written: ChainMark | None = None

    def look(self, *, moment: Moment, is_worker: bool = False) -> None:
        """Hold the gateway where the database is not the one that was last seen here, then remember this one.

        A worker may run where no clock process has left its mark: there a missing one says nothing.
        """
        end, mark = chain_end(), self._read()
        if is_worker and mark is None:
            return
        is_new_book = mark is None and end.sealed == 0
        if not is_new_book and (mark is None or not goes_on_from(mark)):
            self._hold(mark, moment=moment)
            end = chain_end()
        if not is_worker:
            self._write(end)

    def _hold(self, mark: ChainMark | None, *, moment: Moment) -> None:
        reason = (
            "The database is an earlier one than this installation has seen: it was restored from a backup"
            if mark is not None
            else "This installation has never seen the database before: it may have been restored from a backup"
        )
        doubted = hold_restored(GATEWAY, reason=reason, actor=SYSTEM, moment=moment)
        _log.error("%s. Sending is on hold; %d commands are of unknown outcome", reason, doubted)

    def _read(self) -> ChainMark | None:
        if self._written is not None:
            return self._written
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return ChainMark(sealed=int(kept["sealed"]), seal=str(kept["seal"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, mark: ChainMark) -> None:
        """Replace the file at once or not at all: half a mark would be a false alarm."""
        if mark == self._written:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"sealed": mark.sealed, "seal": mark.seal}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self._written = mark


def forget_mark(instance: Path) -> None:
    """A new book begins here, and no earlier one is missed."""
    (instance / FILE_NAME).unlink(missing_ok=True)
