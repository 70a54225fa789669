"""Helpers that officers name, when PINs were chosen, first codes."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file as it stands."""
    sql = Path(__file__).parents[1] / "0004_who_is_who.sql"
    op.get_bind().connection.cursor().execute(sql.read_text())


def downgrade() -> None:
    """A book is never taken back."""
    raise RuntimeError("the book cannot be migrated down; restore a backup instead")
