"""Talks to a server that sends each message back: messages of many sizes, in fragments, in both kinds, with pings.

echo.py URL: with the package websockets. Prints ok.
"""

import sys

from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

url = sys.argv[1]
with connect(url, subprotocols=["test.v1"], compression="deflate", max_size=None) as socket:
    assert socket.subprotocol == "test.v1"
    for size in (0, 1, 125, 126, 127, 4095, 4096, 65535, 65536):
        text = "x" * size
        socket.send(text)
        assert socket.recv() == text, size
        socket.send(b"\xff" * size)
        assert socket.recv() == b"\xff" * size, size
    socket.send(iter(["\u015f", "", "\U0001f600", "c"]))
    assert socket.recv() == "\u015f\U0001f600c"
    assert socket.ping(b"now").wait(5)
with connect(url, subprotocols=["test.v1"]) as socket:
    socket.send("x" * 65537)
    try:
        socket.recv()
        raise SystemExit("a message that is too long was taken")
    except ConnectionClosedError as error:
        assert error.rcvd.code == 1009, error
print("ok")
