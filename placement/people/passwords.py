"""Passwords (argon2id) and one-time codes (TOTP, RFC 6238)."""

from __future__ import annotations

from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

STEP_S = 30
MIN_LENGTH = 12


class Passwords:
    """The hasher of this process; `cheap` only in tests, where hundreds of sign-ins would take minutes."""

    def __init__(self, *, cheap: bool = False) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()
        self._dummy = self._hasher.hash("no such account")

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. An account without one costs the same work: time tells nothing."""
        try:
            self._hasher.verify(stored or self._dummy, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None


def totp_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the time step the code belongs to (one step early or late is accepted), or None when it is wrong.

    The caller keeps the last used step and refuses it again: a code read over a shoulder works once at most.
    """
    totp = pyotp.TOTP(secret)
    digits = code.replace(" ", "")
    now = int(at.timestamp()) // STEP_S
    for step in (now, now - 1, now + 1):
        if pyotp.utils.strings_equal(digits, totp.at(step * STEP_S)):
            return step
    return None


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_uri(secret: str, login: str, issuer: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
