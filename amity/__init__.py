"""Amity: an open-source, self-hosted Social CRM."""

__version__ = "0.1.0"
