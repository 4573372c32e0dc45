"""Direction of a child and delivery of what was agreed."""

import sqlalchemy as sa
from alembic import op

from agreements import triggers

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEALED = ("agreement_review",)


def _words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "agreement_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=1000), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_review_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_agreement_review_by_app_user")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agreement_review_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_review")),
    )
    op.create_index(op.f("ix_agreement_review_agreement_id"), "agreement_review", ["agreement_id"], unique=False)
    _directions()
    for table in SEALED:
        for statement in triggers.append_only(table, op.get_context().dialect.name):
            op.execute(sa.text(statement))


def _directions() -> None:
    op.create_table(
        "direction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("care", _words("municipal-place", "foster-care", name="direction_care"), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("planned_from", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("opened_on <= expires_on", name=op.f("ck_direction_answering")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_direction_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["centre_id"], ["organisation.id"], name=op.f("fk_direction_centre_id_organisation")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_direction_child_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_direction_county_id_organisation")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["organisation.id"], name=op.f("fk_direction_municipality_id_organisation")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["app_user.id"], name=op.f("fk_direction_opened_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_direction")),
        sa.UniqueConstraint("ref", name=op.f("uq_direction_ref")),
    )
    for column in ("centre_id", "child_id", "county_id", "municipality_id"):
        op.create_index(op.f(f"ix_direction_{column}"), "direction", [column], unique=False)
    op.create_table(
        "direction_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("direction_id", sa.Integer(), nullable=False),
        sa.Column("side", _words("county", "municipality", "state", name="direction_side"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column(
            "reason",
            _words("no-place", "no-services", "other-municipality", "other-care", "other", name="direction_decline"),
            nullable=True,
        ),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("agrees = (reason IS NULL)", name=op.f("ck_direction_answer_reason")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_direction_answer_by_app_user")),
        sa.ForeignKeyConstraint(
            ["direction_id"], ["direction.id"], name=op.f("fk_direction_answer_direction_id_direction")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_direction_answer_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_direction_answer")),
        sa.UniqueConstraint("direction_id", "side", name=op.f("uq_direction_answer_direction_id_side")),
    )
    op.create_index(op.f("ix_direction_answer_direction_id"), "direction_answer", ["direction_id"], unique=False)


def downgrade() -> None:
    for table in SEALED:
        for statement in triggers.unseal(table, op.get_context().dialect.name):
            op.execute(sa.text(statement))
    op.drop_table("direction_answer")
    op.drop_table("direction")
    op.drop_table("agreement_review")
