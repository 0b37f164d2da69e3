"""Backups that are taken while everything runs, and verified before they count.

SQLite: the backup interface, never a copy of the file, which is malformed whenever the write-ahead log is not
empty. PostgreSQL: the server's own pg_dump and pg_restore, at least as new as the server.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url, text

from store.dialects.sqlite import driver
from store.engine import Store, open_store
from store.errors import StoreError

Progress = Callable[[int, int], None]
_PAGES = 4_096
_DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")


class BackupError(StoreError):
    """A backup could not be made, or is not whole; the text says what to do."""


class RestoreRefusedError(StoreError):
    """Restoring would overwrite what stands there; nothing was changed."""


@dataclass(frozen=True, slots=True)
class BackupDone:
    """A finished, verified backup.

    Attributes:
        size: bytes.
        mentions: how many mentions stand in it; None for PostgreSQL, whose dump is verified by its table of contents.
    """

    path: Path
    size: int
    mentions: int | None


@dataclass(frozen=True, slots=True)
class RestoreDone:
    """A finished restore; `kept` tells where the old database stands now (a file, or a schema), None if none was."""

    kept: str | None


def backup(store: Store, path: Path, *, progress: Progress | None = None) -> BackupDone:
    """Write a verified backup; the store stays in use. The file appears only when it is whole.

    Args:
        store: what to back up.
        path: file to write; an existing one is replaced at the end.
        progress: called with (pages done, pages in all); SQLite only.

    Raises:
        BackupError: the file cannot be written, pg_dump is missing or too old, or the result is not whole.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        if store.is_sqlite:
            _copy_sqlite(store, partial, progress)
            mentions: int | None = verify_sqlite(partial)
        else:
            _dump_postgres(make_url(store.url), partial)
            mentions = None
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except OSError as error:
        msg = f"cannot write the backup {path}: {error.strerror or error}"
        raise BackupError(msg) from error
    finally:
        partial.unlink(missing_ok=True)
    return BackupDone(path, path.stat().st_size, mentions)


def verify_sqlite(path: Path) -> int:
    """Check a backup file: every page, and the full-text index against the texts; returns its number of mentions.

    Raises:
        BackupError: it is no whole backup of a Klankbord store.
    """
    if not path.is_file():
        msg = f"there is no backup {path}"
        raise BackupError(msg)
    module = driver()
    connection = module.connect(str(path), isolation_level=None)
    try:
        found = connection.execute("PRAGMA integrity_check(5)").fetchall()
        if found != [("ok",)]:
            msg = f"the backup {path} is damaged: {'; '.join(str(line[0]) for line in found)}"
            raise BackupError(msg)
        connection.execute("INSERT INTO mention_fts(mention_fts, rank) VALUES ('integrity-check', 1)")
        return int(connection.execute("SELECT count(*) FROM mention").fetchone()[0])
    except module.DatabaseError as error:
        msg = f"{path} is not a whole backup of a Klankbord store: {error}"
        raise BackupError(msg) from error
    finally:
        connection.close()


