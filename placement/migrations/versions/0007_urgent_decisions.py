"""Urgent decisions: the reason why the assessment of service needs could not be waited for."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("urgent_reason", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("decision", "urgent_reason")
