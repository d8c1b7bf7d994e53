"""ALL tables, and nothing else: columns, constraints, relationships; one section per noun.

How the tables are cut, and why, is in docs/architecture.md. Governed tables carry ``version`` (checked on
write); the three trails are versions (SQLAlchemy-Continuum), ``event`` and ``access``.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, Optional
from uuid import UUID

import sqlalchemy as sa
from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, configure_mappers, mapped_column, relationship

from app.columns import APPEND_ONLY, NO_DELETE, NO_UPDATE, BigId, Instant, one_of
from app.vocabulary import (
    HANDLED,
    LIVING,
    NUMBERED,
    AccessKind,
    AssignmentKind,
    AssignmentState,
    CalendarKind,
    CaseFileState,
    Channel,
    CodeScheme,
    DeadlineChangeKind,
    DeadlineChangeState,
    DelegationKind,
    DocumentKind,
    EntryState,
    FileRole,
    HandlingOutcome,
    HandlingState,
    IncomingState,
    LinkKind,
    NoticeKind,
    OrganisationKind,
    OutgoingState,
    PostKind,
    RefusalReason,
    SeriesKind,
    TermCounting,
    Verdict,
    WorkingPaperState,
)

# ── parties: organisations, people, posts ────────────────────────────────────────────────────────────────────────


class Organisation(Model):
    """Một cơ quan, đơn vị hoặc cá nhân. One tree for senders, recipients, own units and citizens."""

    __tablename__ = "organisation"
    __versioned__: ClassVar[dict[str, Any]] = {"exclude": ["folded"]}
    __table_args__ = (
        one_of("kind", OrganisationKind),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity_in_order"),
        sa.Index("ix_organisation_folded", "folded", postgresql_ops={"folded": "text_pattern_ops"}),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    ours: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    name: Mapped[str] = mapped_column(sa.String(200))
    abbreviation: Mapped[str] = mapped_column(sa.String(30), server_default="", default="")
    category: Mapped[str] = mapped_column(sa.String(20), server_default="", default="")
    email: Mapped[str] = mapped_column(sa.String(254), server_default="", default="")
    address: Mapped[str] = mapped_column(sa.String(500), server_default="", default="")
    sort_key: Mapped[str] = mapped_column(sa.String(300))
    folded: Mapped[str] = mapped_column(sa.Text, sa.Computed("vi_fold(name || ' ' || abbreviation)", persisted=True))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    parent: Mapped[Optional["Organisation"]] = relationship(remote_side="Organisation.id")
    codes: Mapped[list["OrganisationCode"]] = relationship(
        back_populates="organisation", order_by="OrganisationCode.scheme"
    )

    def __str__(self) -> str:
        return self.name


class OrganisationCode(Model):
    """Mã định danh của cơ quan, tổ chức, theo từng hệ mã, có thời hạn."""

    __tablename__ = "organisation_code"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("scheme", CodeScheme),
        sa.Index(
            "uq_organisation_code_living", "scheme", "code", unique=True, postgresql_where=sa.text("valid_to IS NULL")
        ),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    scheme: Mapped[str] = mapped_column(sa.String(20))
    code: Mapped[str] = mapped_column(sa.String(35))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    organisation: Mapped[Organisation] = relationship(back_populates="codes")

    def __str__(self) -> str:
        return self.code


class Person(Model):
    """Một con người; tài khoản (User của Flask-AppBuilder) thuộc về người đó. Not the account itself."""

    __tablename__ = "person"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = ({"info": NO_DELETE},)
    id: Mapped[BigId]
    full_name: Mapped[str] = mapped_column(sa.String(100))
    sort_key: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254), server_default="", default="")
    phone: Mapped[str] = mapped_column(sa.String(30), server_default="", default="")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"), unique=True)
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    user: Mapped[User | None] = relationship()
    posts: Mapped[list["Post"]] = relationship(back_populates="person", order_by="Post.id")

    def __str__(self) -> str:
        return self.full_name


class Post(Model):
    """Một chức danh mà một người giữ trong một đơn vị, từ ngày đến ngày."""

    __tablename__ = "post"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("kind", PostKind),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity_in_order"),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    title: Mapped[str] = mapped_column(sa.String(100))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person] = relationship(back_populates="posts")
    unit: Mapped[Organisation] = relationship()

    def __str__(self) -> str:
        return f"{self.title}, {self.unit}"


# ── rights ───────────────────────────────────────────────────────────────────────────────────────────────────────


class PostKindRole(Model):
    """Vai trò mà một loại chức danh mang lại; Trung tâm Tin học sửa được."""

    __tablename__ = "post_kind_role"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (one_of("post_kind", PostKind), sa.UniqueConstraint("post_kind", "role_id"))
    id: Mapped[BigId]
    post_kind: Mapped[str] = mapped_column(sa.String(30))
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_role.id"))

    role: Mapped[Role] = relationship()


class Delegation(Model):
    """Ủy quyền: nhập thay (17.2), thay khi vắng mặt, thẩm quyền ký; có căn cứ bằng văn bản và thời hạn."""

    __tablename__ = "delegation"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("kind", DelegationKind),
        sa.CheckConstraint("grantor_id <> grantee_id", name="two_people"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity_in_order"),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(sa.String(20))
    grantor_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    grantee_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    moves: Mapped[list[str] | None] = mapped_column(JSONB)
    type_ids: Mapped[list[int] | None] = mapped_column(JSONB)
    authority: Mapped[str] = mapped_column(sa.String(500))
    paper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    revoked_at: Mapped[Instant | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    grantor: Mapped[Person] = relationship(foreign_keys=[grantor_id])
    grantee: Mapped[Person] = relationship(foreign_keys=[grantee_id])


class Account(Model):
    """Tình trạng tài khoản: khóa, số lần sai, mật khẩu. Beside Flask-AppBuilder's user row."""

    __tablename__ = "account"
    __table_args__ = (
        sa.CheckConstraint("password_origin IN ('own', 'assigned', 'demo')", name="origin_known"),
        {"info": NO_DELETE},
    )
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"), primary_key=True)
    failures: Mapped[int] = mapped_column(sa.Integer, server_default="0", default=0)
    locked_until: Mapped[Instant | None]
    password_origin: Mapped[str] = mapped_column(sa.String(10))
    password_changed_at: Mapped[Instant]
    session_mark: Mapped[str] = mapped_column(sa.String(32), server_default="", default="")
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    user: Mapped[User] = relationship()


