"""Settings, decisions, remembered mappings, users and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "setting",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_setting"),
    )
    op.create_index("uq_setting_kind_name_version", "setting", ["kind", "name", "version"], unique=True)
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_by", sa.String(100), nullable=False),
        sa.Column("decided_at", moment, nullable=False),
        sa.Column("ended_by", sa.String(100)),
        sa.Column("ended_at", moment),
        sa.Column("ended_why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    in_force = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_decision_in_force",
        "decision",
        ["kind", "subject"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_table(
        "mapping",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.String(100), nullable=False),
        sa.Column("entity", sa.String(50), nullable=False),
        sa.Column("mapping", sa.Text, nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mapping"),
    )
    op.create_index("ix_mapping_fingerprint", "mapping", ["fingerprint"])
    op.create_table(
        "app_user",
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("rep_id", sa.String(100), nullable=False),
        sa.Column("dept", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_app_user"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("what", sa.String(50), nullable=False),
        sa.Column("subject", sa.String(500), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
