"""Dramatiq with its default middleware."""
import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker

import counter

dramatiq.set_broker(RedisBroker(url="unix://" + os.environ["BENCH_REDIS_SOCKET"]))


@dramatiq.actor
def noop(id):
    counter.count()


def enqueue(jobs):
    for number in range(jobs):
        noop.send(f"01a1fe45-0000-7000-8000-{number:012d}")
