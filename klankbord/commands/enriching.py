"""`re-enrich`: reading kept mentions again with what reads new ones."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from klankbord import compose
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, duration, load, progress, screen
from pipeline.meaning import Part

What = Literal["language", "sentiment", "all", "duplicates"]
_PARTS: dict[What, tuple[Part, ...]] = {
    "language": ("language",),
    "sentiment": ("sentiment",),
    "all": ("language", "sentiment"),
    "duplicates": ("duplicates",),
}


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("re-enrich")(re_enrich)


def re_enrich(
    source: Annotated[str | None, typer.Option("--source", help="Only mentions of this source.")] = None,
    since: Annotated[str | None, typer.Option(help="Only what was said since so long ago, such as 30d.")] = None,
    what: Annotated[What, typer.Option(help="What is told again; duplicates: who says the same.")] = "all",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Tell language and tone of kept mentions again, newest first, where another version told them.

    With --what duplicates: find out for all of them anew who says the same, a month at a time, the newest month first.
    No conversation changes its state by it.

    May be stopped and started again at any time, and may run beside everything else.
    """
    from klankbord.again import on_demand, read_again

    loaded = load(config)
    known = {each.id for each in loaded.sources}
    if source is not None and source not in known:
        msg = f"there is no source {source!r}; the configuration has: {', '.join(sorted(known)) or 'none'}"
        raise CommandError(msg)
    # Whole days, so that the same command goes on with what it began earlier that day.
    midnight = compose.utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    said_since = None if since is None else midnight - duration(since)
    with compose.opened(loaded) as store, progress("telling again") as done:
        read, walk = read_again(
            store,
            loaded,
            on_demand(store, loaded, parts=_PARTS[what], source_id=source, since=said_since),
            clock=compose.utc_now,
            told=lambda walk: done(walk.done, walk.total),
        )
    if as_json:
        answer_json({"read": read, **asdict(walk)})
    else:
        screen.print(f"looked at {walk.done} mentions, told {read} of them again; {walk.changed} changed")
