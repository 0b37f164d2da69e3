"""`report`: what a week or a month came to, as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from inbox.desk import Desk
from inbox.reports import making
from inbox.whole_periods import Every, ended_before
from klankbord import compose
from klankbord.console import CommandError, ConfigFile, load, screen


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("report")(report)


def report(
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write; its ending tells how: html or pdf.")],
    every: Annotated[Literal["week", "month"], typer.Option(help="Of the last whole week or month.")] = "week",
    first: Annotated[str | None, typer.Option("--from", help="Other days: the first one, as 2026-11-01.")] = None,
    last: Annotated[str | None, typer.Option("--until", help="Other days: the last one, included.")] = None,
    lang: Annotated[Literal["nl", "en"] | None, typer.Option(help="Language; the configured one by default.")] = None,
    config: ConfigFile = None,
) -> None:
    """Make a report of a week, a month or other days, keep it, and write it to a file."""
    loaded = load(config)
    form: making.Format = "pdf" if output.suffix.lower() == ".pdf" else "html"
    if output.suffix.lower() not in {".pdf", ".html"}:
        msg = f"{output} ends in neither .html nor .pdf; write for instance -o report.html"
        raise CommandError(msg)
    settings = loaded.inbox_settings()
    days = _days(Every(every), first, last, ZoneInfo(settings.timezone))
    with compose.opened(loaded) as store:
        desk = Desk(store, settings, compose.utc_now)
        report_id = making.make(desk, *days, lang=lang or settings.language, made_by=None)
        file = making.file_of(desk, report_id, form)
    output.write_bytes(file.body)
    screen.print(f"{output}: {days[0]} to {days[1]}, {len(file.body):,} bytes", soft_wrap=True)


def _days(every: Every, first: str | None, last: str | None, zone: ZoneInfo) -> tuple[date, date]:
    """The days asked for.

    Raises:
        CommandError: only one of the two was given, or it is no day.
    """
    if first is None and last is None:
        told = ended_before(every, compose.utc_now().astimezone(zone).date())
        return told.first, told.last
    try:
        return date.fromisoformat(first or ""), date.fromisoformat(last or "")
    except ValueError as error:
        msg = "give both --from and --until, as days such as 2026-11-01"
        raise CommandError(msg) from error
