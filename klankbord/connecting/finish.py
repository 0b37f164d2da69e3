"""What remains after a login was given: it is kept, the source is written into the configuration, and tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.connecting import Connected
from connectors.contract import Connector, Options
from connectors.errors import ConnectorError
from connectors.registry import load
from klankbord import compose, outside
from klankbord.config import Config
from klankbord.connecting.place import Place, source_with
from klankbord.connecting.writing import add_source, entry_of
from klankbord.console import CommandError
from pipeline.http.redact import KNOWN
from pipeline.renewing import secrets_in
from pipeline.settings import SourceSettings
from store.engine import Store
from store.errors import StoreError
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class Done:
    """What was kept.

    Attributes:
        source: as it stands in the configuration now.
        config: the configuration with it.
        written: the entry that was written; None for a standing source.
        ends_at: when the login runs out; None when unknown.
        renews: whether it is renewed without a person.
    """

    source: SourceSettings
    config: Config
    written: Mapping[str, Any] | None
    ends_at: datetime | None
    renews: bool


def keep(
    store: Store, vault: Vault, config: Config, *, path: Path, place: Place, connected: Connected, now: datetime
) -> Done:
    """Keep a login, then write its source into the configuration.

    The login goes first: what a platform gave cannot be had twice, and what is to be written can be written by hand.

    Raises:
        CommandError: it could not be kept, or only the configuration could not be written; the text says which.
    """
    KNOWN.add(secrets_in(connected.login))
    source = source_with(place, load(place.connector), connected)
    agent = outside.connector_of(source)
    agent.login_taken(connected.login)
    ends_at = agent.login_ends_at()
    values = dict(connected.login)
    try:
        vault.connect(
            place.source_id,
            connector=place.connector,
            account=connected.account,
            values=values,
            ends_at=ends_at,
            now=now,
        )
    except StoreError as error:
        msg = (
            f"{agent.platform} gave a login that could not be kept: {error}. Run the command again when that is "
            f"solved, and remove what was allowed just now at {agent.platform}"
        )
        raise CommandError(msg) from error
    entry = None
    if place.standing is None:
        entry = entry_of(place.source_id, place.connector, connected.options)
        try:
            config = add_source(path, entry)
        except CommandError as error:
            msg = f"the login is kept, but {error}"
            raise CommandError(msg) from error
        compose.declare(store, config, now)
    return Done(source, config, entry, ends_at, renews(agent))


def renews(agent: Connector[Options]) -> bool:
    """Whether a login that a connector has taken can be renewed without a person."""
    try:
        return agent.refresh() is not None
    except ConnectorError:
        return False
