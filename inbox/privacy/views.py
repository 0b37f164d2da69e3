"""What screens are shown before somebody is erased."""

from __future__ import annotations

from dataclasses import dataclass

from store.forgetting import Account, Held


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom it is about, over all their accounts, and what is kept of them."""

    accounts: tuple[Account, ...]
    held: Held

    @property
    def spelt(self) -> str:
        """What an administrator types to say that this person is meant: a name that any keyboard has, or a number."""
        names = (name for one in self.accounts for name in (one.handle, one.name))
        plain = (name for name in names if name and name.isascii() and name.isprintable() and len(name) <= 60)
        return next(plain, str(self.accounts[0].id) if self.accounts else "")
