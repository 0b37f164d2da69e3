"""Keeping secrets unreadable at rest: what is sealed here is of no use to who has the database and not the key.

The key is not in the database; the shell brings it (`KLANKBORD_KEY`, or a file beside the database). Each purpose has a
key of its own, derived from it (HKDF), so that what was sealed for one thing cannot be passed off as another. Does not
know tables. For passwords and tokens that need only be recognised, a hash is right, not this.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.errors import SealBrokenError

SHORTEST_KEY = 32
"""Characters of a key. Anything random will do; 32 characters of it cannot be guessed."""


class Secrecy:
    """Seals and unseals. Safe to share between threads.

    Args:
        keys: gives the keys, newest first, when one is first needed: the first seals, all of them unseal, so that a key
            can be replaced while what the old one sealed is still readable.
    """

    def __init__(self, keys: Callable[[], Sequence[str]]) -> None:
        self._keys = keys
        self._boxes: dict[str, MultiFernet] = {}

    def seal(self, plain: bytes, purpose: str, *, now: datetime) -> bytes:
        """Encrypt and sign; the instant is readable in what comes out."""
        return self._box(purpose).encrypt_at_time(plain, int(now.timestamp()))

    def unseal(self, sealed: bytes, purpose: str, *, now: datetime, within: timedelta | None = None) -> bytes:
        """What was sealed for this purpose.

        Args:
            sealed: what `seal` gave.
            purpose: the same as it was sealed for.
            now: aware UTC.
            within: refuse what was sealed longer ago.

        Raises:
            SealBrokenError: another key or purpose, changed since, or too old.
        """
        try:
            if within is None:
                return self._box(purpose).decrypt(sealed)
            return self._box(purpose).decrypt_at_time(sealed, int(within.total_seconds()), int(now.timestamp()))
        except InvalidToken as error:
            raise SealBrokenError from error

    def _box(self, purpose: str) -> MultiFernet:
        if purpose not in self._boxes:
            self._boxes[purpose] = MultiFernet([Fernet(_derived(key, purpose)) for key in self._keys()])
        return self._boxes[purpose]


def _derived(key: str, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=b"klankbord", info=purpose.encode())
    return base64.urlsafe_b64encode(kdf.derive(key.strip().encode()))
