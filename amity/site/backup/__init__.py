"""Backup and restore of a whole Amity: its database, its files and, on wish, its keys, in one file.

`making` writes it, `reading` verifies it, `restoring` puts it in place. See docs/how-to/back-up-and-restore.md and
docs/decisions for the shape of the file.
"""
