"""huey without results."""
import os

from huey import RedisHuey

import counter

huey = RedisHuey("peer", url="unix://" + os.environ["BENCH_REDIS_SOCKET"], results=False)


@huey.task()
def noop(id):
    counter.count()


def enqueue(jobs):
    for number in range(jobs):
        noop(f"01a1fe45-0000-7000-8000-{number:012d}")
