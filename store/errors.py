"""What can go wrong with the store as a whole, in sentences a person can act on.

StoreError
├── StoreUnavailableError   the database cannot be reached or opened
├── SchemaTooNewError       a newer Klankbord has migrated this database
├── SchemaTooOldError       `klankbord migrate` has not run
└── IdsExhaustedError       one transaction asked for more ids than it may
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


class IdsExhaustedError(StoreError):
    """One transaction used up the reserved ids; it must be split."""
