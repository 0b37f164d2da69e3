"""Store: the one normalized store, on SQLite or PostgreSQL."""
