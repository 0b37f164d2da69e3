"""`migrate`, `backup`, `restore`, `doctor`, `recount-themes`, `recount-volumes`: keeping data safe and sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inbox.privacy import files
from klankbord import compose
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, answer_table, load, progress, screen
from klankbord.doctor import examine
from store import backup as backups
from store.engine import open_store
from store.rollups import check_rollups, rebuild_rollups
from store.theme_counts import check_theme_counts, rebuild_theme_counts
from store.transfer import transfer


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("migrate")(migrate)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("doctor")(doctor)
    app.command("recount-themes")(recount_themes)
    app.command("recount-volumes")(recount_volumes)


def migrate(
    source: Annotated[str | None, typer.Option("--from", help="Copy everything from this database first.")] = None,
    config: ConfigFile = None,
) -> None:
    """Bring the database to this version; with --from also copy another one into it, such as SQLite to PostgreSQL."""
    loaded = load(config)
    target = open_store(loaded.database)
    try:
        target.migrate()
        if source is None:
            screen.print(f"the database is at version {target.schema_version()}")
            return
        _require_there(source)
        origin = open_store(source)
        try:
            with progress("copying") as done:
                copied = transfer(origin, target, progress=lambda _table, n, total: done(n, total))
        finally:
            origin.close()
        rows = sum(table.rows for table in copied)
        screen.print(f"copied {rows} rows in {len(copied)} tables, each checked against the original")
    finally:
        target.close()


def _require_there(url: str) -> None:
    """Refuse an SQLite file that does not exist; opening would make an empty one.

    Raises:
        CommandError: there is no such file.
    """
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).is_file():
        msg = f"there is no database {file} to copy from"
        raise CommandError(msg)


def backup(
    to: Annotated[Path, typer.Argument(help="File to write.")],
    config: ConfigFile = None,
) -> None:
    """Write a verified backup while everything goes on."""
    loaded = load(config)
    with compose.opened(loaded) as store, progress("backing up") as done:
        made = backups.backup(store, to, progress=done)
        files.remember(store, made.path, files.BACKUP, now=compose.utc_now())
    counted = f", {made.mentions} mentions" if made.mentions is not None else ""
    screen.print(f"wrote {made.path} ({made.size / 1e6:.1f} MB{counted}), and read it back whole", soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(help="Backup to put back.")],
    force: Annotated[bool, typer.Option(help="Go on where a database stands; it is kept aside.")] = False,
    config: ConfigFile = None,
) -> None:
    """Put a backup in the place of the database. Stop Klankbord first."""
    loaded = load(config)
    made = backups.restore(source, loaded.database, now=compose.utc_now(), force=force)
    kept = f"; the old database stands at {made.kept}" if made.kept else ""
    screen.print(f"restored {source}{kept}", soft_wrap=True)


def doctor(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Examine this installation: versions, database, full-text index, roll-ups, sources."""
    loaded = load(config)
    findings = examine(loaded, compose.utc_now)
    if as_json:
        answer_json([finding.as_dict() for finding in findings])
    else:
        answer_table("Doctor", ("what", "", "finding"), [(each.what, each.level.value, each.text) for each in findings])
    if any(finding.level.value == "wrong" for finding in findings):
        msg = "something is wrong; the table says what to do"
        raise CommandError(msg)


def recount_themes(config: ConfigFile = None) -> None:
    """Count anew how many conversations raised each theme per day, from the links; says how many counters differed."""
    with compose.opened(load(config)) as store:
        differed = len(check_theme_counts(store))
        rebuild_theme_counts(store)
    screen.print(f"{differed or 'no'} counters of themes differed; all are counted anew", soft_wrap=True)


def recount_volumes(config: ConfigFile = None) -> None:
    """Count anew how much was said per hour and day, from the messages; says how many figures differed."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        differed = len(check_rollups(store, timezone=loaded.timezone))
        rebuild_rollups(store, timezone=loaded.timezone)
    screen.print(f"{differed or 'no'} figures differed; all are counted anew", soft_wrap=True)
