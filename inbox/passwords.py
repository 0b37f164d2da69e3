"""Passwords: argon2id with the library's recommended cost, and what is refused as one. Nothing is ever logged."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from inbox.errors import BadInput
from inbox.sentences import Sentence

SHORTEST = 12
LONGEST = 256
_HASHER = PasswordHasher()


def check_new(password: str, *, login: str) -> None:
    """Make sure that a password can be used. Length is what counts (NIST SP 800-63B); no rules of composition.

    Raises:
        BadInput: too short, too long, one character over and over, or the login itself.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(
            Sentence(
                "A password has {shortest} to {most} characters; a short sentence is good.",
                shortest=SHORTEST,
                most=LONGEST,
            )
        )
    if len(set(password)) < 4 or password.casefold().replace(login.casefold(), "") == "":
        raise BadInput(Sentence("That password is too easy to guess; take a short sentence."))


def hashed(password: str) -> str:
    """The argon2id hash to keep."""
    return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether a password belongs to a hash. Takes as long for somebody without one, so that nobody can tell."""
    try:
        return _HASHER.verify(password_hash or _decoy(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(password_hash: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _decoy() -> str:
    return _HASHER.hash("nobody has this password")
