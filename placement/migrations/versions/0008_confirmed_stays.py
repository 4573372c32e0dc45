"""A decision on the assessment that keeps the child where an urgent one put it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    confirms = sa.Column(
        "confirms_id",
        sa.Integer(),
        sa.ForeignKey("decision.id", name=op.f("fk_decision_confirms_id_decision")),
        nullable=True,
    )
    op.add_column("decision", confirms, inline_references=True)
    op.create_index("ix_decision_confirms_id", "decision", ["confirms_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_decision_confirms_id", table_name="decision")
    op.drop_column("decision", "confirms_id")
