"""arrivals

Revision: 0002
Follows: 0001
Made: 2026-11-22 20:43:34.037408
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.rules.incoming import document_key
from app.rules.text import identity_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FACETS = ("state", "urgency", "type_id", "issuer_id", "channel", "book_id")
NO_DAY_FIRST = "coalesce(issued_on, '0001-01-01'::date)"
INCOMING = "kind = 'incoming'"
NUMBERED = "kind = 'incoming' AND arrival_number IS NOT NULL"
STATES = "'received', 'urgent', 'registered', 'refused', 'returned', 'cancelled', 'joined', 'discarded'"

GUARD_DOCUMENT = """
CREATE FUNCTION guard_document() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF OLD.arrival_number IS NOT NULL
       AND (NEW.series_id, NEW.arrival_number, NEW.arrival_year, NEW.arrival_date, NEW.registered_at)
       IS DISTINCT FROM (OLD.series_id, OLD.arrival_number, OLD.arrival_year, OLD.arrival_date, OLD.registered_at) THEN
        RAISE EXCEPTION 'an arrival number, its date and its instant never change'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.submission_key IS NOT NULL
       AND (NEW.submission_key, NEW.submission_digest) IS DISTINCT FROM (OLD.submission_key, OLD.submission_digest) THEN
        RAISE EXCEPTION 'the form that made a document never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.withheld AND NOT NEW.withheld THEN
        RAISE EXCEPTION 'withheld content is not given free' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$
"""


def _recompute_keys() -> None:
    """What makes two documents the same is written anew: by the body's row of the catalogue, and with more spellings
    taken as one. The rules of today are asked, so that old rows compare with new ones."""
    rows = sa.text(
        "SELECT id, number_notation, issuer_id, issuer_name, identifier FROM document"
        " WHERE id > :after AND (number_notation <> '' OR identifier <> '' OR identity_key <> '') ORDER BY id LIMIT 5000"
    )
    change = sa.text("UPDATE document SET identity_key = :identity, identifier_key = :identifier WHERE id = :id")
    after = 0
    while found := op.get_bind().execute(rows, {"after": after}).all():
        after = found[-1].id
        op.get_bind().execute(
            change,
            [
                {
                    "id": row.id,
                    "identity": document_key(row.number_notation, row.issuer_id, row.issuer_name),
                    "identifier": identity_key(row.identifier),
                }
                for row in found
            ],
        )


def _index_register(condition: str, facets: tuple[str, ...]) -> None:
    """The indexes of the register's list, for the rows it holds."""
    op.execute(f"CREATE INDEX ix_document_in_arrival ON document (arrival_date, arrival_number, id) WHERE {condition}")
    op.execute(f"CREATE INDEX ix_document_in_issued ON document (({NO_DAY_FIRST}), id) WHERE {condition}")
    for column in facets:
        op.execute(
            f"CREATE INDEX ix_document_in_{column} ON document ({column}, arrival_date, arrival_number, id)"
            f" WHERE {condition}"
        )
        op.execute(
            f"CREATE INDEX ix_document_in_{column}_issued ON document ({column}, ({NO_DAY_FIRST}), id)"
            f" WHERE {condition}"
        )


def _forget_register_indexes(facets: tuple[str, ...]) -> None:
    op.execute("DROP INDEX ix_document_in_arrival, ix_document_in_issued")
    for column in facets:
        op.execute(f"DROP INDEX ix_document_in_{column}, ix_document_in_{column}_issued")


