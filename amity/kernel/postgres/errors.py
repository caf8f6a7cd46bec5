"""The one error of this package."""

from __future__ import annotations

from amity.kernel.errors import DomainError


class PostgresError(DomainError):
    """PostgreSQL cannot be used as asked; the message says what the reader can do about it.

    Codes: `postgres.` and `home_unreachable`, `home_not_ours`, `account_unusable`, `wheel_missing`,
    `options_invalid`, `socket_folder_unsafe`, `data_newer`, `data_older`, `data_incomplete`, `create_failed`,
    `start_failed`, `start_timeout`, `stop_timeout`, `busy`, `address_invalid`, `server_unreachable` or
    `server_too_old`. Neither code nor message ever holds a password.
    """

    status = 503

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
