#!/usr/bin/env python3
"""Checks a file of `countersign invitation evidence` with nothing but Python's standard library.

Usage: tests/evidence.py FILE. Says what holds; exits with 1 when something does not. It shares no code with the product, and
does not look at the signature of the head: Python's standard library has no Ed25519 (the file says over which bytes it is).
"""

import hashlib
import json
import pathlib
import sys


def number(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def uuid(identifier: str) -> bytes:
    return bytes.fromhex(identifier.partition("_")[2])


def event_hash(event: dict) -> str:
    hashed = hashlib.sha256(b"countersign/v1/event\0" + bytes.fromhex(event["previous"]))
    hashed.update(number(event["seq"]) + uuid(event["id"]) + uuid(event["partner"]) + uuid(event["subject"]))
    hashed.update(number(event["at_us"]))
    for name in ("kind", "actor", "data"):
        text = event[name].encode()
        hashed.update(number(len(text)) + text)
    return hashed.hexdigest()


def main() -> int:
    file = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    salt, canonical = bytes.fromhex(file["salt"]), file["canonical"].encode()
    record = json.loads(canonical)
    consent = hashlib.sha256(b"countersign/v1/consent\0" + number(len(salt)) + salt + canonical).hexdigest()
    accepted = [event for event in file["events"] if event["kind"] == "invitation.accepted"]
    agreed, text = record["agreement"], file["agreement"]
    checks = {
        "the form is known": file["form"] == "countersign/v1/evidence",
        "the record is of this acceptance": (record["acceptance"], record["invitation"])
        == (file["acceptance"], file["invitation"]),
        "the record has the hash that the file names": consent == file["evidence_sha256"],
        "the audit record commits to that hash": len(accepted) == 1
        and json.loads(accepted[0]["data"])["evidence_sha256"] == consent,
        "the agreement's text has the hash that the record names": (agreed is None and text is None)
        or hashlib.sha256(text["text"].encode()).hexdigest() == agreed["sha256"],
        "every event is sealed": all(event["hash"] for event in file["events"]),
        "every event has its hash": all(event["hash"] and event_hash(event) == event["hash"] for event in file["events"]),
        "a signed head covers the acceptance": bool(file["head"]) and file["head"]["seq"] >= accepted[0]["seq"],
    }
    for what, holds in checks.items():
        print(f"{'holds' if holds else 'FAILS'}: {what}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
