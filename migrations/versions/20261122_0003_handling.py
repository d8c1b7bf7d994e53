"""handling

Revision: 0003
Follows: 0002
Made: 2026-11-22 22:18:19.589257
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHECKS = {
    "handling_known": "handling IN ('pending', 'presented', 'assigned', 'answering', 'settled')",
    "handling_of_its_state": "(handling IS NOT NULL) = (kind = 'incoming' AND state IN ('registered', 'urgent'))",
    "outcome_known": "outcome IN ('', 'filed', 'transferred', 'returned', 'processed')",
    "outgoing_state_known": "kind <> 'outgoing' OR state IN ('preparing', 'issued', 'abandoned')",
    "paper_state_known": "kind <> 'working_paper' OR state IN ('kept')",
}
VERSION_TABLES = (
    "assignment_version",
    "case_file_item_version",
    "case_file_version",
    "deadline_change_version",
    "deadline_rule_version",
    "work_field_version",
)


def upgrade() -> None:
    op.create_table(
        "assignment_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("parent_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("kind", sa.String(length=20), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=20), autoincrement=False, nullable=True),
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("assigned_by_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("directions", sa.String(length=2000), server_default="", autoincrement=False, nullable=True),
        sa.Column("due_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("passed_on", sa.Boolean(), server_default=sa.text("false"), autoincrement=False, nullable=True),
        sa.Column("waiting_for", sa.String(length=500), server_default="", autoincrement=False, nullable=True),
        sa.Column("suspended_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("chased_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("chase_count", sa.Integer(), server_default="0", autoincrement=False, nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("closing_note", sa.String(length=500), server_default="", autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("operation_type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "transaction_id", name=op.f("pk_assignment_version")),
    )
    op.create_index(op.f("ix_assignment_version_document_id"), "assignment_version", ["document_id"], unique=False)
    op.create_index(
        op.f("ix_assignment_version_end_transaction_id"), "assignment_version", ["end_transaction_id"], unique=False
    )
    op.create_index(
        op.f("ix_assignment_version_operation_type"), "assignment_version", ["operation_type"], unique=False
    )
    op.create_index(op.f("ix_assignment_version_parent_id"), "assignment_version", ["parent_id"], unique=False)
    op.create_index(
        "ix_assignment_version_pk_transaction_id",
        "assignment_version",
        ["id", sa.literal_column("transaction_id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_assignment_version_pk_validity",
        "assignment_version",
        ["id", "transaction_id", "end_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_assignment_version_transaction_id"), "assignment_version", ["transaction_id"], unique=False
    )
    op.create_table(
        "case_file_item_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_file_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("operation_type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "transaction_id", name=op.f("pk_case_file_item_version")),
    )
    op.create_index(
        op.f("ix_case_file_item_version_document_id"), "case_file_item_version", ["document_id"], unique=False
    )
    op.create_index(
        op.f("ix_case_file_item_version_end_transaction_id"),
        "case_file_item_version",
        ["end_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_case_file_item_version_operation_type"), "case_file_item_version", ["operation_type"], unique=False
    )
    op.create_index(
        "ix_case_file_item_version_pk_transaction_id",
        "case_file_item_version",
        ["id", sa.literal_column("transaction_id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_case_file_item_version_pk_validity",
        "case_file_item_version",
        ["id", "transaction_id", "end_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_case_file_item_version_transaction_id"), "case_file_item_version", ["transaction_id"], unique=False
    )
    op.create_table(
        "case_file_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), autoincrement=False, nullable=True),
        sa.Column("code", sa.String(length=60), server_default="", autoincrement=False, nullable=True),
        sa.Column("title", sa.String(length=500), autoincrement=False, nullable=True),
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("responsible_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("operation_type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "transaction_id", name=op.f("pk_case_file_version")),
    )
    op.create_index(
        op.f("ix_case_file_version_end_transaction_id"), "case_file_version", ["end_transaction_id"], unique=False
    )
    op.create_index(op.f("ix_case_file_version_operation_type"), "case_file_version", ["operation_type"], unique=False)
    op.create_index(
        "ix_case_file_version_pk_transaction_id",
        "case_file_version",
        ["id", sa.literal_column("transaction_id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_case_file_version_pk_validity",
        "case_file_version",
        ["id", "transaction_id", "end_transaction_id"],
        unique=False,
    )
    op.create_index(op.f("ix_case_file_version_transaction_id"), "case_file_version", ["transaction_id"], unique=False)
    op.create_table(
        "deadline_change_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("kind", sa.String(length=20), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=20), autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(length=500), autoincrement=False, nullable=True),
        sa.Column("asked_by_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("due_before", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("due_asked", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("due_after", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("note", sa.String(length=500), server_default="", autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("operation_type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "transaction_id", name=op.f("pk_deadline_change_version")),
    )
    op.create_index(
        op.f("ix_deadline_change_version_assignment_id"), "deadline_change_version", ["assignment_id"], unique=False
    )
    op.create_index(
        op.f("ix_deadline_change_version_end_transaction_id"),
        "deadline_change_version",
        ["end_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deadline_change_version_operation_type"), "deadline_change_version", ["operation_type"], unique=False
    )
    op.create_index(
        "ix_deadline_change_version_pk_transaction_id",
        "deadline_change_version",
        ["id", sa.literal_column("transaction_id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_deadline_change_version_pk_validity",
        "deadline_change_version",
        ["id", "transaction_id", "end_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deadline_change_version_transaction_id"), "deadline_change_version", ["transaction_id"], unique=False
    )
    op.create_table(
        "deadline_rule_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("type_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("field_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("counting", sa.String(length=20), server_default="working", autoincrement=False, nullable=True),
        sa.Column("basis", sa.String(length=300), autoincrement=False, nullable=True),
        sa.Column("valid_from", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("valid_to", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("operation_type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "transaction_id", name=op.f("pk_deadline_rule_version")),
    )
    op.create_index(
        op.f("ix_deadline_rule_version_end_transaction_id"),
        "deadline_rule_version",
        ["end_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deadline_rule_version_operation_type"), "deadline_rule_version", ["operation_type"], unique=False
    )
    op.create_index(
        "ix_deadline_rule_version_pk_transaction_id",
        "deadline_rule_version",
        ["id", sa.literal_column("transaction_id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_deadline_rule_version_pk_validity",
        "deadline_rule_version",
        ["id", "transaction_id", "end_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deadline_rule_version_transaction_id"), "deadline_rule_version", ["transaction_id"], unique=False
    )
    op.create_table(
        "work_field",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_work_field_validity_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_field")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_work_field_code_valid_from")),
        info={"privileges": "SELECT, INSERT, UPDATE"},
    )
    op.create_table(
        "work_field_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=100), autoincrement=False, nullable=True),
        sa.Column("ordinal", sa.Integer(), server_default="0", autoincrement=False, nullable=True),
        sa.Column("valid_from", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("valid_to", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("operation_type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "transaction_id", name=op.f("pk_work_field_version")),
    )
    op.create_index(
        op.f("ix_work_field_version_end_transaction_id"), "work_field_version", ["end_transaction_id"], unique=False
    )
    op.create_index(
        op.f("ix_work_field_version_operation_type"), "work_field_version", ["operation_type"], unique=False
    )
    op.create_index(
        "ix_work_field_version_pk_transaction_id",
        "work_field_version",
        ["id", sa.literal_column("transaction_id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_work_field_version_pk_validity",
        "work_field_version",
        ["id", "transaction_id", "end_transaction_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_work_field_version_transaction_id"), "work_field_version", ["transaction_id"], unique=False
    )
    op.create_table(
        "deadline_rule",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=True),
        sa.Column("field_id", sa.BigInteger(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("counting", sa.String(length=20), server_default="working", nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("counting IN ('working', 'calendar')", name=op.f("ck_deadline_rule_counting_known")),
        sa.CheckConstraint("days BETWEEN 1 AND 365", name=op.f("ck_deadline_rule_days_sensible")),
        sa.CheckConstraint(
            "type_id IS NOT NULL OR field_id IS NOT NULL", name=op.f("ck_deadline_rule_about_something")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_deadline_rule_validity_in_order")
        ),
        sa.ForeignKeyConstraint(["field_id"], ["work_field.id"], name=op.f("fk_deadline_rule_field_id_work_field")),
        sa.ForeignKeyConstraint(["type_id"], ["document_type.id"], name=op.f("fk_deadline_rule_type_id_document_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_rule")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_deadline_rule_code_valid_from")),
        info={"privileges": "SELECT, INSERT, UPDATE"},
    )
    op.create_table(
        "case_file",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), server_default="", nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("responsible_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open')", name=op.f("ck_case_file_state_known")),
        sa.ForeignKeyConstraint(["responsible_id"], ["person.id"], name=op.f("fk_case_file_responsible_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["organisation.id"], name=op.f("fk_case_file_unit_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        info={"privileges": "SELECT, INSERT, UPDATE"},
    )
    op.create_index(
        "ix_case_file_unit_open",
        "case_file",
        ["unit_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "notice_choice",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("ways", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("quiet_from", sa.String(length=5), server_default="", nullable=False),
        sa.Column("quiet_to", sa.String(length=5), server_default="", nullable=False),
        sa.Column("digested_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_choice")),
        info={"privileges": "SELECT, INSERT, UPDATE"},
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("assigned_by_id", sa.BigInteger(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("directions", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("passed_on", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("waiting_for", sa.String(length=500), server_default="", nullable=False),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("chased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chase_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('open', 'suspended')) = (finished_at IS NULL)", name=op.f("ck_assignment_living_or_finished")
        ),
        sa.CheckConstraint("kind <> 'lead' OR due_on IS NOT NULL", name=op.f("ck_assignment_lead_has_deadline")),
        sa.CheckConstraint("kind IN ('lead', 'coordinate', 'inform')", name=op.f("ck_assignment_kind_known")),
        sa.CheckConstraint(
            "state IN ('open', 'suspended', 'given_back', 'withdrawn', 'done')", name=op.f("ck_assignment_state_known")
        ),
        sa.ForeignKeyConstraint(["assigned_by_id"], ["person.id"], name=op.f("fk_assignment_assigned_by_id_person")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_assignment_document_id_document")),
        sa.ForeignKeyConstraint(["parent_id"], ["assignment.id"], name=op.f("fk_assignment_parent_id_assignment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["organisation.id"], name=op.f("fk_assignment_unit_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        info={"privileges": "SELECT, INSERT, UPDATE", "frozen": ("document_id", "parent_id", "assigned_at")},
    )
    op.create_index(op.f("ix_assignment_document_id"), "assignment", ["document_id"], unique=False)
    op.create_index(
        "ix_assignment_due",
        "assignment",
        [sa.literal_column("coalesce(due_on, '9999-12-31'::date)"), "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'suspended')"),
    )
    op.create_index(
        "ix_assignment_finished_person",
        "assignment",
        ["person_id", "finished_at", "id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        "ix_assignment_given_by",
        "assignment",
        ["assigned_by_id", sa.literal_column("coalesce(due_on, '9999-12-31'::date)"), "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'suspended')"),
    )
    op.create_index(
        "ix_assignment_of_person",
        "assignment",
        ["person_id", sa.literal_column("coalesce(due_on, '9999-12-31'::date)"), "id"],
        unique=False,
        postgresql_where=sa.text("person_id IS NOT NULL AND state IN ('open', 'suspended')"),
    )
    op.create_index(
        "ix_assignment_of_unit",
        "assignment",
        ["unit_id", sa.literal_column("coalesce(due_on, '9999-12-31'::date)"), "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'suspended')"),
    )
    op.create_index(op.f("ix_assignment_parent_id"), "assignment", ["parent_id"], unique=False)
    op.create_index(
        "uq_assignment_lead",
        "assignment",
        ["document_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'lead' AND parent_id IS NULL AND state IN ('open', 'suspended')"),
    )
    op.create_index(
        "uq_assignment_lead_below",
        "assignment",
        ["parent_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'lead' AND parent_id IS NOT NULL AND state IN ('open', 'suspended')"),
    )
    op.create_table(
        "case_file_item",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_file_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("removed_at IS NULL OR reason <> ''", name=op.f("ck_case_file_item_removed_has_reason")),
        sa.ForeignKeyConstraint(
            ["case_file_id"], ["case_file.id"], name=op.f("fk_case_file_item_case_file_id_case_file")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_case_file_item_document_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file_item")),
        sa.UniqueConstraint("case_file_id", "ordinal", name=op.f("uq_case_file_item_case_file_id_ordinal")),
        info={"privileges": "SELECT, INSERT, UPDATE", "frozen": ("case_file_id", "document_id", "ordinal", "added_at")},
    )
    op.create_index(op.f("ix_case_file_item_document_id"), "case_file_item", ["document_id"], unique=False)
    op.create_index(
        "uq_case_file_item_living",
        "case_file_item",
        ["case_file_id", "document_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "assignment_reading",
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_assignment_reading_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_reading_person_id_person")),
        sa.PrimaryKeyConstraint("assignment_id", "person_id", name=op.f("pk_assignment_reading")),
        info={"privileges": "SELECT, INSERT"},
    )
    op.create_table(
        "deadline_change",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("due_asked", sa.Date(), nullable=True),
        sa.Column("due_after", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('extension', 'suspension', 'change')", name=op.f("ck_deadline_change_kind_known")),
        sa.CheckConstraint("state IN ('asked', 'granted', 'refused')", name=op.f("ck_deadline_change_state_known")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_deadline_change_asked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_deadline_change_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_deadline_change_decided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_change")),
        info={"privileges": "SELECT, INSERT, UPDATE", "frozen": ("assignment_id", "asked_at", "due_before")},
    )
    op.create_index(op.f("ix_deadline_change_assignment_id"), "deadline_change", ["assignment_id"], unique=False)
    op.create_index(
        "uq_deadline_change_asked",
        "deadline_change",
        ["assignment_id"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), server_default="", nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("bell", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("digest", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digested_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('presented', 'assigned', 'opinion', 'given_back', 'withdrawn', 'deadline', 'extension_asked', 'chased',"
            " 'settled', 'reopened', 'due_soon', 'overdue')",
            name=op.f("ck_notice_kind_known"),
        ),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_notice_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_notice_document_id_document")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        info={"privileges": "SELECT, INSERT, UPDATE"},
    )
    op.create_index(
        "ix_notice_digest",
        "notice",
        ["person_id", "id"],
        unique=False,
        postgresql_where=sa.text("digest AND digested_at IS NULL"),
    )
    op.create_index("ix_notice_person", "notice", ["person_id", "id"], unique=False)
    op.create_index(
        "ix_notice_reminder",
        "notice",
        ["assignment_id"],
        unique=False,
        postgresql_where=sa.text("kind IN ('due_soon', 'overdue')"),
    )
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["person_id", "id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL AND bell"),
    )
    op.create_table(
        "opinion",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("post", sa.String(length=100), server_default="", nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_opinion_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_opinion_document_id_document")),
        sa.ForeignKeyConstraint(["paper_id"], ["document.id"], name=op.f("fk_opinion_paper_id_document")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opinion_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        info={"privileges": "SELECT, INSERT"},
    )
    op.create_index(op.f("ix_opinion_assignment_id"), "opinion", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_opinion_document_id"), "opinion", ["document_id"], unique=False)
    op.add_column("delegation", sa.Column("type_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("delegation", sa.Column("paper_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_delegation_paper_id_document"), "delegation", "document", ["paper_id"], ["id"])
    op.add_column(
        "delegation_version",
        sa.Column("type_ids", postgresql.JSONB(astext_type=sa.Text()), autoincrement=False, nullable=True),
    )
    op.add_column("delegation_version", sa.Column("paper_id", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column("document", sa.Column("field_id", sa.BigInteger(), nullable=True))
    op.add_column("document", sa.Column("handling", sa.String(length=20), nullable=True))
    op.add_column("document", sa.Column("presented_to_id", sa.BigInteger(), nullable=True))
    op.add_column("document", sa.Column("presented_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("document", sa.Column("lead_unit_id", sa.BigInteger(), nullable=True))
    op.add_column("document", sa.Column("lead_person_id", sa.BigInteger(), nullable=True))
    op.add_column("document", sa.Column("outcome", sa.String(length=20), server_default="", nullable=False))
    op.add_column("document", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_document_in_handling",
        "document",
        ["handling", "arrival_date", "arrival_number", "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'incoming' AND arrival_number IS NOT NULL"),
    )
    op.create_index(
        "ix_document_in_handling_issued",
        "document",
        ["handling", sa.literal_column("coalesce(issued_on, '0001-01-01'::date)"), "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'incoming' AND arrival_number IS NOT NULL"),
    )
    op.create_index(
        "ix_document_in_lead_unit",
        "document",
        ["lead_unit_id", "arrival_date", "arrival_number", "id"],
        unique=False,
        postgresql_where=sa.text("lead_unit_id IS NOT NULL"),
    )
    op.create_index(
        "ix_document_in_lead_unit_issued",
        "document",
        ["lead_unit_id", sa.literal_column("coalesce(issued_on, '0001-01-01'::date)"), "id"],
        unique=False,
        postgresql_where=sa.text("lead_unit_id IS NOT NULL"),
    )
    op.create_index(
        "ix_document_in_lead_person",
        "document",
        ["lead_person_id", "arrival_date", "arrival_number", "id"],
        unique=False,
        postgresql_where=sa.text("lead_person_id IS NOT NULL"),
    )
    op.create_index(
        "ix_document_in_lead_person_issued",
        "document",
        ["lead_person_id", sa.literal_column("coalesce(issued_on, '0001-01-01'::date)"), "id"],
        unique=False,
        postgresql_where=sa.text("lead_person_id IS NOT NULL"),
    )
    op.create_index(
        "ix_document_to_settle",
        "document",
        [
            "handling",
            sa.literal_column("(- strpos('normal urgent very_urgent flash'::text, urgency::text))"),
            "received_at",
            "id",
        ],
        unique=False,
        postgresql_where=sa.text("kind = 'incoming' AND handling <> 'settled'"),
    )
    op.create_index(
        "ix_document_presented",
        "document",
        ["presented_to_id", "presented_at", "id"],
        unique=False,
        postgresql_where=sa.text("handling = 'presented'"),
    )
    op.create_foreign_key(op.f("fk_document_presented_to_id_person"), "document", "person", ["presented_to_id"], ["id"])
    op.create_foreign_key(op.f("fk_document_field_id_work_field"), "document", "work_field", ["field_id"], ["id"])
    op.create_foreign_key(op.f("fk_document_lead_person_id_person"), "document", "person", ["lead_person_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_document_lead_unit_id_organisation"), "document", "organisation", ["lead_unit_id"], ["id"]
    )
    op.add_column("document_version", sa.Column("field_id", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column("document_version", sa.Column("handling", sa.String(length=20), autoincrement=False, nullable=True))
    op.add_column("document_version", sa.Column("presented_to_id", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column(
        "document_version", sa.Column("presented_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True)
    )
    op.add_column("document_version", sa.Column("lead_unit_id", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column("document_version", sa.Column("lead_person_id", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column(
        "document_version",
        sa.Column("outcome", sa.String(length=20), server_default="", autoincrement=False, nullable=True),
    )
    op.add_column(
        "document_version", sa.Column("settled_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True)
    )
    op.execute("UPDATE document SET handling = 'pending' WHERE kind = 'incoming' AND state IN ('registered', 'urgent')")
    for name, condition in CHECKS.items():
        op.execute(f"ALTER TABLE document ADD CONSTRAINT ck_document_{name} CHECK ({condition})")
    for table in VERSION_TABLES:
        op.execute(
            f"CREATE TRIGGER guard_version_row BEFORE UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION guard_version_row()"
        )


def downgrade() -> None:
    for name in CHECKS:
        op.execute(f"ALTER TABLE document DROP CONSTRAINT ck_document_{name}")
    op.drop_column("document_version", "settled_at")
    op.drop_column("document_version", "outcome")
    op.drop_column("document_version", "lead_person_id")
    op.drop_column("document_version", "lead_unit_id")
    op.drop_column("document_version", "presented_at")
    op.drop_column("document_version", "presented_to_id")
    op.drop_column("document_version", "handling")
    op.drop_column("document_version", "field_id")
    op.drop_constraint(op.f("fk_document_lead_unit_id_organisation"), "document", type_="foreignkey")
    op.drop_constraint(op.f("fk_document_lead_person_id_person"), "document", type_="foreignkey")
    op.drop_constraint(op.f("fk_document_field_id_work_field"), "document", type_="foreignkey")
    op.drop_constraint(op.f("fk_document_presented_to_id_person"), "document", type_="foreignkey")
    op.drop_index(
        "ix_document_to_settle",
        table_name="document",
        postgresql_where=sa.text("kind = 'incoming' AND handling <> 'settled'"),
    )
    op.drop_index("ix_document_presented", table_name="document", postgresql_where=sa.text("handling = 'presented'"))
    op.drop_index(
        "ix_document_in_lead_person_issued",
        table_name="document",
        postgresql_where=sa.text("lead_person_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_document_in_lead_person", table_name="document", postgresql_where=sa.text("lead_person_id IS NOT NULL")
    )
    op.drop_index(
        "ix_document_in_lead_unit_issued", table_name="document", postgresql_where=sa.text("lead_unit_id IS NOT NULL")
    )
    op.drop_index(
        "ix_document_in_lead_unit", table_name="document", postgresql_where=sa.text("lead_unit_id IS NOT NULL")
    )
    op.drop_index(
        "ix_document_in_handling_issued",
        table_name="document",
        postgresql_where=sa.text("kind = 'incoming' AND arrival_number IS NOT NULL"),
    )
    op.drop_index(
        "ix_document_in_handling",
        table_name="document",
        postgresql_where=sa.text("kind = 'incoming' AND arrival_number IS NOT NULL"),
    )
    op.drop_column("document", "settled_at")
    op.drop_column("document", "outcome")
    op.drop_column("document", "lead_person_id")
    op.drop_column("document", "lead_unit_id")
    op.drop_column("document", "presented_at")
    op.drop_column("document", "presented_to_id")
    op.drop_column("document", "handling")
    op.drop_column("document", "field_id")
    op.drop_column("delegation_version", "paper_id")
    op.drop_column("delegation_version", "type_ids")
    op.drop_constraint(op.f("fk_delegation_paper_id_document"), "delegation", type_="foreignkey")
    op.drop_column("delegation", "paper_id")
    op.drop_column("delegation", "type_ids")
    op.drop_index(op.f("ix_opinion_document_id"), table_name="opinion")
    op.drop_index(op.f("ix_opinion_assignment_id"), table_name="opinion")
    op.drop_table("opinion")
    op.drop_index(
        "ix_notice_reminder", table_name="notice", postgresql_where=sa.text("kind IN ('due_soon', 'overdue')")
    )
    op.drop_index("ix_notice_unread", table_name="notice", postgresql_where=sa.text("read_at IS NULL AND bell"))
    op.drop_index("ix_notice_person", table_name="notice")
    op.drop_index("ix_notice_digest", table_name="notice", postgresql_where=sa.text("digest AND digested_at IS NULL"))
    op.drop_table("notice")
    op.drop_index("uq_deadline_change_asked", table_name="deadline_change", postgresql_where=sa.text("state = 'asked'"))
    op.drop_index(op.f("ix_deadline_change_assignment_id"), table_name="deadline_change")
    op.drop_table("deadline_change")
    op.drop_table("assignment_reading")
    op.drop_index(
        "uq_case_file_item_living", table_name="case_file_item", postgresql_where=sa.text("removed_at IS NULL")
    )
    op.drop_index(op.f("ix_case_file_item_document_id"), table_name="case_file_item")
    op.drop_table("case_file_item")
    op.drop_index(
        "uq_assignment_lead_below",
        table_name="assignment",
        postgresql_where=sa.text("kind = 'lead' AND parent_id IS NOT NULL AND state IN ('open', 'suspended')"),
    )
    op.drop_index(
        "uq_assignment_lead",
        table_name="assignment",
        postgresql_where=sa.text("kind = 'lead' AND parent_id IS NULL AND state IN ('open', 'suspended')"),
    )
    op.drop_index(op.f("ix_assignment_parent_id"), table_name="assignment")
    op.drop_index(
        "ix_assignment_of_unit", table_name="assignment", postgresql_where=sa.text("state IN ('open', 'suspended')")
    )
    op.drop_index(
        "ix_assignment_of_person",
        table_name="assignment",
        postgresql_where=sa.text("person_id IS NOT NULL AND state IN ('open', 'suspended')"),
    )
    op.drop_index(
        "ix_assignment_given_by", table_name="assignment", postgresql_where=sa.text("state IN ('open', 'suspended')")
    )
    op.drop_index(
        "ix_assignment_finished_person", table_name="assignment", postgresql_where=sa.text("finished_at IS NOT NULL")
    )
    op.drop_index(
        "ix_assignment_due", table_name="assignment", postgresql_where=sa.text("state IN ('open', 'suspended')")
    )
    op.drop_index(op.f("ix_assignment_document_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_table("notice_choice")
    op.drop_index("ix_case_file_unit_open", table_name="case_file", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("case_file")
    op.drop_table("deadline_rule")
    op.drop_index(op.f("ix_work_field_version_transaction_id"), table_name="work_field_version")
    op.drop_index("ix_work_field_version_pk_validity", table_name="work_field_version")
    op.drop_index("ix_work_field_version_pk_transaction_id", table_name="work_field_version")
    op.drop_index(op.f("ix_work_field_version_operation_type"), table_name="work_field_version")
    op.drop_index(op.f("ix_work_field_version_end_transaction_id"), table_name="work_field_version")
    op.drop_table("work_field_version")
    op.drop_table("work_field")
    op.drop_index(op.f("ix_deadline_rule_version_transaction_id"), table_name="deadline_rule_version")
    op.drop_index("ix_deadline_rule_version_pk_validity", table_name="deadline_rule_version")
    op.drop_index("ix_deadline_rule_version_pk_transaction_id", table_name="deadline_rule_version")
    op.drop_index(op.f("ix_deadline_rule_version_operation_type"), table_name="deadline_rule_version")
    op.drop_index(op.f("ix_deadline_rule_version_end_transaction_id"), table_name="deadline_rule_version")
    op.drop_table("deadline_rule_version")
    op.drop_index(op.f("ix_deadline_change_version_transaction_id"), table_name="deadline_change_version")
    op.drop_index("ix_deadline_change_version_pk_validity", table_name="deadline_change_version")
    op.drop_index("ix_deadline_change_version_pk_transaction_id", table_name="deadline_change_version")
    op.drop_index(op.f("ix_deadline_change_version_operation_type"), table_name="deadline_change_version")
    op.drop_index(op.f("ix_deadline_change_version_end_transaction_id"), table_name="deadline_change_version")
    op.drop_index(op.f("ix_deadline_change_version_assignment_id"), table_name="deadline_change_version")
    op.drop_table("deadline_change_version")
    op.drop_index(op.f("ix_case_file_version_transaction_id"), table_name="case_file_version")
    op.drop_index("ix_case_file_version_pk_validity", table_name="case_file_version")
    op.drop_index("ix_case_file_version_pk_transaction_id", table_name="case_file_version")
    op.drop_index(op.f("ix_case_file_version_operation_type"), table_name="case_file_version")
    op.drop_index(op.f("ix_case_file_version_end_transaction_id"), table_name="case_file_version")
    op.drop_table("case_file_version")
    op.drop_index(op.f("ix_case_file_item_version_transaction_id"), table_name="case_file_item_version")
    op.drop_index("ix_case_file_item_version_pk_validity", table_name="case_file_item_version")
    op.drop_index("ix_case_file_item_version_pk_transaction_id", table_name="case_file_item_version")
    op.drop_index(op.f("ix_case_file_item_version_operation_type"), table_name="case_file_item_version")
    op.drop_index(op.f("ix_case_file_item_version_end_transaction_id"), table_name="case_file_item_version")
    op.drop_index(op.f("ix_case_file_item_version_document_id"), table_name="case_file_item_version")
    op.drop_table("case_file_item_version")
    op.drop_index(op.f("ix_assignment_version_transaction_id"), table_name="assignment_version")
    op.drop_index("ix_assignment_version_pk_validity", table_name="assignment_version")
    op.drop_index("ix_assignment_version_pk_transaction_id", table_name="assignment_version")
    op.drop_index(op.f("ix_assignment_version_parent_id"), table_name="assignment_version")
    op.drop_index(op.f("ix_assignment_version_operation_type"), table_name="assignment_version")
    op.drop_index(op.f("ix_assignment_version_end_transaction_id"), table_name="assignment_version")
    op.drop_index(op.f("ix_assignment_version_document_id"), table_name="assignment_version")
    op.drop_table("assignment_version")
