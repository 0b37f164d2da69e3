"""Which kinds of mail somebody wants. Pure.

Mails about the work can be chosen; links to sign in, and questions to people without an account, always go out.
"""

from __future__ import annotations

from typing import Any

from inbox.mail.texts import MailKind

CHOOSABLE = (
    MailKind.MENTIONED,
    MailKind.APPROVAL,
    MailKind.PROMISE_DUE,
    MailKind.ANSWERED,
    MailKind.ASSIGNED,
    MailKind.SNOOZE_OVER,
)
"""What people choose from, in the order in which it is shown."""
BY_DEFAULT = frozenset({MailKind.MENTIONED, MailKind.APPROVAL, MailKind.PROMISE_DUE, MailKind.ANSWERED})


def wants(kept: Any, kind: MailKind) -> bool:
    """Whether somebody with this kept choice (a list of kinds, or None for who never chose) is told of a kind."""
    if kind not in CHOOSABLE:
        return True
    return kind in BY_DEFAULT if kept is None else kind.value in kept
