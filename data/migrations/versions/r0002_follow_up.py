"""What reps answered to the day's list: contacted, postponed, not today."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"


def upgrade() -> None:
    """Create the table of follow-ups."""
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("account_id", sa.String(200), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(50), nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("next_date", sa.Date),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up"),
    )
    op.create_index("ix_follow_up_account_id", "follow_up", ["account_id"])