def upgrade() -> None:
    op.create_table(
        "signature_check",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=200), server_default="", nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("signer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("organisation", sa.String(length=200), server_default="", nullable=False),
        sa.Column("issuer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("serial", sa.String(length=80), server_default="", nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_source", sa.String(length=20), server_default="", nullable=False),
        sa.Column("intact", sa.Boolean(), nullable=False),
        sa.Column("covers_all", sa.Boolean(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("modified", sa.Boolean(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "verdict IN ('valid', 'invalid', 'indeterminate')", name=op.f("ck_signature_check_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blob.sha256"], name=op.f("fk_signature_check_sha256_blob"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_check")),
        info={"privileges": "SELECT, INSERT"},
    )
    op.create_index("ix_signature_check_blob", "signature_check", ["sha256", "at", "ordinal"], unique=False)
    op.create_index(
        "ix_signature_check_open",
        "signature_check",
        ["at"],
        unique=False,
        postgresql_where=sa.text("verdict = 'indeterminate'"),
    )
    op.add_column("document", sa.Column("paper_received_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("document", sa.Column("duplicate_of_id", sa.BigInteger(), nullable=True))
    op.add_column("document", sa.Column("signature_verdict", sa.String(length=20), server_default="", nullable=False))
    op.add_column("document", sa.Column("refusal_code", sa.String(length=20), server_default="", nullable=False))
    op.add_column("document", sa.Column("withheld", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("document", sa.Column("permitted_by_id", sa.BigInteger(), nullable=True))
    op.add_column("document", sa.Column("permitted_note", sa.String(length=500), server_default="", nullable=False))
    op.create_index(
        "ix_document_duplicate_of",
        "document",
        ["duplicate_of_id"],
        unique=False,
        postgresql_where=sa.text("duplicate_of_id IS NOT NULL"),
    )
    op.create_index(
        "ix_document_waiting",
        "document",
        ["received_at", "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'incoming' AND arrival_number IS NULL"),
    )
    op.create_index(
        "ix_document_waiting_state",
        "document",
        ["state", "received_at", "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'incoming' AND arrival_number IS NULL"),
    )
    op.create_foreign_key(
        op.f("fk_document_duplicate_of_id_document"), "document", "document", ["duplicate_of_id"], ["id"]
    )
    op.create_foreign_key(op.f("fk_document_permitted_by_id_person"), "document", "person", ["permitted_by_id"], ["id"])
    op.add_column(
        "document_version",
        sa.Column("paper_received_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
    )
    op.add_column("document_version", sa.Column("duplicate_of_id", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column(
        "document_version",
        sa.Column("signature_verdict", sa.String(length=20), server_default="", autoincrement=False, nullable=True),
    )
    op.add_column(
        "document_version",
        sa.Column("refusal_code", sa.String(length=20), server_default="", autoincrement=False, nullable=True),
    )
    op.add_column(
        "document_version",
        sa.Column("withheld", sa.Boolean(), server_default=sa.text("false"), autoincrement=False, nullable=True),
    )
    op.add_column("document_version", sa.Column("permitted_by_id", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column(
        "document_version",
        sa.Column("permitted_note", sa.String(length=500), server_default="", autoincrement=False, nullable=True),
    )
    # autogeneration compares neither conditions of indexes, nor checks, nor triggers
    _forget_register_indexes(FACETS)
    _index_register(NUMBERED, (*FACETS, "signature_verdict"))
    op.execute("ALTER TABLE document DROP CONSTRAINT ck_document_incoming_state_known")
    op.execute(
        f"ALTER TABLE document ADD CONSTRAINT ck_document_incoming_state_known"
        f" CHECK (kind <> 'incoming' OR state IN ({STATES}))"
    )
    op.execute(
        "ALTER TABLE document ADD CONSTRAINT ck_document_number_of_its_state CHECK (kind <> 'incoming'"
        " OR (arrival_number IS NOT NULL) = (state IN ('registered', 'returned', 'cancelled')))"
    )
    op.execute(
        "ALTER TABLE document ADD CONSTRAINT ck_document_verdict_known"
        " CHECK (signature_verdict IN ('', 'valid', 'invalid', 'indeterminate'))"
    )
    op.execute(
        "ALTER TABLE document ADD CONSTRAINT ck_document_refusal_known CHECK (refusal_code IN ('', 'signature',"
        " 'not_intact', 'incomplete', 'metadata', 'wrong_address', 'competence', 'form', 'duplicate', 'secret', 'other'))"
    )
    op.execute("ALTER TABLE document_link DROP CONSTRAINT ck_document_link_kind_known")
    op.execute(
        "ALTER TABLE document_link ADD CONSTRAINT ck_document_link_kind_known CHECK (kind IN ('answers', 'forwards',"
        " 'replaces', 'corrects', 'recalls', 'paper_copy_of', 'part_of'))"
    )
    _recompute_keys()
    op.execute("DROP INDEX ix_document_identity")
    op.execute("CREATE INDEX ix_document_identity ON document (identity_key text_pattern_ops) WHERE identity_key <> ''")
    op.execute(GUARD_DOCUMENT)
    op.execute(
        "CREATE TRIGGER guard_document BEFORE UPDATE ON document FOR EACH ROW"
        " WHEN (OLD.arrival_number IS NOT NULL OR OLD.submission_key IS NOT NULL OR OLD.withheld)"
        " EXECUTE FUNCTION guard_document()"
    )


def downgrade() -> None:
    _forget_register_indexes((*FACETS, "signature_verdict"))
    op.execute("DROP TRIGGER guard_document ON document")
    op.execute("DROP FUNCTION guard_document()")
    op.execute("DROP INDEX ix_document_identity")
    op.execute("CREATE INDEX ix_document_identity ON document (identity_key)")
    op.execute("DELETE FROM document_link WHERE kind = 'part_of'")
    op.execute("ALTER TABLE document_link DROP CONSTRAINT ck_document_link_kind_known")
    op.execute(
        "ALTER TABLE document_link ADD CONSTRAINT ck_document_link_kind_known CHECK (kind IN ('answers', 'forwards',"
        " 'replaces', 'corrects', 'recalls', 'paper_copy_of'))"
    )
    for name in ("refusal_known", "verdict_known", "number_of_its_state", "incoming_state_known"):
        op.execute(f"ALTER TABLE document DROP CONSTRAINT ck_document_{name}")
    # refuses where documents wait or were sent back: they would have no state to go back to
    op.execute(
        "ALTER TABLE document ADD CONSTRAINT ck_document_incoming_state_known"
        " CHECK (kind <> 'incoming' OR state IN ('registered', 'cancelled'))"
    )
    _index_register(INCOMING, FACETS)
    op.drop_column("document_version", "permitted_note")
    op.drop_column("document_version", "permitted_by_id")
    op.drop_column("document_version", "withheld")
    op.drop_column("document_version", "refusal_code")
    op.drop_column("document_version", "signature_verdict")
    op.drop_column("document_version", "duplicate_of_id")
    op.drop_column("document_version", "paper_received_at")
    op.drop_constraint(op.f("fk_document_permitted_by_id_person"), "document", type_="foreignkey")
    op.drop_constraint(op.f("fk_document_duplicate_of_id_document"), "document", type_="foreignkey")
    op.drop_index(
        "ix_document_waiting_state",
        table_name="document",
        postgresql_where=sa.text("kind = 'incoming' AND arrival_number IS NULL"),
    )
    op.drop_index(
        "ix_document_waiting",
        table_name="document",
        postgresql_where=sa.text("kind = 'incoming' AND arrival_number IS NULL"),
    )
    op.drop_index(
        "ix_document_duplicate_of", table_name="document", postgresql_where=sa.text("duplicate_of_id IS NOT NULL")
    )
    op.drop_column("document", "permitted_note")
    op.drop_column("document", "permitted_by_id")
    op.drop_column("document", "withheld")
    op.drop_column("document", "refusal_code")
    op.drop_column("document", "signature_verdict")
    op.drop_column("document", "duplicate_of_id")
    op.drop_column("document", "paper_received_at")
    op.drop_index(
        "ix_signature_check_open", table_name="signature_check", postgresql_where=sa.text("verdict = 'indeterminate'")
    )
    op.drop_index("ix_signature_check_blob", table_name="signature_check")
    op.drop_table("signature_check")
