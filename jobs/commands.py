"""The jobs that talk to the vendor: one command, one open question, or everything that is due.

No RQ retry on any of them: a job that runs twice finds nothing to claim, and what was sent is never guessed.
"""

import signal

from jobs.dispatch import STOP_SIGNAL, wake_drain
from jobs.drain import Drain
from jobs.room import job_room
from jobs.sending import adopt, send, settle


def send_command(command_id: int) -> None:
    """Send one queued command and write down the outcome; does nothing for one that is taken, settled or not due."""
    with job_room() as room:
        send(room, command_id)


def settle_unknown(command_id: int) -> None:
    """Read the vendor about a command of unknown outcome and write down what was found."""
    with job_room() as room:
        settle(room, command_id)


def check_adoption(command_id: int) -> None:
    """Read at the vendor what a person stated about a parked command."""
    with job_room() as room:
        adopt(room, command_id)


def drain(seconds: int) -> None:
    """Send what is due for so many seconds, single clicks first, and wake another drain where something is left."""
    with job_room() as room:
        work = Drain(room, seconds=seconds)
        signal.signal(STOP_SIGNAL, lambda *_: work.stop())
        if work.work():
            wake_drain(redis_url=room.config.redis_url)
