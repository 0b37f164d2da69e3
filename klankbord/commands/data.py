"""`export`, `migrate`, `backup`, `restore`, `doctor`: taking data out, moving it, keeping it safe and sound."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

import typer

from inbox import export as exports
from inbox.views import Filters
from klankbord import compose
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, answer_table, load, notes, progress, screen
from klankbord.doctor import examine
from store import backup as backups
from store.engine import open_store
from store.transfer import transfer


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("export")(export)
    app.command("migrate")(migrate)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("doctor")(doctor)


def export(
    what: Annotated[Literal["mentions"], typer.Argument(help="What to take out.")] = "mentions",
    form: Annotated[Literal["jsonl", "csv"], typer.Option("--format", help="Kind of file.")] = "jsonl",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; stdout when left out.")] = None,
    search: Annotated[str, typer.Option(help="Only mentions this query finds.")] = "",
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be repeated.")] = None,
    brand: Annotated[list[str] | None, typer.Option(help="Only this brand; may be repeated.")] = None,
    dutch_excel: Annotated[bool, typer.Option(help="CSV with ; and a byte order mark.")] = False,
    config: ConfigFile = None,
) -> None:
    """Take all mentions out, streamed: any number, in constant memory, the same bytes for the same filter."""
    loaded = load(config)
    shape = exports.Form(kind=form, bom=dutch_excel, delimiter=";" if dutch_excel else ",")
    filters = Filters(search=search, source_ids=tuple(source or ()), brand_ids=tuple(brand or ()))
    partial = output.with_name(output.name + ".part") if output is not None else None
    with compose.opened(loaded) as store, progress(f"exporting {what}") as done:
        stream = exports.mentions(compose.desk(store, loaded), filters, shape)
        with partial.open("wb") if partial is not None else nullcontext(sys.stdout.buffer) as file:
            for piece in stream:
                file.write(piece)
                done(stream.rows)
    if partial is not None and output is not None:
        partial.replace(output)
    notes.print(f"{stream.rows} {what} exported{f' to {output}' if output is not None else ''}", soft_wrap=True)


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
