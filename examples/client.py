#!/usr/bin/env python3
"""Countersign's interface from Python, with the standard library alone.

    export COUNTERSIGN_URL=https://invite.example.com COUNTERSIGN_KEY=cs_live_…
    client.py invite ORGANIZATION NAME EMAIL [PARTNER_TYPE]   invites, and prints the invitation's id
    client.py show INVITATION                                 prints its state and its recipient
    client.py list [STATE]                                    prints every invitation, the newest first
    client.py revoke INVITATION                               takes it back
    client.py events [AFTER]                                  prints what happened, from a place in the feed on

It tries again what may be tried again, and never invites twice: a request keeps its Idempotency-Key.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Problem(Exception):
    """A refusal (RFC 9457): its sentence, and a line for every field that has to be mended."""

    def __init__(self, body):
        fields = [f"  {e.get('pointer') or e.get('parameter')}: {e['detail']}" for e in body.get("errors", [])]
        super().__init__("\n".join([f"{body['title']}: {body['detail']}", *fields, f"  ({body['request_id']})"]))


class Countersign:
    def __init__(self, url, key):
        self.url, self.key = url.rstrip("/"), key

    def request(self, method, path, body=None, query=None):
        address = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Authorization": f"Bearer {self.key}"}
        if method == "POST":
            # One key for all tries: whatever became of the first, it is not done a second time.
            headers |= {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        data = json.dumps(body or {}).encode() if method == "POST" else None
        for attempt in range(5):
            request = urllib.request.Request(address, data, headers, method=method)
            wait = 2**attempt
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                problem = json.load(error)
                in_flight = problem["type"].endswith("#idempotency-in-flight")
                if attempt == 4 or not (in_flight or error.code in (429, 503)):
                    raise Problem(problem) from None
                wait = int(error.headers.get("Retry-After", wait))
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                if attempt == 4:
                    raise
            time.sleep(wait)

    def every(self, path, after=None, **query):
        """Everything of a list, page by page."""
        while True:
            cursor = {"starting_after": after} if after else {}
            page = self.request("GET", path, query={**query, **cursor, "limit": 100})
            yield from page["data"]
            if not page["has_more"]:
                return
            after = page["data"][-1]["id"]


def main(command="help", *given):
    if command == "help":
        sys.exit(__doc__)
    client = Countersign(os.environ["COUNTERSIGN_URL"], os.environ["COUNTERSIGN_KEY"])
    if command == "invite":
        organization, name, email, partner_type = (*given, "reseller")[:4]
        made = client.request("POST", "/v1/invitations", {
            "organization": {"name": organization},
            "recipient": {"name": name, "email": email},
            "offer": {"partner_type": partner_type, "agreement": True},
        })
        print(made["id"])
    elif command == "show":
        found = client.request("GET", f"/v1/invitations/{given[0]}")
        print(found["state"], found["recipient"]["email"])
    elif command == "list":
        for one in client.every("/v1/invitations", **({"state": given[0]} if given else {})):
            print(one["id"], one["state"], one["organization"]["name"])
    elif command == "revoke":
        print(client.request("POST", f"/v1/invitations/{given[0]}/revoke")["state"])
    elif command == "events":
        for event in client.every("/v1/events", *given):
            print(event["id"], event["type"])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Problem as problem:
        sys.exit(str(problem))
