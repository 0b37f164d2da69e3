"""What can go wrong with the store as a whole, in sentences a person can act on.

StoreError
├── StoreUnavailableError   the database cannot be reached or opened
├── SchemaTooNewError       a newer Klankbord has migrated this database
├── SchemaTooOldError       `klankbord migrate` has not run
├── SealBrokenError         what was encrypted cannot be read with this key
└── KeyUnusableError        the key to encrypt with is missing, too short, or open to others
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of what the store raises on purpose."""


class StoreUnavailableError(StoreError):
    """The database cannot be reached or opened; the text says which one (without its password) and why."""


class SchemaTooNewError(StoreError):
    """The database was migrated by a newer Klankbord than this one; running on would damage it."""


class SchemaTooOldError(StoreError):
    """The database lacks migrations that this Klankbord needs."""


class SealBrokenError(StoreError):
    """What was encrypted cannot be read: made with another key, changed, or too old."""

    def __init__(self) -> None:
        super().__init__("what is kept encrypted was made with another key: put the key of this installation back")


class KeyUnusableError(StoreError):
    """The key of this installation is missing, too short, or open to others; the text says what to do."""