class PasswordHistory(Model):
    """Dấu vết (băm) các mật khẩu đã dùng, để không dùng lại."""

    __tablename__ = "password_history"
    __table_args__ = ({"info": APPEND_ONLY},)
    id: Mapped[BigId]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"), index=True)
    password_hash: Mapped[str] = mapped_column(sa.String(256))
    at: Mapped[Instant]


# ── catalogues ───────────────────────────────────────────────────────────────────────────────────────────────────


class DocumentType(Model):
    """Loại văn bản hành chính, có chữ viết tắt và thời hạn hiệu lực (Nghị định 30/2020, Điều 7)."""

    __tablename__ = "document_type"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        sa.UniqueConstraint("code", "valid_from"),
        sa.CheckConstraint("grouping IN ('administrative', 'normative', 'other')", name="grouping_known"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity_in_order"),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(100))
    abbreviation: Mapped[str] = mapped_column(sa.String(30), server_default="", default="")
    grouping: Mapped[str] = mapped_column(sa.String(20), server_default="administrative", default="administrative")
    ordinal: Mapped[int] = mapped_column(sa.Integer, server_default="0", default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class UrgencyLevel(Model):
    """Mức độ khẩn; thứ hạng cao hơn đứng trước (16.1.d)."""

    __tablename__ = "urgency_level"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = ({"info": NO_DELETE},)
    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), unique=True)
    rank: Mapped[int] = mapped_column(sa.Integer)
    handling_hours: Mapped[int | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class WorkField(Model):
    """Lĩnh vực: the field of work that a document belongs to; terms and statistics go by it."""

    __tablename__ = "work_field"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        sa.UniqueConstraint("code", "valid_from"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity_in_order"),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(100))
    ordinal: Mapped[int] = mapped_column(sa.Integer, server_default="0", default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class DeadlineRule(Model):
    """Thời hạn giải quyết theo quy định: by document type, by field, or both; else the setting holds (212/4.4)."""

    __tablename__ = "deadline_rule"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("counting", TermCounting),
        sa.UniqueConstraint("code", "valid_from"),
        sa.CheckConstraint("days BETWEEN 1 AND 365", name="days_sensible"),
        sa.CheckConstraint("type_id IS NOT NULL OR field_id IS NOT NULL", name="about_something"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity_in_order"),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(200))
    type_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document_type.id"))
    field_id: Mapped[int | None] = mapped_column(sa.ForeignKey("work_field.id"))
    days: Mapped[int] = mapped_column(sa.Integer)
    counting: Mapped[str] = mapped_column(sa.String(20), server_default="working", default="working")
    basis: Mapped[str] = mapped_column(sa.String(300))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    type: Mapped[DocumentType | None] = relationship()
    field: Mapped[WorkField | None] = relationship()

    def __str__(self) -> str:
        return self.name


class CalendarDay(Model):
    """Ngày nghỉ hoặc ngày làm bù; lịch này thắng mọi cách tính (Quyết định 4.4)."""

    __tablename__ = "calendar_day"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (one_of("kind", CalendarKind),)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str] = mapped_column(sa.String(100))
    note: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.name}"


class Setting(Model):
    """Một thiết lập đã đổi so với mặc định; định nghĩa nằm trong rules/settings.py."""

    __tablename__ = "setting"
    __versioned__: ClassVar[dict[str, Any]] = {}
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}


# ── registers: series, books, entries ────────────────────────────────────────────────────────────────────────────


class NumberSeries(Model):
    """Dãy số: owns the counters; its row is locked before the clock is read (4.2, 9.2, 16.1.đ)."""

    __tablename__ = "number_series"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (one_of("kind", SeriesKind), {"info": NO_DELETE})
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(sa.String(30), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(20))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class NumberCounter(Model):
    """Số cuối cùng đã cấp của một dãy số trong một năm."""

    __tablename__ = "number_counter"
    __table_args__ = (sa.CheckConstraint("last_number >= 0", name="not_negative"), {"info": NO_DELETE})
    series_id: Mapped[int] = mapped_column(sa.ForeignKey("number_series.id"), primary_key=True)
    year: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    last_number: Mapped[int] = mapped_column(sa.Integer)
    last_at: Mapped[Instant]


class RegisterBook(Model):
    """Sổ đăng ký: tiêu đề và bộ lọc trên một dãy số; mọi sổ văn bản đến dùng chung một dãy (4.2)."""

    __tablename__ = "register_book"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = ({"info": NO_DELETE},)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200), unique=True)
    series_id: Mapped[int] = mapped_column(sa.ForeignKey("number_series.id"))
    ordinal: Mapped[int] = mapped_column(sa.Integer, server_default="0", default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    series: Mapped[NumberSeries] = relationship()

    def __str__(self) -> str:
        return self.name


class RegisterEntry(Model):
    """Một dòng trong sổ. Unique in its series and year, live or cancelled; never given twice (4.2, 9.2)."""

    __tablename__ = "register_entry"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("state", EntryState),
        sa.UniqueConstraint("series_id", "year", "number"),
        sa.CheckConstraint("number > 0", name="number_positive"),
        sa.CheckConstraint("state <> 'cancelled' OR reason <> ''", name="cancelled_has_reason"),
        {
            "info": {
                **NO_DELETE,
                "frozen": ("series_id", "year", "number", "entry_date", "registered_at", "document_id"),
            }
        },
    )
    id: Mapped[BigId]
    series_id: Mapped[int] = mapped_column(sa.ForeignKey("number_series.id"))
    year: Mapped[int] = mapped_column(sa.Integer)
    number: Mapped[int] = mapped_column(sa.Integer)
    entry_date: Mapped[date]
    registered_at: Mapped[Instant]
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(500), server_default="", default="")

    series: Mapped[NumberSeries] = relationship()


