"""Settings, read once from the environment; a production start refuses what is unsafe."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

ENVIRONMENTS = ("demo", "production", "test")
WEAK_KEYS = frozenset({"", "dev", "secret", "change-me", "changeme", "demo", "test"})
MIN_KEY_LENGTH = 32


class BadSetting(ValueError):
    """A setting that cannot be used; the message names it and the way out."""


@dataclass(frozen=True)
class Settings:
    """Everything a process needs to know before it starts.

    `encryption_keys` are Fernet keys, newest first: the first encrypts, all decrypt.
    `clock` freezes the time in demo and test; None means the machine's clock. `named` tells whether the
    environment was chosen (PLACEMENT_ENV); an unnamed demo refuses a database with real people.
    """

    env: str
    database_url: str
    queue_url: str
    secret_key: str
    encryption_keys: tuple[str, ...]
    clock: datetime | None = None
    login_limit: int = 5
    login_limit_minutes: int = 15
    request_limit_per_minute: int = 0
    session_idle_minutes: int = 30
    session_hours: int = 10
    inline_jobs: bool = False
    cheap_hashing: bool = False
    named: bool = True
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def demo(self) -> bool:
        """Whether demo sign-in and demo data are allowed."""
        return self.env in ("demo", "test")

    @property
    def secure_cookies(self) -> bool:
        return self.env == "production"


def root() -> Path:
    """Return the folder that holds `var/`: the working directory the command was started in."""
    return Path.cwd()


def _demo_key(name: str) -> str:
    """Return a fixed, public key for demo and test: worthless as a secret, stable over restarts."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"placement-demo-{name}".encode()).digest()).decode()


def _database_url(raw: str) -> str:
    """Return a SQLAlchemy URL; `postgresql://` means psycopg 3."""
    if raw.startswith("postgresql://"):
        return "postgresql+psycopg://" + raw.removeprefix("postgresql://")
    if raw.startswith(("sqlite:///", "postgresql+psycopg://")):
        return raw
    raise BadSetting(
        f"PLACEMENT_DATABASE_URL is {raw.split(':', 1)[0]}:…; use sqlite:////abs/file.db or postgresql://…"
    )


def _queue_url(database_url: str) -> str:
    if database_url.startswith("sqlite:///"):
        return database_url.removesuffix(".db") + "-queue.db"
    return database_url


def _clock(raw: str | None, env: str) -> datetime | None:
    if not raw or env == "production":
        return None
    try:
        instant = datetime.fromisoformat(raw)
    except ValueError as wrong:
        raise BadSetting(f"PLACEMENT_CLOCK is {raw!r}; write an instant such as 2026-11-24T09:00:00+02:00") from wrong
    if instant.tzinfo is None:
        raise BadSetting("PLACEMENT_CLOCK has no time zone; add an offset such as +02:00")
    return instant


def load(values: Mapping[str, object] | None = None) -> Settings:
    """Return the settings of this process.

    `values` (by environment name, such as PLACEMENT_ENV) stand above the environment.
    Raises BadSetting, naming the variable, when one is missing, weak or not understood: a
    production system that starts with a demo key would be open without anybody noticing.
    """
    given = dict(os.environ) | {key: value for key, value in (values or {}).items() if value is not None}

    def text(name: str, default: str = "") -> str:
        return str(given.get(name, default) or default)

    env = text("PLACEMENT_ENV") or _unnamed_environment(given)
    if env not in ENVIRONMENTS:
        raise BadSetting(f"PLACEMENT_ENV is {env!r}; use one of {', '.join(ENVIRONMENTS)}")
    database_url = _database_url(text("PLACEMENT_DATABASE_URL", f"sqlite:///{root() / 'var' / 'placement.db'}"))
    secret = text("PLACEMENT_SECRET_KEY")
    keys = tuple(key.strip() for key in text("PLACEMENT_ENCRYPTION_KEYS").split(",") if key.strip())
    if env == "production":
        _refuse_unsafe(secret, keys, given)
    return Settings(
        env=env,
        database_url=database_url,
        queue_url=text("PLACEMENT_QUEUE_URL") or _queue_url(database_url),
        secret_key=secret or _demo_key("session"),
        encryption_keys=keys or (_demo_key("encryption"),),
        clock=_clock(text("PLACEMENT_CLOCK") or None, env),
        login_limit=int(text("PLACEMENT_LOGIN_LIMIT", "5")),
        inline_jobs=text("PLACEMENT_INLINE_JOBS") == "1",
        cheap_hashing=env == "test",
        named=bool(text("PLACEMENT_ENV")),
    )


def _unnamed_environment(given: Mapping[str, object]) -> str:
    """Return demo when nothing of production is set: a fresh checkout works, a half-made server does not start."""
    production = ("PLACEMENT_SECRET_KEY", "PLACEMENT_ENCRYPTION_KEYS")
    return "production" if any(given.get(name) for name in production) else "demo"


def _refuse_unsafe(secret: str, keys: tuple[str, ...], given: Mapping[str, object]) -> None:
    if len(secret) < MIN_KEY_LENGTH or secret.lower() in WEAK_KEYS or secret == _demo_key("session"):
        raise BadSetting(f"PLACEMENT_SECRET_KEY must be a random text of at least {MIN_KEY_LENGTH} characters")
    if not keys or _demo_key("encryption") in keys:
        raise BadSetting("PLACEMENT_ENCRYPTION_KEYS must hold at least one Fernet key, newest first, comma between")
    for key in keys:
        if not _is_fernet_key(key):
            raise BadSetting(
                "PLACEMENT_ENCRYPTION_KEYS holds a value that is no Fernet key (32 bytes, url-safe base64)"
            )
    if str(given.get("FLASK_DEBUG", "0")) not in ("", "0", "false"):
        raise BadSetting("FLASK_DEBUG is on; production does not start with it")


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key.encode())) == 32
    except ValueError:
        return False
