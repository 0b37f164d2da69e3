"""`klankbord user`: who may sign in."""

from __future__ import annotations

from typing import Annotated

import typer

from inbox import people
from inbox.access import second_factor
from inbox.permissions import Role
from klankbord import compose
from klankbord.config import Config
from klankbord.console import AsJson, ConfigFile, Friendly, answer_json, answer_table, load, screen

app = typer.Typer(
    cls=Friendly, no_args_is_help=True, rich_markup_mode=None, help="Add, list and disable people who sign in."
)

Login = Annotated[str, typer.Argument(help="Name to sign in with.")]


def link_url(config: Config, token: str) -> str:
    """Address of a one-time link, as people outside reach the dashboard."""
    return f"{config.base_url()}/welcome/{token}"


@app.command("add")
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="Name that others see.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.AGENT,
    team: Annotated[str | None, typer.Option(help="Team they answer for.")] = None,
    email: Annotated[str | None, typer.Option(help="Where they get mail.")] = None,
    config: ConfigFile = None,
) -> None:
    """Add somebody and print the one-time link with which they set their password."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        made = people.add(compose.desk(store, loaded), login=login, name=name, role=role, team_id=team, email=email)
    screen.print(
        f"{name} can sign in once within a day, and set a password, at:\n{link_url(loaded, made.token)}", soft_wrap=True
    )


@app.command("link")
def link(login: Login, config: ConfigFile = None) -> None:
    """Print a new one-time sign-in link for somebody, for instance when a password is lost."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        made = people.make_sign_in_link(desk, people.find(desk, login).id)
    screen.print(link_url(loaded, made.token), soft_wrap=True)


@app.command("disable")
def disable(login: Login, config: ConfigFile = None) -> None:
    """End somebody's sessions and let them sign in no more. Their work stays."""
    _set_active(login, config, active=False)
    screen.print(f"{login} is signed out everywhere and cannot sign in any more")


@app.command("enable")
def enable(login: Login, config: ConfigFile = None) -> None:
    """Let a disabled person sign in again."""
    _set_active(login, config, active=True)
    screen.print(f"{login} can sign in again")


@app.command("reset-second-factor")
def reset_second_factor(login: Login, config: ConfigFile = None) -> None:
    """Take away the second factor of somebody who lost it, and end their sessions."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        second_factor.reset(desk, people.find(desk, login).id)
    screen.print(f"{login} has no second factor any more and is signed out everywhere")


@app.command("list")
def list_people(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List everybody with role, team and whether they can sign in."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        found = people.users(compose.desk(store, loaded))
    rows = [(user.login, user.name, user.role.value, user.team_id, user.active, user.has_password) for user in found]
    columns = ("login", "name", "role", "team", "active", "password set")
    if as_json:
        answer_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        answer_table("People", columns, rows)


def _set_active(login: str, config: ConfigFile, *, active: bool) -> None:
    loaded = load(config)
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        people.set_active(desk, people.find(desk, login).id, active=active)