# ── documents ────────────────────────────────────────────────────────────────────────────────────────────────────


def _words(*columns: str) -> str:
    text = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    return f"regexp_replace(vi_fold({text}), '[^0-9a-z]+', ' ', 'g')"


# Identifiers are split by ourselves: "1482/STC-NS" is found by 1482, stc, ns and 1482stcns; the arrival number 298 of
# 2026 by z298 and z298z2026 too (no Vietnamese word begins with z).
_SEARCHED = ("number_notation", "subject", "issuer_name", "signer_name", "arrival_number::text")
_SEARCH = (
    f"to_tsvector('simple', {_words(*_SEARCHED)}"
    " || ' ' || regexp_replace(vi_fold(number_notation), '[^0-9a-z]+', '', 'g')"
    " || coalesce(' z' || arrival_number::text || ' z' || arrival_number::text || 'z' || arrival_year::text, ''))"
)
# what the register holds has a number; the few that wait for one have a list and an index of their own
_INCOMING = sa.text("kind = 'incoming' AND arrival_number IS NOT NULL")
_WAITING = sa.text("kind = 'incoming' AND arrival_number IS NULL")

_TO_SETTLE = sa.text("kind = 'incoming' AND handling <> 'settled'")
"""The same with urgent documents that have no number yet."""


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_STATES = ", ".join(f"'{state}'" for state in IncomingState)
_NUMBERED = ", ".join(f"'{state}'" for state in NUMBERED)
_FACETS = ("state", "urgency", "type_id", "issuer_id", "channel", "book_id", "signature_verdict")
URGENT_FIRST = sa.literal_column("(- strpos('normal urgent very_urgent flash'::text, urgency::text))", sa.Integer)
"""Sort key of what is still to be settled: flash, very urgent, urgent, ordinary, then any other level. Written as the
database gives it back, so that index and model can be compared."""
NO_DAY_FIRST = sa.literal_column("coalesce(issued_on, '0001-01-01'::date)", sa.Date)
"""Sort key by the date of the document: those without a date stand before all others, and are never lost."""


