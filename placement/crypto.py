"""Encrypted columns and their blind indexes.

An encrypted column cannot be searched, so an identity code has an HMAC beside it (blind index). The keys
rotate: the first of the list encrypts, all of them decrypt. The index key is derived from the application
secret, not from the rotating keys: an index must stay comparable when the encryption key changes.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class NoKeys(RuntimeError):
    """A personal field was touched before the application set its keys."""


class Vault:
    """The keys of this process. One per process: columns have no other way to reach them."""

    def __init__(self) -> None:
        self._fernet: MultiFernet | None = None
        self._index_key = b""

    def open(self, encryption_keys: tuple[str, ...], secret: str) -> None:
        """Set the keys; called once by the application, the worker and each command."""
        self._fernet = MultiFernet([Fernet(key) for key in encryption_keys])
        self._index_key = hashlib.sha256(b"placement-blind-index|" + secret.encode()).digest()

    def encrypt(self, text: str) -> bytes:
        return self.seal(text.encode())

    def decrypt(self, token: bytes) -> str:
        return self.unseal(token).decode()

    def seal(self, content: bytes) -> bytes:
        """Return a file's bytes under the newest key."""
        return self._keys().encrypt(content)

    def unseal(self, token: bytes) -> bytes:
        return self._keys().decrypt(token)

    def rotate(self, token: bytes) -> bytes:
        """Return the same text under the newest key."""
        return self._keys().rotate(token)

    def blind_index(self, text: str) -> str:
        """Return the searchable fingerprint of `text`, compared without case, spaces and dashes' variants."""
        if not self._index_key:
            raise NoKeys("the vault was not opened")
        return hmac.new(self._index_key, text.strip().upper().encode(), hashlib.sha256).hexdigest()

    def _keys(self) -> MultiFernet:
        if self._fernet is None:
            raise NoKeys("the vault was not opened")
        return self._fernet


vault = Vault()


class EncryptedText(sa.types.TypeDecorator[str]):
    """A text column stored as a Fernet token; None stays None. It cannot be compared or sorted in SQL."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Any) -> bytes | None:
        return None if value is None else vault.encrypt(value)

    def process_result_value(self, value: bytes | None, _dialect: Any) -> str | None:
        if value is None:
            return None
        try:
            return vault.decrypt(bytes(value))
        except InvalidToken as wrong:
            raise NoKeys("a stored field cannot be read with PLACEMENT_ENCRYPTION_KEYS; is a key missing?") from wrong


class EncryptedBytes(sa.types.TypeDecorator[bytes]):
    """A file (a decision as PDF) stored as a Fernet token; it holds names, so it is as secret as they are."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, _dialect: Any) -> bytes | None:
        return None if value is None else vault.seal(value)

    def process_result_value(self, value: bytes | None, _dialect: Any) -> bytes | None:
        if value is None:
            return None
        try:
            return vault.unseal(bytes(value))
        except InvalidToken as wrong:
            raise NoKeys("a stored file cannot be read with PLACEMENT_ENCRYPTION_KEYS; is a key missing?") from wrong
