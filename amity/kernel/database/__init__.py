"""Django's PostgreSQL, which asks a connection only now and then whether it still holds: `ENGINE` of the settings."""
