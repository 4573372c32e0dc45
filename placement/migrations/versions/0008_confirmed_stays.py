"""A decision on the assessment that keeps the child where an urgent one put it; places in schools; who marked copies sent."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COPIES = ("copy_county", "copy_agency")


def _add_reference(table: str, column: str, other: str) -> None:
    """Add a column that refers to another table, the key named as everywhere.

    SQLite gets a key with a new column only in the column itself; PostgreSQL would not take its name from there.
    """
    name = op.f(f"fk_{table}_{column}_{other}")
    if op.get_bind().dialect.name == "sqlite":
        key = sa.ForeignKey(f"{other}.id", name=name)
        op.add_column(table, sa.Column(column, sa.Integer(), key, nullable=True), inline_references=True)
        return
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.create_foreign_key(name, table, other, [column], ["id"])


def upgrade() -> None:
    _add_reference("decision", "confirms_id", "decision")
    op.create_index("ix_decision_confirms_id", "decision", ["confirms_id"], unique=True)
    op.create_table(
        "school_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "pre-primary",
                "preparatory",
                "basic",
                "preparing-for-upper",
                "upper-secondary",
                "vocational",
                "other-education",
                name="school_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("trip_checked_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR from_on <= to_on", name=op.f("ck_school_place_days")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_school_place_child_id_child")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_school_place_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["organisation.id"], name=op.f("fk_school_place_municipality_id_organisation")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_school_place_recorded_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_place")),
        sa.UniqueConstraint("child_id", "number", name=op.f("uq_school_place_child_id_number")),
    )
    op.create_index("ix_school_place_child_id", "school_place", ["child_id"])
    op.create_index("ix_school_place_county_id", "school_place", ["county_id"])
    for copy in COPIES:
        _add_reference("restriction_protocol", f"{copy}_by", "app_user")
        op.add_column("restriction_protocol", sa.Column(f"{copy}_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for copy in COPIES:
        op.drop_column("restriction_protocol", f"{copy}_at")
        op.drop_column("restriction_protocol", f"{copy}_by")
    op.drop_index("ix_school_place_county_id", table_name="school_place")
    op.drop_index("ix_school_place_child_id", table_name="school_place")
    op.drop_table("school_place")
    op.drop_index("ix_decision_confirms_id", table_name="decision")
    op.drop_column("decision", "confirms_id")
