"""The queue: waking a job, and the worker that runs it. The only importer of rq.

A wake is a hint. The command row is the record: with the queue down or wiped, the clock process wakes it again.
"""

import logging
from functools import lru_cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

# One queue for everything that talks to the vendor; the Procfile's worker serves it.
QUEUE = "commands"
SEND = "jobs.commands.send_command"
SETTLE = "jobs.commands.settle_unknown"
ALLOWED = frozenset({SEND, SETTLE})
_JOB_SECONDS = 300
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


def _enqueue(function: str, command_id: int, *, redis_url: str) -> bool:
    if not redis_url:
        return False
    try:
        queue = Queue(QUEUE, connection=_impatient(redis_url), serializer=JSONSerializer)
        queue.enqueue(function, command_id, job_timeout=_JOB_SECONDS, result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        _log.warning("the queue cannot be reached: %s", type(error).__name__)
        return False
    return True


class GuardedWorker(Worker):
    """A worker that runs the functions of the allow-list with one whole number, and nothing else."""

    def perform_job(self, job: Job, queue: Queue) -> bool:
        """Run the job if it is one of ours; anything else is dropped unread."""
        if job.func_name in ALLOWED and _is_one_id(job.args) and not job.kwargs:
            return bool(super().perform_job(job, queue))
        _log.error("a job that is not ours was dropped")
        job.delete()
        return False


def _is_one_id(args: Any) -> bool:
    return len(args) == 1 and type(args[0]) is int


def run_worker(redis_url: str, *, burst: bool = False) -> None:
    """Serve the queue until SIGTERM; each job runs in a forked process, which opens the database itself."""
    worker = GuardedWorker(
        [QUEUE],
        connection=Redis.from_url(redis_url),
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=15,
        job_monitoring_interval=5,
    )
    worker.work(burst=burst, logging_level="WARNING")
