"""Prints the position of each event, and goes on behind the last one whenever the connection is lost.

follow.py URL TOKEN AFTER: with the package websockets.
"""

import json
import sys
import time

from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.sync.client import connect

url, token, after = sys.argv[1], sys.argv[2], int(sys.argv[3])
while True:
    try:
        with connect(
            f"{url}?after={after}",
            subprotocols=["sevk.events.v1"],
            additional_headers={"Authorization": f"Bearer {token}"},
            open_timeout=5,
        ) as socket:
            assert socket.subprotocol == "sevk.events.v1"
            for message in socket:
                frame = json.loads(message)
                assert frame["event"]["specversion"] == "1.0"
                after = frame["position"]
                print(after, flush=True)
    except (OSError, TimeoutError, InvalidHandshake, WebSocketException):
        time.sleep(0.1)
