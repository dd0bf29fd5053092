"""Tables of the records: what people decided, as SQLAlchemy declares it."""

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps it without its zone and gets it back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a stored moment its zone."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.replace(tzinfo=UTC)


SETTING = Table(
    "setting",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("value", Text),
    Column("who", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("why", Text, nullable=False),
    Index("uq_setting_kind_name_version", "kind", "name", "version", unique=True),
)

DECISION = Table(
    "decision",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kind", String(50), nullable=False),
    Column("subject", String(500), nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", String(100), nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("ended_by", String(100)),
    Column("ended_at", Moment),
    Column("ended_why", Text),
)
OPEN = DECISION.c.ended_at.is_(None)
Index(
    "uq_decision_in_force",
    DECISION.c.kind,
    DECISION.c.subject,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

MAPPING = Table(
    "mapping",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", String(100), nullable=False, index=True),
    Column("entity", String(50), nullable=False),
    Column("mapping", Text, nullable=False),
    Column("who", String(100), nullable=False),
    Column("at", Moment, nullable=False),
)

APP_USER = Table(
    "app_user",
    METADATA,
    Column("person", String(100), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("rep_id", String(100), nullable=False),
    Column("dept", String(100), nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", String(100), nullable=False),
    Column("what", String(50), nullable=False),
    Column("subject", String(500), nullable=False, index=True),
    Column("detail", Text, nullable=False),
)

FOLLOW_UP = Table(
    "follow_up",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("account_id", String(200), nullable=False, index=True),
    Column("day", Date, nullable=False),
    Column("answer", String(20), nullable=False),
    Column("reason", String(50), nullable=False),
    Column("result", Text, nullable=False),
    Column("next_date", Date),
    Column("who", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

APPRAISAL_STEP = Table(
    "appraisal_step",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dept", String(100), nullable=False),
    Column("quarter", String(10), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("rep_id", String(100), nullable=False),
    Column("topic", String(300), nullable=False),
    Column("value", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Index("uq_appraisal_step_dept_quarter_seq", "dept", "quarter", "seq", unique=True),
)

SCHEME_VERSION = Table(
    "scheme_version",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("document", Text, nullable=False),
    Column("proposed_by", String(100), nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("why", Text, nullable=False),
    Column("signed_by", String(100)),
    Column("signed_at", Moment),
)
