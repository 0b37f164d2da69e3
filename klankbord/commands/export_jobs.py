"""`export-jobs`: exports that were asked for on screen or by a schedule."""

from __future__ import annotations

import typer

from inbox.export_jobs.documents import wanted_of
from klankbord import compose
from klankbord.console import AsJson, ConfigFile, answer_json, answer_table, load, log_to_stderr, notes
from store import export_jobs as jobs

_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="Exports that were asked for on screen or by a schedule.", no_args_is_help=True)
    group.command("list")(listing)
    group.command("run")(run)
    app.add_typer(group, name="export-jobs")


def listing(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show the newest exports: state, rows, file."""
    loaded = load(config)
    folder = loaded.export_settings().folder
    with compose.opened(loaded) as store, store.read() as conn:
        rows = jobs.newest(conn, limit=_SHOWN)
    told = [
        {
            "id": row.id,
            "state": row.state,
            "asked_at": row.asked_at.isoformat(),
            "tables": ", ".join(wanted_of(row.wanted).tables),
            "rows": row.rows,
            "file": "" if row.file is None else str(folder / row.file),
            "trouble": (row.trouble or {}).get("code", ""),
        }
        for row in rows
    ]
    if as_json:
        answer_json(told)
    else:
        columns = ("id", "state", "asked at", "tables", "rows", "file", "trouble")
        answer_table("Exports", columns, [list(one.values()) for one in told])


def run(config: ConfigFile = None) -> None:
    """Make and deliver what waits, then end. The worker does so by itself."""
    from klankbord.exporting import give_way, run_jobs

    log_to_stderr()
    give_way()
    loaded = load(config)
    with compose.opened(loaded) as store:
        done = run_jobs(store, loaded)
    notes.print(f"{done} exports made or delivered")
