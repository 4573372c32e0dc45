"""Typed references: `CH-7K3M-9QXT`. Random, without meaning, safe to write in a URL or a letter."""

from __future__ import annotations

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32
KINDS = {
    "CH": "child",
    "UN": "unit",
    "AG": "agreement",
    "RU": "run",
    "PR": "proposal",
    "DE": "decision",
    "CL": "claim",
    "PA": "payment",
    "RE": "recovery",
    "TR": "transfer",
    "UC": "closure of places",
    "CO": "correction",
    "DI": "direction",
}
PATTERN = re.compile(r"[A-Z]{2}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def new(kind: str) -> str:
    """Return a new random reference of `kind` (two capitals of KINDS); 40 bits, so a table checks uniqueness."""
    if kind not in KINDS:
        raise KeyError(kind)
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{kind}-{symbols[:4]}-{symbols[4:]}"


def is_reference(kind: str, text: str) -> bool:
    return text.startswith(kind + "-") and PATTERN.fullmatch(text) is not None