def restore(path: Path, url: str, *, now: datetime, force: bool = False) -> RestoreDone:
    """Put a verified backup where a store's URL points. The old database is kept aside, never deleted.

    Args:
        path: a backup made by `backup`.
        url: the store to restore.
        now: names what is kept aside.
        force: go on where a database stands already.

    Raises:
        RestoreRefusedError: a database stands there and `force` is not given, or somebody is using it.
        BackupError: the backup is not whole, or PostgreSQL's programs are missing or too old.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _restore_sqlite(path, Path(str(parsed.database)).expanduser(), now, force=force)
    return _restore_postgres(path, parsed, now, force=force)


def _copy_sqlite(store: Store, path: Path, progress: Progress | None) -> None:
    target = driver().connect(str(path), isolation_level=None)

    def report(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    try:
        with store.read() as conn:
            # The snapshot taken here stays for all steps, so that writers do not make the copy start again.
            conn.execute(text("SELECT count(*) FROM alembic_version"))
            source: Any = conn.connection.driver_connection
            source.backup(target, pages=_PAGES, progress=report)
        # One file, without a log beside it, however it is copied on.
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()


def _restore_sqlite(backup_file: Path, target: Path, now: datetime, *, force: bool) -> RestoreDone:
    verify_sqlite(backup_file)
    kept = None
    if target.exists() and target.stat().st_size > 0:
        if not force:
            msg = f"a database stands at {target}; use --force to keep it aside and put the backup in its place"
            raise RestoreRefusedError(msg)
        _require_unused(target)
        kept = _aside(target, now)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".restoring")
    shutil.copyfile(backup_file, partial)
    verify_sqlite(partial)
    if kept is not None:
        target.replace(kept)
    partial.replace(target)
    return RestoreDone(None if kept is None else str(kept))


def _aside(target: Path, now: datetime) -> Path:
    return target.with_name(f"{target.name}.before-restore-{now:%Y%m%dT%H%M%S}")


def _require_unused(target: Path) -> None:
    """Only a connection that is alone may leave WAL mode, which also moves the log into the file."""
    module = driver()
    connection = module.connect(str(target), timeout=1, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    except module.OperationalError as error:
        msg = f"the database {target} is in use; stop klankbord (worker, dashboard and web) first"
        raise RestoreRefusedError(msg) from error
    except module.DatabaseError:
        return  # what stands there is no readable database: keeping it aside harms nobody
    finally:
        connection.close()


def _dump_postgres(url: URL, path: Path) -> None:
    _run(url, "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={path}"])
    _run(url, "pg_restore", ["--list", str(path)], connect=False)


def _restore_postgres(path: Path, url: URL, now: datetime, *, force: bool) -> RestoreDone:
    if not path.is_file():
        msg = f"there is no backup {path}"
        raise BackupError(msg)
    _run(url, "pg_restore", ["--list", str(path)], connect=False)
    store = open_store(url.render_as_string(hide_password=False))
    aside = f"before_restore_{now:%Y%m%dt%H%M%S}"
    try:
        with store.write() as conn:
            stands = conn.execute(text("SELECT to_regclass('public.mention') IS NOT NULL")).scalar_one()
            if stands and not force:
                msg = "a store stands in that database; use --force to keep it aside as a schema of its own"
                raise RestoreRefusedError(msg)
            if stands:
                conn.execute(text(f"ALTER SCHEMA public RENAME TO {aside}"))
                conn.execute(text("CREATE SCHEMA public"))
        try:
            _run(url, "pg_restore", ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"], path)
        except BackupError:
            if stands:
                with store.write() as conn:
                    conn.execute(text("DROP SCHEMA public CASCADE"))
                    conn.execute(text(f"ALTER SCHEMA {aside} RENAME TO public"))
            raise
    finally:
        store.engine.dispose()
    return RestoreDone(aside if stands else None)


def _run(url: URL, program: str, arguments: list[str], path: Path | None = None, *, connect: bool = True) -> None:
    """Run one of PostgreSQL's programs. The password goes by the environment, where no process list shows it."""
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    command = [str(find_program(program, _server_version(url))), *arguments]
    command += [f"--dbname={plain}"] if connect else []
    command += [str(path)] if path is not None else []
    # No shell; the program comes from PATH and the arguments from this file.
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        msg = f"{program} failed: {done.stderr.strip() or 'no reason given'}"
        raise BackupError(msg)


def _server_version(url: URL) -> int:
    store = open_store(url.render_as_string(hide_password=False))
    try:
        with store.read() as conn:
            return int(conn.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    finally:
        store.engine.dispose()


def find_program(name: str, server: int) -> Path:
    """The oldest program of that name that is at least as new as the server.

    Looked for on PATH and where Debian keeps one folder per version.

    Raises:
        BackupError: there is none.
    """
    places = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    places += sorted(_DEBIAN_PROGRAMS.glob("*/bin"))
    found: dict[int, Path] = {}
    for place in places:
        program = place / name
        if os.access(program, os.X_OK):
            version = _version(program)
            if version >= server:
                found.setdefault(version, program)
    if not found:
        msg = f"{name} of PostgreSQL {server} or newer was not found; install postgresql-client-{server}"
        raise BackupError(msg)
    return found[min(found)]


def _version(program: Path) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    match = re.search(r"(\d+)", told.partition("PostgreSQL")[2])
    return int(match[1]) if match else 0
