"""Celery with what makes it fast: no results, no events, no gossip, msgpack off, many messages at once."""
import os

from celery import Celery

import counter

app = Celery("peer", broker="redis+socket://" + os.environ["BENCH_REDIS_SOCKET"])
app.conf.update(
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_prefetch_multiplier=int(os.environ.get("BENCH_PREFETCH", "64")),
    worker_send_task_events=False,
    task_send_sent_event=False,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task
def noop(id):
    counter.count()


def enqueue(jobs):
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(jobs):
            noop.apply_async((f"01a1fe45-0000-7000-8000-{number:012d}",), producer=producer)
