"""The triggers of the books look once at each command on PostgreSQL, no longer once at each row."""

from alembic import op

from agreements import ledger_triggers

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in [*ledger_triggers.drop(dialect), *ledger_triggers.create(dialect)]:
        op.execute(statement)


def downgrade() -> None:
    """Leave the triggers: those of before differ in how they look, not in what they refuse."""
