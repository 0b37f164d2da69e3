"""One login from beginning to end: what must be right is looked at first, then the person is sent to the platform."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.connecting import Connected
from connectors.errors import ConnectorError
from connectors.requests import HttpRequest, HttpResponse, over_http
from klankbord import compose, outside
from klankbord.config import Config
from klankbord.connecting.finish import Done, keep
from klankbord.connecting.person import Person
from klankbord.connecting.place import Place, connectable, in_the_way, missing, place_for
from klankbord.connecting.returning import Trips
from klankbord.connecting.walk import Perform, walk
from klankbord.connecting.writing import lines_of
from klankbord.console import CommandError
from klankbord.keys import VARIABLE, key_file
from klankbord.trial import Trial, try_one
from pipeline.http.redact import KNOWN, redact_text
from pipeline.ledger import Ledger
from pipeline.logins import Logins
from store.engine import Store
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of connecting."""

    place: Place
    connected: Connected
    done: Done
    trials: tuple[Trial, ...]


def connect(config: Config, path: Path, platform: str, *, wanted: str | None, person: Person, trips: Trips) -> Outcome:
    """Connect an account.

    Args:
        config: as it stands.
        path: of its file.
        platform: name of a connector.
        wanted: id of a source; see `place_for`.
        person: answers.
        trips: sends the browser.

    Raises:
        CommandError: it was not connected, or not everything after that could be done; the text says which.
        ConnectorNotUsable: there is no such connector.
        StoreError: the database or the key cannot be used.
    """
    kind = connectable(platform)
    place = place_for(config, platform, wanted, person)
    if config.example:
        person.say(
            f"{path} is the configuration of the example brand; `klankbord init` writes one of your own.", "yellow"
        )
    if place.standing is None and not os.access(path.resolve().parent, os.W_OK):
        person.say(f"{path.parent} cannot be written to: at the end you will be told what to add to {path.name}.")
    with compose.opened(config) as store:
        vault = compose.vault(store, config)
        _look_at_key(vault, config, person)
        if place.standing is None and vault.version(place.source_id):
            person.say(f"A login is kept for {place.source_id}, which has no source any more; the new one replaces it.")
        with calls(config) as (runner, perform):
            steps = kind.connect()
            if steps is None:
                msg = f"{platform} has no account to connect"
                raise CommandError(msg)
            try:
                connected = walk(steps, person, trips, perform, name=platform)
            except ConnectorError as error:
                msg = f"{redact_text(str(error), KNOWN.all()).rstrip('.')}. Nothing was kept"
                raise CommandError(msg) from None
            done = keep(store, vault, config, path=path, place=place, connected=connected, now=compose.utc_now())
            _tell_kept(person, path, place, connected, done)
            trials = _tried(runner, store, vault, done, person)
    return Outcome(place, connected, done, trials)


def _look_at_key(vault: Vault, config: Config, person: Person) -> None:
    """See that a login can be kept, before anybody goes to a platform for one.

    Raises:
        KeyUnusableError: it cannot.
    """
    file = key_file(config, config.folder)
    fresh = not os.environ.get(VARIABLE, "").strip() and not file.exists()
    vault.check(compose.utc_now())
    if fresh:
        person.say(
            f"Made a key in {file}: logins are encrypted with it. Keep a copy apart from the backups; other machines "
            f"of this installation need the same one ({VARIABLE})."
        )


@contextmanager
def calls(config: Config) -> Iterator[tuple[asyncio.Runner, Perform]]:
    """What performs calls, with the limits and the guard of collecting; between calls nothing runs."""
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        fetcher, _ = runner.run(stack.enter_async_context(outside.network(config.collect_settings())))

        def perform(request: HttpRequest, hosts: frozenset[str]) -> HttpResponse:
            return over_http(runner.run(fetcher.fetch(request, secrets=tuple(KNOWN.all()), private_hosts=hosts)))

        try:
            yield runner, perform
        finally:
            runner.run(stack.aclose())


def _tell_kept(person: Person, path: Path, place: Place, connected: Connected, done: Done) -> None:
    if done.written is not None:
        person.say(f"\nWrote this into {path}:\n\n{lines_of(done.written)}")
        person.say("A worker that is running reads it when it is started again.")
    else:
        person.say(f"\nThe login of the source {place.source_id} was renewed; a running worker takes it up at once.")
        more = missing(place, connected)
        if more:
            lines = lines_of({"id": place.source_id, **more}, 0).split("\n", 1)[1].rstrip()
            person.say(f"With this login you may add to the source in {path}:\n\n{lines}\n")
    for name in in_the_way(outside.connector_of(done.source).options, connected):
        person.say(
            f"The source {place.source_id} names `{name}` itself, which goes before the kept login: take it out.",
            "yellow",
        )


def _tried(runner: asyncio.Runner, store: Store, vault: Vault, done: Done, person: Person) -> tuple[Trial, ...]:
    """Ask the source once, as `check --live` does."""
    person.say("Trying it:")
    ledger = Ledger(store)
    try:
        logins = Logins(ledger, vault, outside.connector_of, compose.utc_now)
        trials = runner.run(try_one(done.config, done.source, logins))
    finally:
        ledger.close()
    for trial in trials:
        person.try_out(trial.query, trial.text, ok=trial.ok)
    return tuple(trials)
