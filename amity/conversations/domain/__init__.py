"""Decisions about conversations, without a database and without a clock."""