class Document(Model):
    """Một văn bản: đến, đi, hoặc tài liệu của hồ sơ. Common description and whatever lists filter or sort by."""

    __tablename__ = "document"
    __versioned__: ClassVar[dict[str, Any]] = {"exclude": ["search", "submission_key", "submission_digest"]}
    __table_args__ = (
        one_of("kind", DocumentKind),
        one_of("channel", Channel),
        sa.CheckConstraint(f"kind <> 'incoming' OR state IN ({_STATES})", name="incoming_state_known"),
        sa.CheckConstraint(
            f"kind <> 'incoming' OR (arrival_number IS NOT NULL) = (state IN ({_NUMBERED}))", name="number_of_its_state"
        ),
        sa.CheckConstraint(
            f"signature_verdict IN ('', {', '.join(repr(v.value) for v in Verdict)})", name="verdict_known"
        ),
        sa.CheckConstraint(
            f"refusal_code IN ('', {', '.join(repr(r.value) for r in RefusalReason)})", name="refusal_known"
        ),
        sa.CheckConstraint(
            "kind <> 'incoming' OR (arrival_number IS NULL) = (registered_at IS NULL)", name="number_with_its_instant"
        ),
        sa.CheckConstraint("kind <> 'incoming' OR (received_at IS NOT NULL)", name="incoming_has_arrived"),
        sa.CheckConstraint(f"handling IN ({_listed(HandlingState)})", name="handling_known"),
        sa.CheckConstraint(
            f"(handling IS NOT NULL) = (kind = 'incoming' AND state IN ({_listed(HANDLED)}))",
            name="handling_of_its_state",
        ),
        sa.CheckConstraint(f"outcome IN ('', {_listed(HandlingOutcome)})", name="outcome_known"),
        sa.CheckConstraint(f"kind <> 'outgoing' OR state IN ({_listed(OutgoingState)})", name="outgoing_state_known"),
        sa.CheckConstraint(
            f"kind <> 'working_paper' OR state IN ({_listed(WorkingPaperState)})", name="paper_state_known"
        ),
        sa.Index("uq_document_arrival", "series_id", "arrival_year", "arrival_number", unique=True),
        sa.Index("ix_document_in_arrival", "arrival_date", "arrival_number", "id", postgresql_where=_INCOMING),
        sa.Index("ix_document_in_issued", NO_DAY_FIRST, "id", postgresql_where=_INCOMING),
        *(
            sa.Index(
                f"ix_document_in_{column}", column, "arrival_date", "arrival_number", "id", postgresql_where=_INCOMING
            )
            for column in _FACETS
        ),
        *(
            sa.Index(f"ix_document_in_{column}_issued", column, NO_DAY_FIRST, "id", postgresql_where=_INCOMING)
            for column in _FACETS
        ),
        sa.Index(
            "ix_document_in_handling",
            *("handling", "arrival_date", "arrival_number", "id"),
            postgresql_where=_INCOMING,
        ),
        sa.Index("ix_document_in_handling_issued", "handling", NO_DAY_FIRST, "id", postgresql_where=_INCOMING),
        sa.Index(
            "ix_document_to_settle",
            *("handling", URGENT_FIRST, "received_at", "id"),
            postgresql_where=_TO_SETTLE,
        ),
        sa.Index(
            "ix_document_presented",
            *("presented_to_id", "presented_at", "id"),
            postgresql_where=sa.text("handling = 'presented'"),
        ),
        sa.Index(
            "ix_document_in_lead_unit",
            *("lead_unit_id", "arrival_date", "arrival_number", "id"),
            postgresql_where=sa.text("lead_unit_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_document_in_lead_unit_issued",
            *("lead_unit_id", NO_DAY_FIRST, "id"),
            postgresql_where=sa.text("lead_unit_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_document_in_lead_person",
            *("lead_person_id", "arrival_date", "arrival_number", "id"),
            postgresql_where=sa.text("lead_person_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_document_in_lead_person_issued",
            *("lead_person_id", NO_DAY_FIRST, "id"),
            postgresql_where=sa.text("lead_person_id IS NOT NULL"),
        ),
        sa.Index("ix_document_waiting", "received_at", "id", postgresql_where=_WAITING),
        sa.Index("ix_document_waiting_state", "state", "received_at", "id", postgresql_where=_WAITING),
        sa.Index(
            "ix_document_identity",
            "identity_key",
            postgresql_where=sa.text("identity_key <> ''"),
            postgresql_ops={"identity_key": "text_pattern_ops"},
        ),
        sa.Index(
            "ix_document_duplicate_of", "duplicate_of_id", postgresql_where=sa.text("duplicate_of_id IS NOT NULL")
        ),
        sa.Index("ix_document_identifier", "identifier_key", postgresql_where=sa.text("identifier_key <> ''")),
        sa.Index("ix_document_search", "search", postgresql_using="gin"),
        {
            "info": {
                **NO_DELETE,
                # number, arrival date and instant are given once: the trigger guard_document sees to it
                "frozen": ("kind",),
            }
        },
    )
    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(30))
    # description (input data of laws on records; lengths as there, widened where two laws differ)
    identifier: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    identifier_key: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    number_notation: Mapped[str] = mapped_column(sa.String(50), server_default="", default="")
    code_number: Mapped[str] = mapped_column(sa.String(11), server_default="", default="")
    code_notation: Mapped[str] = mapped_column(sa.String(50), server_default="", default="")
    identity_key: Mapped[str] = mapped_column(sa.String(300), server_default="", default="")
    type_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document_type.id"))
    issued_on: Mapped[date | None]
    issuer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    issuer_name: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    subject: Mapped[str] = mapped_column(sa.String(500))
    language: Mapped[str] = mapped_column(sa.String(100), server_default="Tiếng Việt", default="Tiếng Việt")
    page_count: Mapped[int | None]
    note: Mapped[str] = mapped_column(sa.String(500), server_default="", default="")
    signer_position: Mapped[str] = mapped_column(sa.String(100), server_default="", default="")
    signer_name: Mapped[str] = mapped_column(sa.String(100), server_default="", default="")
    urgency: Mapped[str] = mapped_column(sa.ForeignKey("urgency_level.code"))
    due_on: Mapped[date | None]
    field_id: Mapped[int | None] = mapped_column(sa.ForeignKey("work_field.id"))
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    # settling: what lists need of the assignments below
    handling: Mapped[str | None] = mapped_column(sa.String(20))
    presented_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    presented_at: Mapped[Instant | None]
    lead_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    lead_person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(sa.String(20), server_default="", default="")
    settled_at: Mapped[Instant | None]
    # arrival
    channel: Mapped[str | None] = mapped_column(sa.String(20))
    book_id: Mapped[int | None] = mapped_column(sa.ForeignKey("register_book.id"))
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("number_series.id"))
    arrival_number: Mapped[int | None]
    arrival_year: Mapped[int | None]
    arrival_date: Mapped[date | None]
    received_at: Mapped[Instant | None]
    registered_at: Mapped[Instant | None]
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    paper_received_at: Mapped[Instant | None]
    duplicate_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    signature_verdict: Mapped[str] = mapped_column(sa.String(20), server_default="", default="")
    refusal_code: Mapped[str] = mapped_column(sa.String(20), server_default="", default="")
    withheld: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    permitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    permitted_note: Mapped[str] = mapped_column(sa.String(500), server_default="", default="")
    submission_key: Mapped[UUID | None] = mapped_column(sa.Uuid, unique=True)
    submission_digest: Mapped[str] = mapped_column(sa.String(64), server_default="", default="")
    search: Mapped[Any] = mapped_column(TSVECTOR, sa.Computed(_SEARCH, persisted=True))
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    type: Mapped[DocumentType | None] = relationship()
    issuer: Mapped[Organisation | None] = relationship(foreign_keys=[issuer_id])
    unit: Mapped[Organisation | None] = relationship(foreign_keys=[unit_id])
    urgency_level: Mapped[UrgencyLevel] = relationship()
    book: Mapped[RegisterBook | None] = relationship()
    field: Mapped[WorkField | None] = relationship()
    permitted_by: Mapped[Person | None] = relationship(foreign_keys=[permitted_by_id])
    presented_to: Mapped[Person | None] = relationship(foreign_keys=[presented_to_id])
    lead_unit: Mapped[Organisation | None] = relationship(foreign_keys=[lead_unit_id])
    lead_person: Mapped[Person | None] = relationship(foreign_keys=[lead_person_id])
    duplicate_of: Mapped[Optional["Document"]] = relationship(remote_side="Document.id")
    files: Mapped[list["DocumentFile"]] = relationship(back_populates="document", order_by="DocumentFile.ordinal")

    def __str__(self) -> str:
        return self.number_notation or self.subject


class DocumentLink(Model):
    """Quan hệ giữa hai văn bản (trả lời, chuyển tiếp, thay thế, đính chính, thu hồi, là bản giấy của)."""

    __tablename__ = "document_link"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("kind", LinkKind),
        sa.UniqueConstraint("from_id", "to_id", "kind"),
        sa.CheckConstraint("from_id <> to_id", name="two_documents"),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))


