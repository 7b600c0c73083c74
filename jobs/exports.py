"""The job that writes a list into a file. Killed, it is begun again by the clock; run twice, one of them does nothing.

What a list holds, and in which words, the screens know, which lie above: the application registers its source here.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from clock import real_now
from exports.columns import Batch, Sheet
from exports.xlsx import TooManyRows, write_xlsx
from jobs.room import job_config
from licensing.wording import Sentence, translatable
from operations.write_export import (
    ExportClaim,
    ExportLost,
    ExportRefused,
    claim_export,
    fail_export,
    finish_export,
    keep_part,
    note_progress,
)

PART_BYTES = 512 * 1024
_TOLD_EVERY = 0.5  # seconds
_TOO_LARGE = translatable("A sheet holds 1,048,575 rows and the list has more. Narrow it by a filter, or take the CSV.")


Source = Callable[[ExportClaim], AbstractContextManager[Sheet]]
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Say what turns a claim into the rows of its list, in the right of its owner; the last one counts."""
    _sources[:] = [source]


def write_export(export_id: int) -> None:
    """Write a waiting file; does nothing for one that another job holds, or that is written, failed or forgotten."""
    with job_config():
        claim = claim_export(export_id, real_now=real_now())
        if claim is not None:
            write_claimed(claim)


def write_claimed(claim: ExportClaim) -> None:
    """Write the file that was claimed; what keeps it from being written is noted for its owner."""
    (source_of,) = _sources
    try:
        # By its path: what is written to an open file the writer holds in memory until the end.
        with NamedTemporaryFile(suffix=".xlsx") as file:
            with source_of(claim) as sheet:
                progress = _Progress(claim, rows=sheet.rows)
                write_xlsx(file.name, title=sheet.title, columns=sheet.columns, batches=progress.told(sheet.batches))
            size = _keep(Path(file.name), claim)
        finish_export(claim, rows=progress.written, size=size)
    except ExportRefused as refused:
        fail_export(claim, refused.reason)
    except TooManyRows:
        fail_export(claim, Sentence(_TOO_LARGE))
    except ExportLost:
        return


def _keep(path: Path, claim: ExportClaim) -> int:
    """Store the file in pieces; gives its size in bytes."""
    number = 0
    with path.open("rb") as file:
        while content := file.read(PART_BYTES):
            keep_part(claim, number, content, real_now=real_now())
            number += 1
        return file.tell()


@dataclass(slots=True)
class _Progress:
    """Counts the rows that pass, and tells of them now and then."""

    claim: ExportClaim
    rows: int
    written: int = 0
    _told_at: float = 0.0

    def told(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The same batches."""
        self._tell()
        for batch in batches:
            yield batch
            self.written += len(batch[0])
            if time.monotonic() - self._told_at >= _TOLD_EVERY:
                self._tell()

    def _tell(self) -> None:
        note_progress(self.claim, self.written, rows=self.rows, real_now=real_now())
        self._told_at = time.monotonic()
