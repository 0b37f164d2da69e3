"""`klankbord`: the command line. Each group of commands stands in its own file under `commands/`."""

from __future__ import annotations

from typing import Annotated

import typer

from klankbord import __version__
from klankbord.commands import collecting, data, people, running, setup
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


for group in (setup, running, collecting, data):
    group.register(app)
app.add_typer(people.app, name="user")
app.add_typer(collecting.quarantine, name="quarantine")
