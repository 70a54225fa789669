"""Meetings, corrections, decisions, the end of a cycle; the chart of accounts grows."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
from alembic import op

from ledger.accounts import CHART

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file as it stands and fill in the chart of accounts."""
    sql = Path(__file__).parents[1] / "0002_the_whole_book.sql"
    connection = op.get_bind()
    cursor = connection.connection.cursor()
    cursor.execute(sql.read_text())
    table = sqlalchemy.text("insert into account_kind (kind, name, lowest, highest) values (:kind, :name, :lowest, :highest)")
    rows = [{"kind": int(row.kind), "name": row.name, "lowest": row.lowest, "highest": row.highest} for row in CHART]
    connection.execute(table, rows)


def downgrade() -> None:
    """A book is never taken back."""
    raise RuntimeError("the book cannot be migrated down; restore a backup instead")
