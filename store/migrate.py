"""Alembic, driven by the program: no alembic.ini, works from an installed wheel.

A new migration is a file `store/migrations/versions/NNNN_what.py` whose `revision` is its number; nothing else
has to be told. The caller holds the lock and the transaction, so a migration that fails leaves nothing behind
(both engines run DDL in transactions).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from store.errors import SchemaTooNewError


def _config(conn: Connection | None = None) -> Config:
    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


@cache
def versions() -> tuple[str, ...]:
    """All versions this code knows, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return tuple(reversed([revision.revision for revision in script.walk_revisions()]))


def head() -> str:
    """The newest version this code knows."""
    return versions()[-1]


def current(conn: Connection) -> str:
    """The version of the database behind this connection, "" when it is empty."""
    return MigrationContext.configure(conn).get_current_revision() or ""


def refuse_newer(version: str) -> None:
    """Stop when a database is at a version this code does not know.

    Raises:
        SchemaTooNewError: with what to do.
    """
    if version and version not in versions():
        msg = (
            f"the database is at version {version}, this program knows versions up to {head()}: it was migrated by a "
            "newer Klankbord; install that one, or restore the backup made before the upgrade"
        )
        raise SchemaTooNewError(msg)


def upgrade(conn: Connection, target: str = "head") -> None:
    """Run the missing migrations up to `target` inside the caller's transaction.

    Raises:
        SchemaTooNewError: the database is ahead of this code.
    """
    refuse_newer(current(conn))
    command.upgrade(_config(conn), target)
