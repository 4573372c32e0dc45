"""First tables."""

import sqlalchemy as sa
from alembic import op

from agreements import ledger_triggers, triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEALED = (
    "audit_event",
    "use_log",
    "audit_anchor",
    "agreement_signature",
    "agreement_event",
    "agreement_frozen",
    "agreement_document",
    "agreement_delivery",
    "ledger_entry",
    "ledger_leg",
    "claim_line_verdict",
    "claim_event",
    "claim_decision",
    "claim_decision_line",
    "recovery_settlement",
)


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("demo_key", sa.String(length=40), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("demo_key", name=op.f("uq_app_user_demo_key")),
        sa.UniqueConstraint("login", name=op.f("uq_app_user_login")),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchor")),
    )
    op.create_table(
        "cooperation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_cooperation_validity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_index", sa.String(length=64), nullable=False),
        sa.Column("address_index", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_attempt_account_index"), ["account_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_attempt_address_index"), ["address_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_attempt_at"), ["at"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "county",
                "municipality",
                "county-and-municipality",
                "state-centre",
                "paying-agency",
                "supervisory-agency",
                "state-other",
                "provider",
                name="organisation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("county_code", sa.String(length=2), nullable=True),
        sa.Column("municipality_code", sa.String(length=3), nullable=True),
        sa.Column("authority_code", sa.String(length=40), nullable=True),
        sa.Column("name_fi", sa.String(length=120), nullable=False),
        sa.Column("name_sv", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=True),
        sa.Column("language_status", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("prep_education", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name=op.f("ck_organisation_validity")
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_organisation_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["organisation.id"], name=op.f("fk_organisation_successor_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("authority_code", "valid_from", name=op.f("uq_organisation_authority_code_valid_from")),
        sa.UniqueConstraint("county_code", "valid_from", name=op.f("uq_organisation_county_code_valid_from")),
        sa.UniqueConstraint(
            "municipality_code", "valid_from", name=op.f("uq_organisation_municipality_code_valid_from")
        ),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_county_id"), ["county_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "three_party",
                "founding",
                "municipal_places",
                "foster_care",
                "purchase",
                "legacy_28",
                name="agreement_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("case_number", sa.String(length=40), nullable=True),
        sa.Column("county_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_agreement_county_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("ref", name=op.f("uq_agreement_ref")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_county_id"), ["county_id"], unique=False)

    op.create_table(
        "audit_event",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_ref", sa.String(length=60), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["app_user.id"], name=op.f("fk_audit_event_actor_id_app_user")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_audit_event_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_object_ref"), ["object_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "book_balance",
        sa.Column(
            "account",
            sa.Enum(
                "bank",
                "advances",
                "recoverable",
                "claimed",
                "under-review",
                "committed",
                "granted",
                "payable",
                "reimbursement",
                "interest",
                name="book_balance_account",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("care_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("debit_cents", sa.BigInteger(), nullable=False),
        sa.Column("credit_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["organisation.id"], name=op.f("fk_book_balance_party_id_organisation")),
        sa.PrimaryKeyConstraint("account", "party_id", "care_year", "month", name=op.f("pk_book_balance")),
    )
    op.create_table(
        "building",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_building_county_id_organisation")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["organisation.id"], name=op.f("fk_building_municipality_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
    )
    with op.batch_alter_table("building", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_building_county_id"), ["county_id"], unique=False)

    op.create_table(
        "child",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("first_name", sa.LargeBinary(), nullable=False),
        sa.Column("last_name", sa.LargeBinary(), nullable=False),
        sa.Column("identity_code", sa.LargeBinary(), nullable=True),
        sa.Column("identity_index", sa.String(length=64), nullable=True),
        sa.Column("temporary_number", sa.LargeBinary(), nullable=True),
        sa.Column("temporary_index", sa.String(length=64), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column(
            "gender",
            sa.Enum("F", "M", name="gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("protected_until", sa.Date(), nullable=True),
        sa.Column("eligibility_ground", sa.String(length=40), nullable=False),
        sa.Column("permit_on", sa.Date(), nullable=True),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("residence_from", sa.Date(), nullable=True),
        sa.Column("school", sa.LargeBinary(), nullable=True),
        sa.Column("representative_name", sa.LargeBinary(), nullable=True),
        sa.Column("representative_contact", sa.LargeBinary(), nullable=True),
        sa.Column("representative_from", sa.Date(), nullable=True),
        sa.Column("no_representative_reason", sa.LargeBinary(), nullable=True),
        sa.Column("support_level", sa.Integer(), nullable=False),
        sa.Column("care_hours", sa.Integer(), nullable=False),
        sa.Column("language_hours", sa.Integer(), nullable=False),
        sa.Column("interpreter_hours", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("relatives_municipality_id", sa.Integer(), nullable=True),
        sa.Column("own_view", sa.LargeBinary(), nullable=True),
        sa.Column("own_view_on", sa.Date(), nullable=True),
        sa.Column("own_view_how", sa.String(length=60), nullable=True),
        sa.Column("no_view_reason", sa.LargeBinary(), nullable=True),
        sa.Column("waiting_since", sa.Date(), nullable=True),
        sa.Column("place_from", sa.Date(), nullable=True),
        sa.Column("place_until", sa.Date(), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "care_hours >= 0 AND language_hours >= 0 AND interpreter_hours >= 0", name=op.f("ck_child_hours")
        ),
        sa.CheckConstraint("priority BETWEEN 1 AND 5", name=op.f("ck_child_priority")),
        sa.CheckConstraint("support_level BETWEEN 1 AND 4", name=op.f("ck_child_support_level")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_child_county_id_organisation")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["organisation.id"], name=op.f("fk_child_municipality_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["relatives_municipality_id"],
            ["organisation.id"],
            name=op.f("fk_child_relatives_municipality_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["app_user.id"], name=op.f("fk_child_worker_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child")),
        sa.UniqueConstraint("county_id", "identity_index", name=op.f("uq_child_county_id_identity_index")),
        sa.UniqueConstraint("county_id", "temporary_index", name=op.f("uq_child_county_id_temporary_index")),
        sa.UniqueConstraint("ref", name=op.f("uq_child_ref")),
    )
    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_child_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_child_waiting_since"), ["waiting_since"], unique=False)
        batch_op.create_index(batch_op.f("ix_child_worker_id"), ["worker_id"], unique=False)

    op.create_table(
        "child_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_child_draft_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_draft")),
        sa.UniqueConstraint("token", name=op.f("uq_child_draft_token")),
    )
    with op.batch_alter_table("child_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_child_draft_user_id"), ["user_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column(
            "gate",
            sa.Enum("cost", "payment", name="claim_gate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("period_first", sa.Date(), nullable=False),
        sa.Column("period_last", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "to-approver",
                "sent",
                "in-review",
                "decided",
                "withdrawn",
                name="claim_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("four_eyes", sa.Boolean(), nullable=False),
        sa.Column("prepared_by", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_from", sa.Date(), nullable=True),
        sa.Column("waits_to", sa.Date(), nullable=True),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'decided') = (decision_no > 0)", name=op.f("ck_claim_decided")),
        sa.CheckConstraint(
            "NOT four_eyes OR sent_by IS NULL OR sent_by <> prepared_by", name=op.f("ck_claim_four_eyes")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_claim_number")),
        sa.CheckConstraint("period_first <= period_last", name=op.f("ck_claim_period")),
        sa.CheckConstraint("sent_at IS NULL OR sent_by IS NOT NULL", name=op.f("ck_claim_sender")),
        sa.CheckConstraint("waits_to IS NULL OR waits_from <= waits_to", name=op.f("ck_claim_waits")),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_claim_authority_id_organisation")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_claim_county_id_organisation")),
        sa.ForeignKeyConstraint(["prepared_by"], ["app_user.id"], name=op.f("fk_claim_prepared_by_app_user")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["app_user.id"], name=op.f("fk_claim_reviewer_id_app_user")),
        sa.ForeignKeyConstraint(["sent_by"], ["app_user.id"], name=op.f("fk_claim_sent_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("ref", name=op.f("uq_claim_ref")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_authority_status", ["authority_id", "status"], unique=False)
        batch_op.create_index("ix_claim_county_period", ["county_id", "period_first"], unique=False)

    op.create_table(
        "claim_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(sha256) = 64 AND size >= 0", name=op.f("ck_claim_evidence_file")),
        sa.ForeignKeyConstraint(["added_by"], ["app_user.id"], name=op.f("fk_claim_evidence_added_by_app_user")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_claim_evidence_county_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_evidence")),
        sa.UniqueConstraint("county_id", "sha256", name=op.f("uq_claim_evidence_county_id_sha256")),
    )
    with op.batch_alter_table("claim_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_evidence_county_id"), ["county_id"], unique=False)

    op.create_table(
        "cooperation_member",
        sa.Column("cooperation_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperation_id"], ["cooperation.id"], name=op.f("fk_cooperation_member_cooperation_id_cooperation")
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_cooperation_member_county_id_organisation")
        ),
        sa.PrimaryKeyConstraint("cooperation_id", "county_id", name=op.f("pk_cooperation_member")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_idempotency_key_user_id_app_user")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("already_there", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "written >= 0 AND already_there >= 0 AND left_out >= 0", name=op.f("ck_import_batch_counts")
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_import_batch_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["undone_by"], ["app_user.id"], name=op.f("fk_import_batch_undone_by_app_user")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_import_batch_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("token", name=op.f("uq_import_batch_token")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_batch_file_hash"), ["file_hash"], unique=False)

    op.create_table(
        "import_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_import_upload_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_import_upload_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_upload")),
        sa.UniqueConstraint("token", name=op.f("uq_import_upload_token")),
    )
    with op.batch_alter_table("import_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_upload_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_upload_user_id"), ["user_id"], unique=False)

    op.create_table(
        "posting_period",
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=True),
        sa.Column("total_cents", sa.BigInteger(), nullable=True),
        sa.Column("last_entry_id", sa.Integer(), nullable=True),
        sa.Column("last_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (last_entry_id IS NULL) AND (closed_at IS NULL) = (total_cents IS NULL)",
            name=op.f("ck_posting_period_closing"),
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["app_user.id"], name=op.f("fk_posting_period_closed_by_app_user")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_posting_period")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("cooperation_id", sa.Integer(), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "done",
                "stopped",
                "failed",
                name="run_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("counties", sa.Text(), nullable=False),
        sa.Column("weights", sa.Text(), nullable=False),
        sa.Column("preset", sa.String(length=30), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=False),
        sa.Column("time_limit_s", sa.Integer(), nullable=True),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("rests_on", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stop_requested", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cooperation_id"], ["cooperation.id"], name=op.f("fk_run_cooperation_id_cooperation")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_run_county_id_organisation")),
        sa.ForeignKeyConstraint(["requested_by"], ["app_user.id"], name=op.f("fk_run_requested_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("ref", name=op.f("uq_run_ref")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_run_status"), ["status"], unique=False)

    op.create_table(
        "sibling_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("must", "should", name="sibling_mode", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_sibling_group_county_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sibling_group")),
    )
    with op.batch_alter_table("sibling_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sibling_group_county_id"), ["county_id"], unique=False)

    op.create_table(
        "agreement_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "hearing",
                "in-signing",
                "signed",
                "returned",
                "terminated",
                name="agreement_version_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("predecessor", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("activated_on", sa.Date(), nullable=True),
        sa.Column("retroactive_reason", sa.String(length=400), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.Column("hearing_requested_on", sa.Date(), nullable=True),
        sa.Column("hearing_due_on", sa.Date(), nullable=True),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("hearing_statement", sa.String(length=1000), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_agreement_version_number")),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_agreement_version_validity")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_version_agreement_id_agreement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_version")),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_agreement_version_agreement_id_number")),
    )
    with op.batch_alter_table("agreement_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_version_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "apart_pair",
        sa.Column("child_a_id", sa.Integer(), nullable=False),
        sa.Column("child_b_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("child_a_id < child_b_id", name=op.f("ck_apart_pair_order")),
        sa.ForeignKeyConstraint(["child_a_id"], ["child.id"], name=op.f("fk_apart_pair_child_a_id_child")),
        sa.ForeignKeyConstraint(["child_b_id"], ["child.id"], name=op.f("fk_apart_pair_child_b_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_apart_pair_county_id_organisation")),
        sa.PrimaryKeyConstraint("child_a_id", "child_b_id", name=op.f("pk_apart_pair")),
    )
    with op.batch_alter_table("apart_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_apart_pair_county_id"), ["county_id"], unique=False)

    op.create_table(
        "birth_date_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_birth_date_correction_child_id_child")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["app_user.id"], name=op.f("fk_birth_date_correction_recorded_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_birth_date_correction")),
    )
    with op.batch_alter_table("birth_date_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_birth_date_correction_child_id"), ["child_id"], unique=False)

    op.create_table(
        "case_relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("case", "unit", "task", name="relation_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_case_relation_validity")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_case_relation_child_id_child")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_case_relation_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_relation")),
    )
    with op.batch_alter_table("case_relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_relation_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_relation_user_id"), ["user_id"], unique=False)

    op.create_table(
        "child_language",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_child_language_level")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_language_child_id_child")),
        sa.PrimaryKeyConstraint("child_id", "code", name=op.f("pk_child_language")),
    )
    op.create_table(
        "child_need",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.CheckConstraint("hours >= 0", name=op.f("ck_child_need_hours")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_need_child_id_child")),
        sa.PrimaryKeyConstraint("child_id", "code", name=op.f("pk_child_need")),
    )
    op.create_table(
        "claim_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("from_status", sa.String(length=20), nullable=False),
        sa.Column("to_status", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_claim_event_by_app_user")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_event_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_event")),
    )
    with op.batch_alter_table("claim_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_event_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("claimed_cents", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_version_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_version")),
        sa.UniqueConstraint("claim_id", "number", name=op.f("uq_claim_version_claim_id_number")),
    )
    with op.batch_alter_table("claim_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_version_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "imported_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_imported_row_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("batch_id", "row", name=op.f("pk_imported_row")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_kind", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=60), nullable=False),
        sa.Column("reverses_entry_id", sa.Integer(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(hash) = 64 AND length(prev_hash) = 64", name=op.f("ck_ledger_entry_hash")),
        sa.CheckConstraint(
            "reverses_entry_id IS NULL OR reverses_entry_id < id", name=op.f("ck_ledger_entry_reversal")
        ),
        sa.ForeignKeyConstraint(
            ["period"], ["posting_period.code"], name=op.f("fk_ledger_entry_period_posting_period")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_entry_id_ledger_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("reverses_entry_id", name=op.f("uq_ledger_entry_reverses_entry_id")),
        sa.UniqueConstraint("source_kind", "source_id", name=op.f("uq_ledger_entry_source_kind_source_id")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entry_effective_on", ["effective_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_period"), ["period"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("decision_no", sa.Integer(), nullable=True),
        sa.Column("instalment", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("care_year", sa.Integer(), nullable=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("set_off_cents", sa.BigInteger(), nullable=False),
        sa.Column("netted_cents", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("bank_reference", sa.String(length=40), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by", sa.Integer(), nullable=True),
        sa.Column("return_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(claim_id IS NULL) = (care_year IS NOT NULL)", name=op.f("ck_payment_advance")),
        sa.CheckConstraint("(claim_id IS NULL) = (decision_no IS NULL)", name=op.f("ck_payment_claim")),
        sa.CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name=op.f("ck_payment_release")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_payment_cents")),
        sa.CheckConstraint("recorded_at IS NULL OR released_at IS NOT NULL", name=op.f("ck_payment_recorded")),
        sa.CheckConstraint("released_by IS NULL OR released_by <> confirmed_by", name=op.f("ck_payment_two_people")),
        sa.CheckConstraint("returned_at IS NULL OR released_at IS NOT NULL", name=op.f("ck_payment_returned")),
        sa.CheckConstraint(
            "set_off_cents >= 0 AND netted_cents >= 0 AND set_off_cents + netted_cents <= cents",
            name=op.f("ck_payment_offsets"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_payment_claim_id_claim")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["app_user.id"], name=op.f("fk_payment_confirmed_by_app_user")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_payment_county_id_organisation")),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_payment_recorded_by_app_user")),
        sa.ForeignKeyConstraint(["released_by"], ["app_user.id"], name=op.f("fk_payment_released_by_app_user")),
        sa.ForeignKeyConstraint(["returned_by"], ["app_user.id"], name=op.f("fk_payment_returned_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("ref", name=op.f("uq_payment_ref")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_county_id"), ["county_id"], unique=False)
        batch_op.create_index(
            "uq_payment_instalment",
            ["claim_id", "decision_no", "instalment"],
            unique=True,
            sqlite_where=sa.text("returned_at IS NULL"),
            postgresql_where=sa.text("returned_at IS NULL"),
        )

    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "sent",
                "withdrawn",
                name="proposal_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sent_by", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_proposal_county_id_organisation")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_proposal_run_id_run")),
        sa.ForeignKeyConstraint(["sent_by"], ["app_user.id"], name=op.f("fk_proposal_sent_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("ref", name=op.f("uq_proposal_ref")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_run_id"), ["run_id"], unique=False)

    op.create_table(
        "purpose_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=False),
        sa.Column("reveals_protected", sa.Boolean(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_purpose_grant_child_id_child")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_purpose_grant_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purpose_grant")),
    )
    with op.batch_alter_table("purpose_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purpose_grant_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purpose_grant_user_id"), ["user_id"], unique=False)

    op.create_table(
        "recovery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("decision_no", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("care_year", sa.Integer(), nullable=False),
        sa.Column("principal_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("heard_from", sa.Date(), nullable=False),
        sa.Column("heard_by", sa.Date(), nullable=False),
        sa.Column("statement", sa.String(length=1000), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("interest_starts", sa.String(length=20), nullable=False),
        sa.Column("days_in_year", sa.Integer(), nullable=False),
        sa.CheckConstraint("decided_on <= due_on", name=op.f("ck_recovery_due")),
        sa.CheckConstraint("decided_on <= last_day", name=op.f("ck_recovery_in_time")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_recovery_reason")),
        sa.CheckConstraint("principal_cents > 0", name=op.f("ck_recovery_principal")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_recovery_claim_id_claim")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_recovery_county_id_organisation")),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name=op.f("fk_recovery_decided_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint(
            "claim_id", "decision_no", "care_year", name=op.f("uq_recovery_claim_id_decision_no_care_year")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_recovery_ref")),
    )
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recovery_county_id"), ["county_id"], unique=False)

    op.create_table(
        "sibling_member",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_sibling_member_child_id_child")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["sibling_group.id"], name=op.f("fk_sibling_member_group_id_sibling_group")
        ),
        sa.PrimaryKeyConstraint("child_id", name=op.f("pk_sibling_member")),
    )
    with op.batch_alter_table("sibling_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sibling_member_group_id"), ["group_id"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "family_group_home",
                "supported_housing",
                "supported_own_flat",
                "foster_home",
                "private_accommodation",
                name="unit_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("two_carers", sa.Boolean(), nullable=False),
        sa.Column("professional", sa.Boolean(), nullable=False),
        sa.Column("own_young_children", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("age_min_months", sa.Integer(), nullable=False),
        sa.Column("age_max_months", sa.Integer(), nullable=False),
        sa.Column(
            "gender",
            sa.Enum("any", "F", "M", name="gender_policy", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("support_min", sa.Integer(), nullable=False),
        sa.Column("support_max", sa.Integer(), nullable=False),
        sa.Column("care_hours", sa.Integer(), nullable=False),
        sa.Column("interpreter_hours", sa.Integer(), nullable=False),
        sa.Column("registered_from", sa.Date(), nullable=True),
        sa.Column("registered_to", sa.Date(), nullable=True),
        sa.Column("price_day_cents", sa.Integer(), nullable=False),
        sa.Column("price_empty_day_cents", sa.Integer(), nullable=False),
        sa.Column("secret_address", sa.Boolean(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("notes", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("age_min_months >= 0 AND age_min_months <= age_max_months", name=op.f("ck_unit_age_band")),
        sa.CheckConstraint("care_hours >= 0 AND interpreter_hours >= 0", name=op.f("ck_unit_hours")),
        sa.CheckConstraint("closed_on IS NULL OR opened_on <= closed_on", name=op.f("ck_unit_opening")),
        sa.CheckConstraint(
            "price_day_cents >= 0 AND price_empty_day_cents <= price_day_cents", name=op.f("ck_unit_price")
        ),
        sa.CheckConstraint(
            "support_min BETWEEN 1 AND 4 AND support_max BETWEEN support_min AND 4", name=op.f("ck_unit_support_band")
        ),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_unit_building_id_building")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_unit_county_id_organisation")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["organisation.id"], name=op.f("fk_unit_municipality_id_organisation")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_unit_provider_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("county_id", "name", name=op.f("uq_unit_county_id_name")),
        sa.UniqueConstraint("ref", name=op.f("uq_unit_ref")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_county_id"), ["county_id"], unique=False)

    op.create_table(
        "agreement_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "annex",
                "scan",
                "resolution",
                "hearing",
                name="agreement_attachment_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_agreement_attachment_size")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_agreement_attachment_by_app_user")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_attachment_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_attachment")),
        sa.UniqueConstraint("version_id", "sha256", name=op.f("uq_agreement_attachment_version_id_sha256")),
    )
    with op.batch_alter_table("agreement_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_attachment_version_id"), ["version_id"], unique=False)

    op.create_table(
        "agreement_clause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("library_no", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=True),
        sa.CheckConstraint("(library_no IS NULL) <> (text IS NULL)", name=op.f("ck_agreement_clause_one_text")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_clause_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_clause")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_agreement_clause_version_id_code")),
    )
    with op.batch_alter_table("agreement_clause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_clause_version_id"), ["version_id"], unique=False)

    op.create_table(
        "agreement_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_agreement_comment_by_app_user")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agreement_comment_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_comment_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_comment")),
    )
    with op.batch_alter_table("agreement_comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_comment_version_id"), ["version_id"], unique=False)

    op.create_table(
        "agreement_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=30), nullable=False),
        sa.Column("side", sa.String(length=30), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_agreement_delivery_days")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_agreement_delivery_by_app_user")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agreement_delivery_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_delivery_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_delivery")),
    )
    with op.batch_alter_table("agreement_delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_delivery_version_id"), ["version_id"], unique=False)

    op.create_table(
        "agreement_document",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_document_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "language", name=op.f("pk_agreement_document")),
    )
    op.create_table(
        "agreement_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(
                "started",
                "sent-to-hearing",
                "heard",
                "sent-for-signature",
                "signed",
                "returned",
                "activated",
                "terminated",
                name="agreement_move",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_status", sa.String(length=20), nullable=False),
        sa.Column("to_status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_agreement_event_by_app_user")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_event_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_event")),
    )
    with op.batch_alter_table("agreement_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_event_version_id"), ["version_id"], unique=False)

    op.create_table(
        "agreement_frozen",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_frozen_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_agreement_frozen")),
    )
    op.create_table(
        "agreement_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "county",
                "municipality",
                "state",
                "provider",
                "aland_health_authority",
                name="party_side",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum("signatory", "heard", name="party_role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("chapter", sa.String(length=30), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agreement_party_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_party_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_party")),
        sa.UniqueConstraint(
            "version_id",
            "organisation_id",
            "side",
            "chapter",
            name=op.f("uq_agreement_party_version_id_organisation_id_side_chapter"),
        ),
    )
    with op.batch_alter_table("agreement_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_party_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_party_version_id"), ["version_id"], unique=False)

    op.create_table(
        "agreement_quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_agreement_quota_places")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_agreement_quota_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_agreement_quota_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_quota_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_quota")),
    )
    with op.batch_alter_table("agreement_quota", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_quota_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_quota_version_id"), ["version_id"], unique=False)

    op.create_table(
        "agreement_rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("day_cents", sa.Integer(), nullable=False),
        sa.Column("empty_day_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "day_cents > 0 AND empty_day_cents >= 0 AND empty_day_cents <= day_cents",
            name=op.f("ck_agreement_rate_cents"),
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_agreement_rate_validity")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_agreement_rate_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_rate_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_rate")),
    )
    with op.batch_alter_table("agreement_rate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_rate_version_id"), ["version_id"], unique=False)

    op.create_table(
        "agreement_section",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("edit_no", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_agreement_section_by_app_user")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_section_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "section", name=op.f("pk_agreement_section")),
    )
    op.create_table(
        "agreement_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_agreement_unit_places")),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_agreement_unit_validity")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_agreement_unit_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_unit_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_unit")),
    )
    with op.batch_alter_table("agreement_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_unit_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_unit_version_id"), ["version_id"], unique=False)

    op.create_table(
        "booking_refusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_booking_refusal_child_id_child")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_booking_refusal_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_booking_refusal_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_refusal")),
    )
    with op.batch_alter_table("booking_refusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_refusal_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "capacity_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("extra_places", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_capacity_exception_validity")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["app_user.id"], name=op.f("fk_capacity_exception_approved_by_app_user")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_capacity_exception_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_exception")),
    )
    with op.batch_alter_table("capacity_exception", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capacity_exception_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "child_ban",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_ban_child_id_child")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_child_ban_unit_id_unit")),
        sa.PrimaryKeyConstraint("child_id", "unit_id", name=op.f("pk_child_ban")),
    )
    op.create_table(
        "child_wish",
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_wish_child_id_child")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_child_wish_unit_id_unit")),
        sa.PrimaryKeyConstraint("child_id", "unit_id", name=op.f("pk_child_wish")),
        sa.UniqueConstraint("child_id", "rank", name=op.f("uq_child_wish_child_id_rank")),
    )
    op.create_table(
        "claim_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("claimed_cents", sa.BigInteger(), nullable=False),
        sa.Column("approved_cents", sa.BigInteger(), nullable=False),
        sa.Column("rejected_cents", sa.BigInteger(), nullable=False),
        sa.Column("parked_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("number = 1 OR length(reason) > 0", name=op.f("ck_claim_decision_correction")),
        sa.CheckConstraint("second_id IS NULL OR second_id <> decided_by", name=op.f("ck_claim_decision_second")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_decision_claim_id_claim")),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name=op.f("fk_claim_decision_decided_by_app_user")),
        sa.ForeignKeyConstraint(["second_id"], ["app_user.id"], name=op.f("fk_claim_decision_second_id_app_user")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["claim_version.id"], name=op.f("fk_claim_decision_version_id_claim_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_decision")),
        sa.UniqueConstraint("claim_id", "number", name=op.f("uq_claim_decision_claim_id_number")),
    )
    with op.batch_alter_table("claim_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_decision_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_closure_validity")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_closure_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_closure_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "cost_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("child_ref", sa.String(length=12), nullable=True),
        sa.Column("cost_kind", sa.String(length=30), nullable=False),
        sa.Column("cost_centre", sa.String(length=40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("other_income_cents", sa.BigInteger(), nullable=False),
        sa.Column("shared_cents", sa.BigInteger(), nullable=True),
        sa.Column("share_rule", sa.String(length=200), nullable=False),
        sa.Column("supplier", sa.String(length=120), nullable=False),
        sa.Column("voucher", sa.String(length=60), nullable=False),
        sa.Column("voucher_on", sa.Date(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("import_key", sa.String(length=80), nullable=True),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_cost_entry_days")),
        sa.CheckConstraint("other_income_cents >= 0", name=op.f("ck_cost_entry_other_income")),
        sa.ForeignKeyConstraint(["added_by"], ["app_user.id"], name=op.f("fk_cost_entry_added_by_app_user")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_cost_entry_county_id_organisation")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["claim_evidence.id"], name=op.f("fk_cost_entry_evidence_id_claim_evidence")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_cost_entry_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_entry")),
        sa.UniqueConstraint("import_key", name=op.f("uq_cost_entry_import_key")),
    )
    with op.batch_alter_table("cost_entry", schema=None) as batch_op:
        batch_op.create_index("ix_cost_entry_county_days", ["county_id", "first_day"], unique=False)
        batch_op.create_index(batch_op.f("ix_cost_entry_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index("ix_cost_entry_voucher", ["supplier", "voucher"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('"end" IS NULL OR start < "end"', name=op.f("ck_hold_dates")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_hold_child_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_hold_county_id_organisation")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_hold_made_by_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hold_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hold_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_hold_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "ledger_leg",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "bank",
                "advances",
                "recoverable",
                "claimed",
                "under-review",
                "committed",
                "granted",
                "payable",
                "reimbursement",
                "interest",
                name="ledger_account",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "side",
            sa.Enum("debit", "credit", name="ledger_side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("care_year", sa.Integer(), nullable=False),
        sa.CheckConstraint("currency = 'EUR'", name=op.f("ck_ledger_leg_currency")),
        sa.CheckConstraint("care_year BETWEEN 2000 AND 2100", name=op.f("ck_ledger_leg_care_year")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_ledger_leg_cents")),
        sa.CheckConstraint("line_no >= 1", name=op.f("ck_ledger_leg_line_no")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["ledger_entry.id"],
            name=op.f("fk_ledger_leg_entry_id_ledger_entry"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["party_id"], ["organisation.id"], name=op.f("fk_ledger_leg_party_id_organisation")),
        sa.PrimaryKeyConstraint("entry_id", "line_no", name=op.f("pk_ledger_leg")),
    )
    with op.batch_alter_table("ledger_leg", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_leg_subject", ["subject", "account"], unique=False)

    op.create_table(
        "payment_offset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("recovery_id", sa.Integer(), nullable=True),
        sa.Column("advance_id", sa.Integer(), nullable=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(recovery_id IS NULL) <> (advance_id IS NULL)", name=op.f("ck_payment_offset_one_target")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_payment_offset_cents")),
        sa.ForeignKeyConstraint(["advance_id"], ["payment.id"], name=op.f("fk_payment_offset_advance_id_payment")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_offset_payment_id_payment")),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.id"], name=op.f("fk_payment_offset_recovery_id_recovery")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_offset")),
    )
    with op.batch_alter_table("payment_offset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_offset_advance_id"), ["advance_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_offset_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_offset_recovery_id"), ["recovery_id"], unique=False)

    op.create_table(
        "proposal_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("proposed_unit_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("lock_reason", sa.String(length=300), nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("change_reason", sa.LargeBinary(), nullable=True),
        sa.Column("broken_rules", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["app_user.id"], name=op.f("fk_proposal_row_changed_by_app_user")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_proposal_row_child_id_child")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_row_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["proposed_unit_id"], ["unit.id"], name=op.f("fk_proposal_row_proposed_unit_id_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_proposal_row_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_row")),
        sa.UniqueConstraint("proposal_id", "child_id", name=op.f("uq_proposal_row_proposal_id_child_id")),
    )
    with op.batch_alter_table("proposal_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_row_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_row_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "recovery_settlement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recovery_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("paid", "set-off", name="settlement_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("principal_cents", sa.BigInteger(), nullable=False),
        sa.Column("interest_cents", sa.BigInteger(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("principal_cents > 0 AND interest_cents >= 0", name=op.f("ck_recovery_settlement_cents")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_recovery_settlement_by_app_user")),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recovery.id"], name=op.f("fk_recovery_settlement_recovery_id_recovery")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_settlement")),
        sa.UniqueConstraint("recovery_id", "reference", name=op.f("uq_recovery_settlement_recovery_id_reference")),
    )
    with op.batch_alter_table("recovery_settlement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_settlement_recovery_id"), ["recovery_id"], unique=False)

    op.create_table(
        "unit_capacity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("care_workers", sa.Integer(), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_unit_capacity_places")),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_unit_capacity_validity")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_capacity_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_capacity")),
        sa.UniqueConstraint("unit_id", "valid_from", name=op.f("uq_unit_capacity_unit_id_valid_from")),
    )
    with op.batch_alter_table("unit_capacity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_capacity_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "unit_language",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_language_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "code", name=op.f("pk_unit_language")),
    )
    op.create_table(
        "unit_service",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_service_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "code", name=op.f("pk_unit_service")),
    )
    op.create_table(
        "use_log",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=True),
        sa.Column("data_used", sa.String(length=60), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_use_log_child_id_child")),
        sa.ForeignKeyConstraint(["grant_id"], ["purpose_grant.id"], name=op.f("fk_use_log_grant_id_purpose_grant")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_use_log_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_use_log_user_id_app_user")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_use_log")),
    )
    with op.batch_alter_table("use_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_use_log_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_use_log_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_use_log_user_id"), ["user_id"], unique=False)

    op.create_table(
        "user_mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "social-worker",
                "coordinator",
                "county-lead",
                "claims-officer",
                "claims-approver",
                "unit-manager",
                "signatory",
                "reviewer",
                "payment-examiner",
                "payer",
                "municipality-worker",
                "auditor",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("may_decide", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_user_mandate_validity")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_user_mandate_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_user_mandate_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_mandate_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_mandate")),
    )
    with op.batch_alter_table("user_mandate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_mandate_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_mandate_user_id"), ["user_id"], unique=False)

    op.create_table(
        "agreement_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("mandate_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=30), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scan_sha256", sa.String(length=64), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["user_mandate.id"], name=op.f("fk_agreement_signature_mandate_id_user_mandate")
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["agreement_party.id"], name=op.f("fk_agreement_signature_party_id_agreement_party")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_agreement_signature_user_id_app_user")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_signature_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_signature")),
        sa.UniqueConstraint("version_id", "party_id", name=op.f("uq_agreement_signature_version_id_party_id")),
    )
    with op.batch_alter_table("agreement_signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_signature_version_id"), ["version_id"], unique=False)

    op.create_table(
        "claim_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column(
            "gate",
            sa.Enum("cost", "payment", name="claim_line_gate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "place-day",
                "reserved-place",
                "actual",
                "budget",
                "own-day",
                "left-out",
                "difference",
                name="claim_basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cost_kind", sa.String(length=30), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("child_ref", sa.String(length=12), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("care_year", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("day_cents", sa.BigInteger(), nullable=True),
        sa.Column("ceiling_cents", sa.BigInteger(), nullable=True),
        sa.Column("invoiced_cents", sa.BigInteger(), nullable=True),
        sa.Column("claimed_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("other_income_cents", sa.BigInteger(), nullable=False),
        sa.Column("shared_cents", sa.BigInteger(), nullable=True),
        sa.Column("supplier", sa.String(length=120), nullable=False),
        sa.Column("voucher", sa.String(length=60), nullable=False),
        sa.Column("voucher_on", sa.Date(), nullable=True),
        sa.Column("agreement_version_id", sa.Integer(), nullable=True),
        sa.Column("clause", sa.String(length=120), nullable=False),
        sa.Column("grant_line_id", sa.Integer(), nullable=True),
        sa.Column("cost_entry_id", sa.Integer(), nullable=True),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("parked_from_id", sa.Integer(), nullable=True),
        sa.Column("corrects_line_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("late_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "basis <> 'place-day' OR (day_cents IS NOT NULL AND ceiling_cents = days * day_cents AND invoiced_cents IS NOT NULL AND claimed_cents <= ceiling_cents AND claimed_cents <= invoiced_cents)",
            name=op.f("ck_claim_line_ceiling"),
        ),
        sa.CheckConstraint(
            "basis NOT IN ('own-day', 'left-out') OR claimed_cents = 0", name=op.f("ck_claim_line_days_alone")
        ),
        sa.CheckConstraint("claimed_cents >= 0 OR corrects_line_id IS NOT NULL", name=op.f("ck_claim_line_sign")),
        sa.CheckConstraint("first_day <= last_day AND days >= 0", name=op.f("ck_claim_line_days")),
        sa.ForeignKeyConstraint(
            ["agreement_version_id"],
            ["agreement_version.id"],
            name=op.f("fk_claim_line_agreement_version_id_agreement_version"),
        ),
        sa.ForeignKeyConstraint(
            ["corrects_line_id"], ["claim_line.id"], name=op.f("fk_claim_line_corrects_line_id_claim_line")
        ),
        sa.ForeignKeyConstraint(
            ["cost_entry_id"], ["cost_entry.id"], name=op.f("fk_claim_line_cost_entry_id_cost_entry")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["claim_evidence.id"], name=op.f("fk_claim_line_evidence_id_claim_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["grant_line_id"], ["claim_line.id"], name=op.f("fk_claim_line_grant_line_id_claim_line")
        ),
        sa.ForeignKeyConstraint(
            ["parked_from_id"], ["claim_line.id"], name=op.f("fk_claim_line_parked_from_id_claim_line")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_claim_line_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["claim_version.id"], name=op.f("fk_claim_line_version_id_claim_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_line")),
        sa.UniqueConstraint("version_id", "line_no", name=op.f("uq_claim_line_version_id_line_no")),
    )
    with op.batch_alter_table("claim_line", schema=None) as batch_op:
        batch_op.create_index("ix_claim_line_child_days", ["child_ref", "first_day"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_line_corrects_line_id"), ["corrects_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_line_cost_entry_id"), ["cost_entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_line_grant_line_id"), ["grant_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_line_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_line_version_id"), ["version_id"], unique=False)
        batch_op.create_index("ix_claim_line_voucher", ["supplier", "voucher"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("placement", "urgent", name="decision_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "made",
                "discarded",
                name="decision_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("case_number", sa.String(length=40), nullable=True),
        sa.Column("proposal_row_id", sa.Integer(), nullable=True),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("assessment_on", sa.Date(), nullable=True),
        sa.Column("child_hearing", sa.String(length=40), nullable=True),
        sa.Column("child_heard_on", sa.Date(), nullable=True),
        sa.Column("child_heard_how", sa.String(length=60), nullable=True),
        sa.Column("child_heard_language", sa.String(length=8), nullable=True),
        sa.Column("child_interpreter", sa.Boolean(), nullable=False),
        sa.Column("child_opinion", sa.LargeBinary(), nullable=True),
        sa.Column("child_not_heard_reason", sa.LargeBinary(), nullable=True),
        sa.Column("representative_hearing", sa.String(length=40), nullable=True),
        sa.Column("representative_heard_on", sa.Date(), nullable=True),
        sa.Column("representative_opinion", sa.LargeBinary(), nullable=True),
        sa.Column("representative_not_heard_reason", sa.LargeBinary(), nullable=True),
        sa.Column("alternatives", sa.LargeBinary(), nullable=True),
        sa.Column("reasons", sa.LargeBinary(), nullable=True),
        sa.Column("legal_bases", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("deviation_reason", sa.LargeBinary(), nullable=True),
        sa.Column("broken_rules", sa.Text(), nullable=False),
        sa.Column("siblings_apart_reason", sa.LargeBinary(), nullable=True),
        sa.Column("confirmation_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_official_id", sa.Integer(), nullable=True),
        sa.Column("second_official_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_official_reason", sa.LargeBinary(), nullable=True),
        sa.Column("prepared_by", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("mandate_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("served_child_on", sa.Date(), nullable=True),
        sa.Column("served_representative_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status <> 'made' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)", name=op.f("ck_decision_decider")
        ),
        sa.CheckConstraint('"end" IS NULL OR start < "end"', name=op.f("ck_decision_dates")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_decision_child_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_decision_county_id_organisation")),
        sa.ForeignKeyConstraint(["decided_by"], ["app_user.id"], name=op.f("fk_decision_decided_by_app_user")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_decision_hold_id_hold")),
        sa.ForeignKeyConstraint(["mandate_id"], ["user_mandate.id"], name=op.f("fk_decision_mandate_id_user_mandate")),
        sa.ForeignKeyConstraint(["prepared_by"], ["app_user.id"], name=op.f("fk_decision_prepared_by_app_user")),
        sa.ForeignKeyConstraint(
            ["proposal_row_id"], ["proposal_row.id"], name=op.f("fk_decision_proposal_row_id_proposal_row")
        ),
        sa.ForeignKeyConstraint(
            ["second_official_id"], ["app_user.id"], name=op.f("fk_decision_second_official_id_app_user")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_decision_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("county_id", "case_number", name=op.f("uq_decision_county_id_case_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_decision_ref")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("mandate_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["user_mandate.id"], name=op.f("fk_user_session_mandate_id_user_mandate")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_session_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "claim_decision_line",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "approve",
                "part",
                "reject",
                "park",
                "ask",
                "answer",
                "reopen",
                name="claim_decision_verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("claimed_cents", sa.BigInteger(), nullable=False),
        sa.Column("approved_cents", sa.BigInteger(), nullable=False),
        sa.Column("rejected_cents", sa.BigInteger(), nullable=False),
        sa.Column("parked_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(
            "claimed_cents = approved_cents + rejected_cents + parked_cents", name=op.f("ck_claim_decision_line_whole")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["claim_decision.id"], name=op.f("fk_claim_decision_line_decision_id_claim_decision")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["claim_line.id"], name=op.f("fk_claim_decision_line_line_id_claim_line")),
        sa.PrimaryKeyConstraint("decision_id", "line_id", name=op.f("pk_claim_decision_line")),
    )
    with op.batch_alter_table("claim_decision_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_decision_line_line_id"), ["line_id"], unique=False)

    op.create_table(
        "claim_line_verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "approve",
                "part",
                "reject",
                "park",
                "ask",
                "answer",
                "reopen",
                name="claim_verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("approved_cents", sa.BigInteger(), nullable=True),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("approved_cents IS NULL OR verdict = 'part'", name=op.f("ck_claim_line_verdict_part")),
        sa.ForeignKeyConstraint(["by"], ["app_user.id"], name=op.f("fk_claim_line_verdict_by_app_user")),
        sa.ForeignKeyConstraint(["line_id"], ["claim_line.id"], name=op.f("fk_claim_line_verdict_line_id_claim_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_line_verdict")),
    )
    with op.batch_alter_table("claim_line_verdict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_line_verdict_line_id"), ["line_id"], unique=False)

    op.create_table(
        "decision_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("legal_text", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_document_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_document")),
        sa.UniqueConstraint("decision_id", "language", name=op.f("uq_decision_document_decision_id_language")),
    )
    with op.batch_alter_table("decision_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_document_decision_id"), ["decision_id"], unique=False)

    op.create_table(
        "stay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("planned_start", sa.Date(), nullable=False),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("decided_start", sa.Date(), nullable=True),
        sa.Column("decided_end", sa.Date(), nullable=True),
        sa.Column("realised_start", sa.Date(), nullable=True),
        sa.Column("realised_end", sa.Date(), nullable=True),
        sa.Column(
            "start",
            sa.Date(),
            sa.Computed("coalesce(realised_start, decided_start, planned_start)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "end",
            sa.Date(),
            sa.Computed("coalesce(realised_end, decided_end, planned_end)", persisted=True),
            nullable=True,
        ),
        sa.Column("end_reason", sa.String(length=60), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "coalesce(realised_end, decided_end, planned_end) IS NULL OR coalesce(realised_start, decided_start, planned_start) < coalesce(realised_end, decided_end, planned_end)",
            name=op.f("ck_stay_dates"),
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_stay_child_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_stay_county_id_organisation")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_stay_decision_id_decision")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_stay_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
    )
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stay_child_id"), ["child_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stay_county_id"), ["county_id"], unique=False)
        batch_op.create_index("ix_stay_unit_dates", ["unit_id", "start", "end"], unique=False)
    dialect = op.get_bind().dialect.name
    for table in SEALED:
        for statement in triggers.append_only(table, dialect):
            op.execute(statement)
    for statement in ledger_triggers.create(dialect):
        op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in ledger_triggers.drop(dialect):
        op.execute(statement)
    for table in SEALED:
        for statement in triggers.unseal(table, dialect):
            op.execute(statement)
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.drop_index("ix_stay_unit_dates")
        batch_op.drop_index(batch_op.f("ix_stay_county_id"))
        batch_op.drop_index(batch_op.f("ix_stay_child_id"))

    op.drop_table("stay")
    with op.batch_alter_table("decision_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_document_decision_id"))

    op.drop_table("decision_document")
    with op.batch_alter_table("claim_line_verdict", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_line_verdict_line_id"))

    op.drop_table("claim_line_verdict")
    with op.batch_alter_table("claim_decision_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_decision_line_line_id"))

    op.drop_table("claim_decision_line")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_unit_id"))
        batch_op.drop_index(batch_op.f("ix_decision_county_id"))
        batch_op.drop_index(batch_op.f("ix_decision_child_id"))

    op.drop_table("decision")
    with op.batch_alter_table("claim_line", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_line_voucher")
        batch_op.drop_index(batch_op.f("ix_claim_line_version_id"))
        batch_op.drop_index(batch_op.f("ix_claim_line_unit_id"))
        batch_op.drop_index(batch_op.f("ix_claim_line_grant_line_id"))
        batch_op.drop_index(batch_op.f("ix_claim_line_cost_entry_id"))
        batch_op.drop_index(batch_op.f("ix_claim_line_corrects_line_id"))
        batch_op.drop_index("ix_claim_line_child_days")

    op.drop_table("claim_line")
    with op.batch_alter_table("agreement_signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_signature_version_id"))

    op.drop_table("agreement_signature")
    with op.batch_alter_table("user_mandate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_mandate_user_id"))
        batch_op.drop_index(batch_op.f("ix_user_mandate_organisation_id"))

    op.drop_table("user_mandate")
    with op.batch_alter_table("use_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_use_log_user_id"))
        batch_op.drop_index(batch_op.f("ix_use_log_child_id"))
        batch_op.drop_index(batch_op.f("ix_use_log_at"))

    op.drop_table("use_log")
    op.drop_table("unit_service")
    op.drop_table("unit_language")
    with op.batch_alter_table("unit_capacity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_capacity_unit_id"))

    op.drop_table("unit_capacity")
    with op.batch_alter_table("recovery_settlement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_settlement_recovery_id"))

    op.drop_table("recovery_settlement")
    with op.batch_alter_table("proposal_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_row_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_row_child_id"))

    op.drop_table("proposal_row")
    with op.batch_alter_table("payment_offset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_offset_recovery_id"))
        batch_op.drop_index(batch_op.f("ix_payment_offset_payment_id"))
        batch_op.drop_index(batch_op.f("ix_payment_offset_advance_id"))

    op.drop_table("payment_offset")
    with op.batch_alter_table("ledger_leg", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_leg_subject")

    op.drop_table("ledger_leg")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hold_unit_id"))
        batch_op.drop_index(batch_op.f("ix_hold_expires_at"))
        batch_op.drop_index(batch_op.f("ix_hold_child_id"))

    op.drop_table("hold")
    with op.batch_alter_table("cost_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_cost_entry_voucher")
        batch_op.drop_index(batch_op.f("ix_cost_entry_unit_id"))
        batch_op.drop_index("ix_cost_entry_county_days")

    op.drop_table("cost_entry")
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_closure_unit_id"))

    op.drop_table("closure")
    with op.batch_alter_table("claim_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_decision_claim_id"))

    op.drop_table("claim_decision")
    op.drop_table("child_wish")
    op.drop_table("child_ban")
    with op.batch_alter_table("capacity_exception", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capacity_exception_unit_id"))

    op.drop_table("capacity_exception")
    with op.batch_alter_table("booking_refusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_refusal_unit_id"))

    op.drop_table("booking_refusal")
    with op.batch_alter_table("agreement_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_unit_version_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_unit_unit_id"))

    op.drop_table("agreement_unit")
    op.drop_table("agreement_section")
    with op.batch_alter_table("agreement_rate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_rate_version_id"))

    op.drop_table("agreement_rate")
    with op.batch_alter_table("agreement_quota", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_quota_version_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_quota_unit_id"))

    op.drop_table("agreement_quota")
    with op.batch_alter_table("agreement_party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_party_version_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_party_organisation_id"))

    op.drop_table("agreement_party")
    op.drop_table("agreement_frozen")
    with op.batch_alter_table("agreement_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_event_version_id"))

    op.drop_table("agreement_event")
    op.drop_table("agreement_document")
    with op.batch_alter_table("agreement_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_delivery_version_id"))

    op.drop_table("agreement_delivery")
    with op.batch_alter_table("agreement_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_comment_version_id"))

    op.drop_table("agreement_comment")
    with op.batch_alter_table("agreement_clause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_clause_version_id"))

    op.drop_table("agreement_clause")
    with op.batch_alter_table("agreement_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_attachment_version_id"))

    op.drop_table("agreement_attachment")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_county_id"))

    op.drop_table("unit")
    with op.batch_alter_table("sibling_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sibling_member_group_id"))

    op.drop_table("sibling_member")
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_county_id"))
        batch_op.drop_index(batch_op.f("ix_recovery_claim_id"))

    op.drop_table("recovery")
    with op.batch_alter_table("purpose_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purpose_grant_user_id"))
        batch_op.drop_index(batch_op.f("ix_purpose_grant_child_id"))

    op.drop_table("purpose_grant")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_run_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_county_id"))

    op.drop_table("proposal")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_payment_instalment",
            sqlite_where=sa.text("returned_at IS NULL"),
            postgresql_where=sa.text("returned_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_payment_county_id"))
        batch_op.drop_index(batch_op.f("ix_payment_claim_id"))

    op.drop_table("payment")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_period"))
        batch_op.drop_index("ix_ledger_entry_effective_on")

    op.drop_table("ledger_entry")
    op.drop_table("imported_row")
    with op.batch_alter_table("claim_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_version_claim_id"))

    op.drop_table("claim_version")
    with op.batch_alter_table("claim_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_event_claim_id"))

    op.drop_table("claim_event")
    op.drop_table("child_need")
    op.drop_table("child_language")
    with op.batch_alter_table("case_relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_relation_user_id"))
        batch_op.drop_index(batch_op.f("ix_case_relation_child_id"))

    op.drop_table("case_relation")
    with op.batch_alter_table("birth_date_correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_birth_date_correction_child_id"))

    op.drop_table("birth_date_correction")
    with op.batch_alter_table("apart_pair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_apart_pair_county_id"))

    op.drop_table("apart_pair")
    with op.batch_alter_table("agreement_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_version_agreement_id"))

    op.drop_table("agreement_version")
    with op.batch_alter_table("sibling_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sibling_group_county_id"))

    op.drop_table("sibling_group")
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_status"))
        batch_op.drop_index(batch_op.f("ix_run_county_id"))

    op.drop_table("run")
    op.drop_table("posting_period")
    with op.batch_alter_table("import_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_upload_user_id"))
        batch_op.drop_index(batch_op.f("ix_import_upload_expires_at"))

    op.drop_table("import_upload")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_file_hash"))
        batch_op.drop_index(batch_op.f("ix_import_batch_county_id"))

    op.drop_table("import_batch")
    op.drop_table("idempotency_key")
    op.drop_table("cooperation_member")
    with op.batch_alter_table("claim_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_evidence_county_id"))

    op.drop_table("claim_evidence")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_county_period")
        batch_op.drop_index("ix_claim_authority_status")

    op.drop_table("claim")
    with op.batch_alter_table("child_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_child_draft_user_id"))

    op.drop_table("child_draft")
    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_child_worker_id"))
        batch_op.drop_index(batch_op.f("ix_child_waiting_since"))
        batch_op.drop_index(batch_op.f("ix_child_county_id"))

    op.drop_table("child")
    with op.batch_alter_table("building", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_building_county_id"))

    op.drop_table("building")
    op.drop_table("book_balance")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_object_ref"))

    op.drop_table("audit_event")
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_county_id"))

    op.drop_table("agreement")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_county_id"))

    op.drop_table("organisation")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_attempt_at"))
        batch_op.drop_index(batch_op.f("ix_login_attempt_address_index"))
        batch_op.drop_index(batch_op.f("ix_login_attempt_account_index"))

    op.drop_table("login_attempt")
    op.drop_table("cooperation")
    op.drop_table("audit_anchor")
    op.drop_table("app_user")
