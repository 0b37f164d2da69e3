"""`klankbord token`: with what other programs use the API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from inbox.tokens import keeping
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Wish
from klankbord import compose
from klankbord.console import AsJson, ConfigFile, Friendly, answer_json, answer_table, load, screen

app = typer.Typer(
    cls=Friendly, no_args_is_help=True, rich_markup_mode=None, help="Make, list and revoke tokens of the API."
)


@app.command("make")
def make(
    name: Annotated[str, typer.Argument(help="What it is for, such as the program that uses it.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be given more than once.")],
    days: Annotated[int, typer.Option(help="It expires after so many days.")] = 365,
    brand: Annotated[list[str] | None, typer.Option(help="Narrow it to this brand; more than once for more.")] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Narrow it to this source; needed for pushing messages.")
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it: this is the only time that it can be read."""
    loaded = load(config)
    wish = Wish(name, tuple(scope), days, tuple(brand or ()), tuple(source or ()))
    with compose.opened(loaded) as store:
        made = keeping.make(compose.desk(store, loaded), wish)
    if as_json:
        answer_json({"id": made.view.id, "token": made.secret, "expires_at": made.view.expires_at})
        return
    until = made.view.expires_at.astimezone(ZoneInfo(loaded.timezone))
    screen.print(f"It works until {until:%Y-%m-%d %H:%M}. Keep it where you keep passwords; it is not shown again:")
    screen.print(made.secret, soft_wrap=True, highlight=False)


@app.command("list")
def list_tokens(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List every token, those that work first. What follows its beginning is never shown again."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        found = keeping.listing(compose.desk(store, loaded))
    if as_json:
        answer_json([asdict(one) for one in found])
        return
    zone = ZoneInfo(loaded.timezone)
    rows = [
        (
            str(one.id),
            one.name,
            one.prefix,
            " ".join(one.scopes),
            " ".join((*one.brand_ids, *one.source_ids)),
            one.standing.value.replace("_", " "),
            f"{one.expires_at.astimezone(zone):%Y-%m-%d}",
            "never" if one.last_used_at is None else f"{one.last_used_at.astimezone(zone):%Y-%m-%d %H:%M}",
        )
        for one in found
    ]
    answer_table(
        "Tokens", ("id", "name", "begins with", "may", "narrowed to", "standing", "expires", "last used"), rows
    )


@app.command("revoke")
def revoke(
    token_id: Annotated[int, typer.Argument(help="Its id, as `klankbord token list` shows it.")],
    config: ConfigFile = None,
) -> None:
    """End a token: it is refused from the next call on."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        keeping.revoke(compose.desk(store, loaded), token_id)
    screen.print(f"token {token_id} is refused from now on")
