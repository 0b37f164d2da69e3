"""Web: health, metrics and, later, the open board and the API (ASGI)."""
