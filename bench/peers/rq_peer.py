"""RQ with SimpleWorker, which runs jobs in its own process instead of forking for each."""
import os

from redis import Redis
from rq import Queue, SimpleWorker

import counter

redis = Redis(unix_socket_path=os.environ["BENCH_REDIS_SOCKET"])
queue = Queue("peer", connection=redis)
BATCH = 1000


def noop(id):
    counter.count()


def enqueue(jobs):
    for start in range(0, jobs, BATCH):
        queue.enqueue_many(
            [
                Queue.prepare_data("rq_peer.noop", (f"01a1fe45-0000-7000-8000-{number:012d}",), result_ttl=0)
                for number in range(start, min(start + BATCH, jobs))
            ]
        )


def work():
    SimpleWorker([queue], connection=redis).work(logging_level="ERROR")


if __name__ == "__main__":
    work()
