"""Whether single keys are shortcuts for a person: on, until that person switches them off.

The column is added in place: made anew, as a batch does it on SQLite, the table of people could not be dropped.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app_user", sa.Column("shortcuts", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    op.drop_column("app_user", "shortcuts")
