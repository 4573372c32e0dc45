"""Numbered migrations, run and checked from Python: no ini file, the same on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from placement import models

FOLDER = Path(__file__).parent / "migrations"


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def head() -> str:
    """Return the number of the newest migration in this code."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def current(engine: Engine) -> str | None:
    """Return the migration the database stands at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    command.upgrade(_config(engine), to)


def downgrade(engine: Engine, to: str) -> None:
    command.downgrade(_config(engine), to)


def _is_ours(item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    table = name if kind == "table" else getattr(getattr(item, "table", None), "name", None)
    return not str(table or "").startswith("huey_")


def differences(engine: Engine) -> list[str]:
    """Return what the tables in code have that the database does not, and the other way: empty when they agree.

    The job queue keeps its own tables (huey_…) when it shares a PostgreSQL database; they are not counted.
    """
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, models.metadata)
    return [str(item) for item in found]
