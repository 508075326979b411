"""Verifies what a receiver was posted with the library of Standard Webhooks.

Arguments: the secret, and a file with a JSON array of {"headers": {...}, "body": "..."}. Prints how many were verified.
"""
import json
import sys

from standardwebhooks import Webhook

webhook = Webhook(sys.argv[1])
count = 0
for post in json.load(open(sys.argv[2])):
    event = webhook.verify(post["body"], post["headers"])
    assert event["id"] == post["headers"]["webhook-id"], event
    count += 1
print(count)
