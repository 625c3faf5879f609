#!/usr/bin/env python3
"""Verifies docs/token-v1.json with nothing but Python's standard library, sharing no code with the product.

Usage: tests/token.py [FILE]. Prints how many vectors agreed; exits with 1 when one did not.
"""

import base64
import hmac
import json
import pathlib
import re
import sys
import uuid

PURPOSES = {
    1: "accept", 2: "manage", 3: "stop", 4: "return", 5: "receipt", 6: "view", 7: "list", 8: "inquiry", 9: "respond",
}


def mac_key(master: bytes, purpose: str, audience: str) -> bytes:
    """HKDF-SHA-256 (RFC 5869) without salt; 32 bytes are one block."""
    extracted = hmac.digest(bytes(32), master, "sha256")
    info = f"countersign/v1/{purpose}/{audience}".encode()
    return hmac.digest(extracted, info + b"\x01", "sha256")


def token_claims(text: str, keys: dict, audience: str) -> dict | None:
    """What a genuine token says, or None."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{86}", text, re.ASCII) or text.endswith("\n"):
        return None
    raw = base64.urlsafe_b64decode(text + "==")
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        return None
    version, number = raw[0], raw[1]
    key_id = int.from_bytes(raw[2:4], "big")
    if version != 1 or number not in PURPOSES or key_id not in keys:
        return None
    key = mac_key(keys[key_id], PURPOSES[number], audience)
    if not hmac.compare_digest(hmac.digest(key, raw[:32], "sha256"), raw[32:]):
        return None
    return {
        "purpose": PURPOSES[number],
        "purpose_number": number,
        "key_id": key_id,
        "subject": str(uuid.UUID(bytes=raw[4:20])),
        "generation": int.from_bytes(raw[20:24], "big"),
        "expires_at": int.from_bytes(raw[24:32], "big"),
    }


def returned_notice(local_part: str, keys: dict, mail_domain: str) -> dict | None:
    """The notice that a return path of ours names, or None."""
    match = re.fullmatch(r"b\+([a-z2-7]{55})", local_part.lower(), re.ASCII)
    if not match or local_part.endswith("\n"):
        return None
    code = match[1].upper()
    raw = base64.b32decode(code + "=")
    if base64.b32encode(raw).decode().rstrip("=") != code:
        return None
    key_id = int.from_bytes(raw[:2], "big")
    if key_id not in keys:
        return None
    key = mac_key(keys[key_id], "return", mail_domain)
    if not hmac.compare_digest(hmac.digest(key, raw[:18], "sha256")[:16], raw[18:]):
        return None
    return {"key_id": key_id, "notice": str(uuid.UUID(bytes=raw[2:18]))}


def main() -> int:
    default = pathlib.Path(__file__).resolve().parent.parent / "docs" / "token-v1.json"
    file = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    vectors = json.loads(file.read_text(encoding="utf-8"))
    keys = {key["id"]: bytes.fromhex(key["master"]) for key in vectors["keys"]}
    audience = vectors["audience"]
    paths = vectors["return_path"]
    domain = paths["mail_domain"]
    agreed, differing = 0, []

    def check(good: bool, what: str) -> None:
        nonlocal agreed
        if good:
            agreed += 1
        else:
            differing.append(what)

    for vector in vectors["valid"]:
        claims = token_claims(vector["token"], keys, audience)
        said = {name: value for name, value in vector.items() if name != "token"}
        check(claims == said, f"valid token of {said}: read {claims}")
    for vector in vectors["invalid"]:
        claims = token_claims(vector["token"], keys, audience)
        refused = claims is None or claims["purpose"] != vector["purpose"]
        check(refused, f"invalid token ({vector['reason']}) was accepted")
    for vector in paths["valid"]:
        said = {name: value for name, value in vector.items() if name != "local_part"}
        read = returned_notice(vector["local_part"], keys, domain)
        check(read == said, f"valid return path of {said}: read {read}")
    for vector in paths["invalid"]:
        read = returned_notice(vector["local_part"], keys, domain)
        check(read is None, f"invalid return path ({vector['reason']}) was accepted")

    groups = (vectors["valid"], vectors["invalid"], paths["valid"], paths["invalid"])
    if not all(groups):
        differing.append("a group of vectors is empty")
    for what in differing:
        print(f"differs: {what}", file=sys.stderr)
    valid = len(vectors["valid"]) + len(paths["valid"])
    invalid = len(vectors["invalid"]) + len(paths["invalid"])
    print(f"{agreed} vectors agree ({valid} valid, {invalid} invalid), {len(differing)} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