# ── work: assignments, deadlines, opinions, case files ───────────────────────────────────────────────────────────

DUE_LAST = sa.literal_column("coalesce(due_on, '9999-12-31'::date)", sa.Date)
"""Sort key by deadline: what has none stands after all others."""
_LIVING = f"state IN ({_listed(LIVING)})"


class Assignment(Model):
    """Việc được giao: a unit or a person is to lead, co-ordinate or know (212/7.2). A tree: the unit leads, and below
    it the person to whom its head passed it; ``passed_on`` while somebody below leads."""

    __tablename__ = "assignment"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("kind", AssignmentKind),
        one_of("state", AssignmentState),
        sa.CheckConstraint("kind <> 'lead' OR due_on IS NOT NULL", name="lead_has_deadline"),
        sa.CheckConstraint(f"({_LIVING}) = (finished_at IS NULL)", name="living_or_finished"),
        sa.Index(
            "uq_assignment_lead",
            "document_id",
            unique=True,
            postgresql_where=sa.text(f"kind = 'lead' AND parent_id IS NULL AND {_LIVING}"),
        ),
        sa.Index(
            "uq_assignment_lead_below",
            "parent_id",
            unique=True,
            postgresql_where=sa.text(f"kind = 'lead' AND parent_id IS NOT NULL AND {_LIVING}"),
        ),
        sa.Index(
            "ix_assignment_of_person",
            *("person_id", DUE_LAST, "id"),
            postgresql_where=sa.text(f"person_id IS NOT NULL AND {_LIVING}"),
        ),
        sa.Index("ix_assignment_of_unit", "unit_id", DUE_LAST, "id", postgresql_where=sa.text(_LIVING)),
        sa.Index("ix_assignment_given_by", "assigned_by_id", DUE_LAST, "id", postgresql_where=sa.text(_LIVING)),
        sa.Index("ix_assignment_due", DUE_LAST, "id", postgresql_where=sa.text(_LIVING)),
        sa.Index(
            "ix_assignment_finished_person",
            *("person_id", "finished_at", "id"),
            postgresql_where=sa.text("finished_at IS NOT NULL"),
        ),
        {"info": {**NO_DELETE, "frozen": ("document_id", "parent_id", "assigned_at")}},
    )
    id: Mapped[BigId]
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(20))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    assigned_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    assigned_at: Mapped[Instant]
    directions: Mapped[str] = mapped_column(sa.String(2000), server_default="", default="")
    due_on: Mapped[date | None]
    passed_on: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    waiting_for: Mapped[str] = mapped_column(sa.String(500), server_default="", default="")
    suspended_on: Mapped[date | None]
    chased_at: Mapped[Instant | None]
    chase_count: Mapped[int] = mapped_column(sa.Integer, server_default="0", default=0)
    finished_at: Mapped[Instant | None]
    closing_note: Mapped[str] = mapped_column(sa.String(500), server_default="", default="")
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    document: Mapped[Document] = relationship()
    parent: Mapped[Optional["Assignment"]] = relationship(remote_side="Assignment.id")
    unit: Mapped[Organisation] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    assigned_by: Mapped[Person | None] = relationship(foreign_keys=[assigned_by_id])

    def __str__(self) -> str:
        return f"{self.person or self.unit}"


