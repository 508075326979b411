"""Counts what this process did, in a file mapped into memory: no command and no system call for a job.

One slot of three 64-bit numbers for each thread: how many, and when the first began and the last ended, in nanoseconds
of CLOCK_MONOTONIC. Sources/Bench/Counter.swift is the same in Swift.
"""
import mmap
import os
import struct
import threading
import time

SLOT = struct.Struct("<QQQ")
SLOTS_MAX = 64

_lock = threading.Lock()
_local = threading.local()
_state = {"pid": 0}


def ready():
    """Makes this process's file, once: it stands at the gate."""
    with _lock:
        if _state["pid"] != os.getpid():
            with open(f"{os.environ['BENCH_COUNTS']}/{os.getpid()}", "w+b") as file:
                file.truncate(SLOT.size * SLOTS_MAX)
                _state.update(pid=os.getpid(), memory=mmap.mmap(file.fileno(), 0), used=0)
    return _state["memory"]


def _open():
    """Waits at the gate."""
    memory = ready()
    while not os.path.exists(f"{os.environ['BENCH_COUNTS']}/gate"):
        time.sleep(0.0005)
    return memory


def wait():
    """Waits at the gate, for what others count; once, since it stays open."""
    if getattr(_local, "open", 0) != os.getpid():
        _open()
        _local.open = os.getpid()


def _slot():
    if getattr(_local, "pid", 0) != os.getpid():
        memory = _open()
        with _lock:
            _local.at = _state["used"] * SLOT.size
            _state["used"] += 1
        _local.pid, _local.memory, _local.count, _local.first = os.getpid(), memory, 0, time.monotonic_ns()
    return _local


def count():
    """One more job is done."""
    slot = _slot()
    slot.count += 1
    SLOT.pack_into(slot.memory, slot.at, slot.count, slot.first, time.monotonic_ns())


def measure(jobs, enqueue):
    """Calls `enqueue(jobs)` once the gate is open, and stays, so that what this process spent can be read."""
    memory = _open()
    begun = time.monotonic_ns()
    enqueue(jobs)
    SLOT.pack_into(memory, 0, jobs, begun, time.monotonic_ns())
    threading.Event().wait()
