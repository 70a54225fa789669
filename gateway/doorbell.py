"""Ringing the workers. What is due stands in PostgreSQL; a bell that is not heard is rung again by the clock."""

from __future__ import annotations

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

log = structlog.get_logger()

# What each bell runs. Named by string: the gateway never imports the workers; a test resolves every name.
JOBS = {
    "texts": ("post", "workers.jobs.answer_texts"),
    "settle": ("post", "workers.jobs.settle_requests"),
    "send": ("send", "workers.jobs.send_texts"),
}
JOB_SECONDS = 120
KEPT_SECONDS = 60
FAILURE_KEPT_SECONDS = 3600
WAITING_MAX = 1_000  # bells in one queue; more would say nothing new


class Doorbell:
    """Rings jobs by name; integers are the only arguments that ever go into a queue."""

    def __init__(self, client: redis.Redis):
        self._client = client
        self._queues = {name: Queue(name, connection=client, serializer=JSONSerializer) for name in ("post", "send")}

    def ring(self, bell: str, *numbers: int) -> bool:
        """Ask a worker to look. False when Redis is away: nothing is lost, the clock rings later."""
        queue, job = JOBS[bell]
        try:
            if self._client.llen(self._queues[queue].key) < WAITING_MAX:
                self._queues[queue].enqueue(
                    job, *numbers, job_timeout=JOB_SECONDS, result_ttl=KEPT_SECONDS, failure_ttl=FAILURE_KEPT_SECONDS, ttl=FAILURE_KEPT_SECONDS
                )
        except redis.RedisError as error:
            log.warning("bell not rung", bell=bell, error=type(error).__name__)
            return False
        return True
