"""The life of placements: absences, moves, transfers, closing places, and what a unit says."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_saved_view_organisation_id", "saved_view", "organisation_id"),
    ("ix_saved_view_user_id", "saved_view", "user_id"),
    ("ix_no_place_child_id", "no_place", "child_id"),
    ("ix_no_place_county_id", "no_place", "county_id"),
    ("ix_no_place_retry_on", "no_place", "retry_on"),
    ("ix_transfer_child_id", "transfer", "child_id"),
    ("ix_transfer_from_county_id", "transfer", "from_county_id"),
    ("ix_transfer_status", "transfer", "status"),
    ("ix_transfer_to_county_id", "transfer", "to_county_id"),
    ("ix_move_plan_child_id", "move_plan", "child_id"),
    ("ix_move_plan_county_id", "move_plan", "county_id"),
    ("ix_move_plan_unit_id", "move_plan", "unit_id"),
    ("ix_presence_month_county_id", "presence_month", "county_id"),
    ("ix_presence_month_unit_id", "presence_month", "unit_id"),
    ("ix_self_monitoring_unit_id", "self_monitoring", "unit_id"),
    ("ix_unit_inspection_unit_id", "unit_inspection", "unit_id"),
    ("ix_closure_plan_closure_id", "closure_plan", "closure_id"),
    ("ix_closure_plan_run_id", "closure_plan", "run_id"),
    ("ix_unit_answer_child_id", "unit_answer", "child_id"),
    ("ix_unit_answer_county_id", "unit_answer", "county_id"),
    ("ix_unit_answer_unit_id", "unit_answer", "unit_id"),
    ("ix_stay_not_begun_child_id", "stay_not_begun", "child_id"),
    ("ix_stay_not_begun_county_id", "stay_not_begun", "county_id"),
    ("ix_stay_not_begun_decision_id", "stay_not_begun", "decision_id"),
    ("ix_stay_not_begun_unit_id", "stay_not_begun", "unit_id"),
    ("ix_absence_child_id", "absence", "child_id"),
    ("ix_absence_county_id", "absence", "county_id"),
    ("ix_absence_stay_id", "absence", "stay_id"),
    ("ix_absence_unit_id", "absence", "unit_id"),
)


def upgrade() -> None:
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ref", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("planned", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("requested_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("confirmed_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("second_official_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("second_official_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.create_unique_constraint(batch_op.f("uq_closure_ref"), ["ref"])
        batch_op.create_foreign_key(
            batch_op.f("fk_closure_second_official_id_app_user"), "app_user", ["second_official_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_closure_requested_by_app_user"), "app_user", ["requested_by"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_closure_confirmed_by_app_user"), "app_user", ["confirmed_by"], ["id"]
        )
    op.add_column("unit", sa.Column("house_rules", sa.String(length=4000), server_default="", nullable=False))
    op.add_column("unit", sa.Column("fit_notes", sa.String(length=2000), server_default="", nullable=False))
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_saved_view_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_view_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "page", "name", name=op.f("uq_saved_view_user_id_page_name")),
    )
    op.create_table(
        "no_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("blocking", sa.Text(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_code", sa.String(length=40), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_no_place_child_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_no_place_county_id_organisation")),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_no_place_recorded_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_no_place")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("from_county_id", sa.Integer(), nullable=False),
        sa.Column("to_county_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("handed", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "asked",
                "accepted",
                "refused",
                "withdrawn",
                name="transfer_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal_code", sa.String(length=40), nullable=True),
        sa.Column("refusal_note", sa.LargeBinary(), nullable=True),
        sa.Column("new_child_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("from_county_id <> to_county_id", name=op.f("ck_transfer_two_counties")),
        sa.ForeignKeyConstraint(["answered_by"], ["app_user.id"], name=op.f("fk_transfer_answered_by_app_user")),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_transfer_asked_by_app_user")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_transfer_child_id_child")),
        sa.ForeignKeyConstraint(
            ["from_county_id"], ["organisation.id"], name=op.f("fk_transfer_from_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["new_child_id"], ["child.id"], name=op.f("fk_transfer_new_child_id_child")),
        sa.ForeignKeyConstraint(
            ["to_county_id"], ["organisation.id"], name=op.f("fk_transfer_to_county_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("ref", name=op.f("uq_transfer_ref")),
    )
    op.create_table(
        "move_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("move_on", sa.Date(), nullable=False),
        sa.Column("keep_school", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_move_plan_asked_by_app_user")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_move_plan_child_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_move_plan_county_id_organisation")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_move_plan_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_plan")),
    )
    op.create_table(
        "presence_month",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("away_days", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["app_user.id"], name=op.f("fk_presence_month_confirmed_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_presence_month_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_presence_month_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_month")),
        sa.UniqueConstraint("unit_id", "month", name=op.f("uq_presence_month_unit_id_month")),
    )
    op.create_table(
        "self_monitoring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_self_monitoring_recorded_by_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_self_monitoring_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_monitoring")),
    )
    op.create_table(
        "unit_inspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("inspector", sa.String(length=40), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("remarks", sa.Integer(), nullable=False),
        sa.Column("findings", sa.String(length=2000), nullable=False),
        sa.Column("put_right_by", sa.Date(), nullable=True),
        sa.Column("put_right_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_unit_inspection_recorded_by_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_inspection_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_inspection")),
    )
    op.create_table(
        "closure_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closure_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(length=30), nullable=False),
        sa.Column("used_by", sa.Integer(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["closure_id"], ["closure.id"], name=op.f("fk_closure_plan_closure_id_closure")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_closure_plan_run_id_run")),
        sa.ForeignKeyConstraint(["used_by"], ["app_user.id"], name=op.f("fk_closure_plan_used_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure_plan")),
        sa.UniqueConstraint("closure_id", "run_id", name=op.f("uq_closure_plan_closure_id_run_id")),
    )
    op.create_table(
        "unit_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("proposal_row_id", sa.Integer(), nullable=True),
        sa.Column("takes", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["app_user.id"], name=op.f("fk_unit_answer_answered_by_app_user")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_unit_answer_child_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_unit_answer_county_id_organisation")),
        sa.ForeignKeyConstraint(
            ["proposal_row_id"], ["proposal_row.id"], name=op.f("fk_unit_answer_proposal_row_id_proposal_row")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_answer_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_answer")),
        sa.UniqueConstraint("proposal_row_id", name=op.f("uq_unit_answer_proposal_row_id")),
    )
    op.create_table(
        "stay_not_begun",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_stay_not_begun_child_id_child")),
        sa.ForeignKeyConstraint(
            ["county_id"], ["organisation.id"], name=op.f("fk_stay_not_begun_county_id_organisation")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_stay_not_begun_decision_id_decision")),
        sa.ForeignKeyConstraint(["noted_by"], ["app_user.id"], name=op.f("fk_stay_not_begun_noted_by_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_stay_not_begun_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_not_begun")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("stay_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("back_on", sa.Date(), nullable=True),
        sa.Column("expected_back_on", sa.Date(), nullable=True),
        sa.Column("police_told_on", sa.Date(), nullable=True),
        sa.Column("representative_told_on", sa.Date(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("back_on IS NULL OR started_on < back_on", name=op.f("ck_absence_dates")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_absence_child_id_child")),
        sa.ForeignKeyConstraint(["county_id"], ["organisation.id"], name=op.f("fk_absence_county_id_organisation")),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_absence_recorded_by_app_user")),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_absence_stay_id_stay")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_absence_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    for name, table, column in INDEXES:
        op.create_index(name, table, [column])


def downgrade() -> None:
    for name, table, _column in INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_table("absence")
    op.drop_table("stay_not_begun")
    op.drop_table("unit_answer")
    op.drop_table("closure_plan")
    op.drop_table("unit_inspection")
    op.drop_table("self_monitoring")
    op.drop_table("presence_month")
    op.drop_table("move_plan")
    op.drop_table("transfer")
    op.drop_table("no_place")
    op.drop_table("saved_view")
    op.drop_column("unit", "fit_notes")
    op.drop_column("unit", "house_rules")
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_closure_confirmed_by_app_user"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_closure_requested_by_app_user"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_closure_second_official_id_app_user"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_closure_ref"), type_="unique")
        batch_op.drop_column("version")
        batch_op.drop_column("second_official_at")
        batch_op.drop_column("second_official_id")
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("confirmed_by")
        batch_op.drop_column("requested_at")
        batch_op.drop_column("requested_by")
        batch_op.drop_column("planned")
        batch_op.drop_column("ref")