class AssignmentReading(Model):
    """Ai đã mở việc được giao cho mình lần đầu lúc nào; việc chưa ai mở là việc mới."""

    __tablename__ = "assignment_reading"
    __table_args__ = ({"info": APPEND_ONLY},)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    at: Mapped[Instant]


class DeadlineChange(Model):
    """Gia hạn, tạm dừng, đổi hạn: what was asked for, why, who decided, from which day to which."""

    __tablename__ = "deadline_change"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("kind", DeadlineChangeKind),
        one_of("state", DeadlineChangeState),
        sa.Index(
            "uq_deadline_change_asked",
            "assignment_id",
            unique=True,
            postgresql_where=sa.text("state = 'asked'"),
        ),
        {"info": {**NO_DELETE, "frozen": ("assignment_id", "asked_at", "due_before")}},
    )
    id: Mapped[BigId]
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(500))
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    due_before: Mapped[date | None]
    due_asked: Mapped[date | None]
    due_after: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[Instant | None]
    note: Mapped[str] = mapped_column(sa.String(500), server_default="", default="")
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    assignment: Mapped[Assignment] = relationship()
    asked_by: Mapped[Person | None] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])


class Opinion(Model):
    """Ý kiến về một văn bản: of whom, in which post then, with the files that came along (8.2, 17.2). Append-only."""

    __tablename__ = "opinion"
    __table_args__ = ({"info": APPEND_ONLY},)
    id: Mapped[BigId]
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    post: Mapped[str] = mapped_column(sa.String(100), server_default="", default="")
    text: Mapped[str] = mapped_column(sa.String(4000))
    at: Mapped[Instant]
    paper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))

    person: Mapped[Person | None] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
    paper: Mapped[Document | None] = relationship(foreign_keys=[paper_id])


class CaseFile(Model):
    """Hồ sơ công việc: what belongs to one matter (212/13.2)."""

    __tablename__ = "case_file"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("state", CaseFileState),
        sa.Index("ix_case_file_unit_open", "unit_id", "id", postgresql_where=sa.text("state = 'open'")),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    state: Mapped[str] = mapped_column(sa.String(20))
    code: Mapped[str] = mapped_column(sa.String(60), server_default="", default="")
    title: Mapped[str] = mapped_column(sa.String(500))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    responsible_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    opened_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    unit: Mapped[Organisation] = relationship()
    responsible: Mapped[Person | None] = relationship()

    def __str__(self) -> str:
        return self.title


