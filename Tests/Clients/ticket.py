"""Reads COUNT events with a ticket, and prints their positions, the pong and the code of its own close.

ticket.py HOST PORT TICKET COUNT: with the package autobahn. It sends fragments and a ping, which must do no harm.
"""

import asyncio
import json
import sys

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol

host, port, ticket, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
finished = None


class Client(WebSocketClientProtocol):
    seen = 0
    heard = False

    def onOpen(self):
        self.beginMessage()
        for part in (b"a", "\u20ac".encode()[:1], "\u20ac".encode()[1:]):
            self.sendMessageFrame(part)
        self.endMessage()
        self.sendPing(b"there?")

    def onPong(self, payload):
        print("pong", payload.decode(), flush=True)
        self.heard = True
        self.close_when_done()

    def onMessage(self, payload, isBinary):
        assert not isBinary
        print(json.loads(payload)["position"], flush=True)
        self.seen += 1
        self.close_when_done()

    def close_when_done(self):
        # The pong may come after the last event.
        if self.heard and self.seen == count:
            self.sendClose(1000, "enough")

    def onClose(self, wasClean, code, reason):
        print("closed", wasClean, code, flush=True)
        finished.set_result(None)


async def main():
    global finished
    loop = asyncio.get_running_loop()
    finished = loop.create_future()
    factory = WebSocketClientFactory(
        f"ws://{host}:{port}/v1/events/ws?ticket={ticket}&after=0", protocols=["sevk.events.v1"]
    )
    factory.protocol = Client
    await loop.create_connection(factory, host, port)
    await finished


asyncio.run(main())
