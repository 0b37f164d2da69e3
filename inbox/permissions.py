"""Who may do what: the ONE table of roles and permissions. Pure; no store, no clock."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is in the team."""

    AGENT = "agent"
    LEAD = "lead"
    ANALYST = "analyst"
    SPECIALIST = "specialist"
    ADMINISTRATOR = "administrator"
    READ_ONLY = "read_only"


class Permission(StrEnum):
    """Something the service layer allows or refuses."""

    READ = "read"
    """See lists, threads, source health."""
    NOTE = "note"
    """Write an internal note; hand a waiting item back."""
    WORK = "work"
    """Claim, decide, assign, tag, snooze, record an answer."""
    REPLY = "reply"
    """Write an answer that goes out through the outbox."""
    SEND = "send"
    """Send an answer without approval by somebody else (unless the person is marked as needing it)."""
    APPROVE = "approve"
    """Approve or reject what others wrote."""
    TAKE_OVER = "take_over"
    """Act on a conversation another agent has claimed."""
    FIGURES = "figures"
    """See service figures."""
    EXPORT = "export"
    """Take rows out."""
    MANAGE_WORK = "manage_work"
    """Shared templates, saved views, rules, tags, hand-over notes of others, planned hours and skills of colleagues."""
    MANAGE_QUERIES = "manage_queries"
    """Change what brands are listened for."""
    MANAGE_SETTINGS = "manage_settings"
    """Teams, hours, calendars, promised times, sources."""
    MANAGE_USERS = "manage_users"
    """Add and disable people, make sign-in links."""
    PRIVACY = "privacy"
    """Erase a customer everywhere, and take out what is kept of them."""
    AUDIT = "audit"
    """Read the record of sign-ins and changes of people."""


_READ = frozenset({Permission.READ})
_AGENT = _READ | {Permission.NOTE, Permission.WORK, Permission.REPLY, Permission.SEND, Permission.FIGURES}
_LEAD = _AGENT | {
    Permission.APPROVE,
    Permission.TAKE_OVER,
    Permission.EXPORT,
    Permission.MANAGE_WORK,
    Permission.MANAGE_QUERIES,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.READ_ONLY: _READ,
    Role.SPECIALIST: _READ | {Permission.NOTE, Permission.REPLY},
    Role.ANALYST: _READ | {Permission.FIGURES, Permission.EXPORT, Permission.MANAGE_QUERIES},
    Role.AGENT: _AGENT,
    Role.LEAD: _LEAD,
    Role.ADMINISTRATOR: frozenset(Permission),
}


def permissions_of(role: str) -> frozenset[Permission]:
    """What a role allows; nothing for a role this version does not know."""
    try:
        return PERMISSIONS[Role(role)]
    except ValueError:
        return frozenset()
