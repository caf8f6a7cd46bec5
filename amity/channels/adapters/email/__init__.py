"""The `email` channel: mailboxes over IMAP, answers over SMTP. See README.md."""
