# ruff: noqa: N818 - the names are the vocabulary of refusals, as in the tree below
"""What the inbox refuses, and how it says so.

InboxError
├── NotSignedIn          no session, an expired or a revoked one
│   └── SignInRefused    wrong login or password (the same answer for both), or a used link
├── TooManyAttempts      sign-in is slowed down; says for how long
├── NotAllowed           the role does not allow it
├── NotFound             no such conversation, user, event
├── MoveRefused          the state does not allow this move, or a reason is missing
├── ClaimedByOther       another agent has it; says who and until when
├── Changed              somebody else changed it since it was read; says what
├── UndoRefused          too late, already undone, or changed since
├── BadSearch            a search that cannot be read; says where
└── BadInput             a value that cannot be used; says which

Each carries `code` and `params` for translation; `str(error)` is the English sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class InboxError(Exception):
    """Something the inbox refuses; a person may read `str(error)`."""

    code = "error"

    def __init__(self, text: str, **params: Any) -> None:
        super().__init__(text)
        self.params: Mapping[str, Any] = params


class NotSignedIn(InboxError):
    """No session, or one that expired or was revoked."""

    code = "not_signed_in"

    def __init__(self, text: str = "You are signed out. Sign in again; what you typed is still here.") -> None:
        super().__init__(text)


class SignInRefused(NotSignedIn):
    """Wrong login or password, a disabled user, or a link that was used or expired."""

    code = "sign_in_refused"


class TooManyAttempts(InboxError):
    """Sign-in is slowed down for this login or address."""

    code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many attempts. Try again in {seconds} seconds.", seconds=seconds)
        self.seconds = seconds


class NotAllowed(InboxError):
    """The role does not allow it."""

    code = "not_allowed"

    def __init__(self, permission: str, role: str) -> None:
        super().__init__(
            f"Your role ({role.replace('_', ' ')}) does not allow this. Ask an administrator.",
            permission=permission,
            role=role,
        )


class NotFound(InboxError):
    """There is no such thing, or no longer."""

    code = "not_found"

    def __init__(self, what: str, key: object) -> None:
        super().__init__(f"There is no {what} {key} (any more).", what=what, key=str(key))


class MoveRefused(InboxError):
    """The state does not allow the move, or a reason is missing."""

    code = "move_refused"


class ClaimedByOther(InboxError):
    """Another agent has the conversation."""

    code = "claimed_by_other"

    def __init__(self, name: str, until: datetime) -> None:
        super().__init__(f"{name} has this conversation until {until:%H:%M} UTC.", name=name, until=until)
        self.name = name
        self.until = until


class Changed(InboxError):
    """Somebody else, or the customer, changed the conversation since it was read."""

    code = "changed"

    def __init__(self, what: tuple[str, ...], version: int) -> None:
        super().__init__(f"This conversation changed since you opened it: {' '.join(what)}", what=what, version=version)
        self.what = what
        self.version = version


class UndoRefused(InboxError):
    """Too late, already undone, or changed since."""

    code = "undo_refused"


class BadSearch(InboxError):
    """A search that cannot be read. `position` in code points."""

    code = "bad_search"

    def __init__(self, text: str, position: int, suggestion: str | None = None) -> None:
        super().__init__(text, position=position, suggestion=suggestion)
        self.position = position
        self.suggestion = suggestion


class BadInput(InboxError):
    """A value that cannot be used."""

    code = "bad_input"
