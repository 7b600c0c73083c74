"""The queue: waking a job, and the worker that runs it. The only importer of rq.

A wake is a hint. The command row is the record: with the queue down or wiped, the clock process wakes it again.
"""

import logging
import signal
import uuid
from functools import lru_cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer

# What talks to the vendor, and what reads and writes files: a click must not wait for somebody's sheet. Each has a
# worker of its own in the Procfile.
QUEUE, FILES = "commands", "files"
QUEUES = (QUEUE, FILES)
SEND = "jobs.commands.send_command"
SETTLE = "jobs.commands.settle_unknown"
ADOPT = "jobs.commands.check_adoption"
DRAIN = "jobs.commands.drain"
SERVE_SHEET = "jobs.sheets.serve_sheet"
WRITE_EXPORT = "jobs.exports.write_export"
QUEUE_OF = {SEND: QUEUE, SETTLE: QUEUE, ADOPT: QUEUE, DRAIN: QUEUE, SERVE_SHEET: FILES, WRITE_EXPORT: FILES}
ALLOWED = frozenset(QUEUE_OF)
DRAIN_SECONDS = 30
_DRAIN_ID = "drain-"
# Asks a drain to begin with nothing more; ignored by every other job.
STOP_SIGNAL = signal.SIGUSR1
_JOB_SECONDS = 300
_FAILED_JOBS_STAY_SECONDS = 3600
_SOCKET_SECONDS = 1.0
_log = logging.getLogger("seatdesk.dispatch")


@lru_cache(maxsize=4)
def _impatient(redis_url: str) -> Redis:
    """A connection that fails at once: a click must not wait for a queue that is down."""
    return Redis.from_url(
        redis_url,
        socket_timeout=_SOCKET_SECONDS,
        socket_connect_timeout=_SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def wake(command_id: int, *, redis_url: str) -> bool:
    """Ask a worker to send the command soon. Gives False, quietly, when there is no queue or it cannot be reached."""
    return _enqueue(SEND, command_id, redis_url=redis_url)


def wake_settling(command_id: int, *, redis_url: str) -> bool:
    """Ask a worker to read the vendor about a command of unknown outcome."""
    return _enqueue(SETTLE, command_id, redis_url=redis_url)


def wake_adoption(command_id: int, *, redis_url: str) -> bool:
    """Ask a worker to read at the vendor what a person stated about that command."""
    return _enqueue(ADOPT, command_id, redis_url=redis_url)


def wake_sheet(upload_id: int, *, redis_url: str) -> bool:
    """Ask a worker to do what takes too long while somebody waits: read a large sheet, place many orders."""
    return _enqueue(SERVE_SHEET, upload_id, redis_url=redis_url)


def wake_export(export_id: int, *, redis_url: str) -> bool:
    """Ask a worker to write a list into the file that somebody asked for."""
    return _enqueue(WRITE_EXPORT, export_id, redis_url=redis_url)


def waiting_jobs(*, redis_url: str) -> int | None:
    """How many jobs wait in the longer queue; None when it cannot be reached."""
    try:
        return max(int(_queue(name, redis_url).count) for name in QUEUES)
    except (RedisError, ValueError) as error:
        _log_unreachable(error)
        return None


def wake_drain(*, redis_url: str) -> bool:
    """Ask a worker to send everything that is due; one such job waits at most. Gives False where none can be asked."""
    if not redis_url:
        return False
    try:
        if any(job_id.startswith(_DRAIN_ID) for job_id in _queue(QUEUE, redis_url).job_ids):
            return True
    except (RedisError, ValueError) as error:
        _log_unreachable(error)
        return False
    return _enqueue(DRAIN, DRAIN_SECONDS, redis_url=redis_url, job_id=f"{_DRAIN_ID}{uuid.uuid4()}")


def _enqueue(function: str, number: int, *, redis_url: str, job_id: str | None = None) -> bool:
    if not redis_url:
        return False
    try:
        _queue(QUEUE_OF[function], redis_url).enqueue(
            function,
            number,
            job_id=job_id,
            job_timeout=_JOB_SECONDS,
            result_ttl=0,
            failure_ttl=_FAILED_JOBS_STAY_SECONDS,
        )
    except (RedisError, ValueError) as error:
        _log_unreachable(error)
        return False
    return True


def _queue(name: str, redis_url: str) -> Queue:
    """The queue of that name; ValueError for an address that is none."""
    return Queue(name, connection=_impatient(redis_url), serializer=JSONSerializer)


def _log_unreachable(error: Exception) -> None:
    _log.warning("the queue cannot be reached: %s", type(error).__name__)


class GuardedWorker(Worker):
    """A worker that runs the functions of the allow-list with one whole number, and nothing else."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run the job if it belongs here; anything else is dropped before anything of it is looked up or called."""
        if _is_ours(job, queue.name):
            super().execute_job(job, queue)
            return
        _log.error("a job that is not ours was dropped")
        self.connection.lrem(queue.intermediate_queue_key, 1, job.id)
        job.delete()

    def handle_warm_shutdown_request(self) -> None:
        """A worker that is asked to end lets its job finish; a drain finishes what is being sent and no more."""
        if self.horse_pid:
            self.kill_horse(sig=STOP_SIGNAL)


def _is_ours(job: Job, queue: str) -> bool:
    """Whether it is what _enqueue makes: one id, and no callback, webhook or repetition, all of which RQ would obey."""
    try:
        is_known = isinstance(job.func_name, str) and QUEUE_OF.get(job.func_name) == queue and job.instance is None
        has_one_id = _is_one_id(job.args) and not job.kwargs
    except DeserializationError:
        return False
    callbacks = (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)  # noqa: SLF001
    extras = (*callbacks, job.webhooks, job.retries_left, job.repeats_left)
    return is_known and has_one_id and not any(extras)


def _is_one_id(args: Any) -> bool:
    return isinstance(args, list | tuple) and len(args) == 1 and type(args[0]) is int


def run_worker(redis_url: str, *, queue: str = QUEUE) -> None:
    """Serve a queue until SIGTERM; each job runs in a forked process, which opens the database itself.

    Raises SystemExit when the queue was lost: whoever started the worker starts it again.
    """
    signal.signal(STOP_SIGNAL, signal.SIG_IGN)
    worker = GuardedWorker(
        [queue],
        connection=Redis.from_url(redis_url),
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=15,
        job_monitoring_interval=5,
    )
    worker.work(logging_level="WARNING")
    if worker._shutdown_requested_date is None:  # noqa: SLF001 - RQ ends in the same way for a lost queue and a signal
        raise SystemExit("the worker lost its queue")
