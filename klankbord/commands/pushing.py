"""`webhooks`: the process that platforms push to, and how it does."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from klankbord import compose
from klankbord.config import Config
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, answer_table, load, log_to_stderr
from store.engine import Store
from store.intake import Standing, standings


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("webhooks")(webhooks)


def webhooks(
    config: ConfigFile = None,
    status: Annotated[bool, typer.Option("--status", help="Show what came in, and stop.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take what platforms push, until stopped. Needs `webhooks` in the configuration."""
    loaded = load(config)
    if loaded.webhooks is None:
        msg = "nothing can be pushed: there is no `webhooks` in the configuration; docs/webhooks.md tells how"
        raise CommandError(msg)
    with compose.opened(loaded) as store:
        if status or as_json:
            _show(loaded, store, as_json=as_json)
        else:
            _serve(loaded, store)


def _serve(loaded: Config, store: Store) -> None:
    import uvicorn

    from klankbord import pushed
    from web import serving
    from web.webhooks import make_receiver

    log_to_stderr()
    at = loaded.webhooks
    if at is not None:
        app = make_receiver(store, pushed.signings(loaded), clock=compose.utc_now)
        uvicorn.Server(serving.settings(app, host=at.host, port=at.port, proxies=loaded.trusted_proxies)).run()


def _show(loaded: Config, store: Store, *, as_json: bool) -> None:
    with store.read() as conn:
        known = {each.hook: each for each in standings(conn)}
    named = [hook.id for hook in loaded.webhooks.hooks] if loaded.webhooks is not None else []
    found = [known.get(name, Standing(name, 0, 0, 0, 0, None)) for name in (*named, *sorted(set(known) - set(named)))]
    if as_json:
        answer_json([_as_dict(one) for one in found])
        return
    zone = ZoneInfo(loaded.timezone)
    rows = [
        (
            one.hook,
            "never" if one.last_at is None else f"{one.last_at.astimezone(zone):%Y-%m-%d %H:%M}",
            str(one.waiting),
            str(one.read),
            str(one.nobody),
            str(one.unread),
        )
        for one in found
    ]
    answer_table("Webhooks", ("webhook", "last came", "waiting", "read", "about no source", "set aside"), rows)


def _as_dict(one: Standing) -> dict[str, Any]:
    return {
        "webhook": one.hook,
        "last_at": one.last_at,
        "waiting": one.waiting,
        "read": one.read,
        "nobody": one.nobody,
        "unread": one.unread,
    }
