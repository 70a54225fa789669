"""`python -m workers.run post` or `... send`: an RQ worker on one queue.

One queue each: a worker that listens to two and dies between taking a job and starting it loses the job. `SimpleWorker`, because a fork for
each job would cost more than the job and could keep no database connection; a stuck job is ended by its time limit all the same.
"""

from __future__ import annotations

import sys

import redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from config import settings
from gateway.logs import set_up_logs

MAINTENANCE_SECONDS = 15
QUEUES = ("post", "send")


def main(name: str) -> None:
    """Work until told to stop."""
    if name not in QUEUES:
        raise SystemExit(f"queues are {' and '.join(QUEUES)}")
    here = settings()
    set_up_logs(here)
    connection = redis.Redis.from_url(here.redis_dsn, socket_connect_timeout=5, health_check_interval=30)
    queue = Queue(name, connection=connection, serializer=JSONSerializer)
    worker = SimpleWorker(
        [queue], connection=connection, serializer=JSONSerializer, maintenance_interval=MAINTENANCE_SECONDS, log_job_description=False
    )
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
