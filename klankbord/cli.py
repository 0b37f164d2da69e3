"""`klankbord`: the command line. Each group of commands stands in its own file under `commands/`."""

from __future__ import annotations

from typing import Annotated

import typer

from klankbord import __version__
from klankbord.commands import (
    alerting,
    budget,
    collecting,
    connecting,
    data,
    enriching,
    evaluating,
    export,
    export_jobs,
    mailing,
    people,
    privacy,
    pushing,
    querying,
    reporting,
    running,
    setup,
    tokens,
)
from klankbord.console import Friendly, screen

app = typer.Typer(
    name="klankbord",
    cls=Friendly,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Self-hosted social listening and unified inbox for webcare teams.",
)


def _version(asked: bool) -> None:
    if asked:
        screen.print(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Self-hosted social listening and unified inbox for webcare teams."""


for group in (
    setup,
    running,
    pushing,
    collecting,
    connecting,
    budget,
    export,
    export_jobs,
    reporting,
    data,
    enriching,
    privacy,
):
    group.register(app)
app.add_typer(people.app, name="user")
app.add_typer(tokens.app, name="token")
app.add_typer(mailing.app, name="mail")
app.add_typer(alerting.app, name="alerts")
app.add_typer(collecting.quarantine, name="quarantine")
app.add_typer(querying.app, name="query")
app.add_typer(evaluating.app, name="evaluate")
