"""Claims of costs: files behind evidence, providers' invoices, steps of a draft."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_evidence_file",
        sa.Column("evidence_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["claim_evidence.id"], name=op.f("fk_claim_evidence_file_evidence_id_claim_evidence")
        ),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_claim_evidence_file")),
    )
    op.create_table(
        "care_invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("child_ref", sa.String(length=12), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=False),
        sa.Column("supplier", sa.String(length=120), nullable=False),
        sa.Column("voucher", sa.String(length=60), nullable=False),
        sa.Column("voucher_on", sa.Date(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_care_invoice_days")),
        sa.CheckConstraint("net_cents > 0", name=op.f("ck_care_invoice_net")),
        sa.ForeignKeyConstraint(["added_by"], ["app_user.id"], name=op.f("fk_care_invoice_added_by_app_user")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_care_invoice_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["claim_evidence.id"], name=op.f("fk_care_invoice_evidence_id_claim_evidence")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_care_invoice_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_invoice")),
        sa.UniqueConstraint(
            "county_id",
            "supplier",
            "voucher",
            "unit_id",
            "child_ref",
            "first_day",
            name="uq_care_invoice_voucher",
        ),
    )
    with op.batch_alter_table("care_invoice", schema=None) as batch_op:
        batch_op.create_index("ix_care_invoice_county_days", ["county_id", "first_day"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_invoice_unit_id"), ["unit_id"], unique=False)
    op.create_table(
        "claim_step",
        sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_claim_step_by_app_user")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_step_claim_id_claim")),
        sa.PrimaryKeyConstraint("claim_id", "number", "key", name=op.f("pk_claim_step")),
    )


def downgrade() -> None:
    op.drop_table("claim_step")
    with op.batch_alter_table("care_invoice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_invoice_unit_id"))
        batch_op.drop_index("ix_care_invoice_county_days")
    op.drop_table("care_invoice")
    op.drop_table("claim_evidence_file")
