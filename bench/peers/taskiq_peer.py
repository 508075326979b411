"""taskiq on a Redis list, which is faster than its stream and, unlike that, acknowledges nothing."""
import asyncio
import os

from taskiq_redis import ListQueueBroker

import counter

broker = ListQueueBroker("unix://" + os.environ["BENCH_REDIS_SOCKET"], socket_timeout=None)


@broker.task
async def noop(id: str) -> None:
    counter.count()


async def send(jobs):
    await broker.startup()
    lanes = 64
    names = iter(range(jobs))

    async def lane():
        for number in names:
            await noop.kiq(f"01a1fe45-0000-7000-8000-{number:012d}")

    await asyncio.gather(*(lane() for _ in range(lanes)))


def enqueue(jobs):
    asyncio.run(send(jobs))
