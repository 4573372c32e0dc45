"""The built-in way to sign: the person proves again who signs, by password or, in the demo, by the demo card's name."""

from __future__ import annotations

from dataclasses import dataclass

from agreements.signing import SigningRequest
from placement.people.passwords import Passwords
from placement.people.tables import User


@dataclass(frozen=True)
class BuiltIn:
    """The only method there is for now. `demo`: invented people have no password and type their name instead."""

    user: User
    passwords: Passwords
    demo: bool
    code: str = "built-in"

    def proves(self, request: SigningRequest) -> bool:
        """Whether the proof is this person's own; the person must be the holder of the mandate."""
        if request.mandate.user_id != self.user.id:
            return False
        if self.asks_for_name:
            return _plain(request.proof) == _plain(self.user.name)
        return self.passwords.matches(self.user.password_hash, request.proof)

    @property
    def asks_for_name(self) -> bool:
        return self.demo and self.user.demo_key is not None and self.user.password_hash is None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
