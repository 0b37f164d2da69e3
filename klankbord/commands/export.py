"""`export`: tables out of the house, as files for analysts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from inbox import export as exports
from inbox.privacy import files
from inbox.views import Filters
from klankbord import compose
from klankbord.console import ConfigFile, load, notes, progress
from store.landing import remove_left

_EVERY = "all"
_DAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("export")(export)


def export(
    table: Annotated[
        str, typer.Argument(help=f"{', '.join(exports.TABLES)}, or {_EVERY}: every table in one ZIP.")
    ] = "mentions",
    form: Annotated[exports.Format, typer.Option("--format", help="Kind of file.")] = "jsonl",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; stdout when left out.")] = None,
    search: Annotated[str, typer.Option(help="Only what this query finds.")] = "",
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be repeated.")] = None,
    brand: Annotated[list[str] | None, typer.Option(help="Only this brand; may be repeated.")] = None,
    lang: Annotated[list[str] | None, typer.Option(help="Only this language; may be repeated.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind, such as review; may be repeated.")] = None,
    sentiment: Annotated[list[str] | None, typer.Option(help="Only this sentiment; may be repeated.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="Only conversations in this state; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only conversations with this tag; may be repeated.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=_DAYS, help="From this day or instant on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAYS, help="Before this day or instant, UTC.")] = None,
    excel: Annotated[
        bool,
        typer.Option("--excel", "--dutch-excel", help="CSV for a Dutch Excel: ;, a byte order mark, its instants."),
    ] = False,
    decimal_comma: Annotated[bool, typer.Option(help="With --excel: 0,5 for 0.5.")] = False,
    pseudonymise: Annotated[bool, typer.Option(help="Pseudonyms for people and posts; masks too.")] = False,
    mask: Annotated[bool, typer.Option(help="Replace personal data in texts by its kind.")] = False,
    config: ConfigFile = None,
) -> None:
    """Take a table out, streamed: any number of rows, in constant memory, the same bytes for the same filter."""
    loaded = load(config)
    shape = exports.Form(
        form,
        excel=excel,
        decimal_comma=decimal_comma,
        pseudonymise=pseudonymise,
        mask=mask,
    )
    filters = Filters(
        search=search,
        source_ids=tuple(source or ()),
        brand_ids=tuple(brand or ()),
        langs=tuple(lang or ()),
        kinds=tuple(kind or ()),
        sentiments=tuple(sentiment or ()),
        statuses=tuple(status or ()),
        tags=tuple(tag or ()),
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
    )
    target: Path | BinaryIO = sys.stdout.buffer if output is None else output
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        if output is not None and remove_left(output):
            notes.print(
                f"An earlier export to {output} was killed; what it left half-written is removed.", soft_wrap=True
            )
        to, snapshot = exports.recipient(desk, None), exports.now(desk)
        if table == _EVERY:
            with progress("exporting") as done:
                written: Sequence[exports.Manifest] = exports.pack(
                    desk, filters, shape, target, to=to, snapshot=snapshot, on_progress=lambda _table, rows: done(rows)
                )
        else:
            total = exports.expected(desk, table, filters, snapshot)
            with progress(f"exporting {table}", total) as done:
                written = [
                    exports.write(desk, table, filters, shape, target, to=to, snapshot=snapshot, on_progress=done)
                ]
        if output is not None:
            about = {"format": form, "table": table, "excel": excel, "pseudonymise": pseudonymise}
            files.remember(store, output, files.EXPORT, now=compose.utc_now(), form=about)
    for one in written:
        _tell(one, output)


def _tell(one: exports.Manifest, output: Path | None) -> None:
    for held in one.withheld:
        notes.print(_held_back(held, one.table), soft_wrap=True)
    if one.cut:
        notes.print(f"{one.cut} texts were cut at the 32,767 characters that a cell holds", soft_wrap=True)
    where = f" to {output}, SHA-256 {one.sha256}" if output is not None else ""
    notes.print(f"{one.rows} {one.table} exported{where}", soft_wrap=True)


def _held_back(one: exports.Withheld, what: str) -> str:
    """What did not go out of a source, and why, in a sentence."""
    why = f" ({one.basis})" if one.basis else ""
    if one.per_day is None:
        return f"{one.name}: {one.left_out} {what} were left out, because the platform allows no export{why}"
    return (
        f"{one.name}: {one.ids_only} {what} went out as ids only, because the platform allows one person "
        f"{one.per_day} a day in full{why}"
    )
