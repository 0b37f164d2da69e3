"""The store's sealing (`store.secrecy`), with refusals that the inbox can tell people."""

from __future__ import annotations

from datetime import datetime, timedelta

from inbox.errors import KeyUnusable, SealBroken
from store import secrecy
from store.errors import KeyUnusableError, SealBrokenError


class Secrecy(secrecy.Secrecy):
    """Seals and unseals. Safe to share between threads."""

    def seal(self, plain: bytes, purpose: str, *, now: datetime) -> bytes:
        """See `store.secrecy`.

        Raises:
            KeyUnusable: the key of this installation cannot be used.
        """
        try:
            return super().seal(plain, purpose, now=now)
        except KeyUnusableError as error:
            raise KeyUnusable(str(error)) from error

    def unseal(self, sealed: bytes, purpose: str, *, now: datetime, within: timedelta | None = None) -> bytes:
        """See `store.secrecy`.

        Raises:
            SealBroken: another key or purpose, changed since, or too old.
            KeyUnusable: the key of this installation cannot be used.
        """
        try:
            return super().unseal(sealed, purpose, now=now, within=within)
        except SealBrokenError as error:
            raise SealBroken from error
        except KeyUnusableError as error:
            raise KeyUnusable(str(error)) from error
