"""Alembic's migrations of the accounts' database: how each schema becomes the next one, and the one before."""
