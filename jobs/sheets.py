"""The job that reads a large sheet. Run twice, or after it was killed, it reads the sheet once and sends nothing."""

from jobs.room import job_config
from operations.take_sheet import read_waiting


def read_sheet(upload_id: int) -> None:
    """Read a waiting sheet; does nothing for one that is read, refused or forgotten."""
    with job_config() as config:
        read_waiting(upload_id, moment=config.clock.moment(config.zone))
