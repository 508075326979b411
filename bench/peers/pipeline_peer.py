"""A Celery pipeline that does the work of an order as usual shops do it, with connections kept.

SELECT, reference, send over HTTP, UPDATE; a second later: query over HTTP, UPDATE, event. It does less than Sevk: no
intent is committed before the send, no exchange is kept, the PIN is not encrypted, the order does not come over HTTP.
"""
import os
import random
import threading

import psycopg
import redis
import requests
from celery.signals import worker_ready

import celery_peer
import counter

app = celery_peer.app
PANEL = "http://" + os.environ["BENCH_PANEL"] + "/servis/"
LOGIN = {"kod": os.environ["BENCH_KOD"], "sifre": os.environ["BENCH_SIFRE"]}
CHECK_DELAY_SECONDS = 1
CHECK_AGAIN_SECONDS = 1

_local = threading.local()
events = redis.Redis(unix_socket_path=os.environ["BENCH_REDIS_SOCKET"])


def database():
    if not hasattr(_local, "database"):
        _local.database = psycopg.connect(os.environ["BENCH_DATABASE_URL"], autocommit=True)
    return _local.database


def http():
    if not hasattr(_local, "http"):
        _local.http = requests.Session()
    return _local.http


@app.task(name="send_order")
def send_order(id):
    player, phone = database().execute(
        "SELECT player, phone FROM pipeline_orders WHERE id = %s", (id,)).fetchone()
    reference = str(random.randrange(10**14, 10**15))
    reply = http().get(PANEL + "pin_ekle.php", timeout=20, params=LOGIN | {
        "oyun": "1", "kupur": "60", "oyuncu_bilgi": player, "musteri_tel": phone, "referans": reference})
    status = "sent" if reply.text.startswith("OK|") else "failed"
    database().execute(
        "UPDATE pipeline_orders SET status = %s, reference = %s, updated_at = now() WHERE id = %s",
        (status, reference, id))
    if status == "sent":
        check_order.apply_async((id, reference), countdown=CHECK_DELAY_SECONDS)


@app.task(name="check_order")
def check_order(id, reference):
    reply = http().get(PANEL + "pin_kontrol.php", timeout=20, params=LOGIN | {"tahsilat_api_islem_id": reference})
    parts = reply.text.split("|")
    if parts[0] != "OK" or parts[1] == "1":
        check_order.apply_async((id, reference), countdown=CHECK_AGAIN_SECONDS)
        return
    status = "completed" if parts[1] == "2" else "failed"
    database().execute(
        "UPDATE pipeline_orders SET status = %s, pin = %s, updated_at = now() WHERE id = %s", (status, parts[2], id))
    events.xadd("pipeline:events", {"order": id, "status": status})


@worker_ready.connect
def ready(**_):
    counter.ready()


def enqueue(orders):
    run = os.environ["BENCH_ROUND"]
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(orders):
            id = f"01a1fe45-0000-7000-8000-{number:012d}"
            database().execute(
                "INSERT INTO pipeline_orders (id, status, player, phone) VALUES (%s, 'pending', %s, %s)",
                (id, f"p{run}-{number}", "905551234567"))
            send_order.apply_async((id,), producer=producer)
