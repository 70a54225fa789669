"""Alembic's migrations: hand-written SQL in numbered files, run by `flask db upgrade`."""
