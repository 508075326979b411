"""A Celery task an event, as usual shops post webhooks: signed, over a connection that is kept.

It does less than Sevk: nothing is read from a database or written down there, no order of events is kept, and whether
the address may be posted to is not looked at.
"""
import base64
import hashlib
import hmac
import os
import threading
import time

import psycopg
import requests
from celery.signals import worker_process_init, worker_ready

import celery_peer
import counter

app = celery_peer.app
SECRET = os.urandom(32)
TIMEOUT_SECONDS = 15
TRIES = 5

_local = threading.local()


def http():
    if not hasattr(_local, "http"):
        _local.http = requests.Session()
        # Else each request looks for proxies in the environment and for a .netrc.
        _local.http.trust_env = False
    return _local.http


@app.task(name="post_event", autoretry_for=(requests.RequestException,), max_retries=TRIES, default_retry_delay=5)
def post_event(url, id, body):
    counter.wait()
    data = body.encode()
    now = int(time.time())
    mac = hmac.new(SECRET, f"{id}.{now}.".encode() + data, hashlib.sha256).digest()
    http().post(url, data=data, timeout=TIMEOUT_SECONDS, allow_redirects=False, headers={
        "Content-Type": "application/cloudevents+json", "User-Agent": "peer", "webhook-id": id,
        "webhook-timestamp": str(now), "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }).raise_for_status()


@worker_ready.connect
def ready(**_):
    counter.ready()


@worker_process_init.connect
def process_ready(**_):
    counter.ready()


if __name__ == "__main__":
    origin = os.environ["BENCH_RECEIVER"]
    with psycopg.connect(os.environ["BENCH_DATABASE_URL"]) as database, app.producer_pool.acquire(block=True) as producer:
        for endpoint, id, body in database.execute(
                "SELECT endpoint_id, event_id, body FROM deliveries ORDER BY position").fetchall():
            post_event.apply_async((f"{origin}/endpoint/{endpoint}", id, body), producer=producer)
