"""Review and payment: what examining leaves behind."""

import sqlalchemy as sa
from alembic import op

from agreements import triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEALED = ("claim_sample", "claim_document")


def upgrade() -> None:
    op.create_table(
        "claim_audit_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("found_by", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_claim_audit_finding_answer")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["app_user.id"], name=op.f("fk_claim_audit_finding_answered_by_app_user")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_audit_finding_claim_id_claim")),
        sa.ForeignKeyConstraint(["found_by"], ["app_user.id"], name=op.f("fk_claim_audit_finding_found_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_audit_finding")),
    )
    with op.batch_alter_table("claim_audit_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_audit_finding_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "in-hearing",
                "made",
                "withdrawn",
                name="correction_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_no", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'made') = (made_no IS NOT NULL)", name=op.f("ck_claim_correction_made")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_claim_correction_reason")),
        sa.CheckConstraint("made_by IS NULL OR made_by <> proposed_by", name=op.f("ck_claim_correction_two_people")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_correction_claim_id_claim")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_claim_correction_made_by_app_user")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["app_user.id"], name=op.f("fk_claim_correction_proposed_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_correction")),
        sa.UniqueConstraint("ref", name=op.f("uq_claim_correction_ref")),
    )
    with op.batch_alter_table("claim_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_correction_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=1000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_claim_question_asked_by_app_user")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_question_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_question")),
    )
    with op.batch_alter_table("claim_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_question_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("drawn_by", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 1 AND seed >= 0", name=op.f("ck_claim_sample_size")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_sample_claim_id_claim")),
        sa.ForeignKeyConstraint(["drawn_by"], ["app_user.id"], name=op.f("fk_claim_sample_drawn_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_sample")),
    )
    with op.batch_alter_table("claim_sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_sample_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_second_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("(answered_at IS NULL) = (agreed IS NULL)", name=op.f("ck_claim_second_look_agreed")),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_claim_second_look_answer")),
        sa.CheckConstraint(
            "answered_by IS NULL OR answered_by <> asked_by", name=op.f("ck_claim_second_look_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["app_user.id"], name=op.f("fk_claim_second_look_answered_by_app_user")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_claim_second_look_asked_by_app_user")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_second_look_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_second_look")),
    )
    with op.batch_alter_table("claim_second_look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_second_look_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_hearing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "decision",
                "correction",
                "recovery",
                name="hearing_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=True),
        sa.Column("care_year", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(length=1000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("statement", sa.String(length=2000), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'correction') = (correction_id IS NOT NULL)", name=op.f("ck_claim_hearing_correction")
        ),
        sa.CheckConstraint("(kind = 'recovery') = (care_year IS NOT NULL)", name=op.f("ck_claim_hearing_recovery")),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_claim_hearing_answer")),
        sa.ForeignKeyConstraint(["answered_by"], ["app_user.id"], name=op.f("fk_claim_hearing_answered_by_app_user")),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_claim_hearing_asked_by_app_user")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_hearing_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["claim_correction.id"], name=op.f("fk_claim_hearing_correction_id_claim_correction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_hearing")),
    )
    with op.batch_alter_table("claim_hearing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_hearing_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_hearing_correction_id"), ["correction_id"], unique=False)

    op.create_table(
        "claim_remedy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "rectification", "appeal", name="remedy_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.String(length=1000), nullable=False),
        sa.Column("registered_by", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("outcome_reason", sa.String(length=1000), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("correction_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (decided_on IS NULL)", name=op.f("ck_claim_remedy_outcome")),
        sa.CheckConstraint("served_on <= received_on", name=op.f("ck_claim_remedy_days")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_remedy_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["claim_correction.id"], name=op.f("fk_claim_remedy_correction_id_claim_correction")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name=op.f("fk_claim_remedy_decided_by_app_user")),
        sa.ForeignKeyConstraint(
            ["registered_by"], ["app_user.id"], name=op.f("fk_claim_remedy_registered_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_remedy")),
    )
    with op.batch_alter_table("claim_remedy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_remedy_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("recovery_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("legal_text", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(decision_id IS NULL) <> (recovery_id IS NULL)", name=op.f("ck_claim_document_one_subject")
        ),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_claim_document_file")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["claim_decision.id"], name=op.f("fk_claim_document_decision_id_claim_decision")
        ),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.id"], name=op.f("fk_claim_document_recovery_id_recovery")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_document")),
        sa.UniqueConstraint("decision_id", "language", name=op.f("uq_claim_document_decision_id_language")),
        sa.UniqueConstraint("recovery_id", "language", name=op.f("uq_claim_document_recovery_id_language")),
    )
    op.create_table(
        "claim_correction_line",
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("before_cents", sa.BigInteger(), nullable=False),
        sa.Column("after_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("before_cents <> after_cents", name=op.f("ck_claim_correction_line_change")),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["claim_correction.id"],
            name=op.f("fk_claim_correction_line_correction_id_claim_correction"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["claim_line.id"], name=op.f("fk_claim_correction_line_line_id_claim_line")
        ),
        sa.PrimaryKeyConstraint("correction_id", "line_id", name=op.f("pk_claim_correction_line")),
    )
    with op.batch_alter_table("claim_correction_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_correction_line_line_id"), ["line_id"], unique=False)

    for table in SEALED:
        for statement in triggers.append_only(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in SEALED:
        for statement in triggers.unseal(table, op.get_bind().dialect.name):
            op.execute(statement)
    with op.batch_alter_table("claim_correction_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_correction_line_line_id"))

    op.drop_table("claim_correction_line")
    op.drop_table("claim_document")
    with op.batch_alter_table("claim_remedy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_remedy_claim_id"))

    op.drop_table("claim_remedy")
    with op.batch_alter_table("claim_hearing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_hearing_correction_id"))
        batch_op.drop_index(batch_op.f("ix_claim_hearing_claim_id"))

    op.drop_table("claim_hearing")
    with op.batch_alter_table("claim_second_look", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_second_look_claim_id"))

    op.drop_table("claim_second_look")
    with op.batch_alter_table("claim_sample", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_sample_claim_id"))

    op.drop_table("claim_sample")
    with op.batch_alter_table("claim_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_question_claim_id"))

    op.drop_table("claim_question")
    with op.batch_alter_table("claim_correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_correction_claim_id"))

    op.drop_table("claim_correction")
    with op.batch_alter_table("claim_audit_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_audit_finding_claim_id"))

    op.drop_table("claim_audit_finding")
