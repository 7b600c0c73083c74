"""What is put into the queue is a hint: it is never repeated by the queue itself."""

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from jobs.dispatch import QUEUE, wake, wake_drain, wake_settling

pytestmark = pytest.mark.valkey


def test_the_queue_repeats_no_job_that_calls_the_vendor(empty_valkey_url: str, valkey_server) -> None:
    assert wake(7, redis_url=empty_valkey_url)
    assert wake_settling(7, redis_url=empty_valkey_url)
    assert wake_drain(redis_url=empty_valkey_url)
    with valkey_server.connect() as connection:
        jobs = Queue(QUEUE, connection=connection, serializer=JSONSerializer).jobs
        assert [(job.retries_left, job.repeats_left) for job in jobs] == [(None, None)] * 3
