"""`klankbord alerts`: what fired lately and which rules look, and a test to a receiver."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from inbox.alerts import deliveries, showing
from inbox.alerts.views import AlertView, DeliveryView, Kind, ReceiverView, RuleView
from klankbord import compose, outside
from klankbord.config import Config
from klankbord.console import AsJson, CommandError, ConfigFile, answer_json, answer_table, load, screen
from klankbord.work import alerting_of
from pipeline.http.client import PoliteClient
from pipeline.mailing import Mailer
from store.engine import Store

app = typer.Typer(no_args_is_help=True, help="Alert rules, what fired, and who is told.")


@app.command("list")
def listed(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show rules with how often they fired, what fired last, and receivers with their last telling."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        rules, fired, receivers = showing.rules(desk), showing.latest(desk), showing.receivers(desk)
    if as_json:
        answer_json(_documents(rules, fired, receivers))
        return
    answer_table(
        "Rules",
        ("id", "name", "looks", "fired", "real", "trouble"),
        [(one.id, one.draft.name, _yes(one.active), one.fired, one.real, one.trouble or None) for one in rules],
    )
    answer_table(
        "Fired last",
        ("when", "rule", "messages", "usual", "judged"),
        [(f"{one.fired_at:%Y-%m-%d %H:%M}", one.rule, one.n, _usual(one), one.verdict) for one in fired[:20]],
    )
    answer_table(
        "Receivers",
        ("id", "name", "kind", "address", "told last"),
        [(one.id, one.name, one.kind.value, one.shown, _state(one.last)) for one in receivers],
    )


@app.command("test")
def try_one(
    receiver: Annotated[str, typer.Argument(help="Name or id of the receiver; see `klankbord alerts list`.")],
    *,
    config: ConfigFile = None,
) -> None:
    """Send a receiver a test now, and say what became of it."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        desk = compose.desk(store, loaded)
        found = [one for one in showing.receivers(desk) if receiver in {one.name, str(one.id)}]
        if not found:
            msg = f"there is no receiver {receiver!r}; see `klankbord alerts list`"
            raise CommandError(msg)
        delivery_id = deliveries.test(desk, found[0].id)
        if found[0].kind is Kind.MAIL:
            _mail(store, loaded)
        else:
            asyncio.run(_tell(store, loaded))
        ended = next(one for one in showing.deliveries(desk) if one.id == delivery_id)
    if ended.state != "sent":
        msg = f"{found[0].name} was not told ({ended.state}): {ended.error_text or 'it is tried again by the worker'}"
        raise CommandError(msg)
    screen.print(f"{found[0].name} took the test.", soft_wrap=True)


def _documents(
    rules: Sequence[RuleView], fired: Sequence[AlertView], receivers: Sequence[ReceiverView]
) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "rules": [
            {
                "id": one.id,
                "name": one.draft.name,
                "active": one.active,
                "fired": one.fired,
                "real": one.real,
                "false": one.false,
                "checked_at": one.checked_at,
                "trouble": one.trouble,
            }
            for one in rules
        ],
        "fired": [
            {
                "id": one.id,
                "rule": one.rule,
                "since": one.since,
                "until": one.until,
                "n": one.n,
                "expected": one.expected,
                "verdict": one.verdict,
            }
            for one in fired
        ],
        "receivers": [
            {"id": one.id, "name": one.name, "kind": one.kind, "shown": one.shown, "last": _state(one.last)}
            for one in receivers
        ],
    }


def _mail(store: Store, loaded: Config) -> None:
    if loaded.mail is None:
        msg = "there is no mail server in the configuration; see the documentation, under mail"
        raise CommandError(msg)
    Mailer(store, loaded.mail, compose.utc_now).run()


async def _tell(store: Store, loaded: Config) -> None:
    async with PoliteClient(outside.limits(loaded.collect_settings()), clock=compose.utc_now) as client:
        await alerting_of(store, loaded, client).run()


def _state(last: DeliveryView | None) -> Any:
    return None if last is None else last.state


def _usual(one: AlertView) -> float | None:
    return None if one.expected is None else round(one.expected, 1)


def _yes(so: bool) -> str:
    return "yes" if so else "no"
