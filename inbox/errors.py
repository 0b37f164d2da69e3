# ruff: noqa: N818 - the names are the vocabulary of refusals, as in the tree below
"""What the inbox refuses, and how it says so.

InboxError
├── NotSignedIn          no session, an expired or a revoked one
│   └── SignInRefused    wrong login or password (the same answer for both), or a used link
│       ├── CodeRefused         a code of the second factor that does not fit, or was used
│       └── SingleSignOnRefused the identity provider, or what it says of somebody, does not let them in; says why
├── TooManyAttempts      sign-in is slowed down; says for how long
├── NotAllowed           the role does not allow it
├── NotFound             no such conversation, user, event
├── ClaimedByOther       another agent has it; says who and until when
├── Changed              somebody else changed it since it was read; says what
│   ├── CustomerWroteAgain   the customer wrote since the answer was begun; says what
│   └── AlreadyAnswered      a colleague's answer went out or is on its way; says whose
├── CannotReply          the platform or the state allows no answer from here; says why, and where to answer
├── ReplyTooLong         longer than the platform takes; says by how much
├── NeedsASecondLook     an answer that has gaps, or shows personal data that nobody confirmed; says where
├── SealBroken           what was encrypted cannot be read with this key
├── KeyUnusable          the key to encrypt with is missing, too short, or open to others
├── Explained            a refusal of many kinds, whose sentence says which
│   ├── MoveRefused      the state does not allow this move, or a reason is missing
│   ├── OutboxRefused    an answer cannot be taken back, tried again, approved ... as it stands now
│   ├── UndoRefused      too late, already undone, or changed since
│   ├── BadSearch        a search that cannot be read; says where
│   ├── BadInput         a value that cannot be used; says which
│   └── NotWritten       a file could not be written, such as on a full disk; says why
└── StoreBusy            the store did not answer in time; nothing was changed

Each carries `code` and `params`: facts for whoever shows it. `str(error)` is the English sentence, and `said` the same
in a form that can be translated (`inbox.sentences`); None when `code` and `params` say it all, or when the words are
another's, such as a platform's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from inbox.sentences import Sentence


class InboxError(Exception):
    """Something the inbox refuses; a person may read `str(error)`."""

    code = "error"

    def __init__(self, text: Sentence | str, **params: Any) -> None:
        super().__init__(str(text))
        self.said = text if isinstance(text, Sentence) else None
        self.params: Mapping[str, Any] = params


class Explained(InboxError):
    """A refusal of many kinds: the code says too little, so its sentence is always one that can be translated."""

    def __init__(self, text: Sentence, **params: Any) -> None:
        super().__init__(text, **params)
        self.text = text


_SIGNED_OUT = Sentence("You are signed out. Sign in again; what you typed is still here.")


class NotSignedIn(InboxError):
    """No session, or one that expired or was revoked."""

    code = "not_signed_in"

    def __init__(self, text: Sentence = _SIGNED_OUT) -> None:
        super().__init__(text)


class SignInRefused(NotSignedIn):
    """Wrong login or password, a disabled user, or a link that was used or expired."""

    code = "sign_in_refused"


class CodeRefused(SignInRefused):
    """A code of the second factor that does not fit, has expired, or was used already."""

    code = "code_refused"

    def __init__(self) -> None:
        super().__init__(Sentence("That code does not fit, or was used already. Wait for the next one and type that."))


class SingleSignOnRefused(SignInRefused):
    """The identity provider, or what it says of somebody, does not let them in. `why` is a short code."""

    code = "single_sign_on_refused"

    def __init__(self, why: str, text: Sentence) -> None:
        super().__init__(text)
        self.params = {"why": why}
        self.why = why


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


class MoveRefused(Explained):
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


class CustomerWroteAgain(Changed):
    """The customer wrote since the answer was begun. `texts` are the new messages, verbatim, oldest first."""

    code = "customer_wrote_again"

    def __init__(self, texts: tuple[str, ...], version: int) -> None:
        super().__init__(("The customer wrote again; read it before you answer.",), version)
        self.texts = texts
        self.params = {**self.params, "texts": texts}


class AlreadyAnswered(Changed):
    """A colleague's answer to this conversation went out, or is on its way."""

    code = "already_answered"

    def __init__(self, name: str, version: int, *, sent: bool) -> None:
        done = f"{name} has answered already." if sent else f"An answer of {name} is on its way."
        super().__init__((done,), version)
        self.name = name
        self.sent = sent
        self.params = {**self.params, "name": name, "sent": sent}


class CannotReply(InboxError):
    """No answer can go out from here. `deep_link` is where a person can answer by hand.

    `why` is a sentence of ours, or what the platform's connector said of the message, as it stands in the store.
    """

    code = "cannot_reply"

    def __init__(self, why: Sentence | str, deep_link: str | None = None) -> None:
        super().__init__(why, why=str(why), deep_link=deep_link)
        self.deep_link = deep_link


class ReplyTooLong(InboxError):
    """Longer than the platform takes, in its own unit."""

    code = "reply_too_long"

    def __init__(self, length: int, most: int, unit: str) -> None:
        text = f"The answer counts {length} {unit.replace('_', ' ')}; this platform takes {most}. Shorten it."
        super().__init__(text, length=length, most=most, unit=unit)


class NeedsASecondLook(InboxError):
    """An answer is not finished, or would publish something that its author has to confirm first.

    `found` holds the findings (`inbox.writing.views.Finding`); `to_confirm` the codes that can be confirmed, None when
    something has to be changed.
    """

    code = "needs_a_second_look"

    def __init__(self, found: tuple[Any, ...], to_confirm: frozenset[str] | None) -> None:
        text = "Look at this answer once more before it goes out: "
        super().__init__(text + ", ".join(dict.fromkeys(one.code.replace("_", " ") for one in found)) + ".")
        self.found = found
        self.to_confirm = to_confirm


class OutboxRefused(Explained):
    """What was asked does not fit how the answer stands now."""

    code = "outbox_refused"


class UndoRefused(Explained):
    """Too late, already undone, or changed since."""

    code = "undo_refused"


class SealBroken(InboxError):
    """What was encrypted cannot be read: made with another key, changed, or too old."""

    code = "seal_broken"

    def __init__(self) -> None:
        super().__init__(
            "This was encrypted with another key, or has expired. Put the key of this installation back, "
            "or begin again."
        )


class KeyUnusable(InboxError):
    """The key of this installation is missing, too short, or open to others; the text says what to do."""

    code = "key_unusable"


class BadSearch(Explained):
    """A search that cannot be read. `position` in code points."""

    code = "bad_search"

    def __init__(self, text: Sentence, position: int, suggestion: str | None = None) -> None:
        super().__init__(text, position=position, suggestion=suggestion)
        self.position = position
        self.suggestion = suggestion


class BadInput(Explained):
    """A value that cannot be used."""

    code = "bad_input"


class NotWritten(Explained):
    """A file could not be written; nothing of it is left."""

    code = "not_written"

    def __init__(self, path: str, reason: str, *, full: bool) -> None:
        told = (
            Sentence("The disk is full: {path} was not written, and nothing of it is left.", path=path)
            if full
            else Sentence("{path} cannot be written: {reason}.", path=path, reason=reason)
        )
        super().__init__(told, path=path, reason=reason)


class StoreBusy(InboxError):
    """The store is locked or cannot be reached; nothing was changed."""

    code = "store_busy"

    def __init__(self) -> None:
        super().__init__("The store did not answer in time; nothing was changed. Try again in a moment.")
