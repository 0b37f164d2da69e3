"""`init` and `check`: getting a configuration, and knowing that it is right."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from klankbord import compose
from klankbord.config_file import load_config
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, answer_table, load, screen
from understanding.fold import fold

_LOCAL = Path("config.local.yaml")
_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("init")(init)
    app.command("check")(check)


def init(
    brand: Annotated[str | None, typer.Option(help="Name of your brand; asked for when left out.")] = None,
    feed: Annotated[list[str] | None, typer.Option(help="Address of a news feed to read; may be repeated.")] = None,
    forum: Annotated[str | None, typer.Option(help="Address of your own Discourse forum.")] = None,
    mastodon: Annotated[str | None, typer.Option(help="A Mastodon server to follow the brand's hashtag on.")] = None,
    hackernews: Annotated[bool, typer.Option(help="Search Hacker News for the brand.")] = False,
    database: Annotated[str, typer.Option(help="Where to keep everything.")] = "sqlite:///data/klankbord.db",
    to: Annotated[Path, typer.Option(help="File to write.")] = _LOCAL,
    force: Annotated[bool, typer.Option(help="Overwrite an existing file.")] = False,
) -> None:
    """Write a configuration for your own brand, from these options or a few questions."""
    if to.exists() and not force:
        msg = f"{to} is there already; edit it, or use --force to write it anew"
        raise CommandError(msg)
    name = brand or typer.prompt("Name of your brand")
    if not (feed or forum or mastodon or hackernews) and brand is None:
        feed = [typer.prompt("Address of a news feed to read")]
    slug = _NOT_IN_IDS.sub("-", fold(name)).strip("-")[:100] or "brand"
    values = _answers(name, slug, feed or [], forum, mastodon, database, hackernews=hackernews)
    partial = to.with_name(to.name + ".part")  # beside the file, because relative paths are taken from its folder
    try:
        partial.write_text(_HEADER + yaml.safe_dump(values, sort_keys=False, allow_unicode=True), "utf-8")
        load_config(partial)
        partial.replace(to)
    except OSError as error:
        msg = f"cannot write {to}: {error.strerror or error}"
        raise CommandError(msg) from error
    finally:
        partial.unlink(missing_ok=True)
    screen.print(f"Wrote {to}. Try its sources with: klankbord check --live. Then start with: make run", soft_wrap=True)


def check(
    config: ConfigFile = None,
    live: Annotated[bool, typer.Option(help="Also ask each source once, without keeping anything.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the configuration; with --live also whether each source answers."""
    loaded = load(config)
    if not live:
        if as_json:
            answer_json({"ok": True, "sources": len(loaded.sources), "brands": len(loaded.brands)})
        else:
            path = compose.config_path(config)
            screen.print(f"{path} is right: {len(loaded.brands)} brands, {len(loaded.sources)} sources")
        return
    from klankbord.trial import try_all  # what reaches outside is loaded only when asked for

    trials = asyncio.run(try_all(loaded))
    if as_json:
        answer_json([trial.as_dict() for trial in trials])
    else:
        rows = [(trial.source_id, trial.query, "ok" if trial.ok else "TROUBLE", trial.text) for trial in trials]
        answer_table("Sources", ("source", "query", "", "what it answered"), rows)
    if not all(trial.ok for trial in trials):
        raise typer.Exit(1)


_HEADER = """\
# Written by `klankbord init`. Every key is explained in docs/configuration.md. Secrets belong in the environment:
# write ${NAME} and set the variable NAME.

"""


def _answers(
    name: str, slug: str, feeds: list[str], forum: str | None, mastodon: str | None, database: str, *, hackernews: bool
) -> dict[str, Any]:
    sources: list[dict[str, Any]] = []
    if feeds:
        sources.append({"id": "news", "connector": "feeds", "every": "15m", "urls": feeds})
    if forum:
        own = {"own": True, "match": "all"}
        sources.append({"id": "forum", "connector": "discourse", "every": "5m", "url": forum, **own})
    if mastodon:
        followed = {"url": mastodon, "hashtags": [slug.replace("-", "")]}
        sources.append({"id": "mastodon", "connector": "mastodon", "every": "5m", "instances": [followed]})
    if hackernews:
        sources.append({"id": "hackernews", "connector": "hackernews", "every": "10m"})
    return {
        "database": database,
        "timezone": "Europe/Amsterdam",
        "languages": ["nl", "en"],
        "brands": [{"id": slug, "name": name, "query": '"{}"'.format(name.replace('"', " "))}],
        "sources": sources,
        "teams": [
            {
                "id": "webcare",
                "hours": "mon-fri 09:00-17:00",
                "holidays": "NL",
                "sla": {"first_response": "1h", "resolution": "24h"},
            }
        ],
    }