class CaseFileItem(Model):
    """Một văn bản trong một hồ sơ, có ngày vào, ngày ra; its ordinal is never used again."""

    __tablename__ = "case_file_item"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        sa.UniqueConstraint("case_file_id", "ordinal"),
        sa.Index(
            "uq_case_file_item_living",
            *("case_file_id", "document_id"),
            unique=True,
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
        sa.CheckConstraint("removed_at IS NULL OR reason <> ''", name="removed_has_reason"),
        {"info": {**NO_DELETE, "frozen": ("case_file_id", "document_id", "ordinal", "added_at")}},
    )
    id: Mapped[BigId]
    case_file_id: Mapped[int] = mapped_column(sa.ForeignKey("case_file.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    ordinal: Mapped[int] = mapped_column(sa.Integer)
    added_at: Mapped[Instant]
    removed_at: Mapped[Instant | None]
    reason: Mapped[str] = mapped_column(sa.String(500), server_default="", default="")
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}

    case_file: Mapped[CaseFile] = relationship()
    document: Mapped[Document] = relationship()


# ── notices ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Notice(Model):
    """Thông báo cho một người (16.1.l). The row is part of the act's own transaction."""

    __tablename__ = "notice"
    __table_args__ = (
        one_of("kind", NoticeKind),
        sa.Index("ix_notice_person", "person_id", "id"),
        sa.Index("ix_notice_unread", "person_id", "id", postgresql_where=sa.text("read_at IS NULL AND bell")),
        sa.Index("ix_notice_digest", "person_id", "id", postgresql_where=sa.text("digest AND digested_at IS NULL")),
        sa.Index("ix_notice_reminder", "assignment_id", postgresql_where=sa.text("kind IN ('due_soon', 'overdue')")),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[Instant]
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    assignment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assignment.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(100), server_default="", default="")
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    bell: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.true(), default=True)
    digest: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false(), default=False)
    read_at: Mapped[Instant | None]
    digested_at: Mapped[Instant | None]

    person: Mapped[Person] = relationship()
    document: Mapped[Document | None] = relationship()


class NoticeChoice(Model):
    """Mỗi người chọn nhận thông báo nào, bằng cách nào, và giờ yên tĩnh; what is not chosen is as by default."""

    __tablename__ = "notice_choice"
    __table_args__ = ({"info": NO_DELETE},)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    ways: Mapped[dict[str, list[str]]] = mapped_column(JSONB, server_default="{}", default=dict)
    quiet_from: Mapped[str] = mapped_column(sa.String(5), server_default="", default="")
    quiet_to: Mapped[str] = mapped_column(sa.String(5), server_default="", default="")
    digested_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(sa.Integer)
    __mapper_args__ = {"version_id_col": version}


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Blob(Model):
    """Nội dung tệp, gọi tên theo SHA-256; byte đã nhận không bao giờ ghi lại (16.4.d)."""

    __tablename__ = "blob"
    __table_args__ = (
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_shape"),
        sa.CheckConstraint("size >= 0", name="size_not_negative"),
        {"info": NO_UPDATE},
    )
    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    media_type: Mapped[str] = mapped_column(sa.String(120))
    page_count: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    stored_at: Mapped[Instant]


class SignatureCheck(Model):
    """Kết quả kiểm tra một chữ ký số của một tệp, tại một thời điểm (5.1). Added, never overwritten."""

    __tablename__ = "signature_check"
    __table_args__ = (
        one_of("verdict", Verdict),
        sa.Index("ix_signature_check_blob", "sha256", "at", "ordinal"),
        sa.Index("ix_signature_check_open", "at", postgresql_where=sa.text("verdict = 'indeterminate'")),
        {"info": APPEND_ONLY},
    )
    id: Mapped[BigId]
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("blob.sha256", ondelete="CASCADE"))
    at: Mapped[Instant]
    ordinal: Mapped[int] = mapped_column(sa.Integer)
    field: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    verdict: Mapped[str] = mapped_column(sa.String(20))
    code: Mapped[str] = mapped_column(sa.String(40))
    signer: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    organisation: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    issuer: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    serial: Mapped[str] = mapped_column(sa.String(80), server_default="", default="")
    signed_at: Mapped[Instant | None]
    time_source: Mapped[str] = mapped_column(sa.String(20), server_default="", default="")
    intact: Mapped[bool]
    covers_all: Mapped[bool]
    trusted: Mapped[bool]
    modified: Mapped[bool]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)


class Upload(Model):
    """Tệp đã tải lên nhưng chưa vào văn bản nào; giữ lại khi biểu mẫu bị từ chối, dọn sau một ngày."""

    __tablename__ = "upload"
    id: Mapped[BigId]
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("blob.sha256"), index=True)
    received_name: Mapped[str] = mapped_column(sa.String(255))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"), index=True)
    at: Mapped[Instant]
    claimed_at: Mapped[Instant | None]

    blob: Mapped[Blob] = relationship()


