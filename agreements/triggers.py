"""The triggers that make a table append-only on SQLite and PostgreSQL: any UPDATE or DELETE raises, raw SQL too."""

from __future__ import annotations

SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

POSTGRESQL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def append_only(table: str, dialect: str) -> list[str]:
    """Return the DDL statements that seal `table` (a name of ours, never user text) on `dialect`."""
    text = (SQLITE if dialect == "sqlite" else POSTGRESQL).format(table=table)
    if dialect == "sqlite":
        return [part.strip() + "; END" for part in text.split("; END") if part.strip(" ;\n")]
    return [text]


def unseal(table: str, dialect: str) -> list[str]:
    """Return the DDL statements that take the triggers of `append_only` away (migrations down)."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{word}" for word in ("update", "delete")]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{word} ON {table}" for word in ("change", "truncate")]
