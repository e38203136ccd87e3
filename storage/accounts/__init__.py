"""Accounts, sign-ins, calls that took place, histories, usage and the audit log, in SQLite or PostgreSQL."""