class DocumentFile(Model):
    """Một tệp của một văn bản: bản chính, phụ lục, kèm theo, dự thảo, dẫn xuất (16.1.a)."""

    __tablename__ = "document_file"
    __versioned__: ClassVar[dict[str, Any]] = {}
    __table_args__ = (
        one_of("role", FileRole),
        sa.UniqueConstraint("document_id", "ordinal"),
        {"info": {**NO_DELETE, "frozen": ("document_id", "sha256", "received_name", "added_at")}},
    )
    id: Mapped[BigId]
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("blob.sha256"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    ordinal: Mapped[int] = mapped_column(sa.Integer)
    title: Mapped[str] = mapped_column(sa.String(255))
    received_name: Mapped[str] = mapped_column(sa.String(255))
    added_at: Mapped[Instant]
    version_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document_file.id"))

    document: Mapped[Document] = relationship(back_populates="files")
    blob: Mapped[Blob] = relationship()


# ── trails ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Event(Model):
    """Một việc đã làm: ai, với tư cách gì, thay cho ai, lúc nào, theo căn cứ nào (16.2.a, 16.4.a). Append-only."""

    __tablename__ = "event"
    __table_args__ = (
        sa.Index("ix_event_document", "document_id", "at", "id"),
        sa.Index("ix_event_subject", "subject_type", "subject_id", "at", "id"),
        sa.Index("ix_event_at", "at", "id"),
        sa.Index("ix_event_tag", "tag", "at"),
        {"info": APPEND_ONLY},
    )
    id: Mapped[BigId]
    at: Mapped[Instant]
    tag: Mapped[str] = mapped_column(sa.String(80))
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[str] = mapped_column(sa.String(60))
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    case_file_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    actor_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"), index=True)
    actor_name: Mapped[str] = mapped_column(sa.String(100))
    actor_post: Mapped[str] = mapped_column(sa.String(100), server_default="", default="")
    actor_unit: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    power: Mapped[str] = mapped_column(sa.String(20))
    on_behalf_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    on_behalf_of_name: Mapped[str] = mapped_column(sa.String(100), server_default="", default="")
    delegation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delegation.id"))
    via: Mapped[str] = mapped_column(sa.String(20))
    basis: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    state_before: Mapped[str | None] = mapped_column(sa.String(30))
    state_after: Mapped[str | None] = mapped_column(sa.String(30))
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    request_id: Mapped[str] = mapped_column(sa.String(40), server_default="", default="")
    transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)


class Access(Model):
    """Ai đã xem, tải, in, xuất gì, lúc nào, từ đâu (16.2.a, 16.6.d). Append-only, a partition a month."""

    __tablename__ = "access"
    __table_args__ = (
        one_of("kind", AccessKind),
        sa.Index("ix_access_document", "document_id", "at"),
        sa.Index("ix_access_user", "user_id", "at"),
        {"info": APPEND_ONLY, "postgresql_partition_by": "RANGE (at)"},
    )
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Sequence("access_id_seq"), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    user_id: Mapped[int | None] = mapped_column(sa.Integer)
    actor_name: Mapped[str] = mapped_column(sa.String(100))
    subject_type: Mapped[str] = mapped_column(sa.String(40), server_default="", default="")
    subject_id: Mapped[str] = mapped_column(sa.String(60), server_default="", default="")
    document_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    case_file_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    file_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    what: Mapped[str] = mapped_column(sa.String(200), server_default="", default="")
    remote_addr: Mapped[str] = mapped_column(sa.String(50), server_default="", default="")
    via: Mapped[str] = mapped_column(sa.String(20))
    request_id: Mapped[str] = mapped_column(sa.String(40), server_default="", default="")


# ── outbox and jobs ──────────────────────────────────────────────────────────────────────────────────────────────


class Outbox(Model):
    """Việc phải làm sau khi giao dịch đã ghi: thư, trục liên thông. The row is part of the act's transaction."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_waiting", "available_at", "id", postgresql_where=sa.text("done_at IS NULL")),
        {"info": NO_DELETE},
    )
    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(sa.String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Instant]
    available_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(sa.Integer, server_default="0", default=0)
    last_error: Mapped[str] = mapped_column(sa.String(1000), server_default="", default="")
    done_at: Mapped[Instant | None]


class JobRun(Model):
    """Một lần chạy của một việc nền."""

    __tablename__ = "job_run"
    __table_args__ = (sa.Index("ix_job_run_job", "job", "started_at"), {"info": NO_DELETE})
    id: Mapped[BigId]
    job: Mapped[str] = mapped_column(sa.String(60))
    started_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    outcome: Mapped[str] = mapped_column(sa.String(20), server_default="running", default="running")
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    error: Mapped[str] = mapped_column(sa.String(2000), server_default="", default="")


configure_mappers()
