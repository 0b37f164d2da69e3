"""What a token of the API may do. Pure."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """Something a token is allowed."""

    READ_MENTIONS = "read:mentions"
    """Messages that others can read too; brands, themes, and how sources do."""
    READ_PRIVATE = "read:private"
    """Private messages as well, wherever the token reads."""
    READ_WORK = "read:work"
    """Conversations with their state, and what was done when and by whom."""
    READ_FIGURES = "read:figures"
    """Service figures, volumes and trends."""
    WRITE_MENTIONS = "write:mentions"
    """Push messages into the sources the token is bound to."""
    METRICS = "metrics"
    """Figures for Prometheus, where these ask for a token."""
