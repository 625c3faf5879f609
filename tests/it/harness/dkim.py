"""Checks each DKIM signature of the mail on stdin with dkimpy; arguments are NAME=TXT, the only DNS there is."""

import json
import sys

import dkim
from dkim.util import parse_tag_value

records = dict(argument.split("=", 1) for argument in sys.argv[1:])


def dns(name, timeout=5):
    if isinstance(name, bytes):
        name = name.decode()
    return records.get(name.rstrip("."), "").encode() or None


mail = dkim.DKIM(sys.stdin.buffer.read())
found = []
headers = [value for name, value in mail.headers if name.lower() == b"dkim-signature"]
for index, value in enumerate(headers):
    tags = parse_tag_value(value)
    try:
        valid = mail.verify(idx=index, dnsfunc=dns)
    except dkim.DKIMException:
        valid = False
    found.append(
        {
            "algorithm": tags[b"a"].decode(),
            "domain": tags[b"d"].decode(),
            "selector": tags[b"s"].decode(),
            "headers": [name.strip().lower().decode() for name in tags[b"h"].split(b":")],
            "valid": valid,
        }
    )
json.dump(found, sys.stdout)
