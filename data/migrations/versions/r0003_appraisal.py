"""Steps of the quarterly appraisal, only ever added to, and the company's own schemes."""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"


def upgrade() -> None:
    """Create the tables of the appraisal."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "appraisal_step",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("dept", sa.String(100), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("rep_id", sa.String(100), nullable=False),
        sa.Column("topic", sa.String(300), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_appraisal_step"),
    )
    op.create_index("uq_appraisal_step_dept_quarter_seq", "appraisal_step", ["dept", "quarter", "seq"], unique=True)
    op.create_table(
        "scheme_version",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.String(100), nullable=False),
        sa.Column("proposed_at", moment, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("signed_by", sa.String(100)),
        sa.Column("signed_at", moment),
        sa.PrimaryKeyConstraint("name", name="pk_scheme_version"),
    )
