"""`flask db upgrade`, and the question whether it is needed."""

from __future__ import annotations

from pathlib import Path

from config import settings
from ledger.db import Conn, connect

HEAD = "0004"


def upgrade() -> None:
    """Bring the database to HEAD. Alembic and SQLAlchemy are loaded here only, and only when there is something to do."""
    with connect(settings().owner_dsn, "migrate", give_up_ownership=False) as conn:
        if at_head(conn):
            return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, "head")


def at_head(conn: Conn) -> bool:
    """True when the tables are those this code was written for."""
    there = conn.execute("select to_regclass('alembic_version') is not null as there").fetchone()
    if there is None or not there.there:
        return False
    row = conn.execute("select version_num from alembic_version").fetchone()
    return row is not None and row.version_num == HEAD
