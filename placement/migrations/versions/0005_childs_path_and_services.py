"""The child's path and the services owed on it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "family_member",
    "child_service",
    "child_hearing",
    "child_merge",
    "representation",
    "service_need_assessment",
    "restriction_protocol",
)


def upgrade() -> None:
    op.create_table(
        "family_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "relationship",
            sa.Enum(
                "guardian",
                "sibling",
                "other-relative",
                name="relationship",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_family_member_child_id_child")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_family_member_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_family_member_recorded_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_member")),
        sa.UniqueConstraint("child_id", "number", name=op.f("uq_family_member_child_id_number")),
    )
    op.create_index("ix_family_member_child_id", "family_member", ["child_id"])
    op.create_index("ix_family_member_county_id", "family_member", ["county_id"])

    op.create_table(
        "child_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("family_member_id", sa.Integer(), nullable=True),
        sa.Column(
            "side",
            sa.Enum(
                "county",
                "municipality",
                "employment_authority",
                "school",
                "third_sector",
                name="service_side",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("event_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("watch_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=30), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("reported_by", sa.Integer(), nullable=True),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column(
            "closed_as",
            sa.Enum(
                "declined", "not-needed", name="service_closed_as", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("closed_reason", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "closed_as IS NULL OR (closed_on IS NOT NULL AND delivered_on IS NULL)",
            name=op.f("ck_child_service_closed"),
        ),
        sa.CheckConstraint(
            "delivered_on IS NULL OR (evidence IS NOT NULL AND confirmed_by IS NOT NULL)",
            name=op.f("ck_child_service_shown"),
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_service_child_id_child")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["app_user.id"], name=op.f("fk_child_service_confirmed_by_app_user")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_child_service_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["family_member_id"], ["family_member.id"], name=op.f("fk_child_service_family_member_id_family_member")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_child_service_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_child_service_owner_id_app_user")),
        sa.ForeignKeyConstraint(["reported_by"], ["app_user.id"], name=op.f("fk_child_service_reported_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_service")),
        sa.UniqueConstraint("child_id", "number", name=op.f("uq_child_service_child_id_number")),
    )
    op.create_index("ix_child_service_child_id", "child_service", ["child_id"])
    op.create_index("ix_child_service_due", "child_service", ["county_id", "due_on"])
    op.create_index("ix_child_service_organisation_id", "child_service", ["organisation_id"])
    op.create_index("ix_child_service_owner_id", "child_service", ["owner_id"])

    op.create_table(
        "child_hearing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "whose",
            sa.Enum(
                "child",
                "representative",
                "guardian",
                name="hearing_whose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "heard",
                "interpreter-absent",
                "not-heard",
                name="hearing_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("heard_on", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("interpreter", sa.Boolean(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("objects", sa.Boolean(), nullable=False),
        sa.Column("alternatives", sa.LargeBinary(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_child_hearing_child_id_child")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_child_hearing_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_child_hearing_recorded_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_hearing")),
        sa.UniqueConstraint("child_id", "number", name=op.f("uq_child_hearing_child_id_number")),
    )
    op.create_index("ix_child_hearing_child_id", "child_hearing", ["child_id"])
    op.create_index("ix_child_hearing_county_id", "child_hearing", ["county_id"])

    op.create_table(
        "child_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_child_merge_county_id_organisation")),
        sa.ForeignKeyConstraint(["kept_id"], ["child.id"], name=op.f("fk_child_merge_kept_id_child")),
        sa.ForeignKeyConstraint(["merged_by"], ["app_user.id"], name=op.f("fk_child_merge_merged_by_app_user")),
        sa.ForeignKeyConstraint(["merged_id"], ["child.id"], name=op.f("fk_child_merge_merged_id_child")),
        sa.ForeignKeyConstraint(["undone_by"], ["app_user.id"], name=op.f("fk_child_merge_undone_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_merge")),
    )
    op.create_index("ix_child_merge_county_id", "child_merge", ["county_id"])
    op.create_index("ix_child_merge_kept_id", "child_merge", ["kept_id"])
    op.create_index("ix_child_merge_merged_id", "child_merge", ["merged_id"])

    op.create_table(
        "representation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("child_heard_on", sa.Date(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("appointed_on", sa.Date(), nullable=True),
        sa.Column("court", sa.String(length=120), nullable=True),
        sa.Column("case_number", sa.String(length=40), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ended_on IS NULL OR appointed_on IS NULL OR appointed_on <= ended_on", name=op.f("ck_representation_days")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_representation_child_id_child")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_representation_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_representation_recorded_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representation")),
        sa.UniqueConstraint("child_id", "number", name=op.f("uq_representation_child_id_number")),
    )
    op.create_index("ix_representation_child_id", "representation", ["child_id"])
    op.create_index("ix_representation_county_id", "representation", ["county_id"])

    op.create_table(
        "service_need_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("contact_on", sa.Date(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ready_on", sa.Date(), nullable=True),
        sa.Column("special_support", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_service_need_assessment_child_id_child")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_service_need_assessment_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["app_user.id"], name=op.f("fk_service_need_assessment_worker_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_need_assessment")),
        sa.UniqueConstraint("child_id", "number", name=op.f("uq_service_need_assessment_child_id_number")),
    )
    op.create_index("ix_service_need_assessment_child_id", "service_need_assessment", ["child_id"])
    op.create_index("ix_service_need_assessment_county_id", "service_need_assessment", ["county_id"])

    op.create_table(
        "restriction_protocol",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "seizure", "room-inspection", name="protocol_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("copy_county_on", sa.Date(), nullable=True),
        sa.Column("copy_agency_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_restriction_protocol_child_id_child")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_restriction_protocol_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["app_user.id"], name=op.f("fk_restriction_protocol_recorded_by_app_user")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_restriction_protocol_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction_protocol")),
        sa.UniqueConstraint("child_id", "number", name=op.f("uq_restriction_protocol_child_id_number")),
    )
    op.create_index("ix_restriction_protocol_child_id", "restriction_protocol", ["child_id"])
    op.create_index("ix_restriction_protocol_county_id", "restriction_protocol", ["county_id"])
    op.create_index("ix_restriction_protocol_unit_id", "restriction_protocol", ["unit_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
