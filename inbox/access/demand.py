"""Whether somebody needs a second factor. Pure; looks at settings and a row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from inbox.settings import InboxSettings

_KNOWN_BY_US = frozenset({"password", "link"})


def required(settings: InboxSettings, role: str) -> bool:
    """Whether the configuration demands a second factor of this role."""
    return role in {one.value for one in settings.sign_in.second_factor}


def confirmed(person: Row[Any]) -> bool:
    """Whether somebody (a row of `user_account`) has one."""
    return person.totp_confirmed_at is not None


def lacking(settings: InboxSettings, person: Row[Any], method: str) -> bool:
    """Whether a session of this person cannot stand, because their role demands a second factor they do not have.

    Who comes by single sign-on was checked by the identity provider; `command` is the machine itself.
    """
    return method in _KNOWN_BY_US and not confirmed(person) and required(settings, person.role)
