"""The triggers that make a table append-only on SQLite and PostgreSQL: any UPDATE or DELETE raises, raw SQL too.

SQLite's INSERT OR REPLACE deletes the row it meets without firing a delete trigger, so that there an insert that
meets a row by its number or by a key of its own is refused before it can.
"""

from __future__ import annotations

SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

SQLITE_REPLACE = """
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid{keys})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

GUARDED = frozenset({"ledger_entry", "ledger_leg"})
"""Tables whose own triggers refuse every insert that meets a row (ledger_triggers)."""

OTHER_KEYS = {
    "agreement_frozen": " OR version_id = NEW.version_id",
    "agreement_document": " OR (version_id = NEW.version_id AND language = NEW.language)",
    "agreement_signature": " OR (version_id = NEW.version_id AND party_id = NEW.party_id)",
    "claim_decision": " OR (claim_id = NEW.claim_id AND number = NEW.number)",
    "claim_decision_line": " OR (decision_id = NEW.decision_id AND line_id = NEW.line_id)",
    "claim_document": (
        " OR (decision_id = NEW.decision_id AND language = NEW.language)"
        " OR (recovery_id = NEW.recovery_id AND language = NEW.language)"
    ),
    "recovery_settlement": " OR (recovery_id = NEW.recovery_id AND reference = NEW.reference)",
}
"""What makes a row of a table unique besides its number."""

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
    kept = SQLITE if table in GUARDED else SQLITE + ";" + SQLITE_REPLACE
    text = (kept if dialect == "sqlite" else POSTGRESQL).format(table=table, keys=OTHER_KEYS.get(table, ""))
    if dialect == "sqlite":
        return [part.strip(" ;\n") + "; END" for part in text.split("; END") if part.strip(" ;\n")]
    return [text]


def unseal(table: str, dialect: str) -> list[str]:
    """Return the DDL statements that take the triggers of `append_only` away (migrations down)."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{word}" for word in ("update", "delete", "replace")]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{word} ON {table}" for word in ("change", "truncate")]
