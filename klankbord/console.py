"""Speaking with the person at the terminal: tables and progress on the screen, JSON for scripts, mistakes in words."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from typer.core import TyperGroup

from connectors.errors import ConnectorError
from connectors.registry import ConnectorNotUsable
from inbox.errors import InboxError
from klankbord.config import Config
from klankbord.config_file import ConfigError, load_config
from klankbord.mistakes import spelt
from pipeline.http.redact import KNOWN, RedactingFilter, redact_text
from pipeline.settings import parse_duration
from store.errors import StoreError

screen = Console(highlight=False)
"""What a command answers; stdout."""
notes = Console(stderr=True, highlight=False)
"""What happens meanwhile, and what went wrong; stderr, so that piped answers stay clean."""

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="Configuration file; config.local.yaml, else config.yaml, when left out.",
        envvar="KLANKBORD_CONFIG",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


class CommandError(Exception):
    """A command cannot do what was asked; the text says why and what to do."""


class Friendly(TyperGroup):
    """Tells foreseen errors in words and exits with 1; anything else is a fault of ours and keeps its trace."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (CommandError, ConfigError, StoreError, InboxError, ConnectorError, ConnectorNotUsable) as error:
            notes.print(f"[bold red]klankbord:[/] {_escaped(redact_text(str(error), KNOWN.all()))}", soft_wrap=True)
            raise typer.Exit(1) from error
        except ValidationError as error:
            told = "; ".join(f"{spelt(each['loc'])}: {each['msg']}" for each in error.errors(include_input=False))
            told = redact_text(told, KNOWN.all())
            notes.print(f"[bold red]klankbord:[/] the configuration does not fit: {_escaped(told)}", soft_wrap=True)
            raise typer.Exit(1) from None


def load(given: Path | None) -> Config:
    """The configuration to use.

    Raises:
        ConfigError: it cannot be used.
    """
    from klankbord.compose import config_path

    config = load_config(config_path(given))
    KNOWN.add(config.secrets)
    return config


def duration(text: str) -> timedelta:
    """A stretch of time as people write it, such as 30d.

    Raises:
        CommandError: it is not one.
    """
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise CommandError(str(error)) from error
    if not isinstance(found, timedelta):
        msg = f"{text!r} is not a duration; write a number and s, m, h or d, such as 30d"
        raise CommandError(msg)
    return found


def answer_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")


def answer_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as a table; None shows as a dash."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(_escaped("-" if cell is None else str(cell)) for cell in row))
    screen.print(table)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Any]:
    """A progress bar on stderr; gives a function that takes how much is done (and optionally of how much)."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=notes, transient=True) as bar:
        task = bar.add_task(what, total=total)

        def done(n: int, of: int | None = None) -> None:
            bar.update(task, completed=n, total=total if of is None else of)

        yield done


def log_to_stderr(*, verbose: bool = False) -> None:
    """Log lines with UTC time, level and logger on stderr, for processes that run on."""
    handler = logging.StreamHandler()
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(RedactingFilter())
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "aiohttp", "apscheduler", "alembic", "websockets"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def flat(counts: Mapping[str, Any]) -> str:
    """`new 12, changed 0` of a mapping."""
    return ", ".join(f"{name} {value}" for name, value in counts.items())


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
