"""The job of a sheet that waits: large ones are read, many orders placed. It sends nothing to the vendor itself.

Run twice, or after it was killed, it reads the sheet once and places each order once.
"""

from jobs.dispatch import wake_drain
from jobs.room import job_config
from operations.waiting_sheets import serve_waiting


def serve_sheet(upload_id: int) -> None:
    """Do what the sheet waits for, and wake a drain for what was ordered; nothing for one that waits no more."""
    with job_config() as config:
        if serve_waiting(upload_id, moment=config.clock.moment(config.zone)):
            wake_drain(redis_url=config.redis_url)
