"""`connect`, `disconnect`: the accounts that sources read and answer with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from klankbord import compose
from klankbord.config import Config
from klankbord.connecting.returning import PORT
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, answer_table, load, notes, screen
from pipeline.http.redact import KNOWN
from pipeline.line import secrets_of


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("connect")(connect)
    app.command("disconnect")(disconnect)


def connect(
    platform: Annotated[str | None, typer.Argument(help="What to connect, such as bluesky.")] = None,
    source: Annotated[str | None, typer.Option(help="Id of the source: a new one, or one to log in again.")] = None,
    list_kept: Annotated[bool, typer.Option("--list", help="Show the kept logins instead.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address to open.")] = False,
    paste: Annotated[
        bool | None, typer.Option(help="Paste the address at which the browser ends, for machines without one.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port the browser comes back to; 0 takes a free one.")
    ] = PORT,
    redirect: Annotated[str | None, typer.Option(help="Address the browser is sent back to.")] = None,
    wait: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for the browser.")] = 300.0,
    answers: Annotated[Path | None, typer.Option(help="File with what would be asked; - reads stdin.")] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Log in at a platform, step by step, keep the login encrypted, and write the source into the configuration."""
    loaded = load(config)
    if list_kept:
        _list(loaded, as_json=as_json)
        return
    # What reaches outside is loaded only when asked for.
    from klankbord.connecting.person import answers_from
    from klankbord.connecting.place import guided
    from klankbord.connecting.returning import Trips, has_browser
    from klankbord.connecting.session import connect as go

    if platform is None:
        msg = f"say what to connect: {', '.join(guided())}; or --list"
        raise CommandError(msg)
    _hide(loaded)
    person = answers_from(answers)
    pastes = (not has_browser() and not no_browser) if paste is None else paste
    trips = Trips(person, redirect, port, paste=pastes, opens=not no_browser, wait_s=wait)
    outcome = go(loaded, compose.config_path(config), platform, wanted=source, person=person, trips=trips)
    done, connected, place = outcome.done, outcome.connected, outcome.place
    if as_json:
        answer_json(
            {
                "source": place.source_id,
                "connector": place.connector,
                "account": connected.account,
                "ends_at": done.ends_at,
                "renews": done.renews,
                "new": done.written is not None,
                "told": [{"tone": each.tone.value, "text": each.text} for each in person.told],
                "tried": [trial.as_dict() for trial in outcome.trials],
            }
        )
        return
    account = f" as {connected.account}" if connected.account else ""
    until = _until(done.ends_at, renews=done.renews, zone=ZoneInfo(loaded.timezone))
    screen.print(f"Connected {place.source_id}{account}. {until}", markup=False, soft_wrap=True)


def disconnect(
    source: Annotated[str, typer.Argument(help="Id of the source whose login is forgotten.")],
    config: ConfigFile = None,
) -> None:
    """Forget the login of a source. Nothing is asked at the platform any more; take the right back there too."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        vault = compose.vault(store, loaded)
        kept = {each.source_id: each for each in vault.listed()}
        if not vault.forget(source):
            have = f"; kept ones: {', '.join(kept)}" if kept else "; none is kept at all"
            msg = f"no login is kept for {source!r}{have}"
            raise CommandError(msg)
    connector = kept[source].connector if source in kept else "the platform"
    screen.print(
        f"Forgot the login of {source}. Take the right back at {connector} too: it stands among the connected apps of "
        "the account. The source stays in the configuration; take it out there, or set enabled: false.",
        markup=False,
        soft_wrap=True,
    )


def _list(config: Config, *, as_json: bool) -> None:
    from klankbord.connecting.standings import standings

    with compose.opened(config) as store:
        found = standings(compose.vault(store, config), config.sources, compose.utc_now())
    if as_json:
        answer_json([each.as_dict() for each in found])
        return
    if not found:
        notes.print("no account is connected; `klankbord connect PLATFORM` does it")
        return
    zone = ZoneInfo(config.timezone)
    rows = [
        (
            each.kept.source_id,
            each.platform,
            each.kept.account or None,
            _local(each.kept.connected_at or each.kept.renewed_at, zone),
            _local(each.kept.ends_at, zone) or "no end known",
            {True: "by itself", False: "no", None: "unknown"}[each.renews],
        )
        for each in found
    ]
    answer_table("Connected accounts", ("source", "platform", "account", "since", "until", "renews"), rows)
    for each in found:
        if each.trouble:
            screen.print(f"{each.kept.source_id}: {each.trouble}", markup=False, soft_wrap=True)


def _until(ends_at: datetime | None, *, renews: bool, zone: ZoneInfo) -> str:
    if ends_at is None:
        return "The login has no known end."
    if renews:
        return f"The login lasts until {_local(ends_at, zone)} and renews by itself before."
    return f"The login lasts until {_local(ends_at, zone)} and does not renew: connect again before."


def _local(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _hide(config: Config) -> None:
    """Register what the configuration holds of secrets, so that no sentence shows one."""
    from klankbord.outside import connector_of

    for source in config.sources:
        KNOWN.add(secrets_of(connector_of(source).options))
